"""Where things stand in a TOML text: the line of every key, and the bytes of every value.

tree-sitter reads the text because tomllib forgets lines. It only ever serves messages and the editor: what
the file *means* is always tomllib's word.
"""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from functools import cache, lru_cache

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from qbconsole.rules.mapping.faults import Path
from qbconsole.value import Value, field

_KEYS = ("dotted_key", "bare_key", "quoted_key")
_NESTED = ("inline_table", "array")
#: One part of a key as TOML has them.
_PART = re.compile(rb"""\"(?:[^"\\]|\\.)*\"|'[^']*'|[^.\s"']+""")


class Spot(Value):
    """One key or table of the text, in bytes of its UTF-8 form."""

    #: 1-based.
    line: int
    start: int
    #: First byte after it; of a table with header, after its last own key.
    end: int
    #: The value's bytes, where the spot is `key = value`.
    value: tuple[int, int] | None = None
    #: True for a table with a header of its own.
    header: bool = False
    #: True where the value is written `{ ... }`.
    inline: bool = False
    #: First byte of a table's last own key, else where the spot itself begins.
    last: int = 0


class Places(Value, kw_only=False):
    """Every key and table of one text, in bytes of its UTF-8 form."""

    spots: dict[Path, Spot]
    #: Where each key is written: once, or in every header and dotted key that names it.
    keys: dict[Path, list[tuple[int, int]]] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of a place, or of the nearest thing around it that is written down."""
        while path and path not in self.spots:
            path = path[:-1]
        return self.spots[path].line if path else 1


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_toml.language()))


@lru_cache(maxsize=4)
def places(text: str) -> Places:
    """Find every key and table; text that is no valid TOML gives what could be made of it. Nobody changes the answer."""
    raw = text.encode()
    walk = _Walk(raw)
    for node in _parser().parse(raw).root_node.named_children:
        kind = node.type
        if kind == "pair":
            walk.pair(node, ())
        elif kind in ("table", "table_array_element"):
            walk.table(node, is_element=kind != "table")
    return Places(walk.spots, walk.keys)


@lru_cache(maxsize=1024)
def _parts(written: bytes) -> tuple[tuple[str, int, int], ...]:
    """The parts of a bare, quoted or dotted key as written, each with its first byte and the one after its last."""
    found: list[tuple[str, int, int]] = []
    for one in _PART.finditer(written):
        text = one[0].decode()
        if text[0] in "\"'":
            with suppress(tomllib.TOMLDecodeError):  # a reader of the whole text says so, with the line
                text = next(iter(tomllib.loads(f"{text} = 0")))
        found.append((text, *one.span()))
    return tuple(found)


class _Walk:
    """The tree of one text walked once; ten thousand rules are looked through at every edit."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.spots: dict[Path, Spot] = {}
        self.keys: dict[Path, list[tuple[int, int]]] = {}
        #: Array of tables -> position of its newest element.
        self.counts: dict[Path, int] = {}

    def table(self, node: Node, *, is_element: bool) -> None:
        """A header and its own keys."""
        named = node.named_children
        if not named or named[0].type not in _KEYS:
            return
        start, line = node.start_byte, node.start_point[0] + 1
        path = self._header(named[0], is_element=is_element, outer=Spot(line=line, start=start, end=start))
        pairs = [child for child in named if child.type == "pair"]
        last = pairs[-1] if pairs else None
        self.spots[path] = Spot(
            line=line,
            start=start,
            end=last.end_byte if last else _bracket(node),
            header=True,
            last=last.start_byte if last else start,
        )
        for pair in pairs:
            self.pair(pair, path)

    def _header(self, key: Node, *, is_element: bool, outer: Spot) -> Path:
        """The path a header means: the newest element wherever an array of tables is on the way."""
        at, path = key.start_byte, ()  # type: int, Path
        parts = _parts(self.raw[at : key.end_byte])
        for number, (part, first, end) in enumerate(parts, 1):
            path = (*path, part)
            self.keys.setdefault(path, []).append((at + first, at + end))
            if number == len(parts):
                break
            self.spots.setdefault(path, outer)
            if path in self.counts:
                path = (*path, self.counts[path])
        if is_element:
            self.spots.setdefault(path, outer)
            self.counts[path] = self.counts.get(path, -1) + 1
            path = (*path, self.counts[path])
        elif path in self.counts:
            path = (*path, self.counts[path])
        return path

    def pair(self, node: Node, above: Path) -> None:
        """`key = value`, and what is inside the value."""
        named = [child for child in node.named_children if child.type != "comment"]
        if len(named) != 2:
            return
        key, value = named
        at, path = key.start_byte, above
        line, start, end = node.start_point[0] + 1, node.start_byte, node.end_byte
        for part, first, after in _parts(self.raw[at : key.end_byte]):
            if path != above:
                self.spots.setdefault(path, Spot(line=line, start=start, end=end))
            path = (*path, part)
            self.keys.setdefault(path, []).append((at + first, at + after))
        kind = value.type
        self.spots[path] = Spot(
            line=line,
            start=start,
            end=end,
            value=(value.start_byte, value.end_byte),
            inline=kind == "inline_table",
            last=start,
        )
        if kind in _NESTED:
            self._inside(value, kind, path)

    def _inside(self, value: Node, kind: str, path: Path) -> None:
        if kind == "inline_table":
            for child in value.named_children:
                if child.type == "pair":
                    self.pair(child, path)
            return
        position = 0
        for element in value.named_children:
            inner = element.type
            if inner == "comment":
                continue
            span, here = (element.start_byte, element.end_byte), (*path, position)
            self.spots[here] = Spot(
                line=element.start_point[0] + 1,
                start=span[0],
                end=span[1],
                value=span,
                inline=inner == "inline_table",
                last=span[0],
            )
            if inner in _NESTED:
                self._inside(element, inner, here)
            position += 1


def _bracket(node: Node) -> int:
    """The end of a header's closing bracket."""
    return next(child for child in reversed(node.children) if child.type in ("]", "]]")).end_byte
