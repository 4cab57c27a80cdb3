"""Documents in an answer: any `…Ret` with a TxnID read into an ObservedDocument; and which reader reads a row.

One reader for all kinds, because QuickBooks names the same thing alike almost everywhere; the exceptions stand
in the tables below. Lenient like `qbxml.rows`: evidence that is missing is left out, never guessed.
Source: qbwc-protocol.md sections 9, 13, 15 and 18.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qbconsole.company import NO_REF, AppliedLink, ObservedDocument, ObservedLine, Ref
from qbconsole.money import Money, total
from qbconsole.qbxml.rows import (
    READERS,
    currency_code,
    day,
    fields_of,
    money,
    number,
    read_entry,
    read_item,
    ref,
    text,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

    from qbconsole.qbxml.rows import Fields, Value

#: Where the documents' whole amount stands; an invoice has none of these (see _total).
_TOTALS = ("TotalAmount", "DepositTotal", "AmountDue", "CreditAmount", "Amount")
_ENTITIES = ("CustomerRef", "VendorRef", "PayeeEntityRef", "EntityRef")
_ACCOUNTS = (
    "DepositToAccountRef",
    "RefundFromAccountRef",
    "AccountRef",
    "BankAccountRef",
    "ARAccountRef",
    "APAccountRef",
    "TransferFromAccountRef",
)
#: A deposit's line is a link too, where it takes a payment to the bank.
_LINKS = frozenset({"LinkedTxn", "AppliedToTxnRet", "RefundAppliedToTxnRet", "DepositLineRet"})
#: Lines whose names do not end in LineRet.
_JOURNAL_LINES = frozenset({"JournalDebitLine", "JournalCreditLine"})
#: Rows that are about a document of the kind their TxnType names.
_ABOUT = frozenset({"TransactionRet", "ReceivePaymentToDepositRet"})


#: Rows with ids that are neither a record nor a document.
_IGNORED = frozenset({"ItemSitesRet"})


def read_row(row: _Element, currency: str) -> Value | None:
    """Any `…Ret` of an answer; None for kinds we do not know. `currency` is the company's own, in ISO."""
    name = row.tag
    reader = READERS.get(name)
    if reader is not None:
        return reader(row, currency)
    fields = fields_of(row)
    if text(fields, "TxnID"):
        return read_document(row, fields, currency)
    if name in _IGNORED or not text(fields, "ListID"):
        return None
    return read_item(row, currency) if name.startswith("Item") else read_entry(row, currency)


def read_document(row: _Element, fields: Fields, home: str) -> ObservedDocument:
    """A document of any kind; `home` is the ISO code of the company's currency."""
    name = row.tag.removesuffix("Ret")
    named_currency = ref(fields, "CurrencyRef").full_name
    currency = currency_code(named_currency, home)
    lines = tuple(_line(line, currency) for line in _lines(row))
    return ObservedDocument(
        kind=text(fields, "TxnType") or name if row.tag in _ABOUT else name,
        txn_id=text(fields, "TxnID"),
        edit_sequence=text(fields, "EditSequence"),
        ref_number=text(fields, "RefNumber"),
        txn_date=day(fields, "TxnDate"),
        # A journal entry's own memo is not for desktop: its first line carries it.
        memo=text(fields, "Memo") or (_first_memo(lines) if name == "JournalEntry" else ""),
        total=_total(name, fields, lines, currency),
        external_guid=text(fields, "ExternalGUID"),
        customer=_first_ref(fields, _ENTITIES),
        account=_first_ref(fields, _ACCOUNTS),
        lines=lines,
        links=tuple(link for child in row if child.tag in _LINKS if (link := _link(child, currency)).txn_id),
        currency=named_currency,
        time_modified=text(fields, "TimeModified"),
    )


def _lines(row: _Element) -> Iterator[_Element]:
    for child in row:
        if child.tag.endswith(("LineGroupRet", "GroupLineRet")):
            yield from _lines(child)
        elif child.tag.endswith("LineRet") or child.tag in _JOURNAL_LINES:
            yield child


def _line(row: _Element, currency: str) -> ObservedLine:
    fields = fields_of(row)
    adjusts = row.tag == "InventoryAdjustmentLineRet"
    return ObservedLine(
        kind=row.tag.removesuffix("Ret"),
        txn_line_id=text(fields, "TxnLineID"),
        item=ref(fields, "ItemRef"),
        account=ref(fields, "AccountRef"),
        amount=money(fields, "ValueDifference" if adjusts else "Amount", currency),
        quantity=number(fields, "QuantityDifference" if adjusts else "Quantity"),
        description=text(fields, "Desc") or text(fields, "Memo"),
        sales_tax_code=ref(fields, "SalesTaxCodeRef"),
        class_ref=ref(fields, "ClassRef"),
        entity=_first_ref(fields, _ENTITIES),
    )


def _link(row: _Element, currency: str) -> AppliedLink:
    fields = fields_of(row)
    amount = "Amount" if "Amount" in fields else "RefundAmount"
    return AppliedLink(
        txn_id=text(fields, "TxnID"),
        kind=text(fields, "TxnType"),
        ref_number=text(fields, "RefNumber"),
        amount=money(fields, amount, currency),
    )


def _total(name: str, fields: Fields, lines: tuple[ObservedLine, ...], currency: str) -> Money | None:
    if name == "JournalEntry":
        debits = [line.amount for line in lines if line.kind == "JournalDebitLine"]
        known = [amount for amount in debits if amount is not None]
        return total(known, currency) if known else None
    for field in _TOTALS:
        if field in fields:
            return money(fields, field, currency)
    # An invoice states its parts only; without a tax total sales tax is switched off.
    subtotal, tax = money(fields, "Subtotal", currency), money(fields, "SalesTaxTotal", currency)
    return subtotal + tax if subtotal is not None and tax is not None else subtotal


def _first_ref(fields: Fields, names: tuple[str, ...]) -> Ref:
    for name in names:
        if name in fields:
            return ref(fields, name)
    return NO_REF


def _first_memo(lines: tuple[ObservedLine, ...]) -> str:
    return lines[0].description if lines else ""
