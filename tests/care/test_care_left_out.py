"""What a person left out for good, and what comes after it: nothing waits for it without a word, no word is too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import Line, Pay, an_order
from hands import Hands
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.care.attention import Operator
from qbconsole.store import books, holds, requests

UNPAID = an_order([Line(price="30.00")], number=3)
PAID = an_order(
    [Line(price="30.00")],
    pays=[Pay(amount="30.00", at="03-09 12:00")],
    number=3,
    updated="03-21 12:00",
    displayFinancialStatus="PAID",
)


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path)
    found.quickbooks.clock = lambda: found.now
    yield found
    found.close()


@pytest.fixture
def operator(trip):
    return Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")


def booked(trip, order):
    trip.pull({"orders": [order]})
    trip.book()


def next_day(trip):
    trip.now += timedelta(hours=13)
    Hands(trip).whole_session()


def key_of(trip, kind):
    with trip.workspace.store.reading() as tx:
        (row,) = books.documents(tx, company=COMPANY, kind=kind)
    return row.key


def state_of(trip, key):
    with trip.workspace.store.reading() as tx:
        return books.document(tx, key).row.state


def last_of(trip, key):
    with trip.workspace.store.reading() as tx:
        return requests.requests_of_documents(tx, [key])[-1]


def open_of(trip, key):
    with trip.workspace.store.reading() as tx:
        return [row.hold for row in holds.holds_of(tx, key) if row.state == "open"]


def delete(trip, *kinds):
    for kind in kinds:
        (there,) = trip.company_file.documents(kind)
        trip.company_file.delete_document(there.txn_id, trip.now)
    next_day(trip)


def assert_held(trip, operator, payment):
    """It waits with its reason, also after the next run of `book`, and the step that the hold names ends it."""
    trip.book()
    next_day(trip)
    (hold,) = open_of(trip, payment)
    assert hold.reason == "waits_for"
    assert "left out for good" in hold.sentence
    assert f"queue ignore {payment} --reason" in hold.next_step
    assert trip.company_file.documents("ReceivePayment") == []
    assert operator.ignore([payment], "entered by hand").left == ()
    trip.book()
    next_day(trip)
    assert (state_of(trip, payment), open_of(trip, payment)) == (DocumentState.IGNORED, [])
    assert trip.company_file.documents("ReceivePayment") == []


@pytest.mark.parametrize("was_there", [False, True])
def test_money_for_an_invoice_that_was_left_out_waits_with_a_reason(trip, operator, was_there):
    booked(trip, UNPAID)
    if was_there:
        trip.deliver()
        delete(trip, "Invoice")
    assert operator.ignore([key_of(trip, "Invoice")], "entered by hand").left == ()
    booked(trip, PAID)
    assert_held(trip, operator, key_of(trip, "ReceivePayment"))


def test_a_payment_that_is_wanted_again_without_its_invoice_waits_with_a_reason(trip, operator):
    booked(trip, PAID)
    trip.deliver()
    payment = key_of(trip, "ReceivePayment")
    delete(trip, "ReceivePayment", "Invoice")
    assert operator.ignore([key_of(trip, "Invoice")], "it was meant").left == ()
    assert operator.retry([payment]).done == (payment,)
    assert_held(trip, operator, payment)


@pytest.mark.parametrize("refused", [False, True])
def test_a_wish_to_post_again_may_be_taken_back_before_quickbooks_has_it(trip, operator, refused):
    booked(trip, UNPAID)
    trip.deliver()
    key = key_of(trip, "Invoice")
    delete(trip, "Invoice")
    assert operator.retry([key]).done == (key,)
    if refused:
        trip.quickbooks.refuse_next("InvoiceAddRq", 3180, "There was an error when saving an Invoice.")
        next_day(trip)
        assert last_of(trip, key).state is RequestState.REFUSED
        (hold,) = open_of(trip, key)
        assert "whatever the mapping says" in hold.next_step
    assert operator.ignore([key], "it was meant after all").left == ()
    assert open_of(trip, key) == []
    trip.book()
    next_day(trip)
    assert trip.company_file.documents("Invoice") == []


def test_what_was_posted_again_and_is_there_or_may_be_is_not_left_out(trip, operator):
    booked(trip, UNPAID)
    trip.deliver()
    key = key_of(trip, "Invoice")
    delete(trip, "Invoice")
    operator.retry([key])
    hands = Hands(trip)
    hands.login()
    hands.take_until("<InvoiceAdd>")
    assert last_of(trip, key).state is RequestState.SENT
    assert operator.ignore([key], "no").left == ((key, "it is in QuickBooks, or may be"),)
    hands.close()
    assert operator.ignore([key], "no").left == ((key, "it is in QuickBooks, or may be"),)
    next_day(trip)
    assert len(trip.company_file.documents("Invoice")) == 1
    assert operator.ignore([key], "no").done == ()
