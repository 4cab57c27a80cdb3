"""Facts beside orders: the reader of each kind of snapshot, in the order they are booked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qbconsole.books.facts.table import Fact
from qbconsole.shop.orders import Shop
from qbconsole.sources.shopify.reading_facts import (
    read_cash_session,
    read_fee,
    read_gift_card,
    read_payout,
    read_store_credit,
)
from qbconsole.sources.shopify.reading_stock import read_purchase, read_stock_group
from qbconsole.sources.shopify.reading_transfers import read_transfer

#: Kind of snapshot -> what reads it. Readers raise InputUnreadable.
READERS: Mapping[str, Callable[[Mapping[str, Any], Shop], Fact]] = {
    "gift_card": lambda raw, _shop: read_gift_card(raw),
    "store_credit": lambda raw, _shop: read_store_credit(raw),
    "cash_session": lambda raw, _shop: read_cash_session(raw),
    "fee": lambda raw, _shop: read_fee(raw),
    "payout": lambda raw, _shop: read_payout(raw),
    "inventory_group": read_stock_group,
    "transfer": read_transfer,
    "purchase": read_purchase,
}
