"""Rows of an answer: each `…Ret` element read into what `company` calls it.

Read leniently: QuickBooks breaks its own schema (unknown elements, unknown enum values, fields left out by
IncludeRetElement), so what is unknown is ignored, what is missing is empty, and what is no number is None.
Called once for each of up to 100,000 rows of one answer: no look-up of a path that is not needed.
Source: qbwc-protocol.md sections 6, 8, 9 and 18; `qbxml.observed` reads documents and the
company file itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeAlias

from qbconsole.company import (
    NO_REF,
    Account,
    Activity,
    CompanyIdentity,
    Customer,
    DeletedDocument,
    DeletedRecord,
    Entry,
    Host,
    Item,
    ObservedDocument,
    Preferences,
    PrivateValue,
    Ref,
    Vendor,
)
from qbconsole.money import Money, MoneyError
from qbconsole.value import Value

if TYPE_CHECKING:
    from lxml.etree import _Element

    Fields: TypeAlias = Mapping[str, _Element]


class BareIds(Value):
    """Only ids: of a deletion or a void, or of something saved whose answer could not be built (ErrorRecovery)."""

    txn_id: str = ""
    list_id: str = ""
    owner_id: str = ""
    edit_sequence: str = ""
    external_guid: str = ""
    ref_number: str = ""


#: What a row can be.
Told: TypeAlias = (
    Account
    | Item
    | Customer
    | Vendor
    | Entry
    | Host
    | CompanyIdentity
    | Preferences
    | Activity
    | PrivateValue
    | ObservedDocument
    | DeletedRecord
    | DeletedDocument
    | BareIds
)


def fields_of(element: _Element) -> Fields:
    """The children by name; of repeated ones the last, so read those from the element itself."""
    return {child.tag: child for child in element}


def text(fields: Fields, name: str) -> str:
    """The text of a child, "" when it is missing or empty."""
    child = fields.get(name)
    return (child.text or "") if child is not None else ""


def ref(fields: Fields, name: str) -> Ref:
    """A `…Ref` child."""
    child = fields.get(name)
    if child is None:
        return NO_REF
    inner = fields_of(child)
    return Ref(text(inner, "ListID"), text(inner, "FullName"))


_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def flag(fields: Fields, name: str, *, default: bool = False) -> bool:
    """A boolean child: true, false, 1 or 0 in any case; anything else is the default."""
    child = fields.get(name)
    if child is None:
        return default
    given = _FLAGS.get(child.text or "")
    return _FLAGS.get((child.text or "").strip().lower(), default) if given is None else given


def number(fields: Fields, name: str) -> Decimal | None:
    """A price, quantity or percentage; None when it is missing or no finite number."""
    given = text(fields, name)
    if not given:
        return None
    try:
        value = Decimal(given)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def money(fields: Fields, name: str, currency: str) -> Money | None:
    """An amount; None when it is missing, no amount, or its currency is not known ("")."""
    given = text(fields, name)
    if not given or not currency:
        return None
    try:
        return Money.of(given, currency)
    except MoneyError:
        return None


def day(fields: Fields, name: str) -> date | None:
    """A date; None when it is missing or no date."""
    given = text(fields, name)
    if not given:
        return None
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        return None


def read_account(row: _Element, currency: str) -> Account:
    """An AccountRet; `currency` is the company's, other currencies' balances stay unread."""
    fields = fields_of(row)
    held_in = ref(fields, "CurrencyRef").full_name
    return Account(
        list_id=text(fields, "ListID"),
        full_name=text(fields, "FullName") or text(fields, "Name"),
        account_type=text(fields, "AccountType"),
        special_account_type=text(fields, "SpecialAccountType"),
        number=text(fields, "AccountNumber"),
        is_active=flag(fields, "IsActive", default=True),
        description=text(fields, "Desc"),
        currency=held_in,
        sales_tax_code=ref(fields, "SalesTaxCodeRef"),
        balance=money(fields, "Balance", currency_code(held_in, currency)),
        edit_sequence=text(fields, "EditSequence"),
        time_modified=text(fields, "TimeModified"),
    )


def read_item(row: _Element, currency: str) -> Item:
    """Any Item…Ret; the sales and purchase halves stand in a block of their own for some kinds."""
    fields = fields_of(row)
    sold = {
        **fields,
        **(fields_of(fields["SalesOrPurchase"]) if "SalesOrPurchase" in fields else {}),
        **(fields_of(fields["SalesAndPurchase"]) if "SalesAndPurchase" in fields else {}),
    }
    return Item(
        kind=row.tag.removesuffix("Ret"),
        list_id=text(fields, "ListID"),
        full_name=text(fields, "FullName") or text(fields, "Name"),
        name=text(fields, "Name"),
        income_account=ref(sold, "IncomeAccountRef") or ref(sold, "AccountRef"),
        cost_account=ref(sold, "COGSAccountRef") or ref(sold, "ExpenseAccountRef"),
        asset_account=ref(fields, "AssetAccountRef") or ref(fields, "DepositToAccountRef"),
        sales_tax_code=ref(fields, "SalesTaxCodeRef"),
        tax_rate=number(fields, "TaxRate"),
        tax_vendor=ref(fields, "TaxVendorRef"),
        manufacturer_part_number=text(fields, "ManufacturerPartNumber"),
        barcode=text(fields, "BarCodeValue"),
        sales_price=number(sold, "SalesPrice") if "SalesPrice" in sold else number(sold, "Price"),
        purchase_cost=number(sold, "PurchaseCost"),
        quantity_on_hand=number(fields, "QuantityOnHand"),
        average_cost=number(fields, "AverageCost"),
        members=_members(row) if "Group" in row.tag else (),
        is_active=flag(fields, "IsActive", default=True),
        external_guid=text(fields, "ExternalGUID"),
        edit_sequence=text(fields, "EditSequence"),
        time_modified=text(fields, "TimeModified"),
    )


def _members(row: _Element) -> tuple[Ref, ...]:
    lines = (fields_of(line) for line in row.iterchildren("ItemGroupLine"))
    taxes = (fields_of(tax) for tax in row.iterchildren("ItemSalesTaxRef"))
    return (
        *(ref(line, "ItemRef") for line in lines),
        *(Ref(text(tax, "ListID"), text(tax, "FullName")) for tax in taxes),
    )


def read_customer(row: _Element, currency: str) -> Customer:
    """A CustomerRet."""
    fields = fields_of(row)
    name = text(fields, "Name")
    return Customer(
        list_id=text(fields, "ListID"),
        full_name=text(fields, "FullName") or name,
        name=name,
        email=text(fields, "Email"),
        company_name=text(fields, "CompanyName"),
        currency=ref(fields, "CurrencyRef").full_name,
        is_active=flag(fields, "IsActive", default=True),
        external_guid=text(fields, "ExternalGUID"),
        edit_sequence=text(fields, "EditSequence"),
        time_modified=text(fields, "TimeModified"),
    )


def read_vendor(row: _Element, currency: str) -> Vendor:
    """A VendorRet."""
    fields = fields_of(row)
    return Vendor(
        list_id=text(fields, "ListID"),
        full_name=text(fields, "Name"),
        email=text(fields, "Email"),
        company_name=text(fields, "CompanyName"),
        is_tax_agency=flag(fields, "IsTaxAgency") or flag(fields, "IsSalesTaxAgency"),
        currency=ref(fields, "CurrencyRef").full_name,
        is_active=flag(fields, "IsActive", default=True),
        external_guid=text(fields, "ExternalGUID"),
        edit_sequence=text(fields, "EditSequence"),
        time_modified=text(fields, "TimeModified"),
    )


def read_entry(row: _Element, currency: str) -> Entry:
    """A record of any list that has no type of its own."""
    fields = fields_of(row)
    return Entry(
        kind=row.tag.removesuffix("Ret"),
        list_id=text(fields, "ListID"),
        full_name=text(fields, "FullName") or text(fields, "Name") or text(fields, "Initial"),
        is_taxable=flag(fields, "IsTaxable") if "IsTaxable" in fields else None,
        payment_type=text(fields, "PaymentMethodType"),
        is_active=flag(fields, "IsActive", default=True),
        edit_sequence=text(fields, "EditSequence"),
        time_modified=text(fields, "TimeModified"),
    )


def read_deleted_record(row: _Element, currency: str) -> DeletedRecord:
    """A ListDeletedRet."""
    fields = fields_of(row)
    return DeletedRecord(
        kind=text(fields, "ListDelType"),
        list_id=text(fields, "ListID"),
        full_name=text(fields, "FullName"),
        time_deleted=text(fields, "TimeDeleted"),
    )


def read_deleted_document(row: _Element, currency: str) -> DeletedDocument:
    """A TxnDeletedRet."""
    fields = fields_of(row)
    return DeletedDocument(
        kind=text(fields, "TxnDelType"),
        txn_id=text(fields, "TxnID"),
        ref_number=text(fields, "RefNumber"),
        time_created=text(fields, "TimeCreated"),
        time_deleted=text(fields, "TimeDeleted"),
    )


def bare_ids(told: Mapping[str, str]) -> BareIds:
    """The ids among loose texts: the members of TxnDelRs, TxnVoidRs, ListDelRs and ErrorRecovery."""
    return BareIds(
        txn_id=told.get("TxnID", ""),
        list_id=told.get("ListID", ""),
        owner_id=told.get("OwnerID", ""),
        edit_sequence=told.get("EditSequence", ""),
        external_guid=told.get("ExternalGUID", ""),
        ref_number=told.get("RefNumber", ""),
    )


#: QuickBooks' names of currencies; its list can be renamed, then amounts stay unread rather than wrong.
_CURRENCIES = {
    "us dollar": "USD",
    "u.s. dollar": "USD",
    "canadian dollar": "CAD",
    "euro": "EUR",
    "british pound sterling": "GBP",
    "australian dollar": "AUD",
    "new zealand dollar": "NZD",
    "japanese yen": "JPY",
    "mexican peso": "MXN",
    "swiss franc": "CHF",
    "swedish krona": "SEK",
    "norwegian krone": "NOK",
    "danish krone": "DKK",
    "hong kong dollar": "HKD",
    "singapore dollar": "SGD",
    "indian rupee": "INR",
}


def currency_code(name: str, home: str) -> str:
    """The ISO code of QuickBooks' currency name; `home` when there is none, "" when it is not known."""
    return _CURRENCIES.get(name.strip().casefold(), "") if name else home
