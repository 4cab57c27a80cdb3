"""Sessions: leases with fencing numbers, Web Connector tickets, message sets, raw responses.

State of a session lives only here, so that any process may answer the next call. A lease lets one connector work
on one company file; every commit of a session calls `require_lease` first. A response is kept as it came, also
when its ticket is stale or nobody's; keeping it concludes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from qbconsole.errors import StoreError
from qbconsole.store.database.statements import AnyRow, change, chunks, listed, put_new, run
from qbconsole.store.encoding import maybe_moment, moment, moment_text
from qbconsole.store.schema import leases, message_sets, responses, sessions
from qbconsole.store.schema.delivery import KEPT
from qbconsole.value import Value


class LeaseLost(StoreError):
    """Somebody else holds the lease now; nothing was written."""

    code = "lease_lost"
    exit_status = 3
    next_step = "The other session goes on; this one ends and the next poll takes over."


class SetConflict(StoreError):
    """A message set would leave under an id that stands for other bytes; nothing was written."""

    code = "set_conflict"
    next_step = "Nothing was sent; the requests are probed in the next session."


class SetState(StrEnum):
    """What became of a message set."""

    SENT = "sent"  # kept before it left; no answer yet
    ANSWERED = "answered"  # an answer came and was read
    REFUSED = "refused"  # QuickBooks refused it whole, unprocessed
    LOST = "lost"  # its session ended without an answer; its requests are probed
    SILENT = "silent"  # lost, and its connector was not heard of since: QuickBooks may still be at it
    CLEARED = "cleared"  # answered, and QuickBooks was told to forget it


class Lease(Value):
    """The right to work on something, until a moment, known by its fence."""

    #: A company's id, or a role such as "scheduler".
    name: str
    owner: str
    #: Rises each time the lease is taken.
    fence: int
    until: datetime


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


class MessageSet(Value):
    """One envelope of requests, frozen."""

    #: newMessageSetID, 20 characters; "" is never used: sets without recovery have an id of ours too.
    id: str
    company: str
    ticket: str
    #: Place in the session.
    seq: int
    body: str
    purpose: str
    fence: int
    attempt: int
    state: SetState = SetState.SENT
    #: How often it was handed to a connector; 0: it is kept, and nobody can have answered it.
    times_sent: int = 0
    #: When it was kept, handed out or settled, whichever was last.
    changed_at: datetime | None = None
    #: Its requests, in its order.
    request_ids: tuple[int, ...] = ()


_L = leases.c
_LEASE = (
    sa.select(_L.owner, _L.fence, _L.until)
    .where(_L.name == sa.bindparam("name"))
    .with_for_update(skip_locked=True)
)
#: Written out: a value that is given and held against the condition of an index has SQLite prepare the text each time.
_IS_SENT = sa.text(f"message_sets.state = '{SetState.SENT.value}'")
#: Of a set that was handed out: its ticket's lease, where the session is open and the set without an answer.
_HOLDING = (
    sa.select(_L.name, _L.owner, _L.fence)
    .join_from(sessions, message_sets, message_sets.c.ticket == sessions.c.ticket)
    .join(leases, _L.name == sessions.c.company)
    .where(
        sessions.c.ticket == sa.bindparam("ticket"),
        sessions.c.closed_at.is_(None),
        message_sets.c.id == sa.bindparam("id"),
        _IS_SENT,
    )
)
_HOLD = sa.select(_L.name).where(_L.name == sa.bindparam("name")).with_for_update()
_HOLD_FREE = _HOLD.with_for_update(skip_locked=True)
_WHO_HOLDS = sa.select(leases).where(_L.name == sa.bindparam("name"), _L.owner != "")
#: A lease while it is still the one that was taken.
_OURS = (
    _L.name == sa.bindparam("the_name"),
    _L.owner == sa.bindparam("the_owner"),
    _L.fence == sa.bindparam("the_fence"),
)
_RELEASE = sa.update(leases).where(*_OURS).values(owner="", until=sa.null())
_TAKE = (
    sa.update(leases)
    .where(_L.name == sa.bindparam("the_name"))
    .values(owner=sa.bindparam("the_owner"), fence=sa.bindparam("the_fence"), until=sa.bindparam("the_until"))
)
_RENEW = sa.update(leases).where(*_OURS).values(until=sa.bindparam("the_until"))
_RENEW_OWN = (
    sa.update(leases).where(_L.owner == sa.bindparam("the_owner")).values(until=sa.bindparam("the_until"))
)
_FENCE = sa.select(_L.fence).where(_L.name == sa.bindparam("name"), _L.owner != "").with_for_update(read=True)
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
_SET = sa.select(message_sets).where(message_sets.c.id == sa.bindparam("id"))
_OPEN_SET = (
    sa.select(message_sets)
    .where(message_sets.c.ticket == sa.bindparam("ticket"), _IS_SENT)
    .order_by(message_sets.c.seq.desc())
    .limit(1)
)
_SETS_IN = (
    sa.select(message_sets)
    .where(
        message_sets.c.company == sa.bindparam("company"),
        message_sets.c.state.in_(sa.bindparam("states", expanding=True)),
    )
    .order_by(message_sets.c.made_at, message_sets.c.ticket, message_sets.c.seq)
)
_STATES = sa.select(message_sets.c.id, message_sets.c.state).where(
    message_sets.c.id.in_(sa.bindparam("ids", expanding=True))
)
_MARK_SET = (
    sa.update(message_sets)
    .where(message_sets.c.id == sa.bindparam("the_id"))
    .values(state=sa.bindparam("to_state"), changed_at=sa.bindparam("at"))
)
_HAND_OUT = (
    sa.update(message_sets)
    .where(message_sets.c.id == sa.bindparam("the_id"))
    .values(times_sent=message_sets.c.times_sent + 1, changed_at=sa.bindparam("at"))
)
_FORGETTABLE = (
    sa.select(message_sets.c.id)
    .where(
        message_sets.c.company == sa.bindparam("company"),
        sa.text(KEPT),
        message_sets.c.changed_at < sa.bindparam("before"),
    )
    .order_by(message_sets.c.changed_at)
    .limit(sa.bindparam("limit"))
)
_KEEP = sa.insert(responses)


def take_lease(tx: sa.Connection, name: str, owner: str, seconds: float, now: datetime) -> Lease | None:
    """Take a lease that is free or has run out; None while somebody else holds it.

    A name is always taken for the same seconds: one that ends much later was taken while the clock ran ahead, and counts as
    run out. Whoever still holds it is kept from writing by the fence.
    """
    put_new(tx, leases, ("name",), [{"name": name, "owner": "", "fence": 0, "until": None}])
    row = run(tx, _LEASE, {"name": name}).one_or_none()
    if row is None or (row.owner and row.until is not None and is_running(row.until, seconds, now)):
        return None
    until = now + timedelta(seconds=seconds)
    values = {
        "the_name": name,
        "the_owner": owner,
        "the_fence": row.fence + 1,
        "the_until": moment_text(until),
    }
    run(tx, _TAKE, values)
    return Lease(name=name, owner=owner, fence=row.fence + 1, until=until)


def is_running(until: str, seconds: float, now: datetime) -> bool:
    """Whether a lease of so many seconds that ends then is held now; clocks that differ by less than that are no matter."""
    return moment_text(now) < until <= moment_text(now + timedelta(seconds=2 * seconds))


def renew_lease(tx: sa.Connection, name: str, owner: str, fence: int, seconds: float, now: datetime) -> bool:
    """Hold a lease longer; False when somebody else took it or it was released."""
    until = moment_text(now + timedelta(seconds=seconds))
    values = {"the_name": name, "the_owner": owner, "the_fence": fence, "the_until": until}
    return run(tx, _RENEW, values).rowcount == 1


def renew_own(tx: sa.Connection, owner: str, seconds: float, now: datetime) -> bool:
    """The same for whatever this owner holds, so that nothing has to be read before it: what is read then stands."""
    values = {"the_owner": owner, "the_until": moment_text(now + timedelta(seconds=seconds))}
    return bool(owner) and run(tx, _RENEW_OWN, values).rowcount == 1


def is_fetchable(tx: sa.Connection, one: MessageSet) -> bool:
    """Whether a set that was kept as handed out still waits for its answer, in an open session that holds its company.

    Asked in one question, because it is asked at every exchange.
    """
    row = run(tx, _HOLDING, {"ticket": one.ticket, "id": one.id}).one_or_none()
    return row is not None and (row.owner, row.fence) == (one.ticket, one.fence)


def hold_lease(tx: sa.Connection, name: str, *, waiting: bool = True) -> bool:
    """Be the only one to take, renew or end a lease until the commit; False where nobody ever took it.

    Comes before all that a unit changes: whoever holds it waits for what another one changed, never the other way round.
    Not `waiting`, False too where another unit holds it just now.
    """
    return run(tx, _HOLD if waiting else _HOLD_FREE, {"name": name}).one_or_none() is not None


def release_lease(tx: sa.Connection, name: str, owner: str, fence: int) -> bool:
    """Give a lease back; False when it was not ours any more."""
    values = {"the_name": name, "the_owner": owner, "the_fence": fence}
    return run(tx, _RELEASE, values).rowcount == 1


def require_lease(tx: sa.Connection, name: str, fence: int) -> None:
    """Raise LeaseLost unless this fence still holds; it then holds until the commit."""
    if run(tx, _FENCE, {"name": name}).scalar_one_or_none() != fence:
        raise LeaseLost("The lease went to another session.", where=name)


def lease(tx: sa.Connection, name: str) -> Lease | None:
    """Who holds a lease, even if it has run out; None when nobody does."""
    row = run(tx, _WHO_HOLDS, {"name": name}).one_or_none()
    if row is None:
        return None
    return Lease(name=row.name, owner=row.owner, fence=row.fence, until=moment(row.until))


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


def put_message_set(tx: sa.Connection, new: MessageSet, at: datetime) -> None:
    """Keep a set before it leaves; `times_sent` is 1 where it leaves with this commit.

    The same id and body again is a resend. Raises SetConflict on other bytes.
    """
    now = moment_text(at)
    row = {
        "ticket": new.ticket,
        "seq": new.seq,
        "fence": new.fence,
        "state": new.state.value,
        "changed_at": now,
        "request_ids": json.dumps(new.request_ids),
    }
    first = {
        "id": new.id,
        "company": new.company,
        "purpose": new.purpose,
        "attempt": new.attempt,
        "times_sent": new.times_sent,
        "made_at": now,
        "body": new.body,
    }
    if put_new(tx, message_sets, ("id",), [row | first]):
        return
    held = run(tx, _SET, {"id": new.id}).one()
    if (held.company, held.body) != (new.company, new.body):
        raise SetConflict("A message set id stands for other bytes.", where=new.id)
    change(tx, message_sets, "id", new.id, row | {"times_sent": held.times_sent + new.times_sent})


def hand_out(tx: sa.Connection, set_id: str, at: datetime) -> None:
    """The set leaves with this commit, for the first time or again."""
    run(tx, _HAND_OUT, {"the_id": set_id, "at": moment_text(at)})


def forgettable_sets(tx: sa.Connection, company: str, before: datetime, limit: int) -> list[str]:
    """Ids of sets QuickBooks still remembers though their answers are kept since before a moment, oldest first."""
    here = {"company": company, "before": moment_text(before), "limit": limit}
    return list(run(tx, _FORGETTABLE, here).scalars())


def message_set(tx: sa.Connection, set_id: str) -> MessageSet | None:
    """One message set."""
    row = run(tx, _SET, {"id": set_id}).one_or_none()
    return None if row is None else _set(row)


def set_states(tx: sa.Connection, set_ids: Iterable[str]) -> dict[str, SetState]:
    """What became of these sets, without their bytes."""
    return {
        row.id: SetState(row.state) for part in chunks(set_ids) for row in listed(tx, _STATES, "ids", part)
    }


def open_set(tx: sa.Connection, ticket: str) -> MessageSet | None:
    """The set of this ticket that waits for its answer."""
    row = run(tx, _OPEN_SET, {"ticket": ticket}).one_or_none()
    return None if row is None else _set(row)


def sets_in(tx: sa.Connection, company: str, states: Iterable[SetState]) -> list[MessageSet]:
    """A company's sets in these states, the oldest first."""
    wanted = [state.value for state in states]
    return [_set(row) for row in listed(tx, _SETS_IN, "states", wanted, company=company)]


def mark_set(tx: sa.Connection, set_id: str, state: SetState, at: datetime) -> None:
    """What became of a set."""
    run(tx, _MARK_SET, {"the_id": set_id, "to_state": state.value, "at": moment_text(at)})


def keep_response(
    tx: sa.Connection,
    ticket: str,
    message_set_id: str | None,
    raw: bytes,
    *,
    at: datetime,
    hresult: str = "",
    message: str = "",
) -> None:
    """Keep an answer as it came, whoever's ticket it bears."""
    row = {
        "ticket": ticket,
        "message_set": message_set_id,
        "hresult": hresult,
        "message": message,
        "arrived_at": moment_text(at),
        "raw": raw,
    }
    run(tx, _KEEP, row)


def responses_to(tx: sa.Connection, message_set_id: str) -> list[tuple[datetime, bytes, str, str]]:
    """(arrived, raw, hresult, message) of every answer kept for a set, the oldest first."""
    statement = sa.select(responses).where(responses.c.message_set == message_set_id).order_by(responses.c.id)
    return [(moment(row.arrived_at), row.raw, row.hresult, row.message) for row in tx.execute(statement)]


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


def _set(row: AnyRow) -> MessageSet:
    return MessageSet(
        id=row.id,
        company=row.company,
        ticket=row.ticket,
        seq=row.seq,
        body=row.body,
        purpose=row.purpose,
        fence=row.fence,
        attempt=row.attempt,
        state=SetState(row.state),
        times_sent=row.times_sent,
        changed_at=moment(row.changed_at),
        request_ids=tuple(json.loads(row.request_ids)),
    )
