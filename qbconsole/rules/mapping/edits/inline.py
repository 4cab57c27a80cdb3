"""Arrays in `[ ]` and tables in `{ }`: their members taken out, put in and moved.

Where each element of an array stands on lines of its own, its comments go with it: those directly above and the one
behind it. Otherwise comments between elements belong to nobody in particular (python-poetry/tomlkit 340), so an edit
that would have to touch them is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qbconsole.rules.mapping.edits.blocks import (
    Span,
    cut,
    line_end,
    line_start,
    next_line,
    replaced,
    with_comments_above,
)
from qbconsole.rules.mapping.edits.splice import line_break

#: What follows an element on its line: a comma or none, a comment or none.
_TAIL = re.compile(rb"(?P<gap>[ \t]*)(?P<comma>,?)(?P<rest>[ \t]*(?:#.*)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """An element that has its lines to itself, with its comments."""

    #: First byte of its first line; of itself; after itself; its last line's end.
    first: int
    start: int
    end: int
    last: int
    has_comma: bool
    #: What follows it, without the comma.
    rest: bytes

    @property
    def span(self) -> Span:
        return (self.first, self.last)


def _cells(raw: bytes, holder: Span, members: Sequence[Span]) -> list[_Cell] | None:
    """Every element with its lines; None where they do not all stand on lines of their own."""
    cells, floor = [], next_line(raw, holder[0])
    for start, end in members:
        line, last = line_start(raw, start), line_end(raw, end)
        tail = _TAIL.fullmatch(raw, end, last)
        if line < floor or raw[line:start].strip() or tail is None or last >= holder[1]:
            return None
        rest = tail["rest"] if tail["comma"] else tail["gap"] + tail["rest"]
        first = with_comments_above(raw, line, floor)
        has_comma = bool(tail["comma"])
        cells.append(_Cell(first=first, start=start, end=end, last=last, has_comma=has_comma, rest=rest))
        floor = next_line(raw, last)
    return cells


def _talks(raw: bytes, members: Sequence[Span], holder: Span) -> bool:
    """Whether there are comments between the members."""
    edges = [holder[0], *(edge for span in members for edge in span), holder[1]]
    return any(b"#" in raw[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))


def without_member(raw: bytes, holder: Span, members: Sequence[Span], position: int) -> bytes | None:
    """The text without one member of an array or inline table, and without its comma."""
    cells = _cells(raw, holder, members)
    if cells is not None:
        return cut(raw, cells[position].span)
    if _talks(raw, members, holder):
        return None
    if len(members) == 1:
        return raw[: holder[0] + 1] + raw[holder[1] - 1 :]
    if position + 1 < len(members):
        return raw[: members[position][0]] + raw[members[position + 1][0] :]
    return raw[: members[position - 1][1]] + raw[members[position][1] :]


def with_element(
    raw: bytes, holder: Span, members: Sequence[Span], position: int, element: bytes
) -> bytes | None:
    """The text with one element more in an array, in the array's own style."""
    if not members:
        if _talks(raw, members, holder):
            return None
        return raw[: holder[0] + 1] + element + raw[holder[1] - 1 :]
    cells = _cells(raw, holder, members)
    if cells is None:
        return _beside(raw, members, position, element)
    newline = line_break(raw)
    if position < len(cells):
        here = cells[position]
        indent = raw[line_start(raw, here.start) : here.start]
        return raw[: here.first] + indent + element + b"," + newline + raw[here.first :]
    here = cells[-1]
    indent = raw[line_start(raw, here.start) : here.start]
    added = newline + indent + element + (b"," if here.has_comma else b"")
    comma = b"" if here.has_comma else b","
    return replaced(raw, [((here.end, here.end), comma), ((here.last, here.last), added)])


def _beside(raw: bytes, members: Sequence[Span], position: int, element: bytes) -> bytes:
    if position < len(members):
        at = members[position][0]
        return raw[:at] + element + b", " + raw[at:]
    at = members[-1][1]
    return raw[:at] + b", " + element + raw[at:]


def with_order(raw: bytes, holder: Span, members: Sequence[Span], order: Sequence[int]) -> bytes | None:
    """The text with an array's elements in another order; commas and what stands between stay in their places."""
    cells = _cells(raw, holder, members)
    changes: list[tuple[Span, bytes]] = []
    if cells is not None:
        for slot, source in zip(cells, (cells[one] for one in order), strict=True):
            if slot is not source:
                comma = b"," if slot.has_comma else b""
                text = raw[source.first : source.end] + comma + source.rest
                changes.append((slot.span, text))
    elif _talks(raw, members, holder):
        return None
    else:
        changes = [
            (slot, raw[slice(*source)])
            for slot, source in zip(members, (members[one] for one in order), strict=True)
            if slot != source
        ]
    return replaced(raw, changes)
