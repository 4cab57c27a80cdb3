"""Rows of the queue that are held orders and events: what has no document and no request of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from qbconsole.store.books.sources import source_by_event
from qbconsole.store.database.statements import AnyRow
from qbconsole.store.encoding import moment
from qbconsole.store.queue.holding import open_holds_of
from qbconsole.store.queue.rows import OPEN, REMEMBERED, Narrow, QueueId, QueueLine, like, sort_value
from qbconsole.store.schema import documents, holds, requests
from qbconsole.store.snapshots.days import order_days

_D, _H, _R = documents.c, holds.c, requests.c


def subjects_wanted(tx: sa.Connection, narrow: Narrow, sort: str) -> Iterator[tuple[Any, QueueId]]:
    """Open holds on what has no document and no request of its own, one row a subject."""
    if narrow.states and not narrow.states & {"attention", "held"}:
        return
    rows = tx.execute(_which_subjects(narrow)).all()
    days = _order_days(tx, rows) if sort == "date" else {}
    for number, held_at, place, merchant, subject in rows:
        at = days.get((merchant, subject), held_at)
        yield sort_value(sort, at, place.removeprefix("order "), merchant or ""), QueueId("hold", number)


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


@lru_cache(maxsize=REMEMBERED)
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
            OPEN,
            _H.subject.not_in(sa.select(_D.key)),
            _H.subject.not_in(sa.select(_R.subject_key).where(_R.document_key.is_(None))),
        )
        .group_by(_H.company, _H.merchant, _H.subject)
    )
    for column, value in ((_H.merchant, narrow.merchant), (_H.company, narrow.company)):
        if value is not None:
            statement = statement.where(column == value)
    if narrow.reason:
        statement = statement.where(like(_H.reason, narrow.reason))
    for word in (*narrow.words, *filter(None, (narrow.kind, narrow.customer))):
        statement = statement.where(
            sa.or_(*(like(column, word) for column in (_H.place, _H.reason, _H.subject, _H.sentence)))
        )
    return statement


def subject_lines(tx: sa.Connection, numbers: Iterable[int]) -> Iterator[QueueLine]:
    """What the queue shows of the subjects of these holds."""
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
