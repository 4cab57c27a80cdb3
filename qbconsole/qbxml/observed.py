"""Which reader reads a row of an answer; and the readers of documents and of the company file itself.

One reader serves all kinds of document, because QuickBooks names the same thing alike almost everywhere; the
exceptions stand in the tables below. Lenient like `qbxml.rows`: evidence that is missing is left out, never
guessed. Tax numbers of the company are left unread on purpose.
Source: qbwc-protocol.md sections 2, 9, 13, 15, 17 and 18.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from qbconsole.company import (
    NO_REF,
    Activity,
    AppliedLink,
    CompanyIdentity,
    Host,
    ObservedDocument,
    ObservedLine,
    Preferences,
    PrivateValue,
    Ref,
)
from qbconsole.money import Money, total
from qbconsole.qbxml.rows import (
    currency_code,
    day,
    fields_of,
    flag,
    money,
    number,
    read_account,
    read_customer,
    read_deleted_document,
    read_deleted_record,
    read_entry,
    read_item,
    read_vendor,
    ref,
    text,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

    from qbconsole.qbxml.rows import Fields, Told

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
_GROUP_ENDS = ("LineGroupRet", "GroupLineRet")
_LINE_ENDS = ("LineRet", "LineGroupRet")
#: Lines that call their amount and quantity otherwise.
_COUNTED = {
    "InventoryAdjustmentLineRet": ("ValueDifference", "QuantityDifference"),
    "TransferInventoryLineRet": ("Amount", "QuantityTransferred"),
}
#: What is told of a document whose request asked to be told little; there is nothing else in it to look for.
_BRIEF = frozenset({"TxnID", "EditSequence", "RefNumber", "Subtotal", "SalesTaxTotal", *_TOTALS})
#: Rows that are about a document of the kind their TxnType names.
_ABOUT = frozenset({"TransactionRet", "ReceivePaymentToDepositRet"})


def read_document(row: _Element, fields: Fields, home: str) -> ObservedDocument:
    """A document of any kind; `home` is the ISO code of the company's currency."""
    name = row.tag.removesuffix("Ret")
    if fields.keys() <= _BRIEF:
        return ObservedDocument(
            kind=name,
            txn_id=text(fields, "TxnID"),
            edit_sequence=text(fields, "EditSequence"),
            ref_number=text(fields, "RefNumber"),
            total=_total(name, fields, (), home),
        )
    named_currency = ref(fields, "CurrencyRef").full_name
    currency = currency_code(named_currency, home)
    # Answers to what was sent are trimmed: to look through a row once more for what it has not costs as much as it.
    has_lines = any(child.endswith(_LINE_ENDS) or child in _JOURNAL_LINES for child in fields)
    lines = tuple([_line(line, currency) for line in _lines(row)]) if has_lines else ()
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
        links=() if _LINKS.isdisjoint(fields) else _links(row, currency),
        currency=named_currency,
        time_modified=text(fields, "TimeModified"),
    )


def _lines(row: _Element) -> Iterator[_Element]:
    for child in row:
        if child.tag.endswith(_GROUP_ENDS):
            yield from _lines(child)
        elif child.tag.endswith("LineRet") or child.tag in _JOURNAL_LINES:
            yield child


def _line(row: _Element, currency: str) -> ObservedLine:
    fields = fields_of(row)
    amount, quantity = _COUNTED.get(row.tag, ("Amount", "Quantity"))
    return ObservedLine(
        kind=row.tag.removesuffix("Ret"),
        txn_line_id=text(fields, "TxnLineID"),
        item=ref(fields, "ItemRef"),
        account=ref(fields, "AccountRef"),
        amount=money(fields, amount, currency),
        quantity=number(fields, quantity),
        description=text(fields, "Desc") or text(fields, "Memo"),
        sales_tax_code=ref(fields, "SalesTaxCodeRef"),
        class_ref=ref(fields, "ClassRef"),
        entity=_first_ref(fields, _ENTITIES),
    )


def _links(row: _Element, currency: str) -> tuple[AppliedLink, ...]:
    found = (_link(child, currency) for child in row if child.tag in _LINKS)
    return tuple(link for link in found if link.txn_id)


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


def read_host(row: _Element, currency: str) -> Host:
    """A HostRet."""
    fields = fields_of(row)
    parts = (text(fields, "MajorVersion"), text(fields, "MinorVersion"))
    return Host(
        product=text(fields, "ProductName"),
        version=".".join(part for part in parts if part),
        country=text(fields, "Country"),
        supported_versions=tuple(
            (one.text or "").strip() for one in row.iterchildren("SupportedQBXMLVersion")
        ),
        mode=text(fields, "QBFileMode"),
    )


_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def read_company(row: _Element, currency: str) -> CompanyIdentity:
    """A CompanyRet with its DataExtRet rows; tax numbers are left unread on purpose."""
    fields = fields_of(row)
    month = text(fields, "FirstMonthFiscalYear").strip().lower()
    address = fields_of(fields["Address"]) if "Address" in fields else {}
    block = fields.get("AddressBlock")
    return CompanyIdentity(
        name=text(fields, "CompanyName"),
        legal_name=text(fields, "LegalCompanyName"),
        address=tuple(line.text for line in block if line.text) if block is not None else (),
        country=text(address, "Country"),
        email=text(fields, "Email"),
        phone=text(fields, "Phone"),
        fiscal_first_month=_MONTHS.index(month) + 1 if month in _MONTHS else 1,
        is_sample=flag(fields, "IsSampleCompany"),
        private=tuple(read_private(one, currency) for one in row.iterchildren("DataExtRet")),
    )


def read_private(row: _Element, currency: str) -> PrivateValue:
    """A DataExtRet, or the definition of one (which has no value)."""
    fields = fields_of(row)
    return PrivateValue(
        owner_id=text(fields, "OwnerID"),
        name=text(fields, "DataExtName"),
        value=text(fields, "DataExtValue"),
    )


def read_preferences(row: _Element, currency: str) -> Preferences:
    """A whole PreferencesRet: asked for in part, a missing block would be read as switched off."""
    blocks = fields_of(row)

    def block(name: str) -> Fields:
        return fields_of(blocks[name]) if name in blocks else {}

    tax, books = block("SalesTaxPreferences"), block("AccountingPreferences")
    currencies, sites = block("MultiCurrencyPreferences"), block("MultiLocationInventoryPreferences")
    return Preferences(
        sales_tax_on="SalesTaxPreferences" in blocks,
        default_taxable_code=ref(tax, "DefaultTaxableSalesTaxCodeRef"),
        default_non_taxable_code=ref(tax, "DefaultNonTaxableSalesTaxCodeRef"),
        default_sales_tax_item=ref(tax, "DefaultItemSalesTaxRef"),
        class_tracking=flag(books, "IsUsingClassTracking"),
        account_numbers=flag(books, "IsUsingAccountNumbers"),
        accounts_required=flag(books, "IsRequiringAccounts"),
        closing_date=day(books, "ClosingDate"),
        multi_currency=flag(currencies, "IsMultiCurrencyOn"),
        home_currency=ref(currencies, "HomeCurrencyRef"),
        multi_location_inventory=flag(sites, "IsMultiLocationInventoryEnabled"),
        using_inventory=flag(block("PurchasesAndVendorsPreferences"), "IsUsingInventory"),
        assigning_journal_numbers=flag(books, "IsAssigningJournalEntryNumbers"),
        auto_apply_payments=flag(block("SalesAndCustomersPreferences"), "IsAutoApplyingPayments"),
    )


def read_activity(row: _Element, currency: str) -> Activity:
    """A CompanyActivityRet."""
    fields = fields_of(row)
    return Activity(
        last_restore_time=text(fields, "LastRestoreTime"),
        last_condense_time=text(fields, "LastCondenseTime"),
    )


Reader: TypeAlias = "Callable[[_Element, str], Told]"

#: Readers of rows that are neither items nor documents nor plain list entries.
READERS: dict[str, Reader] = {
    "AccountRet": read_account,
    "CustomerRet": read_customer,
    "VendorRet": read_vendor,
    "HostRet": read_host,
    "CompanyRet": read_company,
    "PreferencesRet": read_preferences,
    "CompanyActivityRet": read_activity,
    "DataExtRet": read_private,
    "DataExtDefRet": read_private,
    "ListDeletedRet": read_deleted_record,
    "TxnDeletedRet": read_deleted_document,
}
#: Rows with ids that are neither a record nor a document.
_IGNORED = frozenset({"ItemSitesRet"})


def read_row(row: _Element, currency: str) -> Told | None:
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
