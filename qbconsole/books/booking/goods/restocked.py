"""Where QuickBooks keeps the stock: what is told of restocking after the return was booked.

The memo of a return (in summary, the day's goods) put its units back to stock, or left them out, as it was told then;
QuickBooks moved their cost with them. Told otherwise later, or told unit by unit where a line says it of all, the
units follow by an adjustment of quantity on the day that tells it. QuickBooks moves their cost between stock and
`cogs` itself, so nothing is posted by us, and the books come to what they would be had it been told at once.
Source: accounting.md section 2 ("Restock / no restock") and section 13, convention 27; design.md section 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from qbconsole.books.booking.goods.cost import LATER, STOCK
from qbconsole.books.booking.order import Entry
from qbconsole.books.plan import UNITS_BACK, DocumentKind, LineKind, Plan, PlanLine, Product
from qbconsole.money import Money
from qbconsole.shop.events import EventKind, FactEvent, SaleEvent
from qbconsole.shop.orders import Order, OrderLine
from qbconsole.shop.refunds import Back, is_told_by_refunds, told_at, units_back

_Units = dict[str, int]


def with_restocking(
    order: Order,
    entries: Sequence[Entry],
    booked: Sequence[Plan] = (),
    parts: Mapping[str, str] | None = None,
) -> tuple[Entry, ...]:
    """The entries, each return followed by the units that are to be put back, or taken out again.

    `booked` and `parts` tell which were corrected before: in documents of the order, and in shop days.
    """
    if not order.refunds:
        return tuple(entries)
    back = units_back(order, (entry.event for entry in entries if isinstance(entry.event, SaleEvent)))
    done: list[Entry] = []
    for entry in entries:
        done.append(entry)
        if isinstance(entry.event, SaleEvent) and is_told_by_refunds(entry.event):
            done += _correction(order, entry, entry.event, back, booked, parts or {})
    return tuple(done)


def _correction(
    order: Order,
    entry: Entry,
    event: SaleEvent,
    back: Back,
    booked: Sequence[Plan],
    parts: Mapping[str, str],
) -> Iterator[Entry]:
    own = f"{EventKind.COST}/{event.key}"
    plans = {member.event_key: plan for plan in booked for member in plan.members}
    # Where the cost was posted by us (`cogs = "unit_cost"` then), the memo moved no stock of QuickBooks'.
    if own in plans or own in parts:
        return
    later = {key for key in {*plans, *parts} if key.startswith(f"{own}{LATER}")}
    before: list[_Units] = [_units_of(parts[key]) for key in later if key in parts]
    before += [_units_in(plans[key]) for key in later if key in plans]
    lines = tuple(_lines(order, _gaps(order, event, back, before)))
    if not lines:
        return
    at = told_at(order, event, {line.line_id for line in lines})
    on = max(entry.on, order.shop.day(at))
    key = next(f"{own}{LATER}{number}" for number in count(1) if f"{own}{LATER}{number}" not in later)
    nothing = Money.zero(order.currency)
    yield Entry(
        event=FactEvent(key=key, kind=EventKind.COST, at=at, on=on),
        on=on,
        postings=(),
        discrepancy=nothing,
        exchange=nothing,
        goods=lines,
        follows=event.key,
    )


def _gaps(order: Order, event: SaleEvent, back: Back, before: Sequence[_Units]) -> _Units:
    """Units by order line that went back beyond those the books put back; negative where fewer did."""
    gaps: _Units = {}
    for place, part in enumerate(event.parts):
        if part.line_id and part.returned and (event.key, place) in back:
            as_booked = -(part.quantity or 0) if part.restocked else 0
            gaps[part.line_id] = gaps.get(part.line_id, 0) + back[(event.key, place)] - as_booked
    for units in before:
        for line_id, moved in units.items():
            gaps[line_id] = gaps.get(line_id, 0) - moved
    return gaps


def _lines(order: Order, gaps: _Units) -> Iterator[PlanLine]:
    for line_id, units in gaps.items():
        sold = order.line(line_id)
        if units and sold is not None and is_stocked(sold):
            yield stock_line(sold, units, order.currency)


def is_stocked(sold: OrderLine) -> bool:
    """Whether Shopify counts stock of it, under a number of its own."""
    return bool(sold.tracked and sold.sku)


def stock_line(sold: OrderLine, units: int, currency: str) -> PlanLine:
    """Units of an order line that go to stock, or (negative) leave it; of no amount, for QuickBooks values them."""
    return PlanLine(
        kind=LineKind.PRODUCT,
        role=STOCK,
        amount=Money.zero(currency),
        label=sold.title,
        quantity=units,
        line_id=sold.id,
        sku=sold.sku or "",
        product=product_of(sold),
    )


def product_of(sold: OrderLine) -> Product:
    """An order line's product, as a line can keep it that no order stands behind."""
    return Product(
        sku=sold.sku or "",
        variant_id=sold.variant_id or "",
        barcode=sold.barcode or "",
        product_type=sold.product_type or "",
        vendor=sold.vendor or "",
        tracked=sold.tracked,
        unit_cost=sold.unit_cost,
    )


def told_units(entry: Entry) -> str:
    """What a shop day's membership tells of such a correction: "put back units 11=-1"; "" of anything else."""
    return (
        UNITS_BACK + " ".join(f"{line.line_id}={line.quantity}" for line in entry.goods)
        if entry.goods
        else ""
    )


def _units_of(part: str) -> _Units:
    if not part.startswith(UNITS_BACK):
        return {}
    pairs = (pair.rpartition("=") for pair in part.removeprefix(UNITS_BACK).split())
    return {line_id: int(units) for line_id, _, units in pairs}


def _units_in(plan: Plan) -> _Units:
    if plan.kind is not DocumentKind.INVENTORY_ADJUSTMENT:
        return {}
    return {line.line_id: line.quantity or 0 for line in plan.lines if line.line_id}
