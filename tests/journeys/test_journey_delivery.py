"""What a session refuses, survives and finds out, in one process against the strict simulation."""

from __future__ import annotations

import copy
from collections import Counter
from datetime import timedelta

import pytest
from hands import Hands
from trip import COMPANY, NOW

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import RequestState
from qbconsole.care.attention import Operator
from qbconsole.sandbox.quickbooks import CompanyFile, QuickBooks
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import holds, parties, requests
from qbconsole.views.plan import batch_plan
from qbconsole.views.postings import postings
from qbconsole.views.tally import tally
from qbconsole.webconnector.conversation import Hello, Login

pytestmark = pytest.mark.slow


def some_orders(count=12, seed=4):
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=seed, orders=30)
    return {"orders": shop.orders[:count]}


def keys_of(trip):
    return Counter(filter(None, (key_in(filed.memo) for filed in trip.company_file.documents())))


def assert_books_equal(trip):
    ours = tally(trip.workspace.store, COMPANY).ledger
    theirs = dict(trip.company_file.trial_balance())
    for cost in ("Cost of Goods Sold", "Inventory Asset"):
        theirs.pop(cost, None)
    assert {name: value for name, value in ours.items() if value} == theirs


def open_reasons(trip):
    with trip.workspace.store.reading() as tx:
        return Counter(row.hold.reason.value for row in holds.open_holds(tx, flags_too=False))


def counts(trip):
    with trip.workspace.store.reading() as tx:
        return requests.counts(tx, COMPANY)


def test_a_company_file_of_another_name_is_refused_before_anything_is_written(make_trip):
    trip = make_trip(name="Somebody Else Inc")
    trip.pull(some_orders())
    trip.book()
    said = trip.session()
    assert "Somebody Else Inc" in said
    assert "Nothing was written" in said
    assert trip.company_file.documents() == []


def test_another_edition_is_refused_before_anything_is_written(make_trip):
    trip = make_trip(country="CA")
    trip.pull(some_orders())
    trip.book()
    assert "only the US edition" in trip.session(country="CA")
    assert trip.company_file.documents() == []


def test_another_file_of_the_same_name_without_our_marker_is_refused(make_trip):
    trip = make_trip()
    trip.pull(some_orders())
    trip.book()
    trip.deliver()
    linked = len(trip.company_file.documents())
    assert linked
    other = CompanyFile.create(name="Oak & Ember LLC", now=NOW)
    trip.quickbooks = QuickBooks(other, clock=lambda: NOW)
    trip.pull(some_orders(20))
    trip.book()
    assert "marker" in trip.session()
    assert other.documents() == []


def test_the_marker_of_an_earlier_life_of_the_books_is_refused(make_trip):
    trip = make_trip()
    trip.pull(some_orders())
    trip.book()
    trip.deliver()
    with trip.workspace.store.atomic() as tx:
        parties.update_company(tx, COMPANY, epoch=2)
    trip.pull(some_orders(20))
    trip.book()
    assert "it is a copy or an older state. Nothing was written" in trip.session()


def test_running_everything_again_creates_nothing(make_trip):
    trip = make_trip()
    trip.pull(some_orders())
    trip.book()
    trip.deliver()
    before = len(trip.company_file.documents())
    assert trip.pull(some_orders()).new == 0
    assert trip.book().documents == 0
    assert trip.session() == "none"
    assert len(trip.company_file.documents()) == before
    assert_books_equal(trip)


def test_a_wrong_password_opens_nothing_and_says_nothing(make_trip):
    trip = make_trip()
    for user, password in ((COMPANY, "wrong"), ("nobody", "wrong")):
        assert trip.delivery.open(Login(user=user, password=password, peer="1.2.3.4")).word == "nvu"


@pytest.mark.parametrize("retention", ["all", "none"])
@pytest.mark.parametrize("lost", [9, 10, 11, 12])
def test_a_lost_answer_is_found_again_not_posted_again(make_trip, retention, lost):
    trip = make_trip()
    trip.quickbooks = QuickBooks(trip.company_file, clock=lambda: NOW, retention=retention)
    trip.pull(some_orders(30))
    trip.book()
    lose_one_answer(trip, lost)
    trip.deliver()
    assert max(keys_of(trip).values()) == 1
    assert counts(trip)[RequestState.IN_DOUBT] == 0
    assert open_reasons(trip).keys() <= {"test_order", "authorized_uncaptured", "voided"}
    assert_books_equal(trip)


def lose_one_answer(trip, number):
    """QuickBooks does the set, and nobody hears of it."""
    opened = trip.delivery.open(Login(user=COMPANY, password=trip._password, peer="127.0.0.1"))
    trip.quickbooks.reopen()
    hcp = trip.quickbooks.hello()
    for turn in range(1, 100):
        hello = Hello(hcp=hcp, company_file="", country="US", major=16, minor=0)
        text, hcp = trip.delivery.next(opened.ticket, hello), ""
        answer = trip.quickbooks.process(text)
        if turn == number:
            return
        assert trip.delivery.answer(opened.ticket, [answer.response], "", "") < 100
    raise AssertionError("the session ended before the answer was lost")


@pytest.mark.parametrize("retention", ["all", "none"])
def test_a_refusal_whose_answer_was_lost_is_known_by_the_next_session(make_trip, retention):
    trip = make_trip()
    trip.quickbooks = QuickBooks(trip.company_file, clock=lambda: NOW, retention=retention)
    trip.pull(some_orders(30))
    trip.book()
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    trip.company_file.preferences.closing_date = NOW.date()
    hands.bring(text)  # and nobody hears of it
    trip.now += timedelta(hours=1)
    Hands(trip).whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] == 0
    assert counts(trip)[RequestState.REFUSED] > 0
    assert "refused" in open_reasons(trip)
    assert not any(one.kind == "SalesReceipt" for one in trip.company_file.documents())
    trip.company_file.preferences.closing_date = None
    care = Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")
    care.retry(None)
    trip.now += timedelta(hours=1)
    Hands(trip).whole_session()
    assert max(keys_of(trip).values()) == 1
    assert_books_equal(trip)


def test_an_answer_that_comes_twice_changes_nothing_the_second_time(make_trip):
    trip = make_trip()
    trip.pull(some_orders())
    trip.book()
    delivery = trip.delivery
    opened = delivery.open(Login(user=COMPANY, password=trip._password, peer="127.0.0.1"))
    text = delivery.next(
        opened.ticket, Hello(hcp=trip.quickbooks.hello(), company_file="", country="US", major=16, minor=0)
    )
    answer = trip.quickbooks.process(text)
    first = delivery.answer(opened.ticket, [answer.response], "", "")
    assert 0 < first < 100
    following = delivery.next(opened.ticket, Hello(hcp="", company_file="", country="US", major=16, minor=0))
    again = delivery.next(opened.ticket, Hello(hcp="", company_file="", country="US", major=16, minor=0))
    assert following == again
    assert delivery.answer("0" * 32, [answer.response], "", "") == -1
    delivery.close(opened.ticket)
    trip.deliver()
    assert max(keys_of(trip).values()) == 1
    assert_books_equal(trip)


def test_accounts_nobody_may_create_hold_delivery_until_staff_create_them(make_trip):
    trip = make_trip(edit=lambda text: text.replace('accounts = "yes"', 'accounts = "no"'))
    trip.pull(some_orders())
    trip.book()
    trip.deliver()
    assert trip.company_file.documents() == []
    assert open_reasons(trip)["missing_name"] > 0
    told = postings(trip.workspace.store)
    assert told["postings"], "the books are planned all the same"
    assert all(not name.startswith("?") for day in told["accounts"].values() for name in day)


def test_what_quickbooks_refuses_is_held_with_its_words_and_the_others_go_on(make_trip):
    trip = make_trip()
    trip.quickbooks.refuse_next("SalesReceiptAddRq", 3180, "There was an error when saving a Sales Receipt.")
    trip.pull(some_orders())
    trip.book()
    trip.deliver()
    assert open_reasons(trip)["refused"] == 1
    assert counts(trip)[RequestState.REFUSED] == 1
    assert len(keys_of(trip)) > 5


def test_one_bad_request_does_not_stop_its_neighbours(make_trip):
    """The whole set is refused unprocessed; then each goes alone, and only the bad one is quarantined."""
    trip = make_trip()
    trip.pull(some_orders())
    trip.book()
    spoil_one_request(trip)
    trip.deliver()
    assert counts(trip)[RequestState.QUARANTINED] == 1
    assert counts(trip)[RequestState.READY] == 0
    assert len(keys_of(trip)) > 5


def spoil_one_request(trip):
    """As a template gone wrong would leave it: QuickBooks cannot read it."""
    import sqlalchemy as sa

    from qbconsole.store.schema import request_bodies
    from qbconsole.store.schema import requests as table

    with trip.workspace.store.atomic() as tx:
        wanted = sa.select(table.c.id).where(table.c.name == "SalesReceiptAdd").order_by(table.c.id).limit(1)
        number = tx.execute(wanted).scalar_one()
        body = tx.execute(
            sa.select(request_bodies.c.body).where(request_bodies.c.request_id == number)
        ).scalar_one()
        tx.execute(
            sa.update(request_bodies)
            .where(request_bodies.c.request_id == number)
            .values(body=body.replace("<TxnDate>", "<TxnDat>").replace("</TxnDate>", "</TxnDat>"))
        )


def test_an_order_that_does_not_add_up_is_held_with_the_difference(make_trip):
    trip = make_trip()
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=6, broken=1)
    trip.pull({"orders": shop.orders})
    trip.book()
    with trip.workspace.store.reading() as tx:
        found = [row.hold for row in holds.open_holds(tx) if row.hold.reason == "does_not_add_up"]
    assert len(found) >= 1
    assert "apart" in found[0].sentence
    trip.deliver()
    assert_books_equal(trip)


def test_a_name_held_by_another_kind_of_record_waits_for_a_person(make_trip):
    trip = make_trip()
    trip.company_file.add_name("Vendor", "Shopify Online Store", NOW)
    trip.pull(some_orders())
    trip.book()
    for _ in range(3):
        trip.session()
    with trip.workspace.store.reading() as tx:
        refused = requests.requests_in(tx, company=COMPANY, states=[RequestState.QUARANTINED])
    assert [row.subject_key for row in refused] == ["customer/shopify online store"]


def test_existing_names_are_used_as_they_are(make_trip):
    trip = make_trip()
    trip.company_file.add_name("Customer", "Shopify Online Store", NOW)
    trip.pull(some_orders())
    trip.book()
    trip.deliver()
    assert list(trip.company_file.listed("Customer")).count("Shopify Online Store") == 1
    assert_books_equal(trip)


def test_an_order_that_contradicts_what_is_booked_is_held_and_the_others_go_on(make_trip):
    """Another order claims a tender that stands in a document already."""
    trip = make_trip()
    facts = some_orders(6)
    trip.pull(facts)
    trip.book()
    thief, victim = copy.deepcopy(some_orders(8)["orders"][6:8]), facts["orders"][0]
    thief[0]["transactions"] = copy.deepcopy(victim["transactions"])
    thief[0]["totalPriceSet"] = thief[0]["currentTotalPriceSet"] = victim["totalPriceSet"]
    for name in ("lineItems", "shippingLines", "agreements", "refunds", "totalTaxSet", "totalTipReceivedSet"):
        thief[0][name] = victim[name]
    trip.pull({"orders": thief})
    booked = trip.book()
    assert booked.documents >= 1
    assert open_reasons(trip)["changed_after_booking"] == 1


def test_accounts_that_are_asked_for_wait_for_the_operators_word_then_everything_goes(make_trip):
    trip = make_trip(edit=lambda text: text.replace('accounts = "yes"', 'accounts = "ask"'))
    trip.pull(some_orders())
    trip.book()
    trip.deliver()
    assert trip.company_file.documents() == []
    plan = batch_plan(trip.workspace.store, COMPANY)
    asked = {entry.name for entry in plan.entries if entry.needs_approval}
    assert "Sales:Shopify" in asked
    assert {entry.list_kind for entry in plan.entries if entry.needs_approval} == {"account"}
    operator = Operator(store=trip.workspace.store, who="ann", clock=trip.workspace.clock)
    operator.approve(COMPANY, plan.hash)
    trip.deliver()
    assert len(keys_of(trip)) > 5
    assert_books_equal(trip)
