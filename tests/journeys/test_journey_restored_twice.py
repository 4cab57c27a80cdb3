"""A second restore posts again what it took itself: what the first one took still waits for a word of its own.

A person may have entered those by hand since: posted unasked they would be in QuickBooks twice. Facts: reliability.md F31.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from test_journey_restores import backed_up
from test_journey_third_look import drill

from qbconsole.books.lifecycle import DocumentState

__all__ = ["drill"]

pytestmark = pytest.mark.slow


def recorded_after(drill, backup, orders):
    """So many orders are recorded; then the backup is put in their place. Gives the keys that it does not have."""
    drill.now += timedelta(days=2)
    drill.orders(orders)
    drill.settle()
    newer = set(drill.keys_there())
    drill.company_file.restore(backup, drill.now)
    drill.orders(orders + 1)
    drill.stops("restored")
    return newer - set(drill.keys_there())


def test_what_an_earlier_restore_took_is_not_posted_with_what_this_one_took(drill, tmp_path):
    drill.orders(4)
    drill.settle()
    earlier = recorded_after(drill, backed_up(drill, tmp_path, "first.json"), 8)
    drill.say("restored")
    drill.settle()
    assert {row.key for row in drill.rows(DocumentState.LOST_BY_RESTORE)} == earlier
    lost = recorded_after(drill, backed_up(drill, tmp_path, "second.json"), 12)
    assert lost
    assert not lost & earlier
    drill.say("restored", post_again=True)
    drill.settle()
    there = set(drill.keys_there())
    assert lost <= there
    assert not earlier & there
    assert {row.key for row in drill.rows(DocumentState.LOST_BY_RESTORE)} == earlier
    assert set(drill.operator().retry(sorted(earlier)).done) == earlier
    drill.settle()
    drill.assert_books_are_right()
