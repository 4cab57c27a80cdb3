"""Rules of mappings.toml put to use: which of them speak to a question, and whether one fits the facts.

An `account` or `item` rule that names no role speaks of product lines, sold or returned; one that names a
gateway speaks of that gateway's clearing account. So no rule about a shop's place or a tag can move tax,
fees or clearing money by accident. A `class` rule with a line fact speaks of lines, else of whole sales.
Filters use the same facts; what they leave out is held as `filtered`, never silently dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.plan import LineKind
from qbconsole.books.roles import CLEARING
from qbconsole.rules.facts import LINE_FACTS, READ, Facts, fits
from qbconsole.rules.mapping.values import Filter, Rule, Tables
from qbconsole.shop.orders import Order
from qbconsole.value import replace


def of_day(rules: Iterable[Rule], outcome: str, day: date | None) -> tuple[Rule, ...]:
    """The rules that decide this outcome on this day, in the file's order; without a day, only undated ones."""
    return tuple(
        rule
        for rule in rules
        if outcome in rule.outcomes and (rule.span is None or (day is not None and rule.span.holds(day)))
    )


def boundaries(levels: Iterable[Tables]) -> tuple[date, ...]:
    """The days on which another set of rules, or another registration, begins to hold, ascending."""
    spans = [
        span
        for tables in levels
        for span in (
            *(rule.span for rule in tables.rules),
            *(one.span for one in (tables.registered or {}).values()),
        )
        if span is not None
    ]
    return tuple(sorted({day for span in spans for day in (span.first, span.until) if day is not None}))


def goods_only(rules: Iterable[Rule], outcome: str) -> bool:
    """Whether all these rules can only speak of product lines."""
    other = {"role", "gateway"} if outcome == "account" else {"role"}
    return outcome in ("account", "item") and all(other.isdisjoint(rule.when) for rule in rules)


def _about_lines(rule: Rule) -> bool:
    return bool(LINE_FACTS & rule.when.keys()) or "role" in rule.when


def _reaches(rule: Rule, outcome: str, facts: Facts) -> bool:
    """Whether a rule speaks of this kind of question at all."""
    if outcome == "class":
        return _about_lines(rule) == (facts.line is not None)
    if outcome not in ("account", "item") or "role" in rule.when:
        return True
    if "gateway" in rule.when and outcome == "account":
        return facts.role.startswith(CLEARING)
    return facts.line is not None and facts.line.kind is LineKind.PRODUCT


def _holds(rule: Rule, names: Iterable[str], facts: Facts) -> bool:
    return all(fits(rule.when[name], READ[name](facts)) for name in names)


def applies(rule: Rule, outcome: str, facts: Facts) -> bool:
    """True when a rule answers this question for these facts."""
    if not _reaches(rule, outcome, facts):
        return False
    if rule.amount is not None and (facts.amount is None or not rule.amount.hold(facts.amount)):
        return False
    line_facts = [name for name in rule.when if name in LINE_FACTS]
    if not _holds(rule, (name for name in rule.when if name not in LINE_FACTS), facts):
        return False
    if facts.line is not None or facts.order is None:
        return _holds(rule, line_facts, facts)
    return not line_facts or any(
        _holds(rule, line_facts, replace(facts, sale=sale)) for sale in facts.order.lines
    )


def first(rules: Iterable[Rule], outcome: str, facts: Facts) -> Rule | None:
    """The first rule that answers, or None."""
    return next((rule for rule in rules if applies(rule, outcome, facts)), None)


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
