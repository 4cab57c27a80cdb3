"""A backup of our database from the middle of a session that then died: what that session sent since is looked for.

Facts: reference/reliability.md F34. Such a backup bears the very marker that is in the company file, so no session can
tell it by that; QuickBooks here keeps no record of any set, so nothing but a look tells what is there.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from hands import Hands
from test_journey_entries_again import database_as_it_was
from test_journey_third_look import drill
from trip import COMPANY

from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.store import journal
from qbconsole.sync.deliver import pace

__all__ = ["drill"]

pytestmark = pytest.mark.slow
#: The Web Connector of a trip.
SAME = {"peer": "127.0.0.1", "version": "", "file": ""}


def backed_up_now(drill, tmp_path):
    """A backup while the program runs."""
    kept = tmp_path / "kept.db"
    with (
        closing(sqlite3.connect(drill.workspace.own / "state.db")) as here,
        closing(sqlite3.connect(kept)) as there,
    ):
        here.backup(there)
    return kept


def some_sets(drill, hands, count=2):
    """So many more sets with documents, one receipt a set."""
    for _ in range(count):
        hands.say(hands.bring(hands.take_until("<SalesReceiptAdd>")))


def looked_first(drill):
    with drill.workspace.store.reading() as tx:
        return [row for row in journal.of(tx, COMPANY) if row.verb == "looks_first"]


@pytest.fixture
def died(drill, tmp_path, monkeypatch):
    """A backup from the middle of a session, which sent more after it and then died."""
    monkeypatch.setattr(pace, "CAP", 3)
    drill.quickbooks = QuickBooks(drill.company_file, clock=lambda: drill.now, retention="none")
    drill.orders(4)
    drill.settle()
    drill.orders(16)
    hands = Hands(drill, **SAME)
    hands.login()
    hands.say(hands.bring(hands.take_until("<SalesReceiptAdd>")))
    kept = backed_up_now(drill, tmp_path)
    before = len(drill.keys_there())
    some_sets(drill, hands)
    assert len(drill.keys_there()) > before, "something was sent that the backup does not know of"
    return drill, kept, hands


def test_what_left_after_the_backup_is_looked_for_and_never_sent_again(died):
    drill, kept, _hands = died
    database_as_it_was(drill, kept)
    drill.settle()
    drill.assert_books_are_right()
    assert len(looked_first(drill)) == 1


def test_so_it_is_where_orders_have_to_be_pulled_and_booked_anew(died):
    drill, kept, _hands = died
    drill.orders(20)
    hands = Hands(drill, **SAME)
    database_as_it_was(drill, kept)
    drill.orders(20)
    hands.whole_session()
    drill.settle()
    drill.assert_books_are_right()


def test_so_it_is_where_that_web_connector_says_good_bye_only_then(died):
    drill, kept, hands = died
    database_as_it_was(drill, kept)
    hands.close()
    drill.settle()
    drill.assert_books_are_right()
    assert len(looked_first(drill)) == 1


@pytest.mark.parametrize("clock", ["goes on", "is set back"])
@pytest.mark.parametrize("at", ["it has an answer to hand over", "it asks for the next set"])
def test_so_it_is_where_that_web_connector_goes_on_with_its_session(died, at, clock):
    """A dialog of QuickBooks may keep its last set so long that we are put back meanwhile, with another clock perhaps."""
    drill, kept, hands = died
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>"))
    if clock == "is set back":
        drill.now -= timedelta(hours=2)
    database_as_it_was(drill, kept)
    if at == "it has an answer to hand over":
        assert hands.say(answer) == -1
    else:
        assert hands.take() == ""
    assert "Start the update once more" in hands.close()
    drill.settle()
    drill.assert_books_are_right()
    assert len(looked_first(drill)) == 1


def test_so_it_is_where_something_on_the_way_repeats_the_call_that_was_told_so(died):
    """A session that was ended hands nothing out any more: what it kept may be done."""
    drill, kept, hands = died
    there = drill.keys_there()
    database_as_it_was(drill, kept)
    assert hands.take() == ""
    assert hands.take() == ""
    assert "Start the update once more" in hands.close()
    drill.settle()
    assert max(drill.keys_there().values()) == 1
    assert set(there) <= set(drill.keys_there())
    drill.assert_books_are_right()


def test_so_it_is_where_an_answer_was_told_so_and_the_next_set_is_asked_for_all_the_same(died):
    drill, kept, hands = died
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>"))
    database_as_it_was(drill, kept)
    assert hands.say(answer) == -1
    assert hands.take() == ""
    hands.close()
    drill.settle()
    drill.assert_books_are_right()


def test_so_it_is_where_that_web_connector_tells_of_an_error_in_place_of_an_answer(died):
    """An error bears no set's id: it may be of a set that the backup knows nothing of. (Seed 51377.)"""
    drill, kept, hands = died
    taken = hands.take_until("<SalesReceiptAdd>")
    hands.bring(taken)
    database_as_it_was(drill, kept)
    broken = drill.delivery.answer(
        hands.ticket, [], "0x80040402", "QuickBooks found an error and had to end."
    )
    assert broken == -1
    hands.close()
    drill.settle()
    drill.assert_books_are_right()
    assert len(looked_first(drill)) == 1


def test_so_it_is_where_that_error_says_that_quickbooks_could_not_read_the_set(died):
    """Of the set that the backup has open this is untrue: QuickBooks did it long ago. (Seed 77024.)"""
    drill, kept, hands = died
    hands.take_until("<SalesReceiptAdd>")
    database_as_it_was(drill, kept)
    refused = drill.delivery.answer(
        hands.ticket, [], "0x80040400", "QuickBooks found an error when parsing the provided XML text stream."
    )
    assert refused == -1
    assert hands.take() == ""
    assert "Start the update once more" in hands.close()
    drill.settle()
    drill.assert_books_are_right()
    assert len(looked_first(drill)) == 1


def test_so_it_is_where_an_answer_names_neither_set_nor_requests(died):
    """QuickBooks may leave ids out: whose answer it is nothing tells then."""
    drill, kept, hands = died
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>"))
    unnamed = re.sub(r' (requestID|newMessageSetID|oldMessageSetID)="[^"]*"', "", answer.response)
    assert unnamed != answer.response
    database_as_it_was(drill, kept)
    assert drill.delivery.answer(hands.ticket, [unnamed], "", "") == -1
    hands.close()
    drill.settle()
    drill.assert_books_are_right()


def test_so_it_is_where_another_connector_comes_once_the_lease_ran_out(died):
    drill, kept, _hands = died
    database_as_it_was(drill, kept)
    drill.now = drill.now.replace(hour=drill.now.hour + 2)
    Hands(drill, peer="10.0.0.77", version="9.9").whole_session()
    drill.settle()
    drill.operator()
    assert len(looked_first(drill)) == 1
    there = drill.keys_there()
    assert max(there.values()) == 1


def test_a_session_of_this_very_process_that_broke_off_is_believed(drill):
    drill.orders(12)
    hands = Hands(drill, **SAME)
    hands.login()
    hands.say(hands.bring(hands.take_until("<SalesReceiptAdd>")))
    hands.take()
    hands.close()
    drill.settle()
    drill.assert_books_are_right()
    assert not looked_first(drill)
