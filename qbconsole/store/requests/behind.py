"""Requests that are behind: put before the company file or our database went back in time.

Each is looked for in QuickBooks before it is sent, for it may be there already; proved absent, it catches up with the
company's epoch. A document planned later of days that our database lost is put behind on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
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
_NOT_LEFT = (RequestState.WAITING, RequestState.READY, RequestState.AWAITING_APPROVAL)
_UNSENT = WHOLE.where(
    _C.company == sa.bindparam("company"),
    _C.purpose == Purpose.ADD.value,
    _C.state.in_([state.value for state in _NOT_LEFT]),
    _C.id > sa.bindparam("after"),
)


def pick_behind(tx: sa.Connection, company: str, epoch: int, limit: int) -> list[RequestRow]:
    """Ready documents put in an earlier epoch, in the order of a session."""
    return [
        request_row(row) for row in tx.execute(_BEHIND, {"company": company, "epoch": epoch, "limit": limit})
    ]


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


def unsent(tx: sa.Connection, company: str, *, after: int, limit: int) -> list[RequestRow]:
    """Documents that did not leave, by number beyond `after`."""
    found = tx.execute(_UNSENT.order_by(_C.id).limit(limit), {"company": company, "after": after})
    return [request_row(row) for row in found]
