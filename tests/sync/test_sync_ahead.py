"""One commit an exchange: the next set is kept as handed out with the answer before it, and nothing else is weaker."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hands import Hands
from trip import COMPANY, Trip

from qbconsole.books.lifecycle import RequestState
from qbconsole.sandbox.quickbooks import Answer
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import parties, requests, sessions
from qbconsole.store.schema import leases
from qbconsole.sync.deliver.doubt.ahead import FRESH
from qbconsole.sync.deliver.exchange import LEASE_SECONDS

RECEIPT = "<SalesReceiptAdd>"
#: So slow a QuickBooks gets one request at a time.
TOOK = timedelta(seconds=16)


@pytest.fixture
def trip(tmp_path):
    """Receipts wait."""
    made = Trip(tmp_path)
    made.pull({"orders": Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=30).orders[:8]})
    made.book()
    made.delivery  # noqa: B018  the password is made with it
    yield made
    made.close()


@pytest.fixture
def hands(trip):
    """A connector whose last answer is settled: the set after it is kept, and not fetched."""
    made = Hands(trip)
    assert made.login() not in ("none", "nvu", "busy")
    with trip.workspace.store.atomic() as tx:
        parties.put_note(tx, COMPANY, "pace", '{"batch":1}', trip.now)
    taken = ""
    while RECEIPT not in taken:
        taken = made.take()
        made.last = made.bring(taken)
        trip.now += TOOK
        assert 0 < made.say(made.last) < 100
    return made


def count(trip, state: RequestState) -> int:
    with trip.workspace.store.reading() as tx:
        return requests.counts(tx, COMPANY)[state]


def kept(trip, hands):
    with trip.workspace.store.reading() as tx:
        return sessions.open_set(tx, hands.ticket)


def lease(trip):
    with trip.workspace.store.reading() as tx:
        return sessions.lease(tx, COMPANY)


def started_anew(trip):
    """The process died and another one serves."""
    trip._delivery = None
    trip.delivery  # noqa: B018


def test_a_set_is_handed_out_in_the_store_before_it_leaves_and_fetching_it_writes_nothing(trip, hands):
    commits = []
    writer = trip.workspace.store.engines.writer
    sa.event.listen(writer, "commit", commits.append)
    before = kept(trip, hands)
    assert (before.times_sent, RECEIPT in before.body) == (1, True)
    assert hands.take() == before.body
    assert commits == []
    assert 0 < hands.say(hands.bring(before.body)) < 100
    assert len(commits) == 1


def test_an_exchange_of_one_receipt_asks_the_store_no_more_than_it_has_to(trip, hands):
    """Each statement costs more than what it finds: where one is added, it is on purpose."""
    asked = []

    def listen(connection):
        connection.connection.driver_connection.set_trace_callback(asked.append)

    taken = hands.take()
    sa.event.listen(trip.workspace.store.engines.writer, "begin", listen)
    assert 0 < hands.say(hands.bring(taken)) < 100
    assert 20 < len(asked) <= 32, asked


def test_what_somebody_did_to_a_sent_request_meanwhile_is_seen_by_its_answer(trip, hands):
    taken = hands.take()
    number, before = kept(trip, hands).request_ids[0], count(trip, RequestState.ANSWERED)
    with trip.workspace.store.atomic() as tx:
        requests.doubt(tx, [number], at=trip.now)
    assert 0 < hands.say(hands.bring(taken)) < 100
    assert count(trip, RequestState.ANSWERED) == before + 1
    assert count(trip, RequestState.IN_DOUBT) == 0
    assert count(trip, RequestState.SENT) == len(kept(trip, hands).request_ids)


def test_a_set_that_is_fetched_again_is_the_same_and_is_counted(trip, hands):
    first = hands.take()
    assert [hands.take(), hands.take()] == [first, first]
    assert kept(trip, hands).times_sent == 3


def test_an_answer_that_comes_again_without_ids_is_not_taken_for_the_next_ones(trip, hands):
    recorded = count(trip, RequestState.ANSWERED)
    bare = re.sub(r' (requestID|newMessageSetID|messageSetStatusCode)="[^"]*"', "", hands.last.response)
    assert bare != hands.last.response
    assert 0 < hands.say(Answer(response=bare)) < 100
    assert count(trip, RequestState.ANSWERED) == recorded
    hands.finish()
    assert count(trip, RequestState.IN_DOUBT) == count(trip, RequestState.READY) == 0


def test_a_process_that_died_before_it_was_fetched_counts_it_as_taken(trip, hands):
    """Whether it left only the dead one knew, so it is looked for, and goes again under its own id."""
    held = kept(trip, hands)
    started_anew(trip)
    trip.now += timedelta(seconds=LEASE_SECONDS + 1)
    other = Hands(trip, peer="10.0.0.9")
    other.whole_session()
    assert count(trip, RequestState.IN_DOUBT) == held.body.count("<SalesReceiptAddRq ")
    again = Hands(trip)
    again.login()
    assert again.take_until(RECEIPT) == held.body


def test_what_nobody_fetched_is_not_silent_while_the_process_lives(trip, hands):
    trip.now += timedelta(seconds=LEASE_SECONDS + 1)
    Hands(trip, peer="10.0.0.9").whole_session()
    assert count(trip, RequestState.IN_DOUBT) == count(trip, RequestState.READY) == 0


def test_fetched_late_it_prolongs_the_lease(trip, hands):
    until = lease(trip).until
    trip.now += FRESH + timedelta(seconds=1)
    assert hands.take()
    assert lease(trip).until == until + FRESH + timedelta(seconds=1)


def test_who_lost_the_lease_or_said_good_bye_gets_nothing(trip, hands):
    with trip.workspace.store.atomic() as tx:
        tx.execute(sa.update(leases).where(leases.c.name == COMPANY).values(owner="other", fence=99))
    assert hands.take() == ""
    with trip.workspace.store.atomic() as tx:
        tx.execute(
            sa.update(leases)
            .where(leases.c.name == COMPANY)
            .values(owner=hands.ticket, fence=kept(trip, hands).fence)
        )
    hands.close()
    assert hands.take() == ""
