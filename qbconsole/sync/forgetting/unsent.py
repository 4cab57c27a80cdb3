"""What is booked of a buyer who has to be forgotten, and not sent: it leaves without the name, or not at all.

`book` writes such documents anew from what the shop's records still say; until it has, a session sends nothing of the
merchant, and what could not be written anew by then is taken back (`deciding`). An entry for the buyer in
QuickBooks' list of customers that was not sent either is not wanted any more. What left, and was not heard of since,
keeps its bytes; where a person says later that QuickBooks does not have it, it is written anew all the same. So is what
QuickBooks had and lost, or somebody deleted there, where a person wants it posted once more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import GONE, DocumentState, RequestState
from qbconsole.store import books, holds, requests, snapshots
from qbconsole.store.books.sources import snapshot_of
from qbconsole.store.requests import Purpose, RequestRow
from qbconsole.store.requests.current import forget_superseded, wait_for_book
from qbconsole.store.requests.slots import book_anew
from qbconsole.sync.forgetting.deciding import decide_again
from qbconsole.sync.forgetting.redacting import redacted_since
from qbconsole.sync.keeping import list_key

_CUSTOMER = "customer"


def forget_unsent(
    tx: sa.Connection, merchant: str, company: str, sources: Iterable[tuple[str, str]], at: datetime
) -> int:
    """Have unsent documents of these snapshots decided again before anything is sent; gives how many there are."""
    requests.lock(tx, company)  # what `book` is keeping just now is seen here, or sees this
    wanted = set(sources)
    planned = [row for row in _planned(tx, merchant) if snapshot_of(row.source_id) in wanted]
    _nobody_waits(tx, merchant, company, at)
    if _waits(tx, merchant, wanted):
        wait_for_book(tx, merchant, at)  # who decides them just now has read them as they were
    if not planned:
        return 0
    asked = requests.requests_of_documents(tx, [one.key for one in planned])
    names = {need.name for row in asked for need in requests.waiting_on(tx, row.id) if need.kind == _CUSTOMER}
    absent = _wanted_once_more(asked)
    anew = decide_again(tx, merchant, {row.source_id for row in planned}, absent=absent)
    _begin_anew(tx, anew & absent, at)
    again = {(merchant, *snapshot_of(row.source_id)) for row in planned}
    again |= _also_named(tx, company, _taken_back(tx, company, names, at))
    for one, kind, source_id in sorted(again):
        snapshots.want_booking(tx, one, kind, [source_id])
    for one in sorted({one for one, _, _ in again}):
        wait_for_book(tx, one, at)
    return len(planned)


def forget_absent(
    tx: sa.Connection, merchant: str, rows: Sequence[RequestRow], at: datetime
) -> frozenset[int]:
    """Requests that left, and by a person's word in vain: those of a buyer forgotten since are taken back.

    Ready ones, or such that QuickBooks did and has no more. `book` writes their documents anew, as it does what never
    left. Gives the ids of those that are taken back.
    """
    named = _named(tx, merchant, rows)
    keys = {row.document_key for row in named if row.document_key}
    anew = decide_again(tx, merchant, _sources(tx, keys), absent=keys) & keys
    if not anew:
        return frozenset()
    _begin_anew(tx, anew, at)
    for kind, source_id in sorted(map(snapshot_of, _sources(tx, anew))):
        snapshots.want_booking(tx, merchant, kind, [source_id])
    wait_for_book(tx, merchant, at)
    return frozenset(row.id for row in named if row.document_key in anew)


def _wanted_once_more(rows: Iterable[RequestRow]) -> set[str]:
    """Of planned documents' requests: which documents QuickBooks had, and nothing of them is on its way again."""
    fixed = [row for row in rows if row.is_fixed]
    flying = {row.document_key for row in fixed if row.state is not RequestState.ANSWERED}
    return {row.document_key for row in fixed if row.document_key} - flying


def _begin_anew(tx: sa.Connection, keys: Collection[str], at: datetime) -> None:
    """All that was asked for these is over: QuickBooks has nothing of it, or no more."""
    rows = requests.requests_of_documents(tx, sorted(keys))
    done = [row for row in rows if row.state is RequestState.ANSWERED and not row.is_gone]
    for row in done:
        book_anew(tx, row.id)
    over = (RequestState.SUPERSEDED, RequestState.ANSWERED)
    requests.retire(tx, [row for row in rows if row.state not in over], at=at)


def forget_ignored(tx: sa.Connection, merchant: str, rows: Sequence[RequestRow]) -> None:
    """Superseded for good: what names a buyer forgotten since is dropped, unless it left the house."""
    if _named(tx, merchant, rows):
        forget_superseded(tx, merchant)


def _named(tx: sa.Connection, merchant: str, rows: Iterable[RequestRow]) -> list[RequestRow]:
    """Those written before somebody in them had to be forgotten."""
    rows = [row for row in rows if row.document_key]
    keys = {row.document_key or "" for row in rows}
    source = {row.key: snapshot_of(row.source_id) for row in _documents(tx, keys)}
    written = _written(tx, keys)
    return [
        row
        for row in rows
        if row.document_key in source
        and redacted_since(
            tx,
            merchant,
            *source[row.document_key],
            min(row.made_at, written.get(row.document_key, row.made_at)),
        )
    ]


def _written(tx: sa.Connection, keys: Collection[str]) -> dict[str, datetime]:
    """Document -> when what is asked of QuickBooks for it was written: what is posted once more repeats those bytes."""
    found: dict[str, datetime] = {}
    for row in requests.requests_of_documents(tx, sorted(keys)):
        if row.document_key and row.state is not RequestState.SUPERSEDED and not row.is_gone:
            found.setdefault(row.document_key, row.made_at)
    return found


def _sources(tx: sa.Connection, keys: Collection[str]) -> set[str]:
    return {row.source_id for row in _documents(tx, keys)}


def _documents(tx: sa.Connection, keys: Collection[str]) -> list[books.DocumentRow]:
    return books.documents(tx, keys=sorted(keys), limit=len(keys)) if keys else []


def _waits(tx: sa.Connection, merchant: str, sources: set[tuple[str, str]]) -> bool:
    kinds = {kind for kind, _ in sources}
    return any((kind, one) in sources for kind in kinds for one in snapshots.waiting_ids(tx, merchant, kind))


def _planned(tx: sa.Connection, merchant: str) -> list[books.DocumentRow]:
    return books.documents(tx, merchant=merchant, states=[DocumentState.PLANNED], limit=10_000_000)


def _taken_back(tx: sa.Connection, company: str, names: Iterable[str], at: datetime) -> set[str]:
    """Entries of these names that QuickBooks has nothing of are not asked for any more; gives their names."""
    keys = {list_key(_CUSTOMER, name): name for name in names}
    standing = requests.standing(tx, company, Purpose.LIST_ADD, keys)
    rows = [
        row
        for row in requests.requests_by_id(tx, standing.values())
        if row.state not in GONE and not row.doubtful
    ]
    _retire(tx, company, rows, at)
    return {keys[row.subject_key] for row in rows}


def _nobody_waits(tx: sa.Connection, merchant: str, company: str, at: datetime) -> None:
    """Entries that no request names are not asked for any more: whose they are, nothing kept tells.

    They were wanted by what is held (a broken template wrote no request of it), or by a name the buyer had before. What
    is held is decided again by each run of `book`, and asks for those anew that it needs still.
    """
    rows = {row.subject_key: row for row in requests.unsent_entries(tx, company, merchant, _CUSTOMER)}
    names = {(_CUSTOMER, key.partition("/")[2]) for key in rows}
    gone = requests.nobody_waits_for(tx, company, names)
    _retire(tx, company, [rows[list_key(*name)] for name in sorted(gone)], at)


def _retire(tx: sa.Connection, company: str, rows: Sequence[RequestRow], at: datetime) -> None:
    requests.retire(tx, rows, at=at)
    for row in rows:  # what QuickBooks refused, the name in use there say, waits for nobody any more
        holds.release_absent(tx, company, row.subject_key, set(), at)


def _also_named(tx: sa.Connection, company: str, names: set[str]) -> set[tuple[str, str, str]]:
    """What else waits for such an entry, of another buyer of that name: decided again it asks for it anew."""
    needing = requests.documents_needing(tx, company, _CUSTOMER) if names else {}
    keys = {key for name in names for key, _ in needing.get(name, ())}
    rows = books.documents(tx, keys=keys, limit=len(keys)) if keys else ()
    return {(row.merchant, *snapshot_of(row.source_id)) for row in rows}
