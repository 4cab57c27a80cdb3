"""An operator's word on the company file, said while a session carries out another one: what was said last holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hands import Hands
from test_journey_restores import backed_up
from test_journey_third_look import drill

from qbconsole.books.lifecycle import DocumentState
from qbconsole.errors import UsageError
from qbconsole.sandbox.quickbooks import CompanyFile, QuickBooks

__all__ = ["drill"]

pytestmark = pytest.mark.slow
#: The Web Connector of a trip.
SAME = {"peer": "127.0.0.1", "version": "", "file": ""}


@pytest.fixture
def older(drill, tmp_path):
    """An older company file is open, and the operator said to go on with it."""
    drill.quickbooks = QuickBooks(drill.company_file, clock=lambda: drill.now, retention="none")
    drill.orders(4)
    drill.settle()
    backup = backed_up(drill, tmp_path)
    drill.now += timedelta(days=3)
    drill.orders(9)
    drill.settle()
    newer = backed_up(drill, tmp_path, "newer.json")
    there = set(drill.keys_there())
    drill.orders(12)
    drill.company_file.restore(backup, drill.now)
    drill.stops("restored")
    drill.say("restored")
    drill.now += timedelta(minutes=5)
    return drill, there - set(drill.keys_there()), newer


def written(drill):
    return len(drill.company_file.documents()), dict(drill.company_file.company_custom)


def test_stop_said_while_what_is_lost_is_looked_for_ends_that_session(older):
    drill, _lost, _newer = older
    hands = Hands(drill, **SAME)
    hands.login()
    hands.say(hands.bring(hands.take()))  # which file is open
    answer = hands.bring(hands.take_until("<TransactionQueryRq"))
    before = written(drill)
    drill.say("stop")
    hands.say(answer)
    while text := hands.take():
        percent = hands.say(hands.bring(text))
        assert written(drill) == before
        if not 0 <= percent < 100:
            break
    assert "is not to be gone on with" in hands.close()
    drill.stops("copied")


def test_then_the_newer_file_can_be_gone_on_with_by_a_word(older):
    drill, lost, newer = older
    hands = Hands(drill, **SAME)
    hands.login()
    hands.say(hands.bring(hands.take()))
    answer = hands.bring(hands.take_until("<TransactionQueryRq"))
    drill.say("stop")
    assert hands.say(answer) == -1
    assert "is not to be gone on with" in hands.close()
    drill.open(CompanyFile.load(newer))
    drill.stops("restored")  # a life of the books was begun with the older one
    drill.say("restored")
    drill.settle()
    drill.operator().retry(sorted(lost & {row.key for row in drill.rows(DocumentState.LOST_BY_RESTORE)}))
    drill.settle()
    drill.assert_books_are_right()


def test_stop_is_too_late_once_our_marker_is_on_its_way(older):
    drill, lost, _newer = older
    hands = Hands(drill, **SAME)
    hands.login()
    answer = hands.bring(hands.take_until("<DataExtMod"))
    with pytest.raises(UsageError, match="too late"):
        drill.say("stop")
    hands.say(answer)
    hands.finish()
    drill.settle()
    drill.operator().retry(sorted(lost))
    drill.settle()
    drill.assert_books_are_right()
