"""What a refund record gives back, for orders without agreements.

Lines, shipping and duties lower what the customer owes; adjustments and return fees keep some of it.

For every order: what of the goods given back went to the shelf again. A record tells it line by line, and it may come,
or change, after the goods were given back. A return that is read from a sales agreement meets the records in the order
both happened, unit by unit. What nothing is told of counts as put back, and so does a unit that an edit removed.
Source: accounting.md section 4 and section 13, conventions 4, 5, 26 and 33.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from qbconsole.shop.bag import Bag
from qbconsole.shop.events import EventKind, Part, PartKind, SaleEvent, TaxPart
from qbconsole.shop.orders import Order, OrderAdjustment, Refund, RefundLine, RefundShipping, Return
from qbconsole.shop.remaining import joined_taxes, negated_taxes
from qbconsole.shop.sold import all_taxes, line_kind, split_tax, tax_parts

#: A return that never came about charges nothing.
_NEVER_CAME = ("CANCELED", "DECLINED", "REQUESTED")
_RESTOCKED = ("RETURN", "CANCEL", "LEGACY_RESTOCK")
#: Why an event is, where refund records tell of its goods.
_TOLD_OF = ("REFUND", "RETURN")
#: Key of an event and the place of a part in it -> units of it on the shelf again.
Back = dict[tuple[str, int], int]


def refund_event(order: Order, refund: Refund) -> SaleEvent:
    """The refund's parts, dated the refund; its money is a tender of its own."""
    back = [_line(order, given) for given in refund.lines]
    back += [_shipping(order, given) for given in refund.shipping]
    zero = Bag.zero(order.currency, order.presentment_currency)
    parts = [*back, *(Part(kind=PartKind.DUTY, net=-duty, discount=zero) for duty in refund.duties)]
    parts += [_adjustment(order, back, kept) for kept in refund.adjustments]
    parts += [
        Part(kind=PartKind.RETURN_FEE, net=fee, discount=zero, label="Return fee")
        for fee in _fees(order, refund)
    ]
    return SaleEvent(
        key=f"{EventKind.REFUND}/{refund.id}",
        kind=EventKind.REFUND,
        at=refund.at,
        on=order.shop.day(refund.at),
        parts=tuple(parts),
        reason="REFUND",
    )


def _line(order: Order, given: RefundLine) -> Part:
    line = order.line(given.line_id)
    kind = line_kind(order, line)
    net = given.subtotal - given.tax if order.taxes_included else given.subtotal
    return Part(
        kind=kind,
        net=-net,
        discount=net - net,
        taxes=_given_back(tax_parts(line.taxes) if line else (), given.tax),
        returned=kind is PartKind.PRODUCT,
        quantity=-given.quantity,
        line_id=given.line_id,
        label=line.title if line else "",
        restocked=is_put_back(given),
    )


def _shipping(order: Order, given: RefundShipping) -> Part:
    line = order.shipping_line(given.shipping_line_id)
    net = given.subtotal - given.tax if order.taxes_included else given.subtotal
    return Part(
        kind=PartKind.SHIPPING,
        net=-net,
        discount=net - net,
        taxes=_given_back(tax_parts(line.taxes) if line else (), given.tax),
        returned=True,
        shipping_line_id=given.shipping_line_id,
        label=line.title if line else "",
    )


def _given_back(titles: tuple[TaxPart, ...], tax: Bag) -> tuple[TaxPart, ...]:
    return negated_taxes(split_tax(titles, tax))


def _adjustment(order: Order, back: list[Part], kept: OrderAdjustment) -> Part:
    """A difference Shopify booked itself; its tax stands under the titles it takes from (convention 4)."""
    titles = joined_taxes([tax for part in back for tax in part.taxes], ()) or all_taxes(order)
    return Part(
        kind=PartKind.ADJUSTMENT,
        net=kept.amount,
        discount=kept.amount - kept.amount,
        taxes=split_tax(titles, kept.tax),
        label=kept.reason,
    )


def _fees(order: Order, refund: Refund) -> Iterator[Bag]:
    """What returns charge, kept back by the refund that settles them."""
    for given in order.returns:
        if given.fees and given.status not in _NEVER_CAME and _settles(order, given) is refund:
            yield from given.fees


def _settles(order: Order, given: Return) -> Refund | None:
    """The first refund linked to a return, else the first one with parts after it that settles no other."""
    linked = [refund for refund in order.refunds if refund.return_id == given.id]
    later = [r for r in order.refunds if r.return_id is None and r.has_parts and r.at >= given.at]
    return min(linked or later, key=lambda refund: refund.at, default=None)


def is_put_back(line: RefundLine) -> bool:
    """Whether a refund's line says that its units went back to stock."""
    return line.restocked or line.restock_type in _RESTOCKED


def gives_goods_back(part: Part) -> bool:
    """Whether a part takes units of a product back."""
    return part.kind is PartKind.PRODUCT and (part.quantity or 0) < 0


def is_told_by_refunds(event: SaleEvent) -> bool:
    """Whether refund records tell where its goods went; an edit or a cancellation puts back all."""
    return event.reason in _TOLD_OF


def units_back(order: Order, events: Iterable[SaleEvent]) -> Back:
    """How many units of each part that gives goods back are on the shelf again."""
    records: dict[str, list[RefundLine]] = {
        f"{EventKind.REFUND}/{r.id}": list(r.lines) for r in order.refunds
    }
    pool = _units(line for refund in sorted(order.refunds, key=lambda r: r.at) for line in refund.lines)
    found: Back = {}
    for event in sorted(events, key=lambda event: event.at):
        own = _units(records.get(event.key, ())) if event.kind is EventKind.REFUND else pool
        for place, part in enumerate(event.parts):
            if gives_goods_back(part):
                found[(event.key, place)] = _of_part(event, part, own)
    return found


def told_at(order: Order, event: SaleEvent, lines: Collection[str | None]) -> datetime:
    """When what became of these lines' units was told last; when they were given back where nothing was."""
    days = (refund.at for refund in order.refunds if any(line.line_id in lines for line in refund.lines))
    return max([event.at, *days])


def _units(lines: Iterable[RefundLine]) -> dict[str, list[bool]]:
    """Line -> whether each of its units went back, in the order of the records."""
    units: dict[str, list[bool]] = {}
    for line in lines:
        units.setdefault(line.line_id, []).extend([is_put_back(line)] * line.quantity)
    return units


def _of_part(event: SaleEvent, part: Part, told: dict[str, list[bool]]) -> int:
    units = -(part.quantity or 0)
    if not is_told_by_refunds(event):
        return units
    known = told.get(part.line_id or "", [])
    taken, told[part.line_id or ""] = known[:units], known[units:]
    return sum(taken) + (units - len(taken) if part.restocked or not known else 0)
