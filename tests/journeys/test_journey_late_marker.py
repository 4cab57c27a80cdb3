"""A marker that came late over a newer one, beside an older database of ours: what it calls unsent may have left since.

Facts: reference/reliability.md F34 beside F24; simulated seeds 300 and 497.
"""

from __future__ import annotations

import shutil

import pytest
from hands import Hands
from test_journey_entries_again import database_as_it_was
from test_journey_third_look import drill
from trip import COMPANY

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.store import requests

__all__ = ["drill"]

pytestmark = pytest.mark.slow


def test_a_backup_of_before_a_session_that_died_is_known_by_what_that_session_promised(drill, tmp_path):
    """One of its middle carries the file's own marker: test_journey_cut_off.py."""
    drill.quickbooks = QuickBooks(drill.company_file, clock=lambda: drill.now, retention="none")
    drill.orders(4)
    drill.settle()
    drill.orders(12)
    drill.workspace.close()
    kept = shutil.copy(drill.workspace.own / "state.db", tmp_path / "kept.db")
    hands = Hands(drill)
    hands.login()
    hands.say(hands.bring(hands.take_until("<SalesReceiptAdd>")))  # and then that PC is switched off
    there = drill.keys_there()
    database_as_it_was(drill, kept)
    drill.stops("own_restored", "our database was restored")
    assert drill.keys_there() == there
    drill.say("restored")
    drill.settle()
    drill.assert_books_are_right()


def refused(drill):
    with drill.workspace.store.reading() as tx:
        rows = requests.requests_in(tx, company=COMPANY, states=[RequestState.REFUSED], limit=1000)
    return [row.subject_key for row in rows]


def test_what_was_refused_then_and_taken_since_is_looked_for_before_it_is_tried_again(drill, tmp_path):
    drill.quickbooks = QuickBooks(drill.company_file, clock=lambda: drill.now, retention="none")
    drill.orders(4)
    drill.settle()
    drill.orders(8)
    later = next(row.key for row in drill.rows(DocumentState.PLANNED) if row.kind == "SalesReceipt")
    drill.operator().hold([later], "later")
    drill.quickbooks.refuse_next("SalesReceiptAddRq", 3180, "There was an error when saving a Sales Receipt.")
    drill.settle()
    (key,) = refused(drill)
    drill.operator().release([later])
    hands = Hands(drill)
    hands.login()
    hands.bring(hands.take_until("<DataExtModRq"))  # nobody hears that the marker was taken
    late = dict(drill.company_file.company_custom)
    hands.close()
    drill.workspace.close()
    kept = shutil.copy(drill.workspace.own / "state.db", tmp_path / "kept.db")

    assert drill.operator().retry([key]).done == (key,)
    drill.settle()
    assert key in drill.keys_there()
    drill.company_file.company_custom = late
    database_as_it_was(drill, kept)
    drill.settle()
    assert refused(drill) == [key], "our database knows no better"
    drill.operator().retry([key])
    drill.settle()
    drill.assert_books_are_right()
