"""Which role each part of a sale and each tender posts to. Source: accounting.md section 13, 1 to 8."""

from __future__ import annotations

from qbconsole.books.roles import clearing_role, gateway_handle
from qbconsole.shop.events import Part, PartKind, TenderEvent

_SOLD = {
    PartKind.PRODUCT: "sales_income",
    PartKind.SHIPPING: "shipping_income",
    PartKind.TIP: "tips_payable",
    PartKind.GIFT_CARD: "gift_card_liability",
    PartKind.DUTY: "duties_payable",
    PartKind.ADDITIONAL_FEE: "additional_fees",
    PartKind.RETURN_FEE: "return_fees_income",
    PartKind.ADJUSTMENT: "refund_discrepancy",
}
_GIVEN_BACK = {PartKind.PRODUCT: "returns", PartKind.SHIPPING: "shipping_refunds"}
_LIABILITIES = {
    "gift_card": "gift_card_liability",
    "shopify_store_credit": "store_credit_liability",
    "store_credit": "store_credit_liability",
    # Not a gateway of Shopify's: deposits that become payment on the day the sale counts.
    "customer_deposits": "customer_deposits",
}


def part_role(part: Part) -> str:
    """The role of a part's amount without tax and discount."""
    if part.returned and part.kind in _GIVEN_BACK:
        return _GIVEN_BACK[part.kind]
    return _SOLD.get(part.kind, "suspense")


def discount_role(part: Part) -> str:
    """A discount's role follows where it hangs (convention 3)."""
    return "shipping_discounts" if part.kind is PartKind.SHIPPING else "discounts"


def tax_role(channel_liable: bool) -> str:
    """The merchant's own tax, or one the marketplace remits."""
    return "marketplace_tax" if channel_liable else "sales_tax_payable"


def money_role(tender: TenderEvent) -> str:
    """Where a tender's money lies: a clearing account, or the liability it uses up (convention 2)."""
    return _LIABILITIES.get(gateway_handle(tender.gateway)) or clearing_role(tender.gateway)


def is_liability(tender: TenderEvent) -> bool:
    """True for gift cards and store credit: a payment, but no money into any account."""
    return gateway_handle(tender.gateway) in _LIABILITIES
