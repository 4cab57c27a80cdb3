"""The facts beside orders: which function draws which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qbconsole.books.facts.cash import draw_cash_session
from qbconsole.books.facts.drawn import Drawn
from qbconsole.books.facts.fees import draw_fee
from qbconsole.books.facts.gift_card import draw_gift_card
from qbconsole.books.facts.payout.draw import draw_payout
from qbconsole.books.facts.purchase.drawing import draw_purchase
from qbconsole.books.facts.stock import draw_stock_group, draw_transfer
from qbconsole.books.facts.store_credit import draw_store_credit
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Settings
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.cash import CashSession
from qbconsole.shop.payments.credit import GiftCard, StoreCreditMovement
from qbconsole.shop.payments.fees import GatewayFee
from qbconsole.shop.payments.payouts import Payout
from qbconsole.shop.purchases import Purchase
from qbconsole.shop.stock import StockGroup, StockTransfer

Fact = (
    Payout | GatewayFee | GiftCard | StoreCreditMovement | CashSession | StockGroup | StockTransfer | Purchase
)
_DRAW: Mapping[type, Callable[[Any, Shop, Settings, Sequence[Plan]], Drawn]] = {
    Payout: draw_payout,
    GatewayFee: draw_fee,
    GiftCard: draw_gift_card,
    StoreCreditMovement: draw_store_credit,
    CashSession: draw_cash_session,
    StockGroup: draw_stock_group,
    StockTransfer: draw_transfer,
    Purchase: draw_purchase,
}


def draw(fact: Fact, shop: Shop, settings: Settings, booked: Sequence[Plan]) -> Drawn:
    """Everything the fact ever meant, from its latest snapshot and the plans already booked of it."""
    return _DRAW[type(fact)](fact, shop, settings, booked)
