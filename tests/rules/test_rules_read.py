"""mappings.toml is read whole or refused whole, with every fault at its line."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import pytest

from qbconsole.books.policy import Creation, Modes, Policy, Settings
from qbconsole.books.roles import ROLES
from qbconsole.errors import MappingInvalid
from qbconsole.rules.mapping.places import places
from qbconsole.rules.mapping.read import faults_of, read
from qbconsole.rules.mapping.schema import MappingFile

SHIPPED = Path(__file__).parents[2] / "mappings.toml"

MANY = """schema = 1
[companies.oak]
name = "Oak"
country = "usa"
[defaults.accounts]
sales_incom = "Sales"
cogs = "This part of a name is far too long for it"
returns = ""
[defaults.policy]
tax = "taxitem"
recognize_on = "order"
[defaults.clearing]
"PayPal (Express)" = "PayPal"
[defaults.items]
match = ["name", "barcod"]
[defaults.customers]
house = "Shopify {shop}"
[merchants.elm]
company = "elm"
shop = "https://elm.myshopify.com/admin"
start = "2026-01-01"
plugins = ["../evil"]
[[merchants.elm.rules]]
when = { amount = { at_least = 12.5 } }
account = "Sales"
[[merchants.elm.rules]]
when = { role = "sales_incom" }
[[merchants.elm.rules]]
account = "Sales"
from = 2026-02-01
until = 2026-02-01
[merchants.elm.schedule]
at = "2:15"
[merchants.elm.filters]
tag = { only = ["a", 3] }
"""


def found(text: str) -> dict[int, str]:
    """The last fault of each line."""
    return {fault.line: str(fault) for fault in faults_of(text)}


def test_every_fault_is_listed_at_its_own_line():
    faults = found(MANY)
    assert sorted(faults) == [4, 6, 7, 8, 10, 11, 13, 15, 17, 19, 20, 21, 22, 24, 27, 28, 33, 35]


def test_the_error_carries_all_faults_and_names_the_first_place():
    with pytest.raises(MappingInvalid) as caught:
        read(MANY)
    assert caught.value.where == "mappings.toml:4"
    assert "18 faults" in caught.value.what
    assert "mappings.toml:33" in caught.value.what


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (4, "must look like"),
        (6, 'did you mean "sales_income"?'),
        (7, "42 characters long; QuickBooks takes 31"),
        (8, "is empty"),
        (10, "it may be 'tax_item_line', 'liability_line' or 'quickbooks'"),
        (11, 'did you mean "recognise_on"?'),
        (13, 'a gateway is written as its handle: "paypal"'),
        (15, "it may be 'name', 'manufacturer_part_number' or 'barcode'"),
        (17, "only the placeholder {channel}"),
        (19, "there is no [companies.elm]"),
        (20, 'write it like "oak-ember.myshopify.com"'),
        (21, "must be a date without quotes"),
        (22, "a plugin's name"),
        (24, "so that no cent is lost"),
        (27, 'did you mean "sales_income"?'),
        (28, "ends before it begins"),
        (33, 'write it like "02:15"'),
        (35, "must be a text in quotes"),
    ],
)
def test_each_fault_says_what_would_be_right(line, words):
    assert words in found(MANY)[line]


def test_a_rule_without_an_outcome_is_refused(world):
    text = world.head + '[[merchants.oak.rules]]\nwhen = { sku = "a" }\n'
    assert "give one of account, item, class" in found(text)[7]


def test_a_tax_that_names_nothing_is_refused(world):
    assert "neither `item`" in found(world.head + '[defaults.taxes]\nGST = { agency = "x" }\n')[8]


def test_nearest_names_of_tables_are_offered(world):
    assert 'did you mean "accounts"?' in found(world.head + '[defaults.acounts]\ncogs = "x"\n')[7]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("schema = 1\nname = oak\n", 2),
        ("schema = 1\n[companies.oak\n", 2),
        ("schema = 1\n\n[a]\n[a]\n", 4),
        ('schema = 1\nx = "never closed\n', 2),
        ("x = " + "[" * 5000, 1),
        ("x = " + "9" * 5000, 1),
        ("schema = 1\nx = 2026-02-30\n", 2),
        ('schema = "\udc80"\n', 1),
    ],
)
def test_what_is_no_toml_is_one_fault_with_its_line(text, line):
    faults = faults_of(text)
    assert [fault.line for fault in faults] == [line]


def test_a_missing_schema_is_a_fault():
    assert "schema: is missing" in found('[companies.oak]\nname = "Oak"\n')[1]


def test_a_byte_order_mark_and_windows_line_ends_are_taken(world):
    mapping = read("\ufeff" + (world.head + '[defaults.accounts]\ncogs = "Cost"\n').replace("\n", "\r\n"))
    said = mapping.defaults.said("accounts", "cogs")
    assert said is not None
    assert (said.value, said.line) == ("Cost", 8)


def test_the_only_company_need_not_be_named():
    text = 'schema = 1\n[companies.oak]\nname = "Oak"\n[merchants.a]\nshop = "a.myshopify.com"\n'
    assert read(text).merchants["a"].company == "oak"
    other = text.replace("[merchants", '[companies.elm]\nname = "Elm"\n[merchants')
    assert "names no `company`" in found(other)[6]


def test_one_shop_twice_without_filters_would_be_booked_twice(world):
    text = world.head + '[merchants.two]\ncompany = "oak"\nshop = "Oak-Ember.myshopify.com"\n'
    assert "booked twice" in found(text)[6]
    split = (
        text
        + '[merchants.two.filters]\nlocation = "Leeds"\n[merchants.oak.filters]\nlocation = { except = "Leeds" }\n'
    )
    names = [one.id for one in read(split).merchants_of_shop("OAK-EMBER.myshopify.com")]
    assert names == ["oak", "two"]


def test_settings_take_the_merchant_over_the_defaults_over_the_built_in(world):
    tables = """[defaults.policy]
tax_by = "single"
approve = "manual"
[merchants.oak.policy]
approve = "auto"
[merchants.oak.modes]
customers = "detailed"
[defaults.create]
accounts = "yes"
"""
    mapping = read(world.head.replace("[merchants", "closing_date = 2025-12-31\n[merchants") + tables)
    assert mapping.settings("oak", closing_date=date(2025, 6, 30), include_test=True) == Settings(
        merchant="oak",
        policy=Policy(tax_by="single", approve="auto"),
        modes=Modes(customers="detailed"),
        create=Creation(accounts="yes"),
        closing_date=date(2025, 12, 31),
        include_test=True,
    )


def test_the_smallest_mapping_is_valid_and_has_every_default(world):
    mapping = read(world.head)
    assert mapping.settings("oak") == Settings(merchant="oak")
    assert mapping.merchants["oak"].schedule.mode == "manual"
    assert [one.id for one in mapping.merchants_of_company("oak")] == ["oak"]


def test_a_mapping_travels_to_another_process():
    mapping = read(SHIPPED.read_text())
    assert pickle.loads(pickle.dumps(mapping)) == mapping


def test_the_schema_can_be_given_to_editors():
    schema = MappingFile.model_json_schema()
    assert "sales_income" in str(schema)


def test_lines_are_found_in_arrays_inline_tables_and_dotted_keys():
    spots = places("a.b = 1\n[[m.rules]]\nx = [ 1,\n { y = 2 } ]\n[[m.rules]]\nz = 1\n[m.rules.q]\nw = 1\n")
    assert spots.line(("a", "b")) == 1
    assert spots.line(("m", "rules", 0, "x", 1, "y")) == 4
    assert spots.line(("m", "rules", 1, "z")) == 6
    assert spots.line(("m", "rules", 1, "q", "w")) == 8
    assert spots.line(("m", "rules", 1, "nothing")) == 5


class TestShipped:
    """The file that init copies into a new workspace."""

    def test_names_an_account_for_every_role_and_an_item_where_lines_need_one(self):
        defaults = read(SHIPPED.read_text()).defaults
        assert set(ROLES) <= defaults.entries["accounts"].keys()
        assert {role.name for role in ROLES.values() if role.item} <= defaults.entries["items"].keys()
        assert {
            "shopify_payments",
            "shop_pay_installments",
            "shopify_installments",
            "paypal",
            "cash",
            "manual",
            "other",
        } == defaults.entries["clearing"].keys()

    def test_has_one_merchant_without_plugins_rules_or_filters(self):
        mapping = read(SHIPPED.read_text())
        (merchant,) = mapping.merchants.values()
        assert (merchant.id, merchant.company, merchant.plugins) == ("oak-ember", "oak", ())
        assert (merchant.filters, merchant.tables.rules, mapping.defaults.rules) == ((), (), ())
        assert mapping.companies["oak"].name == "Oak & Ember LLC"

    def test_its_policies_are_the_defaults(self):
        assert read(SHIPPED.read_text()).settings("oak-ember") == Settings(merchant="oak-ember")

    def test_no_item_has_the_name_of_two_roles(self):
        items = [said.value for said in read(SHIPPED.read_text()).defaults.entries["items"].values()]
        assert len(items) == len(set(items))


def test_every_policy_that_may_be_said_is_read(world):
    mapping = read(world.head + '[defaults.policy]\ntax = "quickbooks"\ntax_by = "province"\n')
    (merchant,) = mapping.merchants.values()
    assert (merchant.policy.tax, merchant.policy.tax_by) == ("quickbooks", "province")


def test_a_tax_group_may_stand_for_several_taxes_in_any_order(world):
    mapping = read(world.head + '[defaults.taxes]\n"B + a" = { group = "Both", agency = "CDTFA" }\n')
    assert mapping.defaults.entries["taxes.group"]["a + b"].value == "Both"


def test_a_text_with_faults_is_read_once_and_each_who_asks_is_told_for_himself(monkeypatch):
    text = MANY + "# asked for at every call of a service\n"
    told = []
    for _ in range(2):
        with pytest.raises(MappingInvalid) as caught:
            read(text)
        caught.value.next = "changed by who asked"
        told.append(caught.value)
        monkeypatch.setattr("qbconsole.rules.mapping.read.parse", None)
    assert told[0] is not told[1]
    assert told[0].faults == told[1].faults
    with pytest.raises(MappingInvalid) as third:
        read(text)
    assert third.value.next != "changed by who asked"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('file = "C:\\QB\\Oak.qbw"', "write a path in single quotes"),
        ('name = "Oak', "has no closing quote"),
        ("name = “Oak”", "straight quotes"),
        ('name = "Oak"\nname = "Elm"', "a second time: keep one"),
        ('name = "Oak"\n[companies.oak]', "a second time: put its lines into the first"),
    ],
)
def test_what_is_no_toml_is_told_with_what_to_do(line, told):
    (fault,) = faults_of(f"schema = 1\n[companies.oak]\n{line}\n")
    assert fault.line == 3 + line.count("\n")
    assert told in fault.sentence
