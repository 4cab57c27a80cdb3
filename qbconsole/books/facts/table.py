"""The facts beside orders: which function draws which."""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.books.facts.drawn import Drawn
from qbconsole.books.plan import Plan
from qbconsole.books.policy import Settings
from qbconsole.shop.orders import Shop

Fact = object


def draw(fact: Fact, shop: Shop, settings: Settings, booked: Sequence[Plan]) -> Drawn:
    """Everything the fact ever meant, from its latest snapshot and the plans already booked of it."""
    raise TypeError(f"no function draws a {type(fact).__name__}")
