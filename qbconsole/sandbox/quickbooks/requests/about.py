"""What QuickBooks says about itself: HostQuery, CompanyQuery, PreferencesQuery, CompanyActivityQuery."""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.sandbox.quickbooks.file.kinds import words
from qbconsole.sandbox.quickbooks.file.records import Block, Reference, Value, stamp
from qbconsole.sandbox.quickbooks.requests.answers import custom_answer, element
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply
from qbconsole.sandbox.quickbooks.requests.given import Given

#: Every qbXML version there has been; a host speaks them up to its own.
VERSIONS = words("1.0 1.1 2.0 2.1 3.0 4.0 4.1 5.0 6.0 7.0 8.0 9.0 10.0 11.0 12.0 13.0 14.0 15.0 16.0")
#: First year of QuickBooks that spoke a version (qbwc-protocol.md section 17).
_YEARS = {"13.0": 2014, "14.0": 2018, "15.0": 2022, "16.0": 2023}
_NEVER = "1970-01-01T00:00:00+00:00"

Parts = Sequence[tuple[str, Value]]


def spoken(qbxml: str) -> tuple[str, ...]:
    """The versions a host speaks whose highest is given."""
    return VERSIONS[: VERSIONS.index(qbxml) + 1]


def _host(desk: Desk, request: Given) -> Reply:
    file = desk.file
    year = _YEARS.get(file.qbxml, 2013)
    parts: list[tuple[str, Value]] = [
        ("ProductName", f"QuickBooks {file.edition} {year}"),
        ("MajorVersion", f"{year - 1990}.0"),
        ("MinorVersion", "R1"),
        ("Country", file.country),
        *(("SupportedQBXMLVersion", version) for version in spoken(file.qbxml)),
        ("IsAutomaticLogin", "false"),
        ("QBFileMode", "SingleUser" if desk.mode == "single" else "MultiUser"),
    ]
    return _answer(desk, request, "HostRet", parts)


def _company(desk: Desk, request: Given) -> Reply:
    name = desk.file.name
    country = Block((("Country", desk.file.country),))
    parts: list[tuple[str, Value]] = [
        ("IsSampleCompany", "false"),
        ("CompanyName", name),
        ("LegalCompanyName", name),
        ("Address", country),
        ("LegalAddress", country),
        ("FirstMonthFiscalYear", "January"),
        ("FirstMonthIncomeTaxYear", "January"),
        ("AccountantCopy", Block((("AccountantCopyExists", "false"),))),
    ]
    owners = {owner.lower() for owner in request.texts("OwnerID")}
    custom = custom_answer(desk.file.definitions, desk.file.company_custom, owners)
    return _answer(desk, request, "CompanyRet", parts, custom)


def _preferences(desk: Desk, request: Given) -> Reply:
    wishes = desk.file.preferences
    accounting: list[tuple[str, Value]] = [
        ("IsUsingAccountNumbers", _truth(wishes.account_numbers)),
        ("IsRequiringAccounts", "true"),
        ("IsUsingClassTracking", _truth(wishes.class_tracking)),
        ("IsUsingAuditTrail", "true"),
        ("IsAssigningJournalEntryNumbers", _truth(wishes.assign_journal_numbers)),
    ]
    if wishes.closing_date:
        accounting.append(("ClosingDate", wishes.closing_date.isoformat()))
    parts: list[tuple[str, Value]] = [
        ("AccountingPreferences", Block(tuple(accounting))),
        ("MultiCurrencyPreferences", Block((("IsMultiCurrencyOn", "false"),))),
        (
            "MultiLocationInventoryPreferences",
            Block(
                (
                    ("IsMultiLocationInventoryAvailable", _truth(desk.file.edition == "Enterprise")),
                    ("IsMultiLocationInventoryEnabled", _truth(desk.file.has_sites())),
                )
            ),
        ),
        (
            "PurchasesAndVendorsPreferences",
            Block(
                (
                    ("IsUsingInventory", "true"),
                    ("DaysBillsAreDue", "10"),
                    ("IsAutomaticallyUsingDiscounts", "false"),
                )
            ),
        ),
        (
            "SalesAndCustomersPreferences",
            Block((("IsTrackingReimbursedExpensesAsIncome", "false"), ("IsAutoApplyingPayments", "true"))),
        ),
    ]
    if wishes.sales_tax:
        taxes: list[tuple[str, Value]] = [
            ("PaySalesTax", "Monthly"),
            ("DefaultTaxableSalesTaxCodeRef", Reference("SalesTaxCode", wishes.taxable_code)),
            ("DefaultNonTaxableSalesTaxCodeRef", Reference("SalesTaxCode", wishes.nontaxable_code)),
        ]
        if wishes.tax_item:
            taxes.insert(0, ("DefaultItemSalesTaxRef", Reference("ItemSalesTax", wishes.tax_item)))
        parts.append(("SalesTaxPreferences", Block(tuple(taxes))))
    parts.append(("CurrentAppAccessRights", _off("IsAutomaticLoginAllowed", "IsPersonalDataAccessAllowed")))
    parts.append(("ItemsAndInventoryPreferences", _off("EnhancedInventoryReceivingEnabled", "FIFOEnabled")))
    return _answer(desk, request, "PreferencesRet", parts)


def _activity(desk: Desk, request: Given) -> Reply:
    file = desk.file
    parts: list[tuple[str, Value]] = [
        ("LastRestoreTime", stamp(file.last_restore_time) if file.last_restore_time else _NEVER),
        ("LastCondenseTime", stamp(file.last_condense_time) if file.last_condense_time else _NEVER),
    ]
    return _answer(desk, request, "CompanyActivityRet", parts)


def _answer(desk: Desk, request: Given, ret: str, parts: Parts, custom: str = "") -> Reply:
    wanted = frozenset(request.texts("IncludeRetElement"))
    shown = [element(desk.file, name, value) for name, value in parts if not wanted or name in wanted]
    if not wanted or "DataExtRet" in wanted:
        shown.append(custom)
    return Reply(body=f"<{ret}>\n{''.join(shown)}</{ret}>\n")


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _off(*names: str) -> Block:
    return Block(tuple((name, "false") for name in names))


HANDLERS: dict[str, Handler] = {
    "HostQueryRq": _host,
    "CompanyQueryRq": _company,
    "PreferencesQueryRq": _preferences,
    "CompanyActivityQueryRq": _activity,
}
