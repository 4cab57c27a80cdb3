"""An order as Shopify's Admin API tells it: lines, shipping, tenders, refunds, returns, sales agreements.

Read by `sources.shopify.reading`, never changed. Amounts are positive as Shopify gives them, except in sales
agreements, which are signed. Times are aware UTC; a shop date needs the shop's time zone (`Shop.day`).
Source: accounting.md section 13, "Shapes of pull --from-file".
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from qbconsole.money import Money
from qbconsole.shop.bag import Bag
from qbconsole.value import Value, field


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises ZoneInfoNotFoundError or ValueError where it is none."""
    return ZoneInfo(name)


class Shop(Value):
    """The shop a fact belongs to."""

    #: "oak-ember.myshopify.com"
    domain: str
    #: Currency of the shop's own amounts.
    currency: str
    #: IANA name; the business day of every event is this zone's.
    timezone: str
    #: Currency of the company's books as the shop knows it.
    home_currency: str
    taxes_included: bool = False

    @property
    def handle(self) -> str:
        """The domain without ".myshopify.com", as keys write it."""
        return self.domain.removesuffix(".myshopify.com")

    def day(self, moment: datetime | date) -> date:
        """The shop's date of a moment; a value without a time already is one (convention 9)."""
        if isinstance(moment, datetime):
            return moment.astimezone(zone(self.timezone)).date()
        return moment


class TaxLine(Value):
    """One tax of a line, by its title."""

    title: str
    amount: Bag
    #: True: a marketplace remits it, so it is not the merchant's liability; unknown counts as the merchant's.
    channel_liable: bool = False
    #: For display and for the formula of convention 33 only; never to compute a tax.
    rate: Decimal | None = None


class Discount(Value):
    """What a discount took off one line or shipping line."""

    amount: Bag
    #: The code or title the shopper saw.
    title: str = ""


class Duty(Value):
    """A duty collected with a line."""

    id: str
    amount: Bag
    taxes: tuple[TaxLine, ...] = ()


class OrderLine(Value):
    """One line of an order. `quantity` never falls; `current_quantity` does with edits and returns."""

    id: str
    title: str
    quantity: int
    current_quantity: int
    #: Price a unit before any discount.
    unit_price: Bag
    #: quantity × unit_price as Shopify states it.
    total: Bag
    sku: str | None = None
    variant_id: str | None = None
    #: Of the variant as it is now; None where Shopify does not tell.
    barcode: str | None = None
    product_type: str | None = None
    vendor: str | None = None
    is_gift_card: bool = False
    taxable: bool = True
    requires_shipping: bool = True
    #: True where Shopify counts stock of it.
    tracked: bool = False
    #: True where Shopify withheld from us what the product is, for want of a scope: nobody knows whether it is counted.
    is_withheld: bool = False
    #: Current unit cost; None where Shopify does not tell.
    unit_cost: Money | None = None
    #: Discounts and taxes of all units ever ordered, removed and refunded ones too.
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    duties: tuple[Duty, ...] = ()

    @property
    def may_be_counted(self) -> bool:
        """Whether Shopify counts stock of it, as far as we are told."""
        return self.tracked or self.is_withheld


class ShippingLine(Value):
    """One shipping charge of an order, before discounts."""

    id: str
    title: str
    price: Bag
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    is_removed: bool = False


class AdditionalFee(Value):
    """A fee on the whole order (import processing and the like)."""

    id: str
    name: str
    price: Bag
    taxes: tuple[TaxLine, ...] = ()


class Tender(Value):
    """Shopify's OrderTransaction: an attempt to move money. Only some are money: see `shop.cancellations`."""

    id: str
    #: SALE, CAPTURE, AUTHORIZATION, VOID, REFUND, CHANGE …; unknown kinds survive.
    kind: str
    #: SUCCESS, PENDING, FAILURE, ERROR …
    status: str
    gateway: str
    #: processedAt, else createdAt (convention 9).
    at: datetime
    #: Always positive; the kind gives the direction. Without cash rounding.
    amount: Bag
    #: Cash rounding with its own sign, None for other gateways.
    rounding: Bag | None = None
    test: bool = False
    manual: bool = False
    parent_id: str | None = None
    #: When an authorization lapses; None where Shopify does not tell.
    expires_at: datetime | None = None


class RefundLine(Value):
    """Units of one line given back. `subtotal` holds the tax too where the order's prices include it."""

    id: str
    line_id: str
    quantity: int
    #: RETURN, CANCEL, NO_RESTOCK, LEGACY_RESTOCK
    restock_type: str
    subtotal: Bag
    tax: Bag
    restocked: bool = False


class RefundShipping(Value):
    """Shipping given back; the tax is inside `subtotal` where prices include it."""

    id: str
    subtotal: Bag
    tax: Bag
    shipping_line_id: str | None = None


class OrderAdjustment(Value):
    """A difference between what the parts of a refund say and what was paid back; positive keeps money."""

    id: str
    amount: Bag
    tax: Bag
    reason: str = ""


class Refund(Value):
    """What was given back at one moment. Its money is among the order's tenders, by id."""

    id: str
    at: datetime
    lines: tuple[RefundLine, ...] = ()
    shipping: tuple[RefundShipping, ...] = ()
    adjustments: tuple[OrderAdjustment, ...] = ()
    duties: tuple[Bag, ...] = ()
    tender_ids: tuple[str, ...] = ()
    total: Bag | None = None
    note: str = ""
    #: The return it settles, where Shopify links one.
    return_id: str | None = None

    @property
    def has_parts(self) -> bool:
        """True when it says what it gives back, not only how much money."""
        return bool(self.lines or self.shipping or self.duties or self.adjustments)


class Sale(Value):
    """One row of a sales agreement: signed, allocated once by Shopify, never changed."""

    id: str
    #: ORDER, RETURN, UPDATE
    action: str
    #: PRODUCT, TIP, GIFT_CARD, SHIPPING, DUTY, ADDITIONAL_FEE, FEE, ADJUSTMENT, UNKNOWN
    line_type: str
    #: After discount, with tax.
    total: Bag
    tax: Bag
    #: Positive where they lower the price.
    discount_before_tax: Bag
    quantity: int | None = None
    taxes: tuple[TaxLine, ...] = ()
    line_id: str | None = None
    shipping_line_id: str | None = None


class Agreement(Value):
    """What shop and customer agreed at one moment: the order, an edit, a return, a refund."""

    id: str
    at: datetime
    #: ORDER, ORDER_EDIT, REFUND, RETURN
    reason: str
    sales: tuple[Sale, ...] = ()


class Return(Value):
    """A return and what it charges; without agreements a refund that settles it keeps the fees back."""

    id: str
    at: datetime
    status: str
    #: Return shipping and restocking.
    fees: tuple[Bag, ...] = ()


class Buyer(Value):
    """Who bought. Empty texts where the app may not see them."""

    id: str = ""
    name: str = ""
    email: str = ""
    company: str = ""
    company_location: str = ""


class Terms(Value):
    """Payment terms of a B2B order."""

    name: str
    due_in_days: int | None = None
    due_on: date | None = None


class Order(Value):
    """One order at one moment (`updated_at`), with everything that ever happened to it."""

    id: str
    #: "#1001"; not unique across shops.
    name: str
    shop: Shop
    #: Business moment of the sale: processedAt.
    at: datetime
    updated_at: datetime
    currency: str
    presentment_currency: str
    total: Bag
    #: None where Shopify did not send it.
    total_tax: Bag | None
    #: After edits and returns; None where Shopify did not send it.
    current_total: Bag | None
    #: The tax of it, after edits and returns; None where Shopify did not send it.
    current_tax: Bag | None = None
    taxes_included: bool = False
    test: bool = False
    cancelled_at: datetime | None = None
    #: When the last of it was fulfilled; None while something is not.
    fulfilled_at: datetime | None = None
    financial_status: str = ""
    fulfillment_status: str = ""
    #: web, pos, shopify_draft_order, or an app's number.
    source: str = ""
    location: str = ""
    #: Who of the shop's staff made the sale; "" where Shopify does not tell (it needs the scope read_users).
    staff: str = ""
    #: Code and name of the province it ships to, ("CA", "California"); empty where Shopify does not tell.
    province: tuple[str, ...] = ()
    po_number: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    discount_codes: tuple[str, ...] = ()
    buyer: Buyer = field(default_factory=Buyer)
    terms: Terms | None = None
    lines: tuple[OrderLine, ...] = ()
    shipping: tuple[ShippingLine, ...] = ()
    fees: tuple[AdditionalFee, ...] = ()
    tenders: tuple[Tender, ...] = ()
    refunds: tuple[Refund, ...] = ()
    returns: tuple[Return, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    #: Tips Shopify says it received; they are also a line or a TIP sale (convention 8).
    tip: Bag | None = None
    tip_line_ids: tuple[str, ...] = ()
    #: Fields that an amount needs and Shopify did not send ("lineItems"); such an order is held.
    missing: tuple[str, ...] = ()

    @property
    def gid(self) -> str:
        """Shopify's global id."""
        return f"gid://shopify/Order/{self.id}"

    def line(self, line_id: str | None) -> OrderLine | None:
        """The order line with this id, or None for a custom or deleted one."""
        return next((line for line in self.lines if line.id == line_id), None)

    def shipping_line(self, line_id: str | None) -> ShippingLine | None:
        """The shipping line with this id, or None."""
        return next((line for line in self.shipping if line.id == line_id), None)
