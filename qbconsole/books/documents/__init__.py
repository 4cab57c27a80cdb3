"""Documents, list entries and questions as QuickBooks knows them: one frozen value each, fields as in qbXML.

What is written as a document is here; items, other list entries, journal entries and questions have modules of
their own.
"""

from qbconsole.books.documents.deposit import Deposit, DepositLine
from qbconsole.books.documents.posting import (
    Address,
    AppliedTo,
    ApplyCheckTo,
    ARRefundCreditCard,
    Check,
    CreditMemo,
    Elements,
    ExpenseLine,
    Invoice,
    LineDataExt,
    Memo,
    PostingDocument,
    ReceivePayment,
    RefundAppliedTo,
    SalesLine,
    SalesReceipt,
    SetCredit,
)
from qbconsole.books.documents.purchasing import (
    Bill,
    ItemLine,
    ItemReceipt,
    LinkToTxn,
    PurchaseOrder,
    PurchaseOrderLine,
    VendorCredit,
)
from qbconsole.books.documents.sales_orders import Estimate, EstimateLine, SalesOrder, SalesOrderLine
from qbconsole.books.documents.stock import (
    InventoryAdjustment,
    InventoryAdjustmentLine,
    TransferInventory,
    TransferInventoryLine,
)

__all__ = [
    "ARRefundCreditCard",
    "Address",
    "AppliedTo",
    "ApplyCheckTo",
    "Bill",
    "Check",
    "CreditMemo",
    "Deposit",
    "DepositLine",
    "Elements",
    "Estimate",
    "EstimateLine",
    "ExpenseLine",
    "InventoryAdjustment",
    "InventoryAdjustmentLine",
    "Invoice",
    "ItemLine",
    "ItemReceipt",
    "LineDataExt",
    "LinkToTxn",
    "Memo",
    "PostingDocument",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "ReceivePayment",
    "RefundAppliedTo",
    "SalesLine",
    "SalesOrder",
    "SalesOrderLine",
    "SalesReceipt",
    "SetCredit",
    "TransferInventory",
    "TransferInventoryLine",
    "VendorCredit",
]
