"""Message sets: envelopes of requests, frozen before they leave, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from qbconsole.errors import StoreError
from qbconsole.store.database.statements import AnyRow, change, chunks, listed, put_new, run
from qbconsole.store.encoding import moment, moment_text
from qbconsole.store.schema import leases, message_sets, sessions
from qbconsole.store.schema.delivery import KEPT
from qbconsole.value import Value


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


#: Written out: a value that is given and held against the condition of an index has SQLite prepare the text each time.
_IS_SENT = sa.text(f"message_sets.state = '{SetState.SENT.value}'")
#: Of a set that was handed out: its ticket's lease, where the session is open and the set without an answer.
_HOLDING = (
    sa.select(leases.c.name, leases.c.owner, leases.c.fence)
    .join_from(sessions, message_sets, message_sets.c.ticket == sessions.c.ticket)
    .join(leases, leases.c.name == sessions.c.company)
    .where(
        sessions.c.ticket == sa.bindparam("ticket"),
        sessions.c.closed_at.is_(None),
        message_sets.c.id == sa.bindparam("id"),
        _IS_SENT,
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


def is_fetchable(tx: sa.Connection, one: MessageSet) -> bool:
    """Whether a set that was kept as handed out still waits for its answer, in an open session that holds its company.

    Asked in one question, because it is asked at every exchange.
    """
    row = run(tx, _HOLDING, {"ticket": one.ticket, "id": one.id}).one_or_none()
    return row is not None and (row.owner, row.fence) == (one.ticket, one.fence)


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
