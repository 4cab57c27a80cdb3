"""By payout: which payout an order's events stand with in summary, so that a payout's entry ties to its deposit.

Money of Shopify Payments stands with the payout that pays it out. A sale (or what is given back) stands with the money
that follows it before the next sale, else with the money before it; gift cards and store credit stand beside the
sale. What that money is not of Shopify Payments stays with its shop day, and so does a sale whose payout is older
than itself. Source: docs/adr/0016.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from qbconsole.books.booking.order import Entry
from qbconsole.books.booking.roles_of import is_liability, money_role
from qbconsole.books.facts.payout.roles import BALANCE, amount_role
from qbconsole.money import Money
from qbconsole.shop.events import EventKind, SaleEvent, TenderEvent
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.payouts import Payout
from qbconsole.value import Value

#: Statuses in which a payout is booked; until then its rows may still move to another one.
_SENT = ("PAID", "FAILED")


class PaidRow(Value):
    """A row of a payout that is an order's money."""

    payout: str
    #: The payout's shop day.
    on: date
    #: Signed as the merchant sees it: a refund is negative.
    amount: Money
    order_id: str | None
    tender_id: str | None


def paid_rows(payout: Payout, shop: Shop) -> Iterator[PaidRow]:
    """The rows of a payout that are orders' money, the oldest first; none while it may still change."""
    if payout.status not in _SENT or payout.issued_at is None:
        return
    on = shop.day(payout.issued_at)
    for row in sorted(payout.rows, key=lambda row: (_day(row.at, shop), row.id)):
        if not row.test and amount_role(row.type) == BALANCE and (row.order_id or row.tender_id):
            yield PaidRow(
                payout=payout.id, on=on, amount=row.amount, order_id=row.order_id, tender_id=row.tender_id
            )


def _day(at: datetime | date, shop: Shop) -> date:
    return shop.day(at)


def stands_with(entries: Sequence[Entry], rows: Sequence[PaidRow]) -> dict[str, PaidRow | None]:
    """Event -> a row of the payout it stands with, None where that is not known yet; others stay with their shop day."""
    paid = _matched([entry.event for entry in entries if isinstance(entry.event, TenderEvent)], rows)
    found: dict[str, PaidRow | None] = dict(paid)
    before: list[str] = []
    for group in _groups(entries):
        own = [entry.event.key for entry in group if entry.event.key in paid]
        moved = any(_is_money(entry) for entry in group)
        lead = own[0] if own else before[-1] if before and not moved else ""
        before += own
        if not lead:
            continue
        home = paid[lead]
        for entry in group:
            event = entry.event
            beside = not _is_money(entry) or (isinstance(event, TenderEvent) and is_liability(event))
            if beside and (home is None or home.on >= entry.on):
                found[event.key] = home
    return found


def _is_money(entry: Entry) -> bool:
    """Money that moved: a tender of nothing, as free orders have it, is in no payout and settles nothing."""
    event = entry.event
    return isinstance(event, TenderEvent) and event.kind is EventKind.TENDER and bool(event.amount)


def _groups(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Sales with the money that follows them; one that leaves nothing owed needs no money of later ones."""
    group: list[Entry] = []
    closed = False
    for entry in entries:
        is_sale = isinstance(entry.event, SaleEvent)
        if is_sale and group and closed:
            yield group
            group, closed = [], False
        group.append(entry)
        settled = entry.balance is not None and not entry.balance.amount
        closed = closed or _is_money(entry) or (is_sale and settled)
    if group:
        yield group


def _matched(tenders: Iterable[TenderEvent], rows: Sequence[PaidRow]) -> Mapping[str, PaidRow | None]:
    """Tenders of Shopify Payments, each with its row: by its id, else by its amount."""
    by_id = {row.tender_id: row for row in reversed(rows) if row.tender_id}
    rest = [row for row in rows if not row.tender_id]
    found: dict[str, PaidRow | None] = {}
    for tender in tenders:
        if tender.kind is not EventKind.TENDER or money_role(tender) != BALANCE or not tender.amount:
            continue
        row = by_id.get(tender.key.partition("/")[2])
        if row is None:
            row = next((one for one in rest if one.amount == tender.amount.shop), None)
            if row is not None:
                rest.remove(row)
        found[tender.key] = row
    return found
