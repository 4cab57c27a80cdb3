"""The entries of a mappings.toml: one a line that decides something, and one a rule. Pure: data in, rows out.

An entry is known again in another revision by its `mark`: its path, and of a rule what it says, because rules move.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from qbconsole.rules.mapping.faults import Path, dotted
from qbconsole.rules.mapping.places import Places
from qbconsole.rules.mapping.schema import OUTCOMES
from qbconsole.value import Value

#: Level of what stands in [defaults].
DEFAULTS = "defaults"
#: Keys of a merchant that are no tables, and the section they are shown in.
_OWN = {"plugins": "plugins"}


class Entry(Value):
    """One row of the editor."""

    #: Where its value stands, or would stand.
    path: Path
    section: str
    #: "defaults", a merchant's id, or "" for what is of neither.
    level: str
    #: What must be so: a role, a SKU, a tax's title, the conditions of a rule.
    when: str
    #: What is said then; "" where nothing is.
    use: str
    mark: str
    #: 1-based; 0 where it is not written down.
    line: int = 0
    #: The role whose account or item stands in for it, where it is not written down.
    stand_in: str = ""
    #: How many documents wait for it.
    held: int = 0
    #: What to write instead, because QuickBooks calls its entry otherwise now; "" where that is not so.
    renamed: str = ""


def entries_of(data: Mapping[str, Any], spots: Places) -> Iterator[Entry]:
    """Every entry of the data: merchants first, because they win, then the defaults, then companies."""
    for name, table in _tables(data.get("merchants")):
        yield from _level(table, ("merchants", name), name, spots)
    for name, table in _tables({DEFAULTS: data.get(DEFAULTS)}):
        yield from _level(table, (name,), DEFAULTS, spots)
    for name, table in _tables(data.get("companies")):
        for leaf, value in _leaves(table):
            path: Path = ("companies", name, *leaf)
            yield _entry(path, "companies", "", f"{name} {_words(leaf)}", value, spots)


def _tables(held: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(held, dict):
        yield from ((name, one) for name, one in held.items() if isinstance(one, dict))


def _level(table: dict[str, Any], above: Path, level: str, spots: Places) -> Iterator[Entry]:
    for key, value in table.items():
        path: Path = (*above, key)
        if key == "rules" and isinstance(value, list):
            yield from _rules(value, path, level, spots)
        elif isinstance(value, dict):
            for leaf, one in _leaves(value):
                yield _entry((*path, *leaf), key, level, _when(key, leaf), one, spots)
        else:
            yield _entry(path, _OWN.get(key, "merchants"), level, key, value, spots)


def _when(section: str, leaf: tuple[str, ...]) -> str:
    """A tax is called by its title; what else it says of itself comes behind."""
    if section == "taxes":
        leaf = leaf[:1] if leaf[-1] == "item" else leaf
    return _words(leaf)


def _words(leaf: tuple[str, ...]) -> str:
    return " ".join(leaf)


def _leaves(table: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _entry(path: Path, section: str, level: str, when: str, value: object, spots: Places) -> Entry:
    # Provenance tells the line of a tax's title, for its item and its agency alike.
    spot = path[: path.index("taxes") + 2] if section == "taxes" else path
    return Entry(
        path=path,
        section=section,
        level=level,
        when=when,
        use=said(value),
        mark=dotted(path),
        line=spots.line(spot),
    )


def _rules(rules: list[Any], path: Path, level: str, spots: Places) -> Iterator[Entry]:
    for position, rule in enumerate(rules):
        if isinstance(rule, dict):
            here: Path = (*path, position)
            yield Entry(
                path=here,
                section="rules",
                level=level,
                when=conditions(rule),
                use=outcomes(rule),
                mark=f"{level} {json.dumps(rule, sort_keys=True, default=str)}",
                line=spots.line(here),
            )


def conditions(rule: Mapping[str, Any]) -> str:
    """What must hold for a rule, in one line: "tag=wholesale amount>=5000 from 2026-04-01"."""
    told = []
    when = rule.get("when")
    for name, value in when.items() if isinstance(when, dict) else ():
        if isinstance(value, dict):
            signs = {"at_least": ">=", "below": "<"}
            told += [f"{name}{signs.get(key, key)}{said(one)}" for key, one in value.items()]
        else:
            told.append(f"{name}={'|'.join(map(said, value)) if isinstance(value, list) else said(value)}")
    told += [f"{key} {rule[key]}" for key in ("from", "until") if key in rule]
    return " ".join(told) or "always"


def outcomes(rule: Mapping[str, Any]) -> str:
    """What a rule then says: "account Other Income:Wrap, class Retail"."""
    return ", ".join(f"{name} {said(rule[name])}" for name in OUTCOMES if name in rule)


def said(value: object) -> str:
    """A value as a row shows it: texts bare, lists with commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(said, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {said(one)}" for key, one in value.items())
    return str(value)
