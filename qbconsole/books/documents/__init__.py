"""Documents, list entries and questions as QuickBooks knows them: one frozen value each, fields as in qbXML.

What posts is here; items, other list entries, journal entries and questions have modules of their own.
"""

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

__all__ = [
    "ARRefundCreditCard",
    "Address",
    "AppliedTo",
    "ApplyCheckTo",
    "Check",
    "CreditMemo",
    "Elements",
    "ExpenseLine",
    "Invoice",
    "LineDataExt",
    "Memo",
    "PostingDocument",
    "ReceivePayment",
    "RefundAppliedTo",
    "SalesLine",
    "SalesReceipt",
    "SetCredit",
]
