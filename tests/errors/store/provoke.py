"""A database of a kind we do not use."""

from datetime import UTC, datetime

from qbconsole.store.database import Store


def provoke(place):
    Store.open("mysql://db/books", clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
