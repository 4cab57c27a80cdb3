"""What a person deletes or voids in QuickBooks while nobody here knows that it is there is not posted again unasked.

Facts: reference/reliability.md F43 beside F26 and F34; simulated seeds 1114 and 1343.
"""

from __future__ import annotations

import copy
import shutil
from collections import Counter

import pytest
from hands import Hands
from trip import COMPANY

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import DocumentState
from qbconsole.care.attention import Operator
from qbconsole.care.company_file import decide
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, holds

pytestmark = pytest.mark.slow
ORDERS = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=30).orders


def more_orders(trip, count):
    trip.pull({"orders": copy.deepcopy(ORDERS[:count])})
    trip.book()


def told(trip):
    with trip.workspace.store.reading() as tx:
        found = holds.open_holds(tx, reason="deleted_in_quickbooks")
        return {row.hold.subject: row.hold for row in found}


def standing(trip):
    """Our key -> how often it stands in the company file, unvoided."""
    there = (one for one in trip.company_file.documents() if not one.voided)
    return Counter(filter(None, (key_in(one.memo) for one in there)))


def take_back(trip, how):
    """A person takes the first receipt back; gives its key."""
    one = min(trip.company_file.documents("SalesReceipt"), key=lambda found: found.ref_number)
    getattr(trip.company_file, f"{how}_document")(one.txn_id, trip.now)
    return key_in(one.memo)


def operator(trip):
    return Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")


def answer_lost(trip, how):
    """QuickBooks has receipts, its answer is lost, and a person takes one back before the next session."""
    more_orders(trip, 8)
    hands = Hands(trip)
    hands.login()
    left = hands.take_until("<SalesReceiptAdd>")
    hands.bring(left)
    trip.quickbooks.file.sets.clear()  # no record of the set tells
    key = take_back(trip, how)
    Hands(trip).whole_session()
    return key


def database_lost(trip, how):
    """Our database is restored from a backup of before those receipts; a person took one back."""
    more_orders(trip, 2)
    trip.deliver()
    state = trip.workspace.own / "state.db"
    trip.workspace.close()
    kept = state.with_name("kept.db")
    shutil.copy(state, kept)
    more_orders(trip, 8)
    trip.deliver()
    there = set(standing(trip))
    trip.workspace.close()
    for beside in (state.with_name("state.db-wal"), state.with_name("state.db-shm"), state):
        beside.unlink(missing_ok=True)
    shutil.copy(kept, state)
    trip._delivery = None
    with trip.workspace.store.reading() as tx:
        known = {row.key for row in books.documents(tx, company=COMPANY, limit=1000)}
    lost = min(
        (one for one in trip.company_file.documents("SalesReceipt") if key_in(one.memo) in there - known),
        key=lambda found: found.ref_number,
    )
    getattr(trip.company_file, f"{how}_document")(lost.txn_id, trip.now)
    more_orders(trip, 9)
    trip.session()
    decide(trip.workspace.store, COMPANY, "restored", trip.workspace.clock, who="operator:ann")
    trip.deliver()
    return key_in(lost.memo)


@pytest.fixture(params=[answer_lost, database_lost])
def lost(request, make_trip):
    def made(how):
        trip = make_trip()
        trip.quickbooks = QuickBooks(trip.company_file, clock=lambda: trip.now, retention="none")
        return trip, request.param(trip, how)

    return made


@pytest.mark.parametrize("how", ["delete", "void"])
def test_it_waits_for_a_person_and_everything_else_goes(lost, how):
    trip, key = lost(how)
    (hold,) = told(trip).values()
    assert hold.subject == key
    assert f"was {how}{'d' if how == 'delete' else 'ed'} in QuickBooks" in hold.sentence
    assert "queue ignore KEY" in hold.next_step
    more_orders(trip, 10)
    trip.deliver()
    there = standing(trip)
    assert key not in there
    assert set(there.values()) == {1}
    with trip.workspace.store.reading() as tx:
        left = books.documents(tx, company=COMPANY, states=[DocumentState.PLANNED], limit=1000)
    assert [row.key for row in left] == [key]


@pytest.mark.parametrize("how", ["delete", "void"])
def test_it_is_left_out_where_that_was_meant(lost, how):
    trip, key = lost(how)
    done = operator(trip).ignore([key], "it was meant")
    assert (done.done, done.left) == ((key,), ())
    trip.deliver()
    assert not told(trip)
    assert key not in standing(trip)


@pytest.mark.parametrize("word", ["retry", "release"])
@pytest.mark.parametrize("how", ["delete", "void"])
def test_by_a_persons_word_it_is_posted_once_and_not_asked_about_again(lost, how, word):
    trip, key = lost(how)
    assert getattr(operator(trip), word)([key]).done == (key,)
    trip.deliver()
    assert not told(trip)
    assert standing(trip)[key] == 1
    assert set(standing(trip).values()) == {1}


def test_who_retries_everything_says_nothing_about_what_was_taken_back(lost):
    trip, key = lost("delete")
    operator(trip).retry(None)
    trip.deliver()
    assert set(told(trip)) == {key}
    assert key not in standing(trip)
