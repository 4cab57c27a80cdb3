"""`templates new`, `check`, `list`, `fields` as an accountant runs them, from a fresh workspace on."""

from __future__ import annotations

import json

import pytest
from builders import Pay, an_order

NAME = "sales_receipt_add.xml.j2"
SHOP = {"myshopifyDomain": "oak-ember.myshopify.com", "currencyCode": "USD", "ianaTimezone": "America/Los_Angeles", "taxesIncluded": False}  # fmt: skip


@pytest.fixture
def own(run, root):
    """The merchant's own receipt, as `templates new` made it."""
    made = run("templates", "new", "sales_receipt_add", "--merchant", "oak-ember", "--json")
    path = root / "templates" / "oak-ember" / NAME
    assert made.json == {"path": str(path)}
    return path


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_one_template_is_changed_checked_used_and_explained(run, root, own):
    change(own, "<Memo>{{ d.memo }}", "<Memo>{{ d.order.note|default('') }} {{ d.memo }}")
    checked = run("templates", "check")
    assert (checked.status, checked.out) == (0, "")
    assert checked.err.endswith("No faults.\n")
    order = an_order(pays=[Pay(amount="20.00")], note="Ring twice")
    (root / "facts.json").write_text(json.dumps({"shop": SHOP, "orders": [order]}))
    assert run("pull", "--from-file", str(root / "facts.json")).status == 0
    assert run("book").status == 0
    assert "<Memo>Ring twice " in run("show", "1001", "--qbxml").out
    (choice,) = [
        one for one in run("--json", "explain", "1001").json["documents"][0]["choices"] if one["field"] == "request template"
    ]  # fmt: skip
    assert (choice["value"], choice["place"]) == (NAME, f"templates/oak-ember/{NAME}")
    listed = {one["name"]: one for one in run("--json", "templates", "list").json["templates"]}
    mine = listed[f"oak-ember/{NAME}"]
    assert (mine["origin"], mine["merchant"], mine["request"], mine["api"]) == ("yours", "oak-ember", "SalesReceiptAdd", 1)  # fmt: skip
    assert mine["sha256"].startswith(choice["sha256"])
    assert listed[NAME]["origin"] == "shipped"
    again = run(
        "--json",
        "templates",
        "check",
        "--since",
        "2026-01-01",
        "--merchant",
        "oak-ember",
        "sales_receipt_add",
    )
    (one,) = again.json["templates"]
    assert (again.json["faults"], one["stored"], one["template"]["merchant"]) == (0, 1, "oak-ember")


def test_a_fault_stands_on_stdout_with_its_place_and_exits_1(run, own):
    change(own, "{{ line.amount }}", "1.00")
    checked = run("templates", "check", "oak-ember/sales_receipt_add")
    assert checked.status == 1
    line = 1 + own.read_text("utf-8").split("<Amount>")[0].count("\n")
    assert (
        f"templates/oak-ember/{NAME}:{line}: the template writes Amount 1.00; the document says"
        in checked.out
    )
    told = run("--json", "templates", "check", "oak-ember/sales_receipt_add").json
    assert told["faults"] == len(told["templates"][0]["faults"]) == 1


@pytest.mark.parametrize(
    "words",
    [("templates", "check", "nothing_add"), ("templates", "new", "nothing_add"), ("templates", "fields", "nothing"),
     ("templates", "check", "--merchant", "nobody"), ("templates", "check", "--since", "soon")],
)  # fmt: skip
def test_what_there_is_not_exits_2(run, words):
    ran = run(*words)
    assert (ran.status, ran.out) == (2, "")


def test_new_needs_a_workspace_that_may_change(run):
    assert run("--readonly", "templates", "new", "invoice_add").status == 2


def test_fields_list_what_d_holds(run):
    told = run("templates", "fields", "invoice_add").out
    assert "txn_date" in told
    assert "SalesLine" in told
    assert "barcode" in told
    names = {one["name"] for one in run("--json", "templates", "fields").json["documents"]}
    assert {"Invoice", "JournalEntry", "Customer"} <= names


def test_a_template_that_does_not_compile_is_listed_with_its_line(run, own):
    own.write_text("\n{{", encoding="utf-8")
    ran = run("templates", "list")
    assert ran.status == 1
    assert f"templates/oak-ember/{NAME}:2: " in ran.out
