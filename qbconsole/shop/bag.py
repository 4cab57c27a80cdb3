"""Bag: one amount in the shop's currency and the same amount as the customer saw it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qbconsole.money import Money, total


@dataclass(frozen=True, slots=True)
class Bag:
    """Shopify's MoneyBag. The books use `shop`; `presentment` tells exchange differences from real ones."""

    shop: Money
    presentment: Money

    @classmethod
    def zero(cls, shop: str, presentment: str) -> Bag:
        """Nothing, in both currencies."""
        return cls(Money.zero(shop), Money.zero(presentment))

    def __add__(self, other: Bag) -> Bag:
        return Bag(self.shop + other.shop, self.presentment + other.presentment)

    def __sub__(self, other: Bag) -> Bag:
        return Bag(self.shop - other.shop, self.presentment - other.presentment)

    def __neg__(self) -> Bag:
        return Bag(-self.shop, -self.presentment)

    def __mul__(self, times: int) -> Bag:
        return Bag(self.shop * times, self.presentment * times)

    def __bool__(self) -> bool:
        return bool(self.shop) or bool(self.presentment)


def bag_total(bags: Iterable[Bag], like: Bag) -> Bag:
    """Add bags up; `like` gives the two currencies, because there may be none."""
    given = list(bags)
    return Bag(
        total((bag.shop for bag in given), like.shop.currency),
        total((bag.presentment for bag in given), like.presentment.currency),
    )
