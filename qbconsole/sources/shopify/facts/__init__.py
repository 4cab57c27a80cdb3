"""Pulls what happened beside the orders: payouts, disputes, gift cards, store credit, drawers, goods.

Each reader takes the cursor it left the last time (None: everything) and the end of the window, and gives batches of
raw rows in the shapes of `pull --from-file` (accounting.md section 13), each with the cursor that is true once its
rows are kept. Each needs scopes of its own; without them it raises Withheld before it gives anything.
"""

from __future__ import annotations

from qbconsole.sources.shopify.facts.batch import Batch, Unread
from qbconsole.sources.shopify.facts.credit import gift_cards, store_credit
from qbconsole.sources.shopify.facts.drawers import cash_sessions
from qbconsole.sources.shopify.facts.goods import stock_levels, transfers
from qbconsole.sources.shopify.facts.payments import disputes, payouts
from qbconsole.sources.shopify.facts.purchases import purchases

__all__ = [
    "Batch",
    "Unread",
    "cash_sessions",
    "disputes",
    "gift_cards",
    "payouts",
    "purchases",
    "stock_levels",
    "store_credit",
    "transfers",
]
