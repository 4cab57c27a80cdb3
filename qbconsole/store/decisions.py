"""Decisions: revisions of the mapping, and the runs of the schedule.

A revision is immutable; the same text with the same plugins and templates is the same revision, and coming back to
it puts it in force again under its number. A document keeps the number it was booked under.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType

import sqlalchemy as sa

from qbconsole.store.database.statements import AnyRow, new_ids, put_new, run
from qbconsole.store.encoding import canonical, maybe_moment, moment, moment_text
from qbconsole.store.schema import documents, schedule_runs
from qbconsole.store.schema import mapping_revisions as table
from qbconsole.value import Value

#: What the journal calls an edit of the mapping; its data names the revision, and whether that came back.
SAVED = "mapping saved"


class Revision(Value):
    """One state of the mapping."""

    id: int
    #: A company's id, or "" for the whole workspace.
    scope: str
    text: str
    #: Plugin's name -> sha256 of its file.
    plugins: Mapping[str, str]
    #: Path below templates/ -> sha256, of those that are not the shipped ones.
    templates: Mapping[str, str]
    who: str
    why: str
    kept_at: datetime


class Run(Value):
    """One run the schedule asked for."""

    id: int
    subject: str
    verb: str
    due_at: datetime
    started_at: datetime
    ended_at: datetime | None
    #: "" while it runs.
    outcome: str
    detail: str


_C, _R = table.c, schedule_runs.c
_ONE = sa.select(table).where(_C.id == sa.bindparam("id"))
#: Any number beside that of upgrades, the same in every process.
_REVISIONS_LOCK = 7_268_002
_LAST_TURN = sa.select(sa.func.max(_C.turn)).where(_C.scope == sa.bindparam("scope"))
_HELD = sa.select(_C.id, _C.turn).where(_C.scope == sa.bindparam("scope"), _C.sha256 == sa.bindparam("mark"))
_IN_FORCE = sa.select(_C.id).where(_C.scope == sa.bindparam("scope")).order_by(_C.turn.desc()).limit(1)
_WHOLE_IN_FORCE = sa.select(table).where(_C.scope == sa.bindparam("scope")).order_by(_C.turn.desc()).limit(1)
#: Templates are kept beside the plugins, whose names have no slash.
_TEMPLATES = "templates/"


def keep_revision(
    tx: sa.Connection,
    scope: str,
    text: str,
    plugins: Mapping[str, str],
    *,
    who: str,
    why: str,
    at: datetime,
    templates: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Keep a revision and put it in force; gives its number, the old one when the content is not new."""
    files = {**plugins, **{f"{_TEMPLATES}{path}": digest for path, digest in templates.items()}}
    mark = sha256(canonical([text, files])).hexdigest()
    turn, held = _turn_and_held(tx, scope, mark)
    if held is None or held.turn != turn:
        _lock(tx)  # another run may find the same on disk, or somebody may save another text, just now
        turn, held = _turn_and_held(tx, scope, mark)
    if held is not None:
        if held.turn != turn:
            tx.execute(sa.update(table).where(_C.id == held.id).values(turn=turn + 1))
        return int(held.id)
    number = new_ids(tx, table, 1)[0]
    tx.execute(
        sa.insert(table).values(
            id=number,
            scope=scope,
            sha256=mark,
            plugins=json.dumps(files, sort_keys=True),
            who=who,
            why=why,
            kept_at=moment_text(at),
            turn=turn + 1,
            text=text,
        )
    )
    return number


def _turn_and_held(tx: sa.Connection, scope: str, mark: str) -> tuple[int, AnyRow | None]:
    """The last turn, and the revision of this content where there is one."""
    turn = run(tx, _LAST_TURN, {"scope": scope}).scalar_one() or 0
    return int(turn), run(tx, _HELD, {"scope": scope, "mark": mark}).one_or_none()


def _lock(tx: sa.Connection) -> None:
    """Be the only one to put a revision in force until the commit."""
    if tx.dialect.name != "sqlite":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_REVISIONS_LOCK)))


def revision(tx: sa.Connection, revision_id: int) -> Revision | None:
    """One revision."""
    row = run(tx, _ONE, {"id": revision_id}).one_or_none()
    return None if row is None else _revision(row)


def in_force(tx: sa.Connection, scope: str = "") -> Revision | None:
    """The revision new documents are booked under; None before the first."""
    row = run(tx, _WHOLE_IN_FORCE, {"scope": scope}).one_or_none()
    return None if row is None else _revision(row)


def number_in_force(tx: sa.Connection) -> int:
    """Number of the workspace's revision in force; 0 before the first."""
    return int(run(tx, _IN_FORCE, {"scope": ""}).scalar_one_or_none() or 0)


def with_text(tx: sa.Connection, text: str, scope: str = "") -> Revision | None:
    """The revision of this text, the one last in force where it was kept with several states of plugins."""
    statement = sa.select(table).where(_C.scope == scope, _C.text == text)
    row = tx.execute(statement.order_by(_C.turn.desc()).limit(1)).one_or_none()
    return None if row is None else _revision(row)


def newest(tx: sa.Connection) -> int:
    """The number of the revision kept last, whether it is in force or not; 0 before the first."""
    return int(tx.execute(sa.select(sa.func.max(_C.id))).scalar_one() or 0)


def revisions(tx: sa.Connection, scope: str = "", *, limit: int = 100) -> list[Revision]:
    """The revisions, the one last put in force first."""
    statement = sa.select(table).where(_C.scope == scope).order_by(_C.turn.desc()).limit(limit)
    return [_revision(row) for row in tx.execute(statement)]


def documents_under(tx: sa.Connection) -> dict[int, int]:
    """Revision -> how many documents were booked under it."""
    under = documents.c.mapping_revision
    statement = sa.select(under, sa.func.count()).where(under.is_not(None)).group_by(under)
    return {int(number): int(count) for number, count in tx.execute(statement)}


def _revision(row: AnyRow) -> Revision:
    files = json.loads(row.plugins)
    return Revision(
        id=row.id,
        scope=row.scope,
        text=row.text,
        plugins={name: digest for name, digest in files.items() if not name.startswith(_TEMPLATES)},
        templates={
            name.removeprefix(_TEMPLATES): digest
            for name, digest in files.items()
            if name.startswith(_TEMPLATES)
        },
        who=row.who,
        why=row.why,
        kept_at=moment(row.kept_at),
    )


def start_run(tx: sa.Connection, *, subject: str, verb: str, due_at: datetime, at: datetime) -> int | None:
    """Claim a due run; None when somebody did already."""
    number = new_ids(tx, schedule_runs, 1)[0]
    row = {
        "id": number,
        "subject": subject,
        "verb": verb,
        "due_at": moment_text(due_at),
        "started_at": moment_text(at),
        "ended_at": None,
        "outcome": "",
        "detail": "",
    }
    return number if put_new(tx, schedule_runs, ("subject", "verb", "due_at"), [row]) == 1 else None


def end_run(tx: sa.Connection, run_id: int, *, outcome: str, detail: str = "", at: datetime) -> None:
    """A run is over."""
    values = {"ended_at": moment_text(at), "outcome": outcome, "detail": detail}
    tx.execute(sa.update(schedule_runs).where(_R.id == run_id).values(**values))


def runs(tx: sa.Connection, *, subject: str | None = None, limit: int = 20) -> list[Run]:
    """The newest runs first."""
    statement = sa.select(schedule_runs).order_by(_R.due_at.desc(), _R.id.desc()).limit(limit)
    if subject is not None:
        statement = statement.where(_R.subject == subject)
    return [
        Run(
            id=row.id,
            subject=row.subject,
            verb=row.verb,
            due_at=moment(row.due_at),
            started_at=moment(row.started_at),
            ended_at=maybe_moment(row.ended_at),
            outcome=row.outcome,
            detail=row.detail,
        )
        for row in tx.execute(statement)
    ]
