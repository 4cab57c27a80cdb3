"""A merchant's own template from the workspace to QuickBooks: used, named, and never sent where it strays."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from builders import Line, Pay, an_order
from trip import Trip

from qbconsole.books.lifecycle import DocumentState
from qbconsole.bundled import bundled
from qbconsole.store import books, holds
from qbconsole.sync.revising import keep_text
from qbconsole.views.journey import journey
from qbconsole.views.revisions import history

NAME = "sales_receipt_add.xml.j2"
OWN = f"oak-ember/{NAME}"
SHIPPED = (bundled("templates") / NAME).read_text("utf-8")
#: What is changed, and how: money, dates, keys, lines.
STRAYS = {
    "an amount": ("{{ line.amount }}", "1.00"),
    "a dropped amount": ("<Amount>{{ line.amount }}</Amount>", ""),
    "a swap": ("{{ line.amount }}", "{{ d.lines[d.lines|length - loop.index].amount }}"),
    "a date": ("{{ d.txn_date }}", "2026-01-01"),
    "a line": ("</SalesReceiptAdd>", "<SalesReceiptLineAdd><Desc>Gift</Desc><Amount>5.00</Amount></SalesReceiptLineAdd></SalesReceiptAdd>"),
    "a number": ("{{ d.ref_number }}", "7"),
    "a guid": ("{{ d.external_guid }}", "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}"),
    "the key": ("{{ d.memo }}", "Thanks"),
    "an account": ("{{ d.deposit_to_account_ref }}", "Mine"),
    "an element nobody knows": ("<TxnDate>", "<TxnDay>"),
    "a loop without end": ("<TxnDate>", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}<TxnDate>"),
}  # fmt: skip


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path)
    yield found
    found.close()


def put(trip: Trip, name: str, text: str) -> str:
    path = trip.workspace.root / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return text


def pull(trip: Trip) -> None:
    order = an_order(
        [Line(price="20.00", sku="MUG"), Line(price="5.00", sku="TEA", title="Tea")],
        pays=[Pay(amount="25.00")],
        note="Leave it at the door, please, and ring twice",
    )
    trip.pull({"orders": [order]})


def sent(trip: Trip) -> list:
    return [one for one in trip.company_file.filed.values() if one.kind == "SalesReceipt"]


def reasons(trip: Trip) -> list[str]:
    with trip.workspace.store.reading() as tx:
        return [one.hold.reason.value for one in holds.open_holds(tx)]


def template_of(trip: Trip, text: str):
    (document,) = journey(trip.workspace.store, text).documents
    (choice,) = [one for one in document.choices if one.field == "request template"]
    return document, choice


def test_a_merchants_template_writes_its_documents_and_explain_names_it(trip):
    own = put(trip, OWN, SHIPPED.replace("{{ d.other }}", "").replace(
        "{% if d.other is not none %}<Other></Other>{% endif %}", "<Other>{{ d.order.note }}</Other>"))  # fmt: skip
    assert "d.order.note" in own
    pull(trip)
    trip.book()
    document, choice = template_of(trip, "#1001")
    assert "<Other>Leave it at the door, please,</Other>" in document.qbxml
    assert document.losses == ("SalesReceiptAdd/Other: cut from 44 to 29 characters",)
    assert (choice.value, choice.who, choice.place) == (NAME, "templates", f"templates/{OWN}")
    assert choice.sha256 == hashlib.sha256(own.encode()).hexdigest()[:12]
    trip.deliver()
    (receipt,) = sent(trip)
    assert receipt.fields["Other"] == "Leave it at the door, please,"


def test_a_revision_keeps_the_hash_of_every_template_of_ones_own_and_show_names_it(trip):
    part = put(trip, "_greeting.xml.j2", "Thanks! ")
    own = put(trip, OWN, SHIPPED.replace("<Memo>", "<Memo>{% include '_greeting.xml.j2' %}"))
    pull(trip)
    trip.book()
    hashes = {
        path: hashlib.sha256(text.encode()).hexdigest()
        for path, text in ((OWN, own), ("_greeting.xml.j2", part))
    }
    (first,) = history(trip.workspace.store)
    assert (dict(first.templates), dict(first.plugins), first.documents) == (hashes, {}, 1)
    found = journey(trip.workspace.store, "#1001")
    (stop,) = [one for one in found.stops if one.name == "request"]
    assert f"Written by templates/{OWN}, sha256 {hashes[OWN][:12]}." in stop.sentence
    put(trip, "_greeting.xml.j2", "Many thanks! ")
    keep(trip)
    after, before = history(trip.workspace.store)
    assert (after.in_force, before.number) == (True, first.number)
    assert {path for path in hashes if after.templates[path] != before.templates[path]} == {
        "_greeting.xml.j2"
    }
    put(trip, "_greeting.xml.j2", "Thanks! ")
    keep(trip)
    assert history(trip.workspace.store)[0].number == first.number


def keep(trip: Trip) -> None:
    means = trip.workspace.means()
    with means.store.atomic() as tx:
        keep_text(tx, means, means.mapping_text, who="book", why="")


def test_another_merchants_folder_is_nobody_elses(trip):
    put(trip, f"elm/{NAME}", SHIPPED.replace("<Memo>", "<Memo>Elm says: "))
    pull(trip)
    trip.book()
    document, choice = template_of(trip, "#1001")
    assert "Elm says" not in document.qbxml
    assert (choice.value, choice.who) == (NAME, "qbconsole")


def test_the_lines_of_a_document_know_their_order_lines(trip):
    put(trip, NAME, SHIPPED.replace("{{ line.desc }}", "{{ line.sku|default('-') }}: {{ line.desc }}"))
    pull(trip)
    trip.book()
    document, choice = template_of(trip, "#1001")
    assert "<Desc>MUG-1: Thing 1</Desc>" in document.qbxml
    assert "<Desc>TEA-2: Tea 2</Desc>" in document.qbxml
    assert choice.who == "templates"


@pytest.mark.parametrize("what", STRAYS, ids=str)
def test_what_strays_is_held_at_its_line_and_never_sent_and_mending_it_cures(trip, what):
    old, new = STRAYS[what]
    assert old in SHIPPED
    put(trip, OWN, SHIPPED.replace(old, new))
    pull(trip)
    trip.book()
    trip.deliver()
    assert sent(trip) == []
    assert reasons(trip) == ["template"]
    with trip.workspace.store.reading() as tx:
        (held,) = holds.open_holds(tx)
        (row,) = books.documents(tx, merchant="oak-ember")
    assert f"templates/{OWN}:" in held.hold.sentence
    assert row.state is DocumentState.PLANNED
    put(trip, OWN, SHIPPED.replace("<Memo>", "<Memo>Mended: "))
    trip.book()
    trip.deliver()
    assert reasons(trip) == []
    (receipt,) = sent(trip)
    assert receipt.memo.startswith("Mended: ")


def test_a_broken_template_of_a_list_holds_what_needs_the_entry_and_nothing_else(trip):
    put(trip, "item_non_inventory_add.xml.j2", "{{ d.nothing }}")
    put(trip, "item_inventory_add.xml.j2", "{{ d.nothing }}")
    pull(trip)
    assert trip.book().stopped == {}
    assert reasons(trip) == ["template"]
    trip.deliver()
    assert sent(trip) == []


def test_a_name_only_the_template_knows_is_waited_for(trip):
    put(
        trip,
        OWN,
        SHIPPED.replace("<TxnDate>", "<ClassRef><FullName>Leeds &amp; Co</FullName></ClassRef><TxnDate>"),
    )
    pull(trip)
    for _ in range(2):
        trip.book()
        trip.deliver()
    assert sent(trip) == []
    with trip.workspace.store.reading() as tx:
        (held,) = holds.open_holds(tx)
    assert held.hold.sentence == 'QuickBooks has no active class "Leeds & Co".'
    trip.company_file.enlist("Class", "Leeds & Co", trip.now)
    trip.now += timedelta(minutes=5)  # a list is asked for again by what waits, once time has passed
    trip.deliver()
    trip.book()
    trip.deliver()
    assert reasons(trip) == []
    assert len(sent(trip)) == 1
    assert "<ClassRef><FullName>Leeds &amp; Co</FullName></ClassRef>" in template_of(trip, "#1001")[0].qbxml
