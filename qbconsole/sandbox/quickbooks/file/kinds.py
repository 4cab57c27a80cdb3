"""The tables of lists: which there are, what shares a name space, the order of their answers, what points where.

Orders are those of the ...Ret aggregates in qbXML 16.0; limits and name spaces are qbwc-protocol.md
sections 9 and 17. A new list starts with a row here; documents are in `documentkinds`.
"""

from __future__ import annotations

from dataclasses import dataclass


def words(text: str) -> tuple[str, ...]:
    """The names in a text, in order."""
    return tuple(text.split())


_LIST_HEAD = "ListID TimeCreated TimeModified EditSequence Name"
_TREE_HEAD = f"{_LIST_HEAD} FullName"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind:
    """A list of QuickBooks and the shape of its answers."""

    family: str
    #: Families with the same space share their names.
    space: str
    ret: str
    order: tuple[str, ...]
    #: The family is spelled with FullName and may have parents.
    tree: bool


def _list(family: str, space: str, rest: str, *, tree: bool = True, ret: str = "") -> ListKind:
    head = _TREE_HEAD if tree else _LIST_HEAD
    order = words(f"{head} {rest}")
    return ListKind(family=family, space=space, ret=ret or f"{family}Ret", order=order, tree=tree)


_ITEM_HEAD = "BarCodeValue IsActive ClassRef ParentRef Sublevel"
_TRADE = "SalesTaxCodeRef SalesOrPurchase SalesAndPurchase"
_PERSON = (
    "Salutation FirstName MiddleName LastName JobTitle {address} ShipAddress ShipToAddress Phone AltPhone"
    " Fax Email Cc Contact AltContact AdditionalContactRef"
)
_CUSTOMER = (
    f"IsActive ClassRef ParentRef Sublevel CompanyName {_PERSON.format(address='BillAddress')} CustomerTypeRef"
    " TermsRef SalesRepRef Balance TotalBalance SalesTaxCodeRef ItemSalesTaxRef ResaleNumber AccountNumber"
    " CreditLimit PreferredPaymentMethodRef JobStatus JobStartDate JobProjectedEndDate JobEndDate JobDesc"
    " JobTypeRef Notes PreferredDeliveryMethod PriceLevelRef ExternalGUID CurrencyRef"
)
_VENDOR = (
    f"IsActive ClassRef IsTaxAgency CompanyName {_PERSON.format(address='VendorAddress')} NameOnCheck"
    " AccountNumber Notes VendorTypeRef TermsRef CreditLimit VendorTaxIdent IsVendorEligibleFor1099 Balance"
    " BillingRateRef ExternalGUID PrefillAccountRef CurrencyRef"
)
_INVENTORY = (
    f"{_ITEM_HEAD} ManufacturerPartNumber UnitOfMeasureSetRef SalesTaxCodeRef SalesDesc SalesPrice"
    " IncomeAccountRef PurchaseDesc PurchaseCost COGSAccountRef PrefVendorRef AssetAccountRef ReorderPoint"
    " Max QuantityOnHand AverageCost QuantityOnOrder QuantityOnSalesOrder ExternalGUID"
)

LISTS: dict[str, ListKind] = {
    kind.family: kind
    for kind in (
        _list(
            "Account",
            "Account",
            "IsActive ParentRef Sublevel AccountType SpecialAccountType IsTaxAccount AccountNumber BankNumber"
            " Desc Balance TotalBalance CashFlowClassification CurrencyRef",
        ),
        _list("Customer", "Entity", _CUSTOMER),
        _list("Vendor", "Entity", _VENDOR, tree=False),
        _list("Employee", "Entity", "IsActive", tree=False),
        _list("OtherName", "Entity", "IsActive", tree=False),
        _list("ItemService", "Item", f"{_ITEM_HEAD} UnitOfMeasureSetRef {_TRADE} ExternalGUID"),
        _list(
            "ItemNonInventory",
            "Item",
            f"{_ITEM_HEAD} ManufacturerPartNumber UnitOfMeasureSetRef {_TRADE} ExternalGUID",
        ),
        _list("ItemOtherCharge", "Item", f"{_ITEM_HEAD} {_TRADE} ExternalGUID"),
        _list("ItemInventory", "Item", _INVENTORY),
        _list(
            "ItemDiscount",
            "Item",
            f"{_ITEM_HEAD} ItemDesc SalesTaxCodeRef DiscountRate DiscountRatePercent AccountRef ExternalGUID",
        ),
        _list(
            "ItemSalesTax",
            "Item",
            "BarCodeValue IsActive ClassRef ItemDesc TaxRate TaxVendorRef ExternalGUID",
            tree=False,
        ),
        _list(
            "ItemSalesTaxGroup",
            "Item",
            "BarCodeValue IsActive ItemDesc ExternalGUID ItemSalesTaxRef",
            tree=False,
        ),
        _list(
            "ItemPayment",
            "Item",
            "BarCodeValue IsActive ClassRef ItemDesc DepositToAccountRef PaymentMethodRef ExternalGUID",
            tree=False,
        ),
        _list("ItemSubtotal", "Item", "BarCodeValue IsActive ItemDesc ExternalGUID", tree=False),
        _list("Class", "Class", "IsActive ParentRef Sublevel"),
        _list("PaymentMethod", "PaymentMethod", "IsActive PaymentMethodType", tree=False),
        _list("SalesTaxCode", "SalesTaxCode", "IsActive IsTaxable Desc", tree=False),
        _list(
            "Terms",
            "Terms",
            "IsActive StdDueDays StdDiscountDays DiscountPct",
            tree=False,
            ret="StandardTermsRet",
        ),
        _list("ShipMethod", "ShipMethod", "IsActive", tree=False),
        _list("CustomerMsg", "CustomerMsg", "IsActive", tree=False),
        _list("Template", "Template", "IsActive TemplateType", tree=False),
        # A sales rep has initials for a name: its answer says `Initial` where others say `Name`.
        ListKind(
            family="SalesRep",
            space="SalesRep",
            ret="SalesRepRet",
            order=words("ListID TimeCreated TimeModified EditSequence Initial IsActive SalesRepEntityRef"),
            tree=False,
        ),
        _list("InventorySite", "InventorySite", "IsActive IsDefaultSite SiteDesc", tree=False),
    )
}

#: What a reference element may point to: a family, or a space shared by several.
POINTS_TO: dict[str, str] = {
    "ParentRef": "",
    "ClassRef": "Class",
    "CustomerRef": "Customer",
    "EntityRef": "Entity",
    "PayeeEntityRef": "Entity",
    "VendorRef": "Vendor",
    "TaxVendorRef": "Vendor",
    "PrefVendorRef": "Vendor",
    "ItemRef": "Item",
    "ItemSalesTaxRef": "ItemSalesTax",
    "SalesTaxCodeRef": "SalesTaxCode",
    "CustomerSalesTaxCodeRef": "SalesTaxCode",
    "TermsRef": "Terms",
    "PaymentMethodRef": "PaymentMethod",
    "PreferredPaymentMethodRef": "PaymentMethod",
    "ShipMethodRef": "ShipMethod",
    "CustomerMsgRef": "CustomerMsg",
    "TemplateRef": "Template",
    "CustomerTypeRef": "CustomerType",
    "VendorTypeRef": "VendorType",
    "JobTypeRef": "JobType",
    "SalesRepRef": "SalesRep",
    "PriceLevelRef": "PriceLevel",
    "BillingRateRef": "BillingRate",
    "CurrencyRef": "Currency",
    "UnitOfMeasureSetRef": "UnitOfMeasureSet",
    **dict.fromkeys(words("InventorySiteRef FromInventorySiteRef ToInventorySiteRef"), "InventorySite"),
    "ItemGroupRef": "ItemGroup",
    **dict.fromkeys(
        words(
            "AccountRef IncomeAccountRef COGSAccountRef AssetAccountRef ExpenseAccountRef ARAccountRef APAccountRef"
            " DepositToAccountRef RefundFromAccountRef OverrideItemAccountRef DiscountAccountRef"
            " PrefillAccountRef"
        ),
        "Account",
    ),
}


_SMALL = {"Entity": 14_500, "Item": 14_500, "Account": 10_000, "Class": 10_000, "PaymentMethod": 10_000}
_LARGE = {
    "Entity": 1_000_000,
    "Item": 1_000_000,
    "Account": 100_000,
    "Class": 100_000,
    "PaymentMethod": 10_000,
}

#: How many records a name space may hold, inactive ones included, by edition.
LIMITS: dict[str, dict[str, int]] = {"Pro": _SMALL, "Premier": _SMALL, "Enterprise": _LARGE}

DEBIT_TYPES = frozenset(
    words(
        "AccountsReceivable Bank CostOfGoodsSold Expense FixedAsset OtherAsset OtherCurrentAsset OtherExpense"
    )
)
#: Accounts of the profit and loss statement have no balance in the chart.
PROFIT_TYPES = frozenset(words("CostOfGoodsSold Expense Income OtherExpense OtherIncome"))
