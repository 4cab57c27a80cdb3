"""Recorded: what QuickBooks should hold by our books, for knowing a company file again and for looking it all through."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.store.books.reading import DocumentRow, _head
from qbconsole.store.database.statements import chunks, listed, run
from qbconsole.store.encoding import moment, moment_text
from qbconsole.store.schema import (
    document_bodies,
    documents,
    merchants,
    message_sets,
    observations,
    request_needs,
    requests,
)

#: A document in one of these is in QuickBooks, as far as we know.
THERE = (DocumentState.RECORDED, DocumentState.VERIFIED, DocumentState.DRIFTED)
_THERE = [state.value for state in THERE]
#: A question for documents of every kind does not tell of these (requests.xsd, AskableDocument).
APART = "TransferInventory"
#: What is kept of a request that no answer told of, and whose document a look found.
FOUND = "found by its number and key"
_D, _R, _N = documents.c, requests.c, request_needs.c
_THERE_NOW = sa.text(f"documents.state IN ({', '.join(repr(state) for state in _THERE)})")
_SEEN = (
    sa.select(_D.txn_id, _D.txn_date)
    .join_from(
        observations,
        documents,
        sa.and_(
            _D.company == observations.c.company,
            _D.txn_id == observations.c.txn_id,
            _D.txn_id != "",
        ),
    )
    .where(observations.c.company == sa.bindparam("company"), _THERE_NOW, _D.kind != APART)
    .order_by(observations.c.id.desc())
    .limit(sa.bindparam("limit"))
)

_COUNT_IN = sa.select(sa.func.count()).where(
    _D.company == sa.bindparam("company"), _D.state == sa.bindparam("state")
)
_KINDS = (
    sa.select(_D.kind)
    .where(_D.company == sa.bindparam("company"), _D.txn_id != "")
    .distinct()
    .order_by(_D.kind)
)
_SHOPS = (
    sa.select(merchants.c.id).where(merchants.c.company == sa.bindparam("company")).order_by(merchants.c.id)
)
_TO_READ_BACK = (
    sa.select(documents)
    .where(_D.merchant == sa.bindparam("merchant"), _D.state == DocumentState.RECORDED.value, _D.txn_id != "")
    .order_by(_D.id)
    .limit(sa.bindparam("limit"))
)
_BY_TXN_IDS = (
    sa.select(documents)
    .where(
        _D.company == sa.bindparam("company"),
        _D.txn_id.in_(sa.bindparam("ids", expanding=True)),
        _D.txn_id != "",
        _THERE_NOW,
    )
    .order_by(_D.id)
)
_BODIES = sa.select(document_bodies.c.document_id, document_bodies.c.document).where(
    document_bodies.c.document_id.in_(sa.bindparam("ids", expanding=True))
)
_TOTALS = (
    sa.select(observations.c.document_key, observations.c.total)
    .where(
        observations.c.company == sa.bindparam("company"),
        observations.c.document_key.in_(sa.bindparam("keys", expanding=True)),
        observations.c.total.is_not(None),
    )
    .order_by(observations.c.id.desc())
)


def last_recorded(tx: sa.Connection, company: str, limit: int) -> list[str]:
    """TxnIDs QuickBooks showed last of what should be there, the newest first."""
    found = run(tx, _SEEN, {"company": company, "limit": 4 * limit})
    return list(dict.fromkeys(row.txn_id for row in found))[:limit]


def recorded_since(
    tx: sa.Connection, company: str, since: datetime | None, *, after: int, limit: int
) -> list[DocumentRow]:
    """What should be there and was answered or found from an instant on (None: all of it), by number beyond `after`."""
    statement = (
        sa.select(documents)
        .where(_D.company == company, _D.state.in_(_THERE), _D.txn_id != "", _D.id > after)
        .order_by(_D.id)
        .limit(limit)
    )
    if since is not None:
        statement = statement.where(_settled_since(since))
    return [_head(row) for row in tx.execute(statement)]


def heard_of_since(
    tx: sa.Connection, company: str, since: datetime | None, *, after: int, limit: int
) -> list[DocumentRow]:
    """What should be there and was last found as booked, or otherwise, from an instant on, by number beyond `after`."""
    read = [DocumentState.VERIFIED.value, DocumentState.DRIFTED.value]
    statement = (
        sa.select(documents)
        .where(_D.company == company, _D.state.in_(read), _D.txn_id != "", _D.id > after)
        .order_by(_D.id)
        .limit(limit)
    )
    if since is not None:
        statement = statement.where(_D.changed_at >= moment_text(since))
    return [_head(row) for row in tx.execute(statement)]


def without_id_since(tx: sa.Connection, company: str, since: datetime | None) -> list[DocumentRow]:
    """What was done from an instant on and is no document there: payments that only use credits."""
    statement = (
        sa.select(documents)
        .where(_D.company == company, _D.state == DocumentState.RECORDED.value, _D.txn_id == "")
        .order_by(_D.id)
    )
    if since is not None:
        statement = statement.where(_settled_since(since))
    return [_head(row) for row in tx.execute(statement)]


def count_recorded(tx: sa.Connection, company: str, since: datetime | None) -> int:
    """How many that are."""
    statement = sa.select(sa.func.count()).where(_D.company == company, _D.state.in_(_THERE), _D.txn_id != "")
    if since is not None:
        statement = statement.where(_settled_since(since))
    return int(tx.execute(statement).scalar_one())


def _settled_since(since: datetime) -> sa.ColumnElement[bool]:
    """It may have left long before QuickBooks did it, or before a look found it there: when it left tells nothing."""
    settled = sa.select(_R.id).where(
        _R.subject_key == _D.key, _R.purpose == "add", _R.changed_at >= moment_text(since)
    )
    return settled.exists()


def recorded_before(
    tx: sa.Connection, company: str, day: date, *, after: int, limit: int
) -> list[DocumentRow]:
    """What should be there and is dated before a day, by number beyond `after`."""
    statement = (
        sa.select(documents)
        .where(_D.company == company, _D.state.in_(_THERE), _D.txn_date < day.isoformat(), _D.id > after)
        .order_by(_D.id)
        .limit(limit)
    )
    return [_head(row) for row in tx.execute(statement)]


def applied_to(tx: sa.Connection, company: str, keys: Iterable[str]) -> dict[str, list[str]]:
    """Document -> keys of the documents whose requests name its TxnID: payments of an invoice, refunds of a memo."""
    found: dict[str, list[str]] = {}
    for part in chunks(keys):
        statement = (
            sa.select(_N.folded, _R.document_key)
            .join_from(request_needs, requests, _N.request_id == _R.id)
            .where(
                _N.company == company,
                _N.kind == "document",
                _N.folded.in_(part),
                _R.document_key.is_not(None),
                _R.state != "superseded",
            )
            .distinct()
            .order_by(_N.folded, _R.document_key)
        )
        for row in tx.execute(statement):
            if row.document_key != row.folded:
                found.setdefault(row.folded, []).append(row.document_key)
    return found


def marked_at(tx: sa.Connection, company: str, marker: str) -> datetime | None:
    """When a marker's text left for the file first; None where we know nothing of it."""
    statement = sa.select(sa.func.min(message_sets.c.made_at)).where(*_carries(company, marker))
    found = tx.execute(statement).scalar_one_or_none()
    return None if found is None else moment(found)


def marked_in(tx: sa.Connection, company: str, marker: str) -> int | None:
    """Fence of the last session in which a marker's text left for the file; None where we know nothing of it."""
    statement = sa.select(sa.func.max(message_sets.c.fence)).where(*_carries(company, marker))
    found = tx.execute(statement).scalar_one_or_none()
    return None if found is None else int(found)


def _carries(company: str, marker: str) -> tuple[sa.ColumnElement[bool], ...]:
    """The sets of a company that write this marker."""
    c = message_sets.c
    written = c.purpose.in_(("link", "promise", "mark"))
    return (c.company == company, written, c.body.contains(marker, autoescape=True))


def left_in(tx: sa.Connection, keys: Iterable[str]) -> dict[str, int]:
    """Document -> fence of the session in which what QuickBooks recorded of it left last; without those we never sent."""
    found: dict[str, int] = {}
    for part in chunks(keys):
        statement = (
            sa.select(_R.subject_key, sa.func.max(message_sets.c.fence))
            .join_from(requests, message_sets, _R.message_set == message_sets.c.id)
            .where(_R.subject_key.in_(part), _R.purpose == "add", _R.state == RequestState.ANSWERED.value)
            .group_by(_R.subject_key)
        )
        found |= {key: int(fence) for key, fence in tx.execute(statement)}
    return found


def seen_since(tx: sa.Connection, company: str, keys: Iterable[str], fence: int) -> set[str]:
    """Those documents that a look found in QuickBooks in a session of that fence, or of a later one."""
    found: dict[int, str] = {}
    for part in chunks(keys):
        statement = sa.select(_R.id, _R.subject_key).where(
            _R.subject_key.in_(part),
            _R.purpose == "add",
            _R.state == RequestState.ANSWERED.value,
            _R.status_text == FOUND,
        )
        found |= {row.id: row.subject_key for row in tx.execute(statement)}
    if not found:
        return set()
    c = message_sets.c
    looks = sa.select(c.purpose).where(
        c.company == company,
        c.state == "answered",
        c.fence >= fence,
        c.purpose.startswith("look:") | c.purpose.startswith("recall:"),
    )
    asked = {
        number for purpose in tx.execute(looks).scalars() for number in purpose.partition(":")[2].split(",")
    }
    # Nobody looks for it once more after it was found: the last that asked for it is the one that found it.
    return {key for number, key in found.items() if str(number) in asked}


def never_answered(tx: sa.Connection, company: str, marker: str) -> bool:
    """Whether a marker's text left in a set that nobody answered, and in none that somebody did."""
    c = message_sets.c
    statement = (
        sa.select(c.state)
        .where(
            c.company == company,
            c.purpose.in_(("link", "promise", "mark")),
            c.state.in_(("answered", "lost", "silent")),
            c.body.contains(marker, autoescape=True),
        )
        .distinct()
    )
    states = set(tx.execute(statement).scalars())
    return bool(states) and "answered" not in states


def count_in(tx: sa.Connection, company: str, state: DocumentState) -> int:
    """How many documents of a company are in a state."""
    return int(run(tx, _COUNT_IN, {"company": company, "state": state.value}).scalar_one())


def to_read_back(tx: sa.Connection, company: str, limit: int) -> list[DocumentRow]:
    """What QuickBooks answered it recorded and nobody read back yet, a merchant after the other."""
    found: list[DocumentRow] = []
    for merchant in run(tx, _SHOPS, {"company": company}).scalars():
        rows = run(tx, _TO_READ_BACK, {"merchant": merchant, "limit": limit - len(found)})
        found.extend(_head(row) for row in rows if row.company == company)
        if len(found) >= limit:
            break
    return found


def kinds_there(tx: sa.Connection, company: str) -> list[str]:
    """Kinds of the documents that should be in QuickBooks."""
    return run(tx, _KINDS, {"company": company}).scalars()


def by_txn_ids(tx: sa.Connection, company: str, txn_ids: Iterable[str]) -> dict[str, DocumentRow]:
    """Our documents by TxnID, of those that should be there; of an id that was given twice the newest."""
    found: dict[str, DocumentRow] = {}
    for part in chunks(txn_ids):
        found |= {row.txn_id: _head(row) for row in listed(tx, _BY_TXN_IDS, "ids", part, company=company)}
    return found


def bodies_of(tx: sa.Connection, ids: Iterable[int]) -> dict[int, bytes]:
    """JSON of the named documents."""
    found: dict[int, bytes] = {}
    for part in chunks(ids):
        found |= {row.document_id: row.document for row in listed(tx, _BODIES, "ids", part)}
    return found


def totals_shown(tx: sa.Connection, company: str, keys: Iterable[str]) -> dict[str, int]:
    """Document -> the total QuickBooks told first, in minor units; it may differ from ours by pennies of tax."""
    found: dict[str, int] = {}
    for part in chunks(keys):
        found |= {row.document_key: row.total for row in listed(tx, _TOTALS, "keys", part, company=company)}
    return found
