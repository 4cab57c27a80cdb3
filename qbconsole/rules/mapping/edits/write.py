"""What a person typed as a value, taken in the type the schema has at its place."""

from __future__ import annotations

import tomllib
from typing import Any

from qbconsole.rules.mapping.faults import Fault, Path, dotted


def candidates(written: str) -> list[Any]:
    """What a value given on a command line may mean, the likeliest first."""
    try:
        meant: list[Any] = [tomllib.loads(f"value = {written}\n")["value"]]
    except (ValueError, RecursionError):
        return [written]
    if written.strip()[:1] in ("[", "{", '"', "'"):
        return [*meant, written]
    return [written, *meant]


def is_below(fault: Fault, path: Path) -> bool:
    """Whether a fault stands at a place or below it."""
    place = dotted(path)
    return fault.path == place or fault.path.startswith((f"{place}.", f"{place}["))
