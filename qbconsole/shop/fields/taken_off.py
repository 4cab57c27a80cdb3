"""Units that an edit removed from an order's lines, for orders without agreements.

No record tells their amounts: they are a share of the line as it was sold. A price is exact and its tax was rounded, so
where prices include tax the share is taken of the price, and the tax comes off it. Taxes were rounded line by line, and
Shopify tells only what all of them come to now: where that is a smallest unit or so apart, Shopify's figure counts.
Source: accounting.md section 4 and section 13, conventions 5, 7 and 33.
"""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.shop.bag import Bag, bag_total
from qbconsole.shop.events import EventKind, Part, PartKind, SaleEvent, TaxPart
from qbconsole.shop.orders import Order, OrderLine, RefundLine
from qbconsole.shop.remaining import joined_taxes, negated_taxes, summed
from qbconsole.shop.sold import line_kind, line_part, units
from qbconsole.value import replace


def taken_off(order: Order, so_far: Sequence[SaleEvent], changed: Sequence[Part]) -> list[Part]:
    """Units gone from `current_quantity` that no refund record tells of; `changed` is what else the edit did.

    A refund record that comes later for units already taken off takes their edit back, so that they count once.
    """
    edits = [event for event in so_far if event.kind is EventKind.EDIT]
    if not edits and all(line.quantity == line.current_quantity for line in order.lines):
        return []
    taken = summed([part for event in edits for part in event.parts if part.returned])
    refunds = [event for event in so_far if event.kind is EventKind.REFUND]
    given = summed([part for event in refunds for part in event.parts])
    found = (
        _removed(order, line, taken.get(at), given.get(at))
        for line in order.lines
        for at in [(line_kind(order, line), line.id, None)]
    )
    parts = [part for part in found if part is not None]
    told = _as_told(order, [*(part for event in so_far for part in event.parts), *changed], parts)
    # Units that were booked before are looked at again: a refund record that came since may leave them another cent.
    return [part for part in told if part.net or part.quantity or any(tax.amount for tax in part.taxes)]


def _removed(order: Order, line: OrderLine, before: Part | None, given: Part | None) -> Part | None:
    """Units of one line taken off and not yet booked, at their share of the line; `given` is what refunds gave back."""
    told = [given for refund in order.refunds for given in refund.lines if given.line_id == line.id]
    refunded = sum(given.quantity for given in told)
    gone = max(0, line.quantity - line.current_quantity - refunded)
    counted = -(before.quantity or 0) if before is not None else 0
    if not line.quantity or not (gone or counted):
        return None
    whole = line_part(order, line)
    taxes = tuple(
        replace(
            tax,
            amount=_refunded_tax(tax, line, refunded, len(told), given)
            - _share(tax.amount, line, refunded + gone),
        )
        for tax in whole.taxes
    )
    price = whole.net + whole.tax if order.taxes_included else whole.net
    net = _refunded(price, line, told) - _share(price, line, refunded + gone)
    if order.taxes_included and taxes:
        net = net - bag_total([tax.amount for tax in taxes], price)
    if before is not None:
        net, taxes = net - before.net, joined_taxes(taxes, negated_taxes(before.taxes))
    return replace(
        whole,
        net=net,
        discount=net - net,
        taxes=taxes,
        quantity=counted - gone or None,
        returned=True,
        restocked=whole.kind is PartKind.PRODUCT and gone != counted,
    )


def _share(amount: Bag, line: OrderLine, count: int) -> Bag:
    """What so many units of a line come to."""
    return units(amount, count, line.quantity) if count else amount - amount


def _refunded(price: Bag, line: OrderLine, told: Sequence[RefundLine]) -> Bag:
    """What refund records gave back of a line's price: as they tell it, where rounding alone sets it apart from a share.

    So the last unit to go takes what is left of the line. Records without amounts, or with others, say nothing of the rest.
    """
    share = _share(price, line, sum(given.quantity for given in told))
    subtotal = bag_total([given.subtotal for given in told], price)
    return subtotal if _within(subtotal - share, len(told)) else share


def _refunded_tax(tax: TaxPart, line: OrderLine, refunded: int, records: int, given: Part | None) -> Bag:
    """The same of one title of its tax: as it was booked of the records, which tell all titles in one figure."""
    share = _share(tax.amount, line, refunded)
    title = (tax.title, tax.channel_liable)
    booked = [
        -one.amount
        for one in (given.taxes if given is not None else ())
        if (one.title, one.channel_liable) == title
    ]
    told = bag_total(booked, share)
    return told if _within(told - share, records) else share


def _within(gap: Bag, most: int) -> bool:
    """Whether rounding so many times explains a gap."""
    return max(abs(gap.shop.minor), abs(gap.presentment.minor)) <= most


def _as_told(order: Order, before: Sequence[Part], parts: list[Part]) -> list[Part]:
    """With the tax that leaves the order what Shopify says it is now, where rounding alone explains the gap."""
    taxed = [part for part in parts if part.taxes]
    told = order.current_tax
    if told is None or not taxed or any(refund.adjustments for refund in order.refunds):
        return parts
    gap = told - bag_total([part.tax for part in (*before, *parts)], told)
    # Every title was rounded, also one of which nothing is left to book on a second look.
    lines = {part.line_id: order.line(part.line_id) for part in taxed}
    most = sum(len(line.taxes) for line in lines.values() if line is not None)
    if not gap or not _within(gap, most):
        return parts
    largest = max(taxed, key=lambda part: abs(part.tax.shop))
    return [_with_tax(order, part, gap) if part is largest else part for part in parts]


def _with_tax(order: Order, part: Part, gap: Bag) -> Part:
    """The part with `gap` more tax under its largest title; a price that includes tax stays what it is."""
    at = max(range(len(part.taxes)), key=lambda at: abs(part.taxes[at].amount.shop))
    title = part.taxes[at]
    taxes = (*part.taxes[:at], replace(title, amount=title.amount + gap), *part.taxes[at + 1 :])
    return replace(part, taxes=taxes, net=part.net - gap if order.taxes_included else part.net)
