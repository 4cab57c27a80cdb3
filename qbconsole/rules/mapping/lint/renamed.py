"""Names of mappings.toml that are gone in QuickBooks because their entry, by its ListID, is called otherwise now.

The new name may be written at a place where every company file that the place counts for says the same of it. What
stands in [defaults] counts for every merchant that does not say it itself; a rule there counts for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qbconsole.company.renames import Rename, Renames, renamed
from qbconsole.rules.mapping.edits.intended import is_there
from qbconsole.rules.mapping.faults import Path
from qbconsole.rules.mapping.naming import names_in
from qbconsole.rules.mapping.values import split_account
from qbconsole.value import Value

#: What QuickBooks shows between an account's number and its name.
_NUMBER_SIGN = " · "


class Renamed(Value):
    """One name in the file whose entry is called otherwise in QuickBooks by now."""

    path: Path
    #: "account", "item" …
    list_kind: str
    #: As the file has it, and what to write instead.
    was: str
    now: str
    #: Companies the place counts for too, in which nothing is called otherwise: then the new name would be wrong there.
    others: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What is said of it, and what to do."""
        told = f'"{self.was}" was renamed to "{self.now}" in QuickBooks'
        if self.others:
            return (
                f"{told}, but not in {', '.join(self.others)}, which this line counts for too; write the new name "
                "at the merchants of the company that renamed it"
            )
        return f"{told}; `qbconsole mapping check --fix` writes the new name here"


def renamed_in(data: dict[str, Any], renames: Mapping[str, Renames]) -> Iterator[Renamed]:
    """Every name of the data that was renamed. `renames`: company -> what was renamed in it."""
    if not any(renames.values()):
        return
    owners = _owners(data)
    for path, kind, name in names_in(data):
        asked = sorted({owners[one] for one in _counts_for(path, owners, data)})
        told = {one: now for one in asked if (now := written_now(kind, name, renames.get(one, {})))}
        for now in sorted(set(told.values())):
            others = tuple(one for one in asked if told.get(one) != now)
            yield Renamed(path=path, list_kind=kind, was=name, now=now, others=others)


def written_now(kind: str, name: str, renames: Renames) -> str:
    """What to write for a name that was renamed, in the form it has: with an account's number where it stood there."""
    name = name.strip()
    if kind != "account":
        return _now(renamed(renames, kind, name))
    number, full_name = split_account(name)
    found = renamed(renames, kind, full_name) if full_name else None
    if found is None or not number or not found.number:
        return _now(found)
    parents, colon, leaf = found.now.rpartition(":")
    return f"{parents}{colon}{found.number}{_NUMBER_SIGN}{leaf}"


def _now(found: Rename | None) -> str:
    return found.now if found is not None else ""


def _owners(data: dict[str, Any]) -> dict[str, str]:
    """Merchant -> its company; without a word of it, the only one."""
    companies, merchants = data.get("companies"), data.get("merchants")
    only = next(iter(companies)) if isinstance(companies, dict) and len(companies) == 1 else ""
    return {
        name: str(table.get("company", only))
        for name, table in (merchants.items() if isinstance(merchants, dict) else ())
        if isinstance(table, dict)
    }


def _counts_for(path: Path, owners: Iterable[str], data: dict[str, Any]) -> Iterator[str]:
    """The merchants that a place counts for."""
    if path[0] == "merchants":
        yield str(path[1])
        return
    below = path[1:]
    for name in owners:
        if below[0] == "rules" or not is_there(data, ("merchants", name, *below)):
            yield name
