"""Purchases: what was ordered from a vendor, what arrived, what the vendor billed and gave back.

Neutral, because no Shopify API tells all of it. Amounts are positive, in the purchase's currency; dates are shop
dates. Source: accounting.md section 13, "Shapes of pull --from-file", Purchase; `tax` of a bill and
`vendorCredits` are ours (see `sources.shopify.reading_purchase`).
"""

from __future__ import annotations

from datetime import date

from qbconsole.money import Money
from qbconsole.shop.stock import UnitCost
from qbconsole.value import Value


class PurchaseLine(Value):
    """Units of one product at one cost; never of no units."""

    sku: str
    quantity: int
    unit_cost: UnitCost

    @property
    def amount(self) -> Money:
        """Quantity × unit cost."""
        return self.unit_cost.of(self.quantity)


class Receipt(Value):
    """Goods that arrived on one day."""

    #: Unique in the purchase.
    id: str
    received_on: date
    lines: tuple[PurchaseLine, ...] = ()


class VendorBill(Value):
    """A bill of the vendor."""

    #: Unique in the purchase: the number, told apart where the vendor used it twice.
    id: str
    number: str
    billed_on: date
    #: Signed: a vendor may take freight or tax back.
    freight: Money
    tax: Money
    #: The receipt whose goods it bills; None: the goods not yet billed, oldest first.
    receipt_id: str | None = None
    lines: tuple[PurchaseLine, ...] = ()


class VendorReturn(Value):
    """A vendor's credit: for goods sent back, or money alone."""

    #: Unique in the purchase, as with bills.
    id: str
    number: str
    credited_on: date
    #: The receipt the goods came with, where told.
    receipt_id: str | None = None
    #: The goods sent back, at the cost the vendor credits.
    lines: tuple[PurchaseLine, ...] = ()
    #: The whole credit; None: what the lines come to.
    amount: Money | None = None


class Purchase(Value):
    """One purchase order and all that came of it."""

    number: str
    vendor: str
    #: None while it is a draft.
    ordered_on: date | None
    currency: str
    lines: tuple[PurchaseLine, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    bills: tuple[VendorBill, ...] = ()
    returns: tuple[VendorReturn, ...] = ()
