"""Rows of the queue that are documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.money import Money
from qbconsole.store.encoding import moment
from qbconsole.store.queue.holding import open_holds_of
from qbconsole.store.queue.rows import (
    OPEN,
    REMEMBERED,
    SORTS,
    STUCK,
    Narrow,
    QueueId,
    QueueLine,
    held_for,
    like,
)
from qbconsole.store.schema import document_bodies, documents, holds, requests
from qbconsole.store.schema.delivery import BOOKED_ANEW


class _Named(msgspec.Struct):
    """The names a kept document may carry."""

    customer_ref: str | None = None
    payee_entity_ref: str | None = None


_D, _H, _R = documents.c, holds.c, requests.c
_LOST = [
    state.value
    for state in (DocumentState.DRIFTED, DocumentState.DELETED_IN_QUICKBOOKS, DocumentState.LOST_BY_RESTORE)
]
_DOCUMENT_STATES = frozenset(state.value for state in DocumentState)


def documents_wanted(tx: sa.Connection, narrow: Narrow, sort: str) -> Iterator[tuple[Any, QueueId]]:
    """What each is sorted by, and its id."""
    return ((row[0], QueueId("document", row[1])) for row in tx.execute(_which_documents(narrow, sort)))


@lru_cache(maxsize=REMEMBERED)
def _which_documents(narrow: Narrow, sort: str) -> sa.Select[Any]:
    statement = sa.select(SORTS[sort], _D.id)
    for column, value in ((_D.merchant, narrow.merchant), (_D.company, narrow.company)):
        if value is not None:
            statement = statement.where(column == value)
    if narrow.states:
        statement = statement.where(sa.or_(*(_document_is(state) for state in sorted(narrow.states))))
    if narrow.kind:
        statement = statement.where(like(_D.kind, narrow.kind))
    if narrow.reason:
        statement = statement.where(_D.key.in_(held_for(narrow.reason)))
    if narrow.customer:
        named = like(sa.cast(document_bodies.c.document, sa.Text), narrow.customer)
        statement = statement.where(_D.id.in_(sa.select(document_bodies.c.document_id).where(named)))
    for word in narrow.words:
        columns = [_D.number, _D.ref_number, _D.kind, _D.key]
        statement = statement.where(
            sa.or_(*(like(column, word) for column in columns), _D.key.in_(held_for(word)))
        )
    return statement


def _blocked() -> sa.Select[Any]:
    return sa.select(_H.subject).where(OPEN, _H.flag == 0)


def _requested(*states: str) -> sa.Select[Any]:
    return sa.select(_R.document_key).where(_R.state.in_(states), _R.document_key.is_not(None))


def _document_is(state: str) -> sa.ColumnElement[bool]:
    """The documents that the queue shows in a state."""
    planned = _D.state == DocumentState.PLANNED.value
    if state == "attention":
        flagged = sa.select(_H.subject).where(OPEN)
        return sa.or_(_D.key.in_(flagged), _D.key.in_(_requested(*STUCK)), _D.state.in_(_LOST))
    if state == "flagged":
        return _D.key.in_(sa.select(_H.subject).where(OPEN, _H.flag == 1))
    if state == "held":
        other = _requested(*STUCK, RequestState.SENT.value)
        return sa.and_(planned, _D.key.in_(_blocked()), _D.key.not_in(other))
    if state == "queued":
        return sa.and_(planned, _D.key.not_in(_blocked()), _D.key.not_in(_requested(*STUCK)))
    if state in _DOCUMENT_STATES:
        return _D.state == state
    if state in STUCK or state == RequestState.SENT.value:
        return _D.key.in_(_requested(state))
    return sa.and_(planned, _D.key.in_(_requested(state)), _D.key.not_in(_blocked()))


def document_lines(tx: sa.Connection, numbers: Iterable[int]) -> Iterator[QueueLine]:
    """What the queue shows of these documents, with what became of them and what holds them."""
    statement = sa.select(documents, document_bodies.c.document).join_from(
        documents, document_bodies, _D.id == document_bodies.c.document_id
    )
    rows = tx.execute(statement.where(_D.id.in_(numbers))).all()
    keys = [row.key for row in rows]
    asked = {
        row.document_key: row
        for row in tx.execute(
            sa.select(_R.document_key, _R.state, _R.attempt)
            .where(_R.document_key.in_(keys), _R.state != RequestState.SUPERSEDED.value)
            .where(_R.status_text != BOOKED_ANEW)
            .order_by(_R.id)
        )
    }
    held = open_holds_of(tx, [(row.company, row.key) for row in rows])
    for row in rows:
        request = asked.get(row.key)
        yield QueueLine(
            id=QueueId("document", row.id),
            key=row.key,
            company=row.company,
            merchant=row.merchant,
            kind=row.kind,
            on=date.fromisoformat(row.txn_date),
            name=row.number,
            customer=_customer(row.document),
            total=Money.from_minor(row.total, row.currency),
            document=DocumentState(row.state),
            request=RequestState(request.state) if request else None,
            attempt=request.attempt if request else 0,
            since=moment(row.changed_at),
            holds=held.get((row.company, row.key), ()),
        )


def _customer(body: bytes) -> str:
    named = msgspec.json.decode(body, type=_Named)
    return named.customer_ref or named.payee_entity_ref or ""
