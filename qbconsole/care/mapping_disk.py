"""mappings.toml as a file: read whole, replaced in one step with the text before kept beside it, one saver at a time.

Other programs know nothing of our lock, so what stands on disk is compared once more in the moment before it is
replaced; and whatever was replaced stays beside it as `mappings.toml.~N~`.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from qbconsole.errors import MappingInvalid, UsageError, WorkspaceError
from qbconsole.rules.mapping.editing import Editing, sha_of
from qbconsole.rules.mapping.read import text_of

#: Of a file that is made anew: mappings.toml holds no secret.
_MODE = 0o644


class FileMoved(UsageError):
    """mappings.toml on disk is not the text the editing began with."""

    next_step = "Nothing was written; look at the file and try again."


class DiskState(StrEnum):
    """How the file on disk stands to an editing."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """What stands on disk, seen from an editing."""

    state: DiskState
    #: The text there, where it is another one.
    text: str = ""
    #: Why it cannot be read.
    why: str = ""


def disk_state(path: Path, editing: Editing) -> OnDisk:
    """Whether the file still is the one the editing began with."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return OnDisk(state=DiskState.GONE)
    except OSError as cause:
        return OnDisk(state=DiskState.UNREADABLE, why=cause.strerror or str(cause))
    if sha_of(raw) == editing.base_sha:
        return OnDisk(state=DiskState.UNCHANGED)
    try:
        return OnDisk(state=DiskState.CHANGED, text=text_of(raw, path.name))
    except MappingInvalid as fault:
        return OnDisk(state=DiskState.UNREADABLE, why=f"{fault.where}: {fault.what}")


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises MappingInvalid."""
    try:
        return path.read_bytes()
    except OSError as cause:
        raise MappingInvalid(
            f"{path.name} cannot be read: {cause.strerror or cause}", where=str(path)
        ) from cause


def standing(path: Path) -> bytes:
    """The file's bytes, none where there is no file. Raises MappingInvalid."""
    return read_bytes(path) if path.exists() else b""


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """No other process or thread of ours saves meanwhile; the later one waits for its turn. Raises WorkspaceError."""
    folder = path.parent / ".qbconsole"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        held = os.open(folder / "mapping.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as cause:
        raise _unwritable(path, cause) from cause
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def replace_file(path: Path, before: bytes, after: bytes) -> str:
    """Write beside, keep the text before under a number, put the new one in its place; gives the backup's name.

    `before` is what must still stand there; b"" where no file does, and then there is no backup. A link stays one:
    all of it happens beside the file it leads to.
    """
    real = Path(os.path.realpath(path))
    part, backup = real.with_name(f".{real.name}.part"), None
    try:
        _write(part, "wb", after)
        os.chmod(part, real.stat().st_mode & 0o777 if real.exists() else _MODE)
        backup = _keep(real, before) if before else None
        if (path.read_bytes() if path.exists() else b"") != before:
            if backup is not None:
                backup.unlink()
            raise FileMoved(f"{path.name} changed while it was being edited", where=str(path))
        part.replace(real)
        _settle(real.parent)
    except OSError as cause:
        raise _unwritable(path, cause) from cause
    finally:
        part.unlink(missing_ok=True)
    return backup.name if backup is not None else ""


def _unwritable(path: Path, cause: OSError) -> WorkspaceError:
    full = cause.errno in (errno.ENOSPC, errno.EDQUOT)
    step = "Free disk space" if full else "Give your user the right to write there"
    return WorkspaceError(
        f"{path.name} cannot be written: {cause.strerror or cause}",
        where=str(path),
        next=f"{step}, then save again; nothing was changed.",
    )


def _keep(path: Path, text: bytes) -> Path:
    """The next free number, as editors and GNU tools count backups."""
    number = 1
    while True:
        backup = path.with_name(f"{path.name}.~{number}~")
        try:
            _write(backup, "xb", text)
        except FileExistsError:
            number += 1
        except OSError:
            backup.unlink(missing_ok=True)  # half a text is no backup
            raise
        else:
            return backup


def _write(path: Path, mode: str, text: bytes) -> None:
    with path.open(mode) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """The new name itself is on the disk before anybody is told."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
