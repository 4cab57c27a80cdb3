"""Documents nothing of which is in QuickBooks or on its way, by the revision of the mapping that decided them."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from qbconsole.books.lifecycle import GONE
from qbconsole.store.database.statements import chunks, listed, run
from qbconsole.store.schema import cursors, documents, merchants, requests, snapshot_heads
from qbconsole.store.schema.delivery import BOOKED_ANEW

_D, _R, _H = documents.c, requests.c, snapshot_heads.c
_GONE = (
    sa.select(_R.id)
    .where(
        _R.subject_key == _D.key,
        (_R.doubtful == 1)
        # What was done and is gone again fixes nothing (`RequestRow.is_gone`).
        | (_R.state.in_([state.value for state in sorted(GONE)]) & (_R.status_text != BOOKED_ANEW)),
    )
    .exists()
)
_PLANNED = (_D.merchant == sa.bindparam("merchant"), sa.text("documents.state = 'planned'"))
_REVISIONS = sa.select(_D.mapping_revision).where(*_PLANNED, _D.mapping_revision.is_not(None)).distinct()
_UNDER = (
    sa.select(_D.source_id)
    .where(*_PLANNED, _D.mapping_revision.in_(sa.bindparam("revisions", expanding=True)), ~_GONE)
    .distinct()
)
_UNDECIDE = (
    sa.update(documents)
    .where(_D.key.in_(sa.bindparam("keys", expanding=True)))
    .values(mapping_revision=sa.null())
)
_UNDECIDED = sa.select(_D.key, _D.source_id).where(*_PLANNED, _D.mapping_revision.is_(None))
_ONE_WAITS = (
    sa.select(_H.source_id)
    .where(
        _H.merchant == sa.bindparam("merchant"),
        sa.text("snapshot_heads.to_book = 1"),
        _H.source_id.in_(sa.bindparam("sources", expanding=True)),
    )
    .limit(1)
)
_OTHERWISE = (
    sa.select(merchants.c.id, cursors.c.value)
    .outerjoin(cursors, (cursors.c.merchant == merchants.c.id) & (cursors.c.name == sa.bindparam("name")))
    .where(
        merchants.c.company == sa.bindparam("company"),
        cursors.c.value.is_(None) | (cursors.c.value != sa.bindparam("number")),
    )
    .order_by(merchants.c.id)
)


def revisions_planned(tx: sa.Connection, merchant: str) -> frozenset[int]:
    """Revisions that decided a merchant's planned documents; looks at each of those."""
    return frozenset(run(tx, _REVISIONS, {"merchant": merchant}).scalars())


def sources_unsent(tx: sa.Connection, merchant: str, revisions: Collection[int]) -> set[str]:
    """What the unsent documents that these revisions decided are kept under: "8734", "payout/987", "day/…"."""
    found: set[str] = set()
    for part in chunks(sorted(revisions)):
        found.update(listed(tx, _UNDER, "revisions", part, merchant=merchant).scalars())
    return found


def undecide(tx: sa.Connection, keys: Collection[str]) -> None:
    """No revision decided these any more: planned anew they have one again."""
    for part in chunks(sorted(keys)):
        listed(tx, _UNDECIDE, "keys", part)


def undecided(tx: sa.Connection, merchant: str) -> dict[str, str]:
    """Planned documents without one -> what they are kept under; looks at all that are planned."""
    return {row.key: row.source_id for row in run(tx, _UNDECIDED, {"merchant": merchant})}


def is_to_book(tx: sa.Connection, merchant: str, source_ids: Collection[str]) -> bool:
    """Whether a snapshot of one of these ids waits to be booked."""
    return any(
        listed(tx, _ONE_WAITS, "sources", part, merchant=merchant).first() is not None
        for part in chunks(sorted(source_ids))
    )


def decided_otherwise(tx: sa.Connection, company: str, cursor: str, number: int) -> dict[str, str | None]:
    """Merchants of a company whose cursor of this name is not at a revision, with where it is; None for nowhere."""
    here = {"company": company, "name": cursor, "number": str(number)}
    return {row.id: row.value for row in run(tx, _OTHERWISE, here)}
