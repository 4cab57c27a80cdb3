"""Faults of mappings.toml: each with its place, all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qbconsole.errors import MappingInvalid
from qbconsole.visible import safe

#: A place in the file's data: keys of tables, positions in arrays.
Path = tuple[str | int, ...]


def dotted(path: Path) -> str:
    """The place as a person would write it: ("merchants", "oak", "rules", 0) -> "merchants.oak.rules[0]"."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            bare = part.isascii() and part.replace("-", "").replace("_", "").isalnum()
            shown = part if bare else f'"{safe(part)}"'
            text += f".{shown}" if text else shown
    return text


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong."""

    line: int
    path: str
    sentence: str
    file: str

    @property
    def place(self) -> str:
        """Where it stands: "mappings.toml:14"."""
        return f"{self.file}:{self.line}"

    def __str__(self) -> str:
        what = f"{self.path}: " if self.path else ""
        return f"{self.place}: {what}{self.sentence}"


class MappingFaults(MappingInvalid):
    """mappings.toml is not valid; `faults` holds every reason, in the file's order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        first = self.faults[0]
        if len(self.faults) == 1:
            what = f"{first.path}: {first.sentence}" if first.path else first.sentence
        else:
            what = f"{len(self.faults)} faults:\n" + "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(what, where=first.place)
