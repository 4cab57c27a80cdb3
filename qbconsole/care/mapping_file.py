"""mappings.toml saved: one atomic write with a backup beside it, kept as a revision, never over somebody else's change.

What the edits mean is `rules.mapping.editing`'s; the new text brings no new fault, or nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from qbconsole.care.mapping_disk import (
    DiskState,
    FileMoved,
    OnDisk,
    alone,
    disk_state,
    read_bytes,
    replace_file,
    standing,
)
from qbconsole.errors import UsageError
from qbconsole.rules.mapping.editing import Editing, sha_of
from qbconsole.rules.mapping.faults import Fault, MappingFaults
from qbconsole.rules.mapping.read import faults_of, text_of
from qbconsole.store import decisions, journal
from qbconsole.store.decisions import SAVED
from qbconsole.sync.means import Means
from qbconsole.sync.revising import keep_text

__all__ = [
    "DiskState",
    "Edited",
    "FileMoved",
    "OnDisk",
    "begin",
    "disk_state",
    "edit",
    "edit_mapping",
    "revert",
    "save",
]

#: Who is named for a text that was found on disk and that nobody saved through us.
BY_HAND = "by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What an edit did."""

    file: str
    changed: bool
    #: Where the text before is kept; "" when nothing changed.
    backup: str
    #: Revision in force now; 0 where none ever was.
    revision: int
    #: Faults the file had before and still has: the revision is then not this text's.
    faults: tuple[Fault, ...] = field(default=())


def begin(path: Path) -> Editing:
    """Begin to edit the file. Raises MappingInvalid where it cannot be read as text."""
    return Editing.begin(text_of(read_bytes(path), path.name), path.name)


def save(
    means: Means, path: Path, editing: Editing, *, who: str, why: str = "", base_sha: str = ""
) -> Edited:
    """Put the edited text in the file's place, as a revision of its own.

    `base_sha` is the sha256 of the file this may replace, left out the one the editing began with; that of an empty
    text where the file is gone. Raises MappingFaults with every fault the edits brought, FileMoved where another text
    stands on disk by now; then nothing was written.
    """
    with alone(path):
        return _save(means, path, editing, who, why, base_sha or editing.base_sha)


def edit(
    means: Means, path: Path, change: Callable[[Editing], Editing], *, who: str, why: str = ""
) -> Edited:
    """Edit the file as it stands and save it, both in one turn: another saver waits. Raises like `save`."""
    with alone(path):
        begun = begin(path)
        return _save(means, path, change(begun), who, why, begun.base_sha)


def edit_mapping(
    means: Means, path: Path, pairs: Sequence[tuple[str, str]], *, who: str, why: str = ""
) -> Edited:
    """Set values, each in the type the schema has there, as one edit. Raises like `save`."""

    def change(editing: Editing) -> Editing:
        for name, value in pairs:
            editing = editing.write(name, value)
        return editing

    return edit(means, path, change, who=who, why=why)


def revert(means: Means, path: Path, number: int, *, who: str, why: str = "", keep: bool = False) -> Edited:
    """Put a revision's text back as one new edit, its comments with it.

    Raises UsageError where there is no such revision, and, unless `keep`, where the file holds what no revision has:
    with `keep` that becomes a revision first, or stays as the backup where it is not valid.
    """
    with alone(path):
        editing = begin(path)
        with means.store.reading() as tx:
            wanted = decisions.revision(tx, number)
            known = decisions.with_text(tx, editing.start) is not None
        if wanted is None:
            raise UsageError(
                f"there is no revision {number}", next="`qbconsole mapping history` lists them all."
            )
        if not known and not keep:
            raise UsageError(
                f"{path.name} holds changes that no revision has yet",
                where=str(path),
                next="See them with `qbconsole mapping diff`; with --keep they are kept as a revision first.",
            )
        after = editing.replace_all(wanted.text)
        return _save(means, path, after, who, why or f"back to revision {number}", editing.base_sha)


def _save(means: Means, path: Path, editing: Editing, who: str, why: str, base_sha: str) -> Edited:
    fresh = editing.fresh_faults()
    if fresh:
        raise MappingFaults(fresh)
    before, after = standing(path), editing.text.encode()
    if sha_of(before) != base_sha and before != after:
        raise _moved(means, path, before)
    left = editing.faults()
    why = why or "; ".join(map(str, editing.done))
    with means.store.atomic() as tx:
        last, newest = decisions.in_force(tx), decisions.newest(tx)
        if left:
            revision = last.id if last else 0
        else:
            _keep_found(tx, means, path, before)
            revision = keep_text(tx, means, editing.text, who=who, why=why)
        if before == after:
            return Edited(file=str(path), changed=False, backup="", revision=revision, faults=left)
        journal.record(
            tx,
            who,
            SAVED,
            path.name,
            {
                "why": why,
                "edits": [str(step) for step in editing.done],
                "revision": revision,
                "again": 0 < revision <= newest and not left,
            },
            means.clock(),
        )
        backup = replace_file(path, before, after)
    return Edited(file=str(path), changed=True, backup=backup, revision=revision, faults=left)


def _keep_found(tx: sa.Connection, means: Means, path: Path, before: bytes) -> None:
    """The text that is replaced, where it is valid and nobody kept it: edits by hand are revisions too."""
    try:
        text = text_of(before, path.name)
    except UsageError:
        return  # no text: only the backup holds it
    if decisions.with_text(tx, text) is None and not faults_of(text, path.name):
        keep_text(tx, means, text, who=BY_HAND, why="found on disk")


def _moved(means: Means, path: Path, now: bytes) -> FileMoved:
    """Somebody saved it meanwhile; who and when, where that is known."""
    if not path.exists():
        return FileMoved(f"{path.name} is gone", where=str(path))
    with means.store.reading() as tx:
        kept = decisions.with_text(tx, now.decode("utf-8", "replace"))
    by = f": {kept.who}, {kept.kept_at:%Y-%m-%d %H:%M} UTC, revision {kept.id}" if kept else ", by hand"
    return FileMoved(f"{path.name} changed while it was being edited{by}", where=str(path))
