"""What has to be decided again whatever the decisions in force say of it, because a buyer in it has to be forgotten.

Its documents lose the revision that decided them, in the commit of the demand; whoever decides them again gives them one.
What no run of `book` could decide again (Shopify does not send the order whole, say) is not sent as it was: its request is
taken back, and the document waits with the hold that says why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.booking.bound import free
from qbconsole.books.holds import Reason
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.store import books, holds, requests, snapshots
from qbconsole.store.books.sources import snapshot_of
from qbconsole.store.books.unsent import is_to_book, undecide, undecided
from qbconsole.store.requests import current
from qbconsole.store.snapshots import SnapshotRow


def decide_again(
    tx: sa.Connection, merchant: str, sources: Iterable[str], *, absent: Collection[str] = ()
) -> set[str]:
    """No decision stands behind what is unsent of these any more; `sources` are what documents are kept under.

    `absent` are keys that left, and that a person proved not to be in QuickBooks. Gives the keys without a decision.
    """
    keys = _open(tx, merchant, sources, absent)
    undecide(tx, keys)
    return keys


def redacted_meanwhile(tx: sa.Connection, merchant: str, rows: Iterable[SnapshotRow]) -> int:
    """One of these snapshots that says less by now than when it was read; 0 while none does."""
    if not current.is_again(tx, merchant):
        return 0
    now = ((row, snapshots.snapshot(tx, row.id)) for row in rows)
    return next((row.id for row, kept in now if kept is not None and kept.raw != row.raw), 0)


def is_decided_again(tx: sa.Connection, merchant: str, company: str, at: datetime) -> bool:
    """Whether `book` went through all of that; what it could not decide again is taken back."""
    kept = undecided(tx, merchant)
    if is_to_book(tx, merchant, {snapshot_of(source)[1] for source in kept.values()}):
        return False
    left = kept.keys() & _open(tx, merchant, set(kept.values()))
    rows = requests.requests_of_documents(tx, sorted(left))
    requests.retire(tx, [row for row in rows if row.state is not RequestState.SUPERSEDED], at=at)
    for key in sorted(left):  # QuickBooks refused what is not asked of it any more
        holds.release_absent(tx, company, key, frozenset(Reason) - {Reason.REFUSED}, at)
    return True


def _open(tx: sa.Connection, merchant: str, sources: Iterable[str], absent: Collection[str] = ()) -> set[str]:
    """Planned documents of these that are decided again: QuickBooks has nothing of them, nor of what they are bound to.

    What is bound to a document that QuickBooks has names its customer, or QuickBooks would refuse it.
    """
    wanted = sorted(set(sources))
    planned = {
        row.key
        for source in wanted
        for row in books.documents(tx, merchant=merchant, source_id=source, states=[DocumentState.PLANNED])
    }
    asked = requests.requests_of_documents(tx, sorted(planned))
    unsent = planned - ({row.document_key for row in asked if row.is_fixed} - set(absent))
    plans = books.plans_of(tx, merchant, wanted)
    return {key for group in plans.values() for key in free(group, unsent)}
