"""Moves: one amount on one account on one day, because of one thing in the shop. Both ends are told in them.

Accounts are pooled as far as the judges care: delivery decides whether a sale stands there once and with its
amount, which of the income accounts it is on is judged elsewhere. What QuickBooks moves between stock and its cost
by itself stays inside one pool, and so adds up to nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

ZERO = Decimal(0)
#: The account tree of the mapping that every simulated workspace begins with.
_INCOME = "Sales:"
_GOODS = frozenset({"Inventory Asset", "Cost of Goods Sold", "Inventory Adjustments", "Inventory in Transit"})


class Move(NamedTuple):
    """One amount, debit positive."""

    #: The order's name, as everybody knows it; "" where it is not about one order, or sums of a day are booked.
    subject: str
    #: The shop's day; None where the shop does not tell one.
    day: date | None
    account: str
    amount: Decimal


#: (day, account) -> sum; zeros are left out.
Sums = dict[tuple[date | None, str], Decimal]


def pooled(account: str) -> str:
    """The pool an account of the company file is judged in."""
    return "income" if account.startswith(_INCOME) else "goods" if account in _GOODS else account


def sums(moves: Iterable[Move]) -> Sums:
    """What moves come to by day and account."""
    found: dict[tuple[date | None, str], Decimal] = defaultdict(Decimal)
    for move in moves:
        found[move.day, pooled(move.account)] += move.amount
    return {place: amount for place, amount in found.items() if amount}


def without_days(by_day: Sums) -> Sums:
    """The same, whenever it was."""
    found: dict[tuple[date | None, str], Decimal] = defaultdict(Decimal)
    for (_day, account), amount in by_day.items():
        found[None, account] += amount
    return {place: amount for place, amount in found.items() if amount}
