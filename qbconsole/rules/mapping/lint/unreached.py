"""Rules that never answer: no amount or text would fit, or an earlier rule of the same level takes all of theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from qbconsole.rules.facts import LINE_FACTS
from qbconsole.rules.mapping.values import Bounds, Rule, Span

#: (outcome, name of a condition, one of its words) -> the rules with it and their places, in order.
_Earlier = dict[tuple[str, str, str], list[tuple[int, Rule]]]


def unreached(rules: Sequence[Rule]) -> Iterator[tuple[int, str]]:
    """Position of each rule that can never answer, and why."""
    earlier: _Earlier = defaultdict(list)
    for place, rule in enumerate(rules):
        takers = [_taker(rule, outcome, earlier) for outcome in rule.outcomes]
        for outcome in rule.outcomes:
            for key in _keys(rule):
                earlier[outcome, *key].append((place, rule))
        amount = rule.amount
        low, high = (amount.at_least, amount.below) if amount else (None, None)
        if low is not None and high is not None and low >= high:
            yield place, f"no amount is at least {low} and below {high}"
            continue
        if nothing := [name for name, said in rule.when.items() if not said]:
            yield place, f"its {nothing[0]} lists no text"
            continue
        if takers and all(takers):
            lines = sorted({one.line for one in takers if one is not None})
            yield place, f"an earlier rule takes everything it speaks of: line {', '.join(map(str, lines))}"


def _keys(wide: Rule) -> list[tuple[str, str]]:
    """Under what an earlier rule is looked for: the words of one of its conditions, so that few are compared.

    A mapping may have thousands of rules, one a SKU; each compared with each would take a minute.
    """
    narrowing = [name for name, said in wide.when.items() if "*" not in said]
    if not narrowing:
        return [("", "")]
    name = min(narrowing, key=lambda one: len(wide.when[one]))
    return [(name, word) for word in set(wide.when[name])]


def _taker(rule: Rule, outcome: str, earlier: _Earlier) -> Rule | None:
    """The earlier rule that answers this outcome wherever the rule would; reasons to hold are asked of all."""
    if outcome == "hold":
        return None
    # Whoever takes it all takes the first word of each condition.
    keys = [("", ""), *((name, said[0]) for name, said in rule.when.items() if said)]
    found = (
        next((one for one in earlier.get((outcome, *key), ()) if _covers(one[1], rule)), None) for key in keys
    )
    return min((one for one in found if one), key=lambda one: one[0], default=(0, None))[1]


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Whether the wide rule fits wherever the narrow one does, and speaks of the same kind of question."""
    return (
        _kind(wide) == _kind(narrow)
        and all(name in narrow.when and _any_of(narrow.when[name], said) for name, said in wide.when.items())
        and _bounds_within(narrow.amount, wide.amount)
        and _span_within(narrow.span, wide.span)
    )


def _kind(rule: Rule) -> tuple[bool, bool, bool]:
    keys = rule.when.keys()
    return "role" in keys, "gateway" in keys, bool(LINE_FACTS & keys)


def _any_of(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    return "*" in wide or set(narrow) <= set(wide)


def _bounds_within(narrow: Bounds | None, wide: Bounds | None) -> bool:
    if wide is None:
        return True
    if narrow is None:
        return False
    low = wide.at_least is None or (narrow.at_least is not None and narrow.at_least >= wide.at_least)
    return low and (wide.below is None or (narrow.below is not None and narrow.below <= wide.below))


def _span_within(narrow: Span | None, wide: Span | None) -> bool:
    if wide is None:
        return True
    if narrow is None:
        return False
    first = wide.first is None or (narrow.first is not None and narrow.first >= wide.first)
    return first and (wide.until is None or (narrow.until is not None and narrow.until <= wide.until))
