"""Where our program keeps its books in a run: a file of the workspace, or a database of a PostgreSQL server.

Both are made once a process for each choice of parties and copied for every run; both can be put back from a backup.
A server's own clock, which leases are measured by there, is the simulated one as well.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from qbconsole.workspace import OWN, Workspace

#: As QuickBooks' custom field of each company is named in a run: by chance, no two runs would be the same.
_FILE_IDS = {
    "sqlite": "UPDATE companies SET file_id = '{00000000-0000-4000-8000-0000' || hex(id) || '}'",
    "postgresql": "UPDATE companies SET file_id = '{00000000-0000-4000-8000-0000'"
    " || upper(encode(convert_to(id, 'UTF8'), 'hex')) || '}'",
}
#: Found before PostgreSQL's own, because its schema is searched first.
_CLOCK = (
    "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT coalesce("
    "nullif(current_setting('simulation.now', true), '')::timestamptz, pg_catalog.clock_timestamp()) $$"
)


class Database(Protocol):
    """One run's database."""

    @property
    def name(self) -> str:
        """As it is called in messages."""
        ...

    @property
    def place(self) -> str | Path:
        """As a workspace is told."""
        ...

    def settle(self) -> None:
        """Once it is made: what would be chosen by chance is the same in every run."""

    def copied(self, root: Path) -> Database:
        """Another like it, for the workspace at `root` that was copied from the one this belongs to."""
        ...

    def watched(self, workspace: Workspace, clock: Callable[[], datetime]) -> None:
        """A process opened it: hand the simulated clock in."""

    def save(self, open_: Iterable[Workspace]) -> None:
        """Make a backup while the program runs; `open_` are all that have it open."""

    @property
    def is_saved(self) -> bool:
        """Whether there is a backup."""
        ...

    def put_back(self) -> None:
        """Put the backup in its place; nobody has the database open."""

    def trouble(self, code: int) -> Exception:
        """What the driver says of a disk in that trouble, one of SQLite's result codes."""
        ...

    def remove(self) -> None:
        """The run is over."""


@dataclass(frozen=True, slots=True)
class _OnFile:
    """SQLite, in the workspace."""

    root: Path

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def place(self) -> Path:
        return self.root / OWN / "state.db"

    @property
    def _backup(self) -> Path:
        return self.root.parent / "state.backup"

    def settle(self) -> None:
        with closing(sqlite3.connect(self.place)) as database, database:
            database.execute(_FILE_IDS["sqlite"])

    def copied(self, root: Path) -> _OnFile:
        return _OnFile(root)

    def watched(self, workspace: Workspace, clock: Callable[[], datetime]) -> None:
        """Everything on one computer goes by its clock."""

    def save(self, open_: Iterable[Workspace]) -> None:
        next(iter(open_)).store.backup(self._backup)

    @property
    def is_saved(self) -> bool:
        return self._backup.exists()

    def put_back(self) -> None:
        for suffix in ("-wal", "-shm"):
            self.place.with_name(self.place.name + suffix).unlink(missing_ok=True)
        self.place.write_bytes(self._backup.read_bytes())

    def trouble(self, code: int) -> Exception:
        told = sqlite3.OperationalError("the disk is in trouble")
        told.sqlite_errorcode = code
        return told

    def remove(self) -> None:
        """It goes with the workspace."""


@dataclass(slots=True)
class _OnServer:
    """A database of a PostgreSQL server that is ours for the run: it is made, copied and dropped there."""

    server: Server
    name: str
    is_saved: bool = field(default=False, init=False)

    @classmethod
    def new(cls, server: Server) -> _OnServer:
        """An empty one."""
        made = cls(server, _name_on(server))
        made._create("template0")
        made._tell(_CLOCK, made.name)
        return made

    @property
    def place(self) -> str:
        return f"{self.server.url}/{self.name}"

    def settle(self) -> None:
        self._tell(_FILE_IDS["postgresql"], self.name)

    def copied(self, root: Path) -> _OnServer:
        other = _OnServer(self.server, _name_on(self.server))
        other._create(self.name)
        return other

    def watched(self, workspace: Workspace, clock: Callable[[], datetime]) -> None:
        def tell(connection: sa.Connection) -> None:
            driver = connection.connection.driver_connection
            if driver is not None:
                driver.execute("SELECT set_config('simulation.now', %s, false)", [clock().isoformat()])

        for engine in (workspace.store.engines.writer, workspace.store.engines.reader):
            if engine is not None:
                sa.event.listen(engine, "begin", tell)

    def save(self, open_: Iterable[Workspace]) -> None:
        # A database that is copied has to be nobody's; whoever comes back connects anew.
        for workspace in open_:
            workspace.store.close()
        self._drop(self._backup)
        self._tell(f"CREATE DATABASE {self._backup} TEMPLATE {self.name}")
        self.is_saved = True

    def put_back(self) -> None:
        self._drop(self.name)
        self._create(self._backup)

    def trouble(self, code: int) -> Exception:
        from psycopg import errors  # only where there is a server: the package may be missing

        kinds = {
            sqlite3.SQLITE_FULL: errors.DiskFull,
            sqlite3.SQLITE_READONLY: errors.ReadOnlySqlTransaction,
        }
        return kinds.get(code, errors.IoError)("the disk is in trouble")

    def remove(self) -> None:
        self._drop(self.name)
        if self.is_saved:
            self._drop(self._backup)

    @property
    def _backup(self) -> str:
        return f"{self.name}_saved"

    def _create(self, template: str) -> None:
        self._tell(f"CREATE DATABASE {self.name} TEMPLATE {template}")
        # Settings of a database are not copied with it.
        self._tell(f"ALTER DATABASE {self.name} SET search_path = public, pg_catalog")

    def _drop(self, name: str) -> None:
        self._tell(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _tell(self, statement: str, database: str = "postgres") -> None:
        with _connected(self.server.url, database) as connection:
            connection.exec_driver_sql(statement)


def _name_on(server: Server) -> str:
    """Names of two processes, and of two runs, are never the same."""
    return f"{server.prefix}_{os.getpid()}_{next(_numbers)}"


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server, and what the names of our databases there begin with."""

    #: postgresql://USER@HOST:PORT, without a database.
    url: str
    prefix: str


_SERVER: list[Server] = []
_numbers = itertools.count(1)


def share_server(server: Server | None) -> None:
    """From now on this process keeps its runs' databases there; None for files."""
    _SERVER[:] = [server] if server else []


def kept_on() -> Server | None:
    """The server in use, None for files."""
    return _SERVER[0] if _SERVER else None


def new_database(root: Path) -> Database:
    """An empty one for the workspace at `root`."""
    return _OnServer.new(_SERVER[0]) if _SERVER else _OnFile(root)


@contextmanager
def on_server(url: str) -> Iterator[None]:
    """Within, this process keeps its runs' databases on that server, if one is named; afterwards they are gone."""
    if not url:
        yield
        return
    server = Server(url, f"qbconsole_simulate_{os.getpid()}_{next(_numbers)}")
    share_server(server)
    try:
        yield
    finally:
        share_server(None)
        with _connected(url, "postgres") as connection:
            names = connection.execute(
                sa.text("SELECT datname FROM pg_database WHERE starts_with(datname, :ours)"),
                {"ours": f"{server.prefix}_"},
            )
            for name in names.scalars().all():
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@cache
def _engine(server: str, name: str, _process: int) -> sa.Engine:
    url = sa.make_url(f"{server}/{name}").set(drivername="postgresql+psycopg")
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def _connected(server: str, name: str) -> sa.Connection:
    return _engine(server, name, os.getpid()).connect()
