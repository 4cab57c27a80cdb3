"""What a refund record gives back, for orders without agreements.

Lines, shipping and duties lower what the customer owes; adjustments and return fees keep some of it.
Source: accounting.md section 4 and section 13, conventions 4, 5 and 33.
"""

from __future__ import annotations

from collections.abc import Iterator

from qbconsole.shop.bag import Bag
from qbconsole.shop.events import EventKind, Part, PartKind, SaleEvent, TaxPart
from qbconsole.shop.orders import Order, OrderAdjustment, Refund, RefundLine, RefundShipping, Return
from qbconsole.shop.remaining import joined_taxes, negated_taxes
from qbconsole.shop.sold import all_taxes, line_kind, split_tax, tax_parts

#: A return that never came about charges nothing.
_NEVER_CAME = ("CANCELED", "DECLINED", "REQUESTED")
_RESTOCKED = ("RETURN", "CANCEL", "LEGACY_RESTOCK")


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
        restocked=given.restocked or given.restock_type in _RESTOCKED,
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
