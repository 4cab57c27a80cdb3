"""Edits change what was asked and nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbconsole.books.roles import ROLES
from qbconsole.rules.mapping.edit import set_value, set_values
from qbconsole.rules.mapping.edits.paths import parse_path
from qbconsole.rules.mapping.faults import MappingFaults
from qbconsole.rules.mapping.read import read

SHIPPED = (Path(__file__).parents[2] / "mappings.toml").read_text()
TEXT = """# top
schema = 1   # one
[companies.oak]
name = "Oak"

# about accounts
[defaults.accounts]
sales_income = 'Sales'   # keep me

# about taxes
[defaults.taxes]
"*" = { item = "X" } # star
[merchants.oak]
shop = "oak.myshopify.com"
# a rule
[[merchants.oak.rules]]
when = { sku = "A" }
account = "x"
# the end"""


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize(
    ("path", "value", "gone", "come"),
    [
        (
            "defaults.accounts.sales_income",
            "4000",
            ["sales_income = 'Sales'   # keep me"],
            ['sales_income = "4000"   # keep me'],
        ),
        ("defaults.accounts.cogs", "Cost: Goods", [], ['cogs = "Cost: Goods"']),
        ('defaults.taxes."CA State Tax"', "CA", [], ['"CA State Tax" = "CA"']),
        ("defaults.taxes.CA State Tax", "CA", [], ['"CA State Tax" = "CA"']),
        (
            "defaults.taxes.*.agency",
            "CDTFA",
            ['"*" = { item = "X" } # star'],
            ['"*" = { item = "X", agency = "CDTFA" } # star'],
        ),
        (
            "merchants.oak.policy.tax",
            "liability_line",
            [],
            ["[merchants.oak.policy]", 'tax = "liability_line"'],
        ),
        ("merchants.oak.start", "2026-01-01", [], ["start = 2026-01-01"]),
        ("merchants.oak.plugins", '["a", "b"]', [], ['plugins = ["a", "b"]']),
        ("merchants.oak.plugins", "a", [], ['plugins = "a"']),
        ("companies.oak.fiscal_year_start", "7", [], ["fiscal_year_start = 7"]),
        (
            "merchants.oak.rules[0].when.tag",
            '["vip"]',
            ['when = { sku = "A" }'],
            ['when = { sku = "A", tag = ["vip"] }'],
        ),
        ("merchants.oak.rules[0].hold", "Ask Ann", [], ['hold = "Ask Ann"']),
        ("merchants.oak.rules[1].hold", "Ask Ann", [], ['hold = "Ask Ann"']),
        (
            "merchants.oak.filters.value.at_least",
            "100.00",
            [],
            ["[merchants.oak.filters.value]", 'at_least = "100.00"'],
        ),
        ("merchants.elm.shop", "elm.myshopify.com", [], ["[merchants.elm]", 'shop = "elm.myshopify.com"']),
    ],
)
def test_a_value_takes_the_schemas_type_and_goes_where_it_belongs(path, value, gone, come):
    after = set_value(TEXT, path, value)
    assert changed(TEXT, after) == (gone, come)
    read(after)


def test_what_is_set_already_leaves_the_bytes_alone():
    assert set_value(TEXT, "defaults.accounts.sales_income", "Sales") == TEXT
    assert set_value(SHIPPED, "defaults.policy.tax", "tax_item_line") == SHIPPED


def test_a_comment_stays_with_the_table_it_speaks_of():
    after = set_value(TEXT, "defaults.accounts.cogs", "Cost").splitlines()
    assert after[after.index("[defaults.taxes]") - 1] == "# about taxes"
    assert after[after.index('cogs = "Cost"') - 1].endswith("# keep me")


def test_several_pairs_are_one_edit():
    after = set_values(
        TEXT,
        [
            ("companies.elm.name", "Elm"),
            ("merchants.oak.company", "oak"),
            ("merchants.elm.shop", "elm.myshopify.com"),
            ("merchants.elm.company", "elm"),
        ],
    )
    assert read(after).merchants["elm"].company == "elm"
    with pytest.raises(MappingFaults, match="names no `company`"):
        set_value(TEXT, "companies.elm.name", "Elm")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("merchants.oak.policy.tax", "foo", "it may be"),
        ("merchants.oak.polcy.tax", "foo", "did you mean"),
        ("merchants.oak.rules", "[]", "by hand"),
        ("merchants", "x", "by hand"),
        ("a..b", "1", "is no path"),
        ("", "1", "is no path"),
        ("defaults.", "1", "is no path"),
        ("[0].a", "1", "is no path"),
        ('defaults."\\q".a', "1", "not valid TOML"),
        ("defaults.accounts.cogs", "", "is empty"),
        ("defaults.accounts.cogs", "a\nb", "control character"),
        ("defaults.accounts.cogs", "\udc80", "not valid TOML"),
        ("defaults.accounts[0]", "x", "nothing here"),
        ("defaults.accounts.sales_income.x", "x", "nothing"),
        ("merchants.oak.rules[9].hold", "x", "nothing of that kind"),
        ("schema", "2", "it may be 1"),
    ],
)
def test_what_may_not_be_set_is_refused_and_nothing_changes(path, value, words):
    with pytest.raises(MappingFaults, match=words.replace("[", r"\[")):
        set_value(TEXT, path, value)


def test_an_edit_may_mend_one_of_two_faults():
    broken = TEXT.replace('"X" }', '"X", agent = "y" }').replace("'Sales'", "''")
    after = set_value(broken, "defaults.accounts.sales_income", "Sales")
    with pytest.raises(MappingFaults, match="agent"):
        read(after)


def test_setting_an_unknown_key_stays_refused_where_it_stood_before():
    broken = TEXT.replace("[defaults.taxes]", 'sale = "x"\n[defaults.taxes]')
    with pytest.raises(MappingFaults, match="unknown key"):
        set_value(broken, "defaults.accounts.sale", "y")


def test_dotted_keys_are_never_moved():
    # python-poetry/tomlkit 588: adding a sub-table to `a` moves `z` inside it.
    text = 'schema = 1\ncompanies.oak.name = "Oak"\n[defaults]\naccounts.cogs = "Cost"\nchannels = { web = "Web" }\n'
    with pytest.raises(MappingFaults, match="edit the file by hand"):
        set_value(text, "defaults.accounts.returns", "Returns")
    after = set_value(text, "defaults.accounts.cogs", "Costs")
    assert after == text.replace('"Cost"', '"Costs"')


def test_windows_files_stay_windows_files():
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    after = set_value(text, "defaults.accounts.cogs", "Cost")
    assert after.startswith("\ufeff# top\r\n")
    assert after.count("\n") == after.count("\r\n") == text.count("\n") + 1


def test_paths_read_as_people_write_them():
    assert parse_path("merchants.oak-ember.rules[0].when") == ("merchants", "oak-ember", "rules", 0, "when")
    assert parse_path("defaults.taxes.'a.b'.item") == ("defaults", "taxes", "a.b", "item")
    assert parse_path('defaults.taxes."é\\"x"') == ("defaults", "taxes", 'é"x')


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters=":"),
    min_size=1,
    max_size=20,
).filter(lambda text: text.strip() and not set("\x7f\x85") & set(text))
TITLES = (
    st.text(st.sampled_from("aZ09 .\"'[]#=*é😀"), min_size=1, max_size=8).filter(str.strip).map(str.strip)
)


def _quoted(title: str) -> str:
    return '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '"'


EDITS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(sorted(ROLES)).map(lambda role: ("defaults", "accounts", role)), NAMES),
        st.tuples(
            st.sampled_from(sorted(ROLES)).map(lambda role: ("merchants", "oak-ember", "accounts", role)),
            NAMES,
        ),
        st.tuples(TITLES.map(lambda title: ("defaults", "taxes", title, "item")), NAMES),
        st.tuples(TITLES.map(lambda sku: ("defaults", "items", "sku", sku)), NAMES),
        st.tuples(
            st.just(("merchants", "oak-ember", "policy", "approve")), st.sampled_from(["auto", "manual"])
        ),
        st.tuples(st.sampled_from(["a", "b-2"]).map(lambda name: ("companies", name, "name")), NAMES),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(EDITS)
def test_random_edits_keep_comments_and_order_and_say_what_was_meant(edits):
    text, meant = SHIPPED, tomllib.loads(SHIPPED)
    for path, value in edits:
        text = set_value(text, ".".join(_quoted(part) for part in path), _quoted(value))
        held = meant
        for part in path[:-1]:
            held = held.setdefault(part, {})
        held[path[-1]] = value
    assert tomllib.loads(text) == meant
    kept = iter(text.splitlines())
    untouched = [line for line in SHIPPED.splitlines() if line.startswith(("#", "["))]
    assert all(line in kept for line in untouched)


@settings(max_examples=25, deadline=None)
@given(EDITS)
def test_setting_a_value_back_gives_the_same_bytes(edits):
    here = [(path, value) for path, value in edits if path[:2] == ("defaults", "accounts")]
    text = SHIPPED
    for path, value in here:
        text = set_value(text, ".".join(path), _quoted(value))
    before = tomllib.loads(SHIPPED)["defaults"]["accounts"]
    for path, _ in here:
        text = set_value(text, ".".join(path), before[path[-1]])
    assert text == SHIPPED
