"""A private PostgreSQL on loopback for tests and kill loops, where its binaries and psycopg are installed."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa


class Missing(Exception):
    """There can be no private PostgreSQL here; its text says why."""


def binaries() -> Path | None:
    """Where initdb and pg_ctl are."""
    found = shutil.which("initdb")
    candidates = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if found:
        candidates.append(Path(found).resolve().parent)
    return next((place for place in candidates if (place / "initdb").exists()), None)


def _as_server_user() -> list[str]:
    """PostgreSQL refuses to run as root: whoever is root becomes the user `postgres`."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        raise Missing("PostgreSQL refuses to run as root and there is no user `postgres`") from None
    return ["runuser", "-u", "postgres", "--"]


@contextmanager
def private_postgres(*, durable: bool = False) -> Iterator[str]:
    """Run a server; gives its URL without a database. `durable`: with fsync. Raises Missing."""
    place = binaries()
    if place is None:
        raise Missing("PostgreSQL is not installed: initdb was not found")
    if importlib.util.find_spec("psycopg") is None:
        raise Missing("psycopg is not installed (pip install 'qbconsole[postgres]')")
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
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {home} -c max_connections=100"
        options += "" if durable else " -c fsync=off"
        run(str(place / "pg_ctl"), "-D", f"{home}/data", "-w", "-l", f"{home}/log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            run(str(place / "pg_ctl"), "-D", f"{home}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def server_engine(server: str, database: str) -> sa.Engine:
    """An engine that commits each statement, for making and emptying databases."""
    url = sa.make_url(f"{server}/{database}").set(drivername="postgresql+psycopg")
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def create_database(server: str, name: str) -> str:
    """Make a database of that name; gives its URL."""
    with server_engine(server, "postgres").connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL (without database) of a private PostgreSQL, one a test session; skips, saying why, where none can be."""
    try:
        with private_postgres() as url:
            yield url
    except Missing as why:
        pytest.skip(f"NOT TESTED ON POSTGRESQL: {why}")


@pytest.fixture(scope="session")
def new_postgres(postgres_server: str):
    """Makes a database of that name on the private server; gives its URL."""
    return lambda name: create_database(postgres_server, name)
