"""Tickets: one session of one Web Connector each, open or over."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from qbconsole.errors import StoreError
from qbconsole.store.database.statements import AnyRow, change, put_new, run
from qbconsole.store.encoding import maybe_moment, moment, moment_text
from qbconsole.store.schema import sessions
from qbconsole.value import Value


class Session(Value):
    """One ticket of one Web Connector."""

    ticket: str
    company: str
    fence: int
    phase: str
    #: Work left and done in this session, for progress.
    to_do: int
    done: int
    last_error: str
    client_version: str
    peer: str
    #: JSON of the conversation.
    notes: str
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None


_SESSION = sa.select(sessions).where(sessions.c.ticket == sa.bindparam("ticket"))
_CLOSE = (
    sa.update(sessions)
    .where(sessions.c.ticket == sa.bindparam("the_ticket"), sessions.c.closed_at.is_(None))
    .values(
        closed_at=sa.bindparam("at"),
        last_at=sa.bindparam("at"),
        last_error=sa.func.coalesce(sa.bindparam("the_error", type_=sa.Text()), sessions.c.last_error),
    )
)


def open_session(
    tx: sa.Connection,
    *,
    ticket: str,
    company: str,
    fence: int,
    phase: str,
    at: datetime,
    peer: str = "",
    client_version: str = "",
) -> None:
    """A connector authenticated. Raises StoreError when the ticket was given before."""
    now = moment_text(at)
    row = {
        "ticket": ticket,
        "company": company,
        "fence": fence,
        "phase": phase,
        "to_do": 0,
        "done": 0,
        "last_error": "",
        "client_version": client_version,
        "peer": peer,
        "notes": "",
        "opened_at": now,
        "last_at": now,
        "closed_at": None,
    }
    if put_new(tx, sessions, ("ticket",), [row]) != 1:
        raise StoreError("A ticket is given once only.", where=company)


def session(tx: sa.Connection, ticket: str) -> Session | None:
    """The session of a ticket, closed or not."""
    row = run(tx, _SESSION, {"ticket": ticket}).one_or_none()
    return None if row is None else _session(row)


def update_session(tx: sa.Connection, ticket: str, *, at: datetime, **columns: str | int) -> None:
    """Remember more of a session. Columns: phase, to_do, done, last_error, client_version, notes."""
    if change(tx, sessions, "ticket", ticket, {**columns, "last_at": moment_text(at)}) != 1:
        raise StoreError("No session has this ticket.", where=ticket)


def close_session(tx: sa.Connection, ticket: str, *, at: datetime, last_error: str | None = None) -> None:
    """A session is over; a second close changes nothing."""
    now = moment_text(at)
    run(tx, _CLOSE, {"the_ticket": ticket, "at": now, "the_error": last_error})


def recent_sessions(tx: sa.Connection, *, company: str | None = None, limit: int = 20) -> list[Session]:
    """The newest sessions first."""
    statement = sa.select(sessions).order_by(sessions.c.opened_at.desc(), sessions.c.ticket).limit(limit)
    if company is not None:
        statement = statement.where(sessions.c.company == company)
    return [_session(row) for row in tx.execute(statement)]


def open_sessions(tx: sa.Connection, company: str) -> list[Session]:
    """Sessions nobody closed, the oldest first."""
    statement = (
        sa.select(sessions)
        .where(sessions.c.company == company, sessions.c.closed_at.is_(None))
        .order_by(sessions.c.opened_at)
    )
    return [_session(row) for row in tx.execute(statement)]


def opened_in(tx: sa.Connection, company: str, fence: int) -> datetime | None:
    """When the first session of a fence began; None where our database knows of none."""
    statement = sa.select(sa.func.min(sessions.c.opened_at)).where(
        sessions.c.company == company, sessions.c.fence == fence
    )
    found = tx.execute(statement).scalar_one()
    return None if found is None else moment(found)


def _session(row: AnyRow) -> Session:
    return Session(
        ticket=row.ticket,
        company=row.company,
        fence=row.fence,
        phase=row.phase,
        to_do=row.to_do,
        done=row.done,
        last_error=row.last_error,
        client_version=row.client_version,
        peer=row.peer,
        notes=row.notes,
        opened_at=moment(row.opened_at),
        last_at=moment(row.last_at),
        closed_at=maybe_moment(row.closed_at),
    )
