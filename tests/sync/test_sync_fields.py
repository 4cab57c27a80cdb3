"""What a document says beside money reaches QuickBooks: added where that can be done, else waited for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import Line, Pay, Ship
from golden.harness import ledger_beside_postings, meet, sent_by
from lxml import etree
from shopday import counted, documents_of
from trip import Trip

from qbconsole.store import lists
from qbconsole.store.encoding import unpack
from qbconsole.views.postings import postings

MUG = Line(price="20.00", taxes={"State": "1.60"})
PAID = Pay(amount="26.60")
NAMED = {
    "sales_reps": {"sale": "WEB"},
    "ship_methods": {"Standard": "Cargo bike"},
    "templates": {"SalesReceipt": "Custom Sales Receipt"},
    "messages": {"SalesReceipt": "Until soon, and thank you!"},
    "memos": {"SalesReceipt": "{what} for {customer} ({note})"},
}


def an_order(**more):
    given = {
        "customer": {"id": "gid://shopify/Customer/71", "displayName": "Ann Lee"},
        "note": "[qbc1/x] gift",
    }
    return counted(MUG, shipping=[Ship(price="5.00")], pays=[PAID], **(given | more))


@pytest.fixture
def named(tmp_path):
    """A merchant that names everything; QuickBooks has the form, not the ship method or the message."""
    trip = Trip(tmp_path, settings=NAMED)
    yield trip
    trip.close()


def change(trip: Trip, old: str, new: str) -> None:
    path = trip.workspace.root / "mappings.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def holds(trip: Trip) -> list[str]:
    return [hold["reason"] for hold in postings(trip.workspace.store)["holds"]]


def said(trip: Trip) -> list[str]:
    return [hold["message"] for hold in postings(trip.workspace.store)["holds"]]


def settle(trip: Trip) -> None:
    for _ in range(2):
        trip.book()
        trip.deliver()


def in_quickbooks(trip: Trip, kind: str) -> list:
    return [one for one in trip.company_file.filed.values() if one.kind == kind]


def entry(trip: Trip, document, name: str) -> str:
    reference = document.fields[name]
    return trip.company_file.entries[reference.list_id].full_name


def test_names_that_can_be_added_are_added_and_the_rest_is_found(named):
    named.company_file.enlist("SalesRep", "WEB", named.now)
    named.pull({"orders": [an_order()]})
    settle(named)
    assert holds(named) == []
    (receipt,) = in_quickbooks(named, "SalesReceipt")
    assert entry(named, receipt, "SalesRepRef") == "WEB"
    assert entry(named, receipt, "ShipMethodRef") == "Cargo bike"
    assert entry(named, receipt, "TemplateRef") == "Custom Sales Receipt"
    assert entry(named, receipt, "CustomerMsgRef") == "Until soon, and thank you!"
    assert receipt.memo.startswith("Shopify #1001 for Ann Lee ((qbc1/x] gift) [qbc1/oak-ember/order/1/")
    ledger, ours = ledger_beside_postings(named, apart=True)
    assert ledger == ours


def test_a_sales_rep_nobody_can_add_holds_the_document_until_it_is_there(named):
    named.pull({"orders": [an_order()]})
    settle(named)
    assert set(holds(named)) == {"missing_name"}
    assert said(named) == ['QuickBooks has no active sales rep "WEB".']
    assert in_quickbooks(named, "SalesReceipt") == []
    named.company_file.enlist("SalesRep", "WEB", named.now)
    named.now += timedelta(minutes=5)
    settle(named)
    assert holds(named) == []
    assert len(in_quickbooks(named, "SalesReceipt")) == 1


def test_who_decided_is_kept_with_the_document(named):
    named.pull({"orders": [an_order()]})
    named.book()
    (receipt,) = documents_of(named, "SalesReceipt")
    told = unpack(receipt.provenance, dict)["choices"]
    chosen = {name: choice["value"] for name, choice in told}
    assert chosen["sales rep"] == "WEB"
    assert chosen["printed form"] == "Custom Sales Receipt"
    assert chosen["customer message"] == "Until soon, and thank you!"
    places = {name: choice["by"]["place"] for name, choice in told}
    assert places["ship method"].startswith("mappings.toml:")


def test_lists_nobody_names_are_never_asked_for(tmp_path):
    trip = Trip(tmp_path)
    try:
        trip.pull({"orders": [an_order()]})
        settle(trip)
        with trip.workspace.store.reading() as tx:
            assert not {"ship_method", "template", "sales_rep"} & lists.names_known(tx, "oak").keys()
    finally:
        trip.close()


# -- sites --------------------------------------------------------------------------------------------


def with_sites(tmp_path, edition: str) -> Trip:
    trip = Trip(tmp_path, settings={"sites": {"*": "Main"}})
    trip.company_file.preferences.sites = True
    trip.company_file.enlist("InventorySite", "Main", trip.now)
    meet(trip, edition)
    trip.pull({"orders": [an_order()]})
    settle(trip)
    return trip


def test_counted_goods_leave_the_site_of_their_location(tmp_path):
    trip = with_sites(tmp_path, "Enterprise")
    try:
        assert holds(trip) == []
        sent = etree.fromstring(f"<all>{sent_by(trip)}</all>").findall(".//SalesReceiptLineAdd")
        assert [one.findtext("InventorySiteRef/FullName") for one in sent] == ["Main", None, None]
    finally:
        trip.close()


def test_where_stock_is_kept_at_one_place_a_site_holds_delivery(tmp_path):
    trip = with_sites(tmp_path, "Premier")
    try:
        assert holds(trip) == ["edition"]
        assert "keeps its stock at one place" in said(trip)[0]
        assert in_quickbooks(trip, "SalesReceipt") == []
    finally:
        trip.close()


def test_a_list_the_company_file_does_not_have_is_an_empty_one(tmp_path):
    """Before QuickBooks told what it is, a site is only a name it lacks; the session goes on all the same."""
    trip = Trip(tmp_path, settings={"sites": {"*": "Main"}})
    try:
        trip.pull({"orders": [an_order()]})
        trip.book()
        trip.deliver()
        assert said(trip) == ['QuickBooks has no active inventory site "Main".']
        assert trip.company_file.named("Account", "Sales:Shopify") is not None
    finally:
        trip.close()


# -- registrations -------------------------------------------------------------------------------------

TEXAS = {"shippingAddress": {"provinceCode": "TX", "province": "Texas"}}


def test_tax_of_a_province_that_is_not_registered_is_booked_and_waits(tmp_path):
    trip = Trip(tmp_path, settings={"registered": {"CA": True}})
    try:
        trip.pull({"orders": [an_order(**TEXAS)]})
        settle(trip)
        booked = postings(trip.workspace.store)["postings"]
        assert booked["2026-03-02"]["sales_tax_payable"] == "-1.60"
        assert holds(trip) == ["unregistered"]
        assert "Tax was charged for Texas" in said(trip)[0]
        assert in_quickbooks(trip, "SalesReceipt") == []
        change(trip, "\nCA = true", "\nCA = true\nTX = { from = 2026-03-02 }")
        settle(trip)
        assert holds(trip) == []
        assert postings(trip.workspace.store)["postings"] == booked
        assert len(in_quickbooks(trip, "SalesReceipt")) == 1
    finally:
        trip.close()


def test_a_registration_that_begins_later_does_not_cure_tax_of_before(tmp_path):
    trip = Trip(tmp_path, settings={"registered": {"CA": True}})
    try:
        change(trip, "\nCA = true", "\nCA = true\nTX = { from = 2026-03-03 }")
        trip.pull({"orders": [an_order(**TEXAS)]})
        settle(trip)
        assert holds(trip) == ["unregistered"]
    finally:
        trip.close()


# -- numbers ---------------------------------------------------------------------------------------------


def numbers_of(trip: Trip) -> list[str]:
    return sorted(one["ref_number"] for one in postings(trip.workspace.store)["documents"])


def test_another_number_style_never_renumbers_what_is_booked(tmp_path):
    trip = Trip(tmp_path, settings={"registered": {"CA": True}, "numbers": {"prefix": "OE-"}})
    try:
        trip.pull({"orders": [an_order(**TEXAS)]})
        settle(trip)
        assert numbers_of(trip) == ["OE-1001"]
        change(trip, '\nprefix = "OE-"', '\nstyle = "digits"\nprefix = "z"')
        change(trip, "\nCA = true", "\nCA = true\nTX = true")
        trip.pull({"orders": [an_order(number=2)]})
        settle(trip)
        assert holds(trip) == []
        assert numbers_of(trip) == ["OE-1001", "z1002"]
        assert {one.ref_number for one in in_quickbooks(trip, "SalesReceipt")} == {"OE-1001", "z1002"}
    finally:
        trip.close()
