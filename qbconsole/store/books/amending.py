"""Amending a document as kept, where QuickBooks' answer to it or to another one says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import MoveRefused
from qbconsole.books.plan import Plan
from qbconsole.store.books.documents import LedgerLine
from qbconsole.store.database.statements import many
from qbconsole.store.encoding import moment_text, pack
from qbconsole.store.schema import document_bodies, documents, postings


def amend_document(
    tx: sa.Connection,
    key: str,
    plan: Plan,
    *,
    at: datetime,
    document: bytes | None = None,
    lines: Sequence[LedgerLine] | None = None,
) -> None:
    """Keep another plan of a document, its state and the events it stands for left alone.

    `document` and `lines` (its postings by account) are only changed where given. Raises MoveRefused when it is
    not kept.
    """
    held = tx.execute(
        sa.select(documents.c.id, documents.c.merchant).where(documents.c.key == key)
    ).one_or_none()
    if held is None:
        raise MoveRefused(f"Document {key} is not kept.")
    tx.execute(
        sa.update(documents)
        .where(documents.c.id == held.id)
        .values(total=plan.total.minor, changed_at=moment_text(at))
    )
    body = {"plan": pack(plan)} | ({} if document is None else {"document": document})
    tx.execute(sa.update(document_bodies).where(document_bodies.c.document_id == held.id).values(**body))
    if lines is None:
        return
    tx.execute(sa.delete(postings).where(postings.c.document_id == held.id))
    rows = [
        {
            "document_id": held.id,
            "line": place,
            "merchant": held.merchant,
            "on_date": line.on.isoformat(),
            "role": line.role,
            "facet": line.facet,
            "account": line.account,
            "amount": line.amount.minor,
            "currency": line.amount.currency,
        }
        for place, line in enumerate(lines)
        if line.amount
    ]
    many(tx, sa.insert(postings), rows)
