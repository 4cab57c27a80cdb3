"""The blocks of a TOML text: each header with its keys and the comments that belong to it.

Comment lines directly above a header, with no blank line between, are the header's; those directly below its last
line are its own too, unless they touch the next header. Comments between blank lines belong to nobody and stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qbconsole.rules.mapping.faults import Path
from qbconsole.rules.mapping.places import Places

#: From the first byte to the one after the last, without line break.
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One `[table]` or `[[element]]`."""

    #: With its position, where it is an element of an array.
    path: Path
    #: Bytes from its first line on, to the end of its last, without line break.
    span: Span


def line_start(raw: bytes, at: int) -> int:
    """The first byte of the line that holds a byte."""
    return raw.rfind(b"\n", 0, at) + 1


def line_end(raw: bytes, at: int) -> int:
    """The byte after the line's last, its line break left out."""
    end = raw.find(b"\n", at)
    end = len(raw) if end < 0 else end
    return end - 1 if raw[max(end - 1, 0) : end] == b"\r" else end


def next_line(raw: bytes, end: int) -> int:
    """The first byte of the line after; the text's end where there is none."""
    at = raw.find(b"\n", end)
    return len(raw) if at < 0 else at + 1


def _is_comment(raw: bytes, at: int) -> bool:
    return raw[at : line_end(raw, at)].lstrip().startswith(b"#")


def is_blank(raw: bytes, at: int) -> bool:
    """Whether the line that begins at a byte holds nothing."""
    return not raw[at : line_end(raw, at)].strip()


def with_comments_above(raw: bytes, start: int, floor: int) -> int:
    """The first byte of the comment lines directly above a line, not beyond `floor`, where other content ends."""
    while start > 0 and (above := line_start(raw, start - 1)) >= floor and _is_comment(raw, above):
        start = above
    return start


def _with_comments_below(raw: bytes, end: int, ceiling: int) -> int:
    """The end of the comment lines directly below a line; the end itself where they touch what follows."""
    last, at = end, next_line(raw, end)
    while at < ceiling and _is_comment(raw, at):
        last, at = line_end(raw, at), next_line(raw, at)
    return last


def blocks_of(raw: bytes, spots: Places) -> list[Block]:
    """Every block, in the order of the text."""
    headers = sorted((spot.start, spot.end, path) for path, spot in spots.spots.items() if spot.header)
    if not headers:
        return []
    first = headers[0][0]
    root = [spot.end for spot in spots.spots.values() if spot.value is not None and spot.start < first]
    floor = next_line(raw, max(root)) if root else 0
    starts = []
    for start, end, _ in headers:
        starts.append(with_comments_above(raw, line_start(raw, start), floor))
        floor = next_line(raw, end)
    ceilings = [*starts[1:], len(raw)]
    return [
        Block(path=path, span=(start, _with_comments_below(raw, line_end(raw, end), ceiling)))
        for (_, end, path), start, ceiling in zip(headers, starts, ceilings, strict=True)
    ]


def runs_below(blocks: Sequence[Block], path: Path) -> list[Span]:
    """The spans of all blocks at or below a place; neighbours make one span, with what stands between them."""
    runs: list[Span] = []
    before = False
    for block in blocks:
        mine = block.path[: len(path)] == path
        if mine and before:
            runs[-1] = (runs[-1][0], block.span[1])
        elif mine:
            runs.append(block.span)
        before = mine
    return runs


def cut(raw: bytes, span: Span) -> bytes:
    """The text without whole lines; of blank lines above and below only those above stay, at the end none."""
    start, stop = span[0], next_line(raw, span[1])
    above_is_blank = start == 0 or is_blank(raw, line_start(raw, start - 1))
    if above_is_blank:
        while stop < len(raw) and is_blank(raw, stop):
            stop = next_line(raw, stop)
        while stop == len(raw) and start > 0 and is_blank(raw, line_start(raw, start - 1)):
            start = line_start(raw, start - 1)
    return raw[:start] + raw[stop:]


def replaced(raw: bytes, changes: Sequence[tuple[Span, bytes]]) -> bytes:
    """The text with other bytes in several places that do not overlap."""
    parts, at = [], 0
    for (start, end), new in sorted(changes):
        parts += [raw[at:start], new]
        at = end
    return b"".join([*parts, raw[at:]])
