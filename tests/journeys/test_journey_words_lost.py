"""Our database is restored from a backup, and with it goes what a person said since: said again in time, it holds."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from test_journey_entries_again import database_as_it_was
from test_journey_third_look import drill

from qbconsole.books.lifecycle import DocumentState

__all__ = ["drill"]

pytestmark = pytest.mark.slow


def test_what_was_ignored_in_the_lost_time_is_ignored_again_before_anything_is_sent(drill, tmp_path):
    drill.orders(2)
    drill.settle()
    drill.workspace.close()
    kept = shutil.copy(drill.workspace.own / "state.db", tmp_path / "kept.db")
    known = {row.key for row in drill.rows()}
    drill.now += timedelta(hours=1)
    drill.orders(8)
    key = next(row.key for row in drill.rows() if row.key not in known and row.kind == "SalesReceipt")
    assert drill.operator().ignore([key], "entered by hand").done == (key,)
    drill.settle()
    before = drill.keys_there()
    database_as_it_was(drill, kept)
    drill.orders(8)
    drill.stops("own_restored")
    assert drill.operator().ignore([key], "entered by hand, said again").done == (key,)
    drill.say("restored")
    drill.settle()
    assert drill.keys_there() == before
    assert key not in before
    assert [row.key for row in drill.rows(DocumentState.IGNORED)] == [key]
    drill.assert_books_are_right()
