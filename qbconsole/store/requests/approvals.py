"""What waits for a person's approval: documents that nothing else holds, and list entries."""

from __future__ import annotations

import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.store.database.statements import run
from qbconsole.store.requests.rows import Purpose
from qbconsole.store.schema import documents, holds
from qbconsole.store.schema import requests as table
from qbconsole.value import Value

_C = table.c
_PLANNED = sa.select(documents.c.key).where(
    documents.c.company == sa.bindparam("company"), documents.c.state == DocumentState.PLANNED.value
)
_BLOCKED = sa.select(holds.c.subject).where(
    sa.text("holds.state = 'open'"), holds.c.company == sa.bindparam("company"), holds.c.flag == 0
)
_ASKING = (
    sa.select(_C.subject_key, _C.purpose, _C.state)
    .where(
        _C.company == sa.bindparam("company"),
        sa.text("requests.state IN ('waiting', 'awaiting_approval')"),
        _C.needs_approval == 1,
        sa.or_(
            _C.purpose == Purpose.LIST_ADD.value,
            sa.and_(_C.document_key.in_(_PLANNED), _C.document_key.not_in(_BLOCKED)),
        ),
    )
    .order_by(_C.id)
)


class Asking(Value):
    """One request that goes when a person approves it."""

    subject_key: str
    is_entry: bool
    #: It waits for something else as well: its approval may be given before.
    is_waiting: bool


def asking(tx: sa.Connection, company: str) -> list[Asking]:
    """Documents and list entries of a company that an approval would let go; what a person holds by name is among them."""
    return [
        Asking(
            subject_key=row.subject_key,
            is_entry=row.purpose == Purpose.LIST_ADD.value,
            is_waiting=row.state == RequestState.WAITING.value,
        )
        for row in run(tx, _ASKING, {"company": company})
    ]
