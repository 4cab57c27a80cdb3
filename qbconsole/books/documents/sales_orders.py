"""Sales orders and estimates: what a customer ordered or may order; neither posts anything.

Fields as in `books.documents`. An invoice is made from a sales order by its `link_to_txn_ids`, which bring the
order's open lines along: such an invoice repeats none of them. From an estimate no invoice can be made through
qbXML. Sales orders need Premier or Enterprise. Source: protocol notes, sections 14, 17 and 18.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

from qbconsole.books.documents.posting import Address, Elements, LineDataExt, Memo
from qbconsole.books.documents.questions import LinkedDocumentQuestion
from qbconsole.money import Money
from qbconsole.value import Value


class SalesOrderLine(Value):
    """A line of a sales order; unlike an invoice's it has no service date and no account of its own."""

    item_ref: str | None = None
    desc: str | None = None
    quantity: Decimal | None = None
    #: Ignored by QuickBooks where an amount is given too.
    rate: Decimal | None = None
    class_ref: str | None = None
    amount: Money | None = None
    #: Needs Enterprise with Advanced Inventory.
    inventory_site_ref: str | None = None
    sales_tax_code_ref: str | None = None
    is_manually_closed: bool | None = None
    other1: str | None = None
    other2: str | None = None
    data_ext: tuple[LineDataExt, ...] = ()


class SalesOrder(Value):
    """What is still to be shipped. `lines` may not be empty."""

    request: ClassVar[str] = "SalesOrderAdd"
    template: ClassVar[str] = "sales_order_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"lines": "SalesOrderLineAdd"})

    customer_ref: str
    class_ref: str | None = None
    template_ref: str | None = None
    txn_date: date
    ref_number: str | None = None
    bill_address: Address | None = None
    ship_address: Address | None = None
    po_number: str | None = None
    terms_ref: str | None = None
    due_date: date | None = None
    sales_rep_ref: str | None = None
    fob: str | None = None
    ship_date: date | None = None
    ship_method_ref: str | None = None
    item_sales_tax_ref: str | None = None
    is_manually_closed: bool | None = None
    memo: Memo | None = None
    customer_msg_ref: str | None = None
    is_to_be_printed: bool | None = None
    is_to_be_emailed: bool | None = None
    customer_sales_tax_code_ref: str | None = None
    other: str | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    lines: tuple[SalesOrderLine, ...]


class EstimateLine(Value):
    """A line of an estimate; unlike an invoice's it has no service date."""

    item_ref: str | None = None
    desc: str | None = None
    quantity: Decimal | None = None
    #: Ignored by QuickBooks where an amount is given too.
    rate: Decimal | None = None
    class_ref: str | None = None
    amount: Money | None = None
    #: Needs Enterprise with Advanced Inventory.
    inventory_site_ref: str | None = None
    sales_tax_code_ref: str | None = None
    override_item_account_ref: str | None = None
    other1: str | None = None
    other2: str | None = None
    data_ext: tuple[LineDataExt, ...] = ()


class Estimate(Value):
    """What was offered. It has no ship date and no ship method. `lines` may not be empty."""

    request: ClassVar[str] = "EstimateAdd"
    template: ClassVar[str] = "estimate_add.xml.j2"
    elements: ClassVar[Elements] = MappingProxyType({"lines": "EstimateLineAdd"})

    customer_ref: str
    class_ref: str | None = None
    template_ref: str | None = None
    txn_date: date
    ref_number: str | None = None
    bill_address: Address | None = None
    ship_address: Address | None = None
    is_active: bool | None = None
    po_number: str | None = None
    terms_ref: str | None = None
    due_date: date | None = None
    sales_rep_ref: str | None = None
    fob: str | None = None
    item_sales_tax_ref: str | None = None
    memo: Memo | None = None
    customer_msg_ref: str | None = None
    is_to_be_emailed: bool | None = None
    customer_sales_tax_code_ref: str | None = None
    other: str | None = None
    exchange_rate: Decimal | None = None
    external_guid: str | None = None
    lines: tuple[EstimateLine, ...]


class SalesOrderQuery(LinkedDocumentQuestion):
    """Sales orders."""

    request: ClassVar[str] = "SalesOrderQuery"
    template: ClassVar[str] = "sales_order_query.xml.j2"


class EstimateQuery(LinkedDocumentQuestion):
    """Estimates."""

    request: ClassVar[str] = "EstimateQuery"
    template: ClassVar[str] = "estimate_query.xml.j2"
