"""An error that QuickBooks gave in place of an answer bears no set's id: one that something on the way repeats may be of
the set before, while QuickBooks does the one it was taken for.

Facts: reference/reliability.md F22 and F29. QuickBooks here keeps no record of any set, so nothing but a look tells.
"""

from __future__ import annotations

import pytest
from hands import Hands
from test_journey_third_look import drill

from qbconsole.sandbox.quickbooks import Answer, QuickBooks

__all__ = ["drill"]

pytestmark = pytest.mark.slow

UNREADABLE = Answer(hresult="0x80040400", message="QuickBooks found an error when parsing the provided XML.")


@pytest.fixture
def halved(drill):
    """A session whose set QuickBooks could not read, and half of it taken since."""
    drill.quickbooks = QuickBooks(drill.company_file, clock=lambda: drill.now, retention="none")
    drill.orders(8)
    hands = Hands(drill)
    hands.login()
    whole = hands.take_until("<SalesReceiptAdd>")
    assert 0 <= hands.say(UNREADABLE) < 100
    half = hands.take()
    assert "SalesReceiptAdd" in half
    assert half.count("requestID") < whole.count("requestID")
    return drill, hands, half


def test_its_own_answer_counts_where_the_error_before_it_comes_twice(halved):
    drill, hands, half = halved
    own = hands.bring(half)
    assert 0 <= hands.say(UNREADABLE) < 100
    assert 0 <= hands.say(own) <= 100
    hands.finish()
    drill.settle()
    drill.assert_books_are_right()


def test_so_it_is_where_the_call_for_the_set_comes_twice_too(halved):
    drill, hands, half = halved
    own = hands.bring(half)
    hands.say(UNREADABLE)
    hands.take()
    hands.say(own)
    hands.take()
    hands.close()
    drill.settle()
    drill.assert_books_are_right()


@pytest.mark.parametrize("says_good_bye", [True, False])
def test_so_it_is_where_its_own_answer_is_lost(halved, says_good_bye):
    drill, hands, half = halved
    hands.bring(half)
    hands.say(UNREADABLE)
    if says_good_bye:
        hands.close()
    Hands(drill).whole_session()
    drill.settle()
    drill.assert_books_are_right()


def test_a_set_that_is_really_refused_goes_in_halves_in_that_very_session(halved):
    drill, hands, half = halved
    assert 0 <= hands.say(UNREADABLE) < 100
    quarter = hands.take()
    assert 0 < quarter.count("requestID") < half.count("requestID")
    hands.say(hands.bring(quarter))
    hands.finish()
    drill.settle()
    drill.assert_books_are_right()
