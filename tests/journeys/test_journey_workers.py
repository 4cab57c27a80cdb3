"""A session whose calls go to several workers on PostgreSQL: it goes on whoever hears them, and posts nothing twice.

Facts: reference/reliability.md F34 and F30. Also where a worker is killed in the middle of it, and where a server takes
over that has less than the one before: QuickBooks here keeps no record of any set, so nothing but a look tells what is
there.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import psycopg
import pytest
from hands import Hands
from postgres import postgres_server
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from test_journey_cut_off import SAME, looked_first
from test_journey_third_look import _ByHand
from trip import COMPANY
from workers_on_postgres import BALANCED, Server, Workers, on_postgres

from qbconsole.errors import StoreError
from qbconsole.sandbox.quickbooks import QuickBooks
from qbconsole.store import journal
from qbconsole.store.encoding import moment_text
from qbconsole.store.schema import leases
from qbconsole.sync.deliver import pace

__all__ = ["postgres_server"]
pytestmark = pytest.mark.slow


class Shared(_ByHand):
    """A drill with several workers."""

    def __init__(self, root, server):
        super().__init__(root)
        self.server = server
        self._workers = None

    def served(self, balanced="in turns", count=2):
        _ = self.delivery  # the password
        self._workers = self._delivery = Workers(self, count, balanced)
        return self._workers

    def put_back(self, kept):
        self.server.put_back(kept)
        self._workers.connect_again()

    def back_up(self):
        kept = self.server.back_up()
        self._workers.connect_again()
        return kept

    def close(self):
        if self._workers is not None:
            self._workers.close_all()
        super().close()

    def lease_ran_out(self):
        with self.workspace.store.atomic() as tx:
            until = moment_text(self.workspace.store.now(tx) - timedelta(seconds=1))
            tx.execute(leases.update().where(leases.c.name == COMPANY).values(until=until))

    def stopped(self):
        with self.workspace.store.reading() as tx:
            return [row.data["why"] for row in journal.of(tx, COMPANY) if row.verb == "stopped"]


@pytest.fixture
def drill(tmp_path, monkeypatch, postgres_server):
    server = Server(postgres_server)
    on_postgres(monkeypatch, server)
    monkeypatch.setattr(pace, "CAP", 3)
    made = Shared(tmp_path, server)
    made.quickbooks = QuickBooks(made.company_file, clock=lambda: made.now, retention="none")
    yield made
    made.close()


@pytest.mark.parametrize("balanced", sorted(BALANCED))
def test_a_session_goes_on_whichever_worker_hears_its_calls(drill, balanced):
    drill.served(balanced)
    drill.orders(4)
    drill.settle()
    drill.orders(24)
    drill.settle()
    drill.assert_books_are_right()
    assert not drill.stopped()
    assert not looked_first(drill)


def test_calls_that_something_on_the_way_repeats_end_no_session_whichever_worker_hears_them(drill):
    """A worker that heard an earlier call for a set knows less of when the last one left than the store does."""
    workers = drill.served("always one")
    drill.orders(12)
    hands = Hands(drill, **SAME)
    hands.login()
    percent, turn = 0, count()
    while 0 <= percent < 100:
        heard = next(turn) % 2
        workers.hear(heard)
        text = hands.take()
        if heard:
            workers.hear(0)  # it heard of the set before this one last
        drill.now += timedelta(milliseconds=1)
        assert hands.take() == text, drill.stopped()
        answer = hands.bring(text)
        for _ in range(2):
            drill.now += timedelta(milliseconds=1)
            percent = hands.say(answer)
        drill.now += timedelta(milliseconds=1)
    hands.close()
    drill.settle()
    drill.assert_books_are_right()
    assert not drill.stopped()


@pytest.mark.parametrize("ahead", [(10, 0), (0, 10), (0, 0)])
@pytest.mark.parametrize("heard", [(0, 1), (1, 0), (0, 0)])
def test_a_set_to_which_another_answer_came_is_looked_for_whichever_clock_is_ahead(drill, ahead, heard):
    """Minutes: who handed the set out, and who heard an answer that is not its own, may have clocks that differ."""
    workers = drill.served("always one")
    workers.ahead[:] = [timedelta(minutes=one) for one in ahead]
    drill.orders(4)
    hands = Hands(drill, **SAME)
    hands.login()
    other = hands.bring(hands.take_until("<CustomerAdd>"))
    assert hands.say(other) >= 0
    workers.hear(heard[0])
    drill.now += timedelta(seconds=1)
    hands.bring(hands.take_until("<SalesReceiptAdd>"))
    workers.hear(heard[1])
    drill.now += timedelta(seconds=1)
    assert 0 <= hands.say(other) < 100
    drill.now += timedelta(seconds=1)
    assert hands.take() == ""
    assert "answered something else than it was asked" in hands.close()
    drill.settle()
    drill.assert_books_are_right()


@pytest.mark.parametrize("at", ["before a call for a set", "before an answer"])
@pytest.mark.parametrize("balanced", ["in turns", "two by two"])
def test_a_session_goes_on_where_one_worker_is_killed_between_its_calls(drill, balanced, at):
    workers = drill.served(balanced)
    drill.orders(4)
    drill.settle()
    drill.orders(24)
    hands = Hands(drill, **SAME)
    hands.login()
    for number in range(200):
        drill.now += timedelta(seconds=1)
        if at == "before a call for a set":
            workers.start_again(number % 2)
        drill.now += timedelta(seconds=1)
        text = hands.take()
        if not text:
            break
        answer = hands.bring(text)
        drill.now += timedelta(seconds=1)
        if at == "before an answer":
            workers.start_again(number % 2)
        drill.now += timedelta(seconds=1)
        if not 0 <= hands.say(answer) < 100:
            break
    hands.close()
    assert not drill.stopped()
    drill.settle()
    drill.assert_books_are_right()
    assert not looked_first(drill)


@pytest.mark.parametrize("at", ["before it sent", "while it sent", "before a set was fetched"])
@pytest.mark.parametrize("call", ["an answer to hand over", "the next set to ask for"])
@pytest.mark.parametrize(
    ("balanced", "how"),
    [
        ("always one", "running all the while"),
        ("in turns", "running all the while"),
        ("by chance", "running all the while"),
        ("in turns", "started again with it"),
    ],
)
def test_a_server_that_takes_over_with_less_ends_the_session(drill, balanced, call, at, how):
    workers = drill.served(balanced)
    drill.orders(4)
    drill.settle()
    drill.orders(16)
    hands = Hands(drill, **SAME)
    hands.login()
    text = hands.take_until("<TxnDeletedQueryRq" if at == "before it sent" else "<SalesReceiptAdd>")
    if at == "before a set was fetched":
        hands.say(hands.bring(text))
        kept = drill.back_up()
    else:
        kept = drill.back_up()
        hands.say(hands.bring(text))
    for _ in range(2):
        hands.say(hands.bring(hands.take_until("<SalesReceiptAdd>")))
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>")) if call == "an answer to hand over" else None
    drill.now += timedelta(minutes=1)
    drill.put_back(kept)
    if how == "started again with it":
        workers.start_again(0)
        workers.start_again(1)
        drill.now += timedelta(seconds=1)
    drill.orders(17)  # what is unsent is another batch by now
    if answer is not None:
        assert hands.say(answer) == -1
    else:
        assert hands.take() == ""
    assert "Start the update once more" in hands.close()
    if drill.update() not in ("none", "100"):
        drill.say("restored")
    drill.settle()
    drill.assert_books_are_right()


@pytest.mark.parametrize("heard", [0, 1])
@pytest.mark.parametrize("call", ["an answer", "the next set", "good-bye", "a login once the lease ran out"])
def test_so_it_does_where_it_has_just_what_one_worker_saw_of_it_and_another_went_on(drill, call, heard):
    """What the first one remembers is what the database says again."""
    workers = drill.served("always one")
    drill.orders(4)
    drill.settle()
    drill.orders(16)
    hands = Hands(drill, **SAME)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    kept = drill.back_up()
    workers.hear(1)
    hands.say(hands.bring(text))
    for _ in range(2):
        hands.say(hands.bring(hands.take_until("<SalesReceiptAdd>")))
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>")) if call == "an answer" else None
    drill.now += timedelta(minutes=1)
    drill.put_back(kept)
    drill.orders(17)
    workers.hear(heard)
    if answer is not None:
        assert hands.say(answer) == -1
    elif call == "the next set":
        assert hands.take() == ""
    if "login" in call:
        drill.lease_ran_out()
    else:
        hands.close()
    drill.settle()
    drill.assert_books_are_right()
    assert len(looked_first(drill)) == 1


@pytest.mark.parametrize("balanced", ["always one", "in turns"])
def test_what_a_silent_connector_took_is_waited_for_though_its_going_was_lost(drill, balanced):
    """That a set was handed out is the last that is kept before a dialog stops that connector, and the first to be lost."""
    drill.served(balanced)
    drill.orders(4)
    drill.settle()
    drill.orders(16)
    first = Hands(drill, peer="10.0.0.5", file="C:\\oak.qbw")
    first.login()
    first.say(first.bring(first.take_until("<SalesReceiptAdd>")))
    kept = drill.back_up()
    text = first.take()
    assert "<SalesReceiptAdd>" in text
    drill.put_back(kept)
    drill.lease_ran_out()
    drill.now += timedelta(minutes=20)
    assert Hands(drill, peer="10.0.0.9", file="D:\\oak.qbw").whole_session() not in ("none", "busy")
    first.bring(text)
    first.close()
    drill.settle()
    drill.assert_books_are_right()


@pytest.mark.parametrize("call", ["an answer to hand over", "the next set to ask for"])
def test_so_does_one_whose_tables_are_filled_again_from_a_backup(drill, call):
    """Neither the server nor its tables are others then, but what is in them."""
    drill.served("in turns")
    drill.orders(4)
    drill.settle()
    drill.orders(16)
    hands = Hands(drill, **SAME)
    hands.login()
    text = hands.take_until("<SalesReceiptAdd>")
    kept = drill.back_up()
    hands.say(hands.bring(text))
    for _ in range(2):
        hands.say(hands.bring(hands.take_until("<SalesReceiptAdd>")))
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>")) if call == "an answer to hand over" else None
    drill.now += timedelta(minutes=1)
    drill.server.fill_again(kept)
    if answer is not None:
        assert hands.say(answer) == -1
    else:
        assert hands.take() == ""
    assert "Start the update once more" in hands.close()
    drill.settle()
    drill.assert_books_are_right()


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("every", [5, 7, 11])
def test_a_commit_of_which_nobody_knows_whether_it_was_kept_posts_nothing_twice(
    drill, monkeypatch, every, kept
):
    """The server hangs up in the middle of it; the Web Connector is told of an error, and comes again."""
    workers = drill.served("in turns")
    drill.orders(4)
    drill.settle()
    drill.orders(20)
    commits, real = count(1), PGDialect_psycopg.do_commit

    def lost(dialect, connection):
        fails = next(commits) % every == 0
        if kept or not fails:
            real(dialect, connection)
        if fails:
            connection.dbapi_connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    def tried(what, *given):
        """The call, and whether it came back; a worker goes on by itself after an error."""
        try:
            return what(*given)
        except StoreError:
            return None

    with monkeypatch.context() as broken:
        broken.setattr(PGDialect_psycopg, "do_commit", lost)
        for _ in range(12):
            drill.now += timedelta(minutes=5)
            hands = Hands(drill, **SAME)
            if tried(hands.login) in (None, "none", "busy"):
                continue
            while text := tried(hands.take):
                percent = tried(hands.say, hands.bring(text))
                if percent is None or not 0 <= percent < 100:
                    break
            while tried(hands.close) is None:
                pass
    assert next(commits) > 3 * every
    workers.connect_again()
    drill.settle()
    drill.assert_books_are_right()
