"""mappings.toml looked through: faults that keep it out of force, and what lint finds in a file that is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from qbconsole.books.roles import CLEARING
from qbconsole.care.mapping_seen import seen_orders
from qbconsole.company.snapshot import Company
from qbconsole.errors import MappingInvalid
from qbconsole.rules.mapping.faults import Fault, MappingFaults
from qbconsole.rules.mapping.lint import Finding, lint
from qbconsole.rules.mapping.lint.seen import Seen, asks_for_orders
from qbconsole.rules.mapping.lint.together import TOGETHER
from qbconsole.rules.mapping.read import read
from qbconsole.store import books
from qbconsole.store.database import Store
from qbconsole.sync.knowing import known_company
from qbconsole.value import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One error, warning or note, with its place and what to write instead."""

    where: str
    path: str
    what: str
    #: What to write there instead, where that is known: `mapping check --fix` does.
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check of the file came to."""

    #: The file itself is followed; else the last good revision is, where there is one.
    in_force: bool
    errors: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    #: Nothing is wrong with these.
    notes: tuple[Remark, ...] = ()
    #: Those of the warnings that tell of money which is not where it is looked for.
    astray: tuple[Remark, ...] = ()


def checked(
    text: str, file: str, fault: MappingInvalid | None, store: Store | None, today: date | None = None
) -> Checked:
    """Check a file's text; `fault` is why it is not in force, `store` where QuickBooks' lists are kept, if anywhere.

    `today`: rules whose days are over by then are noted.
    """
    if fault is not None:
        return Checked(in_force=False, errors=_faults(fault))
    findings = lint(text, _companies(text, file, store), file, seen=_seen(text, file, store), today=today)
    return Checked(
        in_force=True,
        errors=tuple(_told(one) for one in findings if one.is_error),
        warnings=tuple(_told(one) for one in findings if not one.is_error and not one.is_note),
        notes=tuple(_told(one) for one in findings if one.is_note),
        astray=tuple(_told(one) for one in findings if one.is_astray),
    )


def _seen(text: str, file: str, store: Store | None) -> Mapping[str, Seen]:
    mapping = read(text, file)
    if store is None:
        return {}
    asked = asks_for_orders(mapping)
    return {
        name: replace(seen_orders(store, name) if asked else Seen(), booked=_booked(store, name))
        for name in mapping.merchants
    }


def _booked(store: Store, merchant: str) -> frozenset[str]:
    with store.reading() as tx:
        return frozenset(one for one in TOGETHER if books.is_posted(tx, merchant, CLEARING + one))


def _companies(text: str, file: str, store: Store | None) -> Mapping[str, Company]:
    if store is None:
        return {}
    with store.reading() as tx:
        return {company: known_company(tx, company) for company in read(text, file).companies}


def _faults(fault: MappingInvalid) -> tuple[Remark, ...]:
    if isinstance(fault, MappingFaults):
        return tuple(map(remark, fault.faults))
    return (Remark(where=fault.where, path="", what=fault.what),)


def remark(fault: Fault, fix: str = "") -> Remark:
    """A fault as a check tells it."""
    return Remark(where=fault.place, path=fault.path, what=fault.sentence, fix=fix)


def _told(one: Finding) -> Remark:
    return remark(one.fault, one.fix.value if one.fix is not None else "")


def fixes(text: str, file: str, store: Store) -> tuple[Finding, ...]:
    """The findings of a valid text whose cure is known. Raises MappingFaults where it is not valid."""
    return tuple(one for one in lint(text, _companies(text, file, store), file) if one.fix is not None)
