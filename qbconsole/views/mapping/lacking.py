"""What held documents wait for: names that no mapping gives, each with the place where it would be written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qbconsole.books.holds import Reason
from qbconsole.books.roles import CLEARING, ROLES
from qbconsole.rules.mapping.edits.intended import is_there
from qbconsole.rules.mapping.faults import Path
from qbconsole.store.books import choosing
from qbconsole.store.database import Store
from qbconsole.value import Value
from qbconsole.views.mapping.entries import DEFAULTS, Entry

_CAUSE = f"{Reason.UNMAPPED}:"
_PROVINCE = f"{Reason.UNREGISTERED}:"
#: Codes of provinces are at most so long and written large; what is longer is a name.
_CODE = 3


class Lacking(Value):
    """One name that is missing."""

    cause: str
    merchants: tuple[str, ...]
    #: How many documents wait for it.
    held: int
    sentence: str


def lacking(store: Store) -> tuple[Lacking, ...]:
    """Every name held documents lack, the most wanted first."""
    found: dict[str, Lacking] = {}
    with store.reading() as tx:
        for row in (*choosing.open_causes(tx, _CAUSE), *choosing.open_causes(tx, _PROVINCE)):
            before = found.get(row.cause)
            found[row.cause] = Lacking(
                cause=row.cause,
                merchants=(*(before.merchants if before else ()), *((row.merchant,) if row.merchant else ())),
                held=row.held + (before.held if before else 0),
                sentence=row.sentence,
            )
    return tuple(sorted(found.values(), key=lambda one: (-one.held, one.cause)))


def place_of(cause: str, merchants: Iterable[str], tax: str = "tax_item_line") -> Path | None:
    """Where the name that a cause lacks would be written; None for a cause that no name cures.

    At one merchant's level where only it waits, else at the defaults'. `tax` is the policy: what a tax is written as.
    """
    if cause.startswith(_PROVINCE):
        name = cause.removeprefix(_PROVINCE)
        below: Path | None = ("registered", name.upper() if len(name) <= _CODE else name.title())
    elif cause.startswith(_CAUSE):
        kind, _, name = cause.removeprefix(_CAUSE).partition(":")
        below = _below(kind, name, tax)
    else:
        below = None
    if below is None:
        return None
    owners = tuple(dict.fromkeys(merchants))
    level: Path = ("merchants", owners[0]) if len(owners) == 1 else (DEFAULTS,)
    return (*level, *below)


def _below(kind: str, name: str, tax: str) -> Path | None:
    match kind:
        case "account" if name.startswith(CLEARING):
            return ("clearing", name.removeprefix(CLEARING))
        case "account":
            return ("accounts", name)
        case "item":
            return ("items", name) if name in ROLES else ("items", "misc")
        case "tax" if " + " in name:
            return ("taxes", name, "group")
        case "tax":
            return ("taxes", name, "charge") if tax == "liability_line" else ("taxes", name)
        case "vendor" | "customer":
            return (f"{kind}s", "house")
    return None


def lacking_entry(one: Lacking, data: dict[str, Any]) -> Entry | None:
    """The row of a missing name; None where the data gives it by now, or where it is no name."""
    path = place_of(one.cause, one.merchants, tax_policy(data, one.merchants))
    if path is None or is_there(data, path):
        return None
    level = str(path[1]) if path[0] == "merchants" else DEFAULTS
    below = path[2:] if path[0] == "merchants" else path[1:]
    if any(is_there(data, (*above, *below)) for above in _levels(one)):
        return None
    return Entry(
        path=path,
        section=str(below[0]),
        level=level,
        when=str(below[1]),
        use="",
        mark=one.cause,
        held=one.held,
    )


def _levels(one: Lacking) -> list[Path]:
    """Where a name for all that wait may stand: at the defaults, or at the one merchant."""
    own: list[Path] = [("merchants", name) for name in one.merchants] if len(set(one.merchants)) == 1 else []
    return [(DEFAULTS,), *own]


def tax_policy(data: dict[str, Any], merchants: Iterable[str]) -> str:
    """What taxes are written as, by the policy of the first of these merchants."""
    owner = next(iter(merchants), "")
    for path in (("merchants", owner, "policy", "tax"), (DEFAULTS, "policy", "tax")):
        held: Any = data
        for part in path:
            held = held.get(part) if isinstance(held, dict) else None
        if isinstance(held, str):
            return held
    return "tax_item_line"


def named_in(cause: str, rows: Iterable[Entry]) -> Path | None:
    """The entry a hold is about that is written already: what names a name QuickBooks lacks, or a province."""
    if cause.startswith(_PROVINCE):
        name = cause.removeprefix(_PROVINCE)
        return next(
            (one.path for one in rows if one.section == "registered" and one.when.casefold() == name), None
        )
    if not cause.startswith("missing:"):
        return None
    name = cause.split(":", 2)[-1]
    return next((entry.path for entry in rows if entry.use.casefold() == name), None)
