"""Bag: one amount in the shop's currency and the same amount as the customer saw it."""

from __future__ import annotations

from collections.abc import Iterable
from operator import is_

from qbconsole.money import Money, total
from qbconsole.value import Value


class Bag(Value, kw_only=False):
    """Shopify's MoneyBag. The books use `shop`; `presentment` tells exchange differences from real ones."""

    shop: Money
    presentment: Money

    @classmethod
    def of(cls, shop: Money, presentment: Money) -> Bag:
        """A bag; where both sides are equal one Money stands for both, so that sums are made once."""
        return cls(shop, shop if shop == presentment else presentment)

    @classmethod
    def zero(cls, shop: str, presentment: str) -> Bag:
        """Nothing, in both currencies."""
        nothing = Money.zero(shop)
        return cls(nothing, nothing if shop == presentment else Money.zero(presentment))

    @property
    def is_plain(self) -> bool:
        """True where the customer saw the shop's own currency: one Money then stands on both sides."""
        return self.shop is self.presentment

    def __add__(self, other: Bag) -> Bag:
        shop = self.shop + other.shop
        if self.shop is self.presentment and other.shop is other.presentment:
            return Bag(shop, shop)
        return Bag(shop, self.presentment + other.presentment)

    def __sub__(self, other: Bag) -> Bag:
        shop = self.shop - other.shop
        if self.shop is self.presentment and other.shop is other.presentment:
            return Bag(shop, shop)
        return Bag(shop, self.presentment - other.presentment)

    def __neg__(self) -> Bag:
        shop = -self.shop
        return Bag(shop, shop if self.is_plain else -self.presentment)

    def __mul__(self, times: int) -> Bag:
        shop = self.shop * times
        return Bag(shop, shop if self.is_plain else self.presentment * times)

    def __bool__(self) -> bool:
        return bool(self.shop.amount) or bool(self.presentment.amount)


def bag_total(bags: Iterable[Bag], like: Bag) -> Bag:
    """Add bags up; `like` gives the two currencies, because there may be none."""
    given = bags if isinstance(bags, list | tuple) else list(bags)
    if not given:
        return like - like
    if len(given) == 1 and given[0].shop.currency == like.shop.currency:
        return given[0]
    shops = [bag.shop for bag in given]
    seen = [bag.presentment for bag in given]
    shop = total(shops, like.shop.currency)
    if like.shop is like.presentment and all(map(is_, shops, seen)):
        return Bag(shop, shop)
    return Bag(shop, total(seen, like.presentment.currency))
