"""How many requests go at once, and how the one that QuickBooks cannot read is found among them."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hands import Hands
from hypothesis import given
from hypothesis import strategies as st
from trip import COMPANY, NOW, Trip

from qbconsole.books.holds import Reason
from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import RequestState
from qbconsole.care.attention import Operator
from qbconsole.sandbox.quickbooks import Answer
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import holds, parties, requests
from qbconsole.store.requests.current import wait_for_book
from qbconsole.store.schema import request_bodies
from qbconsole.store.schema import requests as table
from qbconsole.sync.deliver.pace import BEGIN, CAP, Pace, pace_of
from qbconsole.sync.deliver.phases.send import POISONED


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_a_fast_quickbooks_gets_more_each_time_up_to_the_cap():
    pace, seen = Pace(), []
    for _ in range(6):
        seen.append(pace.batch)
        pace = pace.after(pace.batch, seconds(0.01 * pace.batch), 1000 * pace.batch)
    assert seen == [BEGIN, 40, 80, 160, CAP, CAP]


def test_a_slow_one_gets_as_many_as_it_does_in_fifteen_seconds():
    assert Pace().after(20, seconds(60), 20_000).batch == 5
    assert Pace().after(20, seconds(600), 20_000).batch == 1


def test_long_answers_make_short_sets():
    assert Pace().after(20, seconds(1), 20 * 2**20).batch == 2


def test_a_set_that_was_not_full_does_not_raise_it_but_may_lower_it():
    assert Pace().after(3, seconds(0.1), 3000).batch == BEGIN
    assert Pace().after(3, seconds(15), 3000).batch == 3


def test_a_lost_set_halves_it_and_a_clock_that_was_set_changes_nothing():
    assert Pace().after_loss().batch == BEGIN // 2
    assert Pace(batch=1).after_loss().batch == 1
    for jump in (timedelta(hours=-2), timedelta(hours=2)):
        assert Pace().after(20, jump, 1) == Pace()


@given(st.lists(st.tuples(st.integers(0, 300), st.floats(-10, 3000), st.integers(0, 10**9)), max_size=20))
def test_whatever_is_measured_a_set_has_one_to_two_hundred_requests(told):
    pace = Pace()
    for number, took, size in told:
        after = pace.after(number, seconds(took), size)
        assert 1 <= after.batch <= min(CAP, 2 * pace.batch)
        pace = after


@pytest.fixture
def trip(tmp_path):
    made = Trip(tmp_path)
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=60)
    made.pull({"orders": shop.orders})
    made.book()
    made.delivery  # noqa: B018  the password is made with it
    yield made
    made.close()


def counts(trip):
    with trip.workspace.store.reading() as tx:
        return requests.counts(tx, COMPANY)


def keys_of(trip):
    return Counter(filter(None, (key_in(filed.memo) for filed in trip.company_file.documents())))


def spoil(trip, *names, which=0):
    """As a template gone wrong would leave it: QuickBooks cannot read it. Gives the ids."""
    spoilt = []
    with trip.workspace.store.atomic() as tx:
        for name in names:
            wanted = sa.select(table.c.id).where(table.c.name == name).order_by(table.c.id)
            number = list(tx.execute(wanted).scalars())[which]
            where = request_bodies.c.request_id == number
            body = tx.execute(sa.select(request_bodies.c.body).where(where)).scalar_one()
            bad = body.replace("<TxnDate>", "<TxnDat>").replace("</TxnDate>", "</TxnDat>")
            tx.execute(sa.update(request_bodies).where(where).values(body=bad))
            spoilt.append(number)
    return spoilt


class Watched(Hands):
    """Notes how many documents each set had, and which were refused; each document takes QuickBooks a while."""

    def __init__(self, trip, **more):
        super().__init__(trip)
        self.sets: list[tuple[int, bool]] = []
        self.each = more.get("each", timedelta(0))

    def bring(self, text: str) -> Answer:
        answer = super().bring(text)
        if "newMessageSetID" in text and "<DataExt" not in text and "AddRq" in text:
            many = text.count("AddRq ")
            self.sets.append((many, bool(answer.hresult)))
            self.trip.now += self.each * many
        return answer


def test_the_pace_is_noted_and_the_next_process_goes_on_with_it(trip):
    slow = Watched(trip, each=timedelta(seconds=3))
    slow.whole_session()
    assert slow.sets[-1][0] <= 5
    with trip.workspace.store.reading() as tx:
        assert pace_of(tx, COMPANY).batch == 5
    trip._delivery = None
    trip.pull({"orders": Shop.seeded(domain="oak-ember.myshopify.com", seed=5, orders=20).orders})
    trip.book()
    trip.delivery  # noqa: B018
    later = Watched(trip, each=timedelta(seconds=3))
    later.whole_session()
    assert max((many for many, _ in later.sets), default=0) <= 5


def test_a_poisonous_request_is_found_by_halves_and_the_others_go_on(trip):
    with trip.workspace.store.atomic() as tx:
        parties.put_note(tx, COMPANY, "pace", '{"batch":64}', NOW)
    (bad,) = spoil(trip, "SalesReceiptAdd", which=7)
    seen = Watched(trip)
    seen.whole_session()
    refused = [many for many, was in seen.sets if was]
    assert refused[0] > 8
    assert all(later <= (before + 1) // 2 for before, later in itertools.pairwise(refused))
    assert len(refused) <= refused[0].bit_length() + 1, "halves, not one by one"
    assert counts(trip)[RequestState.QUARANTINED] == 1
    assert counts(trip)[RequestState.READY] == 0
    with trip.workspace.store.reading() as tx:
        (row,) = requests.requests_by_id(tx, [bad])
    assert row.state is RequestState.QUARANTINED
    assert "found an error when parsing" in row.status_text
    assert set(keys_of(trip).values()) == {1}


def test_halves_leave_out_whom_book_has_to_decide_again_by_now(tmp_path):
    """Two shops post into one file; the mapping of one was changed once QuickBooks had refused a set of both."""
    other = '\n[merchants.cedar-lane]\ncompany = "oak"\nshop = "cedar-lane.myshopify.com"\n'
    trip = Trip(tmp_path, edit=lambda text: text + other)
    trip.pull({"orders": Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=60).orders})
    trip.book()
    trip.delivery  # noqa: B018  the other merchant is known with it
    theirs = sa.and_(table.c.name == "SalesReceiptAdd", table.c.id % 2 == 1)
    with trip.workspace.store.atomic() as tx:
        parties.put_note(tx, COMPANY, "pace", '{"batch":64}', NOW)
        tx.execute(sa.update(table).where(theirs).values(merchant="cedar-lane"))
    spoil(trip, "SalesReceiptAdd", which=7)

    class Meanwhile(Watched):
        def bring(self, text):
            answer = super().bring(text)
            if answer.hresult:
                with trip.workspace.store.atomic() as tx:
                    wait_for_book(tx, "cedar-lane", NOW)
            return answer

    seen = Meanwhile(trip)
    seen.whole_session()
    assert any(was for _, was in seen.sets)
    with trip.workspace.store.reading() as tx:
        left = requests.requests_in(tx, company=COMPANY, states=[RequestState.ANSWERED])
    assert {row.merchant for row in left if row.name == "SalesReceiptAdd"} == {"oak-ember"}
    trip.close()


def test_what_waits_for_a_poisonous_one_is_held_by_name_and_follows_when_it_is_taken(trip):
    with trip.workspace.store.reading() as tx:
        waiting = requests.requests_in(tx, company=COMPANY, states=[RequestState.WAITING])
        invoices = [row for row in requests.requests_in(tx, company=COMPANY) if row.name == "InvoiceAdd"]
        place = next(n for n, row in enumerate(invoices) if requests.dependants(tx, row.document_key))
    assert waiting
    parent = invoices[place]
    good = parent.body
    spoil(trip, "InvoiceAdd", which=place)
    Hands(trip).whole_session()
    with trip.workspace.store.reading() as tx:
        held = [row.hold for row in holds.open_holds(tx, company=COMPANY, reason=Reason.WAITS_FOR)]
    assert held
    assert all(parent.subject_key in hold.sentence for hold in held)
    assert all("did not take" in hold.sentence for hold in held)
    with trip.workspace.store.atomic() as tx:
        where = request_bodies.c.request_id == parent.id
        tx.execute(sa.update(request_bodies).where(where).values(body=good))
    Operator(store=trip.workspace.store, who="ann", clock=trip.workspace.clock).retry([parent.subject_key])
    seen = Watched(trip)
    seen.whole_session()
    assert seen.sets[0] == (1, False), "released, it goes alone: it might be poison still"
    with trip.workspace.store.reading() as tx:
        assert holds.open_holds(tx, company=COMPANY, reason=Reason.WAITS_FOR) == []
    assert set(keys_of(trip).values()) == {1}


def test_a_name_that_is_refused_holds_its_documents_by_name(trip):
    trip.quickbooks.refuse_next("CustomerAddRq", 3180, "There was an error when saving a customer.")
    Hands(trip).whole_session()
    with trip.workspace.store.reading() as tx:
        held = [row.hold for row in holds.open_holds(tx, company=COMPANY, reason=Reason.WAITS_FOR)]
        (refused,) = requests.requests_in(tx, company=COMPANY, states=[RequestState.REFUSED])
    assert refused.subject_key.startswith("customer/")
    assert held
    assert all(refused.subject_key in hold.sentence for hold in held)
    Operator(store=trip.workspace.store, who="ann", clock=trip.workspace.clock).retry([refused.subject_key])
    Hands(trip).whole_session()
    with trip.workspace.store.reading() as tx:
        assert holds.open_holds(tx, company=COMPANY, reason=Reason.WAITS_FOR) == []


def test_a_quickbooks_that_reads_nothing_ends_the_session_before_everything_is_quarantined(trip):
    ordinary = trip.quickbooks.process

    def reads_no_writes(text: str) -> Answer:
        if "SalesReceiptAddRq" in text or "InvoiceAddRq" in text:
            return Answer(hresult="0x80040400", message="QuickBooks found an error when parsing.")
        return ordinary(text)

    class Deaf(Hands):
        def bring(self, text: str) -> Answer:
            return reads_no_writes(text)

    said = Deaf(trip).whole_session()
    assert f"could not read {POISONED} requests in a row" in said
    assert counts(trip)[RequestState.QUARANTINED] == POISONED
    assert counts(trip)[RequestState.READY] > POISONED
