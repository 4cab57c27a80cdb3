"""Cut off again and again: sessions too short to look for all that is unsent still bring some of it to QuickBooks.

Facts: reference/reliability.md F34. What is behind is looked for anew after each session that broke off, so whoever had to
look for all of it before the first of it goes would look for ever.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from hands import Hands
from test_journey_cut_off import backed_up_now, some_sets
from test_journey_entries_again import database_as_it_was
from test_journey_third_look import drill
from trip import COMPANY

from qbconsole.books.lifecycle import RequestState
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.store import journal, requests
from qbconsole.sync.deliver import pace

__all__ = ["drill"]

pytestmark = pytest.mark.slow


def started_again(drill):
    drill._delivery = None
    drill.workspace.close()
    drill.now += timedelta(minutes=2)


def broken_off(drill, hands, sets):
    """A session that comes so far behind the mark it makes, and then our process is gone."""
    assert hands.login() not in ("none", "nvu", "busy")
    hands.say(hands.bring(hands.take_until("<DataExtMod>")))
    for _ in range(sets):
        hands.say(hands.bring(hands.take()))
    hands.take()
    started_again(drill)


def test_a_program_that_is_started_again_all_the_time_brings_something_each_time(drill, monkeypatch):
    monkeypatch.setattr(pace, "CAP", 3)
    drill.orders(4)
    drill.settle()
    drill.orders(60)
    hands = Hands(drill, peer="127.0.0.1", version="", file="")
    hands.login()
    hands.take_until("<SalesReceiptAdd>")  # no list entry is left
    started_again(drill)
    done, looks = [], 0
    for _ in range(6):
        broken_off(drill, Hands(drill, peer="127.0.0.1", version="", file=""), 3)
        with drill.workspace.store.reading() as tx:
            done.append(requests.counts(tx, COMPANY)[RequestState.ANSWERED])
            looks = [row.verb for row in journal.of(tx, COMPANY)].count("looks_first")
    assert looks == 6
    assert done == sorted(set(done)), f"nothing came of a session: {done}"
    assert len(drill.keys_there()) > 4
    drill.settle()
    drill.assert_books_are_right()


@pytest.mark.parametrize("how", ["started again with it", "running all the while"])
@pytest.mark.parametrize("at", ["before it sent", "while it sent"])
@pytest.mark.parametrize("call", ["an answer to hand over", "the next set to ask for"])
def test_a_database_that_goes_back_under_a_session_ends_it(drill, tmp_path, monkeypatch, how, at, call):
    """To before its first write, or by a server that takes over with less than it had: nothing is sent twice."""
    monkeypatch.setattr(pace, "CAP", 3)
    drill.quickbooks = QuickBooks(drill.company_file, clock=lambda: drill.now, retention="none")
    drill.orders(4)
    drill.settle()
    drill.orders(16)
    hands = Hands(drill, peer="127.0.0.1", version="", file="")
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>" if at == "while it sent" else "<TxnDeletedQueryRq")
    kept = backed_up_now(drill, tmp_path)
    hands.say(hands.bring(text))
    some_sets(drill, hands)
    there = len(drill.keys_there())
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>")) if call == "an answer to hand over" else None
    assert len(drill.keys_there()) >= there > 4
    drill.now += timedelta(minutes=1)
    if how == "running all the while":
        with closing(sqlite3.connect(kept)) as old, closing(sqlite3.connect(state_of(drill))) as now:
            old.backup(now)
    else:
        database_as_it_was(drill, kept)
    if answer is not None:
        assert hands.say(answer) == -1
    else:
        assert hands.take() == ""
    assert "Start the update once more" in hands.close()
    if drill.update() not in ("none", "100"):
        drill.say("restored")
    drill.settle()
    drill.assert_books_are_right()


def state_of(drill):
    return drill.workspace.own / "state.db"
