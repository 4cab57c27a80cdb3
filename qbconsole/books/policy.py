"""Policy: how a merchant wants events booked, as frozen values the rules read from mappings.toml.

Booking reads nothing else of the mapping: with these and the events the postings by role are settled, and
no later choice of names can change a total.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from qbconsole.value import Value, field

Mode = Literal["detailed", "summary"]
Create = Literal["yes", "ask", "no"]


class Policy(Value):
    """[defaults.policy] with [merchants.X.policy] on top; the first value named is the default."""

    recognise_on: Literal["order", "payment", "fulfillment"] = "order"
    authorized: Literal["hold", "post"] = "hold"
    cogs: Literal["quickbooks", "unit_cost", "off"] = "quickbooks"
    closed_period: Literal["hold", "first_open_day"] = "hold"
    fees_date: Literal["payout", "transaction"] = "payout"
    restock_loss_role: str = "inventory_adjustment"
    #: How tax reaches QuickBooks: as a line with the shop's amount, or computed there ("quickbooks") with pennies put
    #: right afterwards.
    tax: Literal["tax_item_line", "liability_line", "quickbooks"] = "tax_item_line"
    tax_by: Literal["title", "province", "single"] = "title"
    approve: Literal["auto", "manual"] = "auto"
    #: Goods received become a bill at once, or an item receipt that staff turn into a bill in QuickBooks.
    receipts: Literal["bill", "item_receipt"] = "bill"
    #: In summary mode, a day's sales that were paid at once: amounts alone, or by item with quantities.
    summary_document: Literal["journal", "sales_receipt"] = "journal"
    #: In summary mode, what Shopify Payments took: summed by shop day, or by the payout that pays it out.
    summary_by: Literal["day", "payout"] = "day"
    #: What an unpaid order is until it ships; needs recognise_on "fulfillment".
    orders: Literal["off", "sales_order", "estimate"] = "off"
    #: "sites": stock moved between locations is moved between QuickBooks' sites (advanced inventory).
    transfers: Literal["off", "sites"] = "off"
    #: What happens after the start date to orders from before it.
    before_start: Literal["hold", "opening_balance"] = "hold"
    #: Whether an expired gift card or store credit becomes income; the law of many places forbids it.
    breakage: Literal["off", "book"] = "off"


class Modes(Value):
    """[merchants.X.modes]: how much detail QuickBooks gets."""

    customers: Mode = "summary"
    inventory: Mode = "detailed"
    vendors: Mode = "detailed"
    sales: Mode = "detailed"


class Creation(Value):
    """[merchants.X.create]: may we add to QuickBooks what it lacks?"""

    customers: Create = "yes"
    items: Create = "yes"
    vendors: Create = "yes"
    accounts: Create = "ask"


class Numbers(Value):
    """[merchants.X.numbers]: how the number printed on a document is made."""

    #: "order": the order's name without "#"; "digits": its digits alone; "made": a letter and ten signs of our own.
    style: Literal["order", "digits", "made"] = "order"
    #: Stands before it, so that two shops of one company file do not meet.
    prefix: str = ""


class Settings(Value):
    """All that booking needs to know of a merchant."""

    merchant: str
    policy: Policy = field(default_factory=Policy)
    modes: Modes = field(default_factory=Modes)
    create: Creation = field(default_factory=Creation)
    numbers: Numbers = field(default_factory=Numbers)
    #: First shop day that is booked; None books everything pulled.
    start: date | None = None
    #: Books are closed up to and with this day; None while nothing is closed.
    closing_date: date | None = None
    #: The company file's currency.
    home_currency: str = "USD"
    #: First month of the fiscal year, January unless QuickBooks or the workspace says otherwise.
    fiscal_first_month: int = 1
    #: Test orders are booked too (`pull --include-test`).
    include_test: bool = False
    #: The merchant, where others share its shop; "" where it has the shop to itself.
    whose: str = ""
