"""Stock counted, damaged or found, and stock moved between locations, drawn up as documents.

Only what lies on hand counts. Within a group an item's changes at its locations are set off against each other:
what cancels has moved and posts nothing, what remains was found or lost and posts its units × unit cost.
Source: accounting.md section 2 and section 13, conventions 26 and 27.

Ties decided here:

* Whatever the reason, a group posts, `restock` and `received` too: they are words staff choose. Only a group that
  names an order, refund, return or fulfilment as its cause, by its reason's first word or its reference, is kept
  out (`counted_with_order`), because that order's own documents say what its goods cost.
* What moved is set off in the order of the list: the first location that lost units gives to the first that won.
* An item without unit cost posts nothing and is flagged. Where QuickBooks keeps the stock its units are adjusted all
  the same, on a line of no amount: qbXML states units only, and QuickBooks values them at its own average.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from qbconsole.books.facts.checks import foreign, happened, held, too_early
from qbconsole.books.facts.drawn import Drawn, joined, journal, posted
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.identity import document_key
from qbconsole.books.plan import DocumentKind, LineKind, Member, Plan, PlanLine
from qbconsole.books.policy import Settings
from qbconsole.money import Money, total
from qbconsole.shop.events import EventKind, FactEvent
from qbconsole.shop.orders import Shop
from qbconsole.shop.stock import ON_HAND, StockChange, StockGroup, StockTransfer
from qbconsole.value import Value

STOCK = "inventory_asset"
LOSS = "inventory_adjustment"
_ORDER_WORDS = {"order", "refund", "return", "fulfillment", "sale"}
_ORDER_THINGS = re.compile(r"^gid://shopify/(Order|Refund|Return|Fulfillment|FulfillmentOrder)/")
#: How many products a sentence names.
_NAMED = 5


class _Left(Value, kw_only=False):
    """Units of one item that were found or, negative, lost at one location."""

    change: StockChange
    units: int


class _Moved(Value, kw_only=False):
    """Units of one item that went from one location to another; always positive."""

    source: StockChange
    target: StockChange
    units: int


def draw_stock_group(group: StockGroup, shop: Shop, settings: Settings, booked: Sequence[Plan]) -> Drawn:
    """Everything the group means: event `stock/<id>` for what remains, `transfer/<id>` for what moved.

    `cogs = "off"` posts nothing; the events are listed all the same. `booked` is not needed: a group never changes.
    """
    left, moved = _set_off(group)
    parts = []
    if left:
        parts.append(_adjusted(group, left, shop, settings))
    if moved:
        parts.append(_transferred(group, moved, shop, settings))
    return joined(parts)


def draw_transfer(transfer: StockTransfer, shop: Shop, settings: Settings, booked: Sequence[Plan]) -> Drawn:
    """Everything a transfer means: each shipment that arrived moved its units; the ledger does not change."""
    return joined([draw_stock_group(shipment, shop, settings, booked) for shipment in transfer.shipments])


def _set_off(group: StockGroup) -> tuple[list[_Left], list[_Moved]]:
    """Item by item: what remains, and what moved."""
    items: dict[str, dict[str, _Left]] = {}
    for change in group.changes:
        if change.name == ON_HAND:
            places = items.setdefault(change.item_id, {})
            place = change.location_id or change.location
            before = places.get(place)
            units = change.delta + (before.units if before else 0)
            places[place] = _Left(before.change if before else change, units)
    left: list[_Left] = []
    moved: list[_Moved] = []
    for places in items.values():
        _settle(list(places.values()), left, moved)
    return left, moved


def _settle(places: Sequence[_Left], left: list[_Left], moved: list[_Moved]) -> None:
    gone = [place for place in places if place.units < 0]
    come = [place for place in places if place.units > 0]
    while gone and come:
        units = min(-gone[0].units, come[0].units)
        moved.append(_Moved(gone[0].change, come[0].change, units))
        gone[0] = _Left(gone[0].change, gone[0].units + units)
        come[0] = _Left(come[0].change, come[0].units - units)
        gone, come = gone[not gone[0].units :], come[not come[0].units :]
    left += [*gone, *come]


def _adjusted(group: StockGroup, left: Sequence[_Left], shop: Shop, settings: Settings) -> Drawn:
    key = f"{EventKind.STOCK}/{group.id}"
    # Not the cost: Shopify tells today's, and the one first booked stays (convention 26).
    said = [(row.change.item_id, row.change.location_id, row.units) for row in left]
    event = happened(shop, key, EventKind.STOCK, group.created_at, said)
    if settings.policy.cogs == "off":
        return Drawn(events=(event,))
    lines = tuple(_lines(left, settings.home_currency))
    holds = tuple(_holds(group, event, left, lines, settings))
    plan = None if any(not hold.is_flag for hold in holds) else _plan(group, event, lines, shop, settings)
    return Drawn(events=(event,), plans=(plan,) if plan else (), holds=holds)


def _lines(left: Sequence[_Left], currency: str) -> Iterator[PlanLine]:
    """A line an item and location, its value signed like its units; of no amount where no cost is known.

    They come to their rounded sum: the last one with a cost takes what is left (convention 22).
    """
    priced = [row for row in left if row.change.unit_cost]
    exact = sum(
        (row.change.unit_cost.amount * row.units for row in priced if row.change.unit_cost), Decimal(0)
    )
    rest = Money.rounded(exact, currency) if _all_in(priced, currency) else None
    for row in left:
        change = row.change
        amount = change.unit_cost.of(row.units) if change.unit_cost else Money.zero(currency)
        if rest is not None and change.unit_cost:
            amount = rest if row is priced[-1] else amount
            rest = rest - amount
        yield PlanLine(
            kind=LineKind.PRODUCT,
            role=STOCK,
            amount=amount,
            label=change.sku or change.title or change.item_id,
            quantity=row.units,
            line_id=change.line_id,
            sku=change.sku,
            site=change.location,
        )


def _all_in(priced: Sequence[_Left], currency: str) -> bool:
    return all(row.change.unit_cost and row.change.unit_cost.currency == currency for row in priced)


def _holds(
    group: StockGroup,
    event: FactEvent,
    left: Sequence[_Left],
    lines: Sequence[PlanLine],
    settings: Settings,
) -> Iterator[Hold]:
    where = f"stock group {group.id}"
    yield from too_early(event, where, settings)
    yield from foreign(event.key, where, (line.amount for line in lines), settings)
    cause = _order_behind(group)
    if cause:
        yield held(
            event.key,
            Reason.COUNTED_WITH_ORDER,
            where,
            f"{cause} caused it; the documents of that order say what its goods cost.",
            "Nothing to do, unless no order stands behind it; then adjust the stock in QuickBooks by hand.",
        )
    unknown = [
        row.change.sku or row.change.title or row.change.item_id
        for row in left
        if row.change.unit_cost is None
    ]
    if unknown:
        named = ", ".join(unknown[:_NAMED]) + (f" and {len(unknown) - _NAMED} more" * (len(unknown) > _NAMED))
        yield held(
            event.key,
            Reason.NO_UNIT_COST,
            where,
            f"Shopify tells no unit cost of {named}, so no cost is posted.",
            "Enter the cost of the product in Shopify; post this one by hand if it matters.",
        )


def _order_behind(group: StockGroup) -> str:
    """What of an order caused the group, in words; "" where nothing did."""
    if _ORDER_THINGS.match(group.reference):
        return group.reference.removeprefix("gid://shopify/").replace("/", " ")
    first = re.split(r"[^a-z]", group.reason.strip().lower(), maxsplit=1)[0]
    return f"The reason {group.reason}" if first in _ORDER_WORDS else ""


def _plan(
    group: StockGroup, event: FactEvent, lines: tuple[PlanLine, ...], shop: Shop, settings: Settings
) -> Plan | None:
    """An InventoryAdjustment where QuickBooks keeps the stock, a JournalEntry where it does not."""
    currency = settings.home_currency
    value = total((line.amount for line in lines), currency)
    amounts: list[tuple[str, Money]] = [(STOCK, value), (LOSS, -value)]
    number = f"{group.id}A"
    words = f"Stock adjusted: {group.reason.replace('_', ' ')}" if group.reason else "Stock adjusted"
    if settings.modes.inventory == "summary" or settings.policy.cogs == "unit_cost":
        return journal(shop, event, currency, amounts, number=number, memo=words)
    return Plan(
        key=document_key(shop.handle, event.key),
        kind=DocumentKind.INVENTORY_ADJUSTMENT,
        on=event.on,
        currency=currency,
        members=(Member(event_key=event.key),),
        postings=posted(event.on, currency, amounts),
        lines=lines,
        money_role=LOSS,
        number=number,
        memo=words,
    )


def _transferred(group: StockGroup, moved: Sequence[_Moved], shop: Shop, settings: Settings) -> Drawn:
    """A TransferInventory a pair of locations, where QuickBooks keeps sites; it posts nothing.

    Each move is two lines without amount: units leaving (negative) with the site they leave, then units coming.
    """
    key = f"{EventKind.TRANSFER}/{group.id}"
    said = [(row.source.item_id, row.source.location_id, row.target.location_id, row.units) for row in moved]
    event = happened(shop, key, EventKind.TRANSFER, group.created_at, said)
    if settings.modes.inventory != "detailed" or settings.policy.transfers != "sites":
        return Drawn(events=(event,))
    holds = tuple(too_early(event, f"stock group {group.id}", settings))
    if holds:
        return Drawn(events=(event,), holds=holds)
    routes: dict[tuple[str, str], list[_Moved]] = {}
    for row in moved:
        routes.setdefault((row.source.location, row.target.location), []).append(row)
    plans = tuple(
        Plan(
            key=document_key(shop.handle, key, str(at)),
            kind=DocumentKind.TRANSFER_INVENTORY,
            on=event.on,
            currency=settings.home_currency,
            members=(Member(event_key=key, part=str(at)),),
            postings=(),
            lines=tuple(_move_lines(rows, settings.home_currency)),
            number=f"{group.id}T{at}",
            memo=f"Stock moved from {source} to {target}",
        )
        for at, ((source, target), rows) in enumerate(routes.items(), 1)
    )
    return Drawn(events=(event,), plans=plans)


def _move_lines(rows: Sequence[_Moved], currency: str) -> Iterator[PlanLine]:
    for row in rows:
        for change, units in ((row.source, -row.units), (row.target, row.units)):
            yield PlanLine(
                kind=LineKind.PRODUCT,
                role=STOCK,
                amount=Money.zero(currency),
                label=change.sku or change.title or change.item_id,
                quantity=units,
                line_id=change.line_id,
                sku=change.sku,
                site=change.location,
            )
