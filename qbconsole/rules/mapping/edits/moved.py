"""Edits that were made to one text and shall be made to another, which somebody else changed."""

from __future__ import annotations

from qbconsole.rules.mapping.edits.intended import Data, at, data_of, is_there, same
from qbconsole.rules.mapping.edits.paths import refused
from qbconsole.rules.mapping.edits.steps import Insert, Move, Replace, Step
from qbconsole.rules.mapping.faults import Path


def refuse_moved(step: Step, before: str, now: str, file: str) -> None:
    """Refuse an edit that no longer means what it meant. Raises MappingFaults.

    A position in an array is only the same element while the array is the same; a whole text would undo what somebody
    else saved.
    """
    if isinstance(step, Replace):
        raise refused("the whole text was replaced; it cannot be put together with another change", file)
    old, new = data_of(before, file), data_of(now, file)
    for array in _arrays(step):
        if not _alike(old, new, array):
            raise refused("was changed on disk too; positions in it may mean something else now", file, array)


def _arrays(step: Step) -> list[Path]:
    """Every array of which an edit names a position."""
    if isinstance(step, Replace):
        return []
    found = [step.path[:depth] for depth, part in enumerate(step.path) if isinstance(part, int)]
    return [*found, step.path] if isinstance(step, Insert | Move) else found


def _alike(old: Data, new: Data, path: Path) -> bool:
    if not is_there(old, path) or not is_there(new, path):
        return is_there(old, path) == is_there(new, path)
    return same(at(old, path), at(new, path))
