"""The edits as values, and a text with one of them made: proved by reading the result again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from qbconsole.rules.mapping.edits import intended, tables
from qbconsole.rules.mapping.edits.intended import Data
from qbconsole.rules.mapping.edits.paths import refused
from qbconsole.rules.mapping.edits.setting import with_set
from qbconsole.rules.mapping.edits.write import candidates, is_below
from qbconsole.rules.mapping.faults import Path, dotted
from qbconsole.rules.mapping.places import Places, places
from qbconsole.rules.mapping.read import faults_of, without_mark
from qbconsole.visible import safe


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """A value, exactly as given."""

    path: Path
    value: Any

    def __str__(self) -> str:
        return f"{dotted(self.path)} = {safe(self.value, limit=80)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A value as a person typed it."""

    path: Path
    words: str

    def __str__(self) -> str:
        return f"{dotted(self.path)} = {safe(self.words, limit=80)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unset:
    """A key, table or element taken out."""

    path: Path

    def __str__(self) -> str:
        return f"{dotted(self.path)} taken out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A key called otherwise."""

    path: Path
    name: str

    def __str__(self) -> str:
        return f"{dotted(self.path)} renamed {safe(self.name, limit=80)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """An element put into an array."""

    path: Path
    position: int
    value: Any

    def __str__(self) -> str:
        return f"{dotted((*self.path, self.position))} put in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An element of an array put at another position."""

    path: Path
    start: int
    to: int

    def __str__(self) -> str:
        return f"{dotted((*self.path, self.start))} moved to {self.to}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """A whole text."""

    text: str

    def __str__(self) -> str:
        return "the whole text"


Step = Set | Write | Unset | Rename | Insert | Move | Replace
#: From bytes and places to new bytes, or None where it cannot be done.
_Change = Callable[[bytes, Places], bytes | None]


def applied(text: str, step: Step, file: str) -> str:
    """The text with one edit made. Raises MappingFaults where it cannot be made; then nothing is changed.

    Whatever placed the bytes: read again, the text must say what was meant and nothing else.
    """
    if isinstance(step, Replace):
        return step.text
    data = intended.data_of(text, file)
    match step:
        case Write(path=path, words=words):
            return _written(text, data, path, words, file)
        case Set(path=path, value=value):
            return with_exactly(text, data, path, value, file)
        case Unset(path=path):
            meant = intended.pruned(intended.without(data, path, file), path)
            return _proved(text, path, lambda raw, spots: tables.removed(raw, spots, path), meant, file)
        case Rename(path=path, name=name):
            meant = iter([intended.renamed(data, path, name, file)])
            return _proved(text, path, lambda raw, spots: tables.renamed(raw, spots, path, name), meant, file)
        case Insert(path=path, position=position, value=value):
            meant = iter([intended.inserted(data, path, position, value, file)])
            count = len(intended.at(data, path)) if intended.is_there(data, path) else None
            return _proved(
                text,
                path,
                lambda raw, spots: tables.inserted(raw, spots, path, position, value, count),
                meant,
                file,
            )
        case Move(path=path, start=start, to=to):
            meant_data = intended.moved(data, path, start, to, file)
            order = list(range(len(intended.at(data, path))))
            order.insert(to, order.pop(start))
            return _proved(
                text,
                path,
                lambda raw, spots: tables.reordered(raw, spots, path, order),
                iter([meant_data]),
                file,
            )


def with_exactly(text: str, data: Data, path: Path, value: Any, file: str) -> str:
    """The text with a value set that may be what stands there already."""
    meant = intended.with_value(data, path, value, file)
    if intended.same(meant, data):
        return text
    return _proved(text, path, lambda raw, spots: with_set(raw, spots, path, value), iter([meant]), file)


def _written(text: str, data: Data, path: Path, words: str, file: str) -> str:
    """The value of the schema's type is the first reading that brings no fault at its place."""
    readings, first = candidates(words), None
    if len(readings) == 1:
        return with_exactly(text, data, path, readings[0], file)
    for value in readings:
        edited = with_exactly(text, data, path, value, file)
        if edited == text or not any(is_below(fault, path) for fault in faults_of(edited, file)):
            return edited
        first = first or edited
    return first or text


def _proved(text: str, path: Path, change: _Change, meant: Iterable[Data], file: str) -> str:
    body = without_mark(text)
    spots = places(body)
    try:
        changed = change(body.encode(), spots)
    except (
        UnicodeEncodeError
    ) as cause:  # bytes of a command line that were no UTF-8 arrive as halves of characters
        raise refused("is not valid TOML: it holds bytes that are no text", file, path) from cause
    if changed is not None:
        edited = text[: len(text) - len(body)] + changed.decode()
        if any(intended.says(edited, one) for one in meant):
            return edited
    sentence = "cannot be changed without touching other lines; edit the file by hand here"
    raise refused(sentence, file, path, spots.line(path))
