"""The plan: what QuickBooks should hold, by role, before any name of an account or item is known.

A plan is one document; its postings are exactly its events' postings (proved in `books.proof`). Postings:
debit positive. Lines: positive raises the document's total, whatever the document is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from qbconsole.money import Money, total
from qbconsole.value import Value


class DocumentKind(StrEnum):
    """QuickBooks' own names for the documents we write."""

    SALES_RECEIPT = "SalesReceipt"
    INVOICE = "Invoice"
    RECEIVE_PAYMENT = "ReceivePayment"
    CREDIT_MEMO = "CreditMemo"
    AR_REFUND_CREDIT_CARD = "ARRefundCreditCard"
    CHECK = "Check"
    JOURNAL_ENTRY = "JournalEntry"
    DEPOSIT = "Deposit"
    BILL = "Bill"
    ITEM_RECEIPT = "ItemReceipt"
    VENDOR_CREDIT = "VendorCredit"
    INVENTORY_ADJUSTMENT = "InventoryAdjustment"
    TRANSFER_INVENTORY = "TransferInventory"  # posts nothing
    PURCHASE_ORDER = "PurchaseOrder"  # posts nothing
    SALES_ORDER = "SalesOrder"  # posts nothing
    ESTIMATE = "Estimate"  # posts nothing


#: Orders and moves: documents without any effect on the ledger.
NON_POSTING = frozenset(
    {
        DocumentKind.TRANSFER_INVENTORY,
        DocumentKind.PURCHASE_ORDER,
        DocumentKind.SALES_ORDER,
        DocumentKind.ESTIMATE,
    }
)


class LineKind(StrEnum):
    """What a line of a document shows; decides how it is named and where it stands."""

    PRODUCT = "product"
    CHARGE = "charge"  # shipping, tip, duty, fee, gift card sold, adjustment
    DISCOUNT = "discount"
    TAX = "tax"
    TENDER = "tender"  # gift card or store credit used: lowers what is to be paid


class Posting(Value):
    """One amount in the books: debit positive, credit negative."""

    on: date
    role: str
    amount: Money
    #: Tells postings of one role apart: the tax title. Never part of the role's name.
    facet: str = ""


#: Part of an event that tells what moved in stock, in a shop day's summary: it stands beside the event's amounts.
GOODS = "stock"
#: Part of an event that tells what was ordered, before the sale counts.
ORDERED = "ordered"
#: Part of an event in a shop day's summary: money taken before the sale counts, which waits to be released.
DEPOSIT = "deposit"
#: Part of a return's cost in a shop day's summary, with what it put back to stock and took from cost behind it.
PUT_BACK = "put back "
#: Part of what was told of restocking later, where QuickBooks keeps the stock; units by order line stand behind it.
UNITS_BACK = f"{PUT_BACK}units "


class Product(Value):
    """What was sold, on a line that no order stands behind (a shop day's): all that the rules look at."""

    sku: str = ""
    variant_id: str = ""
    barcode: str = ""
    product_type: str = ""
    vendor: str = ""
    #: True where Shopify counts stock of it.
    tracked: bool = False
    #: What one unit cost when it was first read, for the item's description.
    unit_cost: Money | None = None


class PlanLine(Value):
    """One line of a sales document, by role."""

    kind: LineKind
    role: str
    #: Raises the document's total when positive.
    amount: Money
    label: str = ""
    #: Positive on the document, also on a credit memo; None where a count means nothing.
    quantity: int | None = None
    #: The shop's line it tells of, for the rules.
    line_id: str | None = None
    #: Title of the tax, for tax lines.
    tax_title: str = ""
    channel_liable: bool = False
    #: Titles of the merchant's own taxes the shop charged on it; () where it charged none.
    taxed: tuple[str, ...] = ()
    #: Returned units that go back to stock.
    restocked: bool = False
    #: True on lines that give something back.
    returned: bool = False
    #: On lines of stock and purchases, where no order tells the product: its SKU and its location's name.
    sku: str = ""
    site: str = ""
    #: On a line of goods received: which line of the purchase order it fills, counted from 1; 0 for none.
    order_line: int = 0
    #: On a line of a shop day's summary: what was sold.
    product: Product | None = None


class Applied(Value):
    """A payment or credit settled against another document of ours, by that document's key."""

    document_key: str
    amount: Money
    #: Key of the credit memo whose credit is used; "" when it is the payment's own money.
    credit_key: str = ""


class Member(Value):
    """An event, or a part of one, that a document stands for; unique among live documents."""

    event_key: str
    part: str = ""


class Plan(Value):
    """One document by role."""

    #: "qbc1/oak-ember/order/8734179787058/1/0"
    key: str
    kind: DocumentKind
    on: date
    currency: str
    members: tuple[Member, ...]
    postings: tuple[Posting, ...]
    lines: tuple[PlanLine, ...] = ()
    #: Role of the account the money goes to or comes from; "" where none moves.
    money_role: str = ""
    #: Money moved; zero on invoices and memos.
    money: Money | None = None
    gateway: str = ""
    applied: tuple[Applied, ...] = ()
    #: The order's name and a suffix that tells its documents apart: "#1001", "C1".
    number: str = ""
    suffix: str = ""
    #: Words for the memo: what it is.
    memo: str = ""
    #: The day of the event where a closing date moved the document.
    true_on: date | None = None
    #: On a shop day's summary: its channel's label, one of the channel's sources, its location.
    channel: str = ""
    source: str = ""
    location: str = ""
    #: On a summary that is drawn up by payout: that payout.
    payout: str = ""
    #: The vendor of a purchase, as the shop calls it.
    vendor: str = ""
    #: The vendor's own number on a bill.
    vendor_number: str = ""
    #: On a receipt or bill: key of the purchase order's document it fills.
    fills: str = ""
    #: True as sent: the merchant's own tax is no line of it, QuickBooks adds it by its own rates.
    computed: bool = False
    #: On a follow-up that moves pennies of tax: key of the document they are of.
    corrects: str = ""

    @property
    def told_number(self) -> tuple[str, str]:
        """What its number is made of, and the suffix: the vendor's own number has none."""
        return (self.vendor_number, "") if self.vendor_number else (self.number, self.suffix)

    @property
    def total(self) -> Money:
        """Sum of the lines, the money of a payment, or the debits of a journal entry."""
        if self.kind is DocumentKind.JOURNAL_ENTRY:
            debits = (row.amount for row in self.postings if row.amount.amount > 0)
            return total(debits, self.currency)
        if self.lines or self.money is None:
            return total([line.amount for line in self.lines], self.currency)
        return self.money


#: Day, role and facet -> amount, debit positive: what something posts, added up.
Tally = dict[tuple[date, str, str], Decimal]


def tally(postings: Iterable[Posting]) -> Tally:
    """Postings added up by day, role and facet."""
    sums: Tally = {}
    for posting in postings:
        at = (posting.on, posting.role, posting.facet)
        sums[at] = sums[at] + posting.amount.amount if at in sums else posting.amount.amount
    return sums


def listed(sums: Tally, currency: str) -> tuple[Posting, ...]:
    """A tally as postings, zeros left out; in a stable order."""
    return tuple(
        Posting(on=on, role=role, amount=Money.exact(amount, currency), facet=facet)
        for (on, role, facet), amount in sorted(sums.items())
        if amount
    )


def netted(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    """Postings of one currency added up by day, role and facet, zeros left out; in a stable order."""
    rows = tuple(postings)
    currency = rows[0].amount.currency if rows else ""
    return listed(tally(rows), currency)
