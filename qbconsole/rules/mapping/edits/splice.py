"""Where a new value goes in a TOML text, byte by byte, so that nothing else moves.

tomlkit writes the values. It does not place them: it puts a new key behind the comments that belong to the
next table, and it can move keys that follow a dotted one (python-poetry/tomlkit 588). New tables get headers,
tables inside an inline table or a rule are written inline; dotted keys are never written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import tomlkit

from qbconsole.rules.mapping.edits.blocks import blocks_of, line_end, line_start
from qbconsole.rules.mapping.faults import Path
from qbconsole.rules.mapping.places import Places, Spot

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def put(raw: bytes, spots: Places, path: Path, value: Any) -> bytes | None:
    """The text with the value put in, or None where there is no place for it without moving other lines.

    The caller must read the result again: this only places, it does not understand.
    """
    spot = spots.spots.get(path)
    if spot is None:
        return _inserted(raw, spots, path, value)
    if spot.value is None:
        return None  # a whole table with a header: its keys are set one by one
    return raw[: spot.value[0]] + rendered(value).encode() + raw[spot.value[1] :]


def rendered(value: Any) -> str:
    """A value as TOML, tables inline."""
    if isinstance(value, Mapping):
        inside = ", ".join(pair(key, one) for key, one in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(rendered(one) for one in value)}]"
    return str(tomlkit.item(value).as_string())


def key_text(part: str | int) -> str:
    """A key, in quotes where it needs them."""
    text = str(part)
    return text if _BARE.fullmatch(text) else rendered(text)


def pair(key: str | int, value: Any) -> str:
    """`key = value`."""
    return f"{key_text(key)} = {rendered(value)}"


def line_break(raw: bytes) -> bytes:
    """The text's own: a Windows file stays one."""
    return b"\r\n" if b"\r\n" in raw else b"\n"


def block_text(path: Path, pairs: Mapping[str, Any], newline: bytes) -> bytes:
    """A table with a header of its own, or an element of an array where the path ends with its position."""
    names = ".".join(key_text(part) for part in path if not isinstance(part, int))
    header = f"[[{names}]]" if isinstance(path[-1], int) else f"[{names}]"
    return newline.join(text.encode() for text in (header, *(pair(key, one) for key, one in pairs.items())))


def behind(raw: bytes, spots: Places, path: Path, block: bytes) -> bytes:
    """A new block behind everything that is already written about the same thing, its comments included."""
    newline, blocks = line_break(raw), blocks_of(raw, spots)
    end = len(raw)
    for depth in range(len(path), 0, -1):
        ends = [one.span[1] for one in blocks if one.path[:depth] == path[:depth]]
        if ends:
            end = max(ends)
            break
    gap = newline if raw.strip() else b""
    return after_line(raw, end, gap + block, newline)


def after_line(raw: bytes, end: int, line: bytes, newline: bytes) -> bytes:
    """The line put below the one that holds byte `end`, whose comment stays with it."""
    at = raw.find(b"\n", end)
    if at >= 0:
        return raw[: at + 1] + line + newline + raw[at + 1 :]
    ending = newline if raw and not raw.endswith(b"\n") else b""
    return raw + ending + line + newline


def _nested(path: Path, value: Any) -> Any:
    """The value inside one table for each key on the way."""
    for part in reversed(path):
        value = {part: value}
    return value


def _inserted(raw: bytes, spots: Places, path: Path, value: Any) -> bytes | None:
    depth = max((n for n in range(1, len(path)) if path[:n] in spots.spots), default=0)
    above, holder = path[:depth], spots.spots.get(path[:depth])
    if holder is not None and holder.inline and holder.value is not None:
        return _into_inline(raw, holder, pair(path[depth], _nested(path[depth + 1 :], value)))
    if holder is not None and holder.value is not None:
        return None  # a text or array stands where a table would have to be
    if depth == 0 and len(path) == 1:
        return _at_root(raw, spots, pair(path[0], value).encode())
    if holder is not None and holder.header and (depth == len(path) - 1 or isinstance(above[-1], int)):
        line = pair(path[depth], _nested(path[depth + 1 :], value)).encode()
        return after_line(raw, holder.end, _indent(raw, holder) + line, line_break(raw))
    return _new_table(raw, spots, path, value)


def _indent(raw: bytes, holder: Spot) -> bytes:
    """The blanks before the table's last key, or before its header; of a text that spans lines, before its first."""
    line = raw[line_start(raw, holder.last) : line_end(raw, holder.last)]
    return line[: len(line) - len(line.lstrip())]


def _into_inline(raw: bytes, holder: Spot, added: str) -> bytes:
    start, end = holder.value or (0, 0)
    inside = raw[start + 1 : end - 1].strip()
    comma = b", " if inside else b""
    return raw[:start] + b"{ " + inside + comma + added.encode() + b" }" + raw[end:]


def _at_root(raw: bytes, spots: Places, line: bytes) -> bytes:
    """A key that belongs to no table stands after the last such key, or first of all."""
    newline = line_break(raw)
    ends = [spot.end for path, spot in spots.spots.items() if len(path) == 1 and spot.value is not None]
    return after_line(raw, max(ends), line, newline) if ends else line + newline + raw


def _new_table(raw: bytes, spots: Places, path: Path, value: Any) -> bytes:
    """A whole table beside tables of its kind gets a header of its own; else the key stands in a new table."""
    if value and isinstance(value, Mapping) and path[:-1] in spots.spots and isinstance(path[-1], str):
        return behind(raw, spots, path, block_text(path, value, line_break(raw)))
    cut = max((n + 1 for n, part in enumerate(path) if isinstance(part, int)), default=len(path) - 1)
    block = block_text(path[:cut], {str(path[cut]): _nested(path[cut + 1 :], value)}, line_break(raw))
    return behind(raw, spots, path[:cut], block)
