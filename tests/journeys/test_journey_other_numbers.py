"""Our database lost days, and by now the mapping numbers documents another way: they are there under the old number.

Facts: reference/reliability.md F34 beside F42 and F43.
"""

from __future__ import annotations

from datetime import timedelta
from shutil import copy

import pytest
from hands import Hands
from test_journey_entries_again import database_as_it_was
from test_journey_third_look import drill

from qbconsole.books.identity import key_in
from qbconsole.store import holds

__all__ = ["drill"]

pytestmark = pytest.mark.slow
MADE = '\n[defaults.numbers]\nstyle = "made"\n'


@pytest.fixture
def lost(drill, tmp_path):
    """A receipt that our database lost; it is in QuickBooks, and will be called otherwise here."""
    drill.orders(2)
    drill.settle()
    drill.workspace.close()
    kept = copy(drill.workspace.own / "state.db", tmp_path / "kept.db")
    before = {one.txn_id for one in drill.company_file.documents()}
    drill.now += timedelta(hours=1)
    drill.orders(9)
    drill.settle()
    database_as_it_was(drill, kept)
    mapping = drill.workspace.root / "mappings.toml"
    mapping.write_text(mapping.read_text(encoding="utf-8") + MADE, encoding="utf-8")
    fresh = (one for one in drill.company_file.documents("SalesReceipt") if one.txn_id not in before)
    return min(fresh, key=lambda one: one.ref_number)


def gone_on(drill):
    drill.orders(10)
    drill.stops("own_restored")
    drill.say("restored")
    drill.settle()


def told(drill, key):
    with drill.workspace.store.reading() as tx:
        return [row.hold.reason.value for row in holds.holds_of(tx, key)]


def test_all_of_it_is_found_under_its_old_number(drill, lost):
    gone_on(drill)
    drill.assert_books_are_right()


def test_one_whose_memo_lost_our_key_waits_for_a_person(drill, lost):
    key = key_in(lost.memo)
    drill.company_file.edit_document(lost.txn_id, memo="Thank you!", now=drill.now)
    gone_on(drill)
    assert told(drill, key) == ["refused"]
    assert key not in drill.keys_there()
    drill.company_file.edit_document(lost.txn_id, memo=f"Thank you! [{key}]", now=drill.now)
    drill.operator().retry([key])
    drill.settle()
    drill.assert_books_are_right()


def test_one_that_a_person_deleted_is_not_posted_again_unasked(drill, lost):
    key = key_in(lost.memo)
    drill.company_file.delete_document(lost.txn_id, drill.now)
    gone_on(drill)
    assert told(drill, key) == ["deleted_in_quickbooks"]
    assert key not in drill.keys_there()
    assert drill.operator().retry([key]).done == (key,)
    drill.settle()
    drill.assert_books_are_right()


def test_so_it_is_where_the_session_that_looked_broke_off_before_it_was_told(drill, lost):
    drill.orders(10)
    drill.stops("own_restored")
    drill.say("restored")
    hands = Hands(drill)
    hands.login()
    hands.take_until("<RefNumberCaseSensitive>")
    hands.close()
    drill.settle()
    drill.assert_books_are_right()
