"""Stores to test on: SQLite always, PostgreSQL where its binaries and psycopg are installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from postgres import create_database, new_postgres, postgres_server, server_engine

from qbconsole.store import parties
from qbconsole.store.database import Store
from qbconsole.store.schema import METADATA

__all__ = ["new_postgres", "postgres_server"]  # fixtures, for the tests of this folder


@dataclass
class Clock:
    """A clock that moves when told."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def ahead(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> str:
    """A database of our schema, shared by the tests one after the other."""
    url = create_database(postgres_server, "qbc")
    Store.open(url, clock=Clock()).close()
    return url


@pytest.fixture
def empty_postgres(postgres_server: str, postgres_database: str) -> str:
    """The shared database without a row; triggers are off only while it is emptied."""
    emptied = "; ".join(f"DELETE FROM {table.name}" for table in METADATA.sorted_tables)
    with server_engine(postgres_server, "qbc").connect() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(emptied)
        connection.exec_driver_sql("INSERT INTO journal_head VALUES (1, 0, ''::bytea)")
    return postgres_database


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store is: a path or a URL."""
    if request.param == "sqlite":
        return str(tmp_path / ".qbconsole" / "state.db")
    url: str = request.getfixturevalue("empty_postgres")
    return url


@pytest.fixture
def store(place: str, clock: Clock) -> Iterator[Store]:
    with Store.open(place, clock=clock, wait=0.3) as opened:
        populate(opened)
        yield opened


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    return tmp_path / ".qbconsole" / "state.db"


@pytest.fixture
def sqlite_store(sqlite_path: Path, clock: Clock) -> Iterator[Store]:
    with Store.open(sqlite_path, clock=clock, wait=0.2) as opened:
        populate(opened)
        yield opened


def populate(store: Store) -> None:
    """One company with two shops."""
    with store.atomic() as tx:
        parties.put_company(tx, "oak", name="Oak & Ember LLC", file=r"C:\QB\Oak.qbw", at=store.clock())
        for name in ("oak-ember", "oak-uk"):
            parties.put_merchant(tx, name, company="oak", domain=f"{name}.myshopify.com", at=store.clock())
