"""Opening: the Store, one SQLite file or PostgreSQL database, and its units of work.

`atomic()` is one commit: all of it is durable when the block ends, or none of it ever was. `reading()` sees one
moment of the database and never blocks a writer. Nothing here knows what the rows mean.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, cast

import sqlalchemy as sa

from qbconsole.errors import StoreBroken, StoreError
from qbconsole.store.database.backup import back_up, damage
from qbconsole.store.database.engines import Engines, Unindexed, postgres_engines, sqlite_engines
from qbconsole.store.database.troubles import translated
from qbconsole.store.database.upgrading import is_current, prepare
from qbconsole.store.database.writer import Writer

#: Files up to this size are checked whole when opened for writing; larger ones when `check()` is called.
QUICK_CHECK_BYTES = 32 * 1024 * 1024

#: A table that was restored has another number, or other files; a database that was put in the place of another has another.
_NOW_AND_SERVER = (
    "SELECT clock_timestamp(), concat_ws('/', extract(epoch FROM pg_postmaster_start_time()),"
    " (SELECT oid FROM pg_database WHERE datname = current_database()), 'sessions'::regclass::oid,"
    " pg_relation_filenode('sessions'))"
)

#: Readers kept at hand; more of them at once come from the pool.
_RESTING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open store."""

    engines: Engines
    clock: Callable[[], datetime]
    readonly: bool = False
    #: Who writes to a file; a server's writers come from the pool.
    _writer: Writer | None = field(default=None, repr=False, compare=False)
    #: Readers of a file between two readings: taking one from the pool costs as much as the reading.
    _resting: deque[sa.Connection] = field(default_factory=deque, init=False, repr=False, compare=False)
    _closed: threading.Event = field(default_factory=threading.Event, init=False, repr=False, compare=False)

    @classmethod
    def open(
        cls,
        url_or_path: str | Path,
        *,
        clock: Callable[[], datetime],
        readonly: bool = False,
        wait: float = 5.0,
    ) -> Self:
        """Open, create or upgrade. `wait`: seconds to wait for another writer.

        Raises StoreBroken (damaged, newer, unwritable, unreachable) or StoreLocked, each with a next step.
        """
        engines = _engines(url_or_path, readonly=readonly, wait=wait)
        writer = None if engines.path is None or engines.writer is None else Writer(engines.writer, wait)
        store = cls(engines=engines, clock=clock, readonly=readonly, _writer=writer)
        try:
            with translated(engines.where):
                store._look_over()
                prepare(engines)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        return self.engines.path

    @contextmanager
    def atomic(self) -> Iterator[sa.Connection]:
        """One write unit: commits at the end of the block, rolls back when it raises."""
        if self.engines.writer is None:
            raise StoreError(
                "The store was opened read-only.", where=self.engines.where, next="Leave --readonly out."
            )
        unit = self._writer.unit if self._writer is not None else self.engines.writer.begin
        with translated(self.engines.where), unit() as tx:
            yield tx

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One moment of the database, read without blocking anybody."""
        if self.engines.path is None:
            with translated(self.engines.where), self.engines.reader.begin() as tx:
                yield tx
            return
        with translated(self.engines.where):
            try:
                reader = self._resting.pop()
            except IndexError:
                reader = self.engines.reader.connect()
            # By the driver itself: SQLAlchemy's own beginning and ending take longer than most of what is read here.
            driver = cast(sqlite3.Connection, reader.connection.driver_connection)
            try:
                driver.execute("BEGIN")
                yield reader
                if reader.in_transaction():  # a statement of SQLAlchemy's has joined
                    reader.commit()
                else:
                    driver.commit()
            except BaseException:
                with suppress(sqlite3.Error):
                    driver.rollback()
                reader.close()
                raise
            if len(self._resting) < _RESTING and not isinstance(driver, Unindexed):
                self._resting.append(reader)
            else:
                reader.close()
            if self._closed.is_set():
                self._let_readers_go()  # nobody else would, of one that was at work while the store was closed

    def now(self, tx: sa.Connection) -> datetime:
        """The time leases are measured by: the database's where several machines share it, else our clock."""
        if tx.dialect.name == "sqlite":
            return self.clock()
        found: datetime = tx.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return found.astimezone(UTC)

    def now_and_server(self, tx: sa.Connection) -> tuple[datetime, str]:
        """`now`, and which server told it, since when and of which database; "" for a file.

        Another one may have less than the one before: a copy that lagged behind took over, or a backup was restored.
        """
        if tx.dialect.name == "sqlite":
            return self.clock(), ""
        moment, server = tx.exec_driver_sql(_NOW_AND_SERVER).one()
        return moment.astimezone(UTC), server

    def backup(self, to: Path) -> Path:
        """A whole copy in one file, while others write. Raises StoreError on PostgreSQL."""
        with translated(str(to)):
            return back_up(self.engines, to)

    def check(self, *, quick: bool = False) -> list[str]:
        """What is wrong with the file, by SQLite's own check; nothing when it is sound."""
        if self.engines.path is None:
            return []
        with translated(self.engines.where), self.engines.reader.connect() as tx:
            return damage(cast(sqlite3.Connection, tx.connection.driver_connection), quick=quick)

    def is_current(self) -> bool:
        """Whether the schema is still this program's."""
        with self.reading() as tx:
            return is_current(tx)

    def close(self) -> None:
        """Let go of all connections; a unit or a reading that runs in another thread ends first, and lets go of its own."""
        self._closed.set()
        self._let_readers_go()
        if self._writer is not None:
            self._writer.close()
        elif self.engines.writer is not None:
            self.engines.writer.dispose()

    def _let_readers_go(self) -> None:
        with suppress(IndexError):
            while reader := self._resting.pop():
                reader.detach()  # else the pool that is disposed of would hold it
                reader.close()
        self.engines.reader.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _look_over(self) -> None:
        path = self.engines.path
        if path is None or self.readonly or not 0 < path.stat().st_size <= QUICK_CHECK_BYTES:
            return
        if found := self.check(quick=True):
            raise StoreBroken(f"The database is damaged: {found[0]}", where=str(path))


def file_of(url_or_path: str | Path) -> Path | None:
    """The SQLite file meant; None for a server."""
    text = str(url_or_path)
    if "://" not in text:
        return Path(text)
    return Path(text.partition("://")[2].removeprefix("/")) if text.startswith("sqlite") else None


def _engines(url_or_path: str | Path, *, readonly: bool, wait: float) -> Engines:
    text = str(url_or_path)
    if "://" not in text:
        return sqlite_engines(Path(text), readonly=readonly, wait=wait)
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError as cause:
        raise StoreError(
            "The database URL cannot be read.", next="Write postgresql://USER@HOST/NAME."
        ) from cause
    if url.get_backend_name() == "sqlite" and url.database:
        return sqlite_engines(Path(url.database), readonly=readonly, wait=wait)
    if url.get_backend_name() == "postgresql":
        return postgres_engines(url, readonly=readonly, wait=wait)
    raise StoreError(
        f"{url.get_backend_name()} is no database of ours.", next="Use a SQLite file or a postgresql:// URL."
    )
