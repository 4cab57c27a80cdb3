"""A value set: where an array holds comments, element by element, so that theirs stay."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from qbconsole.rules.mapping.edits import tables
from qbconsole.rules.mapping.edits.intended import at, data_of
from qbconsole.rules.mapping.edits.splice import put
from qbconsole.rules.mapping.faults import Path
from qbconsole.rules.mapping.places import Places, places


def with_set(raw: bytes, spots: Places, path: Path, value: Any) -> bytes | None:
    """The text with a value set, or None where it cannot be done without touching other lines."""
    spot = spots.spots.get(path)
    span = spot.value if spot is not None else None
    if span is None or not isinstance(value, list) or raw[span[0] : span[0] + 1] != b"[":
        return put(raw, spots, path, value)
    return (
        _by_elements(raw, spots, path, value) if b"\n" in raw[slice(*span)] else put(raw, spots, path, value)
    )


def _by_elements(raw: bytes, spots: Places, path: Path, value: list[Any]) -> bytes | None:
    """An array written on several lines keeps its layout; only what differs is taken out and put in."""
    held: Any = at(data_of(raw.decode(), ""), path)
    matcher = SequenceMatcher(a=[repr(one) for one in held], b=[repr(one) for one in value], autojunk=False)
    changed: bytes | None = raw
    for kind, start, end, first, last in reversed(matcher.get_opcodes()):
        if kind == "equal":
            continue
        for position in reversed(range(start, end)):
            changed = changed and tables.removed(changed, places(changed.decode()), (*path, position))
        for one in reversed(value[first:last]):
            changed = changed and tables.inserted(
                changed, places(changed.decode()), path, start, one, len(held)
            )
    return changed
