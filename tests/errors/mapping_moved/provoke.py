"""A run of `book` decided by a text, and meanwhile another one was put in force."""

from datetime import UTC, datetime

from qbconsole.store import decisions
from qbconsole.store.database import Store
from qbconsole.sync.revising import still_in_force


def clock():
    return datetime(2026, 1, 1, tzinfo=UTC)


def provoke(place):
    with Store.open(place / "state.db", clock=clock) as store, store.atomic() as tx:
        kept = [
            decisions.keep_revision(tx, "", f"{text}\n", {}, who="book", why="", at=clock())
            for text in ("[defaults.policy]", "[defaults.names]")
        ]
        still_in_force(tx, "oak-ember", kept[0])
