"""By payout: an order's events on the payout that pays them out, or waiting until it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qbconsole.books.booking.order import Entry
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.policy import Policy, Settings
from qbconsole.books.summary.paid import PaidRow, stands_with
from qbconsole.decide.case import Case
from qbconsole.shop.events import EventKind
from qbconsole.value import replace

Homes = Mapping[str, PaidRow | None]


def is_by_payout(policy: Policy) -> bool:
    """Whether summaries are drawn up by payout. A sale that counts on a day of its own cannot wait for one."""
    return policy.summary_by == "payout" and policy.recognise_on == "order"


def by_payout(case: Case, entries: Sequence[Entry], settings: Settings) -> Homes:
    """Event -> where it stands, None while it waits; what is not named stands with its shop day."""
    return stands_with(entries, case.paid_out) if is_by_payout(settings.policy) else {}


def stand(entry: Entry, homes: Homes, where: str) -> tuple[Entry, tuple[Hold, ...]]:
    """The entry on its payout's day, and why it waits."""
    key = entry.event.key
    if key not in homes:
        return entry, ()
    home = homes[key]
    if home is None:
        return entry, (_waiting(entry, where),)
    postings = tuple(replace(row, on=home.on) for row in entry.postings)
    return replace(entry, on=home.on, postings=postings, payout=home.payout), ()


def _waiting(entry: Entry, where: str) -> Hold:
    return Hold(
        reason=Reason.AWAITING_PAYOUT,
        where=where,
        sentence="Shopify Payments took its money, and no payout that is known yet pays it out.",
        next_step="Nothing to do: it is booked once its payout is pulled. After 14 days see that payouts are pulled, or "
        'set policy.summary_by to "day".',
        subject=entry.event.key.removeprefix(f"{EventKind.COST}/"),
        cause=Reason.AWAITING_PAYOUT,
    )
