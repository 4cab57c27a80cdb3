"""Amounts and times of one order: strict about what is no amount, lenient about what is absent."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from functools import lru_cache

from qbconsole.money import Money, MoneyError
from qbconsole.shop.bag import Bag
from qbconsole.shop.orders import Shop, zone
from qbconsole.sources.shopify.reading.told import Json, text_of

#: QuickBooks keeps ten digits before the point; the store counts smallest units in 64 bits.
_BEYOND = 10**13


@lru_cache(maxsize=65536)
def _money(amount: str, currency: str) -> Money:
    money = Money.of(amount, currency)
    if abs(money.amount) >= _BEYOND:
        raise ValueError(f"{amount!r} is more than any books hold")
    return money


@lru_cache(maxsize=65536)
def cost_of(amount: str, currency: str) -> Money:
    """What a unit costs; a merchant may keep more decimals than the currency has."""
    return Money.rounded(Decimal(amount), currency)


@lru_cache(maxsize=65536)
def _plain(amount: str, currency: str) -> Bag:
    money = _money(amount, currency)
    return Bag(money, money)


class Reader:
    """Reads amounts and times of one order; knows its currencies, which an absent amount needs."""

    def __init__(self, raw: Json, shop: Shop) -> None:
        self.raw = raw
        self.shop = shop
        self.currency = self._seen("shopMoney") or str(raw.get("currencyCode") or shop.currency)
        self.presentment = self._seen("presentmentMoney") or str(
            raw.get("presentmentCurrencyCode") or self.currency
        )
        self.zero = Bag.zero(self.currency, self.presentment)

    def _seen(self, side: str) -> str:
        """The currency the order's own total is in: amounts tell more than a code beside them."""
        amounts = self.raw.get("totalPriceSet") or self.raw.get("currentTotalPriceSet") or {}
        seen = amounts.get(side) or amounts.get("shopMoney") or {}
        return str(seen.get("currencyCode") or "")

    def bag(self, value: Json | None) -> Bag:
        """A MoneyBag; without presentment money the shop's stands for both; nothing is zero."""
        if not value:
            return self.zero
        own = value["shopMoney"]
        seen = value.get("presentmentMoney") or own
        currency = own["currencyCode"]
        if currency != self.currency or seen["currencyCode"] != self.presentment:
            told = f"{currency} and {seen['currencyCode']}"
            raise MoneyError(f"an amount in {told} in an order in {self.currency} and {self.presentment}")
        if own["amount"] == seen["amount"] and currency == self.presentment:
            return _plain(text_of(own["amount"]), currency)
        return Bag(
            _money(text_of(own["amount"]), currency), _money(text_of(seen["amount"]), self.presentment)
        )

    def time(self, text: object) -> datetime:
        """A moment; a text without a time is a shop date already, so it is read at the shop's noon."""
        moment = datetime.fromisoformat(str(text))
        if len(str(text)) == len("2026-01-31"):
            return datetime.combine(moment.date(), time(12), zone(self.shop.timezone))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
