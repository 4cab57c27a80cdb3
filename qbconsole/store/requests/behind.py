"""Requests that are behind: put before the company file or our database went back in time.

Each is looked for in QuickBooks before it is sent, for it may be there already; proved absent, it catches up with the
company's epoch. A document planned later of days that our database lost is put behind on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.store import parties
from qbconsole.store.database.statements import chunks
from qbconsole.store.requests.moving import Move, move_all
from qbconsole.store.requests.rows import WHOLE, Purpose, RequestRow, request_row
from qbconsole.store.schema import requests as table

_C = table.c
_BEHIND = (
    WHOLE.where(
        _C.company == sa.bindparam("company"),
        _C.purpose == Purpose.ADD.value,
        _C.epoch < sa.bindparam("epoch"),
        sa.text("state = 'ready'"),
    )
    .order_by(_C.stage, _C.id)
    .limit(sa.bindparam("limit"))
)
NOT_LEFT = (RequestState.WAITING, RequestState.READY, RequestState.AWAITING_APPROVAL)
#: What an older database of ours calls refused may have been retried, and taken, in days that it lost.
NOT_THERE = (*NOT_LEFT, RequestState.REFUSED, RequestState.QUARANTINED)
_UNSENT = WHOLE.where(
    _C.company == sa.bindparam("company"),
    _C.purpose == sa.bindparam("purpose"),
    _C.state.in_([state.value for state in NOT_LEFT]),
    _C.id > sa.bindparam("after"),
)


#: Note of a company of which something may be behind: looking for it among a long backlog takes its time.
_NOTE = "behind"
_OVER = [RequestState.ANSWERED.value, RequestState.SUPERSEDED.value]


def note_behind(tx: sa.Connection, company: str, at: datetime) -> None:
    """Something of this company is behind from now on."""
    if not may_be_behind(tx, company):
        parties.put_note(tx, company, _NOTE, "true", at)


def may_be_behind(tx: sa.Connection, company: str) -> bool:
    """Whether anything of it can be behind; hardly ever, and then nobody has to look."""
    return parties.note(tx, company, _NOTE) == "true"


def forget_behind(tx: sa.Connection, company: str, epoch: int, at: datetime) -> None:
    """Once a session: where all of it caught up or is over, nobody has to look any more."""
    if not may_be_behind(tx, company):
        return
    left = sa.select(_C.id).where(
        _C.company == company,
        _C.purpose == Purpose.ADD.value,
        _C.epoch < epoch,
        _C.state.not_in(_OVER),
    )
    if tx.execute(left.limit(1)).first() is None:
        parties.put_note(tx, company, _NOTE, "false", at)


def pick_behind(tx: sa.Connection, company: str, epoch: int, limit: int) -> list[RequestRow]:
    """Ready documents put in an earlier epoch, in the order of a session."""
    if not may_be_behind(tx, company):
        return []
    return [
        request_row(row) for row in tx.execute(_BEHIND, {"company": company, "epoch": epoch, "limit": limit})
    ]


def put_behind(tx: sa.Connection, company: str, epoch: int, at: datetime) -> None:
    """Documents that are not in QuickBooks, as far as we know, may be there all the same: they are behind `epoch`."""
    here = _C.company == company
    tx.execute(
        sa.update(table)
        .where(
            here,
            _C.purpose == Purpose.ADD.value,
            _C.state.in_([one.value for one in NOT_THERE]),
            _C.epoch >= epoch,
        )
        .values(epoch=epoch - 1)
    )
    note_behind(tx, company, at)


def lists_behind(tx: sa.Connection, company: str) -> set[str]:
    """Kinds of lists with an entry that is not in QuickBooks, as far as we know: it may be there all the same."""
    entries = sa.select(_C.subject_key).where(
        _C.company == company,
        _C.purpose == Purpose.LIST_ADD.value,
        _C.state.in_([one.value for one in NOT_THERE]),
    )
    return {str(key).partition("/")[0] for key in tx.execute(entries).scalars()}


def to_be_looked_for(tx: sa.Connection, ids: Iterable[int], *, at: datetime) -> None:
    """These ready requests may be in QuickBooks: a look proves whether they are before they are sent."""
    wanted = list(ids)
    move_all(tx, [Move(id=number, to_state=RequestState.SENT) for number in wanted], at=at)
    move_all(tx, [Move(id=number, to_state=RequestState.IN_DOUBT) for number in wanted], at=at)


def catch_up(tx: sa.Connection, ids: Iterable[int], epoch: int) -> None:
    """A look found nothing of these: they may go in this epoch."""
    for part in chunks(ids):
        ready = _C.state == RequestState.READY.value
        tx.execute(sa.update(table).where(_C.id.in_(part), ready).values(epoch=epoch))


def unsent(
    tx: sa.Connection, company: str, *, after: int, limit: int, purpose: Purpose = Purpose.ADD
) -> list[RequestRow]:
    """Documents, or entries of lists, that did not leave, by number beyond `after`."""
    here = {"company": company, "after": after, "purpose": purpose.value}
    return [request_row(row) for row in tx.execute(_UNSENT.order_by(_C.id).limit(limit), here)]
