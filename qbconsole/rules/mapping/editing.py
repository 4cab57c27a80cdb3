"""One editing of mappings.toml: the text it began with, the edits made since, undo and redo. Pure.

What the console's editor, $EDITOR round trips and the commands hold in hand between reading the file and saving it
(`care.mapping_file.save`). A text may have faults while it is edited; saving is what refuses them.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from qbconsole.rules.mapping.edit import fresh_faults
from qbconsole.rules.mapping.edits.intended import at, data_of, is_there
from qbconsole.rules.mapping.edits.moved import refuse_moved
from qbconsole.rules.mapping.edits.paths import parse_path
from qbconsole.rules.mapping.edits.steps import (
    Insert,
    Move,
    Rename,
    Replace,
    Set,
    Step,
    Unset,
    Write,
    applied,
)
from qbconsole.rules.mapping.faults import Fault, Path
from qbconsole.rules.mapping.read import FILE, faults_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """A text, the edits made to it, and how many of them hold; every edit gives a new value.

    A path is a tuple of keys and positions, or the text a person writes: `merchants.oak.rules[0].when`.
    """

    #: The file's name, as faults and provenance show it.
    file: str
    #: The text it began with, and the one after each edit.
    texts: tuple[str, ...]
    #: The edits, undone ones last.
    steps: tuple[Step, ...] = ()
    #: How many of them hold.
    count: int = 0

    @classmethod
    def begin(cls, text: str, file: str = FILE) -> Editing:
        """Begin with a text, valid or not."""
        return cls(file=file, texts=(text,))

    # -- what it is now

    @property
    def start(self) -> str:
        """The text it began with."""
        return self.texts[0]

    @property
    def text(self) -> str:
        """The text with the edits that hold."""
        return self.texts[self.count]

    @property
    def changed(self) -> bool:
        """Whether the text differs from the one it began with."""
        return self.text != self.start

    @property
    def base_sha(self) -> str:
        """sha256, in hex, of the text it began with: which file on disk these edits belong to."""
        return sha_of(self.start)

    @property
    def done(self) -> tuple[Step, ...]:
        """The edits that hold, the oldest first."""
        return self.steps[: self.count]

    def data(self) -> dict[str, Any]:
        """What the text says, as plain data that is not to be changed. Raises MappingFaults where it is no TOML."""
        return data_of(self.text, self.file)

    def length(self, path: Path | str) -> int:
        """How many elements an array has; 0 where it is not there."""
        data, where = self.data(), self._path(path)
        held = at(data, where) if is_there(data, where) else ()
        return len(held) if isinstance(held, list) else 0

    def faults(self) -> tuple[Fault, ...]:
        """Every fault of the text, with its line; none when it may be saved."""
        return _faults(self.text, self.file)

    def fresh_faults(self) -> tuple[Fault, ...]:
        """The faults that the text it began with did not have, or that stand where a value was set."""
        return fresh_faults(self.start, self.text, self.done, self.file)

    def diff(self, context: int = 3) -> tuple[str, ...]:
        """What differs from the start, as `diff_lines` gives it; empty where nothing does."""
        return diff_lines(self.start, self.text, context)

    # -- edits; each raises MappingFaults where it cannot be made, and then nothing has changed

    def set(self, path: Path | str, value: Any) -> Editing:
        """Set a value exactly as given (text, int, bool, date, list, dict)."""
        return self.step(Set(path=self._path(path), value=_plain(value)))

    def write(self, path: Path | str, words: str) -> Editing:
        """Set what a person typed, in the type the schema has there, as `mapping set` does."""
        return self.step(Write(path=self._path(path), words=words))

    def unset(self, path: Path | str) -> Editing:
        """Take out a key, a table, or one element of an array, with the comments that belong to it."""
        return self.step(Unset(path=self._path(path)))

    def rename(self, path: Path | str, name: str) -> Editing:
        """Give a key another name; what stands below it stays."""
        return self.step(Rename(path=self._path(path), name=name))

    def insert(self, path: Path | str, position: int, table: Any) -> Editing:
        """Put an element into an array, 0 before the first; an array that is not there yet is made."""
        return self.step(Insert(path=self._path(path), position=position, value=_plain(table)))

    def move(self, path: Path | str, start: int, to: int) -> Editing:
        """Move the element at `start` of an array, so that it then stands at `to`."""
        return self.step(Move(path=self._path(path), start=start, to=to))

    def replace_all(self, text: str) -> Editing:
        """Take a whole text, as $EDITOR gave it back; even one with faults."""
        return self.step(Replace(text=text))

    def step(self, step: Step) -> Editing:
        """Make one edit; one that changes nothing is no edit."""
        after = applied(self.text, step, self.file)
        if after == self.text:
            return self
        kept = slice(0, self.count)
        return replace(
            self,
            texts=(*self.texts[: self.count + 1], after),
            steps=(*self.steps[kept], step),
            count=self.count + 1,
        )

    def _path(self, path: Path | str) -> Path:
        return parse_path(path, self.file) if isinstance(path, str) else tuple(path)

    # -- back and forth

    @property
    def can_undo(self) -> bool:
        """Whether an edit holds."""
        return self.count > 0

    @property
    def can_redo(self) -> bool:
        """Whether an edit was undone."""
        return self.count < len(self.steps)

    def undo(self) -> Editing:
        """The text before the last edit, byte for byte; nothing where none holds."""
        return replace(self, count=self.count - 1) if self.can_undo else self

    def redo(self) -> Editing:
        """The edit that was undone last, made again; nothing where none was."""
        return replace(self, count=self.count + 1) if self.can_redo else self

    def onto(self, text: str) -> Editing:
        """The same edits made to another text: somebody saved it meanwhile, and nobody's change may be lost.

        Raises MappingFaults where an edit speaks of what the other text changed: a position in an array, a place that
        is gone, or the whole text.
        """
        begun = Editing.begin(text, self.file)
        for step in self.done:
            refuse_moved(step, self.start, text, self.file)
            begun = begun.step(step)
        return begun


@lru_cache(maxsize=8)
def _faults(text: str, file: str) -> tuple[Fault, ...]:
    """Remembered: a screen asks at every change of anything."""
    return faults_of(text, file)


def _plain(value: Any) -> Any:
    """A value as TOML's own reader would give it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def sha_of(text: str | bytes) -> str:
    """sha256, in hex, of a file's text."""
    return sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def diff_lines(before: str, after: str, context: int = 3) -> tuple[str, ...]:
    """A unified diff without its two headings: lines that begin with "+", "-" or " ", and "@@ … @@" before each part."""
    found = difflib.unified_diff(_lines(before), _lines(after), n=context, lineterm="")
    return tuple(found)[2:]


def _lines(text: str) -> Sequence[str]:
    """Lines without their line break; a last line that has none is told from one that has."""
    if not text:
        return []
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else [*lines[:-1], f"{lines[-1]} (no line break at the end)"]
