"""Where a new value goes in a TOML text, byte by byte, so that nothing else moves.

tomlkit writes the values. It does not place them: it puts a new key behind the comments that belong to the
next table, and it can move keys that follow a dotted one (python-poetry/tomlkit 588). New tables get headers,
tables inside an inline table or a rule are written inline; dotted keys are never written.
"""

from __future__ import annotations

import re
from typing import Any

import tomlkit

from qbconsole.rules.mapping.faults import Path
from qbconsole.rules.mapping.places import Places, Spot, places
from qbconsole.rules.mapping.read import without_mark

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def spliced(text: str, path: Path, value: Any) -> str | None:
    """The text with the value put in, or None where there is no place for it without moving other lines.

    The caller must read the result again: this only places, it does not understand.
    """
    body = without_mark(text)
    raw, spots = body.encode(), places(body)
    spot = spots.spots.get(path)
    if spot is None:
        put = _inserted(raw, spots, path, value, b"\r\n" if b"\r\n" in raw else b"\n")
    elif spot.value is not None:
        put = raw[: spot.value[0]] + rendered(value).encode() + raw[spot.value[1] :]
    else:
        put = None  # a whole table with a header: its keys are set one by one
    return None if put is None else text[: len(text) - len(body)] + put.decode()


def rendered(value: Any) -> str:
    """A value as TOML, tables inline."""
    if isinstance(value, dict):
        inside = ", ".join(_pair(key, one) for key, one in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(rendered(one) for one in value)}]"
    return str(tomlkit.item(value).as_string())


def _key(part: str | int) -> str:
    text = str(part)
    return text if _BARE.fullmatch(text) else rendered(text)


def _pair(key: str | int, value: Any) -> str:
    return f"{_key(key)} = {rendered(value)}"


def _nested(path: Path, value: Any) -> Any:
    """The value inside one table for each key on the way."""
    for part in reversed(path):
        value = {part: value}
    return value


def _inserted(raw: bytes, spots: Places, path: Path, value: Any, newline: bytes) -> bytes | None:
    depth = max((n for n in range(1, len(path)) if path[:n] in spots.spots), default=0)
    above, holder = path[:depth], spots.spots.get(path[:depth])
    if holder is not None and holder.inline and holder.value is not None:
        return _into_inline(raw, holder, _pair(path[depth], _nested(path[depth + 1 :], value)))
    if holder is not None and holder.value is not None:
        return None  # a text or array stands where a table would have to be
    if depth == 0 and len(path) == 1:
        return _at_root(raw, spots, _pair(path[0], value).encode(), newline)
    if holder is not None and holder.header and (depth == len(path) - 1 or isinstance(above[-1], int)):
        line = _pair(path[depth], _nested(path[depth + 1 :], value))
        return _after_line(raw, holder.end, line.encode(), newline)
    return _new_table(raw, spots, path, value, newline)


def _into_inline(raw: bytes, holder: Spot, pair: str) -> bytes:
    start, end = holder.value or (0, 0)
    inside = raw[start + 1 : end - 1].strip()
    comma = b", " if inside else b""
    return raw[:start] + b"{ " + inside + comma + pair.encode() + b" }" + raw[end:]


def _at_root(raw: bytes, spots: Places, line: bytes, newline: bytes) -> bytes:
    """A key that belongs to no table stands after the last such key, or first of all."""
    ends = [spot.end for path, spot in spots.spots.items() if len(path) == 1 and spot.value is not None]
    return _after_line(raw, max(ends), line, newline) if ends else line + newline + raw


def _new_table(raw: bytes, spots: Places, path: Path, value: Any, newline: bytes) -> bytes:
    """A header of its own, behind everything that is already written about the same thing."""
    cut = max((n + 1 for n, part in enumerate(path) if isinstance(part, int)), default=len(path) - 1)
    names = ".".join(_key(part) for part in path[:cut] if not isinstance(part, int))
    header = f"[[{names}]]" if isinstance(path[cut - 1], int) else f"[{names}]"
    line = _pair(path[cut], _nested(path[cut + 1 :], value))
    end = len(raw)
    for depth in range(cut, 0, -1):
        ends = [spot.end for where, spot in spots.spots.items() if where[:depth] == path[:depth]]
        if ends:
            end = max(ends)
            break
    block = newline.join(text.encode() for text in ((["", header, line]) if raw.strip() else [header, line]))
    return _after_line(raw, end, block, newline)


def _after_line(raw: bytes, end: int, line: bytes, newline: bytes) -> bytes:
    """The line put below the one that holds byte `end`, whose comment stays with it."""
    at = raw.find(b"\n", end)
    if at >= 0:
        return raw[: at + 1] + line + newline + raw[at + 1 :]
    ending = newline if raw and not raw.endswith(b"\n") else b""
    return raw + ending + line + newline
