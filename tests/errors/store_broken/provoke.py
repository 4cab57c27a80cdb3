"""A file at the database's place that is no database of ours."""

from datetime import UTC, datetime

from qbconsole.store.database import Store


def provoke(place):
    (place / "state.db").write_bytes(b"this is somebody's letter, not a database" * 100)
    Store.open(place / "state.db", clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
