"""Reach: what of two mappings differs, and which orders that can be about."""

from __future__ import annotations

import pytest
from builders import Line, an_order
from trip import SHOP

from qbconsole.bundled import bundled
from qbconsole.decide.replay.reach import changed_rules, may_meet
from qbconsole.rules.mapping.read import read
from qbconsole.shop.orders import Shop
from qbconsole.sources.shopify.reading import read_order

TEXT = bundled("mappings.toml").read_text("utf-8")
ME = "oak-ember"


def with_rules(*rules: str, text: str = TEXT) -> str:
    return text + "".join(f"\n[[merchants.{ME}.rules]]\n{rule}\n" for rule in rules)


def between(one: str, other: str):
    return changed_rules(read(one, "mappings.toml"), read(other, "mappings.toml"), ME)


SKU = 'when = { sku = "CUP-1" }\naccount = "Other Income:Cups"'
TAG = 'when = { tag = "gift" }\nclass = "Gifts"'
WEB = 'when = { channel = "web" }\nclass = "Web"'


def test_only_what_differs_counts_and_lines_are_no_difference():
    assert between(TEXT, TEXT) == ()
    assert between(with_rules(SKU, TAG), with_rules(SKU, TAG, text=f"\n\n# a remark\n{TEXT}")) == ()
    (added,) = between(TEXT, with_rules(SKU))
    assert added.outcomes == {"account": "Other Income:Cups"}
    assert [one.when for one in between(with_rules(SKU, TAG, WEB), with_rules(SKU, WEB))] == [
        {"tag": ("gift",)}
    ]


def test_an_order_of_rules_that_moved_counts_whole():
    moved = between(with_rules(SKU, TAG, WEB), with_rules(WEB, SKU, TAG))
    assert {name for one in moved for name in one.when} == {"sku", "tag", "channel"}


@pytest.mark.parametrize(
    "edit",
    [
        ('sales_income = "Sales:Shopify"', 'sales_income = "Sales:Other"'),
        ('recognise_on = "order"', 'recognise_on = "payment"'),
        ('product = "sku"', 'product = "single"'),
    ],
)
def test_anything_else_that_differs_leaves_nothing_to_be_proved(edit):
    assert edit[0] in TEXT
    assert between(TEXT, with_rules(SKU, text=TEXT.replace(*edit, 1))) is None


ORDER = read_order(
    an_order([Line(price="12.00", sku="MUG"), Line(price="3.00", sku="CUP")], tags=["Gift", "blue"]),
    Shop(domain=SHOP["myshopifyDomain"], timezone=SHOP["ianaTimezone"], currency="USD", home_currency="USD"),
)


@pytest.mark.parametrize(
    ("when", "met"),
    [
        ('{ sku = "NOBODY" }', False),
        ('{ sku = "CUP-*" }', True),
        ('{ tag = "gift" }', True),
        ('{ tag = "green" }', False),
        ('{ tag = "gift", sku = "NOBODY" }', False),
        ('{ sku = "MUG-*", vendor = "Nobody" }', False),
        ('{ channel = "Online Store" }', True),
        ('{ channel = "pos" }', False),
        ('{ order = "#9999999" }', False),
        ('{ role = "cogs" }', True),
        ('{ gateway = "paypal" }', True),
        ('{ title = "Whatever" }', True),
        ("{ amount = { at_least = 100000 } }", True),
    ],
)
def test_what_the_order_says_keeps_a_rule_away_and_what_it_does_not_say_never_does(when, met):
    rules = between(TEXT, with_rules(f'when = {when}\nclass = "Any"'))
    assert may_meet(rules, ORDER, "Online Store") is met
