"""What somebody deleted in QuickBooks: known at the next session, told with what hung on it, never posted again unasked.

And a condensed file: what is old is taken as kept, and nothing stops.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hands import Hands
from trip import COMPANY, NOW

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.care.attention import Operator
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, holds, journal, requests
from qbconsole.views.company_file import file_state

pytestmark = pytest.mark.slow


QBXML_ITEM = (
    "<ItemNonInventoryAddRq><ItemNonInventoryAdd><Name>{name}</Name><SalesOrPurchase>"
    "<AccountRef><FullName>Merchandise Sales</FullName></AccountRef></SalesOrPurchase>"
    "</ItemNonInventoryAdd></ItemNonInventoryAddRq>"
)


def some_orders(count):
    return {
        "orders": copy.deepcopy(
            Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=30).orders[:count]
        )
    }


@pytest.fixture
def trip(make_trip):
    made = make_trip()
    made.quickbooks.clock = lambda: made.now
    made.pull(some_orders(12))
    made.book()
    made.deliver()
    return made


def on(trip, days=0, minutes=10):
    trip.now += timedelta(days=days, minutes=minutes)


def rows(trip, *states):
    with trip.workspace.store.reading() as tx:
        return books.documents(tx, company=COMPANY, states=states or None, limit=1000)


def open_holds(trip, reason):
    with trip.workspace.store.reading() as tx:
        return [row.hold for row in holds.open_holds(tx, reason=reason)]


def operator(trip):
    return Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")


def keys_there(trip):
    return Counter(filter(None, (key_in(one.memo) for one in trip.company_file.documents())))


def row_of(trip, kind):
    return next(row for row in rows(trip) if row.kind == kind and row.state is DocumentState.VERIFIED)


def more_to_send(trip, count):
    """Something to be sent, so that a session comes."""
    trip.pull(some_orders(count))
    trip.book()


def test_a_deleted_document_is_told_and_stays_away_until_a_person_wants_it_again(trip):
    gone = row_of(trip, "SalesReceipt")
    trip.company_file.delete_document(gone.txn_id, trip.now)
    on(trip)
    more_to_send(trip, 14)
    trip.deliver()
    assert [row.key for row in rows(trip, DocumentState.DELETED_IN_QUICKBOOKS)] == [gone.key]
    (hold,) = open_holds(trip, "deleted_in_quickbooks")
    assert hold.subject == gone.key
    assert f"SalesReceipt {gone.ref_number} was deleted in QuickBooks." in hold.sentence
    trip.book()
    on(trip)
    more_to_send(trip, 15)
    trip.deliver()
    assert gone.key not in keys_there(trip)
    assert operator(trip).retry([gone.key]).done == (gone.key,)
    trip.deliver()
    assert keys_there(trip)[gone.key] == 1
    (row,) = [row for row in rows(trip) if row.key == gone.key]
    assert row.state in (DocumentState.RECORDED, DocumentState.VERIFIED)
    assert row.txn_id != gone.txn_id
    assert not open_holds(trip, "deleted_in_quickbooks")
    on(trip, minutes=30)
    more_to_send(trip, 17)
    trip.deliver()
    assert keys_there(trip)[gone.key] == 1
    assert not rows(trip, DocumentState.DELETED_IN_QUICKBOOKS), "the old deletion is not told of the new one"


def test_a_deleted_document_may_be_left_out_for_good(trip):
    gone = row_of(trip, "SalesReceipt")
    trip.company_file.delete_document(gone.txn_id, trip.now)
    on(trip)
    more_to_send(trip, 14)
    trip.deliver()
    assert operator(trip).ignore([gone.key], "a test order").done == (gone.key,)
    (row,) = [row for row in rows(trip) if row.key == gone.key]
    assert row.state is DocumentState.IGNORED
    assert not open_holds(trip, "deleted_in_quickbooks")


def test_posting_again_what_stands_in_quickbooks_after_all_is_only_linked(trip):
    """Somebody deleted it, an operator wants it again, and meanwhile it was entered once more with our key."""
    gone = row_of(trip, "SalesReceipt")
    trip.company_file.delete_document(gone.txn_id, trip.now)
    on(trip)
    more_to_send(trip, 14)
    trip.deliver()
    other = next(row for row in rows(trip, DocumentState.VERIFIED) if row.kind == "SalesReceipt")
    memo = next(one.memo for one in trip.company_file.documents() if one.txn_id == other.txn_id)
    operator(trip).retry([gone.key])
    trip.company_file.edit_document(
        other.txn_id, now=trip.now, memo=memo.replace(other.key, gone.key), ref_number=gone.ref_number
    )
    trip.deliver()
    assert keys_there(trip)[gone.key] == 1
    (row,) = [row for row in rows(trip) if row.key == gone.key]
    assert row.txn_id == other.txn_id


def test_an_invoice_and_its_payment_deleted_and_posted_again_are_tied_to_each_other_anew(trip):
    payment = row_of(trip, "ReceivePayment")
    with trip.workspace.store.reading() as tx:
        body = next(
            row.body for row in requests.requests_of_documents(tx, [payment.key]) if row.state == "answered"
        )
    invoice = next(row for row in rows(trip) if row.kind == "Invoice" and f">{row.txn_id}<" in body)
    trip.company_file.delete_document(payment.txn_id, trip.now)
    trip.company_file.delete_document(invoice.txn_id, trip.now)
    on(trip)
    more_to_send(trip, 14)
    trip.deliver()
    told = {hold.subject: hold.sentence for hold in open_holds(trip, "deleted_in_quickbooks")}
    assert set(told) == {payment.key, invoice.key}
    assert f"ReceivePayment {payment.ref_number}" in told[invoice.key]
    assert set(operator(trip).retry([payment.key, invoice.key]).done) == set(told)
    trip.deliver()
    assert keys_there(trip)[invoice.key] == keys_there(trip)[payment.key] == 1
    again = {one.txn_id: one for one in trip.company_file.documents()}
    now = {row.key: row.txn_id for row in rows(trip)}
    assert now[invoice.key] in again
    assert now[invoice.key] != invoice.txn_id
    assert trip.company_file.filed[now[invoice.key]].open == 0


def test_a_deleted_list_entry_holds_what_names_it_until_it_is_there_again(trip):
    """The entry was there when its document was booked and held back; nobody may use a name that is gone."""
    before = {row.key for row in rows(trip)}
    items = set(trip.company_file.listed("Item"))
    more_to_send(trip, 20)
    coming = [row.key for row in rows(trip) if row.key not in before]
    operator(trip).hold(coming, "wait")
    trip.deliver()
    fresh = sorted(set(trip.company_file.listed("Item")) - items)
    name = next(one for one in fresh if not one.startswith("Shopify"))
    family = next(entry.family for entry in trip.company_file.entries.values() if entry.full_name == name)
    trip.company_file.delete_record(family, name, trip.now)
    on(trip)
    more_to_send(trip, 21)
    operator(trip).release(coming)
    for _ in range(4):
        on(trip)
        trip.session()
    waiting = {hold.subject for hold in open_holds(trip, "missing_name")}
    assert waiting
    assert waiting <= set(coming)
    assert not waiting & set(keys_there(trip))
    assert not open_holds(trip, "refused")
    entry = QBXML_ITEM.format(name=name)
    trip.owner_sets_up(entry)
    on(trip, days=1)
    for _ in range(4):
        on(trip)
        trip.session()
    assert not open_holds(trip, "missing_name")
    assert waiting <= set(keys_there(trip))
    assert max(keys_there(trip).values()) == 1


def test_a_late_look_says_that_deletion_and_restore_cannot_be_told_apart(trip):
    assert not file_state(trip.workspace.store, COMPANY, "Oak").deleted_gap
    on(trip, days=100)
    more_to_send(trip, 14)
    trip.deliver()
    gap = file_state(trip.workspace.store, COMPANY, "Oak").deleted_gap
    assert "cannot be told apart" in gap
    assert "90 days only" in gap
    with trip.workspace.store.reading() as tx:
        assert [row.verb for row in journal.of(tx, COMPANY)].count("deleted_gap") == 1


def test_the_last_five_deleted_by_hand_are_no_sign_of_another_file(trip):
    for row in [row for row in rows(trip) if row.kind in ("SalesReceipt", "ReceivePayment")]:
        trip.company_file.delete_document(row.txn_id, trip.now)
    on(trip)
    more_to_send(trip, 14)
    assert trip.session() == "100"
    assert file_state(trip.workspace.store, COMPANY, "Oak").verdict == "ok"


# -- condensed -----------------------------------------------------------------------------------------


def test_a_condensed_file_goes_on_and_what_is_old_is_kept_as_it_is(trip):
    days = sorted(row.txn_date for row in rows(trip))
    before = days[len(days) // 2] + timedelta(days=1)
    trip.now = max(trip.now, datetime(before.year, before.month, before.day, tzinfo=UTC))
    there = len(trip.company_file.documents())
    trip.company_file.condense(before, trip.now)
    assert len(trip.company_file.documents()) < there
    on(trip)
    more_to_send(trip, 14)
    trip.deliver()
    state = file_state(trip.workspace.store, COMPANY, "Oak")
    assert state.verdict == "ok"
    assert not rows(trip, DocumentState.LOST_BY_RESTORE, DocumentState.DELETED_IN_QUICKBOOKS)
    old = [row for row in rows(trip) if row.txn_date < date.fromisoformat(trip.now.date().isoformat())]
    archived = [row for row in old if row.note.startswith("archived: ")]
    assert archived
    assert {row.state for row in archived} == {DocumentState.VERIFIED}
    assert max(keys_there(trip).values()) == 1
    with trip.workspace.store.reading() as tx:
        assert "condensed" in {row.verb for row in journal.of(tx, COMPANY)}
    assert trip.now > NOW


class RefusesPayments(Hands):
    """QuickBooks will not take payments."""

    def bring(self, text):
        adds = re.compile(r"<ReceivePaymentAddRq[^>]*>.*?</ReceivePaymentAddRq>", re.DOTALL)
        numbers = [re.search(r'requestID="([^"]*)"', add)[1] for add in adds.findall(text)]
        if not numbers:
            return super().bring(text)
        others = adds.sub("", text)
        answer = super().bring(others)
        refused = "".join(
            f'<ReceivePaymentAddRs requestID="{number}" statusCode="3070" statusSeverity="Error" '
            'statusMessage="refused by this test" />'
            for number in numbers
        )
        if "Add" not in others:
            answer = replace(
                answer, response=re.sub(r"(<QBXMLMsgsRs[^>]*?)\s*/>", r"\1></QBXMLMsgsRs>", answer.response)
            )
        return replace(answer, response=answer.response.replace("</QBXMLMsgsRs>", f"{refused}</QBXMLMsgsRs>"))


def test_a_refused_payment_follows_its_invoice_to_its_new_place(make_trip):
    trip = make_trip()
    trip.quickbooks.clock = lambda: trip.now
    trip.pull(some_orders(30))
    trip.book()
    trip.delivery  # noqa: B018  the password is made with it
    RefusesPayments(trip).whole_session()
    payment = next(row for row in rows(trip) if row.kind == "ReceivePayment")
    with trip.workspace.store.reading() as tx:
        (request,) = requests.requests_of_documents(tx, [payment.key])
    assert request.state is RequestState.REFUSED
    invoice = next(row for row in rows(trip) if row.kind == "Invoice" and f">{row.txn_id}<" in request.body)
    trip.company_file.delete_document(invoice.txn_id, trip.now)
    on(trip, days=1)
    trip.deliver()
    assert operator(trip).retry([invoice.key, payment.key]).done == (invoice.key, payment.key)
    on(trip)
    trip.deliver()
    now = {row.key: row for row in rows(trip)}
    assert now[payment.key].state is DocumentState.VERIFIED
    assert now[invoice.key].txn_id != invoice.txn_id
    assert keys_there(trip)[payment.key] == keys_there(trip)[invoice.key] == 1
