"""Names in mappings.toml held against QuickBooks' lists, and shops that several merchants share."""

from __future__ import annotations

import pytest

from qbconsole.bundled import bundled
from qbconsole.company.identity import Preferences
from qbconsole.company.lists import Chart, Items
from qbconsole.company.records import Account, Item, Ref
from qbconsole.company.snapshot import Company
from qbconsole.rules.mapping.edit import set_values
from qbconsole.rules.mapping.lint import lint

SHIPPED = bundled("mappings.toml").read_text(encoding="utf-8")
HOME = Preferences(multi_currency=True, home_currency=Ref("", "US Dollar"))


def account(name, kind, **more):
    return Account(list_id=name, full_name=name, account_type=kind, **more)


def item(name, kind, **more):
    return Item(list_id=name, kind=kind, full_name=name, name=name, **more)


def company(*records, preferences=None):
    accounts = tuple(one for one in records if isinstance(one, Account))
    items = tuple(one for one in records if isinstance(one, Item))
    return Company(
        name="Oak",
        preferences=preferences,
        chart=Chart(accounts, known=bool(accounts)),
        items=Items(items, known=bool(items)),
    )


def found(text, known):
    """Line of the file, sentence, and whether it is an error."""
    lines = text.splitlines()
    return [
        (lines[one.fault.line - 1].strip(), one.fault.sentence, one.is_error)
        for one in lint(text, {"oak": known})
    ]


@pytest.mark.parametrize(
    ("changes", "known", "line", "words", "is_error"),
    [
        (
            {},
            company(account("Sales:Shopify", "Bank")),
            'sales_income = "Sales:Shopify"',
            "is of type Bank; sales_income (product sales before discount, without tax) needs Income",
            True,
        ),
        (
            {},
            company(account("Sales:Shopify", "Income", is_active=False)),
            'sales_income = "Sales:Shopify"',
            "is inactive in QuickBooks",
            True,
        ),
        (
            {},
            company(account("Sales:Shopify", "Income", currency="Euro"), preferences=HOME),
            'sales_income = "Sales:Shopify"',
            "is kept in Euro, and the company in US Dollar",
            True,
        ),
        (
            {},
            company(account("Sales:Shopfy", "Income")),
            'sales_income = "Sales:Shopify"',
            'and would get one; did you mean "Sales:Shopfy"?',
            False,
        ),
        (
            {"defaults.create.accounts": "no", "defaults.accounts.bank": "Chequing"},
            company(account("Checking", "Bank")),
            'bank = "Chequing"',
            'QuickBooks has no account "Chequing", and [create] forbids to add one',
            True,
        ),
        (
            {"defaults.clearing.shopify_payments": "Receivable"},
            company(account("Receivable", "AccountsReceivable")),
            'shopify_payments = "Receivable"',
            "is of type AccountsReceivable; shopify_payments needs Bank or OtherCurrentAsset",
            True,
        ),
        (
            {'merchants.oak-ember.items.sku."MUG"': "Mugs"},
            company(item("Mugs", "ItemPayment")),
            'MUG = "Mugs"',
            "is of kind ItemPayment, which no line of a sale can be written with",
            True,
        ),
        (
            {'merchants.oak-ember.items.sku."MUG"': "Mugs"},
            company(item("Mugs", "ItemInventory", is_active=False)),
            'MUG = "Mugs"',
            "is inactive in QuickBooks",
            True,
        ),
        (
            {'merchants.oak-ember.taxes."City Tax".item': "City"},
            company(item("City", "ItemService")),
            '[merchants.oak-ember.taxes."City Tax"]',
            "is of kind ItemService, no sales-tax item",
            True,
        ),
        (
            {'merchants.oak-ember.taxes."City Tax".item': "City"},
            company(item("City", "ItemSalesTax")),
            '[merchants.oak-ember.taxes."City Tax"]',
            "has no tax agency in QuickBooks",
            True,
        ),
        (
            {"merchants.oak-ember.classes.sale": "Online"},
            company(preferences=Preferences(class_tracking=False)),
            'sale = "Online"',
            "class tracking is off in QuickBooks",
            True,
        ),
    ],
)
def test_an_entry_that_quickbooks_lists_speak_against_is_told_at_its_line(
    changes, known, line, words, is_error
):
    text = set_values(SHIPPED, changes.items())
    told = [one for one in found(text, known) if words in one[1]]
    assert [(where, error) for where, _, error in told] == [(line, is_error)]


def test_lists_that_fit_are_not_spoken_of_and_an_unread_list_proves_nothing():
    fitting = company(
        account("Sales:Shopify", "Income", currency="US Dollar"),
        account("Checking", "Bank"),
        preferences=Preferences(multi_currency=True, home_currency=Ref("", "US Dollar"), class_tracking=True),
    )
    text = set_values(SHIPPED, {"merchants.oak-ember.classes.sale": "Online"}.items())
    assert found(text, fitting) == []
    wild = set_values(
        SHIPPED, {"defaults.accounts.bank": "Nowhere", "defaults.create.accounts": "no"}.items()
    )
    assert found(wild, company()) == []


def test_the_merchants_own_entry_hides_that_of_the_defaults():
    known = company(account("Sales:Shopify", "Bank"), account("Own", "Income"))
    text = set_values(SHIPPED, {"merchants.oak-ember.accounts.sales_income": "Own"}.items())
    assert not [one for one in found(text, known) if "sales_income" in one[1]]


def split(first, second):
    return (
        SHIPPED
        + f"\n[merchants.oak-ember.filters]\n{first}\n"
        + '[merchants.second]\ncompany = "oak"\nshop = "oak-ember.myshopify.com"\n'
        + f"[merchants.second.filters]\n{second}\n"
    )


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ('channel = "pos"', 'channel = { except = ["pos"] }', []),
        ('channel = "pos"', 'channel = "web"', ["channel anything else passes no merchant's filters"]),
        (
            'channel = "pos"',
            'value = { at_least = "0" }',
            ["channel pos, value 0 would be booked 2 times: by oak-ember and by second"],
        ),
        ('value = { below = "100" }', 'value = { at_least = "100" }', []),
        ('value = { below = "100" }', 'value = { at_least = "100.01" }', ["value 100.00 passes no"]),
        (
            'value = { below = "100.01" }',
            'value = { at_least = "100" }',
            ["value 100.00 would be booked 2 times"],
        ),
        ('tag = "b2b"', 'tag = { except = ["b2b"] }', []),
        (
            'tag = "b2b"',
            'tag = "retail"',
            ["tag b2b and retail would be booked 2 times", "tag none passes no"],
        ),
        ("date = { until = 2026-04-01 }", "date = { from = 2026-04-01 }", []),
        ("date = { until = 2026-04-01 }", "date = { from = 2026-04-02 }", ["date 2026-04-01 passes no"]),
        ('location = "Leeds*"', 'location = { except = ["Leeds*"] }', []),
    ],
)
def test_a_shared_shop_is_split_without_gap_and_without_overlap(first, second, told):
    said = [one for one in found(split(first, second), company()) if "booked" in one[1]]
    assert len(said) == len(told)
    for words, (line, sentence, is_error) in zip(told, said, strict=True):
        assert words in sentence
        assert (line, is_error) == ("[merchants.oak-ember]", True)


def test_it_is_said_whose_the_payouts_of_a_shared_shop_are():
    text = split('channel = "pos"', 'channel = { except = ["pos"] }')
    ((line, sentence, is_error),) = found(text, company())
    assert (line, is_error) == ("[merchants.oak-ember]", False)
    assert "are oak-ember's" in sentence
    assert "second books orders alone" in sentence


def test_one_merchant_alone_may_leave_orders_out():
    assert found(SHIPPED + '\n[merchants.oak-ember.filters]\nchannel = "pos"\n', company()) == []
