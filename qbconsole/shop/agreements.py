"""Sale events from sales agreements: signed rows that Shopify allocated once and never changes.

Source: accounting.md section 0 rule 2, section 13 conventions 5 to 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from qbconsole.money import allocate
from qbconsole.shop.bag import Bag
from qbconsole.shop.events import EventKind, Part, PartKind, SaleEvent, TaxPart
from qbconsole.shop.orders import Agreement, Order, Sale, TaxLine
from qbconsole.shop.remaining import remaining_parts

_KINDS = {
    "PRODUCT": PartKind.PRODUCT,
    "SHIPPING": PartKind.SHIPPING,
    "TIP": PartKind.TIP,
    "GIFT_CARD": PartKind.GIFT_CARD,
    "DUTY": PartKind.DUTY,
    "ADDITIONAL_FEE": PartKind.ADDITIONAL_FEE,
    "FEE": PartKind.RETURN_FEE,
    "ADJUSTMENT": PartKind.ADJUSTMENT,
}


def agreement_events(order: Order, known: Sequence[SaleEvent]) -> tuple[SaleEvent, ...]:
    """One event per agreement, and one for a cancellation that no agreement and no refund tells of."""
    events = [_event(order, agreement) for agreement in order.agreements]
    merged = {event.key: event for event in (*known, *events)}
    settled = order.refunds or order.current_total or len(order.agreements) > 1
    if order.cancelled_at and order.agreements and not settled:
        parts = remaining_parts(tuple(merged.values()))
        key = f"{EventKind.CANCEL}/{order.id}"
        if parts and key not in merged:
            events.append(
                SaleEvent(
                    key=key,
                    kind=EventKind.CANCEL,
                    at=order.cancelled_at,
                    on=order.shop.day(order.cancelled_at),
                    parts=parts,
                    reason="CANCEL",
                )
            )
    return tuple(events)


def _event(order: Order, agreement: Agreement) -> SaleEvent:
    at = order.at if agreement.reason == "ORDER" else agreement.at
    return SaleEvent(
        key=f"{EventKind.AGREEMENT}/{agreement.id}",
        kind=EventKind.AGREEMENT,
        at=at,
        on=order.shop.day(at),
        parts=tuple(_part(order, sale) for sale in agreement.sales),
        reason=agreement.reason,
    )


def _part(order: Order, sale: Sale) -> Part:
    """One Sale as a part. A returned product or shipping posts net of its discount (convention 6)."""
    kind = _KINDS.get(sale.line_type, PartKind.UNKNOWN)
    returned = sale.action == "RETURN" and kind in (PartKind.PRODUCT, PartKind.SHIPPING)
    line = order.line(sale.line_id)
    return Part(
        kind=kind,
        net=sale.total - sale.tax,
        discount=sale.total - sale.total if returned else sale.discount_before_tax,
        taxes=_taxes(order, sale),
        returned=returned,
        quantity=sale.quantity,
        line_id=sale.line_id,
        shipping_line_id=sale.shipping_line_id,
        label=line.title if line else _shipping_title(order, sale),
        discount_label=_discount_label(order, sale),
        restocked=returned and _restocked(order, sale.line_id),
    )


def _shipping_title(order: Order, sale: Sale) -> str:
    line = order.shipping_line(sale.shipping_line_id)
    return line.title if line else ""


def _discount_label(order: Order, sale: Sale) -> str:
    line = order.line(sale.line_id) or order.shipping_line(sale.shipping_line_id)
    return ", ".join(dict.fromkeys(discount.title for discount in line.discounts)) if line else ""


def _restocked(order: Order, line_id: str | None) -> bool:
    """Refund lines are read for restocking only (convention 5); a unit removed by edit goes back."""
    told = [line.restocked for refund in order.refunds for line in refund.lines if line.line_id == line_id]
    return any(told) if told else True


def _taxes(order: Order, sale: Sale) -> tuple[TaxPart, ...]:
    """The sale's own tax lines, else its line's in proportion, the rest to the last (conventions 7, 34)."""
    if not sale.tax:
        return ()
    if sale.taxes:
        return _grouped(sale.taxes)
    line = order.line(sale.line_id) or order.shipping_line(sale.shipping_line_id)
    titles = line.taxes if line and line.taxes else ()
    if not titles:
        return (TaxPart(title="", amount=sale.tax),)
    weights = [tax.amount.shop.amount for tax in titles]
    shop = allocate(sale.tax.shop, weights)
    presentment = allocate(sale.tax.presentment, [tax.amount.presentment.amount for tax in titles])
    return tuple(
        TaxPart(title=tax.title, amount=Bag(own, seen), channel_liable=tax.channel_liable)
        for tax, own, seen in zip(titles, shop, presentment, strict=True)
    )


def _grouped(taxes: Sequence[TaxLine]) -> tuple[TaxPart, ...]:
    sums: dict[tuple[str, bool], Bag] = {}
    for tax in taxes:
        at = (tax.title, tax.channel_liable)
        sums[at] = sums[at] + tax.amount if at in sums else tax.amount
    return tuple(
        TaxPart(title=title, amount=amount, channel_liable=liable) for (title, liable), amount in sums.items()
    )


def share(whole: Bag, part: int, of: int) -> Bag:
    """The amount of `part` units out of `of`, half away from zero in both currencies."""
    if part == of:
        return whole
    weights = [Decimal(part), Decimal(of - part)]
    return Bag(allocate(whole.shop, weights)[0], allocate(whole.presentment, weights)[0])
