"""Reasons to keep a fact out of the books, said the same way for every kind of fact.

Nothing here repairs anything: a difference is shown, never plugged (accounting.md section 13, convention 14).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Settings
from qbconsole.money import Money
from qbconsole.shop.events import EventKind, FactEvent
from qbconsole.shop.orders import Shop, zone


def happened(
    shop: Shop, key: str, kind: EventKind, moment: datetime | date, said: Iterable[object]
) -> FactEvent:
    """An event on the shop's date of a moment; `said` is all of its source that its amounts rest on."""
    return FactEvent(key=key, kind=kind, at=_at(shop, moment), on=shop.day(moment), digest=digest(said))


def _at(shop: Shop, moment: datetime | date) -> datetime:
    """A date without a time stands at the shop's noon, so that no time zone moves it to another day."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(12), zone(shop.timezone))


def digest(said: Iterable[object]) -> str:
    """Sixteen hex digits of what a source said; each value by its text, with the boundaries told apart."""
    return hashlib.sha256("\n".join(repr(str(value)) for value in said).encode()).hexdigest()[:16]


def is_booked(event_key: str, booked: Sequence[Plan]) -> bool:
    """True when a document already stands for the event, or for a part of it."""
    return any(member.event_key == event_key for plan in booked for member in plan.members)


def held(event_key: str, reason: Reason, where: str, sentence: str, next_step: str) -> Hold:
    """A hold or flag on an event of a fact."""
    return Hold(
        reason=reason,
        where=where,
        sentence=sentence,
        next_step=next_step,
        subject=event_key,
        cause=f"{reason}:{event_key}",
    )


def foreign(event_key: str, where: str, amounts: Iterable[Money], settings: Settings) -> Iterator[Hold]:
    """A hold where an amount is in another currency than the company file; nothing otherwise."""
    others = sorted({amount.currency for amount in amounts} - {settings.home_currency})
    if others:
        yield held(
            event_key,
            Reason.CURRENCY_MISMATCH,
            where,
            f"It is in {', '.join(others)}, the company file is kept in {settings.home_currency}.",
            "Book it by hand, or post this shop into a company file of its currency.",
        )


def too_early(event: FactEvent, where: str, settings: Settings) -> Iterator[Hold]:
    """A hold where the event is older than the merchant's start date."""
    if settings.start is not None and event.on < settings.start:
        yield held(
            event.key,
            Reason.BEFORE_START,
            where,
            f"It is of {event.on}, before the start date {settings.start}.",
            "It belongs to the opening balances; or move the merchant's start date.",
        )


def incomplete(event_key: str, where: str, what: str) -> Hold:
    """A hold for a field an amount needs and the source did not send."""
    return held(
        event_key,
        Reason.INCOMPLETE_ORDER,
        where,
        f"Shopify did not send {what}, which its amount needs.",
        "Pull it again with all its fields, or give the app the scope that shows them.",
    )


def unknown_kind(event_key: str, where: str, what: str) -> Hold:
    """A hold for a status or event newer than this program: never guessed."""
    return held(
        event_key,
        Reason.UNKNOWN_KIND,
        where,
        f"Its {what} is none this program knows.",
        "Update qbconsole, or book it by hand.",
    )
