"""Lint of where things are posted: accounts that rules name, items beside accounts, numbers, and notes on rules."""

from __future__ import annotations

from datetime import date

import pytest
from test_rules_listed import SHIPPED, account, company, found, item

from qbconsole.company.records import Ref
from qbconsole.rules.mapping.edit import set_values
from qbconsole.rules.mapping.lint import lint
from qbconsole.rules.mapping.lint.seen import Seen

ME = "merchants.oak-ember"
SALES = account("Sales:Shopify", "Income", number="4000")
AR = account("Accounts Receivable", "AccountsReceivable", special_account_type="AccountsReceivable")
AP = account("Accounts Payable", "AccountsPayable", special_account_type="AccountsPayable")
TAX = account("Sales Tax Payable", "OtherCurrentLiability", special_account_type="SalesTaxPayable")
ORDERS = account("Sales Orders", "NonPosting")
BANK = account("Checking", "Bank")
CHART = company(SALES, AR, AP, TAX, ORDERS, BANK, account("Old", "Income", is_active=False))


def ruled(name: str, when: str = 'sku = "MUG"') -> str:
    return SHIPPED + f'\n[[{ME}.rules]]\nwhen = {{ {when} }}\naccount = "{name}"\n'


@pytest.mark.parametrize(
    ("text", "words", "is_error"),
    [
        (ruled("Accounts Receivable"), "takes one such line an entry", True),
        (ruled("Accounts Payable"), "is accounts payable", True),
        (ruled("Sales Orders"), "non-posting", True),
        (ruled("Sales Tax Payable"), "its own sales tax account", True),
        (ruled("Old"), "is inactive in QuickBooks", True),
        (ruled("Sales:Shopfy"), 'did you mean "Sales:Shopify"?', False),
        (ruled("4001"), "nearest is 4000 (Sales:Shopify)", True),
        (ruled("Sales:Shopify", 'role = "cogs"'), "cogs (cost of what was sold) needs CostOfGoodsSold", True),
        (ruled("Sales:Shopify", 'gateway = "paypal"'), "needs Bank or OtherCurrentAsset", True),
        (ruled("Checking", 'role = "clearing:paypal", gateway = "paypal"'), "", False),
        (ruled("Accounts Receivable", 'role = "accounts_receivable"'), "", False),
        (ruled("4000"), "", False),
        (ruled("Sales:Shopify"), "", False),
        (ruled("Checking", 'gateway = "paypal"'), "", False),
    ],
)
def test_an_account_that_a_rule_names_must_be_able_to_take_it(text, words, is_error):
    told = [row for row in found(text, CHART) if row[0] == f"[[{ME}.rules]]"]
    assert [(words in sentence, error) for _, sentence, error in told] == (
        [(True, is_error)] if words else []
    )


def test_no_item_can_post_to_quickbooks_own_tax_account():
    text = set_values(SHIPPED, ((f"{ME}.accounts.tips_payable", "Sales Tax Payable"),), "mappings.toml")
    ((line, sentence, is_error),) = found(text, company(TAX))
    assert (line, is_error) == ('tips_payable = "Sales Tax Payable"', True)
    assert "no item can post" in sentence
    own = set_values(SHIPPED, ((f"{ME}.accounts.sales_tax_payable", "Sales Tax Payable"),), "mappings.toml")
    assert found(own, company(TAX)) == []
    charge = set_values(own, ((f"{ME}.policy.tax", "liability_line"),), "mappings.toml")
    assert ["no item can post" in sentence for _, sentence, _ in found(charge, company(TAX))] == [True]


def test_an_item_that_posts_elsewhere_than_its_role_is_a_warning():
    text = set_values(SHIPPED, ((f"{ME}.items.shipping_income", "Postage"),), "mappings.toml")
    chart = (account("Sales:Shopify Shipping", "Income"), account("Freight", "Income"))
    (told,) = found(text, company(*chart, item("Postage", "ItemService", income_account=Ref("", "Freight"))))
    assert told[0] == 'shipping_income = "Postage"'
    assert 'posts to "Freight" in QuickBooks, and defaults.accounts.shipping_income says' in told[1]
    assert told[2] is False
    same = item("Postage", "ItemService", income_account=Ref("", "sales:shopify shipping"))
    assert found(text, company(*chart, same)) == []
    unknown = item("Postage", "ItemService")
    assert found(text, company(*chart, unknown)) == []


@pytest.mark.parametrize(
    ("said", "chart", "words"),
    [
        ("4100", (SALES,), "nearest is 4000 (Sales:Shopify)"),
        ("4100", (account("Sales:Shopify", "Income"),), "shows no account numbers"),
        ("Sales:4100 · Shopify", (SALES,), '"Sales:Shopify" has the number 4000'),
        ("4000", (SALES,), ""),
    ],
)
def test_an_account_number_that_quickbooks_lacks_is_an_error(said, chart, words):
    text = set_values(SHIPPED, ((f"{ME}.accounts.sales_income", said),), "mappings.toml")
    told = [row for row in found(text, company(*chart)) if row[0] == f'sales_income = "{said}"']
    assert [(words in sentence, error) for _, sentence, error in told] == ([(True, True)] if words else [])


# -- notes

DATED = SHIPPED + (
    f'\n[[{ME}.rules]]\nwhen = {{ sku = "MUG" }}\nuntil = 2026-03-01\nclass = "Spring"\n'
    f'\n[[{ME}.rules]]\nwhen = {{ channel = "Faire" }}\nclass = "Wholesale"\n'
    f'\n[[{ME}.rules]]\nwhen = {{ location = "Leeds", gateway = "paypal" }}\nclass = "Leeds"\n'
)
SEEN = Seen(
    channels=frozenset({"web", "pos"}),
    locations=frozenset({"Leads"}),
    gateways=frozenset({"PayPal", "paypal"}),
    orders=12,
)


def noted(text, **more):
    return [(one.fault.path, one.fault.sentence) for one in lint(text, {}, **more) if one.is_note]


def test_a_rule_whose_days_are_over_is_noted_and_no_error():
    assert noted(DATED, today=date(2026, 2, 28)) == []
    ((path, sentence),) = noted(DATED, today=date(2026, 3, 1))
    assert path == f"{ME}.rules[0]"
    assert "before 2026-03-01 alone" in sentence
    assert not any(one.is_error for one in lint(DATED, {}, today=date(2027, 1, 1)))


def test_a_rule_that_names_what_no_order_had_is_noted_with_the_nearest():
    told = dict(noted(DATED, seen={"oak-ember": SEEN}))
    assert told.keys() == {f"{ME}.rules[1].when.channel", f"{ME}.rules[2].when.location"}
    assert '"Faire" so far (12 stored)' in told[f"{ME}.rules[1].when.channel"]
    assert "Leads" in told[f"{ME}.rules[2].when.location"]


@pytest.mark.parametrize("channel", ["web", "Online Store", "P*", "pos"])
def test_a_channel_is_known_by_its_word_and_by_its_label(channel):
    text = SHIPPED + f'\n[[{ME}.rules]]\nwhen = {{ channel = "{channel}" }}\nclass = "Web"\n'
    assert noted(text, seen={"oak-ember": SEEN}) == []


def test_where_no_order_is_stored_nothing_is_noted():
    assert noted(DATED, seen={"oak-ember": Seen()}) == []
