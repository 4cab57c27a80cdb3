"""Two people let go, or try again, the same documents while a session sends them: each document leaves once."""

from __future__ import annotations

import copy
import threading
from collections import Counter
from contextlib import contextmanager
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hands import Hands
from postgres import create_database, postgres_server, server_engine
from trip import Trip

from qbconsole.books.identity import key_in
from qbconsole.care.attention import Operator
from qbconsole.errors import QbconsoleError, UsageError
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import requests
from qbconsole.store.requests import Purpose
from qbconsole.sync.deliver import pace
from qbconsole.views.plan import batch_plan_in
from qbconsole.workspace import Workspace

__all__ = ["postgres_server"]
ORDERS = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=12).orders


class Crossing:
    """A trip on PostgreSQL where the test decides who comes first."""

    def __init__(self, trip: Trip, server: str, name: str) -> None:
        self.trip, self.came = trip, {}
        self._engine = server_engine(server, name).execution_options(isolation_level="READ COMMITTED")

    def somebody(self, name: str) -> Operator:
        return Operator(
            store=self.trip.workspace.store, clock=self.trip.workspace.clock, who=f"operator:{name}"
        )

    @contextmanager
    def journal_is_busy(self):
        """Whoever decides something comes as far as its line in the journal, and no further."""
        with self._engine.begin() as tx:
            tx.execute(sa.text("SELECT 1 FROM journal_head FOR UPDATE"))
            yield

    def begin(self, name, what, *given):
        """Do it in a thread; comes back once that waits for somebody."""
        before = self._waiting()

        def work():
            try:
                self.came[name] = what(*given)
            except QbconsoleError as error:  # told in the test's own thread
                self.came[name] = error

        thread = threading.Thread(target=work)
        thread.start()
        for _ in range(2000):
            if self._waiting() > before or not thread.is_alive():
                break
        assert thread.is_alive(), self.came.get(name)
        return thread

    def _waiting(self) -> int:
        with self._engine.connect() as tx:
            return tx.execute(
                sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            ).scalar_one()

    def rows(self):
        with self.trip.workspace.store.reading() as tx:
            found = requests.requests_in(tx, company="oak", limit=10_000)
        return [row for row in found if row.purpose is Purpose.ADD]

    def row(self, number):
        with self.trip.workspace.store.reading() as tx:
            return requests.requests_by_id(tx, [number])[0]

    def plan(self):
        with self.trip.workspace.store.reading() as tx:
            return batch_plan_in(tx, "oak")

    def assert_each_is_there_once(self):
        there = Counter(filter(None, (key_in(one.memo) for one in self.trip.company_file.documents())))
        assert there == Counter({row.document_key: 1 for row in self.rows()})


@pytest.fixture
def crossing(request, tmp_path, monkeypatch):
    server, name = request.getfixturevalue("postgres_server"), f"two_{uuid4().hex[:12]}"
    url, opened = create_database(server, name), Workspace.open

    def elsewhere(root, environ, **more):
        return opened(root, environ={**environ, "QBCONSOLE_DATABASE_URL": url}, **more)

    monkeypatch.setattr(Workspace, "open", elsewhere)
    monkeypatch.setattr(pace, "CAP", 2)
    trip = Trip(tmp_path)
    trip.pull({"orders": copy.deepcopy(ORDERS)})
    trip.book()
    yield Crossing(trip, server, name)
    trip.close()


@pytest.mark.parametrize("second", ["release", "approve"])
def test_what_two_people_let_go_while_it_is_sent_is_posted_once(crossing, second):
    trip, held = crossing.trip, crossing.rows()[0]
    ann, bob = crossing.somebody("ann"), crossing.somebody("bob")
    assert ann.hold([held.document_key], "look").done
    hands = Hands(trip)
    hands.login()
    answer = hands.bring(hands.take_until("<SalesReceiptAdd>"))
    plan = crossing.plan()
    wish = (bob.release, [held.document_key]) if second == "release" else (bob.approve, "oak", plan.hash)
    with crossing.journal_is_busy():
        at_once = [
            crossing.begin("ann", ann.release, [held.document_key]),
            crossing.begin("session", hands.say, answer),
            crossing.begin("bob", *wish),
        ]
    for one in at_once:
        one.join()
    assert 0 < crossing.came["session"] < 100, crossing.came
    told = crossing.came["bob"]
    assert isinstance(told, UsageError) if second == "approve" else "nobody holds it" in told.left[0][1]
    hands.finish()
    trip.deliver()
    crossing.assert_each_is_there_once()
