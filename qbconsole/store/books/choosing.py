"""Who chose the names of documents, and which names are missing: two cheap questions of the mapping editor."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from qbconsole.store.schema import document_bodies, documents, holds
from qbconsole.value import Value

_D, _H = documents.c, holds.c


class OpenCause(Value):
    """One cause of open holds, of one merchant."""

    cause: str
    merchant: str | None
    #: How many documents it holds.
    held: int
    sentence: str


def provenances(
    tx: sa.Connection, *, merchant: str | None = None, newest: int
) -> Iterator[tuple[int, bytes]]:
    """Mapping revision and provenance of the newest documents that were booked under one."""
    statement = (
        sa.select(_D.mapping_revision, document_bodies.c.provenance)
        .join_from(documents, document_bodies, _D.id == document_bodies.c.document_id)
        .where(_D.mapping_revision.is_not(None))
        .order_by(_D.id.desc())
        .limit(newest)
    )
    if merchant is not None:
        statement = statement.where(_D.merchant == merchant)
    for row in tx.execute(statement):
        yield row[0], row[1]


def open_causes(tx: sa.Connection, prefix: str) -> list[OpenCause]:
    """Causes of open holds that begin so, with how much each holds."""
    statement = (
        sa.select(_H.cause, _H.merchant, sa.func.count(_H.subject.distinct()), sa.func.min(_H.sentence))
        .where(sa.text("state = 'open'"), _H.cause.startswith(prefix, autoescape=True))
        .group_by(_H.cause, _H.merchant)
        .order_by(_H.cause, _H.merchant)
    )
    return [
        OpenCause(cause=cause, merchant=merchant, held=held, sentence=sentence)
        for cause, merchant, held, sentence in tx.execute(statement)
    ]
