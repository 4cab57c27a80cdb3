"""What QuickBooks had and has no more is posted once more without the buyer who had to be forgotten meanwhile."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta

import pytest
from builders import Line, Pay, an_order
from test_sync_forgotten_settled import asked, operator, said_in
from test_sync_preview import effect_of
from trip import COMPANY, Trip

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.store import books, holds, inbox, queue
from qbconsole.store.requests import current
from qbconsole.sync.pull.webhooks.privacy import act_on_privacy
from qbconsole.views.queue import standing

PERSON = {"displayName": "Jane Hidden", "firstName": "Jane", "lastName": "Hidden"}


def an_order_of(person, number, *, days=()):
    """Paid at once, or days later: then it is an invoice with a payment."""
    raw = an_order([Line(price="30.00")], pays=[Pay(amount="30.00", **dict(days))], number=number)
    raw["displayFinancialStatus"] = "PAID"
    # Two orders never share a line or a tender.
    raw = json.loads(re.sub(r"(gid://shopify/(?!Order/)\w+/)(\d+)", rf"\g<1>{number}0\2", json.dumps(raw)))
    raw["customer"] = person | {"id": "gid://shopify/Customer/77", "email": "jane@example.com", "phone": None}
    return raw


@pytest.fixture(params=["detailed", "summary"])
def trip(tmp_path, request):
    """A receipt, and an invoice with its payment, of one buyer, all in QuickBooks; its records of sets are kept.

    In summary no document names the buyer, so what is booked anew is the very same.
    """
    made = Trip(tmp_path, settings={"modes": {"customers": request.param}})
    made.names_buyers = request.param == "detailed"
    made.quickbooks = QuickBooks(made.company_file, clock=lambda: made.now)
    later = {"at": "03-09 12:00"}
    made.pull({"orders": [an_order_of(PERSON, 3, days=later), an_order_of(PERSON, 4)]})
    made.book()
    made.deliver()
    yield made
    made.close()


def rows(trip, *states):
    with trip.workspace.store.reading() as tx:
        return books.documents(tx, company=COMPANY, states=states or None)


def demanded(trip):
    demand = {"shop_domain": "oak-ember.myshopify.com", "customer": {"id": 77}, "orders_to_redact": []}
    with trip.workspace.store.atomic() as tx:
        sent = json.dumps(demand).encode()
        inbox.receive(tx, "oak-ember", delivery_id="1", topic="customers/redact", raw=sent, at=trip.now)
    means = trip.workspace.means()
    act_on_privacy(means, means.merchant("oak-ember"))


def delete(trip, *filed):
    """Somebody deletes these, and a session of the next day is told."""
    for one in filed:
        trip.company_file.delete_document(one.txn_id, trip.now)
    trip.now += timedelta(days=1)
    trip.session()


def deleted(trip):
    """Somebody deletes all of it in QuickBooks; gives the keys."""
    delete(trip, *trip.company_file.documents("ReceivePayment"))
    delete(trip, *trip.company_file.documents())
    gone = [row.key for row in rows(trip, DocumentState.DELETED_IN_QUICKBOOKS)]
    assert len(gone) == len(rows(trip)) == 3
    return gone


def assert_there_once_without_the_name(trip, keys):
    there = Counter(key_in(one.memo) for one in trip.company_file.documents())
    assert there == dict.fromkeys(keys, 1)
    assert not rows(trip, DocumentState.PLANNED)
    for key in keys:
        last = said_in(asked(trip, key))[-1]
        assert last.state is RequestState.ANSWERED
        assert "Hidden" not in last.body
    for one in trip.company_file.documents():
        assert "Hidden" not in repr(one)
    with trip.workspace.store.reading() as tx:
        assert [one.hold.reason.value for one in holds.open_holds(tx)] == ["privacy_request"]


def test_it_is_booked_anew_and_sent_only_then(trip):
    keys = deleted(trip)
    demanded(trip)
    assert set(operator(trip).retry(keys).done) == set(keys)
    with trip.workspace.store.reading() as tx:
        assert current.behind(tx, COMPANY) == ("oak-ember",)
        lines = queue.lines(tx, [one for key in keys for one in queue.ids_of_key(tx, key)])
    assert {standing(one) for one in lines} == {"PLANNED"}
    trip.deliver()
    assert not trip.company_file.documents(), "nothing leaves before it is booked anew"
    trip.book()
    trip.deliver()
    assert_there_once_without_the_name(trip, keys)


def test_a_demand_that_comes_after_the_word_and_before_the_session_is_heard(trip):
    keys = deleted(trip)
    assert set(operator(trip).retry(keys).done) == set(keys)
    demanded(trip)
    trip.book()
    trip.deliver()
    assert_there_once_without_the_name(trip, keys)


class _Watched:
    """QuickBooks, and what it was asked."""

    def __init__(self, inner, asked_for):
        self.inner, self.asked_for = inner, asked_for

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def process(self, text):
        self.asked_for.append(text)
        return self.inner.process(text)


def test_it_is_looked_for_before_it_goes(trip):
    keys = deleted(trip)
    demanded(trip)
    operator(trip).retry(keys)
    trip.book()
    trip.quickbooks = _Watched(trip.quickbooks, asked_for := [])
    trip.deliver()
    first = next(place for place, text in enumerate(asked_for) if "<SalesReceiptAddRq" in text)
    assert any("<SalesReceiptQueryRq" in text for text in asked_for[:first])
    assert_there_once_without_the_name(trip, keys)


def test_deleted_once_more_it_goes_once_more_in_the_bytes_without_the_name(trip):
    keys = deleted(trip)
    demanded(trip)
    operator(trip).retry(keys)
    trip.now += timedelta(minutes=1)
    trip.book()
    trip.deliver()
    again = deleted(trip)
    assert set(operator(trip).retry(again).done) == set(keys)
    trip.deliver()
    assert_there_once_without_the_name(trip, keys)


def test_what_is_bound_to_what_quickbooks_has_keeps_the_name_they_share(trip):
    (payment,) = trip.company_file.documents("ReceivePayment")
    key = key_in(payment.memo)
    delete(trip, payment)
    demanded(trip)
    assert operator(trip).retry([key]).done == (key,)
    trip.book()
    trip.deliver()
    assert ("Hidden" in said_in(asked(trip, key))[-1].body) is trip.names_buyers
    assert not rows(trip, DocumentState.PLANNED)


def test_once_nothing_of_them_is_there_any_more_all_of_them_go_without_the_name(trip):
    """The payment was posted once more meanwhile, in the bytes of before, because its invoice was there."""
    (payment,) = trip.company_file.documents("ReceivePayment")
    delete(trip, payment)
    demanded(trip)
    trip.now += timedelta(minutes=5)
    operator(trip).retry([key_in(payment.memo)])
    trip.book()
    trip.deliver()
    keys = deleted(trip)
    assert set(operator(trip).retry(keys).done) == set(keys)
    trip.book()
    trip.deliver()
    assert_there_once_without_the_name(trip, keys)


def tell(trip, number, **otherwise):
    """Shopify tells an order anew, without its buyer by now."""
    trip.now += timedelta(minutes=5)
    raw = an_order_of(PERSON, number) | {"customer": None, "updatedAt": trip.now.isoformat()}
    trip.pull({"orders": [raw | otherwise]})


def test_what_cannot_be_booked_anew_keeps_nothing_else_from_leaving(trip):
    """`book` ended with move_refused here, each time, and nothing of the merchant left any more."""
    keys = deleted(trip)
    demanded(trip)
    operator(trip).retry(keys)
    tell(trip, 4, totalPriceSet=None)
    trip.book()
    with trip.workspace.store.reading() as tx:
        assert "incomplete_order" in {one.hold.reason.value for one in holds.open_holds(tx)}
        assert current.behind(tx, COMPANY) == ()
    trip.deliver()
    (left,) = (row.key for row in rows(trip, DocumentState.PLANNED))
    assert {key_in(one.memo) for one in trip.company_file.documents()} == set(keys) - {left}
    assert operator(trip).retry([left]).done == ()
    tell(trip, 4)
    trip.book()
    trip.deliver()
    assert_there_once_without_the_name(trip, keys)


def test_booked_anew_it_follows_the_mapping_like_all_that_was_not_sent(trip):
    keys = deleted(trip)
    demanded(trip)
    operator(trip).retry(keys)
    trip.book()
    effect = effect_of(trip, ("merchants.oak-ember.accounts.sales_income", "Sales:Other"))
    assert effect.changed
    assert effect.already_sent == ()
    mapping = trip.workspace.root / "mappings.toml"
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace('"Shopify Shipping"', '"Parcels"'), encoding="utf-8")
    (before,) = {row.mapping_revision for row in rows(trip)}
    trip.book()
    assert {row.mapping_revision for row in rows(trip)} == {before + 1}
    trip.deliver()
    assert_there_once_without_the_name(trip, keys)
