"""Stock in summary: what a shop day moved, by one InventoryAdjustment beside its journal entry.

A journal entry has no items, so without this everything sold would stay on QuickBooks' shelves. Units sold leave,
units returned to stock come back, added up by product; units that were not put back were never there to leave again.
It posts nothing of ours: QuickBooks moves its own average cost between `cogs` and stock, as it would for a receipt.
Parts grow and follow each other as the journal's do, each under a key of its own (".../S1/0").
Source: accounting.md section 10; design.md section 5 (cogs = "quickbooks").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from qbconsole.books.booking.goods.restocked import is_stocked, stock_line
from qbconsole.books.booking.order import Entry
from qbconsole.books.plan import GOODS, DocumentKind, Plan, PlanLine, Product
from qbconsole.books.policy import Settings
from qbconsole.books.summary.parts import Sheet, draw_parts, marked, open_part
from qbconsole.books.summary.pool import Pool
from qbconsole.shop.events import PartKind, SaleEvent
from qbconsole.shop.orders import Order, Shop
from qbconsole.value import replace

COGS = "cogs"
#: Units by product.
_Units = dict[str, PlanLine]


def keeps_stock(settings: Settings) -> bool:
    """True where QuickBooks counts the goods and values what leaves."""
    return settings.modes.inventory == "detailed" and settings.policy.cogs == "quickbooks"


def goods_of(order: Order, entry: Entry) -> tuple[PlanLine, ...]:
    """What an event takes out of stock (negative) or puts back; only goods that a receipt would count too."""
    event = entry.event
    if not isinstance(event, SaleEvent):
        return tuple(_of_the_day(line) for line in entry.goods)
    lines = []
    for part in event.parts:
        sold = order.line(part.line_id)
        stays_out = part.returned and not part.restocked
        if part.kind is not PartKind.PRODUCT or not part.quantity or stays_out:
            continue
        if sold is not None and is_stocked(sold):
            lines.append(_of_the_day(stock_line(sold, -part.quantity, order.currency)))
    return tuple(lines)


def _of_the_day(line: PlanLine) -> PlanLine:
    """A shop day adds up by product, not by order line."""
    product = line.product or Product()
    return replace(line, line_id=product.variant_id or line.sku)


def move_goods(
    pool: Pool,
    shop: Shop,
    booked: Sequence[Plan],
    open_parts: Collection[str],
    given: Iterable[tuple[str, Sequence[PlanLine]]],
    *,
    parts: Mapping[str, str] | None = None,
) -> tuple[Plan, ...]:
    """The day's adjustments that are new or drawn up anew, with these events (key and goods) added.

    `parts` is what the membership of some events tells instead of GOODS, for the day's sum does not.
    """
    there = {member.event_key for plan in booked for member in plan.members}
    news = [(key, lines) for key, lines in given if lines and key not in there]
    growing = open_part(booked, open_parts)
    if growing is not None and not _stays_something(growing, news):
        growing = None
    drawn = draw_parts(_SHEET, pool, shop, booked, news, growing=growing)
    return tuple(marked(plan, parts) for plan in drawn) if parts else drawn


def _stays_something(last: Plan, news: Iterable[tuple[str, Sequence[PlanLine]]]) -> bool:
    """A part that would come to no unit at all cannot be drawn up anew: what cancels it goes into the next one."""
    units = _added({}, last.lines)
    for _, lines in news:
        units = _added(units, lines)
    return any(line.quantity for line in units.values())


def _added(units: _Units, lines: Iterable[PlanLine]) -> _Units:
    """Units by product, in the order products first appear."""
    sums = dict(units)
    for line in lines:
        at = line.line_id or line.sku
        before = sums.get(at)
        units_before = before.quantity or 0 if before is not None else 0
        sums[at] = replace(before or line, quantity=units_before + (line.quantity or 0))
    return sums


def _content(units: _Units, _pool: Pool) -> dict[str, Any] | None:
    moved = tuple(line for line in units.values() if line.quantity)
    return {"lines": moved, "postings": (), "money_role": COGS} if moved else None


_SHEET: Sheet[_Units, Sequence[PlanLine]] = Sheet(
    kind=DocumentKind.INVENTORY_ADJUSTMENT,
    series="S",
    letter="S",
    words="Goods of Shopify",
    member=GOODS,
    nothing={},
    kept=lambda plan: _added({}, plan.lines),
    added=_added,
    content=_content,
)
