"""Waiting requests: names that appear in QuickBooks' lists and TxnIDs of parents set them free.

A slot waits for a document's TxnID, or for the TxnLineID of one of its lines, which has a key of its own.
A body with slots is rewritten once, when the last TxnID is known, in the commit that records the parent, and is
frozen then. Nothing here looks at more rows than those that wait for what just came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.store.books.recorded import THERE
from qbconsole.store.database.statements import AnyRow, chunks, listed, many, run
from qbconsole.store.encoding import folded, moment_text
from qbconsole.store.requests.rows import lock, tally
from qbconsole.store.schema import documents, links, request_bodies, request_needs
from qbconsole.store.schema import requests as table
from qbconsole.value import Value

#: Kind of the links that keep what QuickBooks calls the lines of our documents: line key -> TxnLineID.
LINE = "line"
#: Puts TxnIDs (token -> id) into a body and gives the finished, checked body.
Fill = Callable[[str, dict[str, str]], str]


class Need(Value):
    """One thing a request waits for."""

    #: "document" for a slot, else the kind of list.
    kind: str
    #: Key of the parent document or of its line, or the entry's name.
    name: str
    #: The slot's mark in the body; "" for names.
    token: str


_N = request_needs.c
_NAMES: sa.BindParameter[str] = sa.bindparam("names", expanding=True)
_NEEDING = sa.select(_N.request_id, _N.folded).where(
    _N.company == sa.bindparam("company"), _N.kind == sa.bindparam("kind"), _N.folded.in_(_NAMES)
)
_DROP_NEEDS = sa.delete(request_needs).where(
    _N.company == sa.bindparam("company"), _N.kind == sa.bindparam("kind"), _N.folded.in_(_NAMES)
)
_FEWER_NEEDS = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("the_id"))
    .values(open_needs=table.c.open_needs - sa.bindparam("n"))
)
_CHILDREN = (
    sa.select(_N.request_id, _N.folded)
    .where(
        _N.kind == "document",
        _N.folded.in_(sa.bindparam("parents", expanding=True)),
        _N.company == sa.bindparam("company"),
        _N.value.is_(None),
    )
    .order_by(_N.request_id)
)
_SET_VALUE = (
    sa.update(request_needs)
    .where(
        _N.request_id == sa.bindparam("the_id"), _N.kind == "document", _N.folded == sa.bindparam("parent")
    )
    .values(value=sa.bindparam("txn_id"))
)
_SLOTS = (
    sa.select(
        _N.request_id, _N.token, _N.value, _N.folded, request_bodies.c.body, _N.company, table.c.merchant
    )
    .join_from(request_needs, request_bodies, _N.request_id == request_bodies.c.request_id)
    .join(table, _N.request_id == table.c.id)
    .where(_N.request_id.in_(sa.bindparam("ids", expanding=True)), _N.kind == "document")
    .order_by(_N.request_id)
)
#: What was voided or is lost has no TxnID to tie anything to.
_THERE = ", ".join(f"'{state.value}'" for state in THERE)
_PARENTS = sa.select(documents.c.key, documents.c.txn_id).where(
    documents.c.key.in_(sa.bindparam("keys", expanding=True)),
    documents.c.txn_id != "",
    sa.text(f"documents.state IN ({_THERE})"),
)
_LINES = sa.select(links.c.source_id, links.c.qb_id).where(
    links.c.merchant == sa.bindparam("merchant"),
    links.c.kind == LINE,
    links.c.source_id.in_(sa.bindparam("keys", expanding=True)),
)
_FILLED = (
    sa.update(request_bodies)
    .where(request_bodies.c.request_id == sa.bindparam("the_id"))
    .values(body=sa.bindparam("the_body"))
)
_OPEN = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("the_id"))
    .values(open_slots=sa.bindparam("open"), changed_at=sa.bindparam("at"))
)
_WANTED = (
    sa.select(_N.kind, sa.func.min(_N.name).label("name"), sa.func.count().label("n"))
    .where(_N.company == sa.bindparam("company"), _N.kind != "document")
    .group_by(_N.kind, _N.folded)
)
_DUE = sa.text("state = 'waiting' AND open_needs = 0 AND open_slots = 0")
_WAKE = (
    sa.update(table)
    .where(table.c.company == sa.bindparam("the_company"), _DUE)
    .values(
        state=sa.case(
            (table.c.needs_approval == 1, RequestState.AWAITING_APPROVAL.value),
            else_=RequestState.READY.value,
        ),
        changed_at=sa.bindparam("at"),
    )
    .returning(table.c.id, table.c.state)
)


def satisfy_needs(
    tx: sa.Connection, company: str, list_kind: str, names: Iterable[str], *, at: datetime
) -> list[int]:
    """These names are in QuickBooks now; gives the requests that became ready."""
    lock(tx, company)
    fewer: Counter[int] = Counter()
    for part in chunks({folded(name) for name in names}):
        here = {"company": company, "kind": list_kind}
        found = [row.request_id for row in listed(tx, _NEEDING, "names", part, **here)]
        if found:
            listed(tx, _DROP_NEEDS, "names", part, **here)
            fewer.update(found)
    many(tx, _FEWER_NEEDS, [{"the_id": number, "n": n} for number, n in fewer.items()])
    return _wake(tx, company, moment_text(at)) if fewer else []


def fill_slots(
    tx: sa.Connection, company: str, known: Mapping[str, str], fill: Fill, *, at: datetime
) -> list[int]:
    """These ids are known, document key -> TxnID and line key -> TxnLineID; gives the requests that became ready.

    What `fill` raises ends the commit.
    """
    lock(tx, company)
    values = [
        {"the_id": row.request_id, "parent": row.folded, "txn_id": known[row.folded]}
        for part in chunks(known)
        for row in listed(tx, _CHILDREN, "parents", part, company=company)
    ]
    many(tx, _SET_VALUE, values)
    return _freeze(tx, sorted({int(row["the_id"]) for row in values}), fill, moment_text(at))


def fill_known(tx: sa.Connection, ids: Sequence[int], fill: Fill, at: str) -> None:
    """Fill the slots of these requests whose parents are already recorded."""
    values: list[dict[str, Any]] = []
    for part in chunks(ids):
        slots = listed(tx, _SLOTS, "ids", part).all()
        known = _known_ids(tx, slots)
        values.extend(
            {"the_id": row.request_id, "parent": row.folded, "txn_id": known[row.folded]}
            for row in slots
            if row.folded in known
        )
    many(tx, _SET_VALUE, values)
    _freeze(tx, sorted({int(row["the_id"]) for row in values}), fill, at)


def _known_ids(tx: sa.Connection, slots: Iterable[AnyRow]) -> dict[str, str]:
    """Ids of the documents and lines that these slots stand for, as far as QuickBooks has told them."""
    wanted: dict[str, set[str]] = {}
    for row in slots:
        wanted.setdefault(row.merchant, set()).add(row.folded)
    known: dict[str, str] = {}
    for merchant, names in wanted.items():
        parents = {name.partition("#")[0] for name in names}
        for part in chunks(sorted(parents)):
            known |= {row.key: row.txn_id for row in listed(tx, _PARENTS, "keys", part)}
        # Lines of a document that is lost are kept until it is posted again: they are in QuickBooks no more than it is.
        lines_there = {name for name in names if "#" in name and name.partition("#")[0] in known}
        for part in chunks(sorted(lines_there)):
            lines = listed(tx, _LINES, "keys", part, merchant=merchant)
            known |= {row.source_id: row.qb_id for row in lines}
    return known


def _freeze(tx: sa.Connection, ids: Sequence[int], fill: Fill, at: str) -> list[int]:
    """Rewrite the bodies whose slots are all known; gives what became ready."""
    ready: list[int] = []
    for part in chunks(ids):
        found: dict[int, list[AnyRow]] = {}
        for row in listed(tx, _SLOTS, "ids", part):
            found.setdefault(row.request_id, []).append(row)
        filled, still = [], []
        for number, slots in found.items():
            open_slots = sum(slot.value is None for slot in slots)
            still.append({"the_id": number, "open": open_slots, "at": at})
            if not open_slots:
                known = {slot.token: slot.value for slot in slots}
                filled.append({"the_id": number, "the_body": fill(slots[0].body, known)})
        many(tx, _FILLED, filled)
        many(tx, _OPEN, still)
        for company in sorted({slots[0].company for slots in found.values()}):
            ready.extend(_wake(tx, company, at))
    return ready


def _wake(tx: sa.Connection, company: str, at: str) -> list[int]:
    """Move what waits for nothing any more; one that needs approval passes ready and awaits it at once."""
    moved = run(tx, _WAKE, {"the_company": company, "at": at}).all()
    change = Counter({RequestState.WAITING: -len(moved)})
    change.update(RequestState(row.state) for row in moved)
    tally(tx, company, change)
    return sorted(row.id for row in moved if row.state == RequestState.READY.value)


def waiting_on(tx: sa.Connection, request_id: int) -> list[Need]:
    """What a request still waits for."""
    statement = (
        sa.select(_N.kind, _N.name, _N.token)
        .where(_N.request_id == request_id, _N.value.is_(None))
        .order_by(_N.kind, _N.folded)
    )
    return [Need(kind=row.kind, name=row.name, token=row.token) for row in tx.execute(statement)]


def names_wanted(tx: sa.Connection, company: str) -> dict[tuple[str, str], int]:
    """(list kind, name) -> how many requests wait for it."""
    return {(row.kind, row.name): row.n for row in run(tx, _WANTED, {"company": company})}


def needing(tx: sa.Connection, company: str, list_kind: str, name: str) -> list[int]:
    """Requests that wait for this name of a list."""
    here = {"company": company, "kind": list_kind, "names": [folded(name)]}
    return sorted(row.request_id for row in tx.execute(_NEEDING, here))


def dependants(tx: sa.Connection, document_key: str) -> list[int]:
    """Requests that wait for this document's TxnID."""
    return list(tx.execute(_naming(document_key).where(_N.value.is_(None))).scalars())


#: Has not left, or QuickBooks would not have it.
_NOT_THERE = (
    RequestState.WAITING, RequestState.AWAITING_APPROVAL, RequestState.READY, RequestState.REFUSED,
    RequestState.QUARANTINED,
)  # fmt: skip


def referring(tx: sa.Connection, document_key: str) -> list[int]:
    """Requests that name this document's TxnID, known to them or not, and are not in QuickBooks."""
    there = table.c.state.in_([one.value for one in _NOT_THERE])
    statement = _naming(document_key).join(table, table.c.id == _N.request_id).where(there)
    return list(tx.execute(statement).scalars())


def _naming(document_key: str) -> sa.Select[Any]:
    """The requests of its company that name this document, by number."""
    return (
        sa.select(_N.request_id)
        .where(
            _N.company.in_(sa.select(documents.c.company).where(documents.c.key == document_key)),
            _N.kind == "document",
            _N.folded == document_key,
        )
        .distinct()
        .order_by(_N.request_id)
    )
