"""Documents as kept: plan, provenance, mapping revision, state, the events they stand for and their postings.

A document's key is unique for ever; the same key with the same plan changes nothing, with another plan it is
refused. An event belongs to at most one live document. States move only as `books.lifecycle` allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState, MoveRefused, require_move
from qbconsole.books.plan import Member, Plan
from qbconsole.errors import StoreError
from qbconsole.money import Money
from qbconsole.store.database.statements import change, chunks, listed, many, many_tuples, new_ids, run
from qbconsole.store.encoding import moment_text, pack, unpack
from qbconsole.store.schema import document_bodies, document_events, postings
from qbconsole.store.schema import documents as table
from qbconsole.value import Value


class DocumentConflict(StoreError):
    """A document or an event would be booked a second time with other content; nothing was written."""

    code = "document_conflict"
    next_step = "Report it with `qbconsole show ID --json`; the books as they are kept stay in force."


class LedgerLine(NamedTuple):
    """One posting with its account's name; debit positive."""

    on: date
    role: str
    facet: str
    account: str
    amount: Money


class NewDocument(Value):
    """One document as decided."""

    #: "qbc1/oak-ember/order/8734179787058/1/0"
    key: str
    company: str
    merchant: str
    source_id: str
    kind: str
    txn_date: date
    ref_number: str
    #: The order's name.
    number: str
    plan: Plan
    #: JSON: the named document.
    document: bytes
    provenance: bytes
    mapping_revision: int | None
    total: Money
    postings: tuple[LedgerLine, ...]
    members: tuple[Member, ...]


class DocumentMove(Value):
    """A document's next state and what QuickBooks said; None leaves a column as it is."""

    key: str
    to_state: DocumentState
    txn_id: str | None = None
    edit_sequence: str | None = None
    note: str | None = None


_C = table.c
_INSERT, _INSERT_BODY = sa.insert(table), sa.insert(document_bodies)
_INSERT_MEMBER, _INSERT_POSTING = sa.insert(document_events), sa.insert(postings)
#: In the tables' order, so that rows made here go to the driver as they are.
_BODY_COLUMNS = tuple(document_bodies.c.keys())
_MEMBER_COLUMNS = tuple(document_events.c.keys())
_POSTING_COLUMNS = tuple(postings.c.keys())
_STATE_BY_KEY = sa.select(_C.id, _C.state).where(_C.key == sa.bindparam("key"))
_CHILDREN = tuple(
    sa.delete(child).where(child.c.document_id == sa.bindparam("the_id"))
    for child in (document_bodies, document_events, postings)
)
_PLANS_BY_KEY = (
    sa.select(_C.key, document_bodies.c.plan)
    .join_from(table, document_bodies, _C.id == document_bodies.c.document_id)
    .where(_C.key.in_(sa.bindparam("keys", expanding=True)))
)
_LIVE_EVENTS = (
    sa.select(document_events.c.event_key, document_events.c.part, _C.key)
    .join_from(document_events, table, document_events.c.document_id == _C.id)
    .where(
        document_events.c.merchant == sa.bindparam("merchant"),
        document_events.c.event_key.in_(sa.bindparam("events", expanding=True)),
        sa.text("document_events.live = 1"),
    )
)
_STATES = sa.select(_C.id, _C.key, _C.state).where(_C.key.in_(sa.bindparam("keys", expanding=True)))
_MOVING = sa.update(table).values(
    state=sa.bindparam("to_state"),
    txn_id=sa.func.coalesce(sa.bindparam("the_txn_id", type_=sa.Text()), _C.txn_id),
    edit_sequence=sa.func.coalesce(sa.bindparam("the_sequence", type_=sa.Text()), _C.edit_sequence),
    note=sa.func.coalesce(sa.bindparam("the_note", type_=sa.Text()), _C.note),
    changed_at=sa.bindparam("at"),
)
_MOVE = _MOVING.where(_C.id == sa.bindparam("the_id"))
_MOVE_FROM = _MOVING.where(_C.key == sa.bindparam("the_key"), _C.state == sa.bindparam("from_state"))
#: In the order of the statements, so that a move goes to the driver as it is.
_MOVED = ("to_state", "the_txn_id", "the_sequence", "the_note", "at", "the_id")
_MOVED_FROM = (*_MOVED[:-1], "the_key", "from_state")
#: State -> the one nearly every document comes to it from: most are moved without asking where they are.
_USUALLY_FROM = {
    DocumentState.RECORDED: DocumentState.PLANNED,
    DocumentState.VERIFIED: DocumentState.RECORDED,
}
_TEXTS = {state: state.value for state in DocumentState}
_BY_TEXT = {state.value: state for state in DocumentState}


def put_documents(tx: sa.Connection, docs: Sequence[NewDocument], at: datetime) -> list[str]:
    """Keep documents as planned; gives the keys that are new. The same key and plan again changes nothing.

    Raises DocumentConflict when a key is kept with another plan, or an event already has a live document.
    """
    new: list[str] = []
    now = moment_text(at)
    for part in chunks(docs):
        fresh = _unkept(tx, part)
        _require_free(tx, fresh)
        numbers = new_ids(tx, table, len(fresh))
        many(tx, _INSERT, [_row(doc, number, now) for doc, number in zip(fresh, numbers, strict=True)])
        _put_parts(tx, list(zip(numbers, fresh, strict=True)))
        new.extend(doc.key for doc in fresh)
    return new


def _unkept(tx: sa.Connection, docs: list[NewDocument]) -> list[NewDocument]:
    held = {row.key: row.plan for row in listed(tx, _PLANS_BY_KEY, "keys", [doc.key for doc in docs])}
    fresh: dict[str, NewDocument] = {}
    for doc in docs:
        before = fresh[doc.key].plan if doc.key in fresh else None
        if before is None and doc.key in held:
            before = unpack(held[doc.key], Plan)
        if before is None:
            fresh[doc.key] = doc
        elif before != doc.plan:
            raise DocumentConflict("A document is already kept with another plan.", where=doc.key)
    return list(fresh.values())


def _require_free(tx: sa.Connection, docs: Iterable[NewDocument]) -> None:
    """Raise when an event of these documents belongs to another live document."""
    wanted: dict[tuple[str, str, str], str] = {}
    for doc in docs:
        for member in doc.members:
            here = (doc.merchant, member.event_key, member.part)
            if wanted.setdefault(here, doc.key) != doc.key:
                raise DocumentConflict(f"Event {member.event_key} stands in two documents.", where=doc.key)
    for merchant in {here[0] for here in wanted}:
        keys = sorted({event for owner, event, _ in wanted if owner == merchant})
        for part in chunks(keys):
            for row in listed(tx, _LIVE_EVENTS, "events", part, merchant=merchant):
                other = wanted.get((merchant, row.event_key, row.part))
                if other is not None and other != row.key:
                    raise DocumentConflict(
                        f"Event {row.event_key} already stands in document {row.key}.", where=other
                    )


def _row(doc: NewDocument, number: int, now: str) -> dict[str, Any]:
    return {
        "id": number,
        "key": doc.key,
        "company": doc.company,
        "merchant": doc.merchant,
        "source_id": doc.source_id,
        "kind": str(doc.kind),
        "txn_date": doc.txn_date.isoformat(),
        "ref_number": doc.ref_number,
        "number": doc.number,
        "state": DocumentState.PLANNED.value,
        "txn_id": "",
        "edit_sequence": "",
        "note": "",
        "total": doc.total.minor,
        "currency": doc.total.currency,
        "mapping_revision": doc.mapping_revision,
        "planned_at": now,
        "changed_at": now,
    }


def _put_parts(tx: sa.Connection, docs: Iterable[tuple[int, NewDocument]]) -> None:
    bodies: list[tuple[Any, ...]] = []
    members: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    for number, doc in docs:
        bodies.append((number, pack(doc.plan), doc.document, doc.provenance))
        members.extend((number, one.event_key, one.part, doc.merchant, 1) for one in doc.members)
        for line, (on, role, facet, account, amount) in enumerate(doc.postings):
            what = (on.isoformat(), role, facet, account, amount.minor, amount.currency)
            lines.append((number, line, doc.merchant, *what))
    many_tuples(tx, _INSERT_BODY, _BODY_COLUMNS, bodies)
    many_tuples(tx, _INSERT_MEMBER, _MEMBER_COLUMNS, members)
    many_tuples(tx, _INSERT_POSTING, _POSTING_COLUMNS, lines)


def replace_document(tx: sa.Connection, doc: NewDocument, at: datetime) -> None:
    """Plan a document anew under its key; only while nothing of it is in QuickBooks.

    Supersede its requests in the same commit. Raises MoveRefused when it is not planned any more.
    """
    held = run(tx, _STATE_BY_KEY, {"key": doc.key}).one_or_none()
    if held is None or held.state != DocumentState.PLANNED.value:
        raise MoveRefused(
            f"Document {doc.key} is {held.state if held else 'unknown'} and cannot be planned anew."
        )
    for children in _CHILDREN:
        run(tx, children, {"the_id": held.id})
    _require_free(tx, [doc])
    row = {
        name: value
        for name, value in _row(doc, held.id, moment_text(at)).items()
        if name not in ("id", "planned_at")
    }
    change(tx, table, "id", held.id, row)
    _put_parts(tx, [(held.id, doc)])


def set_document_state(
    tx: sa.Connection,
    key: str,
    to_state: DocumentState,
    *,
    at: datetime,
    txn_id: str | None = None,
    edit_sequence: str | None = None,
    note: str | None = None,
) -> None:
    """Move one document; see `move_documents`."""
    move = DocumentMove(key=key, to_state=to_state, txn_id=txn_id, edit_sequence=edit_sequence, note=note)
    move_documents(tx, [move], at)


def move_documents(tx: sa.Connection, moves: Sequence[DocumentMove], at: datetime) -> None:
    """Move documents as the lifecycle allows, or raise MoveRefused: nothing of that commit may stand then.

    A move to the state a document is in only changes its columns. Undone gives its events free.
    """
    now = moment_text(at)
    for part in chunks(moves):
        if _moved_as_usual(tx, part, now):
            continue
        found = listed(tx, _STATES, "keys", [move.key for move in part])
        states: dict[str, DocumentState] = {}
        numbers: dict[str, int] = {}
        for number, key, state in found.tuples():
            states[key], numbers[key] = _BY_TEXT[state], number
        for move in part:
            if move.key not in states:
                raise MoveRefused(f"Document {move.key} is not kept.")
            if states[move.key] is not move.to_state:
                require_move(states[move.key], move.to_state, f"Document {move.key}")
            states[move.key] = move.to_state
        many_tuples(tx, _MOVE, _MOVED, [_move_row(move, numbers[move.key], now) for move in part])
        for move in part:
            if move.to_state is DocumentState.UNDONE:
                release_members(tx, move.key)


def _moved_as_usual(tx: sa.Connection, moves: Sequence[DocumentMove], at: str) -> bool:
    """Move those that are where nearly all are; whether these were all of them. Done again, a move changes nothing."""
    states = [_USUALLY_FROM.get(move.to_state) for move in moves]
    if None in states or len({move.key for move in moves}) != len(moves):
        return False  # of one that moves twice the first move would be refused where it had to be done again
    rows = [
        (_TEXTS[move.to_state], move.txn_id, move.edit_sequence, move.note, at, move.key, _TEXTS[state])
        for move, state in zip(moves, states, strict=True)
        if state is not None
    ]
    return many_tuples(tx, _MOVE_FROM, _MOVED_FROM, rows) == len(moves)


def _move_row(move: DocumentMove, number: int, at: str) -> tuple[Any, ...]:
    """The values of `_MOVED`."""
    return _TEXTS[move.to_state], move.txn_id, move.edit_sequence, move.note, at, number


def update_document(
    tx: sa.Connection,
    key: str,
    *,
    at: datetime,
    txn_id: str | None = None,
    edit_sequence: str | None = None,
    note: str | None = None,
) -> None:
    """Remember more of a document without moving it. Raises MoveRefused when it is not kept."""
    values = {"txn_id": txn_id, "edit_sequence": edit_sequence, "note": note}
    given = {name: value for name, value in values.items() if value is not None}
    statement = sa.update(table).where(_C.key == key).values(**given, changed_at=moment_text(at))
    if tx.execute(statement).rowcount != 1:
        raise MoveRefused(f"Document {key} is not kept.")


def release_members(tx: sa.Connection, document_key: str) -> None:
    """Give a document's events free, so that they may be booked again."""
    wanted = sa.select(_C.id).where(_C.key == document_key).scalar_subquery()
    tx.execute(sa.update(document_events).where(document_events.c.document_id == wanted).values(live=0))
