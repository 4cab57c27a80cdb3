"""Troubles: the one place where errors of SQLite, psycopg and SQLAlchemy become ours.

A lock that was not let go in time is `StoreLocked` (worth retrying); a full, read-only, damaged or unreachable
database is `StoreBroken`; a broken constraint is a `StoreError`, because then two writers said different things.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from qbconsole.errors import StoreBroken, StoreError, StoreLocked

_LOCKED = "Another process is writing to the database and did not let go in time."
REOPEN = "Put the newest file of .qbconsole/backups in its place; write nothing before."
#: A full disk often shows as this one, so a backup (older than what QuickBooks has) is not the first thing to try.
_ROOM = (
    "Free disk space and look at the disk's health, then run the same command again; `qbconsole doctor` checks the "
    "file. To read meanwhile what is stored, give --readonly."
)
#: SQLite's primary result codes -> sentence, next step.
_SQLITE: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        "The disk is full; nothing of this step was recorded.",
        "Free disk space, then run the same command again. To read meanwhile what is stored, give --readonly.",
    ),
    sqlite3.SQLITE_READONLY: (
        "The database, its directory or its disk is read-only.",
        "Make .qbconsole writable for this user; to only look, give --readonly.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The database cannot be opened.",
        "Check that .qbconsole exists and belongs to this user.",
    ),
    sqlite3.SQLITE_PERM: ("The database may not be accessed.", "Make .qbconsole belong to this user."),
    sqlite3.SQLITE_CORRUPT: ("The database is damaged.", REOPEN),
    sqlite3.SQLITE_NOTADB: ("The file is no database of ours.", REOPEN),
    sqlite3.SQLITE_IOERR: ("The disk is full, or failed while reading or writing the database.", _ROOM),
}
_LOCKED_STATES = frozenset({"55P03", "40001", "40P01", "57014"})
#: PostgreSQL's SQLSTATE, or its first two characters -> sentence, next step.
_POSTGRES: dict[str, tuple[str, str]] = {
    "53100": (
        "PostgreSQL's disk is full; nothing of this step was recorded.",
        "Free its disk, then try again.",
    ),
    "25006": (
        "The PostgreSQL database is read-only.",
        "Connect to the primary; to only look, give --readonly.",
    ),
    "XX": ("PostgreSQL reports a damaged table or index.", "Restore it from a backup; write nothing before."),
    "28": ("PostgreSQL refuses this user.", "Correct user and password in QBCONSOLE_DATABASE_URL."),
    "3D": ("PostgreSQL has no database of this name.", "Create it, or correct QBCONSOLE_DATABASE_URL."),
    "53": ("PostgreSQL has no more connections or memory.", "Raise its limits, or stop other programs."),
    "": ("PostgreSQL cannot be reached.", "Start it, or correct QBCONSOLE_DATABASE_URL, then try again."),
}


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Let the body's database errors leave as StoreLocked, StoreBroken or StoreError, with their cause."""
    try:
        yield
    except exc.TimeoutError as cause:
        raise StoreLocked(_LOCKED, where=where) from cause
    except exc.DBAPIError as cause:
        raise _ours(cause.orig, where) from cause
    except Exception as cause:
        # What the driver itself raises; psycopg, which may not be installed, is known by its module.
        if isinstance(cause, sqlite3.Error) or type(cause).__module__.partition(".")[0] == "psycopg":
            raise _ours(cause, where) from cause
        raise


def _ours(cause: BaseException | None, where: str) -> StoreError:
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause, where)
    return _from_postgres(cause, where)


def _from_sqlite(cause: sqlite3.Error, where: str) -> StoreError:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreLocked(_LOCKED, where=where)
    if code in _SQLITE:
        sentence, step = _SQLITE[code]
        return StoreBroken(sentence, where=where, next=step)
    return StoreError(f"The database refused a change: {cause}", where=where)


def _from_postgres(cause: BaseException | None, where: str) -> StoreError:
    state = str(getattr(cause, "sqlstate", None) or "")
    if state in _LOCKED_STATES:
        return StoreLocked(_LOCKED, where=where)
    if state[:2] in ("23", "P0", "42", "22"):
        return StoreError(f"The database refused a change: {_first_line(cause)}", where=where)
    sentence, step = _POSTGRES.get(state) or _POSTGRES.get(state[:2]) or _POSTGRES[""]
    return StoreBroken(sentence, where=where, next=step)


def _first_line(cause: BaseException | None) -> str:
    return str(cause).partition("\n")[0]
