"""Renames: names of list entries that are gone because their entry, known by its ListID, is called otherwise now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from qbconsole.company.lists import name_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """One entry that was called otherwise."""

    #: The full name it bore, which nothing bears now.
    was: str
    #: Its full name now.
    now: str
    #: Of an account, its number; "" where it has none.
    number: str = ""


#: List ("account", "item" …) -> a former name as `name_key` has it -> the rename.
Renames: TypeAlias = Mapping[str, Mapping[str, Rename]]


def renames_of(told: Iterable[tuple[str, Rename]]) -> Renames:
    """Renames by list and former name; of several with one former name the last."""
    found: dict[str, dict[str, Rename]] = {}
    for kind, one in told:
        found.setdefault(kind, {})[name_key(one.was)] = one
    return found


def renamed(renames: Renames, kind: str, full_name: str) -> Rename | None:
    """What became of a name that is gone from a list; None where no rename is known."""
    return renames.get(kind, {}).get(name_key(full_name))
