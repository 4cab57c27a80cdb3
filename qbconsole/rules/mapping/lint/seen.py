"""Rules held against what happened: those whose days are over, and those that speak of what no stored order has.

Neither is wrong: a rule may be kept for late changes, or written before the first such order. So each is a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from qbconsole.rules.facts import fits
from qbconsole.rules.legal import channel_label
from qbconsole.rules.mapping.values import Mapping, Merchant, folded
from qbconsole.rules.nearest import nearest
from qbconsole.value import Value

#: Conditions whose texts are looked for among stored orders; of the others there may be any number.
_LOOKED_FOR = ("channel", "location", "gateway")


class Seen(Value):
    """What a merchant's stored orders came from and were paid by; all empty where there is none."""

    #: Shopify's words: "web", "pos".
    channels: frozenset[str] = frozenset()
    locations: frozenset[str] = frozenset()
    #: As Shopify writes them, and as handles.
    gateways: frozenset[str] = frozenset()
    #: How many orders were looked at.
    orders: int = 0
    #: Gateways, as handles, whose money is booked.
    booked: frozenset[str] = frozenset()


def asks_for_orders(mapping: Mapping) -> bool:
    """Whether any rule names something that stored orders must be looked through for."""
    ladders = (mapping.ladder(name) for name in mapping.merchants)
    return any(
        name in rule.when
        for ladder in ladders
        for tables in ladder
        for rule in tables.rules
        for name in _LOOKED_FOR
    )


def notes(
    mapping: Mapping, merchant: Merchant, seen: Seen | None, today: date | None
) -> Iterator[tuple[int, str, str]]:
    """Line, path and sentence of each note on a merchant's rules."""
    for level in mapping.ladder(merchant.id):
        for position, rule in enumerate(level.rules):
            path = f"{level.level}.rules[{position}]"
            until = rule.span.until if rule.span is not None else None
            if until is not None and today is not None and until <= today:
                yield (
                    rule.line,
                    path,
                    f"its days are over: it answers for what happened before {until.isoformat()} alone",
                )
            if seen is None or not seen.orders:
                continue
            for name in _LOOKED_FOR:
                if name in rule.when and not fits(
                    rule.when[name], there := _there(name, mapping, merchant, seen)
                ):
                    said = " or ".join(f'"{one}"' for one in rule.when[name])
                    near = nearest(rule.when[name][0], there)
                    yield (
                        rule.line,
                        f"{path}.when.{name}",
                        f"no order of {merchant.id} had the {name} {said} so far ({seen.orders} stored){near}",
                    )


def _there(name: str, mapping: Mapping, merchant: Merchant, seen: Seen) -> tuple[str, ...]:
    if name == "location":
        return tuple(sorted(seen.locations))
    if name == "gateway":
        return tuple(sorted(seen.gateways))
    labels = (_label(source, mapping, merchant) for source in seen.channels)
    return tuple(sorted({*seen.channels, *labels}))


def _label(source: str, mapping: Mapping, merchant: Merchant) -> str:
    """A channel's label as rules see it: as [channels] renames it, else Shopify's own word for it."""
    said = (level.said("channels", folded(source)) for level in mapping.ladder(merchant.id))
    return next((one.value for one in said if one), channel_label(source))
