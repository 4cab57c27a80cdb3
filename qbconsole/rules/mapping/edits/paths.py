"""Paths as people write them, and the refusal of an edit."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from qbconsole.rules.mapping.faults import Fault, MappingFaults, Path, dotted
from qbconsole.rules.mapping.read import FILE

_PART = re.compile(
    r"""(?P<dot>\.)|\[(?P<index>\d{1,6})\]|(?P<quoted>"(?:[^"\\]|\\.)*"|'[^']*')|(?P<bare>[^.\[\]"']+)"""
)


def parse_path(written: str, file: str = FILE) -> Path:
    """The keys of a path: merchants.oak.rules[0].when, defaults.taxes."CA State Tax".item. Raises MappingFaults."""
    path: list[str | int] = []
    at, after_part = 0, False
    while at < len(written):
        found = _PART.match(written, at)
        if found is None or bool(found["dot"]) != (after_part and not found["index"]):
            raise refused(f"{written!r} is no path; write it like merchants.oak-ember.policy.tax", file)
        if found["index"]:
            path.append(int(found["index"]))
        elif found["quoted"]:
            path.append(next(iter(_loads(f"{found['quoted']} = 0", file))))
        elif found["bare"]:
            path.append(found["bare"].strip())
        at, after_part = found.end(), not found["dot"]
    if not path or not after_part or isinstance(path[0], int):
        raise refused(f"{written!r} is no path; write it like merchants.oak-ember.policy.tax", file)
    return tuple(path)


def _loads(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as cause:
        raise refused(f"{text!r} is not valid TOML: {cause}", file) from cause


def refused(sentence: str, file: str, path: Path = (), line: int = 1) -> MappingFaults:
    """An edit that cannot be made, as a fault at its place."""
    return MappingFaults([Fault(line, dotted(path), sentence, file)])
