"""What is booked of a buyer who has to be forgotten, and not sent: it leaves without the name, or not at all.

`book` writes such documents anew from what the shop's records still say; until it has, a session sends nothing of the
merchant, and what could not be written anew by then is taken back (`revising.forgetting`). An entry for the buyer in
QuickBooks' list of customers that was not sent either is not wanted any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import GONE, DocumentState
from qbconsole.store import books, holds, requests, snapshots
from qbconsole.store.books.sources import snapshot_of
from qbconsole.store.requests import Purpose, RequestRow
from qbconsole.store.requests.current import wait_for_book
from qbconsole.sync.keeping import list_key
from qbconsole.sync.revising.forgetting import decide_again

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
    decide_again(tx, merchant, {row.source_id for row in planned})
    names = {
        need.name
        for row in requests.requests_of_documents(tx, [one.key for one in planned])
        for need in requests.waiting_on(tx, row.id)
        if need.kind == _CUSTOMER
    }
    again = {(merchant, *snapshot_of(row.source_id)) for row in planned}
    again |= _also_named(tx, company, _taken_back(tx, company, names, at))
    for one, kind, source_id in sorted(again):
        snapshots.want_booking(tx, one, kind, [source_id])
    for one in sorted({one for one, _, _ in again}):
        wait_for_book(tx, one, at)
    return len(planned)


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
