"""A condensed file: what may be in its summary is never posted again unasked, and what cannot be in it is not taken as kept.

Facts: reference/reliability.md F26, F31, F32.
"""

from __future__ import annotations

import copy
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hands import Hands
from trip import COMPANY

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.care.attention import Operator
from qbconsole.care.company_file import decide
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.sandbox.quickbooks.file.records import Deleted
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, holds, requests

pytestmark = pytest.mark.slow
ORDERS = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=30).orders


def more_orders(trip, count):
    trip.pull({"orders": copy.deepcopy(ORDERS[:count])})
    trip.book()


def rows(trip, *states):
    with trip.workspace.store.reading() as tx:
        return books.documents(tx, company=COMPANY, states=states or None, limit=1000)


def row_of(trip, key):
    (row,) = (one for one in rows(trip) if one.key == key)
    return row


def told(trip, reason="may_be_condensed"):
    with trip.workspace.store.reading() as tx:
        return {row.hold.subject: row.hold for row in holds.open_holds(tx, reason=reason)}


def keys_there(trip):
    return Counter(filter(None, (key_in(one.memo) for one in trip.company_file.documents())))


def operator(trip):
    return Operator(store=trip.workspace.store, clock=trip.workspace.clock, who="operator:ann")


def condense(trip):
    """Everything that is booked by now and closed; gives the keys that are in the summary."""
    before = max(row.txn_date for row in rows(trip)) + timedelta(days=1)
    trip.now = max(trip.now, datetime(before.year, before.month, before.day, tzinfo=UTC)) + timedelta(hours=1)
    there = set(keys_there(trip))
    trip.company_file.condense(before, trip.now)
    trip.now += timedelta(minutes=10)
    return there - set(keys_there(trip))


def lost_receipts(make_trip, *, reached, retention="none", before=lambda _trip, _keys: None):
    """Receipts left, and nobody heard what became of them; then the file is condensed, and a session comes.

    Gives the trip and the keys of those that no look finds: all, or, where QuickBooks had done them (`reached`), those
    that it summed up. `before` is what happens between.
    """
    trip = make_trip()
    trip.quickbooks = QuickBooks(trip.company_file, clock=lambda: trip.now, retention=retention)
    more_orders(trip, 12)
    hands = Hands(trip)
    hands.login()
    left = hands.take_until("<SalesReceiptAdd>")
    if reached:
        hands.bring(left)
    keys = {row.key for row in rows(trip) if row.key in left}
    before(trip, keys)
    summed = condense(trip)
    assert bool(summed) == reached
    keys &= summed or keys
    trip.now += timedelta(days=1)
    Hands(trip).whole_session()
    there = keys_there(trip)
    assert not keys & set(there), "nothing that may be condensed is posted again"
    assert max(there.values(), default=1) == 1
    return trip, keys


def assert_booking_anew_posts_none_of(trip, keys):
    more_orders(trip, 14)
    trip.deliver()
    assert not set(keys) & set(keys_there(trip))


def test_what_was_condensed_while_its_answer_was_missing_waits_for_a_person(make_trip):
    trip, keys = lost_receipts(make_trip, reached=True)
    assert set(told(trip)) == keys
    hold = told(trip)[min(keys)]
    assert "Its answer was lost, and the company file was condensed on" in hold.sentence
    assert "archive copy" in hold.next_step


def test_what_a_person_found_in_the_archive_copy_is_ignored_and_stays_away(make_trip):
    trip, keys = lost_receipts(make_trip, reached=True)
    done = operator(trip).ignore(sorted(keys), "it is in the archive copy")
    assert (set(done.done), done.left) == (keys, ())
    assert not told(trip)
    assert {row_of(trip, key).state for key in keys} == {DocumentState.IGNORED}
    assert_booking_anew_posts_none_of(trip, keys)


def test_what_a_person_did_not_find_there_is_released_and_posted_once(make_trip):
    trip, keys = lost_receipts(make_trip, reached=False)
    assert set(told(trip)) == keys
    done = operator(trip).release(sorted(keys))
    assert (set(done.done), done.left) == (keys, ())
    trip.deliver()
    assert not told(trip)
    there = keys_there(trip)
    assert {there[key] for key in keys} == {1}


def test_a_retry_looks_again_and_posts_nothing(make_trip):
    """All that is stuck may be retried at once; that is nobody's word on what is in the summary."""
    trip, keys = lost_receipts(make_trip, reached=True)
    assert operator(trip).retry(None).done == ()
    Hands(trip).whole_session()
    assert set(told(trip)) == keys
    assert not keys & set(keys_there(trip))


def released_and_lost_again(trip, keys):
    operator(trip).release(sorted(keys))
    hands = Hands(trip)
    hands.login()
    hands.take_until("<SalesReceiptAdd>")  # it never reaches QuickBooks
    trip.now += timedelta(days=1)
    Hands(trip).whole_session()


def test_what_was_released_and_lost_again_is_looked_for_and_not_held_again(make_trip):
    """What leaves after a session has met the condensing cannot be in its summary."""
    trip, keys = lost_receipts(make_trip, reached=False)
    released_and_lost_again(trip, keys)
    assert not told(trip)
    there = keys_there(trip)
    assert {there[key] for key in keys} == {1}


def test_what_quickbooks_own_record_tells_of_before_the_condensing_is_kept_and_not_called_deleted(make_trip):
    trip, keys = lost_receipts(make_trip, reached=True, retention="all")
    assert not told(trip)
    assert {row_of(trip, key).state for key in keys} == {DocumentState.VERIFIED}
    assert all(row_of(trip, key).note.startswith("archived: ") for key in keys)
    assert not rows(trip, DocumentState.DELETED_IN_QUICKBOOKS)
    assert_booking_anew_posts_none_of(trip, keys)


def numbers_deleted(trip, keys):
    """Somebody made and deleted documents of the same kinds and numbers, an hour after ours left."""
    when = (trip.now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")
    for row in rows(trip):
        if row.key in keys:
            trip.company_file.bury(Deleted(row.kind, f"DEAD-{row.id}", when, when, row.ref_number, False))


@pytest.mark.parametrize("reached", [True, False])
def test_what_may_be_condensed_is_not_offered_to_be_posted_because_its_number_was_deleted(make_trip, reached):
    """A deletion of that number may be another's, and then it is in the summary: both are asked for at once."""
    trip, keys = lost_receipts(make_trip, reached=reached, before=numbers_deleted)
    assert set(told(trip)) == keys
    assert not told(trip, "deleted_in_quickbooks")
    hold = told(trip)[min(keys)]
    assert "it may be in the summary of its day" in hold.sentence
    assert "(TxnID DEAD-" in hold.sentence
    assert "archive copy" in hold.next_step
    assert "if it was deleted and that was meant" in hold.next_step


def test_what_was_released_though_its_number_was_deleted_is_not_asked_about_again(make_trip):
    trip, keys = lost_receipts(make_trip, reached=False, before=numbers_deleted)
    released_and_lost_again(trip, keys)
    assert not told(trip)
    assert not told(trip, "deleted_in_quickbooks")
    there = keys_there(trip)
    assert {there[key] for key in keys} == {1}


def restored(trip, backup):
    more_orders(trip, 16)  # or no session comes
    trip.company_file.restore(backup, trip.now)
    trip.quickbooks.reopen()
    trip.now += timedelta(minutes=10)
    Hands(trip).whole_session()
    decide(trip.workspace.store, COMPANY, "restored", trip.workspace.clock, who="operator:ann")
    Hands(trip).whole_session()


@pytest.fixture
def trip(make_trip):
    made = make_trip()
    made.quickbooks.clock = lambda: made.now
    more_orders(made, 8)
    made.deliver()
    return made


def test_what_left_after_the_condensing_is_lost_with_an_older_file_however_old_its_day(trip, tmp_path):
    condense(trip)
    trip.company_file.save(tmp_path / "backup.qbb")
    more_orders(trip, 14)  # of days before the condensing
    before = set(keys_there(trip))
    trip.deliver()
    later = set(keys_there(trip)) - before
    day = trip.now.date()
    assert later
    assert all(row_of(trip, key).txn_date < day for key in later)
    restored(trip, tmp_path / "backup.qbb")
    assert {row.key for row in rows(trip, DocumentState.LOST_BY_RESTORE)} == later
    operator(trip).retry(sorted(later))
    trip.deliver()
    there = keys_there(trip)
    assert {there[key] for key in later} == {1}
    assert not told(trip)


def test_what_is_lost_with_an_older_file_is_lost_though_that_is_condensed_before_we_meet_it(trip, tmp_path):
    trip.company_file.save(tmp_path / "backup.qbb")
    more_orders(trip, 14)
    before = set(keys_there(trip))
    trip.now += timedelta(days=2)
    trip.deliver()
    later = set(keys_there(trip)) - before
    assert later
    trip.company_file.restore(tmp_path / "backup.qbb", trip.now)
    summed = condense(trip)
    assert summed
    trip.company_file.save(tmp_path / "condensed.qbb")
    restored(trip, tmp_path / "condensed.qbb")
    assert {row.key for row in rows(trip, DocumentState.LOST_BY_RESTORE)} == later
    assert {row_of(trip, key).state for key in summed} == {DocumentState.VERIFIED}
    assert not told(trip, "deleted_in_quickbooks")


def test_where_nothing_tells_what_the_older_file_had_each_is_flagged_for_a_look(trip, tmp_path):
    """Nobody heard that the marker in it was written: it may be a late one, and tells nothing of the backup."""
    more_orders(trip, 10)
    hands = Hands(trip)
    hands.login()
    hands.bring(hands.take_until("<DataExtModRq"))  # its answer is lost
    trip.company_file.save(tmp_path / "backup.qbb")
    trip.now += timedelta(days=1)
    more_orders(trip, 14)
    trip.deliver()
    mine = {row.key for row in rows(trip)}
    trip.company_file.restore(tmp_path / "backup.qbb", trip.now)
    condense(trip)
    trip.company_file.save(tmp_path / "condensed.qbb")
    restored(trip, tmp_path / "condensed.qbb")
    archived = {row.key for row in rows(trip) if row.note.startswith("archived: ")}
    kept = (archived & mine) - set(keys_there(trip))
    flags = told(trip, "drifted")
    assert kept
    assert set(flags) == kept
    assert "or that backup never had it" in flags[min(kept)].sentence
    assert "archive copy" in flags[min(kept)].next_step


def test_a_doubtful_request_stays_out_of_the_queue_until_somebody_has_looked(make_trip):
    trip, keys = lost_receipts(make_trip, reached=True)
    with trip.workspace.store.reading() as tx:
        stuck = requests.requests_of_documents(tx, sorted(keys))
    assert {(row.state, row.doubtful) for row in stuck} == {(RequestState.QUARANTINED, True)}


def test_a_copy_of_before_the_condensing_stops_the_session_and_a_person_may_go_on_with_it(trip, tmp_path):
    """The session that met the condensing was cut off, so marker and documents are those of before: nothing else tells."""
    trip.company_file.save(tmp_path / "copy.qbw")
    condense(trip)
    more_orders(trip, 12)
    hands = Hands(trip)
    hands.login()
    hands.say(hands.bring(hands.take()))
    hands.close()
    trip.company_file = type(trip.company_file).load(tmp_path / "copy.qbw")
    trip.quickbooks = QuickBooks(trip.company_file, clock=lambda: trip.now)
    trip.now += timedelta(minutes=20)
    before = keys_there(trip)
    assert "and the open one never was" in Hands(trip).whole_session()
    assert keys_there(trip) == before

    decide(trip.workspace.store, COMPANY, "copy", trip.workspace.clock, who="operator:ann")
    trip.deliver()
    there = keys_there(trip)
    assert set(there) == {row.key for row in rows(trip)}
    assert max(there.values()) == 1
