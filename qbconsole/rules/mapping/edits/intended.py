"""What an edit means for the data: the plain dictionaries that the edited text must say when it is read again."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from qbconsole.rules.mapping.edits.paths import refused
from qbconsole.rules.mapping.faults import Path
from qbconsole.rules.mapping.read import parse, without_mark

Data = dict[str, Any]


@lru_cache(maxsize=4)
def _loaded(body: str) -> Data:
    """What a text says; nobody changes the answer, edits copy what they change."""
    return tomllib.loads(body)


def data_of(text: str, file: str) -> Data:
    """The plain data of a text, read once and then remembered; not to be changed. Raises MappingFaults."""
    try:
        return _loaded(without_mark(text))
    except (ValueError, RecursionError):
        return parse(text, file)  # it says what is wrong, and where


def says(text: str, intended: Data) -> bool:
    """Whether a text, read again, says exactly what was meant."""
    try:
        return same(_loaded(without_mark(text)), intended)
    except (ValueError, RecursionError):
        return False


def same(one: Any, other: Any) -> bool:
    """Equal, and of equal types all the way down: 1 == True == 1.0 in Python, but not in TOML."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(held, other[key]) for key, held in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(repr(one) == repr(other))  # nan is nan


def at(data: Data, path: Path) -> Any:
    """What stands at a place. Raises KeyError, IndexError or TypeError where nothing does."""
    held: Any = data
    for part in path:
        if isinstance(held, list) != isinstance(part, int):
            raise KeyError(part)
        held = held[part]
    return held


def is_there(data: Data, path: Path) -> bool:
    """Whether something stands at a place."""
    try:
        at(data, path)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _opened(data: Data, path: Path) -> tuple[Data, Any]:
    """A copy in which what stands at a place may be changed, and that; all beside the way there is shared."""
    top: Any = dict(data)
    held = top
    for part in path:
        held[part] = _copy(held[part])
        held = held[part]
    return top, held


def _copy(one: Any) -> Any:
    return dict(one) if isinstance(one, dict) else list(one) if isinstance(one, list) else one


def with_value(data: Data, path: Path, value: Any, file: str) -> Data:
    """The data with one value set; a position one past an array's end appends a table."""
    intended: Data = dict(data)
    held: Any = intended
    for depth, part in enumerate(path[:-1]):
        follow: Any = [] if isinstance(path[depth + 1], int) else {}
        if isinstance(held, dict) and isinstance(part, str):
            one = held[part] = _copy(held.get(part, follow))
        elif isinstance(held, list) and isinstance(part, int) and part <= len(held):
            one = _copy(held[part] if part < len(held) else follow)
            held[part : part + 1] = [one]
        else:
            raise refused("there is nothing of that kind here", file, path[: depth + 1])
        held = one
    last = path[-1]
    in_table = isinstance(held, dict) and isinstance(last, str)
    in_array = isinstance(held, list) and isinstance(last, int) and last < len(held)
    if not (in_table or in_array):
        raise refused("there is nothing here that can be set", file, path)
    held[last] = copy.deepcopy(value)
    return intended


def without(data: Data, path: Path, file: str) -> Data:
    """The data without what stands at a place."""
    if not path or not is_there(data, path):
        raise refused("there is nothing here to take out", file, path)
    intended, held = _opened(data, path[:-1])
    del held[path[-1]]
    return intended


def pruned(intended: Data, path: Path) -> Iterator[Data]:
    """The data as meant, then without the tables and arrays above a place that its going left empty.

    A table written only by what stood below it is gone with its last key; one with a header of its own is not.
    """
    yield intended
    for depth in range(len(path) - 1, 0, -1):
        above = path[:depth]
        if at(intended, above) or isinstance(above[-1], int):
            return
        intended, held = _opened(intended, above[:-1])
        del held[above[-1]]
        yield intended


def renamed(data: Data, path: Path, name: str, file: str) -> Data:
    """The data with one key called otherwise."""
    if not path or isinstance(path[-1], int) or not is_there(data, path):
        raise refused("there is no key here to rename", file, path)
    if not name.strip():
        raise refused("needs a name", file, path)
    if is_there(data, (*path[:-1], name)):
        raise refused(f"there is a {name!r} already", file, path)
    intended, table = _opened(data, path[:-1])
    table[name] = table.pop(path[-1])
    return intended


def inserted(data: Data, path: Path, position: int, value: Any, file: str) -> Data:
    """The data with one element more in an array, which is made where it is not there."""
    if not is_there(data, path):
        if position:
            raise refused("there is no such array; its first element stands at 0", file, path)
        return with_value(data, path, [value], file)
    held = at(data, path)
    if not isinstance(held, list) or not 0 <= position <= len(held):
        raise refused(_no_place(held, position), file, path)
    intended, array = _opened(data, path)
    array.insert(position, copy.deepcopy(value))
    return intended


def moved(data: Data, path: Path, start: int, to: int, file: str) -> Data:
    """The data with one element of an array at another position."""
    held = at(data, path) if is_there(data, path) else None
    for position in (start, to):
        if not isinstance(held, list) or not 0 <= position < len(held):
            raise refused(_no_place(held, position), file, path)
    intended, array = _opened(data, path)
    array.insert(to, array.pop(start))
    return intended


def _no_place(array: Any, position: int) -> str:
    if not isinstance(array, list):
        return "is no array"
    return f"has {len(array)} elements; there is no position {position}"
