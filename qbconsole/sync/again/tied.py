"""Tied: what waits for a document that a person left out for good would wait for ever, so a hold says it.

Money comes in for an invoice that was ignored, or a payment is posted once more whose invoice was not: QuickBooks never
tells the TxnID that stands in it. Nothing waits without a word (reliability.md section a, the promise).
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState
from qbconsole.store import books
from qbconsole.store.requests import NewRequest


def tied_to_ignored(tx: sa.Connection, new: Iterable[NewRequest]) -> list[Hold]:
    """A hold for each of these requests that is tied to a document which was left out for good."""
    parents = {key for one in new for key in _parents(one)}
    if not parents:
        return []
    rows = books.documents(tx, keys=parents, states=[DocumentState.IGNORED], limit=len(parents))
    ignored = {row.key: row for row in rows}
    return [_hold(one, ignored[key]) for one in new for key in _parents(one) if key in ignored]


def _parents(one: NewRequest) -> list[str]:
    """Keys of the documents it is tied to; of a line, the document that the line is of."""
    return sorted({parent.partition("#")[0] for parent in one.slots.values()})


def _hold(one: NewRequest, parent: books.DocumentRow) -> Hold:
    kind, name = one.name.removesuffix("Add"), f"{parent.kind} {parent.ref_number}".strip()
    return Hold(
        reason=Reason.WAITS_FOR,
        where=f"{kind} {one.subject_key}",
        sentence=f"It is tied to {name}, which was left out for good, so it can never be sent.",
        next_step=f"Enter in QuickBooks by hand what is to stand there, then leave it out too: "
        f'`qbconsole queue ignore {one.subject_key} --reason "entered by hand"`.',
        subject=one.document_key or one.subject_key,
        cause=f"waits_for:{parent.key}",
    )
