"""All that a plugin author imports: `from qbconsole.plugin import hookimpl, Money`.

A plugin is one file in the workspace's plugins folder (or an installed package with an entry point in the
group "qbconsole"). It implements the hooks it needs, naming only the arguments it needs, and returns plain
values; merchants opt in by name in mappings.toml. Every value given to a hook is frozen. docs/hooks.md has
an example of each hook. `item_name` and `party_name` make an own name (no parents) that QuickBooks takes.

A plugin decides names and asks to wait. It never sends, stores or fetches anything: it runs in a child
process with a deadline, and one that fails stops its merchant's posting until it is mended.
"""

from __future__ import annotations

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.news import News
from qbconsole.books.plan import LineKind, PlanLine
from qbconsole.money import Money, allocate, total
from qbconsole.rules.hookspecs import HOOK_API, hookimpl
from qbconsole.rules.legal import item_name, party_name
from qbconsole.rules.mapping.options.option import Lookup, Option
from qbconsole.shop.bag import Bag
from qbconsole.shop.events import Event, EventKind, FactEvent, Part, PartKind, SaleEvent, TaxPart, TenderEvent
from qbconsole.shop.orders import (
    Buyer,
    Order,
    OrderLine,
    Refund,
    ShippingLine,
    Shop,
    TaxLine,
    Tender,
    Terms,
)
from qbconsole.shop.payments.cash import CashSession
from qbconsole.shop.payments.credit import GiftCard, StoreCreditMovement
from qbconsole.shop.payments.fees import GatewayFee
from qbconsole.shop.payments.payouts import Payout
from qbconsole.shop.purchases import Purchase
from qbconsole.shop.stock import StockGroup, StockTransfer

__all__ = [
    "HOOK_API",
    "Bag",
    "Buyer",
    "CashSession",
    "Event",
    "EventKind",
    "FactEvent",
    "GatewayFee",
    "GiftCard",
    "Hold",
    "LineKind",
    "Lookup",
    "Money",
    "News",
    "Option",
    "Order",
    "OrderLine",
    "Part",
    "PartKind",
    "Payout",
    "PlanLine",
    "Purchase",
    "Reason",
    "Refund",
    "SaleEvent",
    "ShippingLine",
    "Shop",
    "StockGroup",
    "StockTransfer",
    "StoreCreditMovement",
    "TaxLine",
    "TaxPart",
    "Tender",
    "TenderEvent",
    "Terms",
    "allocate",
    "hookimpl",
    "item_name",
    "party_name",
    "total",
]
