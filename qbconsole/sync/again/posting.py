"""Posting again: a new round for a document that QuickBooks lost, and requests that speak of what is gone.

The bytes stay those of the first round, but for the TxnIDs of documents that are gone themselves: those are slots
again; and what names a buyer who was forgotten since is not repeated but booked anew. Each is looked for in QuickBooks
before it is sent (it is put behind the company's epoch), so an operator may ask twice, or for one that is there after all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.holds import Reason
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.qbxml.render import fill
from qbconsole.store import books, holds, journal, parties, requests
from qbconsole.store.books.recorded import THERE
from qbconsole.store.requests import NewRequest, Purpose, RequestRow
from qbconsole.store.requests.behind import note_behind, unsent
from qbconsole.store.requests.slots import Slot, forget_lines, slots_of
from qbconsole.sync.again.lacking import missing_names
from qbconsole.sync.again.renewing import let_entries_wait, renew_entries
from qbconsole.sync.again.tied import tied_to_ignored
from qbconsole.sync.forgetting.unsent import forget_absent

#: A document in one of these is posted again by an operator's word.
GONE_FROM_BOOKS = (DocumentState.LOST_BY_RESTORE, DocumentState.DELETED_IN_QUICKBOOKS)
_REASONS = (Reason.LOST_BY_RESTORE, Reason.DELETED_IN_QUICKBOOKS)
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What a wish to post again came to."""

    done: tuple[str, ...] = ()
    left: tuple[tuple[str, str], ...] = field(default=())


def post_again(tx: sa.Connection, company: str, keys: Sequence[str], *, who: str, at: datetime) -> Again:
    """Open a new round for documents that are lost or deleted; others are left as they are, with why."""
    rows = {row.key: row for key in keys for row in books.documents(tx, keys=[key], company=company, limit=1)}
    wanted = {key: row for key, row in rows.items() if row.state in GONE_FROM_BOOKS}
    left = [(key, "it is not lost or deleted") for key in keys if key not in wanted]
    moves = [
        books.DocumentMove(key=key, to_state=DocumentState.PLANNED, txn_id="", edit_sequence="", note="")
        for key in wanted
    ]
    books.move_documents(tx, moves, at)
    forget_lines(tx, list(wanted))
    done = []
    lasts = {key: _last_add(tx, key) for key in wanted}
    anew = _decided_anew(tx, [last for last in lasts.values() if last is not None], at)
    for key, last in lasts.items():
        if last is None:
            left.append((key, "nothing was ever sent for it"))
            continue
        if last.id not in anew:
            _put_anew(tx, company, last, at, new_round=True)
        holds.release_absent(tx, company, key, frozenset(Reason) - frozenset(_REASONS), at)
        done.append(key)
    renew_entries(tx, company, at)
    if done:
        journal.record(tx, who, "posted_again", company, {"documents": len(done), "keys": done}, at)
    return Again(done=tuple(done), left=tuple(left))


def _decided_anew(tx: sa.Connection, lasts: Iterable[RequestRow], at: datetime) -> set[int]:
    """Those that name a buyer who was forgotten since: not their bytes go again, `book` writes them without the name."""
    by_merchant: dict[str, list[RequestRow]] = {}
    for last in lasts:
        by_merchant.setdefault(last.merchant or "", []).append(last)
    return {
        number for merchant, rows in by_merchant.items() for number in forget_absent(tx, merchant, rows, at)
    }


def freshen(tx: sa.Connection, company: str, at: datetime) -> int:
    """Hold what did not leave yet against QuickBooks as it is now; gives how many requests were put anew.

    One that names an entry or a document that is gone waits for it again; an entry that we added ourselves, and that
    was lost with an older file, is added again.
    """
    after, done = 0, set[str]()
    while rows := unsent(tx, company, after=after, limit=_PAGE):
        after = rows[-1].id
        # What was put anew is the newest of all: it comes once more, and is as fresh as it can be.
        done |= _freshened(tx, company, [row for row in rows if row.subject_key not in done], at)
    let_entries_wait(tx, company, at)
    renew_entries(tx, company, at)
    return len(done)


def freshen_some(tx: sa.Connection, company: str, ids: Iterable[int], at: datetime) -> int:
    """The same for requests that are about to go again: what they named may be gone since they were refused."""
    rows = [row for row in requests.requests_by_id(tx, ids) if row.document_key]
    done = _freshened(tx, company, rows, at)
    if done:
        renew_entries(tx, company, at)
    return len(done)


def _freshened(tx: sa.Connection, company: str, rows: Iterable[RequestRow], at: datetime) -> set[str]:
    """What those are about that were put anew."""
    stale = [row for row in rows if _lacks_more(tx, row) or _stale(tx, slots_of(tx, row.id))]
    for row in stale:
        _put_anew(tx, company, row, at, new_round=False)
    return {row.subject_key for row in stale}


def _put_anew(tx: sa.Connection, company: str, row: RequestRow, at: datetime, *, new_round: bool) -> None:
    """The same bytes once more, waiting for what is gone; a new round has a requestID, and so a set, of its own."""
    books_row = parties.company(tx, company)
    epoch = books_row.epoch if books_row else 1
    slots = slots_of(tx, row.id)
    body = _with_slots(row.body, slots)
    if new_round:
        body = _renumbered(body, row.round + 1)
    else:
        requests.retire(tx, [row], at=at)
    new = NewRequest(
        company=company,
        merchant=row.merchant,
        subject_key=row.subject_key,
        purpose=Purpose.ADD,
        name=row.name,
        body=body,
        slots={slot.token: slot.parent for slot in slots},
        needs=missing_names(tx, company, body),
        total=row.total,
        document_key=row.document_key,
        needs_approval=row.needs_approval and not new_round,
        round=row.round + int(new_round),
        # Behind on purpose: it is looked for before it goes.
        epoch=epoch - 1,
    )
    requests.put_requests(tx, [new], at=at, fill=fill)
    holds.put_holds(tx, row.merchant, company, tied_to_ignored(tx, [new]), at)
    note_behind(tx, company, at)


def _last_add(tx: sa.Connection, key: str) -> RequestRow | None:
    """The request that brought a document into QuickBooks."""
    rows = requests.requests_of_documents(tx, [key])
    adds = [
        row
        for row in rows
        if row.purpose is Purpose.ADD and row.state is RequestState.ANSWERED and not row.is_gone
    ]
    return max(adds, key=lambda row: row.round, default=None)


def _with_slots(body: str, slots: Iterable[Slot]) -> str:
    """Filled ids become slots again; they stand alone in an element."""
    for slot in slots:
        if slot.value:
            body = body.replace(f">{slot.value}</", f">{slot.token}</")
    return body


def _renumbered(body: str, place: int) -> str:
    """Another requestID: else QuickBooks would answer from its record of the round before, and do nothing."""
    head, mark, rest = body.partition('requestID="')
    number, quote, tail = rest.partition('"')
    return f"{head}{mark}{number.partition('.')[0]}.{place}{quote}{tail}"


def _lacks_more(tx: sa.Connection, row: RequestRow) -> bool:
    """Whether names are missing that it does not wait for."""
    missing = {(kind, name.casefold()) for kind, name in missing_names(tx, row.company, row.body)}
    return bool(missing - {(need.kind, need.name.casefold()) for need in requests.waiting_on(tx, row.id)})


def _stale(tx: sa.Connection, slots: Iterable[Slot]) -> bool:
    """Whether a body names the TxnID of a document that has it no more; lines follow their document."""
    parents = {slot.parent.partition("#")[0]: slot for slot in slots if slot.value}
    rows = {row.key: row for key in parents for row in books.documents(tx, keys=[key], limit=1)}
    return any(
        row.state not in THERE or ("#" not in parents[key].parent and row.txn_id != parents[key].value)
        for key, row in rows.items()
    )
