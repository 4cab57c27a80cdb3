"""A shop day as a sales receipt: what was sold by item, with quantities, for merchants who want item sales.

Only orders that the day's own money settles can stand on it; what is owed, deposits turned sales aside, and what has
no item (cost, exchange differences) goes to the day's journal entry, and so do refunds of a day whose receipt would
come out negative. A receipt deposits to one account: the gateway with the most money; every other gateway is a line of
its own, negative, with an other-charge item that posts to that gateway's clearing account (the way daily sales are
entered by hand in QuickBooks). By day and role it posts exactly what the journal would.
Source: accounting.md section 10, "summary sales receipt".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from qbconsole.books.booking.goods.restocked import product_of
from qbconsole.books.booking.lines import sales_lines
from qbconsole.books.booking.order import RECEIVABLE, Entry
from qbconsole.books.booking.roles_of import is_liability
from qbconsole.books.plan import DocumentKind, LineKind, Plan, PlanLine, Posting, netted
from qbconsole.books.roles import CLEARING, ROLES
from qbconsole.books.summary.parts import Sheet, draw_parts, open_part
from qbconsole.books.summary.pool import Pool
from qbconsole.money import Money, exponent, total
from qbconsole.shop.events import SaleEvent, TenderEvent
from qbconsole.shop.orders import Order, Shop
from qbconsole.value import Value, field, replace

_NO_GATEWAY = f"{CLEARING}other"


class Shown(Value):
    """An event as the day's receipt shows it."""

    event_key: str
    order_id: str
    lines: tuple[PlanLine, ...]
    postings: tuple[Posting, ...]


def shown_lines(order: Order, entries: Sequence[Entry]) -> dict[str, tuple[PlanLine, ...]]:
    """Event -> its lines, for those a receipt can show; each day, and each payout, is settled by itself."""
    found: dict[str, tuple[PlanLine, ...]] = {}
    pools: dict[tuple[date, str], list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.event, SaleEvent | TenderEvent):
            pools.setdefault((entry.on, entry.payout), []).append(entry)
    for mine in pools.values():
        if _is_settled(mine):
            found |= {entry.event.key: _lines(order, entry) for entry in mine}
    return found


def _is_settled(entries: Iterable[Entry]) -> bool:
    """Nothing stays owed, and everything else has an item or is money."""
    owed = Decimal(0)
    for entry in entries:
        for row in entry.postings:
            if row.role == RECEIVABLE:
                owed += row.amount.amount
            elif not row.role.startswith(CLEARING) and not (row.role in ROLES and ROLES[row.role].item):
                return False
    return not owed


def _lines(order: Order, entry: Entry) -> tuple[PlanLine, ...]:
    event = entry.event
    if isinstance(event, SaleEvent):
        return tuple(_known(order, line) for line in sales_lines(event.parts, credit=False))
    card = isinstance(event, TenderEvent) and is_liability(event)
    return tuple(
        PlanLine(
            kind=LineKind.TENDER if card else LineKind.CHARGE,
            role=row.role,
            amount=-row.amount,
            label=_words(row.role),
        )
        for row in entry.postings
        if row.role != RECEIVABLE and not row.role.startswith(CLEARING)
    )


def _known(order: Order, line: PlanLine) -> PlanLine:
    """A line that no longer needs its order: it carries its product, and is called what its kind is called."""
    if line.kind is not LineKind.PRODUCT:
        label = line.tax_title or _words(line.role)
        return replace(line, label=label, line_id=None)
    sold = order.line(line.line_id)
    if sold is None:
        return replace(line, line_id=f"title:{line.label}")
    return replace(
        line,
        line_id=sold.variant_id or sold.sku or f"title:{line.label}",
        label=sold.title,
        sku=sold.sku or "",
        product=product_of(sold),
    )


def _words(role: str) -> str:
    return role.removeprefix(CLEARING).replace("_", " ").capitalize()


def write_receipts(
    pool: Pool, shop: Shop, booked: Sequence[Plan], open_parts: Collection[str], given: Sequence[Shown]
) -> tuple[tuple[Plan, ...], frozenset[str]]:
    """The day's receipts that are new or drawn up anew, and the events that stand on none after all."""
    plans = _drawn(pool, shop, booked, open_parts, given)
    if not any(plan.total.amount < 0 for plan in plans):
        return plans, frozenset()
    money = _money_of(given)
    plans = _drawn(pool, shop, booked, open_parts, [one for one in given if money[one.order_id] >= 0])
    left = frozenset(one.event_key for one in given if money[one.order_id] < 0)
    if any(plan.total.amount < 0 for plan in plans):
        return (), frozenset(one.event_key for one in given)
    return plans, left


def _money_of(given: Iterable[Shown]) -> dict[str, Decimal]:
    """What each order brought in that day, all gateways together."""
    sums: dict[str, Decimal] = {}
    for one in given:
        money = [row.amount.amount for row in one.postings if row.role.startswith(CLEARING)]
        sums[one.order_id] = sums.get(one.order_id, Decimal(0)) + sum(money, Decimal(0))
    return sums


def _drawn(
    pool: Pool, shop: Shop, booked: Sequence[Plan], open_parts: Collection[str], given: Iterable[Shown]
) -> tuple[Plan, ...]:
    """A currency of three decimals is rounded once a document, so none of its parts is opened again."""
    growing = open_part(booked, open_parts) if exponent(pool.currency) <= 2 else None
    news = [(one.event_key, one) for one in given]
    return draw_parts(_SHEET, pool, shop, booked, news, growing=growing)


class _Sums(Value):
    """What a receipt shows so far, and what it posts."""

    lines: dict[object, PlanLine] = field(default_factory=dict)
    postings: tuple[Posting, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)


def _kept(plan: Plan) -> _Sums:
    own = [line for line in plan.lines if not line.role.startswith(CLEARING)]
    return _Sums(lines=_added({}, own), postings=plan.postings)


def _with(sums: _Sums, one: Shown) -> _Sums:
    return _Sums(lines=_added(sums.lines, one.lines), postings=(*sums.postings, *one.postings))


def _content(sums: _Sums, pool: Pool) -> dict[str, Any]:
    postings = netted(sums.postings)
    money = {row.role: row.amount for row in postings if row.role.startswith(CLEARING)}
    most = max(money, key=lambda role: (money[role].amount, role), default=_NO_GATEWAY)
    sold = [line for line in sums.lines.values() if line.amount or line.quantity]
    others = [
        PlanLine(kind=LineKind.TENDER, role=role, amount=-amount, label=_words(role))
        for role, amount in money.items()
        if role != most
    ]
    return {
        "postings": postings,
        "lines": (*sold, *others),
        "money_role": most,
        "money": money.get(most, Money.zero(pool.currency)),
        "gateway": most.removeprefix(CLEARING) if money else "",
    }


def _added(lines: Mapping[object, PlanLine], more: Iterable[PlanLine]) -> dict[object, PlanLine]:
    """Lines of one kind, role, product and tax added up, in the order they first appear."""
    sums = dict(lines)
    for line in more:
        at = (line.kind, line.role, line.line_id, line.tax_title, line.channel_liable, line.restocked)
        before = sums.get(at)
        if before is None:
            sums[at] = line
            continue
        units = (before.quantity or 0) + (line.quantity or 0)
        amount = total([before.amount, line.amount], line.amount.currency)
        sums[at] = replace(before, amount=amount, quantity=units or None)
    return sums


_SHEET: Sheet[_Sums, Shown] = Sheet(
    kind=DocumentKind.SALES_RECEIPT,
    series="R",
    letter="D",
    words="Shopify",
    part="receipt",
    nothing=_Sums(),
    kept=_kept,
    added=_with,
    content=_content,
)
