"""Writer: the one connection of a process that writes to a SQLite file, kept from one unit of work to the next.

Taking it from the pool and giving it back costs as much as a small unit does, and a session is hundreds of those.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

import sqlalchemy as sa
from sqlalchemy import exc


class Writer:
    """One unit at a time, whichever thread asks."""

    __slots__ = ("_engine", "_is_closed", "_keeping", "_kept", "_turn", "_wait")

    def __init__(self, engine: sa.Engine, wait: float) -> None:
        self._engine, self._wait = engine, wait
        self._turn = threading.Lock()
        #: Held for a moment only: whoever closes does not wait for a unit.
        self._keeping = threading.Lock()
        self._kept: sa.Connection | None = None
        self._is_closed = False

    @contextmanager
    def unit(self) -> Iterator[sa.Connection]:
        """A unit that commits at the end of the block. Raises TimeoutError where another thread's lasts too long.

        One that failed leaves its connection in who knows what state: it goes back to the pool, which looks at it.
        Begun and ended by the driver itself, but told to who listens to the engine: SQLAlchemy's own way takes as long
        as a small unit does.
        """
        if not self._turn.acquire(timeout=self._wait):
            raise exc.TimeoutError("another unit of this process has not ended")
        try:
            tx = self._take() or self._engine.connect()
            driver = cast(sqlite3.Connection, tx.connection.driver_connection)
            try:
                tx.dispatch.begin(tx)  # whereupon the engine's own listener begins
                yield tx
                if tx.in_transaction():  # a statement of SQLAlchemy's has joined
                    tx.commit()
                else:
                    tx.dispatch.commit(tx)
                    driver.commit()
            except BaseException:
                with suppress(sqlite3.Error):
                    driver.rollback()
                tx.close()
                raise
            self._keep(tx)
        finally:
            self._turn.release()

    def _take(self) -> sa.Connection | None:
        with self._keeping:
            kept, self._kept = self._kept, None
        return kept

    def _keep(self, tx: sa.Connection) -> None:
        """For the next unit; nobody would close it any more where somebody closed meanwhile."""
        with self._keeping:
            if not self._is_closed:
                self._kept = tx
                return
        tx.detach()  # else the pool that was disposed of would hold it
        tx.close()

    def close(self) -> None:
        """Let go of the connection; a unit that runs in another thread commits, and a later one opens another."""
        with self._keeping:
            self._is_closed = True
        kept = self._take()
        if kept is not None:
            kept.close()
        self._engine.dispose()
