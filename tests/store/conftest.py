"""Stores to test on: SQLite always, PostgreSQL where its binaries and psycopg are installed."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from qbconsole.store import parties
from qbconsole.store.database import Store
from qbconsole.store.schema import METADATA


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


def _postgres_bin() -> Path | None:
    found = shutil.which("initdb")
    candidates = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if found:
        candidates.append(Path(found).resolve().parent)
    return next((place for place in candidates if (place / "initdb").exists()), None)


def _as_server_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL refuses to run as root and there is no user `postgres`")
    return ["runuser", "-u", "postgres", "--"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL (without database) of a private PostgreSQL on loopback."""
    place = _postgres_bin()
    if place is None:
        pytest.skip("PostgreSQL is not installed: initdb was not found")
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed (pip install 'qbconsole[postgres]')")
    user = _as_server_user()
    home = Path(tempfile.mkdtemp(prefix="qbc-pg-"))
    if user:
        shutil.chown(home, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run([*user, *command], check=True, capture_output=True, cwd="/")

    try:
        run(str(place / "initdb"), "-D", f"{home}/data", "-U", "postgres", "--auth=trust", "-N", "-E", "UTF8")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {home} -c fsync=off -c max_connections=60"
        run(str(place / "pg_ctl"), "-D", f"{home}/data", "-w", "-l", f"{home}/log", "-o", options, "start")
        yield f"postgresql://postgres@127.0.0.1:{port}"
        run(str(place / "pg_ctl"), "-D", f"{home}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _engine(server: str, database: str) -> sa.Engine:
    url = sa.make_url(f"{server}/{database}").set(drivername="postgresql+psycopg")
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def create_database(server: str, name: str) -> str:
    with _engine(server, "postgres").connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


@pytest.fixture(scope="session")
def new_postgres(postgres_server: str):
    """Makes a database of that name on the private server; gives its URL."""
    return lambda name: create_database(postgres_server, name)


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
    with _engine(postgres_server, "qbc").connect() as connection:
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
