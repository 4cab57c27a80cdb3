"""Lint: combinations that post cost twice or never are refused at their line, with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbconsole.company.identity import Host
from qbconsole.company.lists import Chart, Items
from qbconsole.company.records import Account, Item
from qbconsole.company.snapshot import Company
from qbconsole.rules.mapping.lint import lint
from qbconsole.rules.mapping.read import read

SHIPPED = (Path(__file__).parents[2] / "mappings.toml").read_text(encoding="utf-8")


def said(text, company=None):
    """(line, word) of each finding: the line's own text, stripped of its comment, and whether it is an error."""
    found = lint(text, {"oak": company} if company else {})
    lines = text.splitlines()
    return [
        (lines[one.fault.line - 1].partition("#")[0].strip(), one.fault.sentence, one.is_error)
        for one in found
    ]


def with_tables(text, **tables):
    for name, values in tables.items():
        text += f"\n[merchants.oak-ember.{name}]\n" + "\n".join(
            f'{key} = "{one}"' for key, one in values.items()
        )
    return text + "\n"


def test_the_shipped_mapping_has_nothing_to_say():
    assert lint(SHIPPED, {}) == ()


@pytest.mark.parametrize("spelt", ["Checking", "CHECKING"])
def test_payouts_that_arrive_on_the_account_they_leave_are_told_at_that_account(spelt):
    text = SHIPPED.replace('shopify_payments = "Shopify Payments Clearing"', f'shopify_payments = "{spelt}"')
    text = text.replace('ts = "Shopify Payments Clearing"', f'ts = "{spelt}"')
    ((line, sentence, is_error),) = said(text)
    assert line == f'shopify_payments = "{spelt}"'
    assert "no payout does" in sentence
    assert not is_error


@pytest.mark.parametrize(
    ("policy", "modes", "line", "words"),
    [
        ({"cogs": "unit_cost"}, {}, 'cogs = "unit_cost"', "posted twice"),
        ({"cogs": "off"}, {}, 'cogs = "off"', "it posts cost itself"),
        ({}, {"inventory": "summary"}, 'inventory = "summary"', "never be posted"),
        ({"restock_loss_role": "sales_income"}, {}, 'restock_loss_role = "sales_income"', "no expense"),
        ({"restock_loss_role": "inventory_asset"}, {}, 'restock_loss_role = "inventory_asset"', "no expense"),
        (
            {"orders": "sales_order", "recognise_on": "fulfillment"},
            {},
            'orders = "sales_order"',
            "keeps a sales order open",
        ),
        ({"orders": "estimate"}, {}, 'orders = "estimate"', 'recognise_on = "fulfillment"'),
    ],
)
def test_an_error_stands_at_the_setting_and_says_what_to_write(policy, modes, line, words):
    text = with_tables(SHIPPED, policy=policy, modes=modes)
    ((where, sentence, is_error),) = said(text)
    assert (where, is_error) == (line, True)
    assert words in sentence
    assert read(text), "lint never keeps a file out of force"


@pytest.mark.parametrize(
    ("policy", "modes"),
    [
        ({"cogs": "unit_cost"}, {"inventory": "summary"}),
        ({"cogs": "off"}, {"inventory": "summary"}),
        ({"cogs": "quickbooks"}, {"sales": "summary"}),
        ({"cogs": "unit_cost"}, {"sales": "summary", "inventory": "summary"}),
        ({"restock_loss_role": "cogs"}, {}),
        ({"orders": "sales_order", "recognise_on": "fulfillment", "tax": "liability_line"}, {}),
        ({"orders": "estimate", "recognise_on": "fulfillment"}, {}),
    ],
)
def test_what_fits_together_is_accepted(policy, modes):
    assert said(with_tables(SHIPPED, policy=policy, modes=modes)) == []


def test_a_setting_of_the_defaults_is_told_once_at_its_own_line():
    text = SHIPPED.replace('inventory = "detailed"', 'inventory = "summary"')
    second = '[merchants.second]\ncompany = "oak"\nshop = "second.myshopify.com"\n'
    ((where, _, _),) = said(text + second)
    assert where == 'inventory = "summary"'


def item(kind, name):
    return Item(kind=kind, list_id=name, full_name=name, name=name)


def company(*items, product="QuickBooks Enterprise Solutions 24.0", accounts=()):
    host = Host(product=product, version="24.0", country="US", supported_versions=("16.0",))
    return Company(
        name="Oak",
        host=host,
        items=Items(items, known=bool(items)),
        chart=Chart(accounts, known=bool(accounts)),
    )


def test_an_inventory_item_is_refused_where_we_post_the_cost():
    text = with_tables(SHIPPED, policy={"cogs": "unit_cost"}, modes={"inventory": "summary"})
    text += '[merchants.oak-ember.items.sku]\n"MUG" = "Mugs"\n'
    known = company(item("ItemInventory", "Mugs"), item("ItemNonInventory", "Shopify misc"))
    errors = [(where, sentence) for where, sentence, is_error in said(text, known) if is_error]
    assert [where for where, _ in errors] == ['"MUG" = "Mugs"']
    assert "non-inventory item" in errors[0][1]
    assert said(text) == [], "a list that was never read proves nothing"
    off = text.replace('cogs = "unit_cost"', 'cogs = "off"')
    assert {is_error for _, _, is_error in said(off, known)} == {False}


def test_inventory_items_that_a_sku_could_name_are_a_warning():
    text = with_tables(SHIPPED, policy={"cogs": "unit_cost"}, modes={"inventory": "summary"})
    ((where, sentence, is_error),) = said(text, company(item("ItemInventory", "Mugs")))
    assert (where, is_error) == ('product = "sku"', False)
    assert "1 inventory items" in sentence


def test_the_pro_edition_has_no_sales_orders():
    text = with_tables(
        SHIPPED, policy={"orders": "sales_order", "recognise_on": "fulfillment", "tax": "liability_line"}
    )
    assert said(text, company()) == []
    ((where, sentence, _),) = said(text, company(product="QuickBooks Pro 2024"))
    assert (where, "Pro edition" in sentence) == ('orders = "sales_order"', True)


@pytest.mark.parametrize(
    ("kind", "sales", "refused"),
    [
        ("AccountsReceivable", "detailed", False),
        ("OtherCurrentAsset", "detailed", True),
        ("OtherCurrentAsset", "summary", False),
        ("Bank", "summary", True),
    ],
)
def test_open_balances_need_accounts_receivable_but_in_summary(kind, sales, refused):
    account = Account(list_id="1", full_name="Accounts Receivable", account_type=kind)
    found = said(with_tables(SHIPPED, modes={"sales": sales}), company(accounts=(account,)))
    assert [where for where, _, _ in found] == ['accounts_receivable = "Accounts Receivable"'] * refused


def test_a_summary_by_payout_needs_summaries_and_sales_that_count_at_once():
    by_payout = {"summary_by": "payout"}
    wanted = 'summary_by = "payout"'
    summary = {"sales": "summary"}
    assert said(with_tables(SHIPPED, policy=by_payout, modes=summary)) == []
    ((where, sentence, is_error),) = said(with_tables(SHIPPED, policy=by_payout))
    assert (where, "modes.sales" in sentence, is_error) == (wanted, True, True)
    ((where, sentence, is_error),) = said(
        with_tables(SHIPPED, policy=by_payout | {"recognise_on": "payment"}, modes=summary)
    )
    assert (where, "recognise_on" in sentence, is_error) == (wanted, True, True)


def test_a_rule_by_channel_finds_nothing_in_a_payouts_entry():
    rule = '[[merchants.oak-ember.rules]]\nwhen = { channel = "POS" }\naccount = "Sales:Counter"\n'
    by_day = with_tables(SHIPPED, modes={"sales": "summary"}) + rule
    assert said(by_day) == []
    by_payout = with_tables(SHIPPED, policy={"summary_by": "payout"}, modes={"sales": "summary"}) + rule
    ((_, sentence, is_error),) = said(by_payout)
    assert ("all channels" in sentence, is_error) == (True, False)
