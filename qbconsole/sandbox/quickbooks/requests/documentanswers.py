"""Writing documents as QuickBooks answers them: the ...Ret aggregates in its order, their lines and links."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal

from qbconsole.sandbox.quickbooks.file.companyfile import CompanyFile
from qbconsole.sandbox.quickbooks.file.documentkinds import DOCUMENTS
from qbconsole.sandbox.quickbooks.file.kinds import words
from qbconsole.sandbox.quickbooks.file.records import Document, Line, Link, Value
from qbconsole.sandbox.quickbooks.requests.answers import (
    custom_answer,
    element,
    escaped,
    money,
    plain,
    price,
    reference,
)

_SALE_ORDER = words(
    "ItemRef Desc Quantity UnitOfMeasure Rate RatePercent ClassRef Amount ServiceDate SalesTaxCodeRef Invoiced"
    " IsManuallyClosed Other1 Other2"
)
_ITEM_ORDER = words(
    "ItemRef InventorySiteRef Desc Quantity UnitOfMeasure Cost Amount CustomerRef ClassRef BillableStatus"
)
_PURCHASE_ORDER = words(
    "ItemRef ManufacturerPartNumber Desc Quantity UnitOfMeasure Rate ClassRef Amount CustomerRef ServiceDate"
    " ReceivedQuantity IsManuallyClosed Other1 Other2"
)
_JOURNAL_ORDER = words("AccountRef Amount Memo EntityRef ClassRef BillableStatus")
_DEPOSIT_ORDER = words("EntityRef AccountRef Memo CheckNumber PaymentMethodRef ClassRef Amount")

#: Kind of document, or sort of line where that says more -> tag and order of a line.
_LINES: dict[str, tuple[str, tuple[str, ...]]] = {
    **{
        kind: (f"{kind}LineRet", _SALE_ORDER)
        for kind in words("SalesReceipt Invoice CreditMemo SalesOrder Estimate")
    },
    "PurchaseOrder": ("PurchaseOrderLineRet", _PURCHASE_ORDER),
    **dict.fromkeys(words("Bill ItemReceipt VendorCredit"), ("ItemLineRet", _ITEM_ORDER)),
    "Expense": ("ExpenseLineRet", words("AccountRef Amount Memo CustomerRef ClassRef BillableStatus")),
    "Debit": ("JournalDebitLine", _JOURNAL_ORDER),
    "Credit": ("JournalCreditLine", _JOURNAL_ORDER),
    "Deposit": ("DepositLineRet", _DEPOSIT_ORDER),
    "Paid": ("DepositLineRet", words("TxnType TxnID") + _DEPOSIT_ORDER),
    "CashBack": ("CashBackInfoRet", words("AccountRef Memo Amount")),
    "Count": ("InventoryAdjustmentLineRet", words("ItemRef QuantityDifference ValueDifference")),
    "Move": ("TransferInventoryLineRet", words("ItemRef QuantityTransferred")),
}


def document_answer(
    file: CompanyFile,
    document: Document,
    *,
    lines: bool = True,
    linked: bool = False,
    wanted: Collection[str] = (),
    owners: Collection[str] = (),
) -> str:
    """The ...Ret of a document."""
    kind = DOCUMENTS[document.kind]
    values = {**document.fields, **_computed(file, document)}
    out = [
        element(file, name, values[name])
        for name in kind.order
        if name in values and (not wanted or name in wanted)
    ]
    if linked and (not wanted or "LinkedTxn" in wanted):
        out.extend(_linked(file, link) for link in document.links)
    if lines:
        out.extend(_inside(file, document, wanted))
    out.extend(element(file, name, values[name]) for name in kind.after if not wanted or name in wanted)
    if not wanted or "DataExtRet" in wanted:
        out.append(custom_answer(file.definitions, document.custom, owners))
    return f"<{document.kind}Ret>\n{''.join(out)}</{document.kind}Ret>\n"


def _computed(file: CompanyFile, document: Document) -> dict[str, Value]:
    values: dict[str, Value] = {
        "TxnID": document.txn_id,
        "TimeCreated": document.created,
        "TimeModified": document.modified,
        "EditSequence": document.edit_sequence,
        "TxnNumber": str(document.number),
        "TxnDate": document.txn_date.isoformat(),
    }
    for name, text in (("RefNumber", document.ref_number), ("Memo", document.memo)):
        if text:
            values[name] = text
    if document.external_guid:
        values["ExternalGUID"] = document.external_guid
    values |= _SUMS.get(document.kind, _total_only)(file, document)
    return values


# -- sums ----------------------------------------------------------------------------------------------


def _sale_sums(_file: CompanyFile, document: Document) -> dict[str, Value]:
    values: dict[str, Value] = {
        "Subtotal": money(document.subtotal),
        "SalesTaxPercentage": price(sum((tax.rate for tax in document.taxes), Decimal("0.00"))),
        "SalesTaxTotal": money(document.tax_total),
        "TotalAmount": money(document.total),
        "IsPending": _truth(document.pending),
    }
    if document.kind == "Invoice":
        values["AppliedAmount"] = money(document.open - document.total)
        values["BalanceRemaining"] = money(document.open)
        values["IsPaid"] = _truth(not document.open)
    elif document.kind == "CreditMemo":
        values["CreditRemaining"] = money(-document.open)
    elif document.kind == "SalesOrder":
        values |= _closing(document, "IsFullyInvoiced")
    elif document.kind == "Estimate":
        values["IsActive"] = document.fields.get("IsActive", "true")
    return values


def _payment_sums(file: CompanyFile, document: Document) -> dict[str, Value]:
    return {
        "TotalAmount": money(document.total),
        "UnusedPayment": money(-document.open),
        "UnusedCredits": money(file.unused[document.entity] + document.open),
    }


def _owed_sums(_file: CompanyFile, document: Document) -> dict[str, Value]:
    """A bill or a vendor credit: what it comes to, and what is still open of it."""
    return {
        "AmountDue": money(document.total),
        "CreditAmount": money(document.total),
        "IsPaid": _truth(not document.open),
        "OpenAmount": money(abs(document.open)),
    }


def _order_sums(_file: CompanyFile, document: Document) -> dict[str, Value]:
    return {"TotalAmount": money(document.total), **_closing(document, "IsFullyReceived")}


def _closing(document: Document, full: str) -> dict[str, Value]:
    closed = document.fields.get("IsManuallyClosed", "false")
    return {"IsManuallyClosed": closed, full: _truth(document.fulfilled())}


def _total_only(_file: CompanyFile, document: Document) -> dict[str, Value]:
    total = money(document.total)
    return {"TotalAmount": total, "Amount": total, "DepositTotal": total}


_SUMS: dict[str, Callable[[CompanyFile, Document], dict[str, Value]]] = {
    **dict.fromkeys(words("SalesReceipt Invoice CreditMemo SalesOrder Estimate"), _sale_sums),
    **dict.fromkeys(words("Bill VendorCredit"), _owed_sums),
    "ReceivePayment": _payment_sums,
    "PurchaseOrder": _order_sums,
}


# -- lines ---------------------------------------------------------------------------------------------


def _inside(file: CompanyFile, document: Document, wanted: Collection[str]) -> list[str]:
    if document.kind == "ReceivePayment":
        parts = [
            ("AppliedToTxnRet", _applied(file, document, link))
            for link in document.links
            if not link.only_tied
        ]
    elif document.kind == "ARRefundCreditCard":
        parts = [("RefundAppliedToTxnRet", _refunded(file, link)) for link in document.links]
    else:
        parts = [_line(file, document.kind, line) for line in document.lines]
    return [f"<{tag}>\n{body}</{tag}>\n" for tag, body in parts if not wanted or tag in wanted]


def _line(file: CompanyFile, kind: str, line: Line) -> tuple[str, str]:
    tag, order = _LINES[line.sort if line.sort in _LINES else kind]
    named = f"<TxnLineID>{line.line_id}</TxnLineID>\n"
    out = [] if line.sort == "Paid" else [named]
    came = _came(kind, line)
    fields = {**line.fields, **came} if came else line.fields
    for name in order:
        if name == "Amount":
            if line.sort != "Text":
                out.append(f"<Amount>{money(line.amount)}</Amount>\n")
        elif name in fields:
            out.append(element(file, name, fields[name]))
        if name == "TxnID":
            out.append(named)
    return tag, "".join(out)


def _came(kind: str, line: Line) -> dict[str, Value]:
    """How much of a line of an order came, as its own answer calls it."""
    if kind not in ("PurchaseOrder", "SalesOrder") or not line.item:
        return {}
    closed: dict[str, Value] = {"IsManuallyClosed": "false"}
    return {("Invoiced" if kind == "SalesOrder" else "ReceivedQuantity"): plain(line.filled), **closed}


def _truth(value: bool) -> str:
    return "true" if value else "false"


# -- links ---------------------------------------------------------------------------------------------


def _other(file: CompanyFile, link: Link) -> str:
    other = file.filed[link.other]
    ref = f"<RefNumber>{escaped(other.ref_number)}</RefNumber>\n" if other.ref_number else ""
    return (
        f"<TxnID>{other.txn_id}</TxnID>\n<TxnType>{other.kind}</TxnType>\n"
        f"<TxnDate>{other.txn_date.isoformat()}</TxnDate>\n{ref}"
    )


def _linked(file: CompanyFile, link: Link) -> str:
    by_quantity = link.only_tied and file.filed[link.other].kind != "Deposit"
    sort = "QUANTYPE" if by_quantity else "AMTTYPE"
    return (
        f"<LinkedTxn>\n{_other(file, link)}<LinkType>{sort}</LinkType>\n"
        f"<Amount>{money(-link.amount)}</Amount>\n</LinkedTxn>\n"
    )


def _applied(file: CompanyFile, payment: Document, link: Link) -> str:
    charge = file.filed[link.other]
    out = [
        _other(file, link),
        f"<BalanceRemaining>{money(charge.open)}</BalanceRemaining>\n",
        f"<Amount>{money(-link.amount)}</Amount>\n",
    ]
    if link.discount:
        out.append(f"<DiscountAmount>{money(-link.discount)}</DiscountAmount>\n")
        where = reference(file, link.discount_account)
        out.append(element(file, "DiscountAccountRef", where) if where else "")
    for credit in charge.links:
        if credit.by == payment.txn_id and credit.other != payment.txn_id:
            out.append(_linked(file, credit))
    return "".join(out)


def _refunded(file: CompanyFile, link: Link) -> str:
    memo = file.filed[link.other]
    return (
        f"{_other(file, link)}<CreditRemaining>{money(-memo.open)}</CreditRemaining>\n"
        f"<RefundAmount>{money(link.amount)}</RefundAmount>\n"
    )
