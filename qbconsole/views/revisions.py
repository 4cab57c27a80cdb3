"""The history of the mapping: every revision, who made it and why, and what was booked under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from qbconsole.errors import UsageError
from qbconsole.rules.mapping.read import FILE
from qbconsole.store import decisions, journal
from qbconsole.store.database import Store
from qbconsole.store.decisions import Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """One time a revision was put back."""

    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionLine:
    """One revision as the history lists it."""

    number: int
    kept_at: datetime
    who: str
    why: str
    #: Documents booked under it.
    documents: int
    in_force: bool
    #: Plugin's name -> sha256 of its code.
    plugins: Mapping[str, str]
    #: Path below templates/ -> sha256, of those that are not the shipped ones.
    templates: Mapping[str, str]
    #: When it was put back, the last time last.
    returns: tuple[Return, ...] = ()


def history(store: Store, *, limit: int = 100) -> tuple[RevisionLine, ...]:
    """The revisions, the one in force first, then those that were before it."""
    with store.reading() as tx:
        found, counts = decisions.revisions(tx, limit=limit), decisions.documents_under(tx)
        returns = _returns(tx)
    return tuple(
        RevisionLine(
            number=one.id,
            kept_at=one.kept_at,
            who=one.who,
            why=one.why,
            documents=counts.get(one.id, 0),
            in_force=place == 0,
            plugins=one.plugins,
            templates=one.templates,
            returns=tuple(returns.get(one.id, ())),
        )
        for place, one in enumerate(found)
    )


def _returns(tx: sa.Connection) -> dict[int, list[Return]]:
    """Revision -> each time it was put back, from the journal."""
    found: dict[int, list[Return]] = {}
    for entry in journal.of(tx, FILE):
        if entry.verb == decisions.SAVED and entry.data.get("again"):
            back = Return(at=entry.at, who=entry.who, why=str(entry.data.get("why", "")))
            found.setdefault(int(entry.data["revision"]), []).append(back)
    return found


def revision(store: Store, number: int | None = None) -> Revision:
    """One revision, or the one in force. Raises UsageError where there is none."""
    with store.reading() as tx:
        found = decisions.in_force(tx) if number is None else decisions.revision(tx, number)
    if found is None:
        what = "no revision was ever in force" if number is None else f"there is no revision {number}"
        raise UsageError(what, next="`qbconsole mapping history` lists them all.")
    return found
