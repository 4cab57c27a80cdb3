"""Which item a tax goes by: each strategy with each way to look a tax up."""

from __future__ import annotations

import pytest

TABLES = """
[defaults.taxes]
"CA State Tax" = { item = "State", agency = "CDTFA", charge = "State charge" }
"Orange Tax" = { item = "Orange", agency = "County", charge = "Orange charge" }
"Orange Tax + CA State Tax" = { group = "CA and Orange" }
CA = { item = "California", charge = "California charge" }
Texas = { group = "Texas all", item = "Texas", charge = "Texas charge" }
"*" = { item = "Any", charge = "Any charge" }
"""
BOTH = "CA State Tax + Orange Tax"


def asking(world, tax, tax_by, tables=TABLES):
    return world.asking(f'{tables}[defaults.policy]\ntax = "{tax}"\ntax_by = "{tax_by}"\n')


def answer(asking, world, title, *province):
    found = asking.tax_item(world.tax(title), world.order(province=province))
    return found and found.value


@pytest.mark.parametrize(
    ("tax", "tax_by", "title", "province", "item"),
    [
        ("tax_item_line", "title", "ca state tax", (), "State"),
        ("tax_item_line", "title", "NY Tax", (), "Any"),
        ("tax_item_line", "province", "CA State Tax", ("TX", "Texas"), "Texas"),
        ("tax_item_line", "province", "CA State Tax", (), "State"),
        ("tax_item_line", "province", "CA District Tax", (), "California"),
        ("tax_item_line", "province", "District Tax", ("CA", "California"), "California"),
        ("tax_item_line", "province", "District Tax", ("NV", "Nevada"), "Any"),
        ("tax_item_line", "single", "CA State Tax", ("CA", "California"), "Any"),
        ("liability_line", "title", "Orange Tax", (), "Orange charge"),
        ("liability_line", "province", "District Tax", ("CA", "California"), "California charge"),
        ("liability_line", "single", "Orange Tax", (), "Any charge"),
        ("quickbooks", "title", "Orange Tax", (), "Orange"),
        ("quickbooks", "title", BOTH, (), "CA and Orange"),
        ("quickbooks", "title", "Orange Tax + CA State Tax", (), "CA and Orange"),
        ("quickbooks", "title", "NY Tax + NYC Tax", (), "Any"),
        ("quickbooks", "title", "Orange Tax + NY Tax", (), None),
        ("quickbooks", "province", BOTH, ("TX", "Texas"), "Texas all"),
        ("quickbooks", "province", BOTH, ("CA", "California"), "California"),
        ("quickbooks", "single", BOTH, ("CA", "California"), "Any"),
    ],
)
def test_a_tax_finds_its_item(world, tax, tax_by, title, province, item):
    assert answer(asking(world, tax, tax_by), world, title, *province) == item


def test_a_tax_nobody_named_has_no_item(world):
    tables = TABLES.replace('"*" = { item = "Any", charge = "Any charge" }\n', "")
    for tax in ("tax_item_line", "liability_line", "quickbooks"):
        for tax_by in ("title", "province", "single"):
            assert answer(asking(world, tax, tax_by, tables), world, "NY Tax", "NY", "New York") is None


def test_answers_of_two_provinces_are_kept_apart(world):
    asked = asking(world, "tax_item_line", "province")
    found = [
        answer(asked, world, "District Tax", *where) for where in (("CA", "California"), ("TX", "Texas"))
    ]
    assert found == ["California", "Texas"]


def test_the_agency_of_a_group_is_known_too(world):
    tables = '[defaults.taxes]\n"A + B" = { group = "Both", agency = "CDTFA" }\n'
    assert asking(world, "quickbooks", "title", tables).agency("both").value == "CDTFA"


def test_a_rule_wins_for_several_taxes_together(world):
    rule = '[[defaults.rules]]\nwhen = { title = "*Orange*" }\ntax = "By rule"\n'
    assert answer(asking(world, "quickbooks", "title", TABLES + rule), world, BOTH) == "By rule"
