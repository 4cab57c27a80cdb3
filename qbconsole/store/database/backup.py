"""Backup: a whole, checked copy of a SQLite store in one file, made while others write."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

from qbconsole.errors import StoreBroken, StoreError
from qbconsole.store.database.engines import Engines, make_private


def back_up(engines: Engines, to: Path) -> Path:
    """Copy the last committed state to a new file (0600), checked and durable before it gets its name."""
    if engines.path is None:
        raise StoreError(
            "A PostgreSQL database is backed up with its own tools.",
            where=engines.where,
            next="Run `pg_dump --format=custom`, or set up continuous archiving.",
        )
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    make_private(part)
    with engines.reader.connect() as tx, closing(sqlite3.connect(part)) as target:
        cast(sqlite3.Connection, tx.connection.driver_connection).backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        found = damage(target)
    if found:
        raise StoreBroken(f"The copy is damaged: {found[0]}", where=str(part))
    _sync(part)
    part.replace(to)
    _sync(to.parent)
    return to


def damage(connection: sqlite3.Connection, *, quick: bool = True) -> list[str]:
    """What SQLite finds wrong with the file; nothing when it is sound."""
    rows = connection.execute(f"PRAGMA {'quick_check' if quick else 'integrity_check'}(20)").fetchall()
    return [row[0] for row in rows if row[0] != "ok"]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
