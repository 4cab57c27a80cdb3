"""Alone: of the processes that serve one SQLite file, one at a time; the operating system lets go when it ends.

A lock on a file of its own, not a row with a time: it cannot outlive its process, and no clock decides. Commands and
the console take no part in it; they read and write as ever.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from qbconsole.errors import StoreBroken
from qbconsole.value import Value


class Alone(Value):
    """The right to serve a file, held as long as the process lives or until it is given up."""

    path: Path
    handle: int

    def give_up(self) -> None:
        """Let another process serve."""
        os.close(self.handle)


def lock_file(database: Path) -> Path:
    """Where the lock of a database is."""
    return database.with_name(f"{database.name}-serving")


def take(database: Path) -> Alone | None:
    """Become the one that serves; None while another process is. Raises StoreBroken where no lock can be kept."""
    path = lock_file(database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as cause:
        raise StoreBroken(
            f"The database cannot be served: {cause.strerror}.",
            where=str(path),
            next="Make the directory writable for this user.",
        ) from cause
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    with contextlib.suppress(OSError):  # a courtesy for the one that stands by; a full disk may refuse it
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return Alone(path=path, handle=handle)


def holder(database: Path) -> str:
    """The process that serves, in words."""
    try:
        pid = lock_file(database).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        pid = ""
    return f"process {pid}" if pid.isdigit() else "another process"
