"""Names of mappings.toml whose entry QuickBooks calls otherwise by now: told at their line, with what to write."""

from __future__ import annotations

import pytest

from qbconsole.company.lists import Chart
from qbconsole.company.records import Account
from qbconsole.company.renames import Rename, renames_of
from qbconsole.company.snapshot import Company
from qbconsole.rules.mapping.lint import lint
from qbconsole.rules.mapping.lint.renamed import written_now
from qbconsole.rules.mapping.naming import list_of

TWO = """schema = 1
[companies.oak]
name = "Oak"
[companies.elm]
name = "Elm"
[defaults.accounts]
sales_income = "Sales"  # ours
[merchants.one]
company = "oak"
shop = "one.myshopify.com"
[merchants.two]
company = "elm"
shop = "two.myshopify.com"
"""


def was(kind, before, now, number=""):
    return kind, Rename(was=before, now=now, number=number)


def company(*renames, accounts=()):
    chart = tuple(Account(list_id=name, full_name=name, account_type="Income") for name in accounts)
    return Company(name="Oak", chart=Chart(chart, known=bool(chart)), renames=renames_of(renames))


def found(text, **companies):
    return [
        (one.fault.line, one.fault.path, one.fix.value if one.fix else "", one.is_error)
        for one in lint(text, companies)
        if "was renamed to" in one.fault.sentence
    ]


NAMES = """schema = 1
[companies.oak]
name = "Oak"
[defaults.accounts]
sales_income = "sales:shopify"
[defaults.clearing]
paypal = "PayPal"
[defaults.items]
product = "single"
sales_income = "Goods"
sku = { "A-1" = "Mug" }
[defaults.taxes]
"State" = { item = "CA", agency = "CDTFA" }
"*" = "CA"
[defaults.payment_methods]
"*" = "Web"
[defaults.customers]
house = "Walk-in"
buyers = { "a@b.c" = "Ann" }
[defaults.vendors]
names = { "Acme" = "Acme Inc" }
[defaults.classes]
sale = "Retail"
[defaults.terms]
names = { "Net 30" = "N30" }
[merchants.oak]
shop = "one.myshopify.com"
[[merchants.oak.rules]]
when = { tag = "Goods" }
item = "Goods"
class = "Retail"
"""


@pytest.mark.parametrize(
    ("kind", "before", "places"),
    [
        ("account", "Sales:Shopify", [(5, "defaults.accounts.sales_income")]),
        ("account", "PayPal", [(7, "defaults.clearing.paypal")]),
        ("item", "Goods", [(10, "defaults.items.sales_income"), (30, "merchants.oak.rules[0].item")]),
        ("item", "Mug", [(11, "defaults.items.sku.A-1")]),
        ("item", "single", []),
        ("item", "CA", [(13, "defaults.taxes.State.item"), (14, 'defaults.taxes."*"')]),
        ("vendor", "CDTFA", [(13, "defaults.taxes.State.agency")]),
        ("payment_method", "Web", [(16, 'defaults.payment_methods."*"')]),
        ("customer", "Walk-in", [(18, "defaults.customers.house")]),
        ("customer", "ann", [(19, 'defaults.customers.buyers."a@b.c"')]),
        ("vendor", "Acme Inc", [(21, "defaults.vendors.names.Acme")]),
        ("vendor", "Acme", []),
        ("class", "Retail", [(23, "defaults.classes.sale"), (31, "merchants.oak.rules[0].class")]),
        ("terms", "N30", [(25, 'defaults.terms.names."Net 30"')]),
    ],
)
def test_every_kind_of_name_is_found_at_its_line(kind, before, places):
    known = company(was(kind, before, "New name"))
    assert found(NAMES, oak=known) == [(line, path, "New name", True) for line, path in places]


def test_a_name_that_is_gone_without_a_rename_stays_a_name_that_is_gone():
    known = company(was("account", "Other", "New"), accounts=("sales:shopifi",))
    assert found(NAMES, oak=known) == []
    told = [one.fault.sentence for one in lint(NAMES, {"oak": known}) if one.fault.line == 5]
    assert told == [
        'QuickBooks has no account "sales:shopify" and would get one; did you mean "sales:shopifi"?'
    ]


def test_a_rename_is_told_in_place_of_the_name_that_is_gone():
    known = company(was("account", "Sales:Shopify", "Sales:Web"), accounts=("Sales:Shopifi", "Sales:Web"))
    told = [one.fault.sentence for one in lint(NAMES, {"oak": known}) if one.fault.line == 5]
    assert told == [
        '"sales:shopify" was renamed to "Sales:Web" in QuickBooks; `qbconsole mapping check --fix` writes the new name '
        "here"
    ]


def test_a_line_that_counts_for_a_company_that_kept_the_name_gets_no_fix():
    renamed, kept = company(was("account", "Sales", "Income")), company(accounts=("Sales",))
    assert found(TWO, oak=renamed, elm=kept) == [(7, "defaults.accounts.sales_income", "", True)]
    (told,) = [one.fault.sentence for one in lint(TWO, {"oak": renamed, "elm": kept}) if not one.fix]
    assert "but not in elm, which this line counts for too" in told
    assert found(TWO, oak=renamed, elm=renamed) == [(7, "defaults.accounts.sales_income", "Income", True)]
    own = TWO + '[merchants.two.accounts]\nsales_income = "Sales"\n'
    assert found(own, oak=renamed, elm=kept) == [(7, "defaults.accounts.sales_income", "Income", True)]
    assert found(own, oak=kept, elm=renamed) == [(15, "merchants.two.accounts.sales_income", "Income", True)]


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("Sales", "Income:Web"),
        ("4000 · Sales", "Income:4010 · Web"),
        ("4000", ""),
        ("Other", ""),
    ],
)
def test_an_account_keeps_the_form_it_was_written_in(name, now):
    assert written_now("account", name, renames_of([was("account", "Sales", "Income:Web", "4010")])) == now


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("defaults", "items", "product"), ""),
        (("defaults", "items", "match", 0), ""),
        (("defaults", "items", "misc"), "item"),
        (("merchants", "oak", "rules", 0, "when", "vendor"), ""),
        (("merchants", "oak", "rules", 0, "tax"), "item"),
        (("merchants", "oak", "sites", "Leeds"), "inventory_site"),
        (("merchants", "oak", "policy", "tax"), ""),
        (("merchants", "oak", "shop"), ""),
    ],
)
def test_which_list_a_place_names(path, kind):
    assert list_of(path) == kind
