"""What the goods of a sale cost, where the merchant wants it posted by us (`cogs = "unit_cost"`).

Sold units move from `inventory_asset` to `cogs`; returned units move back, to stock or to the role for goods
that are not put back. The unit cost is the one first booked for the line; without one there is no cost line, and for
goods a flag. Source: accounting.md section 13, convention 26.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from qbconsole.books.booking.order import Entry, tender_postings
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.plan import PUT_BACK, UNITS_BACK, Plan, Posting
from qbconsole.money import Money, exponent
from qbconsole.shop.events import EventKind, FactEvent, Part, PartKind, SaleEvent
from qbconsole.shop.orders import Order
from qbconsole.shop.refunds import Back, told_at, units_back
from qbconsole.value import replace

COGS = "cogs"
STOCK = "inventory_asset"
#: Behind the key of a cost: what was told of restocking after it was booked.
LATER = ".restock"


def with_cost(
    order: Order,
    entries: Sequence[Entry],
    loss_role: str,
    booked: Sequence[Plan] = (),
    parts: Mapping[str, str] | None = None,
    *,
    placed: Collection[str] = (),
    held: Collection[str] = (),
) -> tuple[Entry, ...]:
    """The entries, each sale followed by what its goods cost.

    A sale that is booked (`placed`) without its cost, and not because the cost is `held`, was booked when QuickBooks or
    nobody posted costs, or when none was told: it stays so, and so do the returns of its goods. Else it would count twice.

    Where the cost of a return stands in a document already (`booked`, or a shop day that tells it by `parts`) and Shopify tells otherwise now what went back to
    stock, a correction follows, on the day of the refund that tells.
    """
    costs = _Costs(order=order, loss_role=loss_role)
    costs.learn(entries)
    costs.leave(entries, placed, held)
    done: list[Entry] = []
    for entry in entries:
        done.append(entry)
        if isinstance(entry.event, SaleEvent):
            cost = costs.entry(entry, entry.event)
            done += [cost] if cost.postings or cost.flags else []
            # Of a return whose cost now comes to nothing (lost into `cogs`, or an exchange of equal cost) too.
            if cost.postings or cost.flags or costs.knows_return(entry.event):
                correction = costs.correction(cost, entry.event, booked, parts or {})
                done += [correction] if correction is not None else []
    return tuple(done)


@dataclass(slots=True)
class _Costs:
    """The unit costs of one order's lines, and which returned units went back to stock."""

    order: Order
    loss_role: str
    unit: dict[str, Money] = field(default_factory=dict)
    #: Which returned units went back to stock, as refunds tell it now.
    back: Back = field(default_factory=dict)
    #: Sales whose cost is not ours to post, and the order's lines that were sold by them.
    left: set[str] = field(default_factory=set)
    left_lines: set[str] = field(default_factory=set)

    def learn(self, entries: Sequence[Entry]) -> None:
        """Note each line's first known unit cost, and what refunds say of restocking."""
        for entry in entries:
            if isinstance(entry.event, SaleEvent):
                for part in entry.event.parts:
                    if part.line_id and part.unit_cost is not None:
                        self.unit.setdefault(part.line_id, part.unit_cost)
        sales = (entry.event for entry in entries if isinstance(entry.event, SaleEvent))
        self.back = units_back(self.order, sales)

    def leave(self, entries: Sequence[Entry], placed: Collection[str], held: Collection[str]) -> None:
        """Note the sales that are booked without the cost they would have."""
        for entry in entries:
            event = entry.event
            if not isinstance(event, SaleEvent) or event.key not in placed:
                continue
            cost = self.entry(entry, event)
            if cost.postings and cost.event.key not in placed and cost.event.key not in held:
                self.left.add(event.key)
                self.left_lines |= {
                    part.line_id for part in event.parts if part.line_id and not part.returned
                }

    def knows_return(self, event: SaleEvent) -> bool:
        """Whether goods were given back by it, and what all its goods cost is known."""
        goods = [part for part in event.parts if part.kind is PartKind.PRODUCT and part.quantity]
        units = [self.unit.get(part.line_id or "") for part in goods]
        known = all(unit is not None and unit.currency == self.order.currency for unit in units)
        return known and any(part.returned for part in goods)

    def entry(self, entry: Entry, event: SaleEvent) -> Entry:
        """What one sale event's goods cost; without postings where nothing moves."""
        nothing = Money.zero(self.order.currency)
        amounts: list[tuple[str, Money]] = []
        flags: list[Hold] = []
        for place, part in enumerate(event.parts):
            if part.kind is not PartKind.PRODUCT or not part.quantity:
                continue
            if event.key in self.left or (part.returned and part.line_id in self.left_lines):
                continue
            unit = self.unit.get(part.line_id or "")
            if unit is None or unit.currency != self.order.currency:
                flags += [self._unknown(event, part)] if self._is_goods(part) else []
                continue
            amounts += self._moved(part, unit, self.back.get((event.key, place)))
        postings = tender_postings(entry.on, self.order.currency, amounts)
        return Entry(
            event=FactEvent(
                key=f"{EventKind.COST}/{event.key}", kind=EventKind.COST, at=event.at, on=event.on
            ),
            on=entry.on,
            postings=postings,
            discrepancy=nothing,
            exchange=nothing,
            flags=tuple(flags),
        )

    def _is_goods(self, part: Part) -> bool:
        """A missing cost matters where there are goods: counted, shipped or numbered. A service has none."""
        line = self.order.line(part.line_id)
        return line is None or line.tracked or line.requires_shipping or bool(line.sku)

    def correction(
        self, cost: Entry, event: SaleEvent, booked: Sequence[Plan], parts: Mapping[str, str]
    ) -> Entry | None:
        """What is to move between stock and loss since this cost was booked; None where nothing is."""
        own, later = cost.event.key, f"{cost.event.key}{LATER}"
        stands = {key: plan for plan in booked for key in (m.event_key for m in plan.members)}
        parts = {key: part for key, part in parts.items() if not part.startswith(UNITS_BACK)}
        keys = [key for key in {*stands, *parts} if key == own or key.startswith(later)]
        if own not in keys:
            return None
        told = [row for key in keys if key in stands for row in stands[key].postings]
        days_told = [_told(parts[key]) for key in keys if key in parts]
        stock = _sum(told, STOCK) + sum((moved for moved, _ in days_told), Decimal(0))
        cogs = _sum(told, COGS) + sum((moved for _, moved in days_told), Decimal(0))
        gap = _sum(cost.postings, STOCK) - stock
        # Another cost than was booked is no matter of restocking: the cost first booked stays.
        if abs(gap) <= _slack(self.order.currency):
            return None
        same = abs(_sum(cost.postings, COGS) - cogs) <= _slack(self.order.currency)
        if self.loss_role != COGS and not same:
            return None
        at = told_at(self.order, event, {part.line_id for part in event.parts if part.returned})
        on = max(cost.on, self.order.shop.day(at))
        number = next(n for n in count(1) if f"{later}{n}" not in keys)
        return replace(
            cost,
            event=FactEvent(key=f"{later}{number}", kind=EventKind.COST, at=at, on=on),
            on=on,
            postings=tender_postings(
                on,
                self.order.currency,
                [
                    (STOCK, Money.exact(gap, self.order.currency)),
                    (self.loss_role, Money.exact(-gap, self.order.currency)),
                ],
            ),
            flags=(),
        )

    def _moved(self, part: Part, unit: Money, back: int | None) -> list[tuple[str, Money]]:
        """`back`: of returned units, those on the shelf again; None for what was sold, or removed otherwise."""
        units = part.quantity or 0
        if units > 0:
            return [(COGS, unit * units), (STOCK, -(unit * units))]
        to_stock = -units if back is None else back
        return [
            (COGS, -(unit * -units)),
            (STOCK, unit * to_stock),
            (self.loss_role, unit * (-units - to_stock)),
        ]

    def _unknown(self, event: SaleEvent, part: Part) -> Hold:
        return Hold(
            reason=Reason.NO_UNIT_COST,
            where=f"order {self.order.name}",
            sentence=f"Shopify tells no unit cost of {part.label or 'a line'}, so its cost is not posted.",
            next_step="Enter the cost of the product in Shopify; post this one by hand if it matters.",
            subject=f"{EventKind.COST}/{event.key}",
            cause=f"no_unit_cost:{part.line_id}",
        )


def returns_of(entries: Iterable[Entry]) -> frozenset[str]:
    """Keys of the costs of sales by which goods were given back, of an exchange too."""
    sales = [entry.event for entry in entries if isinstance(entry.event, SaleEvent)]
    return frozenset(
        f"{EventKind.COST}/{sale.key}"
        for sale in sales
        if any(part.returned and part.kind is PartKind.PRODUCT for part in sale.parts)
    )


def put_back(entry: Entry, returns: frozenset[str]) -> str:
    """What a shop day's membership tells of a return's cost, so that it can be corrected; "" for anything else."""
    stock, cogs = _sum(entry.postings, STOCK), _sum(entry.postings, COGS)
    is_return = cogs < 0 or LATER in entry.event.key or entry.event.key in returns
    return f"{PUT_BACK}{stock} {cogs}" if entry.event.kind is EventKind.COST and is_return else ""


def _told(part: str) -> tuple[Decimal, Decimal]:
    stock, cogs = part.removeprefix(PUT_BACK).split()
    return Decimal(stock), Decimal(cogs)


def _slack(currency: str) -> Decimal:
    """What rounding three decimals to two may leave."""
    return Decimal("0.01") if exponent(currency) > 2 else Decimal(0)


def _sum(postings: Iterable[Posting], role: str) -> Decimal:
    return sum((row.amount.amount for row in postings if row.role == role), Decimal(0))
