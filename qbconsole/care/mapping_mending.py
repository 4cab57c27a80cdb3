"""Mending mappings.toml where the cure of a finding is known: names of what was renamed in QuickBooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qbconsole.care.mapping_check import fixes
from qbconsole.care.mapping_file import begin, edit
from qbconsole.rules.mapping.editing import Editing
from qbconsole.rules.mapping.lint import Finding
from qbconsole.sync.means import Means


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What was mended, or would be."""

    #: Place, what was wrong and what stands there now: "mappings.toml:14: …".
    written: tuple[str, ...] = ()
    #: The edit as a diff; empty where it was made.
    lines: tuple[str, ...] = ()
    backup: str = ""
    #: Revision in force.
    revision: int = 0


def mend(means: Means, path: Path, *, who: str, why: str = "", dry_run: bool = False) -> Mended:
    """Write every cure that is known as one edit, kept as a revision that says why; `dry_run` writes nothing.

    Raises MappingFaults where the file is not valid: what it means nobody knows then.
    """
    begun = begin(path)
    found = fixes(begun.text, begun.file, means.store)
    if dry_run:
        return Mended(written=_told(found), lines=with_fixes(begun, found).diff())
    if not found:
        return Mended()  # a file that needs no edit becomes no revision either
    told: list[Finding] = []

    def change(editing: Editing) -> Editing:
        # As the file stands under the lock: another may have saved it since.
        told[:] = fixes(editing.text, editing.file, means.store)
        return with_fixes(editing, told)

    done = edit(means, path, change, who=who, why=why or _why(found))
    return Mended(written=_told(told), backup=done.backup, revision=done.revision)


def with_fixes(editing: Editing, found: Sequence[Finding]) -> Editing:
    """The text with the cures written, one step each; comments stay."""
    for one in found:
        if one.fix is not None:
            editing = editing.set(one.fix.path, one.fix.value)
    return editing


def _told(found: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(
        f'{one.fault.place}: {one.fault.path}: "{one.fix.was}" -> "{one.fix.value}"'
        for one in found
        if one.fix is not None
    )


def _why(found: Sequence[Finding]) -> str:
    pairs = dict.fromkeys(f"{one.fix.was} -> {one.fix.value}" for one in found if one.fix is not None)
    return f"renamed in QuickBooks: {'; '.join(pairs)}"
