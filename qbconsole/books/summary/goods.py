"""Stock in summary: what a shop day moved, by one InventoryAdjustment beside its journal entry.

A journal entry has no items, so without this everything sold would stay on QuickBooks' shelves. Units sold leave,
units returned to stock come back, added up by product; units that were not put back were never there to leave again.
It posts nothing of ours: QuickBooks moves its own average cost between `cogs` and stock, as it would for a receipt.
Parts grow and follow each other as the journal's do, each under a key of its own (".../S1/0").
Source: accounting.md section 10; design.md section 5 (cogs = "quickbooks").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qbconsole.books.identity import base36, document_key
from qbconsole.books.plan import GOODS, DocumentKind, LineKind, Member, Plan, PlanLine, Product
from qbconsole.books.policy import Settings
from qbconsole.books.summary.pool import LINE_CAP, Pool, last_part
from qbconsole.money import Money
from qbconsole.shop.events import Event, PartKind, SaleEvent
from qbconsole.shop.orders import Order, OrderLine, Shop

COGS = "cogs"
STOCK = "inventory_asset"


def keeps_stock(settings: Settings) -> bool:
    """True where QuickBooks counts the goods and values what leaves."""
    return settings.modes.inventory == "detailed" and settings.policy.cogs == "quickbooks"


def goods_of(order: Order, event: Event) -> tuple[PlanLine, ...]:
    """What a sale takes out of stock (negative) or puts back; only goods that a receipt would count too."""
    if not isinstance(event, SaleEvent):
        return ()
    lines = []
    for part in event.parts:
        sold = order.line(part.line_id)
        stays_out = part.returned and not part.restocked
        if part.kind is not PartKind.PRODUCT or not part.quantity or stays_out:
            continue
        if sold is not None and sold.tracked and sold.sku:
            lines.append(
                PlanLine(
                    kind=LineKind.PRODUCT,
                    role=STOCK,
                    amount=Money.zero(order.currency),
                    label=sold.title,
                    quantity=-part.quantity,
                    line_id=sold.variant_id or sold.sku,
                    sku=sold.sku,
                    product=product_of(sold),
                )
            )
    return tuple(lines)


def product_of(sold: OrderLine) -> Product:
    """An order line's product, as a shop day can keep it."""
    return Product(
        sku=sold.sku or "",
        variant_id=sold.variant_id or "",
        product_type=sold.product_type or "",
        vendor=sold.vendor or "",
        tracked=sold.tracked,
        unit_cost=sold.unit_cost,
    )


def move_goods(
    pool: Pool,
    shop: Shop,
    booked: Sequence[Plan],
    open_parts: Collection[str],
    given: Iterable[tuple[str, Sequence[PlanLine]]],
) -> tuple[Plan, ...]:
    """The day's adjustments that are new or drawn up anew, with these events (key and goods) added."""
    there = {member.event_key for plan in booked for member in plan.members}
    news = [(key, lines) for key, lines in given if lines and key not in there]
    day = _Day(pool=pool, shop=shop, count=last_part(booked))
    last = booked[-1] if booked else None
    if last is not None and last.key in open_parts and _stays_something(last, news):
        day.reopen(last)
    for event_key, lines in news:
        day.add(event_key, lines)
    day.close()
    return tuple(day.done)


def _stays_something(last: Plan, news: Iterable[tuple[str, Sequence[PlanLine]]]) -> bool:
    """A part that would come to no unit at all cannot be drawn up anew: what cancels it goes into the next one."""
    units = _added({}, last.lines)
    for _, lines in news:
        units = _added(units, lines)
    return any(line.quantity for line in units.values())


@dataclass(slots=True)
class _Day:
    """The day's adjustments as they are added up; lives only inside `move_goods`."""

    pool: Pool
    shop: Shop
    #: The number of the last part there is.
    count: int
    done: list[Plan] = field(default_factory=list)
    #: The part that was there already, where it grows.
    part: Plan | None = None
    members: list[Member] = field(default_factory=list)
    units: Mapping[str, PlanLine] = field(default_factory=dict)

    def reopen(self, plan: Plan) -> None:
        self.part, self.members, self.units = plan, list(plan.members), _added({}, plan.lines)

    def add(self, event_key: str, lines: Sequence[PlanLine]) -> None:
        grown = _added(self.units, lines)
        if len(grown) > LINE_CAP and self.members:
            self.close()
            grown = _added({}, lines)
        self.units = grown
        self.members.append(Member(event_key=event_key, part=GOODS))

    def close(self) -> None:
        """Draw up the part at hand, if it moves anything, and begin the next one."""
        moved = tuple(line for line in self.units.values() if line.quantity)
        if moved and (self.part is None or len(self.members) > len(self.part.members)):
            self.done.append(self._plan(moved))
        self.part, self.members, self.units = None, [], {}

    def _plan(self, moved: tuple[PlanLine, ...]) -> Plan:
        if self.part is not None:
            return replace(self.part, members=tuple(self.members), lines=moved)
        self.count += 1
        pool = self.pool
        return Plan(
            key=document_key(self.shop.handle, pool.source_id, f"S{self.count}"),
            kind=DocumentKind.INVENTORY_ADJUSTMENT,
            on=pool.on,
            currency=pool.currency,
            members=tuple(self.members),
            postings=(),
            lines=moved,
            money_role=COGS,
            number=f"S{pool.on:%y%m%d}{(pool.channel[:1] or 'X').upper()}",
            suffix=base36(self.count) if self.count > 1 else "",
            memo=f"Goods of Shopify {pool.words}" + (f", part {self.count}" if self.count > 1 else ""),
            channel=pool.channel,
            source=pool.source,
            location=pool.location,
        )


def _added(units: Mapping[str, PlanLine], lines: Iterable[PlanLine]) -> dict[str, PlanLine]:
    """Units by product, in the order products first appear."""
    sums = dict(units)
    for line in lines:
        at = line.line_id or line.sku
        before = sums.get(at)
        units_before = before.quantity or 0 if before is not None else 0
        sums[at] = replace(before or line, quantity=units_before + (line.quantity or 0))
    return sums
