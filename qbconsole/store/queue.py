"""The queue as one list: documents, held orders and list entries on their way, cheap to count and to page.

Reads across the families and writes nothing. `ids` gives numbers only, so that a hundred thousand rows fit;
`lines` gives what one page shows. What a row is called and how it reads is `views.queue`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.money import Money
from qbconsole.store.books.sources import source_by_event
from qbconsole.store.database.statements import AnyRow, chunks
from qbconsole.store.encoding import moment
from qbconsole.store.holds import HoldRow
from qbconsole.store.holds import _row as hold_row
from qbconsole.store.schema import document_bodies, documents, holds, requests
from qbconsole.store.schema.delivery import BOOKED_ANEW
from qbconsole.store.snapshots.days import order_days
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


class _Named(msgspec.Struct):
    """The names a kept document may carry."""

    customer_ref: str | None = None
    payee_entity_ref: str | None = None


_D, _H, _R = documents.c, holds.c, requests.c
_LIVE = [
    state.value for state in RequestState if state not in (RequestState.ANSWERED, RequestState.SUPERSEDED)
]
_STUCK = [s.value for s in (RequestState.REFUSED, RequestState.QUARANTINED, RequestState.IN_DOUBT)]
_LOST = [
    state.value
    for state in (DocumentState.DRIFTED, DocumentState.DELETED_IN_QUICKBOOKS, DocumentState.LOST_BY_RESTORE)
]
#: Questions that were put together lately, for a screen asks the same one every few seconds.
_REMEMBERED = 32
_DOCUMENT_STATES = frozenset(state.value for state in DocumentState)
_OPEN = sa.text("holds.state = 'open'")
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


def ids(tx: sa.Connection, narrow: Narrow, *, sort: str = "date", reverse: bool = False) -> list[QueueId]:
    """The rows that are wanted, in order; equal ones by their number."""
    found = [
        *_documents(tx, narrow, sort),
        *_subjects(tx, narrow, sort),
        *_entries(tx, narrow, sort),
    ]
    found.sort(key=lambda one: (one[0], one[1]), reverse=reverse)
    return [one[1] for one in found]


def _documents(tx: sa.Connection, narrow: Narrow, sort: str) -> Iterator[tuple[Any, QueueId]]:
    return ((row[0], QueueId("document", row[1])) for row in tx.execute(_which_documents(narrow, sort)))


@lru_cache(maxsize=_REMEMBERED)
def _which_documents(narrow: Narrow, sort: str) -> sa.Select[Any]:
    statement = sa.select(SORTS[sort], _D.id)
    for column, value in ((_D.merchant, narrow.merchant), (_D.company, narrow.company)):
        if value is not None:
            statement = statement.where(column == value)
    if narrow.states:
        statement = statement.where(sa.or_(*(_document_is(state) for state in sorted(narrow.states))))
    if narrow.kind:
        statement = statement.where(_like(_D.kind, narrow.kind))
    if narrow.reason:
        statement = statement.where(_D.key.in_(_held_for(narrow.reason)))
    if narrow.customer:
        named = _like(sa.cast(document_bodies.c.document, sa.Text), narrow.customer)
        statement = statement.where(_D.id.in_(sa.select(document_bodies.c.document_id).where(named)))
    for word in narrow.words:
        columns = [_D.number, _D.ref_number, _D.kind, _D.key]
        statement = statement.where(
            sa.or_(*(_like(column, word) for column in columns), _D.key.in_(_held_for(word)))
        )
    return statement


def _like(column: sa.ColumnElement[Any], word: str) -> sa.ColumnElement[bool]:
    return column.icontains(word, autoescape=True)


def _held_for(reason: str) -> sa.Select[Any]:
    return sa.select(_H.subject).where(_OPEN, _like(_H.reason, reason))


def _blocked() -> sa.Select[Any]:
    return sa.select(_H.subject).where(_OPEN, _H.flag == 0)


def _requested(*states: str) -> sa.Select[Any]:
    return sa.select(_R.document_key).where(_R.state.in_(states), _R.document_key.is_not(None))


def _document_is(state: str) -> sa.ColumnElement[bool]:
    """The documents that the queue shows in a state."""
    planned = _D.state == DocumentState.PLANNED.value
    if state == "attention":
        flagged = sa.select(_H.subject).where(_OPEN)
        return sa.or_(_D.key.in_(flagged), _D.key.in_(_requested(*_STUCK)), _D.state.in_(_LOST))
    if state == "flagged":
        return _D.key.in_(sa.select(_H.subject).where(_OPEN, _H.flag == 1))
    if state == "held":
        other = _requested(*_STUCK, RequestState.SENT.value)
        return sa.and_(planned, _D.key.in_(_blocked()), _D.key.not_in(other))
    if state == "queued":
        return sa.and_(planned, _D.key.not_in(_blocked()), _D.key.not_in(_requested(*_STUCK)))
    if state in _DOCUMENT_STATES:
        return _D.state == state
    if state in _STUCK or state == RequestState.SENT.value:
        return _D.key.in_(_requested(state))
    return sa.and_(planned, _D.key.in_(_requested(state)), _D.key.not_in(_blocked()))


def _subjects(tx: sa.Connection, narrow: Narrow, sort: str) -> Iterator[tuple[Any, QueueId]]:
    """Open holds on what has no document and no request of its own, one row a subject."""
    if narrow.states and not narrow.states & {"attention", "held"}:
        return
    rows = tx.execute(_which_subjects(narrow)).all()
    days = _order_days(tx, rows) if sort == "date" else {}
    for number, held_at, place, merchant, subject in rows:
        at = days.get((merchant, subject), held_at)
        yield _sort_value(sort, at, place.removeprefix("order "), merchant or ""), QueueId("hold", number)


def _order_days(tx: sa.Connection, rows: Iterable[AnyRow]) -> dict[tuple[str, str], str]:
    """(merchant, subject) -> the day that is shown of a held order: it was placed then, and not held then."""
    subjects: dict[str, list[str]] = {}
    for row in rows:
        if row.merchant:
            subjects.setdefault(row.merchant, []).append(row.subject)
    found: dict[tuple[str, str], str] = {}
    for merchant, here in subjects.items():
        orders = {one: one.removeprefix("order/") for one in here if one.startswith("order/")}
        orders |= source_by_event(tx, merchant, [one for one in here if one not in orders])
        days = order_days(tx, merchant, orders.values())
        found |= {(merchant, one): days[order].isoformat() for one, order in orders.items() if order in days}
    return found


@lru_cache(maxsize=_REMEMBERED)
def _which_subjects(narrow: Narrow) -> sa.Select[Any]:
    statement = (
        sa.select(
            sa.func.min(_H.id),
            sa.func.min(_H.held_at),
            sa.func.min(_H.place),
            _H.merchant,
            _H.subject,
        )
        .where(
            _OPEN,
            _H.subject.not_in(sa.select(_D.key)),
            _H.subject.not_in(sa.select(_R.subject_key).where(_R.document_key.is_(None))),
        )
        .group_by(_H.company, _H.merchant, _H.subject)
    )
    for column, value in ((_H.merchant, narrow.merchant), (_H.company, narrow.company)):
        if value is not None:
            statement = statement.where(column == value)
    if narrow.reason:
        statement = statement.where(_like(_H.reason, narrow.reason))
    for word in (*narrow.words, *filter(None, (narrow.kind, narrow.customer))):
        statement = statement.where(
            sa.or_(*(_like(column, word) for column in (_H.place, _H.reason, _H.subject, _H.sentence)))
        )
    return statement


def _sort_value(sort: str, at: str, name: str, merchant: str) -> Any:
    """What sorts a row that is no document among those that are."""
    values: dict[str, Any] = {"total": 0, "date": at[:10], "since": at, "number": name, "merchant": merchant}
    return values.get(sort, "")


def _entries(tx: sa.Connection, narrow: Narrow, sort: str) -> Iterator[tuple[Any, QueueId]]:
    """Requests that are no document's and are on their way or stuck."""
    if narrow.customer or not _entry_states(narrow.states):
        return
    for number, made_at, subject, merchant in tx.execute(_which_entries(narrow)):
        yield _sort_value(sort, made_at, subject, merchant or ""), QueueId("request", number)


@lru_cache(maxsize=_REMEMBERED)
def _which_entries(narrow: Narrow) -> sa.Select[Any]:
    states = _entry_states(narrow.states)
    statement = sa.select(_R.id, _R.made_at, _R.subject_key, _R.merchant).where(
        _R.document_key.is_(None), _R.state.in_(states)
    )
    for column, value in ((_R.merchant, narrow.merchant), (_R.company, narrow.company)):
        if value is not None:
            statement = statement.where(column == value)
    if narrow.reason:
        statement = statement.where(_R.subject_key.in_(_held_for(narrow.reason)))
    for word in (*narrow.words, *filter(None, (narrow.kind,))):
        statement = statement.where(sa.or_(_like(_R.subject_key, word), _like(_R.name, word)))
    return statement


def _entry_states(states: frozenset[str]) -> list[str]:
    if not states:
        return _LIVE
    wanted = {state for state in states if state in _LIVE}
    if "attention" in states:
        wanted |= set(_STUCK)
    if "queued" in states:
        wanted |= set(_LIVE) - set(_STUCK)
    return sorted(wanted)


def lines(tx: sa.Connection, wanted: Sequence[QueueId]) -> list[QueueLine]:
    """These rows in the order asked; one that is gone meanwhile is left out."""
    found: dict[QueueId, QueueLine] = {}
    for source, read in (("document", _document_lines), ("hold", _hold_lines), ("request", _entry_lines)):
        numbers = [one.number for one in wanted if one.source == source]
        for part in chunks(numbers):
            found |= {line.id: line for line in read(tx, part)}
    return [found[one] for one in wanted if one in found]


def ids_of_key(tx: sa.Connection, key: str) -> list[QueueId]:
    """The rows that a key stands for: a document's, a held subject's, or a list entry's."""
    found = [QueueId("document", n) for n in tx.execute(sa.select(_D.id).where(_D.key == key)).scalars()]
    if not found:
        stuck = sa.select(_R.id).where(_R.subject_key == key, _R.document_key.is_(None), _R.state.in_(_LIVE))
        found = [QueueId("request", number) for number in tx.execute(stuck.order_by(_R.id)).scalars()]
    if not found:
        held = sa.select(sa.func.min(_H.id)).where(_OPEN, _H.subject == key).group_by(_H.company, _H.merchant)
        found = [QueueId("hold", number) for number in tx.execute(held).scalars()]
    return found


def ids_called(tx: sa.Connection, text: str) -> list[QueueId]:
    """The rows of a key, else of an order's name or a RefNumber."""
    found = ids_of_key(tx, text)
    if not found:
        named = sa.or_(_D.ref_number == text, _D.number.in_((text, f"#{text}")))
        found = [QueueId("document", n) for n in tx.execute(sa.select(_D.id).where(named)).scalars()]
    if not found:
        places = (text, f"order {text}", f"order #{text}")
        # Behind a comma stands who asked to wait: "order #1001, hold_unusual".
        asked = (_H.place.startswith(f"{place}, ", autoescape=True) for place in places)
        placed = sa.or_(_H.place.in_(places), *asked)
        held = (
            sa.select(sa.func.min(_H.id)).where(_OPEN, placed).group_by(_H.company, _H.merchant, _H.subject)
        )
        found = [QueueId("hold", number) for number in tx.execute(held).scalars()]
    return found


def open_holds_of(
    tx: sa.Connection, subjects: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[HoldRow, ...]]:
    """(company, subject) -> its open holds, the oldest first."""
    wanted = set(subjects)
    found: dict[tuple[str, str], tuple[HoldRow, ...]] = {}
    companies = {company for company, _ in wanted}
    for part in chunks(sorted({subject for _, subject in wanted})):
        statement = sa.select(holds).where(_OPEN, _H.company.in_(companies), _H.subject.in_(part))
        for row in map(hold_row, tx.execute(statement.order_by(_H.id))):
            here = (row.company, row.hold.subject)
            found[here] = (*found.get(here, ()), row)
    return found


def _document_lines(tx: sa.Connection, numbers: Iterable[int]) -> Iterator[QueueLine]:
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


def _hold_lines(tx: sa.Connection, numbers: Iterable[int]) -> Iterator[QueueLine]:
    rows = tx.execute(sa.select(holds).where(_H.id.in_(numbers))).all()
    held = open_holds_of(tx, [(row.company, row.subject) for row in rows])
    for row in rows:
        same = [one for one in held.get((row.company, row.subject), ()) if one.merchant == row.merchant]
        yield QueueLine(
            id=QueueId("hold", row.id),
            key=row.subject,
            company=row.company,
            merchant=row.merchant or "",
            kind=row.subject.partition("/")[0],
            on=moment(row.held_at).date(),
            name=row.place,
            customer="",
            total=None,
            document=None,
            request=None,
            attempt=0,
            since=moment(row.held_at),
            holds=tuple(same),
        )


def _entry_lines(tx: sa.Connection, numbers: Iterable[int]) -> Iterator[QueueLine]:
    rows = tx.execute(sa.select(requests).where(_R.id.in_(numbers))).all()
    held = open_holds_of(tx, [(row.company, row.subject_key) for row in rows])
    for row in rows:
        yield _entry_line(row, held.get((row.company, row.subject_key), ()))


def _entry_line(row: AnyRow, held: Sequence[HoldRow]) -> QueueLine:
    kind, _, name = row.subject_key.partition("/")
    return QueueLine(
        id=QueueId("request", row.id),
        key=row.subject_key,
        company=row.company,
        merchant=row.merchant or "",
        kind=kind,
        on=moment(row.made_at).date(),
        name=name,
        customer="",
        total=None,
        document=None,
        request=RequestState(row.state),
        attempt=row.attempt,
        since=moment(row.changed_at),
        holds=tuple(held),
    )


def others_with(tx: sa.Connection, cause: str, company: str, subject: str) -> int:
    """How many other subjects the same cause holds."""
    if not cause:
        return 0
    statement = sa.select(sa.func.count(_H.subject.distinct())).where(
        _OPEN, _H.cause == cause, _H.company == company, _H.subject != subject
    )
    return int(tx.execute(statement).scalar_one())
