"""Edits of mappings.toml as text: only the bytes that must change do, and the result is proved before it is given.

`splice` puts the new text where it belongs; whatever it does, the result is read again with tomllib and must
say exactly what was meant, and the schema must find no fault it did not find before. Pure: text in, text out.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterable
from typing import Any

from qbconsole.rules.mapping.faults import Fault, MappingFaults, Path, dotted
from qbconsole.rules.mapping.places import places
from qbconsole.rules.mapping.read import FILE, faults_of, parse, without_mark
from qbconsole.rules.mapping.splice import spliced

_PART = re.compile(
    r"""(?P<dot>\.)|\[(?P<index>\d{1,6})\]|(?P<quoted>"(?:[^"\\]|\\.)*"|'[^']*')|(?P<bare>[^.\[\]"']+)"""
)


def set_value(text: str, path: str, value: str, file: str = FILE) -> str:
    """The text with one value set. Raises MappingFaults when the result would not be valid."""
    return set_values(text, [(path, value)], file)


def set_values(text: str, pairs: Iterable[tuple[str, str]], file: str = FILE) -> str:
    """The text with several values set as one edit: all of them, or MappingFaults and none."""
    before = faults_of(text, file)
    edited, paths = text, []
    for written, value in pairs:
        _refuse_broken_text(written + value, file)
        path = parse_path(written, file)
        paths.append(path)
        edited = _set(edited, path, value, file)
    known = {(fault.path, fault.sentence) for fault in before}
    fresh = [
        fault
        for fault in faults_of(edited, file)
        if (fault.path, fault.sentence) not in known or any(_below(fault, path) for path in paths)
    ]
    if fresh:
        raise MappingFaults(fresh)
    return edited


def _refuse_broken_text(given: str, file: str) -> None:
    """Bytes of a command line that were no UTF-8 arrive as halves of characters."""
    try:
        given.encode()
    except UnicodeEncodeError as cause:
        raise _refused("is not valid TOML: it holds bytes that are no text", file) from cause


def parse_path(written: str, file: str = FILE) -> Path:
    """The keys of a path: merchants.oak.rules[0].when, defaults.taxes."CA State Tax".item."""
    path: list[str | int] = []
    at, after_part = 0, False
    while at < len(written):
        found = _PART.match(written, at)
        if found is None or bool(found["dot"]) != (after_part and not found["index"]):
            raise _refused(f"{written!r} is no path; write it like merchants.oak-ember.policy.tax", file)
        if found["index"]:
            path.append(int(found["index"]))
        elif found["quoted"]:
            path.append(next(iter(_loads(f"{found['quoted']} = 0", file))))
        elif found["bare"]:
            path.append(found["bare"].strip())
        at, after_part = found.end(), not found["dot"]
    if not path or not after_part or isinstance(path[0], int):
        raise _refused(f"{written!r} is no path; write it like merchants.oak-ember.policy.tax", file)
    return tuple(path)


def _loads(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as cause:
        raise _refused(f"{text!r} is not valid TOML: {cause}", file) from cause


def _refused(sentence: str, file: str, path: Path = (), line: int = 1) -> MappingFaults:
    return MappingFaults([Fault(line, dotted(path), sentence, file)])


def _candidates(written: str) -> list[Any]:
    """What a value given on a command line may mean, the likeliest first."""
    try:
        meant: list[Any] = [tomllib.loads(f"value = {written}\n")["value"]]
    except (ValueError, RecursionError):
        return [written]
    if written.strip()[:1] in ("[", "{", '"', "'"):
        return [*meant, written]
    return [written, *meant]


def _set(text: str, path: Path, written: str, file: str) -> str:
    """The value of the schema's type is the first reading that brings no fault at its place."""
    data, first = parse(text, file), None
    for value in _candidates(written):
        intended = _with(data, path, value, file)
        if intended == data and _same_type(data, path, value):
            return text
        edited = spliced(text, path, value)
        if edited is None or not _says(edited, intended):
            line = places(without_mark(text)).line(path)
            sentence = "cannot be set without changing other lines; edit the file by hand here"
            raise _refused(sentence, file, path, line)
        if not any(_below(fault, path) for fault in faults_of(edited, file)):
            return edited
        first = first or edited
    return first or text


def _same_type(data: dict[str, Any], path: Path, value: Any) -> bool:
    """1 == True == 1.0 in Python, but not in TOML."""
    held: Any = data
    for part in path:
        held = held[part]
    return type(held) is type(value) and repr(held) == repr(value)


def _says(text: str, intended: dict[str, Any]) -> bool:
    """Whether a text, read again, says exactly what was meant."""
    try:
        return tomllib.loads(without_mark(text)) == intended
    except (ValueError, RecursionError):
        return False


def _below(fault: Fault, path: Path) -> bool:
    place = dotted(path)
    return fault.path == place or fault.path.startswith((f"{place}.", f"{place}["))


def _with(data: dict[str, Any], path: Path, value: Any, file: str) -> dict[str, Any]:
    """The data as it is meant to be; a position one past an array's end appends a table."""
    intended = copy.deepcopy(data)
    held: Any = intended
    for depth, part in enumerate(path[:-1]):
        here = path[: depth + 1]
        follow: Any = [] if isinstance(path[depth + 1], int) else {}
        if isinstance(held, dict) and isinstance(part, str):
            held = held.setdefault(part, follow)
        elif isinstance(held, list) and isinstance(part, int) and part <= len(held):
            if part == len(held):
                held.append(follow)
            held = held[part]
        else:
            raise _refused("there is nothing of that kind here", file, here)
    last = path[-1]
    in_table = isinstance(held, dict) and isinstance(last, str)
    in_array = isinstance(held, list) and isinstance(last, int) and last < len(held)
    if not (in_table or in_array):
        raise _refused("there is nothing here that can be set", file, path)
    held[last] = value
    return intended
