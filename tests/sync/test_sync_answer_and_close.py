"""A session is closed by one worker while another settles its answer: both are kept, in whatever order they come."""

from __future__ import annotations

import copy
import threading
from uuid import uuid4

import pytest
from hands import Hands
from postgres import create_database, postgres_server
from trip import Trip

from qbconsole.books.lifecycle import RequestState
from qbconsole.errors import QbconsoleError
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import requests, sessions
from qbconsole.sync.deliver import conversation
from qbconsole.workspace import Workspace

__all__ = ["postgres_server"]
ORDERS = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=12).orders


@pytest.fixture(params=["sqlite", "postgresql"])
def trip(request, tmp_path, monkeypatch):
    if request.param == "postgresql":
        url = create_database(request.getfixturevalue("postgres_server"), f"qbc_{uuid4().hex[:12]}")
        opened = Workspace.open

        def elsewhere(root, environ, **more):
            return opened(root, environ={**environ, "QBCONSOLE_DATABASE_URL": url}, **more)

        monkeypatch.setattr(Workspace, "open", elsewhere)
    made = Trip(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("ending", ["close", "fail", "login"])
def test_an_answer_that_is_being_settled_and_the_end_of_its_session_are_both_kept(trip, monkeypatch, ending):
    trip.pull({"orders": copy.deepcopy(ORDERS)})
    trip.book()
    hands = Hands(trip)
    hands.login()
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>"))
    settling, may_go_on, came = threading.Event(), threading.Event(), {}
    read_all = conversation.read_all

    def slowly(chunks, **how):
        settling.set()
        assert may_go_on.wait(60)
        return read_all(chunks, **how)

    monkeypatch.setattr(conversation, "read_all", slowly)

    def doing(name, what, *given):
        def work():
            try:
                came[name] = what(*given)
            except QbconsoleError as error:  # told in the test's own thread
                came[name] = error

        made = threading.Thread(target=work)
        made.start()
        return made

    answering = doing("answer", hands.say, answer)
    assert settling.wait(60)
    end = {
        "close": (trip.delivery.close, hands.ticket),
        "fail": (trip.delivery.fail, hands.ticket, "0x80040408", "no"),
        "login": (Hands(trip).login,),
    }[ending]
    ended = doing("end", *end)
    ended.join(0.5)  # it waits, or finds that the session is speaking
    may_go_on.set()
    answering.join()
    ended.join()
    assert isinstance(came["answer"], int), came
    assert came["answer"] > 0
    assert isinstance(came["end"], str), came
    with trip.workspace.store.reading() as tx:
        assert requests.counts(tx, "oak")[RequestState.ANSWERED] > 0
        last = sessions.session(tx, hands.ticket)
    if ending != "login":
        assert last.closed_at is not None


def test_an_answer_that_comes_twice_at_once_is_settled_once_and_the_session_goes_on(trip, monkeypatch):
    """A proxy in between that heard nothing for a while may send a call again; it ends no session."""
    trip.pull({"orders": copy.deepcopy(ORDERS)})
    trip.book()
    hands = Hands(trip)
    hands.login()
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>"))
    settling, may_go_on, came = threading.Event(), threading.Event(), []
    read_all = conversation.read_all

    def slowly(chunks, **how):
        if not settling.is_set():
            settling.set()
            assert may_go_on.wait(60)
        return read_all(chunks, **how)

    monkeypatch.setattr(conversation, "read_all", slowly)

    def say():
        try:
            came.append(hands.say(answer))
        except QbconsoleError as error:  # told in the test's own thread
            came.append(error)

    both = [threading.Thread(target=say) for _ in range(2)]
    both[0].start()
    assert settling.wait(60)
    both[1].start()
    both[1].join(0.5)  # it waits for the first
    may_go_on.set()
    for one in both:
        one.join()
    assert all(isinstance(one, int) and one > 0 for one in came), came
    assert hands.finish() == "OK"
    with trip.workspace.store.reading() as tx:
        assert not requests.counts(tx, "oak")[RequestState.IN_DOUBT]
    there = [one.memo for one in trip.company_file.documents() if one.memo]
    assert len(there) == len(set(there))
