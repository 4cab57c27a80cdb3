"""Stock: a group of quantity changes made at one moment, as Shopify's InventoryAdjustmentGroup tells it.

Source: accounting.md section 13, "Shapes of pull --from-file", Group; Admin API 2026-10, InventoryChange.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from qbconsole.money import Money
from qbconsole.value import Value

#: The one quantity that is counted: what physically lies at a location.
ON_HAND = "on_hand"


class UnitCost(Value, kw_only=False):
    """What one unit costs, as finely as the merchant keeps it: 0.1250 USD is a cost, though no amount of money."""

    amount: Decimal
    currency: str

    def of(self, units: int) -> Money:
        """What so many units cost, signed like them, half away from zero to the currency's unit.

        Rounded once a document line; both sides of its posting carry that amount, so nothing is left over.
        """
        return Money.rounded(self.amount * units, self.currency)


class StockChange(Value):
    """One quantity of one product at one location changed."""

    #: on_hand, available, committed …
    name: str
    #: Units; negative when fewer.
    delta: int
    #: The inventory item; its SKU where Shopify sends no id.
    item_id: str
    sku: str = ""
    location: str = ""
    location_id: str = ""
    #: None where Shopify does not tell.
    unit_cost: UnitCost | None = None
    #: The variant it is stock of, where told: "Mug - Blue", its id, its bar code, its product's type.
    title: str = ""
    variant_id: str = ""
    barcode: str = ""
    product_type: str = ""

    @property
    def line_id(self) -> str:
        """What a line of a document knows it by: its SKU, else its inventory item."""
        return self.sku or self.item_id


class StockGroup(Value):
    """Changes made together."""

    id: str
    #: createdAt (convention 9).
    created_at: datetime | date
    #: correction, cycle_count_available, damaged, received, restock, shrinkage …
    reason: str = ""
    #: What caused it, where told: "gid://shopify/Order/7".
    reference: str = ""
    changes: tuple[StockChange, ...] = ()


class StockTransfer(Value):
    """Stock carried from one location to another; each shipment that arrived is a group that cancels out."""

    id: str
    shipments: tuple[StockGroup, ...] = ()
