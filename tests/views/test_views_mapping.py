"""The mapping editor's rows: every line and rule once, what is missing at its place, and what may be picked."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from builders import Line, Pay, an_order
from trip import Trip

from qbconsole.company.identity import Preferences
from qbconsole.company.lists import Chart, Entries, Items, Names
from qbconsole.company.records import Account, Customer, Entry, Item, Ref, Vendor
from qbconsole.company.renames import Rename, renames_of
from qbconsole.company.snapshot import Company
from qbconsole.rules.mapping.editing import Editing
from qbconsole.rules.mapping.places import places
from qbconsole.views.mapping.entries import conditions, entries_of, outcomes, said
from qbconsole.views.mapping.lacking import Lacking, named_in, place_of, tax_policy
from qbconsole.views.mapping.page import page_of, stamp_of
from qbconsole.views.mapping.picking import Candidate, candidates, is_known, ranked
from qbconsole.views.mapping.uses import uses
from qbconsole.views.mapping.want import Want, want_of

SHIPPED = (Path(__file__).parents[2] / "mappings.toml").read_text(encoding="utf-8")
RULES = """
[[merchants.oak-ember.rules]]
when = { product_type = "Gift wrap", location = ["Leeds", "York"], amount = { at_least = "5", below = "9" } }
account = "Other Income:Wrap"
class = "Retail"
from = 2026-04-01

[[merchants.oak-ember.rules]]
hold = "Look at it"
"""


def entries(text: str):
    return list(entries_of(tomllib.loads(text), places(text)))


def test_every_value_of_the_shipped_file_is_a_row_at_its_line():
    lines = SHIPPED.splitlines()
    rows = entries(SHIPPED)
    assert len({row.path for row in rows}) == len(rows)
    for row in rows:
        key = str(row.path[-1]) if row.section != "taxes" else str(row.path[2])
        assert key in lines[row.line - 1], row
    said_by = {row.mark: row.use for row in rows}
    assert said_by["defaults.accounts.sales_income"] == "Sales:Shopify"
    assert said_by['defaults.taxes."*".item'] == "Shopify Sales Tax"
    assert said_by["merchants.oak-ember.plugins"] == ""
    assert said_by["companies.oak.name"] == "Oak & Ember LLC"


def test_a_rule_is_told_in_one_line_and_known_again_when_it_moves():
    first, second = [row for row in entries(SHIPPED + RULES) if row.section == "rules"]
    assert first.when == "product_type=Gift wrap location=Leeds|York amount>=5 amount<9 from 2026-04-01"
    assert first.use == "account Other Income:Wrap, class Retail"
    assert (second.when, second.use, second.level) == ("always", "hold Look at it", "oak-ember")
    edited = Editing.begin(SHIPPED + RULES).move("merchants.oak-ember.rules", 1, 0)
    moved = [row for row in entries(edited.text) if row.section == "rules"]
    assert [row.mark for row in moved] == [second.mark, first.mark]


@pytest.mark.parametrize(
    ("value", "told"), [(True, "true"), (["a", "b"], "a, b"), ({"x": 1}, "x 1"), (3, "3")]
)
def test_values_are_told_bare(value, told):
    assert said(value) == told


def test_conditions_of_a_broken_rule_do_no_harm():
    assert conditions({"when": "nonsense"}) == "always"
    assert outcomes({}) == ""


def test_the_page_counts_sections_and_shows_stand_ins():
    page = page_of(Editing.begin(SHIPPED), SHIPPED)
    counts = {one.name: one.count for one in page.sections}
    assert counts["accounts"] == len(tomllib.loads(SHIPPED)["defaults"]["accounts"])
    assert (counts["taxes"], counts["rules"], page.lacking) == (2, 0, 0)
    assert (page.faults, page.diff, page.fresh, page.from_last_good) == ((), (), frozenset(), False)
    editing = Editing.begin(SHIPPED).unset("defaults.accounts.returns")
    page = page_of(editing, SHIPPED)
    row = next(one for one in page.rows["accounts"] if one.when == "returns")
    assert (row.line, row.stand_in) == (0, "sales_income")
    assert any(line.startswith("-returns = ") for line in page.diff)
    assert page.stamp == stamp_of(editing)


def test_a_name_that_quickbooks_calls_otherwise_now_is_told_with_what_to_write():
    told = [
        ("account", Rename(was="Sales:Shopify", now="Sales:Web")),
        ("class", Rename(was="Retail", now="Shop")),
    ]
    page = page_of(Editing.begin(SHIPPED + RULES), SHIPPED, renames={"oak": renames_of(told)})
    assert page.renamed == {
        ("defaults", "accounts", "sales_income"): "Sales:Web",
        ("merchants", "oak-ember", "rules", 0, "class"): "Shop",
    }
    rows = {one.path: one.renamed for rows in page.rows.values() for one in rows if one.renamed}
    assert rows == {
        ("defaults", "accounts", "sales_income"): "Sales:Web",
        ("merchants", "oak-ember", "rules", 0): "Shop",
    }
    assert {one.name: one.renamed for one in page.sections if one.renamed} == {"accounts": 1, "rules": 1}
    edited = Editing.begin(SHIPPED).set("defaults.accounts.sales_income", "Sales:Web")
    assert page_of(edited, SHIPPED, renames={"oak": renames_of(told)}).renamed == {}


def test_what_is_new_is_known_and_a_candidate_that_is_only_tried_is_told():
    editing = Editing.begin(SHIPPED).set("defaults.accounts.returns", "Returns")
    tried = editing.set("defaults.accounts.bank", "Vault")
    page = page_of(editing, SHIPPED, shown=tried)
    assert page.fresh == {"defaults.accounts.returns=Returns"}
    assert '+bank = "Vault"' in page.diff


def test_a_text_that_is_no_toml_shows_the_last_good_rows_and_its_line():
    page = page_of(Editing.begin("schema = 1\n[defaults\n"), SHIPPED)
    assert page.from_last_good
    assert [fault.line for fault in page.faults] == [2]
    assert any(row.when == "sales_income" for row in page.rows["accounts"])


def test_both_texts_broken_is_an_empty_page():
    page = page_of(Editing.begin("[["), "]]")
    assert page.faults
    assert not page.rows.get("taxes")


@pytest.mark.parametrize(
    ("cause", "merchants", "place"),
    [
        ("unmapped:tax:CA-ORANGE", ["oak"], ("merchants", "oak", "taxes", "CA-ORANGE")),
        ("unmapped:tax:CA-ORANGE", ["oak", "elm"], ("defaults", "taxes", "CA-ORANGE")),
        ("unmapped:tax:CA + LA", [], ("defaults", "taxes", "CA + LA", "group")),
        ("unmapped:account:clearing:paypal", [], ("defaults", "clearing", "paypal")),
        ("unmapped:account:bank", [], ("defaults", "accounts", "bank")),
        ("unmapped:item:returns", [], ("defaults", "items", "returns")),
        ("unmapped:item:SKU 1", [], ("defaults", "items", "misc")),
        ("unregistered:ca", ["oak"], ("merchants", "oak", "registered", "CA")),
        ("unregistered:california", [], ("defaults", "registered", "California")),
        ("unmapped:vendor", [], ("defaults", "vendors", "house")),
        ("unmapped:customer", [], ("defaults", "customers", "house")),
        ("unmapped:nonsense:x", [], None),
        ("missing:item:x", [], None),
    ],
)
def test_a_cause_has_a_place(cause, merchants, place):
    assert place_of(cause, merchants) == place


def test_tax_as_a_charge_is_written_as_one():
    data = {
        "defaults": {"policy": {"tax": "liability_line"}},
        "merchants": {"elm": {"policy": {"tax": "quickbooks"}}},
    }
    assert tax_policy(data, ["oak"]) == "liability_line"
    assert tax_policy(data, ["elm"]) == "quickbooks"
    assert place_of("unmapped:tax:X", [], "liability_line") == ("defaults", "taxes", "X", "charge")


def missing(cause: str, *merchants: str) -> Lacking:
    return Lacking(cause=cause, merchants=merchants, held=40, sentence="No tax item is named.")


def test_what_is_missing_stands_first_until_it_is_named():
    wanted = (missing("unmapped:tax:CA-ORANGE", "oak-ember"), missing("plugin_broken:x"))
    page = page_of(Editing.begin(SHIPPED), SHIPPED, wanted)
    first = page.rows["taxes"][0]
    assert (first.when, first.held, first.level, page.lacking) == ("CA-ORANGE", 40, "oak-ember", 1)
    named = Editing.begin(SHIPPED).set(first.path, "CA Sales Tax")
    assert page_of(named, SHIPPED, wanted).lacking == 0
    above = Editing.begin(SHIPPED).set(("defaults", "taxes", "CA-ORANGE"), "CA Sales Tax")
    assert page_of(above, SHIPPED, wanted).lacking == 0
    assert page_of(Editing.begin(SHIPPED), SHIPPED, wanted, merchant="elm").lacking == 0


def test_a_name_that_quickbooks_lacks_is_found_where_it_stands():
    rows = entries(SHIPPED)
    assert named_in("missing:item:shopify misc", rows) == ("defaults", "items", "misc")
    assert named_in("missing:item:nowhere", rows) is None
    assert named_in("unmapped:item:returns", rows) is None
    text = SHIPPED + "\n[merchants.oak-ember.registered]\nCA = false\n"
    assert named_in("unregistered:ca", entries(text)) == ("merchants", "oak-ember", "registered", "CA")
    assert named_in("unregistered:ny", entries(text)) is None


# ---- what may be picked


@pytest.mark.parametrize(
    ("path", "list_kind", "fits"),
    [
        (("defaults", "accounts", "sales_income"), "account", "Income"),
        (("defaults", "clearing", "paypal"), "account", "Bank"),
        (("merchants", "oak", "taxes", "CA"), "item", "ItemSalesTax"),
        (("merchants", "oak", "taxes", "CA", "agency"), "vendor", None),
        (("merchants", "oak", "taxes", "agency"), "item", "ItemSalesTax"),
        (("defaults", "items", "sku", "MUG"), "item", "ItemInventory"),
        (("defaults", "items", "zero_tax"), "item", "ItemSalesTax"),
        (("defaults", "items", "tips_payable"), "item", "ItemOtherCharge"),
        (("defaults", "items", "match"), "", None),
        (("defaults", "customers", "buyers", "a@b.c"), "customer", None),
        (("defaults", "classes", "locations", "Leeds"), "class", None),
        (("merchants", "oak", "rules", 0, "account"), "account", None),
        (("merchants", "oak", "rules", 0, "when", "tag"), "", None),
        (("defaults", "sales_reps", "locations", "Leeds"), "sales_rep", None),
        (("defaults", "ship_methods", "Standard"), "ship_method", None),
        (("defaults", "sites", "Leeds"), "inventory_site", None),
        (("merchants", "oak", "templates", "Invoice"), "template", None),
        (("defaults", "messages", "SalesReceipt"), "customer_message", None),
        (("merchants", "oak", "rules", 0, "site"), "inventory_site", None),
        (("defaults", "memos", "SalesReceipt"), "", None),
        (("companies", "oak", "name"), "", None),
    ],
)
def test_each_place_takes_names_of_one_list(path, list_kind, fits):
    want = want_of(path)
    assert want.list_kind == list_kind
    assert fits in want.types if fits else not want.types


def test_a_place_of_few_words_takes_only_these():
    assert want_of(("defaults", "policy", "cogs")).words == ("quickbooks", "unit_cost", "off")
    assert want_of(("defaults", "registered", "CA")).words == ("true", "false")
    assert want_of(("merchants", "oak", "rules", 2, "document")).words == ("SalesReceipt", "Invoice")
    assert [one.name for one in candidates(COMPANY, want_of(("defaults", "modes", "sales")), {})] == [
        "detailed",
        "summary",
    ]


def account(name: str, kind: str, **more: object) -> Account:
    return Account(list_id=name, full_name=name, account_type=kind, **more)


def item(name: str, kind: str) -> Item:
    return Item(list_id=name, full_name=name, name=name, kind=kind)


COMPANY = Company(
    name="Oak",
    preferences=Preferences(multi_currency=True, home_currency=Ref(full_name="US Dollar")),
    chart=Chart(
        (
            account("Sales:Shopify", "Income", currency="US Dollar"),
            account("Sales:Shopify Shipping", "Income"),
            account("Old Sales", "Income", is_active=False),
            account("Checking", "Bank"),
            account("Euro Sales", "Income", currency="Euro"),
            account("Estimates", "NonPosting"),
        ),
        known=True,
    ),
    items=Items(
        (item("CA Sales Tax 7.75", "ItemSalesTax"), item("CA Sales Tax 9.5", "ItemSalesTax"), item("Sales Tax Payable", "ItemOtherCharge")),
        known=True,
    ),
    names=Names(
        customers=(Customer(list_id="1", full_name="Jane Doe", name="Jane Doe"),),
        vendors=(Vendor(list_id="2", full_name="CDTFA", is_tax_agency=True), Vendor(list_id="3", full_name="Acme")),
        known=True,
    ),
    classes=Entries((Entry(kind="Class", list_id="4", full_name="Retail"),), known=True),
    sales_reps=Entries((Entry(kind="SalesRep", list_id="5", full_name="JD"),), known=True),
    ship_methods=Entries((Entry(kind="ShipMethod", list_id="6", full_name="UPS"),), known=True),
    sites=Entries((Entry(kind="InventorySite", list_id="7", full_name="Leeds Store"),), known=True),
    templates=Entries((Entry(kind="Template", list_id="8", full_name="Custom Sales Receipt"),), known=True),
    customer_messages=Entries((Entry(kind="CustomerMsg", list_id="9", full_name="Thank you."),), known=True),
)  # fmt: skip


def test_what_does_not_fit_says_why():
    income = want_of(("defaults", "accounts", "sales_income"))
    why = {one.name: one.why_not for one in candidates(COMPANY, income, {})}
    assert why == {
        "Sales:Shopify": "",
        "Sales:Shopify Shipping": "",
        "Old Sales": "inactive in QuickBooks",
        "Checking": "wrong type for this",
        "Euro Sales": "other currency: Euro",
        "Estimates": "wrong type for this",
    }
    by_rule = candidates(COMPANY, want_of(("merchants", "o", "rules", 0, "account")), {})
    assert {one.name: one.why_not for one in by_rule}["Estimates"] == "takes no postings"


@pytest.mark.parametrize(
    ("list_kind", "names"),
    [
        ("customer", ["Jane Doe"]),
        ("vendor", ["Acme", "CDTFA"]),
        ("class", ["Retail"]),
        ("terms", []),
        ("sales_rep", ["JD"]),
        ("ship_method", ["UPS"]),
        ("inventory_site", ["Leeds Store"]),
        ("template", ["Custom Sales Receipt"]),
        ("customer_message", ["Thank you."]),
        ("", []),
    ],
)
def test_every_list_gives_its_names(list_kind, names):
    assert [one.name for one in candidates(COMPANY, Want(what="x", list_kind=list_kind), {})] == names
    assert is_known(COMPANY, list_kind) is (list_kind not in ("terms", ""))


def found(typed: str, **more: object) -> list[tuple[str, int]]:
    every = candidates(COMPANY, want_of(("defaults", "accounts", "sales_income")), {})
    return [(hit.candidate.name, hit.score) for hit in ranked(every, typed, **more)]


def test_exact_before_leaf_prefix_before_all_words_before_alike():
    names = ["Shopify", "Sales:Shopify Fees", "Old Shopify", "Shpify"]
    every = [Candidate(name=name, kind="Income") for name in names]
    hits = ranked(every, "shopify")
    assert [hit.candidate.name for hit in hits] == names
    assert [hit.score for hit in hits][:3] == [100, 95, 90]
    assert hits[3].score < 90


def test_typing_errors_are_forgiven_and_nonsense_is_not():
    assert found("shopfy shiping")[0][0] == "Sales:Shopify Shipping"
    assert found("zzzzqqq") == []


@pytest.mark.parametrize(
    ("typed", "name", "is_meant"),
    [
        ("LA County Tax", "Tax Calculated On Invoice", False),
        ("shopfy shiping", "Sales:Shopify Shipping", True),
        ("merch sal", "Merchandise Sales", True),
        ("merchandize sales", "Merchandise Sales", True),
        ("Sales:Web", "Sales:Shopify", False),
        ("California State Tax", "CA State Tax", False),
    ],
)
def test_a_mere_guess_is_known_from_a_typing_error(typed, name, is_meant):
    (hit,) = ranked([Candidate(name=name, kind="x")], typed)
    assert (hit.candidate.name, hit.is_meant) == (name, is_meant)


def test_inactive_names_are_hidden_until_asked_for_and_misfits_come_last():
    assert "Old Sales" not in dict(found(""))
    assert dict(found("old sales", inactive=True))["Old Sales"] == 100
    names = [name for name, _ in found("sales")]
    assert names[:2] == ["Sales:Shopify", "Sales:Shopify Shipping"]
    assert "Euro Sales" in names


def test_with_nothing_typed_the_most_alike_come_first():
    every = candidates(COMPANY, want_of(("defaults", "taxes", "CA-ORANGE 7.75%")), {})
    hits = ranked(every, "", near="CA-ORANGE 7.75%")
    assert hits[0].candidate.name == "CA Sales Tax 7.75"
    assert hits[-1].candidate.why_not == "wrong type for this"
    assert ranked(every, "")[0].score == 0


def test_what_was_used_more_comes_first_among_equals():
    every = [Candidate(name="A", kind="x"), Candidate(name="B", kind="x", used=41)]
    assert [hit.candidate.name for hit in ranked(every, "")] == ["B", "A"]


def test_uses_are_counted_over_revisions_whatever_moved(tmp_path):
    trip = Trip(tmp_path)
    path = tmp_path / "mappings.toml"
    for number in (1, 2):
        trip.pull({"orders": [_paid(number)]})
        trip.book()
        path.write_text("# a line above\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    found = uses(trip.workspace.store)
    assert (
        found.documents,
        found.of("defaults.accounts.sales_income"),
        found.of("defaults.accounts.bank"),
    ) == (2, 2, 0)
    assert uses(trip.workspace.store, newest=1).of("defaults.accounts.sales_income") == 1
    assert uses(trip.workspace.store, merchant="nobody").documents == 0
    trip.close()


def _paid(number: int) -> dict:
    order = an_order([Line(price="20.00", sku=None)], pays=[Pay(amount="20.00")], number=number)
    text = re.sub(r"(gid://shopify/(?!Order/)\w+/)(\d+)", rf"\g<1>{number}00\g<2>", json.dumps(order))
    return json.loads(text)
