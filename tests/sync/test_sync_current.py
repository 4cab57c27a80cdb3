"""Unsent documents follow the decisions in force; what was sent, or may be, keeps its bytes."""

from __future__ import annotations

import json

import pytest
from builders import Line, Pay
from shopday import counted
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import REQUEST_BEGINS, RequestState
from qbconsole.bundled import bundled
from qbconsole.care.attention import Operator
from qbconsole.care.mapping_file import edit_mapping
from qbconsole.errors import UsageError
from qbconsole.store import books, requests, sessions
from qbconsole.store.requests import Move, current
from qbconsole.store.requests.pausing import pause
from qbconsole.store.sessions import MessageSet
from qbconsole.sync import book as booking
from qbconsole.views.plan import batch_plan

ITEM = "merchants.oak-ember.items.sku.SKU-1"


def order(number: int = 1, source: str = "web", **more):
    pays = {"pays": [Pay(amount="20.00")]}
    told = counted(Line(price="20.00"), number=number, tracked=False, **(pays | more))
    return told | {"sourceName": source}


def mapped(trip: Trip, *pairs: tuple[str, str]) -> int:
    path = trip.workspace.root / "mappings.toml"
    return edit_mapping(trip.workspace.means(), path, list(pairs), who="operator:ann").revision


def asked(trip: Trip):
    """Requests of documents that no other took the place of, oldest first."""
    with trip.workspace.store.reading() as tx:
        keys = [row.key for row in books.documents(tx, limit=100)]
        rows = requests.requests_of_documents(tx, keys)
    return [row for row in rows if row.state is not RequestState.SUPERSEDED]


def behind(trip: Trip) -> tuple[str, ...]:
    with trip.workspace.store.reading() as tx:
        return current.behind(tx, COMPANY)


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, settings={"items": {"sku": {"SKU-1": "Old Mug"}}})
    yield trip
    trip.close()


def test_a_name_changed_before_it_was_sent_is_the_one_that_is_sent(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    (before,) = asked(trip)
    number = mapped(trip, (ITEM, '"New Mug"'))
    assert behind(trip) == ("oak-ember",)
    trip.book()
    (after,) = asked(trip)
    assert behind(trip) == ()
    assert (after.subject_key, after.id != before.id) == (before.subject_key, True)
    assert "Old Mug" in before.body
    assert "New Mug" in after.body
    assert "Old Mug" not in after.body
    with trip.workspace.store.reading() as tx:
        (row,) = books.documents(tx)
        assert row.mapping_revision == number
    trip.deliver()
    text = str(trip.company_file.documents())
    assert "New Mug" in text
    assert "Old Mug" not in text


def test_what_was_sent_keeps_its_bytes(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    trip.deliver()
    (before,) = asked(trip)
    mapped(trip, (ITEM, '"New Mug"'))
    trip.pull({"orders": [order(), order(2)]})
    trip.book()
    first, second = asked(trip)
    assert first == before
    assert first.state is RequestState.ANSWERED
    assert "New Mug" in second.body


def test_nothing_is_decided_again_where_nothing_that_decides_changed(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    (before,) = asked(trip)
    mapped(trip, ("merchants.oak-ember.schedule.at", '"03:00"'))
    assert behind(trip) == ()
    trip.book()
    assert asked(trip) == [before]


def test_nothing_of_a_merchant_is_sent_between_the_change_and_its_book(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    mapped(trip, (ITEM, '"New Mug"'))
    trip.deliver(3)
    assert [row.state for row in asked(trip)] != [RequestState.ANSWERED]
    assert not trip.company_file.documents()
    trip.book()
    trip.deliver()
    assert [row.state for row in asked(trip)] == [RequestState.ANSWERED]


def test_changed_back_before_it_was_booked_anew_the_same_request_goes(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    (before,) = asked(trip)
    mapped(trip, (ITEM, '"New Mug"'))
    mapped(trip, (ITEM, '"Old Mug"'))
    assert behind(trip) == ()
    trip.deliver()
    (after,) = asked(trip)
    assert (after.id, after.body, after.state) == (before.id, before.body, RequestState.ANSWERED)


def entries(trip: Trip) -> dict[str, str]:
    """Names that wait to be added to QuickBooks' lists -> what would be sent."""
    with trip.workspace.store.reading() as tx:
        rows = requests.requests_in(tx, company=COMPANY, states=REQUEST_BEGINS)
    return {row.subject_key: row.body for row in rows if row.purpose is requests.Purpose.LIST_ADD}


def test_a_name_nobody_wants_any_more_is_not_added_to_quickbooks(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    assert "item/old mug" in entries(trip)
    mapped(trip, (ITEM, '"New Mug"'))
    trip.book()
    assert "item/old mug" not in entries(trip)
    assert "item/new mug" in entries(trip)
    trip.deliver()
    names = trip.company_file.listed("Item").keys()
    assert "New Mug" in names
    assert "Old Mug" not in names


def test_an_entry_is_added_as_the_decisions_in_force_describe_it(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    account = "merchants.oak-ember.accounts.sales_income"
    assert "Sales:Shopify" in entries(trip)["item/old mug"]
    mapped(trip, (account, '"Web Sales"'))
    trip.book()
    described = entries(trip)
    assert "Web Sales" in described["item/old mug"]
    assert "account/web sales" in described
    assert "account/sales:shopify" not in described


def test_what_two_orders_name_is_described_once_a_run(trip):
    trip.pull({"orders": [order(), order(2)]})
    trip.book()
    mapped(trip, ("merchants.oak-ember.accounts.sales_income", '"Web Sales"'))
    trip.book()
    first = entries(trip)
    trip.book()
    assert entries(trip) == first


def test_what_is_bound_to_a_sent_document_keeps_the_names_they_share(trip):
    trip.pull({"orders": [counted(Line(price="20.00"), tracked=False, pays=[Pay(amount="5.00")])]})
    trip.book()
    kinds = {row.name for row in asked(trip)}
    assert kinds == {"InvoiceAdd", "ReceivePaymentAdd"}
    # The invoice goes; its payment waits for its TxnID and is kept back by a person.
    payment = next(row for row in asked(trip) if row.name == "ReceivePaymentAdd")
    with trip.workspace.store.atomic() as tx:
        pause(tx, [payment.id], at=trip.now)
    trip.deliver()
    mapped(trip, ("merchants.oak-ember.customers.house", '"Somebody Else"'), (ITEM, '"New Mug"'))
    trip.book()
    after = next(row for row in asked(trip) if row.name == "ReceivePaymentAdd")
    assert (after.id, "Somebody Else" in after.body) == (payment.id, False)


def test_an_approval_is_asked_for_again_where_the_plan_is_another_one(tmp_path):
    settings = {"items": {"sku": {"SKU-1": "Old Mug"}}, "policy": {"approve": "manual"}}
    trip = Trip(tmp_path, settings=settings)
    try:
        trip.pull({"orders": [order()]})
        trip.book()
        trip.deliver()
        person = Operator(store=trip.workspace.store, clock=lambda: trip.now, who="operator:ann")
        plan = batch_plan(trip.workspace.store, COMPANY)
        person.approve(COMPANY, plan.hash)
        mapped(trip, (ITEM, '"New Mug"'))
        trip.book()
        (row,) = asked(trip)
        assert row.needs_approval
        assert batch_plan(trip.workspace.store, COMPANY).hash != plan.hash
        with pytest.raises(UsageError, match="is not the one"):
            person.approve(COMPANY, plan.hash)
        trip.deliver()
        assert not trip.company_file.documents()
        for _ in range(4):
            person.approve(COMPANY, batch_plan(trip.workspace.store, COMPANY).hash)
            trip.deliver()
        assert "New Mug" in str(trip.company_file.documents())
    finally:
        trip.close()


def test_a_template_changed_before_it_was_sent_lays_out_what_is_sent(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    (before,) = asked(trip)
    text = (bundled("templates") / "sales_receipt_add.xml.j2").read_text("utf-8")
    own = trip.workspace.root / "templates" / "oak-ember" / "sales_receipt_add.xml.j2"
    own.parent.mkdir(parents=True)
    # The amounts are the plan's in whatever layout: here an element that a template may write by itself.
    mark = "{% if d.customer_sales_tax_code_ref"
    own.write_text(text.replace(mark, f"<IsToBePrinted>true</IsToBePrinted>{mark}", 1), "utf-8")
    trip.book()
    (after,) = asked(trip)
    assert "IsToBePrinted" not in before.body
    assert "<IsToBePrinted>true</IsToBePrinted>" in after.body
    trip.book()
    assert asked(trip) == [after]
    # Another merchant's template is nothing to this one.
    other = own.parent.parent / "elm" / own.name
    other.parent.mkdir()
    other.write_text(text, "utf-8")
    trip.book()
    assert asked(trip) == [after]


def test_an_order_told_otherwise_before_it_was_sent_is_sent_as_it_is_now(trip):
    trip.pull({"orders": [order(source="web")]})
    trip.book()
    (before,) = asked(trip)
    trip.pull({"orders": [order(updated="03-21 12:00", source="pos")]})
    trip.book()
    (after,) = asked(trip)
    assert "Shopify Online Store" in before.body
    assert "Shopify POS" in after.body
    trip.deliver()
    (sent,) = asked(trip)
    trip.pull({"orders": [order(updated="03-22 12:00", source="web")]})
    trip.book()
    assert asked(trip) == [sent]
    trip.deliver()
    assert len(trip.company_file.documents()) == 1


def test_what_a_probe_found_nothing_of_goes_again_as_it_was(trip):
    """A request that hangs in QuickBooks may still be carried out: only the same bytes are told from a second one."""
    trip.pull({"orders": [order()]})
    trip.book()
    (row,) = asked(trip)
    with trip.workspace.store.atomic() as tx:
        for need in requests.waiting_on(tx, row.id):
            requests.satisfy_needs(tx, COMPANY, need.kind, [need.name], at=trip.now)
        sessions.put_message_set(tx, a_set(row.company), trip.now)
        requests.mark_sent(tx, [row.id], "a-set", at=trip.now)
        requests.doubt(tx, [row.id], at=trip.now)
        requests.move_all(tx, [Move(id=row.id, to_state=RequestState.READY)], at=trip.now, proved_absent=True)
    mapped(trip, (ITEM, '"New Mug"'))
    trip.book()
    (after,) = asked(trip)
    assert (after.id, after.body, after.state) == (row.id, row.body, RequestState.READY)


def a_set(company: str) -> MessageSet:
    return MessageSet(
        id="a-set", company=company, ticket="t", seq=1, body="", purpose="send", fence=0, attempt=0
    )


def test_what_was_in_doubt_when_the_mapping_changed_and_is_refused_then_is_decided_anew_by_a_retry(trip):
    trip.pull({"orders": [order()]})
    trip.book()
    (before,) = asked(trip)
    with trip.workspace.store.atomic() as tx:
        for need in requests.waiting_on(tx, before.id):
            requests.satisfy_needs(tx, COMPANY, need.kind, [need.name], at=trip.now)
        sessions.put_message_set(tx, a_set(before.company), trip.now)
        requests.mark_sent(tx, [before.id], "a-set", at=trip.now)
        requests.doubt(tx, [before.id], at=trip.now)
    mapped(trip, (ITEM, '"New Mug"'))
    trip.book()
    assert [row.id for row in asked(trip)] == [before.id], "frozen while it may be there"
    with trip.workspace.store.atomic() as tx:
        refused = Move(
            id=before.id, to_state=RequestState.REFUSED, status_code=3140, status_text="no such item"
        )
        requests.move_all(tx, [refused], at=trip.now, proved_absent=True)
    assert behind(trip) == ()
    person = Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")
    assert person.retry([before.subject_key]).done == (before.subject_key,)
    assert behind(trip) == ("oak-ember",), "nothing leaves as the mapping of then had it"
    trip.book()
    (after,) = asked(trip)
    assert behind(trip) == ()
    assert "Old Mug" in before.body
    assert "New Mug" in after.body


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
def test_an_entry_that_several_describe_stays_as_the_first_of_them_describes_it(trip, monkeypatch, numbers):
    """Over a whole run, not only among those that are kept together."""
    monkeypatch.setattr(booking, "CHUNK", 1)
    first, other = (order(number) for number in numbers)
    other = json.loads(json.dumps(other).replace("Thing 1", "Another title"))
    trip.pull({"orders": [first, other]})
    trip.book()
    before = entries(trip)["item/old mug"]
    mapped(trip, ("merchants.oak-ember.accounts.sales_income", '"Sales:Elsewhere"'))
    trip.book()
    assert entries(trip)["item/old mug"] == before.replace("Sales:Shopify", "Sales:Elsewhere")
