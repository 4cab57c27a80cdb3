"""Who chose each name, and who was asked before: in the journey of every kind of document, in text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import Back, Line, Pay, an_order
from shopday import counted
from trip import Trip

from qbconsole.cli.look import _explained, _tell_choices
from qbconsole.cli.output import plain
from qbconsole.console.screens.inspector import choice_row, choice_told
from qbconsole.views.journey import ChoiceView, journey

GOLDEN = Path(__file__).parents[1] / "golden"
PLUGIN = """
from qbconsole.plugin import hookimpl

__version__ = "2.1"

@hookimpl
def choose_item(line, sale_line):
    return "Cups" if sale_line is not None and sale_line.sku == "CUP-1" else None

@hookimpl
def amend_document(document):
    return {"ship_date": document.txn_date} if hasattr(document, "ship_date") else None
"""
ORDERS = [
    counted(Line(price="20.00", sku="MUG"), number=1, pays=[Pay(amount="20.00")]),
    counted(
        Line(price="30.00", sku="CUP"),
        number=3,
        pays=[Pay(amount="30.00"), Pay(amount="30.00", kind="REFUND", at="03-05 10:00")],
        refunds=[Back(lines=[(1, 1, "30.00", "0.00")], pays=[2])],
    ),
    an_order([Line(price="12.00")], number=5),
]


@pytest.fixture(scope="module")
def plugged(tmp_path_factory):
    root = tmp_path_factory.mktemp("plugged")
    (root / "plugins").mkdir()
    file = root / "plugins" / "cups.py"
    file.write_text(PLUGIN, encoding="utf-8")
    file.chmod(0o644)
    trip = Trip(root, edit=lambda text: text.replace("plugins = []", 'plugins = ["cups"]'))
    trip.pull({"orders": ORDERS})
    trip.book()
    yield trip
    trip.close()


def of(trip: Trip, name: str, kind: str) -> dict[str, ChoiceView]:
    found = journey(trip.workspace.store, name)
    return {
        one.field: one for document in found.documents if document.kind == kind for one in document.choices
    }


def test_a_plugins_choice_carries_its_hook_version_hash_and_line(plugged):
    (cup,) = (one for one in of(plugged, "1003", "SalesReceipt").values() if one.field.startswith("item of"))
    assert (cup.value, cup.who, cup.hook, cup.version) == ("Cups", "cups", "choose_item", "2.1")
    assert cup.place == "plugins/cups.py:6"
    assert len(cup.sha256) == 12
    assert cup.by == f"cups 2.1 choose_item sha256 {cup.sha256}"


def test_a_plugin_that_said_nothing_is_named_beside_the_answer(plugged):
    (mug,) = (one for one in of(plugged, "1001", "SalesReceipt").values() if one.field.startswith("item of"))
    assert mug.who == "mappings.toml"
    assert mug.silent[0] == "cups"


def test_a_plugin_that_amended_the_document_is_named(plugged):
    amended = [
        one for one in journey(plugged.workspace.store, "1001").documents[0].choices if one.value == "amended"
    ]
    (one,) = amended
    assert (one.who, one.hook, one.place) == ("cups", "amend_document", "plugins/cups.py:10")


def test_who_chose_the_kind_of_document_is_said_where_it_was_chosen(plugged):
    (receipt,) = journey(plugged.workspace.store, "1001").documents
    assert receipt.choices[0][:4] == ("document", "SalesReceipt", "qbconsole", "built in")
    (invoice,) = journey(plugged.workspace.store, "1005").documents
    assert invoice.kind == "Invoice"
    assert "SalesReceipt" not in [one.value for one in invoice.choices]


def test_text_json_and_the_inspector_say_the_same(plugged, capsys):
    found = journey(plugged.workspace.store, "1003")
    document = found.documents[0]
    told = json.loads(json.dumps(plain(_explained(found))))["documents"][0]["choices"]
    shown = json.loads(json.dumps(plain(found)))["documents"][0]["choices"]
    assert told == shown
    _tell_choices(document)
    text = capsys.readouterr().out
    for choice, as_json in zip(document.choices, told, strict=True):
        assert as_json["field"] == choice.field
        assert as_json["silent"] == list(choice.silent)
        assert as_json["sha256"] == choice.sha256
        whole = choice_told(choice)
        assert choice_row(choice).cells == (choice.field, choice.value, choice.by, choice.place)
        for words in (choice.value, choice.by, choice.place, *choice.silent):
            assert words in text
            assert words in whole


CASES = sorted(path.parent.name for path in GOLDEN.glob("*/input.json"))


@pytest.mark.parametrize("case", CASES[::9])
def test_every_choice_of_every_kind_of_document_says_who_and_where(case, tmp_path):
    facts = json.loads((GOLDEN / case / "input.json").read_text(encoding="utf-8"))
    facts.pop("now", None)
    trip = Trip(tmp_path)
    try:
        trip.workspace.means()
        trip.pull(facts)
        trip.book()
        for source in {row.source_id for row in _documents(trip)}:
            for document in journey(trip.workspace.store, source).documents:
                assert document.choices, (case, document.kind)
                for one in document.choices:
                    assert one.field, (case, document.kind)
                    assert one.who, (case, document.kind, one.field)
                    assert one.place, (case, document.kind, one.field)
    finally:
        trip.close()


def _documents(trip: Trip):
    from qbconsole.store import books

    with trip.workspace.store.reading() as tx:
        return books.documents(tx, limit=1000)
