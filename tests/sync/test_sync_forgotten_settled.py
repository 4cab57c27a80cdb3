"""A person tells of what was in doubt, after a buyer in it had to be forgotten: it leaves without the name, or not at all."""

from __future__ import annotations

import json

import pytest
from builders import Line, Pay, an_order
from test_sync_forgotten import buyer, forget, house, planned, tables_that_say
from trip import Trip

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.care.attention import Operator
from qbconsole.store import books, holds, inbox, requests
from qbconsole.store.requests import Purpose, current
from qbconsole.sync.book import book
from qbconsole.sync.pull.webhooks.privacy import act_on_privacy

__all__ = ["house"]


def asked(house, key):
    with house.workspace.store.reading() as tx:
        return requests.requests_of_documents(tx, [key])


def to_add(house, word):
    """The one request that names this buyer in a document."""
    with house.workspace.store.reading() as tx:
        keys = [row.key for row in books.documents(tx, merchant="oak-ember", limit=1000)]
        rows = requests.requests_of_documents(tx, keys)
    (row,) = (one for one in rows if one.purpose is Purpose.ADD and word in one.body)
    return row


def put_aside_in_doubt(house, row, reason):
    """As a session leaves what it found no trace of, and may not take as never done."""
    with house.workspace.store.atomic() as tx:
        for need in requests.waiting_on(tx, row.id):
            requests.satisfy_needs(tx, "oak", need.kind, [need.name], at=house.now)
        requests.move(tx, row.id, RequestState.SENT, at=house.now)
        requests.doubt(tx, [row.id], at=house.now)
        requests.quarantine(tx, [row.id], why="nobody knows", at=house.now)
        hold = Hold(
            reason=reason,
            where="SalesReceipt",
            sentence="Nobody knows.",
            next_step="Look.",
            subject=row.document_key,
            cause=f"{reason.value}:{row.document_key}",
        )
        holds.put_holds(tx, "oak-ember", "oak", [hold], house.now)


@pytest.fixture(params=[Reason.MAY_BE_CONDENSED, Reason.DELETED_IN_QUICKBOOKS])
def doubtful(house, request):
    """A receipt in doubt, put aside, whose buyer was forgotten then."""
    house.pull()
    book(house.means, house.means.merchants())
    customer, customer_id = buyer(house)
    row = to_add(house, customer["displayName"])
    put_aside_in_doubt(house, row, request.param)
    forget(house, customer_id)
    book(house.means, house.means.merchants())
    assert customer["displayName"] in asked(house, row.document_key)[-1].body, (
        "what may be in QuickBooks stays as it is"
    )
    return row


def operator(house):
    return Operator(store=house.workspace.store, clock=lambda: house.now, who="operator:ann")


def said_in(rows):
    return [row for row in rows if row.state is not RequestState.SUPERSEDED]


def assert_written_anew(house, key, total, before):
    customer, _ = buyer(house)
    assert said_in(asked(house, key)) == []
    with house.workspace.store.reading() as tx:
        assert current.behind(tx, "oak") == ("oak-ember",)  # nothing leaves before it is written anew
    book(house.means, house.means.merchants())
    (anew,) = said_in(asked(house, key))
    assert anew.total == total
    assert tables_that_say(house, customer["displayName"], customer["email"]) == set()
    assert planned(house) == before
    with house.workspace.store.reading() as tx:
        assert current.behind(tx, "oak") == ()


def test_what_a_person_has_posted_is_written_anew_without_the_name(house, doubtful):
    before, key = planned(house), doubtful.document_key
    assert operator(house).release([key]).done == (key,)
    assert_written_anew(house, key, doubtful.total, before)


def test_a_retry_is_a_word_on_what_somebody_deleted_and_none_on_a_summary(house, doubtful):
    before, key = planned(house), doubtful.document_key
    with house.workspace.store.reading() as tx:
        (hold,) = (row.hold for row in holds.open_holds(tx) if row.hold.subject == key)
    done = operator(house).retry([key])
    if hold.reason is Reason.DELETED_IN_QUICKBOOKS:
        assert done.done == (key,)
        assert_written_anew(house, key, doubtful.total, before)
    else:
        assert done.probed_first == (key,)
        assert [row.body for row in said_in(asked(house, key))] == [doubtful.body]


def test_what_was_written_anew_and_is_put_aside_once_more_goes_as_it_is(house, doubtful):
    key = doubtful.document_key
    operator(house).release([key])
    house.now = house.now.replace(microsecond=house.now.microsecond + 1)
    book(house.means, house.means.merchants())
    (anew,) = said_in(asked(house, key))
    put_aside_in_doubt(house, anew, Reason.MAY_BE_CONDENSED)
    assert operator(house).release([key]).done == (key,)
    (ready,) = said_in(asked(house, key))
    assert (ready.id, ready.state) == (anew.id, RequestState.READY)


def test_what_a_person_ignores_keeps_no_request_that_names_the_buyer(house, doubtful):
    customer, _ = buyer(house)
    key = doubtful.document_key
    assert operator(house).ignore([key], "it was meant").done == (key,)
    with house.workspace.store.reading() as tx:
        (row,) = books.documents(tx, keys=[key])
        assert current.behind(tx, "oak") == ()
    assert row.state is DocumentState.IGNORED
    assert "request_bodies" not in tables_that_say(house, customer["displayName"], customer["email"])


def test_what_names_nobody_who_was_forgotten_goes_as_it_is(house):
    house.pull()
    book(house.means, house.means.merchants())
    customer, _ = buyer(house)
    other = next(
        one["customer"]
        for one in house.shop.orders
        if one["customer"] and one["customer"]["id"] != customer["id"]
    )
    row = to_add(house, customer["displayName"])
    put_aside_in_doubt(house, row, Reason.MAY_BE_CONDENSED)
    forget(house, other["id"].rpartition("/")[2])
    book(house.means, house.means.merchants())
    assert operator(house).release([row.document_key]).done == (row.document_key,)
    (ready,) = said_in(asked(house, row.document_key))
    assert (ready.id, ready.state, ready.body) == (row.id, RequestState.READY, row.body)


def test_the_payment_of_an_invoice_that_is_written_anew_is_so_too(tmp_path):
    """QuickBooks takes no payment of another customer's invoice."""
    trip = Trip(tmp_path, settings={"modes": {"customers": "detailed"}})
    raw = an_order([Line(price="30.00")], pays=[Pay(amount="30.00", at="03-09 12:00")], number=3)
    raw["displayFinancialStatus"] = "PAID"
    name = {"displayName": "Jane Hidden", "firstName": "Jane", "lastName": "Hidden"}
    raw["customer"] = name | {"id": "gid://shopify/Customer/77", "email": "jane@example.com", "phone": None}
    trip.pull({"orders": [raw]})
    trip.book()
    try:
        with trip.workspace.store.reading() as tx:
            rows = {row.kind: row.key for row in books.documents(tx, company="oak")}
        invoice, payment = rows["Invoice"], rows["ReceivePayment"]
        (row,) = asked(trip, invoice)
        put_aside_in_doubt(trip, row, Reason.MAY_BE_CONDENSED)
        demand = {"shop_domain": "oak-ember.myshopify.com", "customer": {"id": 77}, "orders_to_redact": []}
        with trip.workspace.store.atomic() as tx:
            sent = json.dumps(demand).encode()
            inbox.receive(tx, "oak-ember", delivery_id="1", topic="customers/redact", raw=sent, at=trip.now)
        means = trip.workspace.means()
        act_on_privacy(means, means.merchant("oak-ember"))
        trip.book()
        (waits,) = said_in(asked(trip, payment))
        assert "Hidden" in waits.body  # as long as the invoice may be there under that name

        assert operator(trip).release([invoice]).done == (invoice,)
        trip.book()
        trip.deliver()
        for key in (invoice, payment):
            (done,) = said_in(asked(trip, key))
            assert done.state is RequestState.ANSWERED
            assert "Hidden" not in done.body
    finally:
        trip.close()
