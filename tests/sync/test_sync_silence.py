"""A connector that goes quiet with a set in hand: nothing of it goes again before it is heard of, or declared gone."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hands import Hands
from trip import COMPANY, NOW, Trip

from qbconsole.books.holds import Reason
from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import RequestState
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import holds, requests, sessions
from qbconsole.store.sessions import SetState
from qbconsole.sync.deliver.doubt import silence
from qbconsole.sync.deliver.exchange import LEASE_SECONDS


@pytest.fixture
def trip(tmp_path):
    """Lists and names are there, receipts wait."""
    made = Trip(tmp_path)
    shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=30)
    made.pull({"orders": shop.orders[:12]})
    made.book()
    made.delivery  # noqa: B018  the password is made with it
    yield made
    made.close()


def counts(trip):
    with trip.workspace.store.reading() as tx:
        return requests.counts(tx, COMPANY)


def silent_holds(trip):
    with trip.workspace.store.reading() as tx:
        return [row.hold for row in holds.open_holds(tx, company=COMPANY, reason=Reason.CONNECTOR_SILENT)]


def keys_of(trip):
    return Counter(filter(None, (key_in(filed.memo) for filed in trip.company_file.documents())))


def goes_quiet(trip, **who) -> tuple[Hands, str]:
    """A connector takes documents and is not heard of for longer than a lease lasts."""
    quiet = Hands(trip, **who)
    assert quiet.login() not in ("none", "nvu", "busy")
    text = quiet.take_until("<SalesReceiptAdd>")
    trip.now += timedelta(seconds=LEASE_SECONDS + 1)
    return quiet, text


def states_of_sets(trip):
    with trip.workspace.store.reading() as tx:
        return Counter(
            one.state for one in sessions.sets_in(tx, COMPANY, list(SetState)) if one.purpose == "send"
        )


def test_while_it_works_nobody_else_gets_in(trip):
    trip.now += timedelta(seconds=1)
    quiet = Hands(trip)
    quiet.login()
    quiet.take_until("<SalesReceiptAdd>")
    trip.now += timedelta(seconds=LEASE_SECONDS - 1)
    assert Hands(trip, peer="10.0.0.9").login() == "busy"
    assert Hands(trip).login() == "busy", "nor one that looks like it: the dialog may still be open"


def test_another_connector_does_other_work_but_not_what_the_quiet_one_took(trip):
    _, text = goes_quiet(trip)
    taken = text.count("Add requestID") + text.count("AddRq ")
    assert taken
    other = Hands(trip, peer="10.0.0.9")
    other.whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] > 0
    assert counts(trip)[RequestState.READY] == 0, "the others went"
    told = silent_holds(trip)
    assert len(told) == counts(trip)[RequestState.IN_DOUBT]
    assert told[0].sentence.startswith("The Web Connector at 10.0.0.5 took ")
    assert f"at {NOW:%Y-%m-%d %H:%M} UTC" in told[0].sentence
    assert "dialog" in told[0].sentence
    assert "qbconsole queue gone --company oak" in told[0].next_step


def test_the_dialog_is_closed_at_last_and_nothing_is_there_twice(trip):
    """The zombie: it commits after another connector was at work, then its own connector comes again."""
    quiet, text = goes_quiet(trip)
    Hands(trip, peer="10.0.0.9").whole_session()
    quiet.bring(text)
    for _ in range(3):
        Hands(trip).whole_session()
    assert set(keys_of(trip).values()) == {1}
    assert counts(trip)[RequestState.IN_DOUBT] == 0
    assert silent_holds(trip) == []
    assert Hands(trip).login() == "none"


def test_the_same_connector_comes_again_and_what_is_absent_goes_under_its_old_id(trip):
    quiet, text = goes_quiet(trip)
    again = Hands(trip)
    again.login()
    resent = again.take_until("<SalesReceiptAdd>")
    assert resent == text, "same id, same bytes"
    again.say(again.bring(resent))
    again.finish()
    before = len(trip.company_file.documents())
    quiet.bring(text)
    assert len(trip.company_file.documents()) == before, "QuickBooks' own record keeps the zombie out"
    assert set(keys_of(trip).values()) == {1}


def test_a_connector_with_another_file_or_on_another_computer_is_another(trip):
    goes_quiet(trip)
    Hands(trip, file="D:\\copy of oak.qbw").whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] > 0
    Hands(trip, version="2.3.1").whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] > 0
    Hands(trip, file="c:\\OAK.qbw").whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] == 0


def test_a_version_that_another_worker_of_ours_heard_tells_nothing(trip):
    """Simulated seed 913: it is told in a call of its own, which need not reach the worker that logs in."""
    goes_quiet(trip, version="")
    Hands(trip, peer="10.0.0.77").whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] > 0
    Hands(trip).whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] == 0


def on_computer(monkeypatch, name):
    """The lock in the company file names this computer."""
    monkeypatch.setattr(silence, "computer_of", lambda *_: name)


def test_the_same_computer_and_file_are_the_same_connector_whatever_address_and_version(trip, monkeypatch):
    on_computer(monkeypatch, "DESK-1")
    goes_quiet(trip)
    on_computer(monkeypatch, "DESK-2")
    Hands(trip, peer="10.0.0.77").whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] > 0
    on_computer(monkeypatch, "desk-1")
    Hands(trip, peer="10.0.0.77", file="D:\\copy of oak.qbw").whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] > 0
    Hands(trip, peer="10.0.0.77", version="2.3.1").whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] == 0
    assert silent_holds(trip) == []


def test_without_a_computer_another_address_is_another_and_the_hold_says_what_to_do(trip):
    goes_quiet(trip)
    Hands(trip, peer="10.0.0.77").whole_session()
    (step,) = {hold.next_step for hold in silent_holds(trip)}
    assert "or its address or Web Connector changed" in step


def test_its_late_answer_ends_the_silence_and_is_applied_only_after_a_probe(trip):
    quiet, text = goes_quiet(trip)
    other = Hands(trip, peer="10.0.0.9")
    other.whole_session()
    doubtful = counts(trip)[RequestState.IN_DOUBT]
    assert quiet.say(quiet.bring(text)) == -1
    assert counts(trip)[RequestState.IN_DOUBT] == doubtful, "a late answer settles nothing by itself"
    assert silent_holds(trip) == []
    other.whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] == 0
    assert set(keys_of(trip).values()) == {1}


def test_an_older_answer_that_comes_once_more_does_not_end_it(trip):
    quiet = Hands(trip)
    quiet.login()
    first = quiet.bring(quiet.take())
    quiet.say(first)
    quiet.take_until("<SalesReceiptAdd>")
    trip.now += timedelta(seconds=LEASE_SECONDS + 1)
    Hands(trip, peer="10.0.0.9").whole_session()
    assert quiet.say(first) == -1
    assert silent_holds(trip)


def test_its_good_bye_ends_the_silence(trip):
    quiet, _ = goes_quiet(trip)
    other = Hands(trip, peer="10.0.0.9")
    other.whole_session()
    quiet.close()
    other.whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] == 0


def test_declared_gone_by_a_person_another_connector_may_ask_and_send(trip):
    goes_quiet(trip)
    other = Hands(trip, peer="10.0.0.9")
    other.whole_session()
    with trip.workspace.store.atomic() as tx:
        (gone,) = silence.declare_gone(tx, COMPANY, "operator:ann", trip.now)
    assert gone.peer == "10.0.0.5"
    assert gone.since == NOW
    other.whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] == 0
    assert silent_holds(trip) == []
    assert set(keys_of(trip).values()) == {1}


def test_after_our_own_restart_the_same_connector_is_let_in_at_once_and_another_is_not(trip):
    quiet = Hands(trip)
    quiet.login()
    quiet.take_until("<SalesReceiptAdd>")
    trip.now += timedelta(seconds=5)
    trip._delivery, password = None, trip._password
    trip.delivery  # noqa: B018  a new process
    assert trip._password != password
    assert Hands(trip, peer="10.0.0.9").login() == "busy"
    Hands(trip).whole_session()
    assert counts(trip)[RequestState.IN_DOUBT] == 0
    assert set(keys_of(trip).values()) == {1}


def test_a_set_that_comes_to_nothing_again_and_again_gets_another_id(trip):
    _, text = goes_quiet(trip)
    seen = [text]
    for _ in range(4):
        again = Hands(trip)
        again.login()
        seen.append(again.take_until("<SalesReceiptAdd>"))
        trip.now += timedelta(seconds=LEASE_SECONDS + 1)
    assert seen[1] == seen[2] == text
    assert seen[-1] != text
    Hands(trip).whole_session()
    assert set(keys_of(trip).values()) == {1}


def test_what_was_kept_and_never_handed_out_is_not_silent(trip):
    quiet = Hands(trip)
    quiet.login()
    text = quiet.take_until("<AccountAdd>")
    quiet.say(quiet.bring(text))
    trip.now += timedelta(seconds=LEASE_SECONDS + 1)
    Hands(trip, peer="10.0.0.9").whole_session()
    assert silent_holds(trip) == []
    assert counts(trip)[RequestState.IN_DOUBT] == 0
    assert states_of_sets(trip)[SetState.SILENT] == 0
