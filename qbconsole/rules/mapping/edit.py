"""Values of mappings.toml set as one edit: only the bytes that must change do, and the result is valid.

What the command line does in one go; `editing` keeps several edits in hand. Pure: text in, text out.
"""

from __future__ import annotations

from collections.abc import Iterable

from qbconsole.rules.mapping.edits.paths import parse_path
from qbconsole.rules.mapping.edits.steps import Set, Step, Write, applied
from qbconsole.rules.mapping.edits.write import is_below
from qbconsole.rules.mapping.faults import Fault, MappingFaults
from qbconsole.rules.mapping.read import FILE, faults_of


def set_value(text: str, path: str, value: str, file: str = FILE) -> str:
    """The text with one value set. Raises MappingFaults when the result would not be valid."""
    return set_values(text, [(path, value)], file)


def set_values(text: str, pairs: Iterable[tuple[str, str]], file: str = FILE) -> str:
    """The text with several values set as one edit: all of them, or MappingFaults and none."""
    steps = [Write(path=parse_path(written, file), words=value) for written, value in pairs]
    edited = text
    for step in steps:
        edited = applied(edited, step, file)
    fresh = fresh_faults(text, edited, steps, file)
    if fresh:
        raise MappingFaults(fresh)
    return edited


def fresh_faults(before: str, after: str, steps: Iterable[Step], file: str = FILE) -> tuple[Fault, ...]:
    """Faults that edits brought, or left where they set a value: an edit may mend one of two."""
    known = {(fault.path, fault.sentence) for fault in faults_of(before, file)}
    paths = [step.path for step in steps if isinstance(step, Set | Write)]
    return tuple(
        fault
        for fault in faults_of(after, file)
        if (fault.path, fault.sentence) not in known or any(is_below(fault, path) for path in paths)
    )
