"""The queue against bare SQLite: requests put in and acknowledged, a hundred a commit, everything durable."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from measure import Step, in_rounds, written

from qbconsole.books.lifecycle import RequestState
from qbconsole.store import parties, requests, sessions
from qbconsole.store.database import Store
from qbconsole.store.requests import Move, NewRequest, Purpose
from qbconsole.store.sessions import MessageSet

DOCUMENTS, BATCH = 5_000, 100
NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)
BODY = "<SalesReceiptAddRq>" + "x" * 2_040 + "</SalesReceiptAddRq>"
#: The least a queue can be: one row a document, found by its key and, while it waits, by its place.
SCHEMA = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE queue (id INTEGER PRIMARY KEY, subject TEXT UNIQUE, state TEXT, qb_id TEXT, body TEXT);
    CREATE INDEX waiting ON queue (id) WHERE state = 'ready';
"""


def main() -> None:
    """Print documents a second of wall time: waiting for the disk is what durable costs."""
    clock = time.perf_counter
    putting = {
        "bare SQLite, put": Step(DOCUMENTS, _put_bare, _bare_queue, clock),
        "ours, put": Step(DOCUMENTS, _put, _store, clock),
    }
    moving = {
        "bare SQLite, sent, answered": Step(
            DOCUMENTS, _move_bare, partial(_filled, _bare_queue, _put_bare), clock
        ),
        "ours, sent, answered": Step(DOCUMENTS, _move, partial(_filled, _store, _put), clock),
    }
    sys.stdout.write(f"\nStore, {BATCH} documents a commit, synchronous=FULL, wall time:\n")
    for steps in (putting, moving):
        bare = next(iter(steps))
        sys.stdout.write(written(in_rounds(steps), floor=bare, peer=bare, unit="document"))


def _batches() -> Iterator[range]:
    return (range(first, first + BATCH) for first in range(1, DOCUMENTS + 1, BATCH))


@contextmanager
def _filled(empty: Callable[[], AbstractContextManager[Any]], put: Callable[[Any], None]) -> Iterator[Any]:
    with empty() as queue:
        put(queue)
        yield queue


@contextmanager
def _bare_queue() -> Iterator[sqlite3.Connection]:
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(f"{folder}/bare.db")) as db:
        db.executescript(SCHEMA)
        yield db


def _put_bare(db: sqlite3.Connection) -> None:
    for batch in _batches():
        with db:
            rows = [(number, f"doc/{number}", "ready", "", BODY) for number in batch]
            db.executemany("INSERT INTO queue VALUES (?, ?, ?, ?, ?)", rows)


def _move_bare(db: sqlite3.Connection) -> None:
    """A round trip is one commit: what was answered, and what leaves next."""
    flying: range = range(0)
    for leaving in (*_batches(), range(0)):
        with db:
            rows = [("answered", f"T{number}", number) for number in flying]
            db.executemany("UPDATE queue SET state = ?, qb_id = ? WHERE id = ?", rows)
            db.executemany("UPDATE queue SET state = ? WHERE id = ?", [("sent", one) for one in leaving])
        flying = leaving


@contextmanager
def _store() -> Iterator[Store]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder, "ours.db"), clock=lambda: NOW) as store,
    ):
        with store.atomic() as tx:
            parties.put_company(tx, "oak", name="Oak & Ember LLC", file="", at=NOW)
            parties.put_merchant(tx, "oak-ember", company="oak", domain="oak-ember.myshopify.com", at=NOW)
        yield store


def _put(store: Store) -> None:
    for batch in _batches():
        with store.atomic() as tx:
            requests.put_requests(tx, [_request(number) for number in batch], at=NOW)


def _move(store: Store) -> None:
    """The same by the lifecycle's rules, with the message set kept before it leaves."""
    flying: range = range(0)
    for number, leaving in enumerate((*_batches(), range(0))):
        moves = [
            Move(id=one, to_state=RequestState.ANSWERED, status_code=0, qb_id=f"T{one}") for one in flying
        ]
        with store.atomic() as tx:
            requests.move_all(tx, moves, at=NOW)
            if leaving:
                sessions.put_message_set(tx, _set(number), NOW)
                requests.mark_sent(tx, leaving, f"SET{number}", at=NOW)
        flying = leaving


def _request(number: int) -> NewRequest:
    key = f"doc/{number}"
    return NewRequest(
        company="oak",
        merchant="oak-ember",
        subject_key=key,
        purpose=Purpose.ADD,
        name="SalesReceiptAdd",
        body=BODY,
        document_key=key,
    )


def _set(number: int) -> MessageSet:
    return MessageSet(
        id=f"SET{number}",
        company="oak",
        ticket="t",
        seq=number,
        body="<x/>",
        purpose="add",
        fence=1,
        attempt=0,
    )


if __name__ == "__main__":
    main()
