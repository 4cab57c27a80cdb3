"""What a merchant deleted of a rival's documents, under the same order numbers, says nothing of ours.

Facts: reference/reliability.md F43 beside F26 and F34; issue 5 (the merchant who cleans up a rival's duplicates).
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from datetime import timedelta

import pytest
from hands import Hands
from test_journey_taken_back import database_lost, more_orders, standing, told
from trip import COMPANY

from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.sandbox.quickbooks.file.records import Deleted
from qbconsole.store import books, journal
from qbconsole.views.company_file import file_state

pytestmark = pytest.mark.slow
#: Days before now at which the rival's documents were made and deleted.
LONG_AGO, JUST_NOW = (60, 59), (60, 0)


@pytest.fixture
def trip(make_trip):
    trip = make_trip()
    trip.quickbooks = QuickBooks(trip.company_file, clock=lambda: trip.now, retention="none")
    return trip


def documents(trip):
    with trip.workspace.store.reading() as tx:
        return books.documents(tx, company=COMPANY, limit=1000)


def rival_deleted(trip, days, named=()):
    """Traces of a rival's documents: of the kind and number of each of ours, or of those named."""
    made, gone = ((trip.now - timedelta(days=one)).strftime("%Y-%m-%dT%H:%M:%S") for one in days)
    for number, (kind, ref) in enumerate(named or [(row.kind, row.ref_number) for row in documents(trip)]):
        trip.company_file.bury(Deleted(kind, f"DEAD-{number}", made, gone, ref, False))


def questions(trip, part):
    """A whole session; gives the sets with that text in them, and their answers."""
    hands, found = Hands(trip), []
    hands.login()
    while text := hands.take():
        answer = hands.bring(text)
        if part in text:
            found.append((text, answer.response))
        if not 0 <= hands.say(answer) < 100:
            break
    hands.close()
    return found


def sessions(trip):
    """Of the same Web Connector, a day after each other, until there is nothing to do."""
    for _ in range(4):
        trip.now += timedelta(days=1)
        Hands(trip).whole_session()


def assert_everything_is_there_once(trip):
    there = standing(trip)
    assert set(there) == {row.key for row in documents(trip)}
    assert set(there.values()) == {1}
    assert not told(trip)


@pytest.mark.parametrize("days", [LONG_AGO, JUST_NOW])
def test_what_was_made_before_ours_could_be_there_holds_nothing(trip, days):
    more_orders(trip, 12)
    hands = Hands(trip)
    hands.login()
    hands.take_until("<SalesReceiptAdd>")  # it never reaches QuickBooks
    rival_deleted(trip, days)
    sessions(trip)
    assert_everything_is_there_once(trip)


def test_where_nothing_ever_left_nothing_is_held_for_a_number(trip):
    more_orders(trip, 30)
    hands = Hands(trip)
    hands.login()
    hands.bring(hands.take_until("<DataExtAdd>"))  # the answer to our first marker is lost
    hands.close()
    rival_deleted(trip, (0, 0))
    sessions(trip)
    assert_everything_is_there_once(trip)


def test_what_our_database_lost_is_not_taken_for_what_was_deleted_before(trip):
    rival_deleted(trip, LONG_AGO, [("SalesReceipt", str(number)) for number in range(1001, 1031)])
    key = database_lost(trip, "delete")
    assert set(told(trip)) == {key}
    assert set(standing(trip)) == {row.key for row in documents(trip)} - {key}
    assert set(standing(trip).values()) == {1}


def test_a_hold_says_which_deletion_it_is_and_no_more(trip):
    more_orders(trip, 8)
    hands = Hands(trip)
    hands.login()
    hands.bring(hands.take_until("<SalesReceiptAdd>"))
    gone = next(iter(trip.company_file.documents("SalesReceipt")))
    trip.company_file.delete_document(gone.txn_id, trip.now)
    Hands(trip).whole_session()
    (hold,) = told(trip).values()
    assert hold.sentence == (
        f"The answer to SalesReceipt {gone.ref_number} was lost, and a document of this kind and number was deleted in "
        f"QuickBooks on {trip.now:%Y-%m-%d} (TxnID {gone.txn_id}): it may have been this one."
    )
    assert "if it was this one and was meant" in hold.next_step


def test_a_look_asks_for_no_deletions_of_before_its_documents_left(trip):
    more_orders(trip, 12)
    hands = Hands(trip)
    hands.login()
    hands.take_until("<SalesReceiptAdd>")
    hands.close()
    rival_deleted(trip, LONG_AGO)
    asked = [one for one in questions(trip, "<TxnDelType>") if "<RefNumberCaseSensitive>" in one[0]]
    assert asked
    for question, answer in asked:
        assert "<FromDeletedDate>" in question
        assert "<TxnDeletedRet>" not in answer


class Unpermitted:
    """QuickBooks of a user who may not ask what was deleted."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def process(self, text):
        answer = self.inner.process(text)
        refused = r'\1statusCode="3261" statusSeverity="Error" statusMessage="There is no permission to use this query."'
        response, count = re.subn(
            r'(<TxnDeletedQueryRs[^>]*?)statusCode="\d+"[^>]*?(?=/?>)', refused, answer.response or ""
        )
        assert bool(count) == ("<TxnDeletedQueryRq" in text)
        return dataclasses.replace(answer, response=response)


@pytest.mark.parametrize("lost", ["taken", "done"])
def test_where_quickbooks_does_not_say_what_was_deleted_nothing_waits_for_ever(trip, lost):
    trip.quickbooks = Unpermitted(trip.quickbooks)
    more_orders(trip, 12)
    hands = Hands(trip)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    if lost == "done":
        hands.bring(text)
    sessions(trip)
    assert_everything_is_there_once(trip)
    with trip.workspace.store.reading() as tx:
        told_of = [row for row in journal.of(tx, COMPANY) if row.verb == "deletions_unknown"]
    kinds = Counter("There is no permission" in str(row) and "3261" in str(row) for row in told_of)
    assert set(kinds) == ({True} if lost == "taken" else set())


def test_the_status_says_so_until_quickbooks_tells_it_again(trip):
    may_ask, trip.quickbooks = trip.quickbooks, Unpermitted(trip.quickbooks)
    more_orders(trip, 4)
    sessions(trip)
    gap = file_state(trip.workspace.store, COMPANY, "Oak").deleted_gap
    assert "QuickBooks does not tell what is deleted in it: There is no permission" in gap
    assert "(3261)" in gap
    with trip.workspace.store.reading() as tx:
        assert [row.verb for row in journal.of(tx, COMPANY)].count("deleted_untold") == 1
    trip.quickbooks = may_ask
    more_orders(trip, 6)
    sessions(trip)
    assert file_state(trip.workspace.store, COMPANY, "Oak").deleted_gap == ""
