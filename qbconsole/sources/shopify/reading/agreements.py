"""Sales agreements: what was agreed when, which is how an order changed."""

from __future__ import annotations

from qbconsole.shop.orders import Agreement, Sale
from qbconsole.sources.shopify.reading.lines import tax_line
from qbconsole.sources.shopify.reading.reader import Reader
from qbconsole.sources.shopify.reading.told import Json, id_of, nodes, text_of

#: Shopify's agreement types, where `reason` was not asked for.
_REASONS = {
    "OrderAgreement": "ORDER",
    "OrderEditAgreement": "ORDER_EDIT",
    "RefundAgreement": "REFUND",
    "ReturnAgreement": "RETURN",
}


def agreement(read: Reader, row: Json) -> Agreement:
    """One sales agreement with its sales."""
    return Agreement(
        id=id_of(row),
        at=read.time(row.get("happenedAt")),
        reason=text_of(row.get("reason")) or _REASONS.get(text_of(row.get("__typename")), ""),
        sales=tuple(_sale(read, sale) for sale in nodes(row.get("sales"))),
    )


def _sale(read: Reader, row: Json) -> Sale:
    quantity = row.get("quantity")
    return Sale(
        id=id_of(row),
        action=text_of(row.get("actionType")),
        line_type=text_of(row.get("lineType")),
        total=read.bag(row.get("totalAmount")),
        tax=read.bag(row.get("totalTaxAmount")),
        discount_before_tax=read.bag(row.get("totalDiscountAmountBeforeTaxes")),
        quantity=None if quantity is None else int(quantity),
        taxes=tuple(
            tax_line(read, tax.get("taxLine") or {}, tax.get("amount")) for tax in row.get("taxes") or ()
        ),
        line_id=id_of(row.get("lineItem") or {}) or None,
        shipping_line_id=id_of(row.get("shippingLine") or {}) or None,
    )
