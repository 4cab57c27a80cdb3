"""Money of the simulated shop: whole smallest units, in shop and presentment currency at once.

A `Pair` is what the Admin API calls a MoneyBag, before it is written as text. Every rounding happens in
both currencies by the same rule, half away from zero. Never a float, never one of our own types.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

_PLACES = dict.fromkeys(("JPY", "KRW", "VND", "CLP", "ISK"), 0) | dict.fromkeys(("KWD", "BHD", "OMR"), 3)


@dataclass(frozen=True, slots=True)
class Pair:
    """An amount in the shop's and in the buyer's currency, each in its smallest unit."""

    shop: int
    buyer: int

    def __add__(self, other: Pair) -> Pair:
        return Pair(self.shop + other.shop, self.buyer + other.buyer)

    def __sub__(self, other: Pair) -> Pair:
        return Pair(self.shop - other.shop, self.buyer - other.buyer)

    def __neg__(self) -> Pair:
        return Pair(-self.shop, -self.buyer)

    def __bool__(self) -> bool:
        return bool(self.shop or self.buyer)

    def times(self, numerator: int, denominator: int = 1) -> Pair:
        """The amount times a fraction, each side rounded half away from zero."""
        return Pair(ratio(self.shop, numerator, denominator), ratio(self.buyer, numerator, denominator))

    def least(self, other: Pair) -> Pair:
        """The smaller amount of each side."""
        return Pair(min(self.shop, other.shop), min(self.buyer, other.buyer))


ZERO = Pair(0, 0)


def ratio(amount: int, numerator: int, denominator: int) -> int:
    """Multiply by a fraction and round half away from zero."""
    product = amount * numerator
    whole = (2 * abs(product) + abs(denominator)) // (2 * abs(denominator))
    return whole if (product >= 0) == (denominator > 0) else -whole


def total(pairs: Iterable[Pair]) -> Pair:
    """Add amounts up."""
    shop = buyer = 0
    for pair in pairs:
        shop += pair.shop
        buyer += pair.buyer
    return Pair(shop, buyer)


def shares(whole: Pair, weights: Sequence[Pair]) -> list[Pair]:
    """Split in proportion to the weights; rounded running sums, so the parts add up exactly."""
    sums = total(weights)
    parts, seen, given = [], ZERO, ZERO
    for weight in weights:
        seen = seen + weight
        upto = Pair(
            ratio(whole.shop, seen.shop, sums.shop or 1), ratio(whole.buyer, seen.buyer, sums.buyer or 1)
        )
        parts.append(upto - given)
        given = upto
    return parts


def units(whole: Pair, count: int, first: int, taken: int) -> Pair:
    """The amount of `taken` units of `count`, after `first` others were taken; all units add up to the whole."""
    if not count:
        return ZERO
    return whole.times(first + taken, count) - whole.times(first, count)


def places(currency: str) -> int:
    """How many decimals the currency has."""
    return _PLACES.get(currency, 2)


@lru_cache(maxsize=65536)
def text(amount: int, decimals: int) -> str:
    """Write an amount as the Admin API does: trailing zeros cut, one decimal kept ("20.0", "12.77")."""
    sign, digits = ("-" if amount < 0 else ""), str(abs(amount)).rjust(decimals + 1, "0")
    cut = len(digits) - decimals
    return f"{sign}{digits[:cut]}.{digits[cut:].rstrip('0') or '0'}"


def money(amount: int, currency: str) -> dict[str, str]:
    """One MoneyV2."""
    return {"amount": text(amount, places(currency)), "currencyCode": currency}


@dataclass(frozen=True, slots=True)
class Tongue:
    """The two currencies an order is written in."""

    shop: str
    buyer: str

    def bag(self, pair: Pair) -> dict[str, Any]:
        """One MoneyBag."""
        return {"shopMoney": money(pair.shop, self.shop), "presentmentMoney": money(pair.buyer, self.buyer)}


def read(bag: dict[str, Any] | None) -> Pair:
    """Read a MoneyBag back; an absent one is zero, an absent presentment side equals the shop's."""
    if not bag:
        return ZERO
    shop = bag["shopMoney"]
    return Pair(_minor(shop), _minor(bag.get("presentmentMoney") or shop))


def _minor(value: dict[str, str]) -> int:
    return int(Decimal(value["amount"]).scaleb(places(value["currencyCode"])))
