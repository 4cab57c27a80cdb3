"""Items that we may add to QuickBooks' item list; all kinds share one name space.

Fields as in `books.documents`: qbXML's names in snake_case and in qbXML's order. `name` is the item's own
name without its parents, 31 characters; a colon in it becomes a dash. A `bar_code` is the bare value. Prices
are Decimals of up to five places. Source: protocol notes, section 18.1 and 18.3.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

from qbconsole.books.documents import Elements
from qbconsole.money import Money
from qbconsole.value import Value

BAR_CODE: Elements = MappingProxyType({"bar_code": "BarCode/BarCodeValue"})


class ItemInventory(Value):
    """An item QuickBooks counts; in practice it needs all three accounts."""

    request: ClassVar[str] = "ItemInventoryAdd"
    template: ClassVar[str] = "item_inventory_add.xml.j2"
    elements: ClassVar[Elements] = BAR_CODE

    name: str
    bar_code: str | None = None
    is_active: bool | None = None
    class_ref: str | None = None
    parent_ref: str | None = None
    manufacturer_part_number: str | None = None
    sales_tax_code_ref: str | None = None
    sales_desc: str | None = None
    sales_price: Decimal | None = None
    income_account_ref: str | None = None
    purchase_desc: str | None = None
    purchase_cost: Decimal | None = None
    cogs_account_ref: str | None = None
    pref_vendor_ref: str | None = None
    asset_account_ref: str | None = None
    reorder_point: Decimal | None = None
    #: Opening stock: posts an adjustment dated `inventory_date`.
    quantity_on_hand: Decimal | None = None
    total_value: Money | None = None
    inventory_date: date | None = None
    external_guid: str | None = None


class SalesOrPurchase(Value):
    """The price and account of an item that is only sold, or only bought."""

    desc: str | None = None
    price: Decimal | None = None
    account_ref: str | None = None


class SalesAndPurchase(Value):
    """The prices and accounts of an item that is bought and sold."""

    sales_desc: str | None = None
    sales_price: Decimal | None = None
    income_account_ref: str | None = None
    purchase_desc: str | None = None
    purchase_cost: Decimal | None = None
    expense_account_ref: str | None = None
    pref_vendor_ref: str | None = None


class ItemNonInventory(Value):
    """A product QuickBooks does not count; one of the two last parts is given."""

    request: ClassVar[str] = "ItemNonInventoryAdd"
    template: ClassVar[str] = "item_non_inventory_add.xml.j2"
    elements: ClassVar[Elements] = BAR_CODE

    name: str
    bar_code: str | None = None
    is_active: bool | None = None
    parent_ref: str | None = None
    class_ref: str | None = None
    manufacturer_part_number: str | None = None
    sales_tax_code_ref: str | None = None
    sales_or_purchase: SalesOrPurchase | None = None
    sales_and_purchase: SalesAndPurchase | None = None
    external_guid: str | None = None


class ItemService(Value):
    """A service; one of the two last parts is given."""

    request: ClassVar[str] = "ItemServiceAdd"
    template: ClassVar[str] = "item_service_add.xml.j2"
    elements: ClassVar[Elements] = BAR_CODE

    name: str
    bar_code: str | None = None
    is_active: bool | None = None
    class_ref: str | None = None
    parent_ref: str | None = None
    sales_tax_code_ref: str | None = None
    sales_or_purchase: SalesOrPurchase | None = None
    sales_and_purchase: SalesAndPurchase | None = None
    external_guid: str | None = None


class ItemOtherCharge(Value):
    """A charge that is no product: shipping, tip, gift card; one of the two last parts is given."""

    request: ClassVar[str] = "ItemOtherChargeAdd"
    template: ClassVar[str] = "item_other_charge_add.xml.j2"
    elements: ClassVar[Elements] = BAR_CODE

    name: str
    bar_code: str | None = None
    is_active: bool | None = None
    class_ref: str | None = None
    parent_ref: str | None = None
    sales_tax_code_ref: str | None = None
    sales_or_purchase: SalesOrPurchase | None = None
    sales_and_purchase: SalesAndPurchase | None = None
    external_guid: str | None = None


class ItemDiscount(Value):
    """A discount: a fixed rate or a percentage, not both."""

    request: ClassVar[str] = "ItemDiscountAdd"
    template: ClassVar[str] = "item_discount_add.xml.j2"
    elements: ClassVar[Elements] = BAR_CODE

    name: str
    bar_code: str | None = None
    is_active: bool | None = None
    class_ref: str | None = None
    parent_ref: str | None = None
    item_desc: str | None = None
    sales_tax_code_ref: str | None = None
    discount_rate: Decimal | None = None
    discount_rate_percent: Decimal | None = None
    account_ref: str | None = None
    external_guid: str | None = None


class ItemSalesTax(Value):
    """One tax of one agency; a rate of 0 on the document's own tax item."""

    request: ClassVar[str] = "ItemSalesTaxAdd"
    template: ClassVar[str] = "item_sales_tax_add.xml.j2"
    elements: ClassVar[Elements] = BAR_CODE

    name: str
    bar_code: str | None = None
    is_active: bool | None = None
    class_ref: str | None = None
    item_desc: str | None = None
    #: Per cent: 8.25.
    tax_rate: Decimal | None = None
    tax_vendor_ref: str | None = None
    external_guid: str | None = None


class ItemPayment(Value):
    """A payment shown as a line: a gift card or store credit used."""

    request: ClassVar[str] = "ItemPaymentAdd"
    template: ClassVar[str] = "item_payment_add.xml.j2"
    elements: ClassVar[Elements] = BAR_CODE

    name: str
    bar_code: str | None = None
    is_active: bool | None = None
    class_ref: str | None = None
    item_desc: str | None = None
    deposit_to_account_ref: str | None = None
    payment_method_ref: str | None = None
    external_guid: str | None = None


class ItemSubtotal(Value):
    """A subtotal line, which gives the tax line below it its sign."""

    request: ClassVar[str] = "ItemSubtotalAdd"
    template: ClassVar[str] = "item_subtotal_add.xml.j2"
    elements: ClassVar[Elements] = BAR_CODE

    name: str
    bar_code: str | None = None
    is_active: bool | None = None
    item_desc: str | None = None
    external_guid: str | None = None


#: Every kind of item.
Item = (
    ItemInventory
    | ItemNonInventory
    | ItemService
    | ItemOtherCharge
    | ItemDiscount
    | ItemSalesTax
    | ItemPayment
    | ItemSubtotal
)
