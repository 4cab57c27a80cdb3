"""What booking one fact gives: its events, the documents that stand for them, and why something waits.

One function a kind of fact draws everything the fact ever meant, from its latest snapshot and the plans already
booked of it; what is booked already is dropped by `decide`, which also moves days past a closing date and
proves every plan. A plan's members name the events it stands for; its postings must be what its lines and money
post (`books.proof.effect`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from qbconsole.books.holds import Hold
from qbconsole.books.identity import document_key
from qbconsole.books.plan import DocumentKind, Member, Plan, Posting, Tally, listed
from qbconsole.money import Money
from qbconsole.shop.events import FactEvent
from qbconsole.shop.orders import Shop
from qbconsole.value import Value


class Drawn(Value):
    """One fact, drawn up."""

    events: tuple[FactEvent, ...] = ()
    plans: tuple[Plan, ...] = ()
    #: A hold on an event's key keeps that event out of the books; a flag is listed beside its posting.
    holds: tuple[Hold, ...] = ()
    #: What of it is left out for good, a sentence each: it waits for nobody.
    ignored: tuple[str, ...] = ()
    #: Rows of the balance that a payout pays out, by id: no other payout may.
    rows: tuple[str, ...] = ()


def joined(parts: Sequence[Drawn]) -> Drawn:
    """Several drawings as one."""
    return Drawn(
        events=tuple(event for part in parts for event in part.events),
        plans=tuple(plan for part in parts for plan in part.plans),
        holds=tuple(hold for part in parts for hold in part.holds),
        ignored=tuple(sentence for part in parts for sentence in part.ignored),
    )


def posted(on: date, currency: str, amounts: Iterable[tuple[str, Money]]) -> tuple[Posting, ...]:
    """Amounts by role on one day, debit positive, added up and zeros left out."""
    sums: Tally = {}
    for role, amount in amounts:
        at = (on, role, "")
        sums[at] = sums[at] + amount.amount if at in sums else amount.amount
    return listed(sums, currency)


def journal(
    shop: Shop,
    event: FactEvent,
    currency: str,
    amounts: Iterable[tuple[str, Money]],
    *,
    number: str,
    memo: str,
) -> Plan | None:
    """A JournalEntry for one event; None where nothing is left to post."""
    postings = posted(event.on, currency, amounts)
    if not postings:
        return None
    return Plan(
        key=document_key(shop.handle, event.key),
        kind=DocumentKind.JOURNAL_ENTRY,
        on=event.on,
        currency=currency,
        members=(Member(event_key=event.key),),
        postings=postings,
        number=number,
        memo=memo,
    )
