"""Whole tables, elements and keys of a TOML text: taken out, put in, moved, called otherwise.

Each gives the new text, or None where it cannot be done without touching what is not meant; the caller reads the
result again and compares it with what was meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qbconsole.rules.mapping.edits.blocks import (
    Span,
    blocks_of,
    cut,
    is_blank,
    line_end,
    line_start,
    next_line,
    replaced,
    runs_below,
    with_comments_above,
)
from qbconsole.rules.mapping.edits.inline import with_element, with_order, without_member
from qbconsole.rules.mapping.edits.splice import behind, block_text, key_text, line_break, put, rendered
from qbconsole.rules.mapping.faults import Path
from qbconsole.rules.mapping.places import Places, Spot


def removed(raw: bytes, spots: Places, path: Path) -> bytes | None:
    """Without a key, a table with all below it, or one element, and without the comments that are its own."""
    holder = _holder(spots, path)
    if holder is not None:
        return _out_of_inline(raw, spots, path, holder)
    runs = runs_below(blocks_of(raw, spots), path)
    lines = [
        _key_lines(raw, spots, spot)
        for where, spot in spots.spots.items()
        if where[: len(path)] == path
        and spot.value is not None
        and not any(start <= spot.start < end for start, end in runs)
        and _holder(spots, where) is None
    ]
    for span in sorted([*runs, *lines], reverse=True):
        raw = cut(raw, span)
    return raw


def _holder(spots: Places, path: Path) -> Path | None:
    """The innermost array in `[ ]` or table in `{ }` around a place."""
    for depth in range(len(path) - 1, 0, -1):
        spot = spots.spots.get(path[:depth])
        if spot is not None and spot.value is not None:
            return path[:depth]
    return None


def _out_of_inline(raw: bytes, spots: Places, path: Path, holder: Path) -> bytes | None:
    """Every member of the holder that is at or below the place: a dotted key may have several."""
    members = _members(spots, holder)
    span = spots.spots[holder].value
    mine = [number for number, (where, _) in enumerate(members) if where[: len(path)] == path]
    if span is None or len(mine) != 1:
        return None
    return without_member(raw, span, [one for _, one in members], mine[0])


def _members(spots: Places, holder: Path) -> list[tuple[Path, Span]]:
    """The elements of an array, or the pairs of an inline table, in the order of the text."""
    return sorted(
        (
            (where, (spot.start, spot.end))
            for where, spot in spots.spots.items()
            if where[: len(holder)] == holder
            and len(where) > len(holder)
            and spot.value is not None
            and _holder(spots, where) == holder
        ),
        key=lambda member: member[1],
    )


def _key_lines(raw: bytes, spots: Places, spot: Spot) -> Span:
    """The lines of one key. Comments above are its own where no other key follows: else they may speak of all."""
    start, end = line_start(raw, spot.start), line_end(raw, spot.end)
    after = next_line(raw, end)
    follows = raw[after : line_end(raw, after)].lstrip()
    if after < len(raw) and not is_blank(raw, after) and not follows.startswith((b"#", b"[")):
        return (start, end)
    ends = [one.end for one in spots.spots.values() if one.value is not None and one.end <= spot.start]
    return (with_comments_above(raw, start, max(ends, default=0)), end)


def inserted(
    raw: bytes, spots: Places, path: Path, position: int, value: Any, count: int | None
) -> bytes | None:
    """With one element more in an array of `count` elements; None stands for one that is not there."""
    spot = spots.spots.get(path)
    if spot is not None and spot.value is not None:
        members = [span for _, span in _members(spots, path)]
        return with_element(raw, spot.value, members, position, rendered(value).encode())
    if count is None and (not isinstance(value, dict) or _is_inline(spots, path)):
        return put(raw, spots, path, [value])
    if not isinstance(value, dict):
        return None
    newline = line_break(raw)
    block = block_text((*path, position), value, newline)
    if not count:
        return behind(raw, spots, (*path, 0), block)
    slots = _slots(raw, spots, path, count)
    if slots is None:
        return None
    if position < count:
        at = slots[position][0][0]
        return raw[:at] + block + newline * 2 + raw[at:]
    at = slots[-1][-1][1]
    return raw[:at] + newline * 2 + block + raw[at:]


def _is_inline(spots: Places, path: Path) -> bool:
    """Whether what stands nearest above a place is written `{ }`, or is a rule, whose tables are written so."""
    for depth in range(len(path) - 1, 0, -1):
        spot = spots.spots.get(path[:depth])
        if spot is not None:
            return spot.value is not None or isinstance(path[depth - 1], int)
    return False


def _slots(raw: bytes, spots: Places, path: Path, count: int) -> list[list[Span]] | None:
    """The spans of each element of an array of tables, in one pass over the text; None where one has none."""
    mine: dict[int, list[Span]] = {}
    before: object = None
    for block in blocks_of(raw, spots):
        here = block.path[len(path)] if block.path[: len(path)] == path != block.path else None
        if isinstance(here, int):
            runs = mine.setdefault(here, [])
            runs[-1:] = [(runs[-1][0], block.span[1])] if here == before else [*runs[-1:], block.span]
        before = here
    return [mine[position] for position in range(count)] if len(mine) == count else None


def reordered(raw: bytes, spots: Places, path: Path, order: Sequence[int]) -> bytes | None:
    """With an array's elements in another order, each with its comments; what stands between them stays."""
    spot = spots.spots.get(path)
    if spot is not None and spot.value is not None:
        return with_order(raw, spot.value, [span for _, span in _members(spots, path)], order)
    slots = _slots(raw, spots, path, len(order))
    if slots is None:
        return None
    joint = line_break(raw)
    changes: list[tuple[Span, bytes]] = []
    strays: list[Span] = []
    for slot, source in zip(slots, (slots[one] for one in order), strict=True):
        if slot is not source:
            changes.append((slot[0], joint.join(raw[start:end] for start, end in source)))
            strays += slot[1:]
    gone = [((start, next_line(raw, end)), b"") for start, end in strays]
    return replaced(raw, [*changes, *gone])


def renamed(raw: bytes, spots: Places, path: Path, name: str) -> bytes | None:
    """With a key called otherwise, in every header and dotted key that names it."""
    new = key_text(name).encode()
    return replaced(raw, [(span, new) for span in spots.keys.get(path, ())])
