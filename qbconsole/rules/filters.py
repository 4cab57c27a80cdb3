"""Filters: which orders a merchant books. What is left out is held as `filtered`, never silently dropped."""

from __future__ import annotations

from datetime import date

from qbconsole.books.holds import Hold, Reason
from qbconsole.rules.facts import READ, Facts, fits
from qbconsole.rules.mapping.values import Filter
from qbconsole.shop.orders import Order


def _why(one: Filter, facts: Facts, order: Order, day: date) -> str | None:
    """Why an order does not pass one filter; None when it passes."""
    if one.on == "value":
        amount = abs(order.total.shop.amount)
        return None if one.amount is None or one.amount.hold(amount) else f"its total is {order.total.shop}"
    if one.on == "date":
        return None if one.span is None or one.span.holds(day) else f"its date is {day}"
    given = READ[one.on](facts)
    shown = ", ".join(text for text in dict.fromkeys(given) if text) or "none"
    if one.only and not fits(one.only, given):
        return f"its {one.on} is {shown}, not {' or '.join(one.only)}"
    if one.but_not and fits(one.but_not, given):
        return f"its {one.on} is {shown}"
    return None


def filtered(
    filters: tuple[Filter, ...], facts: Facts, order: Order, day: date, file: str
) -> tuple[Hold, ...]:
    """One hold for each filter that an order does not pass; `day` is the order's shop date."""
    holds = []
    for one in filters:
        why = _why(one, facts, order, day)
        if why is not None:
            holds.append(
                Hold(
                    reason=Reason.FILTERED,
                    where=f"order {order.name}",
                    sentence=f"The {one.on} filter at {file}:{one.line} leaves it out: {why}.",
                    next_step=f"Change the filter at {file}:{one.line} if this order belongs in the books.",
                    cause=f"filtered:{one.on}",
                )
            )
    return tuple(holds)
