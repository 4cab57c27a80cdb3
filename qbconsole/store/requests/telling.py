"""What became of the requests of one message set, as the log tells it: without bodies, with the documents' names."""

from __future__ import annotations

import json

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.store.database.statements import chunks, listed, run
from qbconsole.store.schema import documents, message_sets
from qbconsole.store.schema import requests as table
from qbconsole.value import Value

_IDS = sa.select(message_sets.c.request_ids).where(message_sets.c.id == sa.bindparam("id"))
_TOLD = (
    sa.select(
        table.c.id,
        table.c.subject_key,
        table.c.merchant,
        table.c.name,
        table.c.state,
        table.c.attempt,
        table.c.status_code,
        table.c.status_text,
        table.c.qb_id,
        documents.c.number,
        documents.c.ref_number,
    )
    .join_from(table, documents, documents.c.key == table.c.document_key, isouter=True)
    .where(table.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(table.c.id)
)


class ToldRequest(Value):
    """One request and what became of it."""

    #: Document key, or "item/name" of a list entry.
    subject_key: str
    merchant: str | None
    #: "SalesReceiptAdd"
    name: str
    state: RequestState
    attempt: int
    status_code: int | None
    status_text: str
    #: TxnID or ListID answered.
    qb_id: str
    #: The order's name and QuickBooks' number of the document; "" of list entries.
    order: str
    ref_number: str


def told_of_set(tx: sa.Connection, message_set_id: str) -> list[ToldRequest]:
    """The requests of a message set; none of a set that only asked."""
    ids = run(tx, _IDS, {"id": message_set_id}).scalar_one_or_none()
    return [
        ToldRequest(
            subject_key=row.subject_key,
            merchant=row.merchant,
            name=row.name,
            state=RequestState(row.state),
            attempt=row.attempt,
            status_code=row.status_code,
            status_text=row.status_text or "",
            qb_id=row.qb_id or "",
            order=row.number or "",
            ref_number=row.ref_number or "",
        )
        for part in chunks(json.loads(ids) if ids else [])
        for row in listed(tx, _TOLD, "ids", part)
    ]
