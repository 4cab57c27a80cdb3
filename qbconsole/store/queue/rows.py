"""What a row of the queue is, which rows are wanted, and what they are narrowed by."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.money import Money
from qbconsole.store.holds import HoldRow
from qbconsole.store.schema import documents, holds
from qbconsole.value import Value, field


class QueueId(NamedTuple):
    """One row of the queue: of "document", "hold" (an order or event without a document) or "request"."""

    source: str
    #: Id of the row in its table; of a held subject, its first open hold.
    number: int


class Narrow(Value):
    """Which rows are wanted; what is empty narrows nothing."""

    merchant: str | None = None
    company: str | None = None
    #: Each must occur in number, RefNumber, kind, key or reason; case is ignored.
    words: tuple[str, ...] = ()
    kind: str = ""
    reason: str = ""
    customer: str = ""
    #: Document and request states as the lifecycle names them, and "held", "flagged", "attention".
    states: frozenset[str] = frozenset()


class QueueLine(Value):
    """What the store knows of one row."""

    id: QueueId
    key: str
    company: str
    merchant: str
    kind: str
    on: date
    #: "#1001", or the name of a list entry.
    name: str
    customer: str
    total: Money | None
    document: DocumentState | None
    request: RequestState | None
    attempt: int
    since: datetime
    holds: tuple[HoldRow, ...] = field(default=())


_D, _H = documents.c, holds.c
LIVE = [
    state.value for state in RequestState if state not in (RequestState.ANSWERED, RequestState.SUPERSEDED)
]
STUCK = [s.value for s in (RequestState.REFUSED, RequestState.QUARANTINED, RequestState.IN_DOUBT)]
#: Questions that were put together lately, for a screen asks the same one every few seconds.
REMEMBERED = 32
OPEN = sa.text("holds.state = 'open'")
#: Sort word -> column of documents.
SORTS = {
    "date": _D.txn_date,
    "number": _D.number,
    "kind": _D.kind,
    "total": _D.total,
    "state": _D.state,
    "since": _D.changed_at,
    "merchant": _D.merchant,
}


def like(column: sa.ColumnElement[Any], word: str) -> sa.ColumnElement[bool]:
    """Whether a word occurs in a column, in capitals or not."""
    return column.icontains(word, autoescape=True)


def held_for(reason: str) -> sa.Select[Any]:
    """The subjects that wait for a reason."""
    return sa.select(_H.subject).where(OPEN, like(_H.reason, reason))


def sort_value(sort: str, at: str, name: str, merchant: str) -> Any:
    """What sorts a row that is no document among those that are."""
    values: dict[str, Any] = {"total": 0, "date": at[:10], "since": at, "number": name, "merchant": merchant}
    return values.get(sort, "")
