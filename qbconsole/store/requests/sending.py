"""What goes next, and what went: requests are picked in the order of a session and marked sent before they leave."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from qbconsole.books.lifecycle import MoveRefused, RequestState
from qbconsole.store.database.statements import AnyRow, chunks, listed, run
from qbconsole.store.encoding import moment_text
from qbconsole.store.requests.rows import (
    STAGES,
    STEPS,
    WHOLE,
    Purpose,
    RequestRow,
    lock_of,
    request_row,
    requests_by_id,
    tally,
)
from qbconsole.store.schema import message_sets
from qbconsole.store.schema import requests as table
from qbconsole.value import replace

_S = RequestState
_C = table.c
_PICK = (
    WHOLE.where(
        _C.company == sa.bindparam("company"),
        _C.stage >= sa.bindparam("low"),
        _C.stage < sa.bindparam("high"),
        sa.text("state = 'ready'"),
    )
    .order_by(_C.stage, _C.id)
    .limit(sa.bindparam("limit"))
)
_FLYING = WHOLE.where(
    _C.company == sa.bindparam("company"), sa.text("state IN ('sent', 'in_doubt')")
).order_by(_C.id)
_SENT = (
    sa.update(table)
    # Written out, or SQLite would prepare the text each time (see `sessions`).
    .where(_C.id.in_(sa.bindparam("ids", expanding=True)), sa.text("requests.state = 'ready'"))
    .values(
        state=_S.SENT.value,
        message_set=sa.bindparam("the_set"),
        # What was said of an earlier attempt says nothing of this one.
        status_code=sa.null(),
        sent_at=sa.bindparam("at"),
        changed_at=sa.bindparam("at"),
    )
)
_STILL_SENT = sa.select(sa.func.count()).where(
    _C.id.in_(sa.bindparam("ids", expanding=True)),
    _C.message_set == sa.bindparam("the_set"),
    sa.text("requests.state = 'sent'"),
)
_NOTE_SET = (
    sa.update(message_sets)
    .where(message_sets.c.id == sa.bindparam("the_set"))
    .values(request_ids=sa.bindparam("ids"))
)
_SET = sa.select(message_sets.c.company, message_sets.c.request_ids).where(
    message_sets.c.id == sa.bindparam("id")
)
_OF_ANOTHER = sa.text("document_key <> subject_key")
_KEYS: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)
_OWN = WHOLE.where(_C.subject_key.in_(_KEYS), _C.document_key == _C.subject_key)
_OTHERS = WHOLE.where(_C.document_key.in_(_KEYS), _OF_ANOTHER)


def _picked(tx: sa.Connection, without: Collection[str], here: dict[str, Any]) -> Iterable[AnyRow]:
    if not without:
        return run(tx, _PICK, here).tuples()
    return tx.execute(_PICK.where(_C.merchant.is_(None) | _C.merchant.not_in(sorted(without))), here)


def pick_ready(
    tx: sa.Connection,
    company: str,
    purposes: Iterable[Purpose],
    limit: int,
    *,
    without: Collection[str] = (),
) -> list[RequestRow]:
    """The next ready requests in the order of a session; costs as much as it gives, whatever the backlog.

    `without` are merchants whose requests stay.
    """
    picked: list[RequestRow] = []
    for low, high in _ranges(frozenset(purposes)):
        if len(picked) >= limit:
            break
        here = {"company": company, "low": low, "high": high, "limit": limit - len(picked)}
        picked.extend(map(request_row, _picked(tx, without, here)))
    return picked


@lru_cache(maxsize=32)
def _ranges(purposes: frozenset[Purpose]) -> tuple[tuple[int, int], ...]:
    """The stages of these purposes from below, those side by side in one: a question a range."""
    ranges: list[tuple[int, int]] = []
    for low in sorted(STAGES[purpose] for purpose in purposes):
        begun = ranges.pop()[0] if ranges and ranges[-1][1] == low else low
        ranges.append((begun, low + STEPS))
    return tuple(ranges)


def mark_sent(
    tx: sa.Connection, ids: Sequence[int], message_set_id: str, *, at: datetime, company: str = ""
) -> None:
    """These ready requests leave with this kept message set, in this order. Raises MoveRefused otherwise.

    `company` where this commit has kept the set, with these ids; else it is looked for, and told of them.
    """
    lock_of(tx, ids)
    now = moment_text(at)
    sent = (listed(tx, _SENT, "ids", part, the_set=message_set_id, at=now) for part in chunks(ids))
    if sum(found.rowcount for found in sent) != len(ids):
        culprit = next((row for row in requests_by_id(tx, ids) if row.state is not _S.SENT), None)
        state = "not kept" if culprit is None else culprit.state.value
        raise MoveRefused(f"A request of set {message_set_id} is {state} and cannot become sent.")
    whose = company or _noted(tx, ids, message_set_id)
    tally(tx, whose, Counter({_S.READY: -len(ids), _S.SENT: len(ids)}))


def as_sent(rows: Iterable[RequestRow], message_set_id: str, at: datetime) -> list[RequestRow]:
    """Ready requests as `mark_sent` leaves them, so that nobody has to read them for that."""
    return [
        replace(row, state=_S.SENT, message_set=message_set_id, status_code=None, sent_at=at, changed_at=at)
        for row in rows
    ]


def are_sent(tx: sa.Connection, ids: Sequence[int], message_set_id: str) -> bool:
    """Whether these requests, each named once, are still as they left with this set."""
    counted = [
        int(listed(tx, _STILL_SENT, "ids", part, the_set=message_set_id).scalar_one()) for part in chunks(ids)
    ]
    return sum(counted) == len(ids)


def _noted(tx: sa.Connection, ids: Sequence[int], message_set_id: str) -> str:
    """Note these with the set; gives its company."""
    found = run(tx, _SET, {"id": message_set_id}).one_or_none()
    if found is None:
        raise MoveRefused(f"Message set {message_set_id} is not kept; nothing may leave before it is.")
    run(tx, _NOTE_SET, {"the_set": message_set_id, "ids": json.dumps(list(ids))})
    return str(found.company)


def requests_of_set(tx: sa.Connection, message_set_id: str) -> list[RequestRow]:
    """The requests of a message set, in its order."""
    found = run(tx, _SET, {"id": message_set_id}).one_or_none()
    return [] if found is None else requests_by_id(tx, json.loads(found.request_ids))


def in_flight(tx: sa.Connection, company: str) -> list[RequestRow]:
    """What QuickBooks may have and we do not know: sent or in doubt."""
    return [request_row(row) for row in run(tx, _FLYING, {"company": company})]


def requests_of_documents(tx: sa.Connection, document_keys: Iterable[str]) -> list[RequestRow]:
    """All requests of these documents, superseded ones too, by id."""
    found: list[RequestRow] = []
    for part in chunks(document_keys):
        for statement in (_OWN, _OTHERS):
            found.extend(request_row(row) for row in listed(tx, statement, "keys", part))
    return sorted(found, key=lambda row: row.id)


def requests_in(
    tx: sa.Connection,
    *,
    company: str | None = None,
    merchant: str | None = None,
    states: Iterable[RequestState] | None = None,
    after: int = 0,
    limit: int = 1000,
) -> list[RequestRow]:
    """Requests by id beyond `after`, for lists."""
    statement = WHOLE.where(_C.id > after).order_by(_C.id).limit(limit)
    if company is not None:
        statement = statement.where(_C.company == company)
    if merchant is not None:
        statement = statement.where(_C.merchant == merchant)
    if states is not None:
        statement = statement.where(_C.state.in_([state.value for state in states]))
    return [request_row(row) for row in tx.execute(statement)]
