"""The table of documents: which there are, the order of their answers, and what each cannot do.

Orders are those of the ...Ret aggregates in qbXML 16.0. A new document starts with a row here.
"""

from __future__ import annotations

from dataclasses import dataclass

from qbconsole.sandbox.quickbooks.file.kinds import words


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """A kind of document and the shape of its answers."""

    kind: str
    order: tuple[str, ...]
    #: What is answered after the lines.
    after: tuple[str, ...] = ()
    #: TxnVoid takes it (qbwc-protocol.md section 16).
    can_void: bool = True
    #: QuickBooks numbers it when no RefNumber is given.
    numbered: bool = True
    #: It changes the ledger; an order or an estimate never does.
    posting: bool = True
    #: What it is filled with when it is an order: lines that come with other documents.
    filled_by: tuple[str, ...] = ()


_HEAD = "TxnID TimeCreated TimeModified EditSequence TxnNumber"
_SALE_ENDS = "Memo {paid} CustomerMsgRef IsToBePrinted IsToBeEmailed CustomerSalesTaxCodeRef {account} Other ExternalGUID"
_SALE_TAX = "Subtotal ItemSalesTaxRef SalesTaxPercentage SalesTaxTotal"
_SALE_TERMS = "PONumber TermsRef DueDate SalesRepRef FOB"
_ADDRESSES = "BillAddress ShipAddress"


def _document(
    kind: str,
    rest: str,
    *,
    after: str = "",
    can_void: bool = True,
    numbered: bool = True,
    posting: bool = True,
    filled_by: str = "",
) -> DocumentKind:
    return DocumentKind(
        kind=kind,
        order=words(f"{_HEAD} {rest}"),
        after=words(after),
        can_void=can_void,
        numbered=numbered,
        posting=posting,
        filled_by=words(filled_by),
    )


DOCUMENTS: dict[str, DocumentKind] = {
    row.kind: row
    for row in (
        _document(
            "SalesReceipt",
            f"CustomerRef ClassRef TemplateRef TxnDate RefNumber {_ADDRESSES} IsPending CheckNumber"
            f" PaymentMethodRef DueDate SalesRepRef ShipDate ShipMethodRef FOB {_SALE_TAX} TotalAmount"
            f" {_SALE_ENDS.format(paid='', account='DepositToAccountRef')}",
        ),
        _document(
            "Invoice",
            f"CustomerRef ClassRef ARAccountRef TemplateRef TxnDate RefNumber {_ADDRESSES} IsPending"
            f" IsFinanceCharge {_SALE_TERMS} ShipDate ShipMethodRef {_SALE_TAX} AppliedAmount"
            f" BalanceRemaining {_SALE_ENDS.format(paid='IsPaid', account='')}",
        ),
        _document(
            "CreditMemo",
            f"CustomerRef ClassRef ARAccountRef TemplateRef TxnDate RefNumber {_ADDRESSES} IsPending"
            f" {_SALE_TERMS} ShipDate ShipMethodRef {_SALE_TAX} TotalAmount CreditRemaining"
            f" {_SALE_ENDS.format(paid='', account='')}",
        ),
        _document(
            "SalesOrder",
            f"CustomerRef ClassRef TemplateRef TxnDate RefNumber {_ADDRESSES} {_SALE_TERMS} ShipDate"
            f" ShipMethodRef {_SALE_TAX} TotalAmount IsManuallyClosed IsFullyInvoiced"
            f" {_SALE_ENDS.format(paid='', account='')}",
            can_void=False,
            posting=False,
            filled_by="Invoice",
        ),
        _document(
            "Estimate",
            f"CustomerRef ClassRef TemplateRef TxnDate RefNumber {_ADDRESSES} IsActive {_SALE_TERMS}"
            f" {_SALE_TAX} TotalAmount {_SALE_ENDS.format(paid='', account='')}",
            can_void=False,
            posting=False,
        ),
        _document(
            "ReceivePayment",
            "CustomerRef ARAccountRef TxnDate RefNumber TotalAmount PaymentMethodRef Memo DepositToAccountRef"
            " UnusedPayment UnusedCredits ExternalGUID",
            can_void=False,
            numbered=False,
        ),
        _document(
            "ARRefundCreditCard",
            "CustomerRef RefundFromAccountRef ARAccountRef TxnDate RefNumber TotalAmount Address"
            " PaymentMethodRef Memo ExternalGUID",
        ),
        _document(
            "Check",
            "AccountRef PayeeEntityRef RefNumber TxnDate Amount Memo Address IsToBePrinted ExternalGUID",
        ),
        _document("JournalEntry", "TxnDate RefNumber IsAdjustment ExternalGUID"),
        _document(
            "Deposit",
            "TxnDate DepositToAccountRef Memo DepositTotal ExternalGUID",
            numbered=False,
        ),
        _document(
            "PurchaseOrder",
            "VendorRef ClassRef ShipToEntityRef TemplateRef TxnDate RefNumber VendorAddress ShipAddress"
            " TermsRef DueDate ExpectedDate ShipMethodRef FOB TotalAmount IsManuallyClosed IsFullyReceived"
            " Memo VendorMsg IsToBePrinted IsToBeEmailed Other1 Other2 ExternalGUID",
            can_void=False,
            posting=False,
            filled_by="Bill ItemReceipt",
        ),
        _document(
            "ItemReceipt",
            "VendorRef APAccountRef TxnDate TotalAmount RefNumber Memo ExternalGUID",
            numbered=False,
        ),
        _document(
            "Bill",
            "VendorRef VendorAddress APAccountRef TxnDate DueDate AmountDue RefNumber TermsRef Memo IsPaid"
            " ExternalGUID",
            after="OpenAmount",
            numbered=False,
        ),
        _document(
            "VendorCredit",
            "VendorRef APAccountRef TxnDate CreditAmount RefNumber Memo ExternalGUID",
            after="OpenAmount",
            numbered=False,
        ),
        _document(
            "InventoryAdjustment", "AccountRef TxnDate RefNumber CustomerRef ClassRef Memo ExternalGUID"
        ),
        _document(
            "TransferInventory",
            "TxnDate RefNumber FromInventorySiteRef ToInventorySiteRef Memo ExternalGUID",
            can_void=False,
            posting=False,
        ),
    )
}
