"""Rows of the queue that are list entries on their way or stuck."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.store.database.statements import AnyRow
from qbconsole.store.encoding import moment
from qbconsole.store.holds import HoldRow
from qbconsole.store.queue.holding import open_holds_of
from qbconsole.store.queue.rows import (
    LIVE,
    REMEMBERED,
    STUCK,
    Narrow,
    QueueId,
    QueueLine,
    held_for,
    like,
    sort_value,
)
from qbconsole.store.schema import requests

_R = requests.c


def entries_wanted(tx: sa.Connection, narrow: Narrow, sort: str) -> Iterator[tuple[Any, QueueId]]:
    """Requests that are no document's and are on their way or stuck."""
    if narrow.customer or not _entry_states(narrow.states):
        return
    for number, made_at, subject, merchant in tx.execute(_which_entries(narrow)):
        yield sort_value(sort, made_at, subject, merchant or ""), QueueId("request", number)


@lru_cache(maxsize=REMEMBERED)
def _which_entries(narrow: Narrow) -> sa.Select[Any]:
    states = _entry_states(narrow.states)
    statement = sa.select(_R.id, _R.made_at, _R.subject_key, _R.merchant).where(
        _R.document_key.is_(None), _R.state.in_(states)
    )
    for column, value in ((_R.merchant, narrow.merchant), (_R.company, narrow.company)):
        if value is not None:
            statement = statement.where(column == value)
    if narrow.reason:
        statement = statement.where(_R.subject_key.in_(held_for(narrow.reason)))
    for word in (*narrow.words, *filter(None, (narrow.kind,))):
        statement = statement.where(sa.or_(like(_R.subject_key, word), like(_R.name, word)))
    return statement


def _entry_states(states: frozenset[str]) -> list[str]:
    if not states:
        return LIVE
    wanted = {state for state in states if state in LIVE}
    if "attention" in states:
        wanted |= set(STUCK)
    if "queued" in states:
        wanted |= set(LIVE) - set(STUCK)
    return sorted(wanted)


def entry_lines(tx: sa.Connection, numbers: Iterable[int]) -> Iterator[QueueLine]:
    """What the queue shows of these requests."""
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
