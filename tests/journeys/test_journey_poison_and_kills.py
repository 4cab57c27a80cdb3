"""A set that QuickBooks cannot read, and a program that is killed at every turn: what is poison is found all the same.

Facts: reference/reliability.md F22 and F25.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hands import Hands
from test_journey_cut_off import SAME
from test_journey_repeated_errors import UNREADABLE
from test_journey_third_look import drill, refused, some

from qbconsole.sandbox.quickbooks import QuickBooks

__all__ = ["drill"]

pytestmark = pytest.mark.slow


class _Poisoned(Hands):
    """A Web Connector whose QuickBooks cannot read any set that holds a text."""

    poison = ""

    def bring(self, text):
        return UNREADABLE if self.poison and self.poison in text else super().bring(text)


def killed(drill):
    """kill -9, and started again: nothing is lost but what the process remembered."""
    drill._delivery = None
    drill.workspace.close()


@pytest.mark.parametrize("when", ["never", "before the answer", "after the answer"])
@pytest.mark.parametrize("retention", ["all", "none"])
@pytest.mark.parametrize("goes_on", [True, False], ids=["goes on", "ends at an error"])
def test_it_comes_to_an_end(drill, when, retention, goes_on):
    """Killed before it heard the error it asks anew; so that is not done in every session for ever."""
    drill.quickbooks = QuickBooks(drill.company_file, clock=lambda: drill.now, retention=retention)
    drill.orders(16)
    receipts = [row.key for row in drill.rows() if row.kind == "SalesReceipt"]
    hands = _Poisoned(drill, **SAME)
    hands.poison = receipts[len(receipts) // 2]
    turn = 0
    while hands.login() != "none":
        turn += 1
        assert turn < 20, "it never comes to an end"
        while text := hands.take():
            answer = hands.bring(text)
            if answer.hresult and when == "before the answer" and turn < 5:
                killed(drill)
            percent = hands.say(answer)
            if answer.hresult and when == "after the answer":
                killed(drill)
            if not 0 <= percent < 100 or (answer.hresult and not goes_on):
                break
        hands.close()
        drill.now += timedelta(minutes=5)
    there = drill.keys_there()
    assert hands.poison not in there
    assert max(there.values()) == 1
    assert set(receipts) - set(there) == {hands.poison}
    assert [one.subject for one in refused(drill) if "could not read" in one.sentence] == [hands.poison]


@pytest.mark.parametrize("retention", ["all", "none"])
@pytest.mark.parametrize("bad", ["a receipt", "a list entry"])
def test_so_it_does_where_the_program_is_killed_every_time(drill, retention, bad):
    """No error is ever heard: what is lost again and again goes in halves, and alone at last it is put aside."""
    drill.quickbooks = QuickBooks(drill.company_file, clock=lambda: drill.now, retention=retention)
    drill.orders(16)
    receipts = [row.key for row in drill.rows() if row.kind == "SalesReceipt"]
    hands = _Poisoned(drill, **SAME)
    poison = hands.poison = receipts[len(receipts) // 2]
    if bad == "a list entry":
        entries = [row for row in some(drill) if row.subject_key.startswith("item/")]
        poison = entries[len(entries) // 2].subject_key
        hands.poison = re.search("<Name>.*?</Name>", entries[len(entries) // 2].body)[0]
    for _ in range(25):
        if hands.login() == "none":
            break
        while text := hands.take():
            answer = hands.bring(text)
            if answer.hresult:
                killed(drill)
            if not 0 <= hands.say(answer) < 100:
                break
        hands.close()
        drill.now += timedelta(minutes=5)
    there = drill.keys_there()
    assert max(there.values()) == 1
    if bad == "a receipt":
        assert set(receipts) - set(there) == {poison}
    (hold,) = [one for one in refused(drill) if "no answer was ever kept" in one.sentence]
    assert hold.subject == poison
    assert drill.operator().retry([poison]).done == (poison,)
    hands.poison = ""
    drill.settle()
    drill.assert_books_are_right()
