"""Moving requests through their lifecycle: sent, answered, in doubt, released, superseded.

Every move goes through the table in `books.lifecycle`. A request that may be in QuickBooks is never made ready
without the word that a probe found nothing; the attempt rises whenever a new message set id is safe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa

from qbconsole.books.lifecycle import IN_FLIGHT, MoveRefused, RequestState, require_move
from qbconsole.store.database.statements import chunks, listed, many, many_tuples
from qbconsole.store.encoding import moment_text
from qbconsole.store.requests.rows import ONCE, RequestRow, claim_text, lock_of, requests_by_id, tally
from qbconsole.store.requests.sending import requests_of_documents
from qbconsole.store.schema import request_needs
from qbconsole.store.schema import requests as table
from qbconsole.value import Value

_S = RequestState


class Move(Value):
    """A request's next state, and what QuickBooks said of it; None leaves a column as it is."""

    id: int
    to_state: RequestState
    status_code: int | None = None
    status_text: str | None = None
    qb_id: str | None = None


class _Now(NamedTuple):
    """What a request is before it moves; read quicker than a row of SQLAlchemy's."""

    id: int
    state: str
    company: str
    purpose: str
    claim: str
    doubtful: int
    needs_approval: int


_C = table.c
_NOW = sa.select(*(_C[name] for name in _Now._fields)).where(_C.id.in_(sa.bindparam("ids", expanding=True)))
_MOVE = (
    sa.update(table)
    .where(_C.id == sa.bindparam("the_id"))
    .values(
        state=sa.bindparam("to_state"),
        doubtful=sa.bindparam("doubt"),
        attempt=_C.attempt + sa.bindparam("more"),
        needs_approval=sa.bindparam("approval"),
        status_code=sa.func.coalesce(sa.bindparam("code", type_=sa.Integer()), _C.status_code),
        status_text=sa.func.coalesce(sa.bindparam("words", type_=sa.Text()), _C.status_text),
        qb_id=sa.func.coalesce(sa.bindparam("the_qb_id", type_=sa.Text()), _C.qb_id),
        changed_at=sa.bindparam("at"),
    )
)
#: In the order of the statement, so that a step goes to the driver as it is.
_MOVED = ("to_state", "approval", "doubt", "more", "code", "words", "the_qb_id", "at", "the_id")
_STATES = {state.value: state for state in _S}
_TEXTS = {state: state.value for state in _S}
_END_CLAIM = sa.update(table).where(_C.id == sa.bindparam("the_id")).values(claim=sa.bindparam("the_claim"))
_DROP_NEEDS = sa.delete(request_needs).where(request_needs.c.request_id == sa.bindparam("the_id"))


def move(
    tx: sa.Connection,
    request_id: int,
    to_state: RequestState,
    *,
    at: datetime,
    status_code: int | None = None,
    status_text: str | None = None,
    qb_id: str | None = None,
) -> None:
    """Move one request; see `move_all`."""
    step = Move(
        id=request_id, to_state=to_state, status_code=status_code, status_text=status_text, qb_id=qb_id
    )
    move_all(tx, [step], at=at)


def move_all(
    tx: sa.Connection,
    moves: Sequence[Move],
    *,
    at: datetime,
    proved_absent: bool = False,
    unprocessed: bool = False,
    known: Mapping[int, RequestRow] = MappingProxyType({}),
) -> None:
    """Move requests as the lifecycle allows, or raise MoveRefused and move none.

    What may be in QuickBooks becomes ready only with `proved_absent`: a probe found nothing of it. What is sent does so
    only as `unprocessed`: QuickBooks refused the whole set. Whoever read it before it was sent means another request.
    `known` are rows that this commit read after it locked their company: they are not read again.
    """
    lock_of(tx, [step.id for step in moves])
    now = moment_text(at)
    for part in chunks(moves):
        here = {row.id: row for row in _now(tx, [step.id for step in part], known)}
        if len(here) != len(part):
            raise MoveRefused("A request that is to be moved is not kept, or is named twice.")
        if not unprocessed:
            _refuse_sent(here, part)
        steps = [_step(here[step.id], step, now, proved_absent) for step in part]
        many_tuples(tx, _MOVE, _MOVED, steps)
        many(tx, _END_CLAIM, [_ended(here[step.id]) for step in part if _is_over(here[step.id], step)])
        gone = [{"the_id": step.id} for step in part if step.to_state is _S.SUPERSEDED]
        many(tx, _DROP_NEEDS, gone)
        _tally(tx, here, part)


def _now(tx: sa.Connection, ids: Sequence[int], known: Mapping[int, RequestRow]) -> list[_Now]:
    """What these are; of what is known, only what flies: the claim of what is over is another."""
    flying = [known[number] for number in ids if number in known and known[number].state in IN_FLIGHT]
    told = [
        _Now(
            id=row.id,
            state=row.state.value,
            company=row.company,
            purpose=row.purpose.value,
            claim=claim_text(row.company, row.purpose, row.round),
            doubtful=row.doubtful,
            needs_approval=row.needs_approval,
        )
        for row in flying
    ]
    unread = [number for number in ids if number not in known or known[number].state not in IN_FLIGHT]
    return told + (list(map(_Now._make, listed(tx, _NOW, "ids", unread))) if unread else [])


def _refuse_sent(here: Mapping[int, _Now], moves: Iterable[Move]) -> None:
    """Raise where a request would become ready that left meanwhile: another writer let it go before this one could."""
    for step in moves:
        if step.to_state is _S.READY and here[step.id].state == _S.SENT.value:
            raise MoveRefused(
                f"Request {step.id} was sent meanwhile; what QuickBooks made of it is asked first."
            )


def _step(row: _Now, step: Move, at: str, proved_absent: bool) -> tuple[Any, ...]:
    """The values of `_MOVED`."""
    here, there = _STATES[row.state], step.to_state
    require_move(here, there, f"Request {row.id}")
    doubtful = bool(row.doubtful) or here is _S.IN_DOUBT
    if there is _S.READY and doubtful and not proved_absent:
        raise MoveRefused(f"Request {row.id} may be in QuickBooks; it is probed before it is sent again.")
    tried = there is _S.READY and here in (_S.SENT, _S.IN_DOUBT, _S.REFUSED, _S.QUARANTINED)
    keeps_doubt = there is _S.IN_DOUBT or (there is _S.QUARANTINED and doubtful and not proved_absent)
    return (
        _TEXTS[there],
        0 if here is _S.AWAITING_APPROVAL and there is _S.READY else row.needs_approval,
        int(keeps_doubt),
        int(tried),
        step.status_code,
        step.status_text,
        step.qb_id,
        at,
        row.id,
    )


def _is_over(row: _Now, step: Move) -> bool:
    """Whether another request may now stand for the same thing."""
    return step.to_state is _S.SUPERSEDED or (step.to_state is _S.ANSWERED and row.purpose not in ONCE)


def _ended(row: _Now) -> dict[str, Any]:
    return {"the_id": row.id, "the_claim": f"{row.claim}/{row.id}"}


def _tally(tx: sa.Connection, here: Mapping[int, _Now], moves: Iterable[Move]) -> None:
    steps = Counter((here[step.id].company, _STATES[here[step.id].state], step.to_state) for step in moves)
    changes: dict[str, Counter[RequestState]] = {}
    for (company, before, after), count in steps.items():
        change = changes.setdefault(company, Counter())
        change[before] -= count
        change[after] += count
    for company, change in changes.items():
        tally(tx, company, change)


def doubt(tx: sa.Connection, ids: Iterable[int], *, at: datetime) -> None:
    """Nobody knows what became of these, sent or put aside in doubt; only a probe tells."""
    move_all(tx, [Move(id=number, to_state=_S.IN_DOUBT) for number in ids], at=at)


def quarantine(
    tx: sa.Connection, ids: Iterable[int], *, why: str, at: datetime, proved_absent: bool = False
) -> None:
    """Take these out of the queue so that the others go on."""
    steps = [Move(id=number, to_state=_S.QUARANTINED, status_text=why) for number in ids]
    move_all(tx, steps, at=at, proved_absent=proved_absent)


def release(tx: sa.Connection, ids: Iterable[int], *, at: datetime, proved_absent: bool = False) -> None:
    """Let refused or quarantined requests go again, as they are."""
    steps = [Move(id=number, to_state=_S.READY) for number in ids]
    move_all(tx, steps, at=at, proved_absent=proved_absent)


def approve(tx: sa.Connection, ids: Iterable[int], *, at: datetime) -> None:
    """An operator lets these go; those that still wait for something go when it comes."""
    found = requests_by_id(tx, ids)
    awaiting = [Move(id=row.id, to_state=_S.READY) for row in found if row.state is _S.AWAITING_APPROVAL]
    move_all(tx, awaiting, at=at)
    waiting = [row.id for row in found if row.state is _S.WAITING]
    for part in chunks(waiting):
        tx.execute(sa.update(table).where(_C.id.in_(part)).values(needs_approval=0))


def supersede(tx: sa.Connection, document_keys: Iterable[str], *, at: datetime) -> list[str]:
    """Retire the unsent requests of documents that are planned anew.

    Gives the keys of those that cannot be: something of them is in QuickBooks or may be. They stay untouched.
    """
    rows = requests_of_documents(tx, document_keys)
    live = [row for row in rows if row.state is not _S.SUPERSEDED]
    fixed = {
        row.document_key
        for row in live
        if row.state in IN_FLIGHT or (row.state is _S.ANSWERED and not row.is_gone) or row.doubtful
    }
    retire(tx, [row for row in live if row.document_key not in fixed], at=at)
    return sorted(key for key in fixed if key is not None)


def retire(tx: sa.Connection, rows: Iterable[RequestRow], *, at: datetime) -> None:
    """Supersede requests that QuickBooks has nothing of; their claims are free for new ones.

    Those whose work is gone from it stay answered: their claims are free already.
    """
    rows = [row for row in rows if not row.is_gone]
    release(tx, [row.id for row in rows if row.state in (_S.REFUSED, _S.QUARANTINED)], at=at)
    move_all(tx, [Move(id=row.id, to_state=_S.SUPERSEDED) for row in rows], at=at)
