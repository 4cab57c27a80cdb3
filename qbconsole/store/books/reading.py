"""Reading documents: whole or as rows for lists, plans by source, numbers taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState
from qbconsole.books.plan import Member, Plan
from qbconsole.money import Money
from qbconsole.store.database.statements import CHUNK, AnyRow, chunks, listed, run
from qbconsole.store.encoding import moment, unpack
from qbconsole.store.schema import document_bodies, document_events
from qbconsole.store.schema import documents as table
from qbconsole.value import Value


class DocumentRow(Value):
    """One document without its bodies, for lists."""

    id: int
    key: str
    company: str
    merchant: str
    source_id: str
    kind: str
    txn_date: date
    ref_number: str
    number: str
    state: DocumentState
    txn_id: str
    edit_sequence: str
    #: Why it stands where it stands, when a person or QuickBooks said so.
    note: str
    total: Money
    mapping_revision: int | None
    planned_at: datetime
    changed_at: datetime


class Document(Value):
    """One document, whole."""

    row: DocumentRow
    plan: Plan
    document: bytes
    provenance: bytes
    members: tuple[Member, ...]


_C = table.c
_HEAD = sa.select(table)
_PLANS = (
    sa.select(_C.source_id, document_bodies.c.plan)
    .join_from(table, document_bodies, _C.id == document_bodies.c.document_id)
    .where(
        _C.merchant == sa.bindparam("merchant"),
        _C.source_id.in_(sa.bindparam("sources", expanding=True)),
        _C.state != DocumentState.UNDONE.value,
    )
    .order_by(_C.id)
)
_UNDONE = sa.select(_C.source_id, _C.key).where(
    _C.merchant == sa.bindparam("merchant"),
    _C.source_id.in_(sa.bindparam("sources", expanding=True)),
    _C.state == DocumentState.UNDONE.value,
)
_TAKEN = sa.select(_C.ref_number, _C.key).where(
    _C.company == sa.bindparam("company"), _C.ref_number != "", _C.state != DocumentState.UNDONE.value
)
_TAKEN_AMONG = _TAKEN.where(_C.ref_number.in_(sa.bindparam("numbers", expanding=True)))
_WHOLE = (
    sa.select(table, document_bodies)
    .join_from(table, document_bodies, _C.id == document_bodies.c.document_id)
    .where(_C.key == sa.bindparam("key"))
)
_NAMED = (
    sa.select(_C.key, _C.state, document_bodies.c.document)
    .join_from(table, document_bodies, _C.id == document_bodies.c.document_id)
    .where(_C.key.in_(sa.bindparam("keys", expanding=True)))
)
_MEMBERS = (
    sa.select(document_events.c.event_key, document_events.c.part)
    .where(document_events.c.document_id == sa.bindparam("id"))
    .order_by(document_events.c.event_key, document_events.c.part)
)
_KEPT = sa.select(_C.key).where(_C.key.in_(sa.bindparam("keys", expanding=True)))
_BY_TXN_ID = _HEAD.where(
    _C.company == sa.bindparam("company"), _C.txn_id == sa.bindparam("txn_id"), _C.txn_id != ""
)
_NEWEST_BY_TXN_ID = _BY_TXN_ID.order_by(_C.id.desc()).limit(1)


def plans_of(tx: sa.Connection, merchant: str, source_ids: Iterable[str]) -> dict[str, list[Plan]]:
    """The plans of each source's live documents, in the order they were booked."""
    found: dict[str, list[Plan]] = {}
    for part in chunks(source_ids):
        for row in listed(tx, _PLANS, "sources", part, merchant=merchant):
            found.setdefault(row.source_id, []).append(unpack(row.plan, Plan))
    return found


def spent_keys(tx: sa.Connection, merchant: str, source_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """The keys of each source's undone documents; sources without any are left out."""
    found: dict[str, set[str]] = {}
    for part in chunks(source_ids):
        for row in listed(tx, _UNDONE, "sources", part, merchant=merchant):
            found.setdefault(row.source_id, set()).add(row.key)
    return {source: frozenset(keys) for source, keys in found.items()}


def taken_ref_numbers(tx: sa.Connection, company: str, among: Iterable[str] | None = None) -> dict[str, str]:
    """RefNumber -> document key of a company's live documents; `among` asks for some only."""
    if among is None:
        return {row.ref_number: row.key for row in run(tx, _TAKEN, {"company": company})}
    found: dict[str, str] = {}
    for part in chunks(among):
        rows = listed(tx, _TAKEN_AMONG, "numbers", part, company=company)
        found |= {row.ref_number: row.key for row in rows}
    return found


def document(tx: sa.Connection, key: str) -> Document | None:
    """One document, whole."""
    row = tx.execute(_WHOLE, {"key": key}).one_or_none()
    if row is None:
        return None
    members = tuple(
        Member(event_key=found.event_key, part=found.part) for found in tx.execute(_MEMBERS, {"id": row.id})
    )
    return Document(
        row=_head(row),
        plan=unpack(row.plan, Plan),
        document=row.document,
        provenance=row.provenance,
        members=members,
    )


def named_bodies(tx: sa.Connection, keys: Iterable[str]) -> dict[str, tuple[DocumentState, bytes]]:
    """Key -> the document's state, and JSON of the named document."""
    return {
        row.key: (DocumentState(row.state), row.document)
        for part in chunks(keys)
        for row in listed(tx, _NAMED, "keys", part)
    }


def documents(
    tx: sa.Connection,
    *,
    company: str | None = None,
    merchant: str | None = None,
    source_id: str | None = None,
    under: str | None = None,
    kind: str | None = None,
    states: Iterable[DocumentState] | None = None,
    first: date | None = None,
    last: date | None = None,
    keys: Iterable[str] | None = None,
    after: int = 0,
    limit: int = 1000,
) -> list[DocumentRow]:
    """Documents by id beyond `after`, narrowed by whatever is given; first and last are inclusive.

    `under` is how the source id begins: "day/".
    """
    same = {"company": company, "merchant": merchant, "source_id": source_id, "kind": kind}
    here: dict[str, Any] = {name: value for name, value in same.items() if value is not None}
    here |= {"after": after, "limit": limit}
    dates = {"first": first, "last": last}
    here |= {name: value.isoformat() for name, value in dates.items() if value is not None}
    wanted = None if states is None else tuple(state.value for state in states)
    statement = _narrowed(frozenset(here), wanted, under)
    if keys is None:
        return [_head(row) for row in run(tx, statement, here)]
    some = list(keys)
    if not some:
        return []
    if len(some) <= CHUNK:
        return [_head(row) for row in listed(tx, _keyed(statement), "keys", some, **here)]
    return [_head(row) for row in tx.execute(statement.where(_C.key.in_(some)), here)]


@lru_cache(maxsize=64)
def _narrowed(given: frozenset[str], states: tuple[str, ...] | None, under: str | None) -> sa.Select[Any]:
    """Documents by id, narrowed by what is given; built once for each way of asking."""
    statement = _HEAD.where(_C.id > sa.bindparam("after")).order_by(_C.id).limit(sa.bindparam("limit"))
    for name in sorted(given & {"company", "merchant", "source_id", "kind"}):
        statement = statement.where(_C[name] == sa.bindparam(name))
    if "first" in given:
        statement = statement.where(_C.txn_date >= sa.bindparam("first"))
    if "last" in given:
        statement = statement.where(_C.txn_date <= sa.bindparam("last"))
    if states is not None:
        statement = statement.where(sa.or_(sa.false(), *(_C.state == state for state in states)))
    if under is not None:
        statement = statement.where(_C.source_id.startswith(under, autoescape=True))
    return statement


@lru_cache(maxsize=64)
def _keyed(statement: sa.Select[Any]) -> sa.Select[Any]:
    """The same among documents of these keys."""
    return statement.where(_C.key.in_(sa.bindparam("keys", expanding=True)))


def kept_keys(tx: sa.Connection, keys: Iterable[str]) -> set[str]:
    """Which of these documents are kept, in whatever state."""
    return {row[0] for part in chunks(keys) for row in listed(tx, _KEPT, "keys", part)}


def by_txn_id(tx: sa.Connection, company: str, txn_id: str) -> DocumentRow | None:
    """The document QuickBooks knows under this TxnID, the newest if the id was given twice."""
    row = run(tx, _NEWEST_BY_TXN_ID, {"company": company, "txn_id": txn_id}).one_or_none()
    return None if row is None else _head(row)


def _head(row: AnyRow) -> DocumentRow:
    return DocumentRow(
        id=row.id,
        key=row.key,
        company=row.company,
        merchant=row.merchant,
        source_id=row.source_id,
        kind=row.kind,
        txn_date=date.fromisoformat(row.txn_date),
        ref_number=row.ref_number,
        number=row.number,
        state=DocumentState(row.state),
        txn_id=row.txn_id,
        edit_sequence=row.edit_sequence,
        note=row.note,
        total=Money.from_minor(row.total, row.currency),
        mapping_revision=row.mapping_revision,
        planned_at=moment(row.planned_at),
        changed_at=moment(row.changed_at),
    )
