"""Reach: whether an order can meet any rule in which two mappings differ; where not, both say the same of it.

A rule speaks only where all its conditions hold. Conditions on an order and on its lines are tried on everything they
could be asked of; what else a rule says (its role, amount, gateway, title, kind of document and dates) is taken to
hold. So an order that meets none of the changed rules here is answered by the same rules and tables under both.
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from typing import Any

import msgspec

from qbconsole.rules.facts import LINE_FACTS, READ, Facts, fits
from qbconsole.rules.mapping.values import Mapping, Rule
from qbconsole.shop.orders import Order
from qbconsole.value import replace

#: Conditions that are read from the order alone.
_OF_ORDER = ("location", "tag", "customer", "status", "order", "province", "shipping", "terms", "staff")
#: Conditions that only lines of the order can meet; a title may also be a charge's or a tax's.
_OF_LINES = tuple(sorted(LINE_FACTS - {"title"}))


def changed_rules(before: Mapping, after: Mapping, merchant: str) -> tuple[Rule, ...] | None:
    """The rules in which two mappings differ for a merchant; None where anything else differs too.

    Rules answer in their order, so from the first to the last that is not the same all count as changed. On which line
    something stands is no difference.
    """
    if _besides_rules(before, merchant) != _besides_rules(after, merchant):
        return None
    found: list[Rule] = []
    for one, other in zip(before.ladder(merchant), after.ladder(merchant), strict=True):
        was, now = _unlined_rules(one.rules), _unlined_rules(other.rules)
        while was and now and was[0] == now[0]:
            was, now = was[1:], now[1:]
        while was and now and was[-1] == now[-1]:
            was, now = was[:-1], now[:-1]
        found += [*was, *now]
    return tuple(found)


def may_meet(rules: Sequence[Rule], order: Order, channel: str) -> bool:
    """Whether any of these rules could speak of the order; `channel` is its label, "Online Store"."""
    whole = Facts(order=order, channel=channel)
    return any(_may_meet(rule, whole, order) for rule in rules)


def _may_meet(rule: Rule, whole: Facts, order: Order) -> bool:
    when = rule.when
    if not all(fits(when[name], READ[name](whole)) for name in (*_OF_ORDER, "channel") if name in when):
        return False
    wanted = [name for name in _OF_LINES if name in when]
    return not wanted or any(
        all(fits(when[name], READ[name](facts)) for name in wanted)
        for facts in (replace(whole, sale=sale) for sale in order.lines)
    )


def _unlined_rules(rules: Sequence[Rule]) -> list[Rule]:
    return [replace(rule, line=0) for rule in rules]


def _besides_rules(mapping: Mapping, merchant: str) -> Any:
    """All that is said for a merchant but its rules, as plain data without lines."""
    entry = mapping.merchants[merchant]
    own = replace(entry, tables=replace(entry.tables, rules=()))
    # The shop is asked for as well: other merchants of it decide who owns its payouts.
    shared = mapping.companies, mapping.owns_payouts(merchant), replace(mapping.defaults, rules=())
    return _unlined([own, *shared])


def _unlined(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        fields = value.__struct_fields__
        return {
            name: _unlined(getattr(value, name))
            for name in fields
            if name not in ("line", "lines", "plugins_line")
        }
    if isinstance(value, ReadOnly):
        return {key: _unlined(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_unlined(one) for one in value]
    return value
