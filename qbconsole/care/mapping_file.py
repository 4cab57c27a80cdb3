"""mappings.toml on disk: edited as one atomic write with a backup beside it, never over somebody else's change.

What the edit means is `rules.mapping.edit`'s; the new text is valid, or nothing is written.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qbconsole.errors import MappingInvalid, UsageError, WorkspaceError
from qbconsole.rules.mapping.edit import set_values
from qbconsole.rules.mapping.read import read
from qbconsole.store import decisions, journal
from qbconsole.sync.means import Means


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What an edit did."""

    file: str
    changed: bool
    #: Where the text before is kept; "" when nothing changed.
    backup: str
    #: Revision in force now.
    revision: int


def edit_mapping(means: Means, path: Path, pairs: Sequence[tuple[str, str]], *, who: str) -> Edited:
    """Set values as one edit. Raises MappingFaults when the result is not valid, UsageError when the file moved."""
    before = _bytes(path)
    text = _text(path, before)
    edited = set_values(text, pairs, path.name)
    backup = _replace(path, before, edited.encode()) if edited != text else ""
    read(edited, path.name)
    with means.store.atomic() as tx:
        why = "; ".join(f"{name} = {value}" for name, value in pairs)
        revision = decisions.keep_revision(tx, "", edited, {}, who=who, why=why, at=means.clock())
        if backup:
            told = {"set": [list(pair) for pair in pairs], "revision": revision}
            journal.record(tx, who, "mapping set", path.name, told, means.clock())
    return Edited(file=str(path), changed=bool(backup), backup=backup, revision=revision)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise MappingInvalid(
            f"{path.name} cannot be read: {cause.strerror or cause}", where=str(path)
        ) from cause


def _text(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as cause:
        line = raw.count(b"\n", 0, cause.start) + 1
        raise MappingInvalid(f"{path.name} is no UTF-8 text", where=f"{path.name}:{line}") from cause


def _replace(path: Path, before: bytes, after: bytes) -> str:
    """Write beside, keep the text before under a number, then put the new one in its place."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(part, path.stat().st_mode & 0o777)
        if path.read_bytes() != before:
            raise UsageError(
                f"{path.name} changed while it was being edited",
                where=str(path),
                next="Nothing was written; look at the file and try again.",
            )
        backup = _keep(path, before)
        part.replace(path)
    except OSError as cause:
        raise WorkspaceError(
            f"{path.name} cannot be written: {cause.strerror or cause}",
            where=str(path),
            next="Give your user the right to write there; nothing was changed.",
        ) from cause
    finally:
        part.unlink(missing_ok=True)
    return backup


def _keep(path: Path, text: bytes) -> str:
    """The next free number, as editors and GNU tools count backups."""
    number = 1
    while True:
        backup = path.with_name(f"{path.name}.~{number}~")
        try:
            with backup.open("xb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            return backup.name
        except FileExistsError:
            number += 1
