"""Pausing: an operator keeps requests back that have not left yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.store.database.statements import run
from qbconsole.store.requests.moving import Move, move_all
from qbconsole.store.requests.rows import requests_by_id
from qbconsole.store.schema import requests as table

_KEEP_BACK = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("the_id"), sa.text("state IN ('waiting', 'awaiting_approval')"))
    .values(needs_approval=1)
)


def pause(tx: sa.Connection, ids: Iterable[int], *, at: datetime) -> list[int]:
    """Ready ones await approval now, waiting ones will once they are complete; gives which. Others stay as they are.

    All of them need it from now on: put anew, or waiting again for what is gone, they stay held.
    """
    found = requests_by_id(tx, ids)
    ready = [row.id for row in found if row.state is RequestState.READY]
    move_all(tx, [Move(id=number, to_state=RequestState.AWAITING_APPROVAL) for number in ready], at=at)
    waiting = [row.id for row in found if row.state is RequestState.WAITING]
    held = sorted(ready + waiting)
    for number in held:
        run(tx, _KEEP_BACK, {"the_id": number})
    return held
