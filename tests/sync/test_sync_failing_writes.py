"""The main units of work fail at every point of their writing: nothing is left half, and the same call again succeeds.

SQLite is interrupted after so many steps of its virtual machine, then after more, until the work gets through; and
once at the commit itself. Before and after each failure the tables are compared.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from builders import Line, an_order
from trip import COMPANY, Trip, cheap_passwords

from qbconsole.errors import StoreError
from qbconsole.store.schema import METADATA
from qbconsole.webconnector.conversation import Hello, Login

#: Steps of SQLite's virtual machine between two places of failure; a small unit has few.
STEPS = {"pull": 20, "book": 150, "session": 250}
SEVERAL = (
    "snapshots",
    "snapshot_heads",
    "events",
    "documents",
    "document_events",
    "postings",
    "request_needs",
    "holds",
)

pytestmark = pytest.mark.slow


@pytest.fixture
def make_trip(tmp_path):
    made = []

    def make(name: str) -> Trip:
        (tmp_path / name).mkdir()
        made.append(Trip(tmp_path / name))
        return made[-1]

    yield make
    for one in made:
        one.close()


def facts() -> dict:
    return {"orders": [an_order([Line(price="10.00", quantity=n)], number=n) for n in (1, 2, 3)]}


def tables(trip: Trip, names: tuple[str, ...] = ()) -> dict[str, str]:
    """A fingerprint of each table."""
    with trip.workspace.store.reading() as tx:
        return {
            name: hashlib.sha256(
                repr(sorted(map(repr, tx.exec_driver_sql(f"SELECT * FROM {name}").all()))).encode()
            ).hexdigest()
            for name in names or sorted(METADATA.tables)
        }


@contextmanager
def interrupted(trip: Trip, place: int, steps: int) -> Iterator[list[int]]:
    """The writer's statements fail at the given place; the list tells how many places were passed."""
    passed = [0]

    def step() -> int:
        passed[0] += 1
        return int(passed[0] == place)

    with trip.workspace.store.atomic() as tx:
        writer = tx.connection.driver_connection
    writer.set_progress_handler(step, steps)
    try:
        yield passed
    finally:
        writer.set_progress_handler(None, 0)


@contextmanager
def refusing_commit(trip: Trip) -> Iterator[None]:
    """The next commit fails as it does on a full disk."""

    def refuse(_connection: sa.Connection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    writer = trip.workspace.store.engines.writer
    sa.event.listen(writer, "commit", refuse)
    try:
        yield
    finally:
        sa.event.remove(writer, "commit", refuse)


def fail_everywhere(
    trip: Trip, work: Callable[[], object], *, steps: int, one_commit: bool, may_read: bool = False
) -> int:
    """Let the work fail at place after place until it gets through; gives how often it failed.

    `may_read`: the first time it may get through by reading only.
    """
    before = tables(trip)
    failures, place = 1, 1
    with refusing_commit(trip):
        try:
            work()
        except StoreError:
            pass
        else:
            assert may_read, "it wrote nothing"
            failures = 0
    assert tables(trip) == before, "a refused commit left something"
    while True:
        with interrupted(trip, place, steps) as passed:
            try:
                work()
            except StoreError:
                failures += 1
            else:
                assert passed[0] < place, "it was interrupted and did not say so"
                return failures
        if one_commit:
            assert tables(trip) == before, f"half of it was left at place {place}"
        place += 1


@pytest.mark.parametrize("verb", ["pull", "book"])
def test_a_verb_that_fails_anywhere_leaves_whole_commits_and_ends_as_if_nothing_had_failed(make_trip, verb):
    failing, twin = make_trip("failing"), make_trip("twin")
    for trip in (failing, twin):
        if verb == "book":
            trip.pull(facts())
    work = {"pull": lambda trip: trip.pull(facts()), "book": lambda trip: trip.book()}[verb]
    assert fail_everywhere(failing, lambda: work(failing), steps=STEPS[verb], one_commit=False) > 5
    work(twin)
    assert tables(failing, SEVERAL) == tables(twin, SEVERAL)
    assert failing.workspace.store.check() == []


def test_a_session_whose_every_call_fails_everywhere_is_as_good_as_another(make_trip):
    """Each answer is one commit, and so is each next but the first of a set; its bytes are the same again."""
    trip = make_trip("trip")
    trip.pull(facts())
    trip.book()
    delivery = trip.delivery
    with cheap_passwords():
        opened = delivery.open(Login(user=COMPANY, password=trip._password, peer="127.0.0.1"))
    trip.quickbooks.reopen()
    hcp, failures, sent = trip.quickbooks.hello(), 0, 0
    for _ in range(60):
        told: list[str] = []
        hello = Hello(hcp=hcp, company_file="", country="US", major=16, minor=0)
        failures += fail_everywhere(
            trip,
            lambda hello=hello, told=told: told.append(delivery.next(opened.ticket, hello)),
            steps=STEPS["session"],
            one_commit=True,
            may_read=not hcp,
        )
        assert set(told) == {told[-1]}
        hcp, sent = "", sent + 1
        answer = trip.quickbooks.process(told[-1])
        said: list[int] = []
        failures += fail_everywhere(
            trip,
            lambda answer=answer, said=said: said.append(
                delivery.answer(opened.ticket, [answer.response], answer.hresult, answer.message)
            ),
            steps=STEPS["session"],
            one_commit=True,
        )
        assert 0 <= said[-1] <= 100
        if said[-1] == 100:
            break
    delivery.close(opened.ticket)
    assert said[-1] == 100
    assert failures > 4 * sent
    assert len([one for one in trip.company_file.documents() if "qbc" in one.memo]) == 3
    assert trip.session() == "none"
