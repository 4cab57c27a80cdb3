"""Whom a tax is owed to: asked for beside its item where QuickBooks does not know the item yet. Pure.

A sales-tax item that QuickBooks has tells its agency itself; a group is made of such items; one that we add needs a vendor.
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from typing import Any

from qbconsole.company.snapshot import Company
from qbconsole.rules.mapping.faults import Path

_TABLE = "taxes"


def known_agency(path: Path, name: str, company: Company) -> str:
    """The vendor that the item picked for a tax is owed to in QuickBooks; "" where that is not known, or no tax."""
    if _tax_at(path) is None:
        return ""
    item = company.items.by_name(name) if company.items.known else None
    return str(item.tax_vendor) if item is not None else ""


def wanted_agency(path: Path, name: str, data: ReadOnly[str, Any], company: Company) -> Path | None:
    """Where the agency of a tax is to be named, after its item was; None where nobody has to.

    `path` is the place at which `name` was picked, `data` the text with it.
    """
    tax = _tax_at(path)
    if tax is None or known_agency(path, name, company) or _policy(path, data) == "liability_line":
        return None
    item = company.items.by_name(name) if company.items.known else None
    if item is not None and item.kind != "ItemSalesTax":
        return None
    held: Any = data
    for part in tax:
        held = held.get(part) if isinstance(held, dict) else None
    if isinstance(held, dict) and (held.get("agency") or held.get("charge")):
        return None
    return (*tax, "agency")


def _tax_at(path: Path) -> Path | None:
    """The place of the whole tax that a place names the item of; None where it is about something else."""
    level = 2 if path[0] == "merchants" else 1
    below = path[level:]
    if len(below) < 2 or below[0] != _TABLE or (len(below) > 2 and below[-1] != "item"):
        return None
    return path[: level + 2]


def _policy(path: Path, data: ReadOnly[str, Any]) -> object:
    """How the merchant whose tax it is wants tax to be written; that of the defaults for theirs."""
    levels = ([data.get("merchants", {}).get(path[1], {})] if path[0] == "merchants" else []) + [
        data.get("defaults", {})
    ]
    told = (level.get("policy", {}).get("tax") for level in levels if isinstance(level, dict))
    return next((one for one in told if one), "")
