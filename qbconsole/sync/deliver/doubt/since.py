"""Since: the first moment at which what is in doubt could have been in QuickBooks; what was deleted before was another's.

What we sent was there no sooner than it left. Where our database went back, or may have gone back to the middle of a
session that broke off, what it lost left since the last that it knows. What never left as far as we know was never there:
that a marker nobody heard of may hide an older database is no more than a suspicion (`phases.identify`), and a number alone
proves nothing. Source: reliability.md F43 and F34.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from qbconsole.company.bearings import Bearings
from qbconsole.company.documents import DeletedDocument
from qbconsole.store import books, parties
from qbconsole.store.requests import RequestRow
from qbconsole.sync.deliver.met import bearings

#: QuickBooks' clock is its PC's, ours is UTC, and its DST is wrong: looks overlap by more than all of that.
OVERLAP = timedelta(days=2)
#: So long QuickBooks tells of a deletion.
REACH = timedelta(days=90)


def could_be_there(
    tx: sa.Connection, company: str, rows: Iterable[RequestRow], ours: Mapping[str, books.DocumentRow]
) -> dict[int, datetime]:
    """Request -> since when its document could have been in QuickBooks; without those of which nothing says so.

    What an operator had posted again after it was deleted is not among them. `ours` are their documents by key.
    """
    left, epoch = bearings(tx, company), parties.epoch(tx, company)
    found = {}
    for row in rows:
        one = ours.get(row.document_key or "")
        if one is None or row.round:
            continue
        moments = []
        if row.message_set:
            # Of what was tried before only the last time is known.
            moments.append(row.made_at if row.attempt else row.sent_at or row.made_at)
        if row.epoch < epoch and _may_be_lost(left, one):
            moments.append(datetime.fromisoformat(left.lost_since))
        if moments:
            found[row.id] = min(moments)
    return found


def _may_be_lost(left: Bearings, one: books.DocumentRow) -> bool:
    """Whether it may have left in what our database lost when it went back."""
    return bool(left.lost_since) and one.txn_date.isoformat() <= left.lost_until


def asked_from(moments: Iterable[datetime], at: datetime) -> datetime | None:
    """From when on deletions are asked for; None where none of them would tell anything."""
    first = min(moments, default=None)
    return None if first is None else max(first - OVERLAP, at - REACH)


def may_be_ours(told: DeletedDocument, since: datetime) -> bool:
    """Whether it was neither made nor deleted before ours could be there; what QuickBooks does not tell may be."""
    return all(
        moment is None or moment >= since - OVERLAP
        for moment in (_moment(told.time_created), _moment(told.time_deleted))
    )


def _moment(text: str) -> datetime | None:
    """A moment of QuickBooks', which may have no offset: `OVERLAP` is longer than any."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)
