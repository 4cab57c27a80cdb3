"""Entries of QuickBooks' lists that we may add: accounts, names, classes, terms, codes, custom fields.

Fields as in `books.documents`: qbXML's names in snake_case and in qbXML's order. `name` is the entry's own
name without its parents; a colon in it becomes a dash. Source: protocol notes, section 18.1 and 18.3.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

from qbconsole.books.documents import Address, Elements
from qbconsole.books.documents.items import Item
from qbconsole.money import Money
from qbconsole.value import Value


class Account(Value):
    """An account of the chart. Number: 7 characters."""

    request: ClassVar[str] = "AccountAdd"
    template: ClassVar[str] = "account_add.xml.j2"

    name: str
    is_active: bool | None = None
    parent_ref: str | None = None
    #: "Income", "Bank", "OtherCurrentLiability", … (requests.xsd, AccountType).
    account_type: str
    account_number: str | None = None
    desc: str | None = None
    currency_ref: str | None = None


class Customer(Value):
    """A customer. The name is unique among customers, vendors, employees and other names together."""

    request: ClassVar[str] = "CustomerAdd"
    template: ClassVar[str] = "customer_add.xml.j2"

    name: str
    is_active: bool | None = None
    class_ref: str | None = None
    parent_ref: str | None = None
    company_name: str | None = None
    salutation: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    job_title: str | None = None
    bill_address: Address | None = None
    ship_address: Address | None = None
    phone: str | None = None
    alt_phone: str | None = None
    fax: str | None = None
    email: str | None = None
    cc: str | None = None
    contact: str | None = None
    alt_contact: str | None = None
    customer_type_ref: str | None = None
    terms_ref: str | None = None
    sales_rep_ref: str | None = None
    sales_tax_code_ref: str | None = None
    item_sales_tax_ref: str | None = None
    resale_number: str | None = None
    account_number: str | None = None
    credit_limit: Money | None = None
    preferred_payment_method_ref: str | None = None
    notes: str | None = None
    preferred_delivery_method: str | None = None
    price_level_ref: str | None = None
    external_guid: str | None = None
    currency_ref: str | None = None


class Vendor(Value):
    """A vendor or tax agency."""

    request: ClassVar[str] = "VendorAdd"
    template: ClassVar[str] = "vendor_add.xml.j2"

    name: str
    is_active: bool | None = None
    class_ref: str | None = None
    company_name: str | None = None
    salutation: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    job_title: str | None = None
    vendor_address: Address | None = None
    ship_address: Address | None = None
    phone: str | None = None
    alt_phone: str | None = None
    fax: str | None = None
    email: str | None = None
    cc: str | None = None
    contact: str | None = None
    alt_contact: str | None = None
    name_on_check: str | None = None
    account_number: str | None = None
    notes: str | None = None
    vendor_type_ref: str | None = None
    terms_ref: str | None = None
    credit_limit: Money | None = None
    vendor_tax_ident: str | None = None
    external_guid: str | None = None
    currency_ref: str | None = None


class Class(Value):
    """A class of QuickBooks' class tracking."""

    request: ClassVar[str] = "ClassAdd"
    template: ClassVar[str] = "class_add.xml.j2"

    name: str
    is_active: bool | None = None
    parent_ref: str | None = None


class PaymentMethod(Value):
    """A payment method."""

    request: ClassVar[str] = "PaymentMethodAdd"
    template: ClassVar[str] = "payment_method_add.xml.j2"

    name: str
    is_active: bool | None = None
    #: "Visa", "Cash", "Other", … (requests.xsd, PaymentMethodType).
    payment_method_type: str | None = None


class StandardTerms(Value):
    """Terms of payment, in days."""

    request: ClassVar[str] = "StandardTermsAdd"
    template: ClassVar[str] = "standard_terms_add.xml.j2"

    name: str
    is_active: bool | None = None
    std_due_days: int | None = None
    std_discount_days: int | None = None
    discount_pct: Decimal | None = None


class ShipMethod(Value):
    """A way goods are sent. Name: 15 characters."""

    request: ClassVar[str] = "ShipMethodAdd"
    template: ClassVar[str] = "ship_method_add.xml.j2"

    name: str
    is_active: bool | None = None


class CustomerMsg(Value):
    """A message printed for the customer. Name: 101 characters."""

    request: ClassVar[str] = "CustomerMsgAdd"
    template: ClassVar[str] = "customer_msg_add.xml.j2"

    name: str
    is_active: bool | None = None


class SalesTaxCode(Value):
    """A taxable or non-taxable code of at most three characters."""

    request: ClassVar[str] = "SalesTaxCodeAdd"
    template: ClassVar[str] = "sales_tax_code_add.xml.j2"

    name: str
    is_active: bool | None = None
    is_taxable: bool
    desc: str | None = None


class DataExtDef(Value):
    """The definition of a custom field; ours is private to our owner id."""

    request: ClassVar[str] = "DataExtDefAdd"
    template: ClassVar[str] = "data_ext_def_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"assign_to_objects": "AssignToObject"})

    #: A GUID in braces.
    owner_id: str
    data_ext_name: str
    data_ext_type: str = "STR255TYPE"
    assign_to_objects: tuple[str, ...] = ()


class DataExt(Value):
    """Our marker in the company file, written the first time; `DataExtMod` afterwards."""

    request: ClassVar[str] = "DataExtAdd"
    template: ClassVar[str] = "data_ext_add.xml.j2"

    #: A GUID in braces.
    owner_id: str
    data_ext_name: str
    other_data_ext_type: str = "Company"
    data_ext_value: str


class DataExtMod(Value):
    """Another value for our marker in the company file."""

    request: ClassVar[str] = "DataExtMod"
    template: ClassVar[str] = "data_ext_mod.xml.j2"

    owner_id: str
    data_ext_name: str
    other_data_ext_type: str = "Company"
    data_ext_value: str


#: What may be added to a list of QuickBooks.
ListEntry = (
    Account
    | Customer
    | Vendor
    | Item
    | Class
    | PaymentMethod
    | StandardTerms
    | ShipMethod
    | CustomerMsg
    | SalesTaxCode
    | DataExtDef
    | DataExt
    | DataExtMod
)
