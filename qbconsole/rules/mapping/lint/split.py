"""A shop split over several merchants: every order must be exactly one merchant's, and so must the payouts.

Filters look at a few facts, each of which only tells apart a handful of cases: the texts that are named, a text that is
not, the amounts and days on either side of a bound. All combinations of these stand for all orders there can be, so
trying them proves that none is booked twice or never, and an order that would be is shown as the example.
Source: design.md section 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, islice, product

from qbconsole.rules.facts import fits
from qbconsole.rules.mapping.values import Filter, Merchant
from qbconsole.value import Value

#: Stands for every text that no filter names.
OTHER = "anything else"
_CENT = Decimal("0.01")
#: No more combinations than this are tried: ten filters of ten words each come to a tenth of it.
_MOST = 200_000
_TEXTS = ("location", "channel", "status")
#: One case of each fact that some filter looks at.
Case = dict[str, object]


class Gap(Value):
    """An order that would be booked never, or more than once."""

    shop: str
    #: "channel Online Store, value 500".
    order: str
    #: Ids of the merchants that would book it; empty: none.
    merchants: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What is wrong, in words."""
        if not self.merchants:
            return f"an order of {self.shop} with {self.order} passes no merchant's filters: it would never be booked"
        return (
            f"an order of {self.shop} with {self.order} would be booked {len(self.merchants)} times: by "
            f"{' and by '.join(self.merchants)}"
        )


def gaps(shop: str, merchants: Sequence[Merchant]) -> Iterator[Gap]:
    """The first order that nobody books, and the first that several book."""
    missing = doubled = False
    for case in _cases(merchants):
        passing = tuple(one.id for one in merchants if all(_passes(rule, case) for rule in one.filters))
        if not passing and not missing:
            missing = True
            yield Gap(shop=shop, order=_told(case), merchants=())
        elif len(passing) > 1 and not doubled:
            doubled = True
            yield Gap(shop=shop, order=_told(case), merchants=passing)
        if missing and doubled:
            return


def _cases(merchants: Sequence[Merchant]) -> Iterator[Case]:
    rules = [rule for one in merchants for rule in one.filters]
    axes: dict[str, Sequence[object]] = {}
    for on in _TEXTS:
        if named := _named(rules, on):
            axes[on] = [*named, OTHER]
    if tags := _named(rules, "tag"):
        axes["tag"] = [(), (OTHER,), *((tag,) for tag in tags), *combinations(tags, 2)]
    bounds = [rule.amount for rule in rules if rule.on == "value" and rule.amount]
    if edges := {edge for one in bounds for edge in (one.at_least, one.below) if edge is not None}:
        axes["value"] = sorted(
            {near for edge in edges for near in (max(edge - _CENT, Decimal(0)), edge, edge + _CENT)}
        )
    spans = [rule.span for rule in rules if rule.on == "date" and rule.span]
    if days := {day for one in spans for day in (one.first, one.until) if day is not None}:
        axes["date"] = sorted(
            {near for day in days for near in (day - timedelta(days=1), day, day + timedelta(days=1))}
        )
    for values in islice(product(*axes.values()), _MOST):
        yield dict(zip(axes, values, strict=True))


def _named(rules: Sequence[Filter], on: str) -> list[str]:
    """Texts that stand for all the filters name: of a pattern, one that it fits."""
    return list(
        dict.fromkeys(
            text.replace("*", "") or OTHER
            for rule in rules
            if rule.on == on
            for text in (*rule.only, *rule.but_not)
        )
    )


def _passes(rule: Filter, case: Case) -> bool:
    given = case.get(rule.on)
    if rule.on == "value":
        return rule.amount is None or not isinstance(given, Decimal) or rule.amount.hold(given)
    if rule.on == "date":
        return rule.span is None or not isinstance(given, date) or rule.span.holds(given)
    texts = given if isinstance(given, tuple) else (str(given),)
    return not (rule.only and not fits(rule.only, texts)) and not (rule.but_not and fits(rule.but_not, texts))


def _told(case: Case) -> str:
    """The example as a bookkeeper would describe it."""
    words = []
    for on, value in case.items():
        shown = " and ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)
        words.append(f"{on} {shown}")
    return ", ".join(words) or "whatever it holds"
