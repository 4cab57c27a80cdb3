"""Holds as kept: each reason once per subject and place, until a person or its going away ends it.

What a person released does not come back by itself; what was cured may.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qbconsole.books.holds import Hold, Reason, Released
from qbconsole.books.lifecycle import HoldState, MoveRefused, require_move
from qbconsole.store.database.statements import AnyRow, chunks, listed, many, put_new, run
from qbconsole.store.encoding import moment, moment_text
from qbconsole.store.schema import documents, requests
from qbconsole.store.schema import holds as table
from qbconsole.value import Value


class HoldRow(Value):
    """One hold as kept."""

    id: int
    company: str
    merchant: str | None
    hold: Hold
    state: HoldState
    held_at: datetime
    changed_at: datetime
    #: Who or what ended it, and why; "" while it is open.
    ended_by: str
    ended_why: str


#: How the reason begins for which a person left something out for good.
IGNORED = "ignored: "
_C = table.c
_RELEASED = sa.select(_C.subject, _C.reason, _C.place, _C.merchant, _C.ended_why).where(
    _C.company == sa.bindparam("company"),
    _C.subject.in_(sa.bindparam("subjects", expanding=True)),
    sa.text("state = 'released'"),
)
_EVER = sa.select(table).where(_C.subject == sa.bindparam("subject")).order_by(_C.id)
_OPEN = sa.text("state = 'open'")
_ONCE = ("company", "subject", "reason", "place")
_HELD = sa.select(_C.id, _C.subject, _C.reason, _C.place, _C.state).where(
    _C.company == sa.bindparam("company"), _C.subject.in_(sa.bindparam("subjects", expanding=True))
)
#: Flags keep nothing back.
_BACK = (
    sa.select(_C.subject)
    .where(_C.company == sa.bindparam("company"), _C.flag == sa.literal_column("0"), _OPEN)
    .distinct()
)
_BACK_AMONG = _BACK.where(_C.subject.in_(sa.bindparam("subjects", expanding=True)))
_AGAIN = (
    sa.update(table)
    .where(_C.id == sa.bindparam("the_id"))
    .values(
        state=HoldState.OPEN.value,
        sentence=sa.bindparam("the_sentence"),
        next_step=sa.bindparam("the_step"),
        cause=sa.bindparam("the_cause"),
        changed_at=sa.bindparam("at"),
        ended_by="",
        ended_why="",
    )
)
_OPEN_OF = (
    sa.select(table)
    .where(_C.company == sa.bindparam("company"), _C.subject == sa.bindparam("subject"), _OPEN)
    .order_by(_C.id)
)
_OPEN_FOR = (
    sa.select(table)
    .where(_C.company == sa.bindparam("company"), _C.cause == sa.bindparam("cause"), _OPEN)
    .order_by(_C.id)
)
_OPEN_AMONG = (
    sa.select(table)
    .where(
        _C.company == sa.bindparam("company"),
        _C.subject.in_(sa.bindparam("subjects", expanding=True)),
        _OPEN,
    )
    .order_by(_C.id)
)
_OPEN_ELSEWHERE = (
    sa.select(table)
    .where(
        _C.merchant == sa.bindparam("merchant"),
        _C.company != sa.bindparam("company"),
        _C.subject.in_(sa.bindparam("subjects", expanding=True)),
        _OPEN,
    )
    .order_by(_C.id)
)
#: Neither of a document nor of a list entry nor of a message set: those are of the company that they were asked of.
_OF_EVENTS = (
    sa.select(table)
    .where(
        _C.merchant == sa.bindparam("merchant"),
        _C.company == sa.bindparam("company"),
        _C.subject.not_in(sa.select(documents.c.key)),
        _C.subject.not_in(sa.select(requests.c.subject_key)),
        sa.func.substr(_C.subject, 1, 4) != "set/",
        _OPEN,
    )
    .order_by(_C.id)
)
_MOVED = "its merchant posts into another company"
#: Not LIKE: for each pattern that is given SQLite would prepare the text once more.
_CAUSES = (
    sa.select(_C.cause)
    .where(
        _C.company == sa.bindparam("company"),
        sa.func.substr(_C.cause, 1, sa.bindparam("length", type_=sa.Integer())) == sa.bindparam("prefix"),
        _OPEN,
    )
    .distinct()
)
_END = (
    sa.update(table)
    .where(_C.id == sa.bindparam("the_id"))
    .values(
        state=sa.bindparam("to_state"),
        changed_at=sa.bindparam("at"),
        ended_by=sa.bindparam("by"),
        ended_why=sa.bindparam("why"),
    )
)


def put_holds(
    tx: sa.Connection, merchant: str | None, company: str, holds: Sequence[Hold], at: datetime
) -> list[Hold]:
    """Keep holds; gives those that stand open now. One a person released stays released and is not given."""
    standing: list[Hold] = []
    for part in chunks({_key(hold): hold for hold in holds}.values()):
        subjects = sorted({hold.subject for hold in part})
        found = listed(tx, _HELD, "subjects", subjects, company=company)
        held = {(row.subject, row.reason, row.place): row for row in found}
        fresh = [hold for hold in part if _key(hold) not in held]
        again = [
            hold for hold in part if _key(hold) in held and held[_key(hold)].state != HoldState.RELEASED.value
        ]
        # Two that find the same at once both keep it.
        put_new(tx, table, _ONCE, [_new(merchant, company, hold, moment_text(at)) for hold in fresh])
        many(tx, _AGAIN, [_anew(held[_key(hold)].id, hold, moment_text(at)) for hold in again])
        standing.extend(hold for hold in part if hold in fresh or hold in again)
    return standing


def _key(hold: Hold) -> tuple[str, str, str]:
    return (hold.subject, hold.reason.value, hold.where)


def _new(merchant: str | None, company: str, hold: Hold, at: str) -> dict[str, Any]:
    return {
        "company": company,
        "merchant": merchant,
        "subject": hold.subject,
        "reason": hold.reason.value,
        "place": hold.where,
        "sentence": hold.sentence,
        "next_step": hold.next_step,
        "cause": hold.cause,
        "flag": int(hold.is_flag),
        "state": HoldState.OPEN.value,
        "held_at": at,
        "changed_at": at,
        "ended_by": "",
        "ended_why": "",
    }


def _anew(number: int, hold: Hold, at: str) -> dict[str, Any]:
    return {
        "the_id": number,
        "the_sentence": hold.sentence,
        "the_step": hold.next_step,
        "the_cause": hold.cause,
        "at": at,
    }


def release(
    tx: sa.Connection,
    *,
    by: str,
    why: str,
    at: datetime,
    company: str | None = None,
    subject: str | None = None,
    cause: str | None = None,
    ids: Iterable[int] | None = None,
) -> list[HoldRow]:
    """A person ends the open holds of a subject, of a cause, or by id; gives them as they were."""
    if subject is None and cause is None and ids is None:
        raise MoveRefused("Say which holds to release: a subject, a cause or their ids.")
    statement = sa.select(table).where(_OPEN)
    for column, value in ((_C.company, company), (_C.subject, subject), (_C.cause, cause)):
        if value is not None:
            statement = statement.where(column == value)
    if ids is not None:
        statement = statement.where(_C.id.in_(list(ids)))
    found = [_row(row) for row in tx.execute(statement.order_by(_C.id))]
    _end(tx, found, HoldState.RELEASED, by, why, at)
    return found


def release_absent(
    tx: sa.Connection,
    company: str,
    subject: str,
    still: Iterable[Reason | tuple[Reason, str]],
    at: datetime,
    *,
    of: str | None = None,
) -> list[HoldRow]:
    """Causes went away: cure the subject's open holds but those still standing, by reason or (reason, where).

    `of`: of one merchant's alone, where several have something that is called so.
    """
    standing = set(still)
    gone = [
        row
        for row in map(_row, run(tx, _OPEN_OF, {"company": company, "subject": subject}))
        if row.hold.reason not in standing
        and (row.hold.reason, row.hold.where) not in standing
        and of in (None, row.merchant)
    ]
    _end(tx, gone, HoldState.CURED, "", "its cause went away", at)
    return gone


def cure_subjects(tx: sa.Connection, company: str, subjects: Iterable[str], at: datetime) -> list[HoldRow]:
    """Every cause of these subjects went away: cure all their open holds."""
    found = [
        _row(row)
        for part in chunks(subjects)
        for row in listed(tx, _OPEN_AMONG, "subjects", part, company=company)
    ]
    _end(tx, found, HoldState.CURED, "", "its cause went away", at)
    return found


def cure(tx: sa.Connection, company: str, cause: str, at: datetime) -> list[HoldRow]:
    """One cause went away: cure every open hold that has it."""
    found = open_for(tx, company, cause)
    _end(tx, found, HoldState.CURED, "", "its cause went away", at)
    return found


def cure_elsewhere(
    tx: sa.Connection, merchant: str, company: str, subjects: Iterable[str], at: datetime
) -> None:
    """These subjects of a merchant are this company's by now: what held them in another one is over."""
    found = [
        _row(row)
        for part in chunks(subjects)
        for row in listed(tx, _OPEN_ELSEWHERE, "subjects", part, merchant=merchant, company=company)
    ]
    _end(tx, found, HoldState.CURED, "", _MOVED, at)


def go_along(tx: sa.Connection, merchant: str, before: str, company: str, at: datetime) -> None:
    """A merchant posts into another company: what is held of its events, of which no document is booked, goes along."""
    found = [_row(row) for row in run(tx, _OF_EVENTS, {"merchant": merchant, "company": before})]
    _end(tx, found, HoldState.CURED, "", _MOVED, at)
    put_holds(tx, merchant, company, [row.hold for row in found], at)


def open_for(tx: sa.Connection, company: str, cause: str) -> list[HoldRow]:
    """What waits for one cause now."""
    return [_row(row) for row in run(tx, _OPEN_FOR, {"company": company, "cause": cause})]


def open_causes(tx: sa.Connection, company: str, prefix: str) -> set[str]:
    """Causes of open holds that begin so."""
    here = {"company": company, "prefix": prefix, "length": len(prefix)}
    return set(run(tx, _CAUSES, here).scalars())


def hold_again(tx: sa.Connection, ids: Iterable[int], at: datetime) -> None:
    """A person takes a release back."""
    found = [_row(row) for row in tx.execute(sa.select(table).where(_C.id.in_(list(ids))))]
    _end(tx, found, HoldState.OPEN, "", "", at)


def _end(
    tx: sa.Connection, rows: Sequence[HoldRow], to_state: HoldState, by: str, why: str, at: datetime
) -> None:
    for row in rows:
        require_move(row.state, to_state, f"Hold {row.id}")
    now = moment_text(at)
    many(
        tx,
        _END,
        [{"the_id": row.id, "to_state": to_state.value, "at": now, "by": by, "why": why} for row in rows],
    )


def open_holds(
    tx: sa.Connection,
    *,
    merchant: str | None = None,
    company: str | None = None,
    reason: Reason | None = None,
    flags_too: bool = True,
    after: int = 0,
    limit: int | None = None,
) -> list[HoldRow]:
    """Open holds by id beyond `after`."""
    statement = sa.select(table).where(_OPEN, _C.id > after).order_by(_C.id).limit(limit)
    for column, value in ((_C.merchant, merchant), (_C.company, company), (_C.reason, reason)):
        if value is not None:
            statement = statement.where(column == value)
    if not flags_too:
        statement = statement.where(_C.flag == 0)
    return [_row(row) for row in tx.execute(statement)]


def holds_of(tx: sa.Connection, subject: str) -> list[HoldRow]:
    """All holds a subject ever had."""
    return [_row(row) for row in run(tx, _EVER, {"subject": subject})]


def held_subjects(tx: sa.Connection, company: str, subjects: Iterable[str] | None = None) -> set[str]:
    """Subjects with an open hold that keeps them back (flags do not), among those asked for or all."""
    if subjects is None:
        return set(run(tx, _BACK, {"company": company}).scalars())
    found: set[str] = set()
    for part in chunks(subjects):
        found.update(listed(tx, _BACK_AMONG, "subjects", part, company=company).scalars())
    return found


def released(tx: sa.Connection, company: str, subjects: Iterable[str]) -> set[Released]:
    """What a person released of these subjects: booking goes on in spite of it. What was ignored stays out."""
    return {
        Released(subject=row.subject, reason=Reason(row.reason), where=where)
        for part in chunks(subjects)
        for row in listed(tx, _RELEASED, "subjects", part, company=company)
        for where in {row.place, row.place.removesuffix(f" of {row.merchant}")}
        if not row.ended_why.startswith(IGNORED)
    }


def _row(row: AnyRow) -> HoldRow:
    return HoldRow(
        id=row.id,
        company=row.company,
        merchant=row.merchant,
        hold=Hold(
            reason=Reason(row.reason),
            where=row.place,
            sentence=row.sentence,
            next_step=row.next_step,
            subject=row.subject,
            cause=row.cause,
        ),
        state=HoldState(row.state),
        held_at=moment(row.held_at),
        changed_at=moment(row.changed_at),
        ended_by=row.ended_by,
        ended_why=row.ended_why,
    )
