"""Which places of mappings.toml hold names of QuickBooks' lists, and of which list; on plain data, valid or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qbconsole.rules.mapping.faults import Path

#: Section -> the list its values are names of.
_SECTIONS = {
    "accounts": "account",
    "clearing": "account",
    "items": "item",
    "taxes": "item",
    "payment_methods": "payment_method",
    "customers": "customer",
    "vendors": "vendor",
    "classes": "class",
    "terms": "terms",
    "sales_reps": "sales_rep",
    "ship_methods": "ship_method",
    "sites": "inventory_site",
    "templates": "template",
    "messages": "customer_message",
}
#: What a rule can decide -> the list.
_OUTCOMES = {
    "account": "account",
    "item": "item",
    "class": "class",
    "customer": "customer",
    "tax": "item",
    "vendor": "vendor",
    "payment_method": "payment_method",
    "terms": "terms",
    "sales_rep": "sales_rep",
    "ship_method": "ship_method",
    "site": "inventory_site",
    "template": "template",
    "customer_message": "customer_message",
}
#: Words of [items] that are a way to find an item, and no item.
_WAYS = frozenset({("items", "product"), ("items", "match")})


def list_of(path: Path) -> str:
    """The list that the value at a place is a name of: "account", "item" …; "" where it is no such name."""
    below = path[2:] if path[0] == "merchants" else path[1:]
    if len(below) < 2 or below[:2] in _WAYS:
        return ""
    section, key = str(below[0]), str(below[-1])
    if section == "rules":
        return _OUTCOMES.get(key, "") if len(below) == 3 else ""
    if section == "taxes" and len(below) > 2 and key == "agency":
        return "vendor"
    return _SECTIONS.get(section, "")


def names_in(data: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Every name of a list that the data holds: its place, its list, and the name as written."""
    merchants = data.get("merchants")
    levels: list[tuple[Path, object]] = [(("defaults",), data.get("defaults"))]
    if isinstance(merchants, dict):
        levels += [(("merchants", name), table) for name, table in merchants.items()]
    for above, table in levels:
        for path, value in _texts(table, above):
            if kind := list_of(path):
                yield path, kind, value


def _texts(held: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(held, dict):
        for key, one in held.items():
            yield from _texts(one, (*path, key))
    elif isinstance(held, list):
        for position, one in enumerate(held):
            yield from _texts(one, (*path, position))
    elif isinstance(held, str):
        yield path, held
