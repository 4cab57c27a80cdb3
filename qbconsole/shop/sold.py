"""What was sold, from an order's own fields: lines at `quantity`, shipping, duties, fees and the tip.

Used where an order has no agreements. `quantity` counts every unit ever ordered; what came back is told by
refunds and edits. Source: accounting.md section 4 and section 13, conventions 8 and 33.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from qbconsole.money import Money
from qbconsole.shop.bag import Bag, bag_total
from qbconsole.shop.events import Part, PartKind, TaxPart
from qbconsole.shop.orders import AdditionalFee, Discount, Order, OrderLine, ShippingLine, TaxLine
from qbconsole.shop.remaining import joined_taxes
from qbconsole.value import replace


def sold(order: Order) -> tuple[Part, ...]:
    """Everything ever sold."""
    parts = _line_parts(order)
    parts += [shipping_part(order, line) for line in order.shipping if not line.is_removed]
    for line in order.lines:
        parts += [_charge(order, PartKind.DUTY, duty.id, duty.amount, duty.taxes) for duty in line.duties]
    parts += [_fee(order, fee) for fee in order.fees]
    if order.tip:
        parts.append(_charge(order, PartKind.TIP, None, order.tip, ()))
    return tuple(parts)


def line_kind(order: Order, line: OrderLine | None) -> PartKind:
    """What an order line is: goods, a gift card, or the tip (convention 8)."""
    if line is None:
        return PartKind.PRODUCT
    if line.id in order.tip_line_ids:
        return PartKind.TIP
    return PartKind.GIFT_CARD if line.is_gift_card else PartKind.PRODUCT


def _line_parts(order: Order) -> list[Part]:
    lines = [line for line in order.lines if line.id not in order.tip_line_ids]
    parts = [line_part(order, line) for line in lines]
    if order.taxes_included and sum(bool(line.discounts) for line in lines) > 1:
        _give_last_unit(lines, parts)
    return parts


def line_part(order: Order, line: OrderLine) -> Part:
    """An order line at `quantity`: net of tax, its discount before tax apart."""
    net, discount = _net(order, line.total, line.discounts, line.taxes)
    return Part(
        kind=line_kind(order, line),
        net=net,
        discount=discount,
        taxes=tax_parts(line.taxes),
        quantity=line.quantity,
        line_id=line.id,
        label=line.title,
        discount_label=discount_label(line.discounts),
        unit_cost=line.unit_cost,
    )


def shipping_part(order: Order, line: ShippingLine) -> Part:
    """A shipping line; its discounts stand apart."""
    net, discount = _net(order, line.price, line.discounts, line.taxes)
    return Part(
        kind=PartKind.SHIPPING,
        net=net,
        discount=discount,
        taxes=tax_parts(line.taxes),
        shipping_line_id=line.id,
        label=line.title,
        discount_label=discount_label(line.discounts),
    )


def discount_label(discounts: Sequence[Discount]) -> str:
    """The codes and titles the shopper saw, each once."""
    return ", ".join(dict.fromkeys(d.title for d in discounts if d.title)) if discounts else ""


def _charge(
    order: Order, kind: PartKind, id_: str | None, amount: Bag, taxes: Sequence[TaxLine], label: str = ""
) -> Part:
    """A duty, fee or tip: no discount; where prices include tax its tax is inside."""
    net = amount - _tax(taxes, amount) if order.taxes_included else amount
    return Part(
        kind=kind, net=net, discount=amount - amount, taxes=tax_parts(taxes), line_id=id_, label=label
    )


def _fee(order: Order, fee: AdditionalFee) -> Part:
    return _charge(order, PartKind.ADDITIONAL_FEE, fee.id, fee.price, fee.taxes, fee.name)


def _tax(taxes: Sequence[TaxLine], like: Bag) -> Bag:
    return bag_total([tax.amount for tax in taxes], like)


def _net(
    order: Order, gross: Bag, discounts: Sequence[Discount], taxes: Sequence[TaxLine]
) -> tuple[Bag, Bag]:
    """Net of tax and discount before tax (accounting.md section 4; convention 33)."""
    off = bag_total([discount.amount for discount in discounts], gross)
    net = gross - off if off else gross
    if not order.taxes_included:
        return net, off
    net = net - _tax(taxes, gross)
    if not off:
        return net, off
    exact = _before_tax(off, net, taxes)
    return net, Bag.of(
        Money.rounded(exact[0], off.shop.currency), Money.rounded(exact[1], off.presentment.currency)
    )


def _before_tax(off: Bag, net: Bag, taxes: Sequence[TaxLine]) -> tuple[Decimal, Decimal]:
    """The part of an inclusive discount that is no tax, not yet rounded; shop and presentment money."""
    tax = _tax(taxes, net)
    rates = sum((line.rate or Decimal(0) for line in taxes), Decimal(0))
    return (
        _share_before_tax(off.shop, net.shop, tax.shop, rates),
        _share_before_tax(off.presentment, net.presentment, tax.presentment, rates),
    )


def _share_before_tax(off: Money, net: Money, tax: Money, rates: Decimal) -> Decimal:
    if net + tax:
        return off.amount * net.amount / (net.amount + tax.amount)
    return off.amount / (1 + rates)  # the line is free: nothing but its rates tells


def _give_last_unit(lines: Sequence[OrderLine], parts: list[Part]) -> None:
    """Inclusive discounts split line by line; what rounding leaves goes to the largest (convention 33)."""
    rows = [(at, line) for at, line in enumerate(lines) if line.discounts]
    exact = [
        _before_tax(
            bag_total([discount.amount for discount in line.discounts], line.total), parts[at].net, line.taxes
        )
        for at, line in rows
    ]
    largest = max(rows, key=lambda row: row[1].total.shop)[0]
    like = parts[largest].discount
    given = bag_total([parts[at].discount for at, _ in rows], like)
    whole = Bag.of(
        Money.rounded(sum((shop for shop, _ in exact), Decimal(0)), like.shop.currency),
        Money.rounded(sum((seen for _, seen in exact), Decimal(0)), like.presentment.currency),
    )
    parts[largest] = replace(parts[largest], discount=like + whole - given)


def tax_parts(taxes: Sequence[TaxLine]) -> tuple[TaxPart, ...]:
    """Tax lines by title; zero ones say nothing."""
    parts = tuple(
        TaxPart(title=tax.title, amount=tax.amount, channel_liable=tax.channel_liable)
        for tax in taxes
        if tax.amount
    )
    if len(parts) < 2 or len({part.title for part in parts}) == len(parts):
        return parts
    return joined_taxes(parts, ())


def proportion(whole: Money, part: Money, of: Money) -> Money:
    """`whole` × part / of, half away from zero; nothing where there is nothing to go by."""
    if not of:
        return Money.zero(whole.currency)
    return Money.rounded(whole.amount * part.amount / of.amount, whole.currency)


def split_tax(titles: Sequence[TaxPart], tax: Bag) -> tuple[TaxPart, ...]:
    """A tax split over titles in proportion, the rest to the last (conventions 7 and 34)."""
    if not tax:
        return ()
    if not titles:
        return (TaxPart(title="", amount=tax),)
    rest, parts = tax, []
    whole = bag_total([title.amount for title in titles], tax)
    for title in titles[:-1]:
        amount = Bag.of(
            proportion(tax.shop, title.amount.shop, whole.shop),
            proportion(tax.presentment, title.amount.presentment, whole.presentment),
        )
        parts.append(replace(title, amount=amount))
        rest = rest - amount
    return (*parts, replace(titles[-1], amount=rest))


def all_taxes(order: Order) -> tuple[TaxPart, ...]:
    """The taxes of the whole order by title."""
    taxes = [tax for line in order.lines for tax in line.taxes]
    taxes += [tax for line in order.shipping for tax in line.taxes]
    return tax_parts(taxes)


def units(whole: Bag, part: int, of: int) -> Bag:
    """The amount of `part` units out of `of`, half away from zero in both currencies."""
    if part == of:
        return whole
    return Bag.of(
        Money.rounded(whole.shop.amount * part / of, whole.shop.currency),
        Money.rounded(whole.presentment.amount * part / of, whole.presentment.currency),
    )
