"""Putting requests into the queue: each once, frozen, with what it waits for.

The same claim (company, purpose, round, subject) with the same body again changes nothing; with another body it
is refused, because the first may be in QuickBooks: supersede it first, where that is still allowed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.errors import StoreError
from qbconsole.store.database.statements import AnyRow, chunks, listed, many_tuples, new_ids
from qbconsole.store.encoding import folded, moment_text
from qbconsole.store.requests.rows import STAGES, STEPS, NewRequest, Purpose, lock, tally
from qbconsole.store.requests.standing import body_digest
from qbconsole.store.requests.waiting import Fill, fill_known
from qbconsole.store.schema import request_bodies, request_needs
from qbconsole.store.schema import requests as table


class RequestConflict(StoreError):
    """A request for the same thing is in the queue, or in QuickBooks, with another body."""

    code = "request_conflict"
    next_step = "Nothing was changed; look at `qbconsole show ID` and let the first one finish."


_INSERT, _INSERT_BODY = sa.insert(table), sa.insert(request_bodies)
_INSERT_NEED = sa.insert(request_needs)
_HELD = sa.select(table.c.subject_key, table.c.claim, table.c.id, table.c.digest, table.c.attempt).where(
    table.c.subject_key.in_(sa.bindparam("subjects", expanding=True))
)


_BODY = sa.select(request_bodies.c.body).where(request_bodies.c.request_id == sa.bindparam("id"))
#: In the table's order, so that a row made here goes to the driver as it is.
_COLUMNS = (
    "id",
    "company",
    "merchant",
    "subject_key",
    "purpose",
    "round",
    "claim",
    "state",
    "stage",
    "open_needs",
    "open_slots",
    "needs_approval",
    "doubtful",
    "attempt",
    "epoch",
    "name",
    "document_key",
    "total",
    "currency",
    "status_text",
    "qb_id",
    "made_at",
    "changed_at",
    "digest",
)
_COMPANY_AND_STATE = itemgetter(_COLUMNS.index("company"), _COLUMNS.index("state"))
_NEED_COLUMNS = ("request_id", "kind", "folded", "token", "company", "name")
#: Plain texts: a driver looks at each value's class, and an enum's `value` is a call.
_PURPOSES = {purpose: purpose.value for purpose in Purpose}
_WAITING, _AWAITING, _READY = (
    state.value for state in (RequestState.WAITING, RequestState.AWAITING_APPROVAL, RequestState.READY)
)
#: Id, digest and, where it was put just now, the body of the request that has a claim.
_Held: TypeAlias = tuple[int, bytes, str | None]
#: List and folded name -> the name as it is spelled.
_Names: TypeAlias = dict[tuple[str, str], str]


def put_requests(
    tx: sa.Connection,
    requests: Sequence[NewRequest],
    *,
    at: datetime,
    fill: Fill | None = None,
) -> list[int]:
    """Put requests in; gives their ids, in order, also of those that were there.

    A request with needs or open slots waits; any other is ready, or awaits approval. `fill` puts known TxnIDs
    into a body; without it the slots of parents already recorded stay open until `fill_slots` is called.
    """
    ids: list[int] = []
    for company in sorted({request.company for request in requests}):
        lock(tx, company)
    for part in chunks(requests):
        ids.extend(_put_part(tx, part, moment_text(at), fill))
    return ids


def _put_part(tx: sa.Connection, part: list[NewRequest], at: str, fill: Fill | None) -> list[int]:
    here = listed(tx, _HELD, "subjects", list({new.subject_key for new in part})).all()
    held: dict[tuple[str, str], _Held] = {(row[0], row[1]): (row[2], row[3], None) for row in here}
    tried = _tried(here)
    claims = [(new.subject_key, new.claim) for new in part]
    numbers = iter(new_ids(tx, table, sum(claim not in held for claim in claims)))
    rows: list[tuple[Any, ...]] = []
    bodies: list[tuple[int, str]] = []
    needs: list[tuple[Any, ...]] = []
    slotted: list[int] = []
    for new, claim in zip(part, claims, strict=True):
        if claim in held:
            _require_same(new, held[claim], tx)
            continue
        number, mark = next(numbers), body_digest(new)
        held[claim] = (number, mark, new.body)
        names = _names(new) if new.needs else {}
        rows.append(_row(number, new, mark, at, claim[1], len(names), tried.get(claim, 0)))
        bodies.append((number, new.body))
        if names or new.slots:
            needs.extend(_needs(number, new, names))
        if new.slots:
            slotted.append(number)
    many_tuples(tx, _INSERT, _COLUMNS, rows)
    many_tuples(tx, _INSERT_BODY, ("request_id", "body"), bodies)
    many_tuples(tx, _INSERT_NEED, _NEED_COLUMNS, needs)
    for company, change in _changes(rows).items():
        tally(tx, company, change)
    if fill is not None and slotted:
        fill_known(tx, slotted, fill, at)
    return [held[claim][0] for claim in claims]


def _tried(here: Sequence[AnyRow]) -> dict[tuple[str, str], int]:
    """Attempts of requests this one takes the place of: the same bytes must go under another message set id."""
    tried: dict[tuple[str, str], int] = {}
    for row in here:
        claim = (row.subject_key, row.claim.removesuffix(f"/{row.id}"))
        tried[claim] = max(row.attempt, tried.get(claim, 0))
    return tried


def _require_same(new: NewRequest, held: _Held, tx: sa.Connection) -> None:
    number, mark, body = held
    if mark == body_digest(new) and not mark and body is None:
        body = tx.execute(_BODY, {"id": number}).scalar_one()
    if mark != body_digest(new) or (not mark and body != new.body):
        where = f"{new.subject_key}/{new.claim}"
        raise RequestConflict("Another request stands for the same thing.", where=where)


def _begins(new: NewRequest) -> str:
    if new.needs or new.slots:
        return _WAITING
    return _AWAITING if new.needs_approval else _READY


def _changes(rows: Sequence[tuple[Any, ...]]) -> dict[str, Counter[RequestState]]:
    changes: dict[str, Counter[RequestState]] = {}
    for (company, state), count in Counter(map(_COMPANY_AND_STATE, rows)).items():
        changes.setdefault(company, Counter())[RequestState(state)] += count
    return changes


def _row(
    number: int, new: NewRequest, mark: bytes, at: str, claim: str, names: int, attempt: int
) -> tuple[Any, ...]:
    """The values of `_COLUMNS`."""
    total, purpose = new.total, new.purpose
    return (
        number,
        new.company,
        new.merchant,
        new.subject_key,
        _PURPOSES[purpose],
        new.round,
        claim,
        _begins(new),
        STAGES[purpose] + min(max(new.order, 0), STEPS - 1),
        names,
        len(new.slots),
        int(new.needs_approval),
        0,
        attempt,
        new.epoch,
        new.name,
        new.document_key,
        None if total is None else total.minor,
        None if total is None else total.currency,
        "",
        "",
        at,
        at,
        mark,
    )


def _names(new: NewRequest) -> _Names:
    """The names needed, each once however it is spelled."""
    return {(kind, folded(name)): name for kind, name in new.needs}


def _needs(number: int, new: NewRequest, names: _Names) -> Iterator[tuple[Any, ...]]:
    """Rows of what a request waits for, as `_NEED_COLUMNS`: names of lists, and TxnIDs for its slots."""
    for (kind, name_folded), name in names.items():
        yield number, kind, name_folded, "", new.company, name
    for token, parent in new.slots.items():
        yield number, "document", parent, token, new.company, parent
