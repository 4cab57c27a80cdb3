"""Purchases: what was ordered, what came, what is owed for it, what the vendor gives back.

Fields as in `books.documents`. Goods come in by an item receipt or by a bill, never by both. What came is tied
to its order line by line (`LinkToTxn`, which takes the place of the line's item) or as a whole
(`link_to_txn_ids`, which brings all open lines along); never both for one order. Landed cost has no request of
its own: it is an expense line of the bill. Source: protocol notes, sections 14 and 18.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

from qbconsole.books.documents.posting import Elements, ExpenseLine, LineDataExt, Memo
from qbconsole.books.documents.questions import LinkedDocumentQuestion, PayableDocumentQuestion
from qbconsole.money import Money
from qbconsole.value import Value


def line_key(document_key: str, place: int) -> str:
    """What a line of one of our documents is called while QuickBooks' id of it is not known; the first is 1."""
    return f"{document_key}#{place}"


_RECEIVED: Elements = MappingProxyType(
    {"link_to_txn_ids": "LinkToTxnID", "expense_lines": "ExpenseLineAdd", "item_lines": "ItemLineAdd"}
)


class PurchaseOrderLine(Value):
    """One product ordered. `rate` is the cost of one, up to five decimals; an amount goes before it."""

    item_ref: str | None = None
    manufacturer_part_number: str | None = None
    desc: str | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    class_ref: str | None = None
    amount: Money | None = None
    #: Whom the goods are for.
    customer_ref: str | None = None
    service_date: date | None = None
    override_item_account_ref: str | None = None
    other1: str | None = None
    other2: str | None = None
    data_ext: tuple[LineDataExt, ...] = ()


class PurchaseOrder(Value):
    """What was ordered from a vendor; posts nothing. `lines` may not be empty."""

    request: ClassVar[str] = "PurchaseOrderAdd"
    template: ClassVar[str] = "purchase_order_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"lines": "PurchaseOrderLineAdd"})

    vendor_ref: str
    class_ref: str | None = None
    #: Needs Enterprise with Advanced Inventory.
    inventory_site_ref: str | None = None
    template_ref: str | None = None
    txn_date: date
    ref_number: str | None = None
    terms_ref: str | None = None
    due_date: date | None = None
    expected_date: date | None = None
    memo: Memo | None = None
    #: Printed on the order; 99 characters.
    vendor_msg: str | None = None
    is_to_be_printed: bool | None = None
    is_to_be_emailed: bool | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    lines: tuple[PurchaseOrderLine, ...]


class LinkToTxn(Value):
    """The line of a purchase order that a line fills."""

    txn_id: str
    #: QuickBooks' id of the line or, while that is not known, the slot of its `line_key`.
    txn_line_id: str


class ItemLine(Value):
    """A line of goods. It names its item or, where `link_to_txn` is given, leaves that to the order's line."""

    item_ref: str | None = None
    #: Needs Enterprise with Advanced Inventory.
    inventory_site_ref: str | None = None
    desc: str | None = None
    quantity: Decimal | None = None
    #: Of one, up to five decimals; an amount goes before it.
    cost: Decimal | None = None
    #: Positive, also on a vendor credit.
    amount: Money | None = None
    customer_ref: str | None = None
    class_ref: str | None = None
    billable_status: str | None = None
    override_item_account_ref: str | None = None
    link_to_txn: LinkToTxn | None = None
    data_ext: tuple[LineDataExt, ...] = ()


class Bill(Value):
    """What is owed to a vendor, for goods with it or for goods that came. RefNumber, the vendor's own: 20."""

    request: ClassVar[str] = "BillAdd"
    template: ClassVar[str] = "bill_add.xml.j2"
    elements: ClassVar[Elements] = _RECEIVED

    vendor_ref: str
    ap_account_ref: str | None = None
    txn_date: date
    due_date: date | None = None
    ref_number: str | None = None
    terms_ref: str | None = None
    memo: Memo | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    link_to_txn_ids: tuple[str, ...] = ()
    #: Positive raises what is owed.
    expense_lines: tuple[ExpenseLine, ...] = ()
    item_lines: tuple[ItemLine, ...] = ()


class ItemReceipt(Value):
    """Goods that came before their bill: stock against A/P at their cost. RefNumber: 20."""

    request: ClassVar[str] = "ItemReceiptAdd"
    template: ClassVar[str] = "item_receipt_add.xml.j2"
    elements: ClassVar[Elements] = _RECEIVED

    vendor_ref: str
    ap_account_ref: str | None = None
    txn_date: date
    ref_number: str | None = None
    memo: Memo | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    link_to_txn_ids: tuple[str, ...] = ()
    expense_lines: tuple[ExpenseLine, ...] = ()
    item_lines: tuple[ItemLine, ...] = ()


class VendorCredit(Value):
    """What a vendor gives back; its lines are positive. RefNumber: 20. It has no links of its own."""

    request: ClassVar[str] = "VendorCreditAdd"
    template: ClassVar[str] = "vendor_credit_add.xml.j2"
    elements: ClassVar[Elements] = _RECEIVED

    vendor_ref: str
    ap_account_ref: str | None = None
    txn_date: date
    ref_number: str | None = None
    memo: Memo | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    expense_lines: tuple[ExpenseLine, ...] = ()
    item_lines: tuple[ItemLine, ...] = ()


class PurchaseOrderQuery(LinkedDocumentQuestion):
    """Purchase orders; ask for the lines where a receipt is to be tied to them."""

    request: ClassVar[str] = "PurchaseOrderQuery"
    template: ClassVar[str] = "purchase_order_query.xml.j2"


class BillQuery(PayableDocumentQuestion):
    """Bills."""

    request: ClassVar[str] = "BillQuery"
    template: ClassVar[str] = "bill_query.xml.j2"


class ItemReceiptQuery(LinkedDocumentQuestion):
    """Item receipts."""

    request: ClassVar[str] = "ItemReceiptQuery"
    template: ClassVar[str] = "item_receipt_query.xml.j2"


class VendorCreditQuery(LinkedDocumentQuestion):
    """Vendor credits."""

    request: ClassVar[str] = "VendorCreditQuery"
    template: ClassVar[str] = "vendor_credit_query.xml.j2"
