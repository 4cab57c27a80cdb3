"""Where things stand in a TOML text: the line of every key, and the bytes of every value.

tree-sitter reads the text because tomllib forgets lines. It only ever serves messages and the editor: what
the file *means* is always tomllib's word.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from qbconsole.rules.mapping.faults import Path


@dataclass(frozen=True, slots=True)
class Spot:
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


@dataclass(frozen=True, slots=True)
class Places:
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
    found = Places({})
    counts: dict[Path, int] = {}
    for node in _parser().parse(text.encode()).root_node.named_children:
        if node.type == "pair":
            _pair(node, (), found)
        elif node.type in ("table", "table_array_element"):
            _table(node, found, counts)
    return found


def _keys(node: Node) -> tuple[str, ...]:
    """The parts of a bare, quoted or dotted key."""
    if node.type == "dotted_key":
        return tuple(part for child in node.named_children for part in _keys(child))
    raw = (node.text or b"").decode()
    if node.type == "bare_key":
        return (raw,)
    try:
        return (next(iter(tomllib.loads(f"{raw} = 0"))),)
    except tomllib.TOMLDecodeError:
        return (raw,)


def _key_spans(node: Node) -> list[tuple[int, int]]:
    """The bytes of the same parts."""
    if node.type == "dotted_key":
        return [span for child in node.named_children for span in _key_spans(child)]
    return [(node.start_byte, node.end_byte)]


def _resolved(keys: tuple[str, ...], counts: dict[Path, int]) -> Path:
    """The path with the position of the newest element wherever an array of tables is on the way."""
    path: Path = ()
    for key in keys:
        path = (*path, key)
        if path in counts:
            path = (*path, counts[path])
    return path


def _table(node: Node, found: Places, counts: dict[Path, int]) -> None:
    named, spots = node.named_children, found.spots
    if not named or named[0].type not in ("dotted_key", "bare_key", "quoted_key"):
        return
    keys = _keys(named[0])
    for depth, span in enumerate(_key_spans(named[0])):
        found.keys.setdefault((*_resolved(keys[:depth], counts), keys[depth]), []).append(span)
    if node.type == "table_array_element":
        array = (*_resolved(keys[:-1], counts), keys[-1])
        counts[array] = counts.get(array, -1) + 1
        path: Path = (*array, counts[array])
        spots.setdefault(array, Spot(node.start_point[0] + 1, node.start_byte, node.start_byte))
    else:
        path = _resolved(keys, counts)
    header = next(child for child in reversed(node.children) if child.type in ("]", "]]"))
    pairs = [child for child in named if child.type == "pair"]
    end = pairs[-1].end_byte if pairs else header.end_byte
    for depth in range(1, len(path)):
        spots.setdefault(path[:depth], Spot(node.start_point[0] + 1, node.start_byte, node.start_byte))
    last = pairs[-1].start_byte if pairs else node.start_byte
    spots[path] = Spot(node.start_point[0] + 1, node.start_byte, end, header=True, last=last)
    for pair in pairs:
        _pair(pair, path, found)


def _pair(node: Node, above: Path, found: Places) -> None:
    named = [child for child in node.named_children if child.type != "comment"]
    if len(named) != 2:
        return
    spots = found.spots
    path: Path = (*above, *_keys(named[0]))
    for depth, span in enumerate(_key_spans(named[0]), len(above) + 1):
        found.keys.setdefault(path[:depth], []).append(span)
    value = named[1]
    for depth in range(len(above) + 1, len(path)):
        spots.setdefault(path[:depth], Spot(node.start_point[0] + 1, node.start_byte, node.end_byte))
    inline = value.type == "inline_table"
    spots[path] = Spot(
        node.start_point[0] + 1,
        node.start_byte,
        node.end_byte,
        value=(value.start_byte, value.end_byte),
        inline=inline,
        last=node.start_byte,
    )
    _inside(value, path, found)


def _inside(value: Node, path: Path, found: Places) -> None:
    if value.type == "inline_table":
        for pair in (child for child in value.named_children if child.type == "pair"):
            _pair(pair, path, found)
    elif value.type == "array":
        elements = (child for child in value.named_children if child.type != "comment")
        for position, element in enumerate(elements):
            row = element.start_point[0] + 1
            span = (element.start_byte, element.end_byte)
            inline = element.type == "inline_table"
            found.spots[(*path, position)] = Spot(row, *span, value=span, inline=inline, last=span[0])
            _inside(element, (*path, position), found)
