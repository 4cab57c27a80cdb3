"""Sale events from sales agreements: signed rows that Shopify allocated once and never changes.

Source: accounting.md section 0 rule 2, section 13 conventions 5 to 9.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from qbconsole.shop.bag import Bag, bag_total
from qbconsole.shop.events import EventKind, Part, PartKind, SaleEvent, TaxPart
from qbconsole.shop.orders import Agreement, Order, OrderLine, Sale, ShippingLine, TaxLine
from qbconsole.shop.refunds import units_back
from qbconsole.shop.remaining import joined_taxes
from qbconsole.shop.sold import discount_label, split_tax
from qbconsole.value import replace

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
#: Kinds of sale this program books; an order with any other is held.
LINE_TYPES = frozenset(_KINDS)
_Lines = dict[str, OrderLine | ShippingLine]


def agreement_events(order: Order) -> tuple[SaleEvent, ...]:
    """One event per agreement."""
    lines: _Lines = {}
    lines |= {line.id: line for line in order.shipping}
    lines |= {line.id: line for line in order.lines}
    events = tuple(_event(order, agreement, lines) for agreement in order.agreements)
    return _put_back(order, events) if order.refunds else events


def _event(order: Order, agreement: Agreement, lines: _Lines) -> SaleEvent:
    at = order.at if agreement.reason == "ORDER" else agreement.at
    return SaleEvent(
        key=f"{EventKind.AGREEMENT}/{agreement.id}",
        kind=EventKind.AGREEMENT,
        at=at,
        on=order.shop.day(at),
        parts=tuple(_part(order, sale, lines) for sale in agreement.sales),
        reason=agreement.reason,
    )


def _part(order: Order, sale: Sale, lines: _Lines) -> Part:
    """One Sale as a part. A returned product or shipping posts net of its discount (convention 6)."""
    kind = (
        PartKind.TIP if sale.line_id in order.tip_line_ids else _KINDS.get(sale.line_type, PartKind.UNKNOWN)
    )
    returned = sale.action == "RETURN" and kind in (PartKind.PRODUCT, PartKind.SHIPPING)
    line = lines.get(sale.line_id or sale.shipping_line_id or "")
    net = sale.total - sale.tax if sale.tax else sale.total
    return Part(
        kind=kind,
        net=net,
        discount=net - net if returned else sale.discount_before_tax,
        taxes=_taxes(sale, line.taxes if line else ()),
        returned=returned,
        quantity=_signed(sale),
        line_id=sale.line_id,
        shipping_line_id=sale.shipping_line_id,
        label=line.title if line else "",
        discount_label=discount_label(line.discounts) if line else "",
        restocked=returned and kind is PartKind.PRODUCT,
        unit_cost=line.unit_cost if isinstance(line, OrderLine) else None,
    )


def _signed(sale: Sale) -> int | None:
    """Units with the sign of their amount, whichever sign Shopify gives returned ones."""
    if sale.quantity is None:
        return None
    back = sale.action == "RETURN" or sale.total.shop.amount < 0
    return -abs(sale.quantity) if back else sale.quantity


def _put_back(order: Order, events: Sequence[SaleEvent]) -> tuple[SaleEvent, ...]:
    """Refund lines are read for restocking only (convention 5): what they say stayed out is not restocked."""
    back = units_back(order, events)
    out = {at for at, units in back.items() if not units}
    return tuple(_without(event, out) for event in events) if out else tuple(events)


def _without(event: SaleEvent, out: Collection[tuple[str, int]]) -> SaleEvent:
    parts = (
        replace(part, restocked=False) if (event.key, place) in out else part
        for place, part in enumerate(event.parts)
    )
    return replace(event, parts=tuple(parts))


def _taxes(sale: Sale, of_line: Sequence[TaxLine]) -> tuple[TaxPart, ...]:
    """The sale's tax is `totalTaxAmount`; its own tax lines, else its line's, say whose it is (convention 7)."""
    if not sale.tax:
        return ()
    told = sale.taxes or of_line
    titles = [TaxPart(title=t.title, amount=t.amount, channel_liable=t.channel_liable) for t in told]
    if sale.taxes and _sum(titles, sale.tax) == sale.tax:
        return joined_taxes(titles, ())
    return joined_taxes(split_tax(titles, sale.tax), ())


def _sum(taxes: Sequence[TaxPart], like: Bag) -> Bag:
    return bag_total([tax.amount for tax in taxes], like)
