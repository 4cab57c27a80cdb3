"""Entities there: whom QuickBooks has a document on, where it is not the customer or vendor that it was booked with.

A bookkeeper moved it; or our database went back, and booked it anew under another mapping than QuickBooks has it by.
What is bound to it has to be of the same one, or QuickBooks refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from qbconsole.store.database.statements import chunks, listed, put_rows
from qbconsole.store.schema import entities_there as table

_C = table.c
_THERE = sa.select(_C.document_key, _C.entity).where(
    _C.document_key.in_(sa.bindparam("keys", expanding=True))
)


def entities_there(tx: sa.Connection, keys: Iterable[str]) -> dict[str, str]:
    """Document -> full name of the customer or vendor it is on; hardly any has an entry."""
    return {row.document_key: row.entity for part in chunks(keys) for row in listed(tx, _THERE, "keys", part)}


def put_entities(tx: sa.Connection, told: Mapping[str, str | None]) -> set[str]:
    """Keep whom documents are on; None: the one they were booked with. Gives the keys of which that is news."""
    known = entities_there(tx, told)
    news = {key: entity for key, entity in told.items() if known.get(key) != entity}
    gone = [key for key, entity in news.items() if entity is None]
    for part in chunks(gone):
        tx.execute(sa.delete(table).where(_C.document_key.in_(part)))
    rows = [{"document_key": key, "entity": entity} for key, entity in news.items() if entity is not None]
    put_rows(tx, table, ("document_key",), rows)
    return set(news)
