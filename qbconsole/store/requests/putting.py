"""Putting requests into the queue: each once, frozen, with what it waits for.

The same claim (company, purpose, round, subject) with the same body again changes nothing; with another body it
is refused, because the first may be in QuickBooks: supersede it first, where that is still allowed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.errors import StoreError
from qbconsole.store.database.statements import AnyRow, chunks, many, new_ids
from qbconsole.store.encoding import digest, folded, moment_text
from qbconsole.store.requests.rows import STAGES, STEPS, NewRequest, lock, tally
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
    subjects = list({new.subject_key for new in part})
    here = tx.execute(_HELD, {"subjects": subjects}).all()
    held: dict[tuple[str, str], _Held] = {(row[0], row[1]): (row[2], row[3], None) for row in here}
    tried = _tried(here)
    claims = [(new.subject_key, new.claim) for new in part]
    numbers = iter(new_ids(tx, table, sum(claim not in held for claim in claims)))
    fresh: list[tuple[int, NewRequest, _Names]] = []
    rows: list[dict[str, Any]] = []
    for new, claim in zip(part, claims, strict=True):
        if claim in held:
            _require_same(new, held[claim], tx)
            continue
        mark = _digest(new)
        held[claim] = (next(numbers), mark, new.body)
        names = _names(new)
        fresh.append((held[claim][0], new, names))
        attempt = tried.get(claim, 0)
        rows.append(_row(held[claim][0], new, mark, at, claim=claim[1], names=len(names), attempt=attempt))
    many(tx, _INSERT, rows)
    many(tx, _INSERT_BODY, [{"request_id": number, "body": new.body} for number, new, _ in fresh])
    many(tx, _INSERT_NEED, [need for number, new, names in fresh for need in _needs(number, new, names)])
    for company, change in _changes(rows).items():
        tally(tx, company, change)
    if fill is not None:
        fill_known(tx, [number for number, new, _ in fresh if new.slots], fill, at)
    return [held[claim][0] for claim in claims]


def _tried(here: Sequence[AnyRow]) -> dict[tuple[str, str], int]:
    """Attempts of requests this one takes the place of: the same bytes must go under another message set id."""
    tried: dict[tuple[str, str], int] = {}
    for row in here:
        claim = (row.subject_key, row.claim.removesuffix(f"/{row.id}"))
        tried[claim] = max(row.attempt, tried.get(claim, 0))
    return tried


def _digest(new: NewRequest) -> bytes:
    """Tells bodies with slots apart, since those are rewritten; a body without any is compared as it is."""
    if not new.slots:
        return b""
    slots = "".join(f"\n{token}={parent}" for token, parent in sorted(new.slots.items()))
    return digest(f"{new.body}{slots}".encode())


def _require_same(new: NewRequest, held: _Held, tx: sa.Connection) -> None:
    number, mark, body = held
    if mark == _digest(new) and not mark and body is None:
        body = tx.execute(_BODY, {"id": number}).scalar_one()
    if mark != _digest(new) or (not mark and body != new.body):
        where = f"{new.subject_key}/{new.claim}"
        raise RequestConflict("Another request stands for the same thing.", where=where)


def _begins(new: NewRequest) -> RequestState:
    if new.needs or new.slots:
        return RequestState.WAITING
    return RequestState.AWAITING_APPROVAL if new.needs_approval else RequestState.READY


def _changes(rows: Sequence[Mapping[str, Any]]) -> dict[str, Counter[RequestState]]:
    changes: dict[str, Counter[RequestState]] = {}
    for (company, state), count in Counter((row["company"], row["state"]) for row in rows).items():
        changes.setdefault(company, Counter())[RequestState(state)] += count
    return changes


def _row(
    number: int, new: NewRequest, mark: bytes, at: str, *, claim: str, names: int, attempt: int
) -> dict[str, Any]:
    return {
        "id": number,
        "company": new.company,
        "merchant": new.merchant,
        "subject_key": new.subject_key,
        "purpose": new.purpose.value,
        "round": new.round,
        "claim": claim,
        "state": _begins(new).value,
        "stage": STAGES[new.purpose] + min(max(new.order, 0), STEPS - 1),
        "open_needs": names,
        "open_slots": len(new.slots),
        "needs_approval": int(new.needs_approval),
        "doubtful": 0,
        "attempt": attempt,
        "epoch": new.epoch,
        "name": new.name,
        "document_key": new.document_key,
        "total": None if new.total is None else new.total.minor,
        "currency": None if new.total is None else new.total.currency,
        "status_text": "",
        "qb_id": "",
        "made_at": at,
        "changed_at": at,
        "digest": mark,
    }


def _names(new: NewRequest) -> _Names:
    """The names needed, each once however it is spelled."""
    return {(kind, folded(name)): name for kind, name in new.needs}


def _needs(number: int, new: NewRequest, names: _Names) -> Iterator[dict[str, Any]]:
    """Rows of what a request waits for: names of lists, and TxnIDs for its slots."""
    awaited = [(kind, name_folded, "", name) for (kind, name_folded), name in names.items()]
    awaited += [("document", parent, token, parent) for token, parent in new.slots.items()]
    for kind, name_folded, token, name in awaited:
        yield {
            "request_id": number,
            "company": new.company,
            "kind": kind,
            "folded": name_folded,
            "token": token,
            "name": name,
        }
