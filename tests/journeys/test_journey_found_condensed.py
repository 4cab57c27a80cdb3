"""What a look found in a condensed file is not in its summary, though our database never knew that it left.

Facts: reference/reliability.md F26, F31, F32, F34.
"""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from hands import Hands
from test_journey_condensed import condense, keys_there, more_orders, restored, rows, told
from trip import COMPANY

from qbconsole.books.lifecycle import DocumentState
from qbconsole.care.attention import Operator
from qbconsole.care.company_file import decide
from qbconsole.store.books.recorded import seen_since

pytestmark = pytest.mark.slow


@pytest.fixture
def trip(make_trip):
    trip = make_trip()
    trip.quickbooks.clock = lambda: trip.now
    return trip


def lost_and_found(trip, count):
    """Our database goes back to before what is posted now, and a look finds that again; gives its keys."""
    more_orders(trip, count)
    state = trip.workspace.own / "state.db"
    trip.workspace.close()
    kept = state.with_name("kept.db")
    shutil.copy(state, kept)
    before = set(keys_there(trip))
    trip.deliver()
    later = set(keys_there(trip)) - before
    trip.workspace.close()
    for beside in (state.with_name("state.db-wal"), state.with_name("state.db-shm"), state):
        beside.unlink(missing_ok=True)
    shutil.copy(kept, state)
    trip._delivery = None
    trip.now += timedelta(hours=1)
    Hands(trip).whole_session()
    decide(trip.workspace.store, COMPANY, "restored", trip.workspace.clock, who="operator:ann")
    Hands(trip).whole_session()
    trip.deliver()
    assert later
    assert {row.state for row in rows(trip) if row.key in later} == {DocumentState.VERIFIED}
    return later


def seen(trip, keys, fence):
    with trip.workspace.store.reading() as tx:
        return seen_since(tx, COMPANY, keys, fence)


@pytest.mark.parametrize("met", ["before", "as our database is found to have gone back"])
def test_what_was_found_after_the_condensing_is_lost_with_an_older_file_and_a_person_may_have_it_posted(
    trip, tmp_path, met
):
    more_orders(trip, 8)
    trip.deliver()
    condense(trip)
    if met == "before":
        more_orders(trip, 9)
        trip.deliver()
    trip.company_file.save(tmp_path / "backup.qbb")
    later = lost_and_found(trip, 14)
    restored(trip, tmp_path / "backup.qbb")
    assert {row.state for row in rows(trip) if row.key in later} == {DocumentState.LOST_BY_RESTORE}
    assert set(told(trip, "lost_by_restore")) == later
    ann = Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")
    assert set(ann.retry(sorted(later)).done) == later
    trip.deliver()
    assert not set(told(trip)) & later
    posted = [one for one in rows(trip) if one.key in later and one.state is DocumentState.VERIFIED]
    assert posted
    assert {keys_there(trip)[one.key] for one in posted} == {1}


def test_what_was_found_before_the_file_was_condensed_may_be_in_the_summary(trip):
    more_orders(trip, 4)
    trip.deliver()
    later = lost_and_found(trip, 10)
    assert seen(trip, later, 0) == later
    summed = condense(trip)
    assert later & summed
    for _ in range(3):
        trip.now += timedelta(days=1)
        trip.deliver()
    gone = [row for row in rows(trip) if row.key in later & summed]
    assert {row.state for row in gone} == {DocumentState.VERIFIED}
    assert not told(trip, "lost_by_restore")
    assert not told(trip, "deleted_in_quickbooks")
    assert not later & summed & set(keys_there(trip))


def test_what_an_answer_told_of_was_not_found(trip):
    more_orders(trip, 4)
    trip.deliver()
    assert seen(trip, keys_there(trip), 0) == set()
    later = lost_and_found(trip, 10)
    assert seen(trip, keys_there(trip), 0) == later
    assert seen(trip, keys_there(trip), 10_000) == set()
