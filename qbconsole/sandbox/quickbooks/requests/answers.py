"""Writing answers as QuickBooks does: ...Ret aggregates in its order, non-ASCII as numeric entities."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal

from qbconsole.sandbox.quickbooks.file.companyfile import CompanyFile
from qbconsole.sandbox.quickbooks.file.kinds import DOCUMENTS, LISTS, words
from qbconsole.sandbox.quickbooks.file.records import (
    Definition,
    Document,
    Entry,
    Line,
    Link,
    Reference,
    Value,
)

_LINE_ORDER = words(
    "ItemRef Desc Quantity UnitOfMeasure Rate RatePercent ClassRef Amount ServiceDate SalesTaxCodeRef Other1"
    " Other2"
)
_EXPENSE_ORDER = words("AccountRef Amount Memo CustomerRef ClassRef BillableStatus")
_JOURNAL_ORDER = words("AccountRef Amount Memo EntityRef ClassRef BillableStatus")
_LINE_TAGS = {
    "SalesReceipt": "SalesReceiptLineRet",
    "Invoice": "InvoiceLineRet",
    "CreditMemo": "CreditMemoLineRet",
}


def escaped(text: str) -> str:
    """Text for XML, everything beyond ASCII as a numeric entity."""
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text if text.isascii() else text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def attribute(text: str) -> str:
    """Text for an XML attribute."""
    return escaped(text).replace('"', "&quot;").replace("\n", " ")


def element(file: CompanyFile, name: str, value: Value) -> str:
    """One element with its content."""
    if isinstance(value, str):
        return f"<{name}>{escaped(value)}</{name}>\n"
    if isinstance(value, Reference):
        entry = file.entries.get(value.list_id)
        full = "" if entry is None else f"<FullName>{escaped(entry.full_name)}</FullName>\n"
        return f"<{name}>\n<ListID>{value.list_id}</ListID>\n{full}</{name}>\n"
    inside = "".join(element(file, part, content) for part, content in value.parts)
    return f"<{name}>\n{inside}</{name}>\n"


def money(amount: Decimal) -> str:
    """An amount with two decimals."""
    return f"{amount:.2f}"


def plain(number: Decimal) -> str:
    """A number without exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(number: Decimal) -> str:
    """A price: at least two decimals, at most five."""
    text = plain(number)
    whole, _, part = text.partition(".")
    return f"{whole}.{part:0<2}"


def reference(file: CompanyFile, list_id: str) -> Reference | None:
    """A reference to a record by its ListID, if there is one."""
    entry = file.entries.get(list_id)
    return None if entry is None else Reference(entry.family, list_id)


# -- lists ---------------------------------------------------------------------------------------------


def entry_answer(
    file: CompanyFile, entry: Entry, wanted: Collection[str] = (), owners: Collection[str] = ()
) -> str:
    """The ...Ret of a list record."""
    kind = LISTS[entry.family]
    values = {**entry.fields, **_entry_computed(file, entry)}
    out = [
        element(file, name, values[name])
        for name in kind.order
        if name in values and (not wanted or name in wanted)
    ]
    if not wanted or "DataExtRet" in wanted:
        out.append(custom_answer(file.definitions, entry.custom, owners))
    return f"<{kind.ret}>\n{''.join(out)}</{kind.ret}>\n"


def _entry_computed(file: CompanyFile, entry: Entry) -> dict[str, Value]:
    values: dict[str, Value] = {
        "ListID": entry.list_id,
        "TimeCreated": entry.created,
        "TimeModified": entry.modified,
        "EditSequence": entry.edit_sequence,
        "Name": entry.name,
        "FullName": entry.full_name,
        "IsActive": "true" if entry.active else "false",
        "Sublevel": str(entry.full_name.count(":")),
    }
    if entry.parent:
        values["ParentRef"] = Reference(entry.family, entry.parent)
    if entry.family == "Account":
        values["Balance"] = money(file.balance_shown(entry))
        values["TotalBalance"] = money(file.total_shown(entry))
    elif entry.family == "Customer":
        values["Balance"] = values["TotalBalance"] = money(file.owed[entry.list_id])
    elif entry.family == "Vendor":
        values["Balance"] = money(-file.owed[entry.list_id])
    elif entry.stock is not None:
        values["QuantityOnHand"] = plain(entry.stock.quantity)
        values["AverageCost"] = price(round(entry.stock.unit_cost(), 2))
        values["QuantityOnOrder"] = values["QuantityOnSalesOrder"] = "0"
    return values


def custom_answer(definitions: dict[str, Definition], held: dict[str, str], owners: Collection[str]) -> str:
    """DataExtRet rows of the owners asked for."""
    out = []
    for key, value in held.items():
        definition = definitions[key]
        if definition.owner.lower() in owners:
            out.append(custom_row(definition, value))
    return "".join(out)


def custom_row(definition: Definition, value: str) -> str:
    """One DataExtRet."""
    return (
        f"<DataExtRet>\n<OwnerID>{escaped(definition.owner)}</OwnerID>\n"
        f"<DataExtName>{escaped(definition.name)}</DataExtName>\n"
        f"<DataExtType>{definition.sort}</DataExtType>\n"
        f"<DataExtValue>{escaped(value)}</DataExtValue>\n</DataExtRet>\n"
    )


# -- documents -----------------------------------------------------------------------------------------


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
    values = {**document.fields, **_document_computed(file, document)}
    out = [
        element(file, name, values[name])
        for name in DOCUMENTS[document.kind].order
        if name in values and (not wanted or name in wanted)
    ]
    if linked and (not wanted or "LinkedTxn" in wanted):
        out.extend(_linked(file, link) for link in document.links)
    if lines:
        out.extend(_inside(file, document, wanted))
    if not wanted or "DataExtRet" in wanted:
        out.append(custom_answer(file.definitions, document.custom, owners))
    return f"<{document.kind}Ret>\n{''.join(out)}</{document.kind}Ret>\n"


def _document_computed(file: CompanyFile, document: Document) -> dict[str, Value]:
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


def _sale_sums(_file: CompanyFile, document: Document) -> dict[str, Value]:
    values: dict[str, Value] = {
        "Subtotal": money(document.subtotal),
        "SalesTaxPercentage": price(document.tax_rate),
        "SalesTaxTotal": money(document.tax_total),
        "TotalAmount": money(document.total),
        "IsPending": "true" if document.pending else "false",
    }
    if document.kind == "Invoice":
        values["AppliedAmount"] = money(document.open - document.total)
        values["BalanceRemaining"] = money(document.open)
        values["IsPaid"] = "false" if document.open else "true"
    elif document.kind == "CreditMemo":
        values["CreditRemaining"] = money(-document.open)
    return values


def _payment_sums(file: CompanyFile, document: Document) -> dict[str, Value]:
    return {
        "TotalAmount": money(document.total),
        "UnusedPayment": money(-document.open),
        "UnusedCredits": money(file.unused[document.entity] + document.open),
    }


def _total_only(_file: CompanyFile, document: Document) -> dict[str, Value]:
    return {"TotalAmount": money(document.total), "Amount": money(document.total)}


_SUMS: dict[str, Callable[[CompanyFile, Document], dict[str, Value]]] = {
    **dict.fromkeys(("SalesReceipt", "Invoice", "CreditMemo"), _sale_sums),
    "ReceivePayment": _payment_sums,
}


def _inside(file: CompanyFile, document: Document, wanted: Collection[str]) -> list[str]:
    if document.kind == "ReceivePayment":
        parts = [("AppliedToTxnRet", _applied(file, document, link)) for link in document.links]
    elif document.kind == "ARRefundCreditCard":
        parts = [("RefundAppliedToTxnRet", _refunded(file, link)) for link in document.links]
    else:
        parts = [_line(file, document.kind, line) for line in document.lines]
    return [f"<{tag}>\n{body}</{tag}>\n" for tag, body in parts if not wanted or tag in wanted]


def _line(file: CompanyFile, kind: str, line: Line) -> tuple[str, str]:
    tag, order = _LINE_TAGS.get(kind, ""), _LINE_ORDER
    if line.sort == "Expense":
        tag, order = "ExpenseLineRet", _EXPENSE_ORDER
    elif line.sort in ("Debit", "Credit"):
        tag, order = f"Journal{line.sort}Line", _JOURNAL_ORDER
    out = [f"<TxnLineID>{line.line_id}</TxnLineID>\n"]
    fields = line.fields
    for name in order:
        if name == "Amount":
            if line.sort != "Text":
                out.append(f"<Amount>{money(line.amount)}</Amount>\n")
        elif name in fields:
            out.append(element(file, name, fields[name]))
    return tag, "".join(out)


def _other(file: CompanyFile, link: Link) -> str:
    other = file.filed[link.other]
    ref = f"<RefNumber>{escaped(other.ref_number)}</RefNumber>\n" if other.ref_number else ""
    return (
        f"<TxnID>{other.txn_id}</TxnID>\n<TxnType>{other.kind}</TxnType>\n"
        f"<TxnDate>{other.txn_date.isoformat()}</TxnDate>\n{ref}"
    )


def _linked(file: CompanyFile, link: Link) -> str:
    return (
        f"<LinkedTxn>\n{_other(file, link)}<LinkType>AMTTYPE</LinkType>\n"
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
