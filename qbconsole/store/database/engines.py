"""Engines: the connections to SQLite and PostgreSQL, with every setting durability needs.

SQLite: WAL, synchronous=FULL (an acknowledged commit survives power loss), foreign keys, one writer connection
a process that takes its lock when it begins (BEGIN IMMEDIATE), readers on connections that cannot write.
PostgreSQL: writers at READ COMMITTED, readers on one REPEATABLE READ, READ ONLY snapshot each.
"""

from __future__ import annotations

import importlib.util
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from qbconsole.errors import StoreBroken, StoreError
from qbconsole.store.database.troubles import REOPEN

_PRAGMAS = (
    # Only for a file made now. Most bodies are about 2 KB: on pages of 4 KB half of each would stay empty.
    "page_size = 8192",
    "foreign_keys = ON",
    "synchronous = FULL",
    "temp_store = MEMORY",
    "cache_size = -8000",
    # In pages, 32 MB: a small commit dirties some 25, and most of them are the same ones again the next time.
    "wal_autocheckpoint = 4000",
    "journal_size_limit = 67108864",
    "trusted_schema = OFF",
)

#: How it fails where a WAL index can be neither made nor read: the disk is full, or the directory is not ours to write.
_NO_INDEX = frozenset(
    {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)

#: Statements a connection keeps prepared: more than a session, a pull and a run of book use between them.
_PREPARED = 1000


#: Statements as compiled for SQLite by any engine of this process, the least used forgotten first.
_COMPILED: sa.util.LRUCache[Any, Any] = sa.util.LRUCache(1000)


class OurSQLite(SQLiteDialect_pysqlite):
    """Equal to itself on every engine: reader and writer, and stores opened later, compile a statement once."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


registry.register("sqlite.qbconsole", __name__, OurSQLite.__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """One engine that writes, one that reads; where they lead to, for messages; the file, where there is one."""

    writer: sa.Engine | None
    reader: sa.Engine
    where: str
    path: Path | None = None


def sqlite_engines(path: Path, *, readonly: bool, wait: float) -> Engines:
    """Engines on a file, made with mode 0600 in a directory of 0700 where it is missing."""
    if readonly and not path.exists():
        raise StoreBroken(
            "There is no database yet.", where=str(path), next="Run `qbconsole pull` or `book` first."
        )
    if not readonly:
        make_private(path)
    writer = None if readonly else _sqlite(path, "rw", wait, writes=True)
    return Engines(
        writer=writer, reader=_sqlite(path, "ro" if readonly else "rw", wait), where=str(path), path=path
    )


def make_private(path: Path) -> None:
    """Create an empty file only its owner can read, and its directory likewise."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as cause:
        raise StoreBroken(
            f"The database cannot be written: {cause.strerror}.",
            where=str(path),
            next="Make the directory writable for this user; to only look, give --readonly.",
        ) from cause


class Unindexed(sqlite3.Connection):
    """Reads a file that nobody writes, without a WAL index; for one reading, because somebody may begin to write."""


def _opened(path: Path, mode: str, wait: float, writes: bool, *, indexed: bool = True) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    found = sqlite3.connect(
        uri if indexed else f"{uri}&immutable=1",
        uri=True,
        isolation_level=None,
        timeout=wait,
        check_same_thread=False,
        cached_statements=_PREPARED,
        factory=sqlite3.Connection if indexed else Unindexed,
    )
    try:
        for pragma in _PRAGMAS:
            found.execute(f"PRAGMA {pragma}")
        found.execute("PRAGMA journal_mode = WAL" if writes else "PRAGMA query_only = ON")
        if mode == "ro":
            found.execute("PRAGMA schema_version").fetchone()  # the first reading makes the WAL index
    except UnicodeDecodeError as cause:  # SQLite's message quotes the table's damaged name
        found.close()
        raise StoreBroken("The database is damaged.", where=str(path), next=REOPEN) from cause
    except sqlite3.Error:
        found.close()
        raise
    return found


def _sqlite(path: Path, mode: str, wait: float, *, writes: bool = False) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        try:
            return _opened(path, mode, wait, writes)
        except sqlite3.OperationalError as cause:
            if mode != "ro" or cause.sqlite_errorcode & 0xFF not in _NO_INDEX or not _is_folded(path):
                raise
        return _opened(path, mode, wait, writes, indexed=False)

    sizes = {"pool_size": 1, "max_overflow": 0} if writes else {"pool_size": 4, "max_overflow": 28}
    engine = sa.create_engine(
        "sqlite+qbconsole://",
        creator=connect,
        execution_options={"compiled_cache": _COMPILED},
        poolclass=sa.QueuePool,
        pool_timeout=wait,
        pool_reset_on_return=None,
        **sizes,
    )
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        """By the driver itself: there are hundreds of units a session, and most are this statement and one more."""
        driver = connection.connection.driver_connection
        if driver is not None and not driver.in_transaction:
            driver.execute(begin)

    @sa.event.listens_for(engine, "checkin")
    def _never_half(connection: sqlite3.Connection | None, record: sa.pool.ConnectionPoolEntry) -> None:
        """A commit that failed leaves its unit open: that connection is closed, or no other could begin."""
        if connection is not None and (connection.in_transaction or isinstance(connection, Unindexed)):
            record.invalidate()

    return engine


def _is_folded(path: Path) -> bool:
    """Whether all that was committed is in the file itself, and nothing in its WAL."""
    wal = Path(f"{path}-wal")
    return not wal.exists() or wal.stat().st_size == 0


def postgres_engines(url: sa.URL, *, readonly: bool, wait: float) -> Engines:
    """Engines on a server; waits for locks are cut off as on SQLite."""
    if importlib.util.find_spec("psycopg") is None:
        raise StoreError(
            "PostgreSQL needs the extra `postgres`.", next="Run `pip install 'qbconsole[postgres]'`."
        )
    options = f"-c lock_timeout={int(wait * 1000)} -c timezone=UTC"
    url = url.set(drivername="postgresql+psycopg")
    reader = sa.create_engine(
        url,
        isolation_level="REPEATABLE READ",
        connect_args={"options": f"{options} -c default_transaction_read_only=on"},
    )
    # Whatever the server or the database says: what is told to have been committed must survive it.
    durable = {"options": f"{options} -c synchronous_commit=on"}
    writer = (
        None if readonly else sa.create_engine(url, isolation_level="READ COMMITTED", connect_args=durable)
    )
    return Engines(writer=writer, reader=reader, where=url.render_as_string(hide_password=True))
