"""Stock that was counted, lost, found or carried from one site to another.

Fields as in `books.documents`. Only quantities can be adjusted: qbXML 13.0 and 16.0 have no place for a value,
which follows from QuickBooks' own average cost. Source: protocol notes, sections 14 and 18.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

from qbconsole.books.documents.posting import Elements, Memo
from qbconsole.books.documents.questions import DocumentQuestion, NumberedQuestion
from qbconsole.value import Value


class InventoryAdjustmentLine(Value):
    """One product; exactly one of the two counts is given."""

    elements: ClassVar[Elements] = MappingProxyType(
        {
            "new_quantity": "QuantityAdjustment/NewQuantity",
            "quantity_difference": "QuantityAdjustment/QuantityDifference",
        }
    )

    item_ref: str
    #: What is there now.
    new_quantity: Decimal | None = None
    #: Positive is more than before, negative less.
    quantity_difference: Decimal | None = None


class InventoryAdjustment(Value):
    """More or less in stock: the asset account against `account_ref`. `lines` may not be empty.

    Needs QuickBooks in single-user mode, except in Enterprise.
    """

    request: ClassVar[str] = "InventoryAdjustmentAdd"
    template: ClassVar[str] = "inventory_adjustment_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"lines": "InventoryAdjustmentLineAdd"})

    account_ref: str
    txn_date: date
    ref_number: str | None = None
    #: Needs Enterprise with Advanced Inventory.
    inventory_site_ref: str | None = None
    customer_ref: str | None = None
    class_ref: str | None = None
    memo: Memo | None = None
    external_guid: str | None = None
    lines: tuple[InventoryAdjustmentLine, ...]


class TransferInventoryLine(Value):
    """One product carried; positive."""

    item_ref: str
    quantity_to_transfer: Decimal


class TransferInventory(Value):
    """Stock carried from one site to another; posts nothing. Needs Enterprise with Advanced Inventory."""

    request: ClassVar[str] = "TransferInventoryAdd"
    template: ClassVar[str] = "transfer_inventory_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"lines": "TransferInventoryLineAdd"})

    txn_date: date
    ref_number: str | None = None
    from_inventory_site_ref: str
    to_inventory_site_ref: str
    memo: Memo | None = None
    external_guid: str | None = None
    lines: tuple[TransferInventoryLine, ...] = ()


class InventoryAdjustmentQuery(DocumentQuestion):
    """Stock adjustments."""

    request: ClassVar[str] = "InventoryAdjustmentQuery"
    template: ClassVar[str] = "inventory_adjustment_query.xml.j2"


class TransferInventoryQuery(NumberedQuestion):
    """Transfers of stock; they have no custom fields."""

    request: ClassVar[str] = "TransferInventoryQuery"
    template: ClassVar[str] = "transfer_inventory_query.xml.j2"
