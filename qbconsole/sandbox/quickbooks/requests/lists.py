"""Adding list records: names, limits, account roles, and what each kind cannot do without.

One row of `_ADDS` per request; everything they share (name spaces, colons, limits, references) is here once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from qbconsole.sandbox.quickbooks.documents.headers import MONEY_ACCOUNTS, of_type, wrong_role
from qbconsole.sandbox.quickbooks.file.kinds import LISTS, words
from qbconsole.sandbox.quickbooks.file.records import (
    Block,
    Entry,
    Reference,
    Refused,
    Value,
)
from qbconsole.sandbox.quickbooks.requests.answers import entry_answer, price
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply, inner, missing
from qbconsole.sandbox.quickbooks.requests.given import Given, Named
from qbconsole.sandbox.quickbooks.requests.openings import post_opening, read_opening

_COMPUTED = frozenset(
    words(
        "ListID TimeCreated TimeModified EditSequence Name FullName IsActive ParentRef Sublevel Balance TotalBalance"
        " QuantityOnHand AverageCost QuantityOnOrder QuantityOnSalesOrder BarCodeValue SalesOrPurchase"
        " SalesAndPurchase SpecialAccountType IsTaxAccount IsTaxAgency CashFlowClassification"
    )
)
_PRICES = ("SalesPrice", "PurchaseCost", "DiscountRate")
_ITEM_ACCOUNTS = frozenset(
    words(
        "Bank OtherCurrentAsset FixedAsset OtherAsset CreditCard OtherCurrentLiability LongTermLiability Equity Income"
        " CostOfGoodsSold Expense OtherIncome OtherExpense"
    )
)
#: Special accounts that no item may post to.
_NO_ITEM = frozenset({"UndepositedFunds", "SalesTaxPayable"})

Check = Callable[[Desk, Given, dict[str, Value]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adding:
    family: str
    check: Check


def _add(desk: Desk, request: Given, adding: _Adding) -> Reply:
    given = inner(request)
    kind = LISTS[adding.family]
    where = given.tag.removesuffix("Add")
    name = given.text("Name")
    parent = desk.entry(given, "ParentRef", where, adding.family) if kind.tree else None
    _check_name(desk, adding.family, name, parent)
    if not desk.file.room(adding.family):
        raise Refused(
            3180,
            f'There was an error when saving a {adding.family} list, element "{name}".  QuickBooks error '
            "message: You have reached the maximum number of records this list can hold.",
        )
    active = given.flag("IsActive") is not False
    opening = read_opening(desk, given, adding.family)
    fields = desk.collect(given, kind.order, _COMPUTED)
    for price_name in _PRICES:
        number = given.price(price_name) if price_name in fields else None
        if number is not None:
            fields[price_name] = price(number)
    adding.check(desk, given, fields)
    parent_id = parent.list_id if parent else ""
    entry = desk.file.enlist(adding.family, name, desk.now, parent=parent_id, fields=fields)
    entry.active = active
    if entry.stock is not None:
        entry.stock.unit = Decimal(entry.text("PurchaseCost") or 0)
    if opening is not None:
        post_opening(desk, entry, opening)
    return Reply(body=entry_answer(desk.file, entry, frozenset(request.texts("IncludeRetElement"))))


def _check_name(desk: Desk, family: str, name: str, parent: Entry | None) -> None:
    kind = LISTS[family]
    if not name:
        raise missing("Name", family)
    if ":" in name or "\n" in name:
        raise Refused(
            3090,
            f'There was an error when storing "{name}" in the "{family.lower()} name" field.  QuickBooks error '
            "message: Names in this list cannot contain a colon.  The colon is a special character used to "
            "indicate a parent/child relationship.",
        )
    full = f"{parent.full_name}:{name}" if parent else name
    if desk.file.named(kind.space, full) is not None:
        raise Refused(
            3100,
            f'The name "{full}" of the list element is already in use.  QuickBooks error message: '
            f"The name {full} is already in use.",
        )


# -- what each kind needs ------------------------------------------------------------------------------


def _account(desk: Desk, given: Given, fields: dict[str, Value]) -> None:
    sort = given.text("AccountType")
    if not sort:
        raise missing("AccountType", "Account")
    parent = desk.entry(given, "ParentRef", "Account", "Account")
    if parent is not None and parent.text("AccountType") != sort:
        raise Refused(3210, f'The account type "{sort}" is not that of the parent "{parent.full_name}".')
    number = given.text("AccountNumber")
    if len(number) > 7:
        raise Refused(3070, f'The string "{number}" in the field "AccountNumber" is too long.')
    if number and any(one.text("AccountNumber") == number for one in desk.file.in_group("Account")):
        raise Refused(3100, f'The account number "{number}" is already in use.')


def _entity(desk: Desk, given: Given, fields: dict[str, Value]) -> None:
    if "OpenBalance" in given:
        desk.warn(530, f'The field "OpenBalance" in the {given.tag} is not supported here.')
    if given.tag == "CustomerAdd" and desk.file.preferences.sales_tax:
        fields.setdefault("SalesTaxCodeRef", Reference("SalesTaxCode", desk.file.preferences.taxable_code))


def _trade(desk: Desk, given: Given, fields: dict[str, Value]) -> None:
    """Service, non-inventory and other-charge items: one account, or one to sell and one to buy with."""
    sides = given.parts("SalesOrPurchase", "SalesAndPurchase")
    if not sides:
        raise missing("SalesOrPurchase", given.tag)
    side = sides[0]
    single = side.tag == "SalesOrPurchase"
    parts: list[tuple[str, Value]] = []
    for name in side.names():
        if name.endswith("AccountRef"):
            account = item_account(desk, side, name, given.tag.removesuffix("Add"))
            parts.append((name, Reference("Account", account.list_id)))
        elif name == "PrefVendorRef":
            vendor = desk.reference(side, name, given.tag)
            parts += [(name, vendor)] if vendor else []
        elif name in ("Price", "SalesPrice", "PurchaseCost"):
            parts.append((name, price(side.price(name) or Decimal(0))))
        else:
            parts.append((name, side.kept(name)))
    required = "AccountRef" if single else "IncomeAccountRef"
    if required not in dict(parts):
        raise missing(required, given.tag)
    fields[side.tag] = Block(tuple(parts))
    _item(desk, given, fields)


def _inventory(desk: Desk, given: Given, fields: dict[str, Value]) -> None:
    needs = (
        ("IncomeAccountRef", frozenset({"Income", "OtherIncome"}), 3150),
        ("COGSAccountRef", frozenset({"CostOfGoodsSold"}), 3150),
        ("AssetAccountRef", frozenset({"OtherCurrentAsset"}), 3180),
    )
    for name, sorts, code in needs:
        account = desk.entry(given, name, "ItemInventory")
        if account is None:
            raise Refused(code, f"The {name} of the inventory item is missing.")
        of_type(account, sorts, name, "ItemInventory")
    _item(desk, given, fields)


def _discount(desk: Desk, given: Given, fields: dict[str, Value]) -> None:
    if "AccountRef" not in fields:
        raise missing("AccountRef", "ItemDiscount")
    item_account(desk, given, "AccountRef", "ItemDiscount")
    _item(desk, given, fields)


def _sales_tax(desk: Desk, given: Given, fields: dict[str, Value]) -> None:
    if not desk.file.preferences.sales_tax:
        raise Refused(3250, "Sales tax is turned off in this company; a sales tax item cannot be added.")
    rate = given.price("TaxRate") or Decimal(0)
    agency = desk.entry(given, "TaxVendorRef", "ItemSalesTax")
    if rate and agency is None:
        raise missing("TaxVendorRef", "ItemSalesTax")
    fields["TaxRate"] = price(rate)
    if agency is not None and agency.text("IsTaxAgency") != "true":
        agency.fields["IsTaxAgency"] = "true"
        desk.file.touch_entry(agency, desk.now)


def _tax_group(desk: Desk, given: Given, fields: dict[str, Value]) -> None:
    if not desk.file.preferences.sales_tax:
        raise Refused(3250, "Sales tax is turned off in this company; a sales tax group cannot be added.")
    wanted = [one for one in given.element if one.tag == "ItemSalesTaxRef"]
    named = [Named(one.findtext("ListID") or "", one.findtext("FullName") or "") for one in wanted]
    found = [desk.file.find("ItemSalesTax", *one) for one in named]
    if not found:
        raise missing("ItemSalesTaxRef", "ItemSalesTaxGroup")
    if None in found:
        raise Refused(3140, "There is an invalid reference to QuickBooks Sales Tax Item in the group.")
    members = tuple(("ItemSalesTaxRef", Reference(one.family, one.list_id)) for one in found if one)
    fields["ItemSalesTaxRef"] = Block(members)


def _payment(desk: Desk, given: Given, fields: dict[str, Value]) -> None:
    account = desk.entry(given, "DepositToAccountRef", "ItemPayment")
    if account is not None:
        of_type(account, MONEY_ACCOUNTS, "DepositToAccountRef", "ItemPayment")


def _tax_code(_desk: Desk, given: Given, fields: dict[str, Value]) -> None:
    if len(given.text("Name")) > 3:
        raise Refused(3070, f'The string "{given.text("Name")}" in the field "Name" is too long.')
    if given.flag("IsTaxable") is None:
        raise missing("IsTaxable", "SalesTaxCode")


def _anything(_desk: Desk, _given: Given, _fields: dict[str, Value]) -> None:
    return


def _item(desk: Desk, given: Given, fields: dict[str, Value]) -> None:
    code = given.part("BarCode")
    if code is not None and code.text("BarCodeValue"):
        fields["BarCodeValue"] = code.text("BarCodeValue")
    if desk.file.preferences.sales_tax and "SalesTaxCodeRef" in LISTS[given.tag.removesuffix("Add")].order:
        fields.setdefault("SalesTaxCodeRef", Reference("SalesTaxCode", desk.file.preferences.taxable_code))


def item_account(desk: Desk, given: Given, name: str, where: str) -> Entry:
    """An account an item may post to; code 3210 for those QuickBooks keeps for itself."""
    account = desk.required(given, name, where)
    of_type(account, _ITEM_ACCOUNTS, name, where)
    if account.text("SpecialAccountType") in _NO_ITEM:
        raise wrong_role(account, name, where)
    return account


_ADDS: dict[str, _Adding] = {
    "AccountAddRq": _Adding(family="Account", check=_account),
    "CustomerAddRq": _Adding(family="Customer", check=_entity),
    "VendorAddRq": _Adding(family="Vendor", check=_entity),
    "ItemServiceAddRq": _Adding(family="ItemService", check=_trade),
    "ItemNonInventoryAddRq": _Adding(family="ItemNonInventory", check=_trade),
    "ItemOtherChargeAddRq": _Adding(family="ItemOtherCharge", check=_trade),
    "ItemInventoryAddRq": _Adding(family="ItemInventory", check=_inventory),
    "ItemDiscountAddRq": _Adding(family="ItemDiscount", check=_discount),
    "ItemSalesTaxAddRq": _Adding(family="ItemSalesTax", check=_sales_tax),
    "ItemSalesTaxGroupAddRq": _Adding(family="ItemSalesTaxGroup", check=_tax_group),
    "ItemPaymentAddRq": _Adding(family="ItemPayment", check=_payment),
    "ItemSubtotalAddRq": _Adding(family="ItemSubtotal", check=_anything),
    "ClassAddRq": _Adding(family="Class", check=_anything),
    "PaymentMethodAddRq": _Adding(family="PaymentMethod", check=_anything),
    "SalesTaxCodeAddRq": _Adding(family="SalesTaxCode", check=_tax_code),
    "StandardTermsAddRq": _Adding(family="Terms", check=_anything),
    "ShipMethodAddRq": _Adding(family="ShipMethod", check=_anything),
    "CustomerMsgAddRq": _Adding(family="CustomerMsg", check=_anything),
}


def _handler(adding: _Adding) -> Handler:
    return lambda desk, request: _add(desk, request, adding)


HANDLERS: dict[str, Handler] = {tag: _handler(adding) for tag, adding in _ADDS.items()}
