"""A word on a company file while a session is at it, on PostgreSQL: neither loses what the other noted."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from postgres import create_database, postgres_server
from trip import COMPANY, Trip

from qbconsole.care.company_file import decide
from qbconsole.company.bearings import Bearings
from qbconsole.company.verdict import Evidence
from qbconsole.store import sessions
from qbconsole.sync.deliver.met import bearings, keep_bearings
from qbconsole.sync.enrolling import enrol
from qbconsole.value import replace
from qbconsole.workspace import Workspace

__all__ = ["postgres_server"]


@pytest.fixture
def store(tmp_path, monkeypatch, postgres_server):
    url, opened = create_database(postgres_server, f"word_{uuid4().hex[:12]}"), Workspace.open

    def elsewhere(root, environ, **more):
        return opened(root, environ={**environ, "QBCONSOLE_DATABASE_URL": url}, **more)

    monkeypatch.setattr(Workspace, "open", elsewhere)
    trip = Trip(tmp_path)
    enrol(trip.workspace.means())
    with trip.workspace.store.atomic() as tx:
        met = Evidence(name="Oak & Ember LLC", marker="an old one", restored="2026-11-01", condensed="")
        found = Bearings(verdict="restored", sentence="It is an older one.", evidence=met)
        keep_bearings(tx, COMPANY, found, trip.now)
        sessions.take_lease(tx, COMPANY, "a ticket", 600, trip.workspace.store.now(tx))
    yield trip.workspace.store
    trip.close()


def test_what_a_session_notes_stands_beside_the_word(store):
    said = []
    word = threading.Thread(
        target=lambda: said.append(decide(store, COMPANY, "restored", store.clock, who="operator:ann"))
    )
    with store.atomic() as tx:
        assert sessions.renew_own(tx, "a ticket", 600, store.now(tx))  # as each of its calls begins
        keep_bearings(
            tx,
            COMPANY,
            replace(bearings(tx, COMPANY), marker_sent="the next", broke_off="then"),
            store.clock(),
        )
        word.start()
        word.join(0.7)
        assert not said, "it waits for the session's call"
    word.join(60)
    with store.reading() as tx:
        left = bearings(tx, COMPANY)
    assert (left.said, left.marker_sent, left.broke_off) == ("restored", "the next", "then")
