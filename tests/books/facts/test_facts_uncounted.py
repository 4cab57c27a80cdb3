"""Goods that QuickBooks may not count stand apart: together the documents say what the one would have said."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from builders import SHOP
from hypothesis import given
from hypothesis import strategies as st
from test_facts_stock import CHANGES, SITES, change, drawn, group

from qbconsole.books.facts.uncounted import apart, goods_id
from qbconsole.books.plan import tally
from qbconsole.books.proof import prove_plans
from qbconsole.sources.shopify.reading import read_shop

OAK = read_shop(SHOP)


def nameless(row):
    return row | {"item": row["item"] | {"sku": ""}}


def parts(found, counted):
    return tuple(
        part for plan in found.plans for part in apart(plan, OAK, lambda line: goods_id(line) in counted)
    )


def said(plans):
    units, posted = Counter(), Counter()
    for plan in plans:
        for line in plan.lines:
            units[plan.kind, goods_id(line), line.site] += line.quantity or 0
        for (on, role, _), amount in tally(plan.postings).items():
            posted[on, role] += amount
    return units, {at: amount for at, amount in posted.items() if amount != Decimal(0)}


@given(CHANGES, st.sets(st.sampled_from("ABC")), st.sets(st.sampled_from("ABC")))
def test_the_parts_say_what_the_whole_says_and_none_mixes_what_is_counted(changes, counted, without):
    rows = [nameless(row) if row["item"]["sku"] in without else row for row in changes]
    found = drawn(group(*rows), **SITES)
    split = parts(found, counted)
    prove_plans(split)
    assert said(split) == said(found.plans)
    assert len({plan.key for plan in split}) == len(split)
    for plan in split:
        kinds = {goods_id(line) in counted for line in plan.lines}
        assert len(kinds) == 1
        assert kinds == {True} or len({goods_id(line) for line in plan.lines}) == 1


def test_a_product_bears_its_place_in_the_whole():
    found = drawn(group(change("A", -1), nameless(change("B", -2)), change("C", 3)))
    keys = [plan.key for plan in parts(found, {"A", "C"})]
    assert keys == ["qbc1/oak/stock/55/1/0", "qbc1/oak/stock/55/1.2/0"]
    assert parts(found, {"A", "B", "C"}) == found.plans
