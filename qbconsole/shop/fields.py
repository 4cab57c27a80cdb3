"""Sale events from order fields and refunds, for orders without agreements.

The sale is booked at `quantity` (all units ever ordered); what was given back comes from refund records, and
what an edit changed is the difference between the order's lines now and what the events so far say.
Source: accounting.md section 4 and section 13, conventions 5, 8, 16 and 33.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from qbconsole.money import Money
from qbconsole.shop.agreements import share
from qbconsole.shop.bag import Bag, bag_total
from qbconsole.shop.events import EventKind, Part, PartKind, SaleEvent, TaxPart
from qbconsole.shop.orders import AdditionalFee, Order, OrderLine, Refund, ShippingLine, TaxLine
from qbconsole.shop.remaining import (
    About,
    about,
    joined_taxes,
    negated_taxes,
    remaining_parts,
    summed,
)

#: Events whose parts together say what was sold, before anything was given back.
_SOLD = (EventKind.ORDER, EventKind.EDIT)


def field_events(order: Order, known: Sequence[SaleEvent]) -> tuple[SaleEvent, ...]:
    """The sale, its refunds, and at most one edit or cancellation that is not known yet."""
    by_key = {event.key: event for event in known}
    sale_key = f"{EventKind.ORDER}/{order.id}"
    events = [] if sale_key in by_key else [_sale(order, sale_key)]
    events += [_refund(order, refund) for refund in order.refunds if f"refund/{refund.id}" not in by_key]
    so_far = tuple((by_key | {event.key: event for event in events}).values())
    change = _cancel(order, so_far) if order.cancelled_at else _edit(order, so_far)
    if change is not None:
        events.append(change)
    return tuple(events)


def _sale(order: Order, key: str) -> SaleEvent:
    return SaleEvent(
        key=key, kind=EventKind.ORDER, at=order.at, on=order.shop.day(order.at), parts=sold(order)
    )


def sold(order: Order) -> tuple[Part, ...]:
    """Everything ever sold, from the order's lines, shipping, duties, fees and tip."""
    parts = [line_part(order, line) for line in order.lines if line.id not in order.tip_line_ids]
    parts += [shipping_part(order, line) for line in order.shipping if not line.is_removed]
    for line in order.lines:
        parts += [_charge(order, PartKind.DUTY, duty.id, duty.amount, duty.taxes) for duty in line.duties]
    parts += [_fee(order, fee) for fee in order.fees]
    if order.tip:
        parts.append(_charge(order, PartKind.TIP, None, order.tip, ()))
    return tuple(parts)


def line_part(order: Order, line: OrderLine) -> Part:
    """An order line at `quantity`: net of tax, its discount before tax apart."""
    kind = PartKind.GIFT_CARD if line.is_gift_card else PartKind.PRODUCT
    off = bag_total((discount.amount for discount in line.discounts), line.total)
    net, discount = _net(order, line.total, off, line.taxes)
    return Part(
        kind=kind,
        net=net,
        discount=discount,
        taxes=tax_parts(line.taxes),
        quantity=line.quantity,
        line_id=line.id,
        label=line.title,
        discount_label=", ".join(dict.fromkeys(d.title for d in line.discounts if d.title)),
    )


def shipping_part(order: Order, line: ShippingLine) -> Part:
    """A shipping line before its discounts, which stand apart."""
    off = bag_total((discount.amount for discount in line.discounts), line.price)
    net, discount = _net(order, line.price, off, line.taxes)
    return Part(
        kind=PartKind.SHIPPING,
        net=net,
        discount=discount,
        taxes=tax_parts(line.taxes),
        shipping_line_id=line.id,
        label=line.title,
        discount_label=", ".join(dict.fromkeys(d.title for d in line.discounts if d.title)),
    )


def _charge(
    order: Order, kind: PartKind, id_: str | None, amount: Bag, taxes: Sequence[TaxLine], label: str = ""
) -> Part:
    """A duty, fee or tip: no discount; where prices include tax its tax is inside."""
    tax = bag_total((line.amount for line in taxes), amount)
    net = amount - tax if order.taxes_included else amount
    return Part(
        kind=kind, net=net, discount=amount - amount, taxes=tax_parts(taxes), line_id=id_, label=label
    )


def _fee(order: Order, fee: AdditionalFee) -> Part:
    return _charge(order, PartKind.ADDITIONAL_FEE, fee.id, fee.price, fee.taxes, fee.name)


def _net(order: Order, gross: Bag, off: Bag, taxes: Sequence[TaxLine]) -> tuple[Bag, Bag]:
    """Net of tax and discount before tax (accounting.md section 4; convention 33)."""
    if not order.taxes_included:
        return gross - off, off
    tax = bag_total((line.amount for line in taxes), gross)
    net = gross - off - tax
    rates = sum((line.rate or Decimal(0) for line in taxes), Decimal(0))
    return net, Bag(
        _before_tax(off.shop, net.shop, tax.shop, rates),
        _before_tax(off.presentment, net.presentment, tax.presentment, rates),
    )


def _before_tax(off: Money, net: Money, tax: Money, rates: Decimal) -> Money:
    if not off or (not tax and not rates):
        return off
    if net + tax:
        return Money.rounded(off.amount * net.amount / (net.amount + tax.amount), off.currency)
    return Money.rounded(off.amount / (1 + rates), off.currency)


def tax_parts(taxes: Sequence[TaxLine]) -> tuple[TaxPart, ...]:
    """Tax lines by title; zero ones say nothing."""
    return joined_taxes(
        [TaxPart(title=tax.title, amount=tax.amount, channel_liable=tax.channel_liable) for tax in taxes], ()
    )


def _split_tax(whole: Sequence[TaxPart], tax: Bag) -> tuple[TaxPart, ...]:
    """Split a refunded tax over the titles of its line, in proportion, the rest to the last."""
    if not tax:
        return ()
    if not whole:
        return (TaxPart(title="", amount=-tax),)
    rest, parts = tax, []
    all_of_it = bag_total((part.amount for part in whole), tax)
    for part in whole[:-1]:
        amount = Bag(
            _proportion(tax.shop, part.amount.shop, all_of_it.shop),
            _proportion(tax.presentment, part.amount.presentment, all_of_it.presentment),
        )
        parts.append(replace(part, amount=-amount))
        rest = rest - amount
    return (*parts, replace(whole[-1], amount=-rest))


def _proportion(amount: Money, part: Money, whole: Money) -> Money:
    if not whole:
        return Money.zero(amount.currency)
    return Money.rounded(amount.amount * part.amount / whole.amount, amount.currency)


def _refund(order: Order, refund: Refund) -> SaleEvent:
    """What a refund record gives back: lines, shipping, duties; adjustments keep money back."""
    zero = Bag.zero(order.currency, order.presentment_currency)
    parts = []
    for given in refund.lines:
        line = order.line(given.line_id)
        kind = PartKind.GIFT_CARD if line and line.is_gift_card else PartKind.PRODUCT
        if line and line.id in order.tip_line_ids:
            kind = PartKind.TIP
        net = given.subtotal - given.tax if order.taxes_included else given.subtotal
        parts.append(
            Part(
                kind=kind,
                net=-net,
                discount=zero,
                taxes=_split_tax(tax_parts(line.taxes) if line else (), given.tax),
                returned=kind is PartKind.PRODUCT,
                quantity=-given.quantity,
                line_id=given.line_id,
                label=line.title if line else "",
                restocked=given.restocked or given.restock_type in ("RETURN", "CANCEL", "LEGACY_RESTOCK"),
            )
        )
    for back in refund.shipping:
        shipping = order.shipping_line(back.shipping_line_id)
        net = back.subtotal - back.tax if order.taxes_included else back.subtotal
        parts.append(
            Part(
                kind=PartKind.SHIPPING,
                net=-net,
                discount=zero,
                taxes=_split_tax(tax_parts(shipping.taxes) if shipping else (), back.tax),
                returned=True,
                shipping_line_id=back.shipping_line_id,
                label=shipping.title if shipping else "",
            )
        )
    parts += [Part(kind=PartKind.DUTY, net=-duty, discount=zero) for duty in refund.duties]
    for adjustment in refund.adjustments:
        tax = (TaxPart(title="", amount=adjustment.tax),) if adjustment.tax else ()
        parts.append(
            Part(
                kind=PartKind.ADJUSTMENT,
                net=adjustment.amount,
                discount=zero,
                taxes=tax,
                label=adjustment.reason,
            )
        )
    return SaleEvent(
        key=f"{EventKind.REFUND}/{refund.id}",
        kind=EventKind.REFUND,
        at=refund.at,
        on=order.shop.day(refund.at),
        parts=tuple(parts),
        reason="REFUND",
    )


def _cancel(order: Order, so_far: Sequence[SaleEvent]) -> SaleEvent | None:
    """A cancellation that no refund record tells of gives back everything still sold (convention 16)."""
    if order.refunds or order.cancelled_at is None:
        return None
    parts = remaining_parts(so_far)
    if not parts:
        return None
    return SaleEvent(
        key=f"{EventKind.CANCEL}/{order.id}",
        kind=EventKind.CANCEL,
        at=order.cancelled_at,
        on=order.shop.day(order.cancelled_at),
        parts=parts,
        reason="CANCEL",
    )


def _edit(order: Order, so_far: Sequence[SaleEvent]) -> SaleEvent | None:
    """What the lines now say beyond the events so far: new lines, discounts, units taken off."""
    was_sold = summed([p for e in so_far if e.kind in _SOLD for p in e.parts if not p.returned])
    now_sold = summed(sold(order))
    parts = [
        change
        for at in dict.fromkeys((*now_sold, *was_sold))
        if (change := _changed(now_sold.get(at), was_sold.get(at))) is not None
    ]
    parts += _taken_off(order, so_far, now_sold)
    if not parts:
        return None
    count = sum(event.kind is EventKind.EDIT for event in so_far)
    return SaleEvent(
        key=f"{EventKind.EDIT}/{order.id}.{count + 1}",
        kind=EventKind.EDIT,
        at=order.updated_at,
        on=order.shop.day(order.updated_at),
        parts=tuple(parts),
        reason="ORDER_EDIT",
    )


def _changed(now: Part | None, was: Part | None) -> Part | None:
    """The difference of one line between now and before; None when there is none."""
    if was is None:
        return now
    given_back = replace(
        was,
        net=-was.net,
        discount=-was.discount,
        taxes=negated_taxes(was.taxes),
        quantity=None if was.quantity is None else -was.quantity,
    )
    if now is None:
        return given_back if was.net or was.tax else None
    change = summed((now, replace(given_back, label=now.label)))[about(now)]
    return change if change.net or change.discount or change.taxes else None


def _taken_off(order: Order, so_far: Sequence[SaleEvent], now_sold: dict[About, Part]) -> list[Part]:
    """Units an edit removed: those gone from `current_quantity` that no refund record tells of."""
    parts = []
    taken = summed([part for e in so_far if e.kind is EventKind.EDIT for part in e.parts if part.returned])
    for line in order.lines:
        refunded = sum(g.quantity for r in order.refunds for g in r.lines if g.line_id == line.id)
        gone = line.quantity - line.current_quantity - refunded
        whole = now_sold.get((PartKind.GIFT_CARD if line.is_gift_card else PartKind.PRODUCT, line.id, None))
        if gone <= 0 or whole is None:
            continue
        before = taken.get(about(whole))
        taxes = tuple(replace(t, amount=-share(t.amount, gone, line.quantity)) for t in whole.taxes)
        net = -share(whole.net, gone, line.quantity)
        quantity = -gone
        if before is not None:
            net, quantity = net - before.net, quantity - (before.quantity or 0)
            taxes = joined_taxes(taxes, negated_taxes(before.taxes))
        if quantity:
            returned = whole.kind is PartKind.PRODUCT
            parts.append(
                replace(
                    whole,
                    net=net,
                    discount=net - net,
                    taxes=taxes,
                    quantity=quantity,
                    returned=returned,
                    restocked=returned,
                )
            )
    return parts
