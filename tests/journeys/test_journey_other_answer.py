"""QuickBooks' answer to what it was sent is another set's: what became of the set is asked, and never tried once more.

QuickBooks here keeps no record of any set, so the same bytes under the same id would be done twice. (Seeds 55813, 57683.)
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hands import Hands
from test_journey_third_look import drill

from qbconsole.sandbox.quickbooks import QuickBooks

__all__ = ["drill"]

pytestmark = pytest.mark.slow


@pytest.fixture
def taken(drill):
    """A session whose set of receipts was done, and the answer to the set before it."""
    drill.quickbooks = QuickBooks(drill.company_file, clock=lambda: drill.now, retention="none")
    drill.orders(4)
    hands = Hands(drill)
    hands.login()
    other = hands.bring(hands.take_until("<CustomerAdd>"))
    assert hands.say(other) >= 0
    hands.bring(hands.take_until("<SalesReceiptAdd>"))
    return drill, hands, other


def test_it_is_not_handed_out_again_and_the_next_update_finds_it(taken):
    drill, hands, other = taken
    assert 0 <= hands.say(other) < 100
    assert hands.take() == ""
    assert "answered something else than it was asked. Start the update once more" in hands.close()
    drill.settle()
    drill.assert_books_are_right()


def test_so_it_is_where_our_clock_was_set_back_meanwhile(taken):
    drill, hands, other = taken
    drill.now -= timedelta(hours=1)
    assert 0 <= hands.say(other) < 100
    assert hands.take() == ""
    assert "answered something else than it was asked" in hands.close()
    drill.now += timedelta(hours=1)
    drill.settle()
    drill.assert_books_are_right()


def test_so_it_is_where_that_connector_never_says_good_bye(taken):
    drill, hands, other = taken
    hands.say(other)
    assert hands.take() == ""
    again = Hands(drill)
    again.whole_session()
    drill.settle()
    drill.assert_books_are_right()


def test_its_own_answer_is_taken_where_it_comes_all_the_same(drill):
    drill.orders(4)
    hands = Hands(drill)
    hands.login()
    other = hands.bring(hands.take_until("<CustomerAdd>"))
    hands.say(other)
    own = hands.bring(hands.take_until("<SalesReceiptAdd>"))
    assert 0 <= hands.say(other) < 100  # a call that came twice
    assert hands.say(own) >= 0
    hands.finish()
    drill.assert_books_are_right()


def test_a_question_is_simply_asked_again(drill):
    drill.orders(4)
    hands = Hands(drill)
    hands.login()
    first = hands.take()
    other = hands.bring(first)
    hands.say(other)
    second = hands.take()
    assert 0 <= hands.say(other) < 100
    assert hands.take() == second
    hands.finish()
    drill.settle()
    drill.assert_books_are_right()
