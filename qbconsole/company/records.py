"""Records of QuickBooks' lists: accounts, items, customers, vendors and the short lists.

Each is what QuickBooks answered, unjudged; an absent text is "" and an absent number None. A `list_id` is
unique only within its family of lists, so always keep it with the record's type. Full names are
`Parent:Child` and compare without case.
Source: qbwc-protocol.md sections 8, 9 and 18; field names follow qbXML's in snake_case.
"""

from __future__ import annotations

from decimal import Decimal

from qbconsole.money import Money
from qbconsole.value import Value


class Ref(Value, kw_only=False):
    """A reference to a list record; where QuickBooks names both, the list id wins. Empty is falsy."""

    list_id: str = ""
    full_name: str = ""

    def __bool__(self) -> bool:
        return bool(self.list_id or self.full_name)

    def __str__(self) -> str:
        return self.full_name or self.list_id


#: The reference QuickBooks did not give.
NO_REF = Ref()


class Account(Value):
    """One account of the chart."""

    list_id: str
    #: "Sales:Shopify".
    full_name: str
    #: Bank, Income, OtherCurrentLiability …; a value newer than we know is kept.
    account_type: str
    #: UndepositedFunds, AccountsReceivable, SalesTaxPayable …, or "". Find special accounts by this.
    special_account_type: str = ""
    #: As text, at most seven characters; "" where the company uses no numbers.
    number: str = ""
    is_active: bool = True
    description: str = ""
    #: QuickBooks' name of the currency, "" while multicurrency is off.
    currency: str = ""
    sales_tax_code: Ref = NO_REF
    #: In the account's natural direction, as QuickBooks shows it; None for income and expense accounts.
    balance: Money | None = None
    edit_sequence: str = ""
    time_modified: str = ""


class Item(Value):
    """One item of any kind; all kinds share one name space."""

    #: The qbXML name: ItemInventory, ItemNonInventory, ItemService, ItemOtherCharge, ItemDiscount,
    #: ItemSalesTax, ItemSalesTaxGroup, ItemPayment, ItemSubtotal, ItemGroup, ItemInventoryAssembly …
    kind: str
    list_id: str
    full_name: str
    name: str
    #: What a sales line with this item posts to; for discounts their account.
    income_account: Ref = NO_REF
    #: Cost of goods sold for inventory, the expense account for other purchased kinds.
    cost_account: Ref = NO_REF
    #: The inventory asset account; for a payment item the account its money goes to.
    asset_account: Ref = NO_REF
    sales_tax_code: Ref = NO_REF
    #: Percent, of a sales tax item.
    tax_rate: Decimal | None = None
    tax_vendor: Ref = NO_REF
    manufacturer_part_number: str = ""
    barcode: str = ""
    sales_price: Decimal | None = None
    purchase_cost: Decimal | None = None
    quantity_on_hand: Decimal | None = None
    average_cost: Decimal | None = None
    #: The parts of a group, or the tax items of a tax group.
    members: tuple[Ref, ...] = ()
    is_active: bool = True
    external_guid: str = ""
    edit_sequence: str = ""
    time_modified: str = ""


class Customer(Value):
    """A customer, or a job under one ("Parent:Job")."""

    list_id: str
    full_name: str
    name: str
    email: str = ""
    company_name: str = ""
    #: QuickBooks' name of the currency, "" while multicurrency is off.
    currency: str = ""
    is_active: bool = True
    external_guid: str = ""
    edit_sequence: str = ""
    time_modified: str = ""


class Vendor(Value):
    """A vendor; sales tax agencies are vendors too."""

    list_id: str
    full_name: str
    email: str = ""
    company_name: str = ""
    is_tax_agency: bool = False
    currency: str = ""
    is_active: bool = True
    external_guid: str = ""
    edit_sequence: str = ""
    time_modified: str = ""


class Entry(Value):
    """A record of a short list: a class, terms, a payment method, a sales tax code, another name."""

    #: The qbXML name: Class, StandardTerms, DateDrivenTerms, PaymentMethod, SalesTaxCode, Employee …
    kind: str
    list_id: str
    full_name: str
    #: Only sales tax codes say so.
    is_taxable: bool | None = None
    #: Visa, Cash, GiftCard …: only payment methods say so.
    payment_type: str = ""
    is_active: bool = True
    edit_sequence: str = ""
    time_modified: str = ""


class DeletedRecord(Value):
    """A list record that was deleted in the last 90 days."""

    #: Account, Customer, ItemInventory …
    kind: str
    list_id: str
    full_name: str = ""
    time_deleted: str = ""
