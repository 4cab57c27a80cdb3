"""Events: immutable things that happened in the shop, each booked once.

Two roads lead here, sales agreements and, where a source has none, order fields and refunds; both give the
same neutral shape, so that booking knows one. Signs: what the customer owes more is positive, what is
given back is negative. `qbconsole.shop.timeline` derives them from an order.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from qbconsole.money import Money
from qbconsole.shop.bag import Bag, bag_total
from qbconsole.value import Value


class PartKind(StrEnum):
    """What one part of a sale is about; decides the role it posts to."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    TIP = "tip"
    GIFT_CARD = "gift_card"  # a card sold: a liability, no income
    DUTY = "duty"
    ADDITIONAL_FEE = "additional_fee"
    RETURN_FEE = "return_fee"  # return shipping or restocking, kept from what is given back
    ADJUSTMENT = "adjustment"  # a difference Shopify itself booked
    UNKNOWN = "unknown"  # a kind newer than this program: held, never guessed


class EventKind(StrEnum):
    """Where an event was read from; the first segment of its key."""

    ORDER = "order"  # the sale, from order fields
    AGREEMENT = "agreement"  # any sales agreement: order, edit, return, refund
    REFUND = "refund"  # what was given back, from refund fields
    EDIT = "edit"  # units or prices changed, seen by comparing order fields
    CANCEL = "cancel"  # cancelled without a refund record or agreement
    TENDER = "txn"  # money moved
    # Not about one order:
    PAYOUT = "payout"  # a payout reached its end: paid, failed, or failed after it was paid
    FEE = "fee"  # a fee on its own day: of a balance entry, or from a gateway's CSV
    GIFT_CARD = "gift_card"  # a card issued by staff, adjusted or expired
    STORE_CREDIT = "store_credit"  # credit granted, taken back or expired outside any order
    CASH_SESSION = "cash_session"  # a drawer was closed
    STOCK = "stock"  # stock counted, damaged or found
    TRANSFER = "transfer"  # stock moved between locations
    PURCHASE = "purchase"  # goods were ordered; posts nothing
    RECEIPT = "receipt"  # goods arrived
    BILL = "bill"  # the vendor's bill said otherwise than the receipt
    VENDOR_CREDIT = "vendor_credit"  # goods went back, or the vendor gave money back
    # Derived while booking, from an event of the same order:
    COST = "cost"  # what the goods of a sale or return cost
    RELEASE = "release"  # deposits become payment when the sale counts


class TaxPart(Value):
    """The tax of one part, by title."""

    title: str
    amount: Bag
    channel_liable: bool = False


class Part(Value):
    """One signed part of a sale: net of tax and after discount, its discount apart, its taxes apart."""

    kind: PartKind
    #: total − tax; negative when given back.
    net: Bag
    #: Before tax, positive where it lowered the price; zero on what is given back.
    discount: Bag
    taxes: tuple[TaxPart, ...] = ()
    #: True when units or shipping sold before come back.
    returned: bool = False
    #: Signed like net; None where Shopify gives none.
    quantity: int | None = None
    line_id: str | None = None
    shipping_line_id: str | None = None
    #: What to call it on a document.
    label: str = ""
    #: Codes or titles of the discounts.
    discount_label: str = ""
    #: On returned units: True where they went back to stock.
    restocked: bool = False
    #: What one unit cost when this was first read; None where Shopify does not tell.
    unit_cost: Money | None = None

    @property
    def tax(self) -> Bag:
        """All its taxes."""
        return bag_total([tax.amount for tax in self.taxes], self.net)

    @property
    def owed(self) -> Decimal:
        """What the customer owes for it, tax included, in the shop's currency."""
        return sum([tax.amount.shop.amount for tax in self.taxes], self.net.shop.amount)

    @property
    def total(self) -> Bag:
        """What the customer owes for it, tax included."""
        return self.net + self.tax if self.taxes else self.net


class SaleEvent(Value):
    """The customer owes more, or less."""

    #: "order/8734179787058", "agreement/55", "refund/9", "edit/8734179787058.1"
    key: str
    kind: EventKind
    at: datetime
    #: Shop date of `at`.
    on: date
    parts: tuple[Part, ...]
    #: ORDER, ORDER_EDIT, REFUND, RETURN, CANCEL
    reason: str = "ORDER"

    def total(self, like: Bag) -> Bag:
        """What the customer owes more by it (less when negative)."""
        net = [part.net for part in self.parts]
        return bag_total([*net, *(tax.amount for part in self.parts for tax in part.taxes)], like)


class TenderEvent(Value):
    """Money moved: positive to the merchant, negative to the customer."""

    #: "txn/123"
    key: str
    at: datetime
    on: date
    gateway: str
    #: SALE, CAPTURE, REFUND, CHANGE
    tender: str
    #: Signed; without cash rounding, so it is what settles the customer's account.
    amount: Bag
    #: Cash rounding that came with it, signed like the drawer sees it; zero for other gateways.
    rounding: Bag
    #: Paid outside a card processor (cash, bank transfer …).
    manual: bool = False
    #: The refund it belongs to, if any: "refund/9".
    refund_key: str | None = None
    kind: EventKind = EventKind.TENDER


class FactEvent(Value):
    """Something booked as a whole: a payout, a gift card issued, a drawer closed, goods received."""

    #: "payout/987", "stock/55", "bill/PO-7.B1"
    key: str
    kind: EventKind
    at: datetime
    #: Shop date of `at`.
    on: date
    #: What it said when it was first read; another text later means that its source tells it otherwise now.
    digest: str = ""


#: What an order's timeline holds.
OrderEvent = SaleEvent | TenderEvent
Event = OrderEvent | FactEvent
