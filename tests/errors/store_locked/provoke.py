"""Another process holds the database's write lock."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from qbconsole.store.database import Store


def clock():
    return datetime(2026, 1, 1, tzinfo=UTC)


def provoke(place):
    path = place / "state.db"
    Store.open(path, clock=clock).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with Store.open(path, clock=clock, wait=0.05) as store, store.atomic():
            pass
