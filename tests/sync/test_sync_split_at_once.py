"""Two merchants of one shop in two companies, booked at once: orders move both ways, and neither waits for ever."""

from __future__ import annotations

import threading
from contextlib import suppress
from uuid import uuid4

import pytest
from postgres import create_database, postgres_server
from test_sync_split_shop import OAK, ORDERS, PINE, documents, members, split, tagged, told

from qbconsole.errors import QbconsoleError
from qbconsole.sync.book import Booked, book
from qbconsole.sync.keeping import chunk
from qbconsole.workspace import Workspace

__all__ = ["postgres_server"]


@pytest.fixture
def trip(tmp_path, monkeypatch, postgres_server):
    url, opened = create_database(postgres_server, f"split_{uuid4().hex[:12]}"), Workspace.open

    def elsewhere(root, environ, **more):
        return opened(root, environ={**environ, "QBCONSOLE_DATABASE_URL": url}, **more)

    monkeypatch.setattr(Workspace, "open", elsewhere)
    made = split(tmp_path, sales="detailed")
    yield made
    made.close()


def test_orders_that_move_both_ways_at_once_are_booked_once(trip, monkeypatch):
    trip.pull({"orders": tagged(ORDERS, lambda at: at % 2)})
    trip.book()
    before = {name: set(members(trip, name)) for name in (OAK, PINE)}
    changed = tagged(ORDERS, lambda at: not at % 2)
    for one in changed:
        one["updatedAt"] = "2026-11-20T00:00:00Z"
    trip.pull({"orders": changed})
    both, came, moved = threading.Barrier(2), {}, chunk.moved
    met = threading.local()

    def together(*given):
        """Both have their own company's lock before either asks for the other's."""
        if not getattr(met, "once", False):
            met.once = True
            with suppress(threading.BrokenBarrierError):
                both.wait(3)
        return moved(*given)

    monkeypatch.setattr(chunk, "moved", together)

    def booking(name):
        try:
            means = trip.workspace.means()
            came[name] = book(means, [means.mapping.merchants[name]])
        except QbconsoleError as error:  # told in the test's own thread
            came[name] = error

    threads = [threading.Thread(target=booking, args=(name,)) for name in (OAK, PINE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {name: type(one) for name, one in came.items()} == {OAK: Booked, PINE: Booked}, came
    assert set(members(trip, OAK)) == before[PINE]
    assert set(members(trip, PINE)) == before[OAK]
    for name in (OAK, PINE):
        assert not told(trip, name)
        assert all(row.company == ("oak" if name == OAK else "pine") for row in documents(trip, name))
