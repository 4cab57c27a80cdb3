"""`templates check` and `templates new`: every template tried on examples and on what was booked, faults at their line."""

from __future__ import annotations

from datetime import date

import pytest
from builders import Line, Pay, an_order
from trip import Trip

from qbconsole.bundled import bundled
from qbconsole.care.templates import check_templates
from qbconsole.care.templates.making import new_template
from qbconsole.errors import UsageError
from qbconsole.workspace import Workspace

NAME = "sales_receipt_add.xml.j2"
OWN = f"oak-ember/{NAME}"
SHIPPED = {path.name: path.read_text("utf-8") for path in bundled("templates").glob("*.j2")}
RECEIPT = SHIPPED[NAME]
#: What a template changes that it may not; all are seen on the examples, before anything was booked.
STRAYS = {
    "an amount dropped": ("<Amount>{{ line.amount }}</Amount>", ""),
    "an amount changed": ("{{ line.amount }}", "{{ line.amount }}0"),
    "a date": ("{{ d.txn_date }}", "{{ d.due_date|default('2026-01-01') }}5"),
    "a date of another day": ("{{ d.txn_date }}", "2026-01-01"),
    "a line added": ("</SalesReceiptAdd>", "<SalesReceiptLineAdd><Desc>Gift</Desc><Amount>5.00</Amount></SalesReceiptLineAdd></SalesReceiptAdd>"),
    "lines turned round": ("{% for line in d.lines %}", "{% for line in d.lines[1:] %}"),
    "the number": ("{{ d.ref_number }}", "7"),
    "the guid": ("{{ d.external_guid }}", "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}"),
    "the key": ("{{ d.memo }}", "Thanks"),
    "a tax code": ("{{ line.sales_tax_code_ref }}", "Tax"),
    "an item": ("{{ line.item_ref }}", "Gift"),
    "the customer": ("{{ d.customer_ref }}", "Me"),
    "the order of elements": ("<TxnDate>{{ d.txn_date }}</TxnDate>", ""),
    "a field there is not": ("{{ d.fob }}", "{{ d.fobb }}"),
    "no end": ("<TxnDate>", "{% for a in d.memo %}{% for b in d.memo %}{% for c in d.memo %}{% for e in d.memo %}{% for f in d.memo %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}<TxnDate>"),
}  # fmt: skip


@pytest.fixture(scope="module")
def booked(tmp_path_factory):
    """A workspace with one sale booked in detail."""
    trip = Trip(tmp_path_factory.mktemp("books"))
    order = an_order([Line(price="20.00"), Line(price="5.00")], pays=[Pay(amount="25.00")], note="x" * 50)
    trip.pull({"orders": [order]})
    trip.book()
    yield trip
    trip.close()


def checked(trip: Trip, templates: dict[str, str], **more):
    """The check of these beside the shipped ones."""
    means = trip.workspace.means()
    changed = type(means)(
        store=means.store,
        clock=means.clock,
        mapping=means.mapping,
        mapping_text=means.mapping_text,
        templates=SHIPPED | templates,
        shipped_templates=SHIPPED,
    )
    return check_templates(changed, **more)


def test_every_shipped_template_passes_on_examples_and_on_what_was_booked(booked):
    found = checked(booked, {}, since=date(2026, 1, 1))
    assert {one.template.name for one in found} == set(SHIPPED)
    assert [fault for one in found for fault in one.faults] == []
    assert all(one.examples >= 2 for one in found)
    assert {one.template.name: one.stored for one in found}[NAME] == 1


@pytest.mark.parametrize("what", STRAYS, ids=str)
def test_what_strays_is_told_with_its_file_and_line(booked, what):
    old, new = STRAYS[what]
    assert old in RECEIPT
    (one,) = checked(booked, {OWN: RECEIPT.replace(old, new)}, names=["oak-ember/sales_receipt_add"])
    assert one.faults != ()
    for fault in one.faults:
        place, _, line = fault.where.rpartition(":")
        assert place == f"templates/{OWN}"
        assert 1 <= int(line) <= RECEIPT.count("\n") + 1


def test_what_only_a_booked_document_shows_is_found_and_named(booked):
    own = RECEIPT.replace(
        "{{ line.amount }}", "{% if d.ref_number == '1001' %}1.00{% else %}{{ line.amount }}{% endif %}"
    )
    (one,) = checked(booked, {OWN: own}, names=[OWN], since=date(2026, 1, 1))
    (fault,) = one.faults
    assert fault.on == "SalesReceipt 1001 of 2026-03-02"
    assert "Amount 1.00; the document says 20.00" in fault.sentence
    (one,) = checked(booked, {OWN: own}, names=[OWN], since=date(2026, 4, 1))
    assert (one.stored, one.faults) == (0, ())


def test_words_that_are_cut_are_told_and_are_no_fault(booked):
    own = RECEIPT.replace("{{ d.other }}", "{{ d.order.note }}").replace(
        "{% if d.other is not none %}", "{% if d.order.note is not none %}"
    )
    (one,) = checked(booked, {NAME: own}, names=["sales_receipt_add"], since=date(2026, 1, 1))
    assert one.faults == ()
    assert (
        "SalesReceiptAdd/Other: cut from 50 to 29 characters (SalesReceipt 1001 of 2026-03-02)" in one.losses
    )


def test_a_merchant_is_told_only_what_its_documents_are_written_with(booked):
    found = checked(booked, {OWN: RECEIPT, f"elm/{NAME}": RECEIPT}, merchant="oak-ember")
    names = {one.template.name for one in found}
    assert OWN in names
    assert NAME not in names
    assert f"elm/{NAME}" not in names
    (elm,) = checked(booked, {f"elm/{NAME}": RECEIPT}, names=[f"elm/{NAME}"])
    assert [fault.sentence for fault in elm.faults] == ["there is no merchant elm; there is oak-ember"]


def test_a_part_of_others_is_compiled_and_where_it_fails_is_its_own_line(booked):
    templates = {
        OWN: RECEIPT.replace("<Memo>", "{% include '_part.xml.j2' %}<Memo>"),
        "_part.xml.j2": "\n\n{{ d.nothing }}",
    }
    part, own = checked(booked, templates, names=["_part", OWN])
    assert part.faults == ()
    assert {fault.where for fault in own.faults} == {"templates/_part.xml.j2:3"}


def test_names_there_are_not_are_refused(booked):
    with pytest.raises(UsageError, match="did you mean"):
        checked(booked, {}, names=["sale_receipt_add"])
    with pytest.raises(UsageError, match="there is no merchant"):
        checked(booked, {}, merchant="nobody")


# --- new


def test_a_shipped_template_is_copied_once(tmp_path):
    path = new_template(tmp_path, SHIPPED, "sales_receipt_add", "oak-ember")
    assert path == tmp_path / OWN
    assert path.read_text("utf-8") == RECEIPT
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="already"):
        new_template(tmp_path, SHIPPED, NAME, "oak-ember")
    assert path.read_text("utf-8") == "mine"
    with pytest.raises(UsageError, match="did you mean"):
        new_template(tmp_path, SHIPPED, "sales_recipt_add", "")
    with pytest.raises(UsageError, match="ships"):
        new_template(tmp_path, SHIPPED, "../../etc/passwd", "")


@pytest.mark.parametrize("name", ["customer_query", "data_ext_add", "host_query.xml.j2"])
def test_a_template_that_would_never_be_used_is_not_copied(tmp_path, name):
    with pytest.raises(UsageError, match="always written with the shipped template") as caught:
        new_template(tmp_path, SHIPPED, name, "")
    assert "templates fields" in caught.value.next
    assert list(tmp_path.iterdir()) == []


def test_the_workspace_of_a_merchant_uses_its_own(tmp_path):
    (tmp_path / "mappings.toml").write_text(bundled("mappings.toml").read_text("utf-8"), encoding="utf-8")
    new_template(tmp_path / "templates", SHIPPED, "invoice_add", "oak-ember")
    with Workspace.open(tmp_path, environ={}) as workspace:
        assert "oak-ember/invoice_add.xml.j2" in workspace.templates()
