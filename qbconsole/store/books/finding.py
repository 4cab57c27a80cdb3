"""Finding documents by what people call them, and counting them by state."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState
from qbconsole.store.encoding import maybe_moment
from qbconsole.store.schema import cursors, snapshots
from qbconsole.store.schema import documents as table

_C = table.c
_CALLED = sa.select(_C.merchant, _C.source_id).where(
    sa.or_(
        _C.key == sa.bindparam("text"),
        _C.txn_id == sa.bindparam("text"),
        _C.ref_number == sa.bindparam("text"),
        _C.number.in_(sa.bindparam("names", expanding=True)),
    )
)
_STATES = (
    sa.select(_C.state, sa.func.count()).where(_C.merchant == sa.bindparam("merchant")).group_by(_C.state)
)
_ARRIVED = sa.select(sa.func.max(snapshots.c.arrived_at)).where(
    snapshots.c.merchant == sa.bindparam("merchant")
)
#: The schedule keeps cursors of its own, which no pull moves.
_MOVED = sa.select(sa.func.max(cursors.c.moved_at)).where(
    cursors.c.merchant == sa.bindparam("merchant"), sa.not_(cursors.c.name.startswith("schedule"))
)
_NUMBERS = sa.select(_C.number).where(_C.number != "").distinct().limit(20_000)


def sources_called(tx: sa.Connection, text: str) -> list[tuple[str, str]]:
    """(merchant, source id) of the documents with this key, TxnID, RefNumber or order name."""
    here = {"text": text, "names": [text, f"#{text}"]}
    return sorted({(row.merchant, row.source_id) for row in tx.execute(_CALLED, here)})


def sources_beginning(tx: sa.Connection, start: str) -> list[tuple[str, str]]:
    """(merchant, source id) of documents whose source begins so: "day/2026-03-01"."""
    statement = sa.select(_C.merchant, _C.source_id).where(_C.source_id.startswith(start, autoescape=True))
    return sorted({(row.merchant, row.source_id) for row in tx.execute(statement.distinct())})


def order_names(tx: sa.Connection) -> list[str]:
    """Names of booked orders, for suggestions."""
    return list(tx.execute(_NUMBERS).scalars())


def document_counts(tx: sa.Connection, merchant: str) -> dict[DocumentState, int]:
    """How many documents of a merchant are in each state; states without any are left out."""
    found = tx.execute(_STATES, {"merchant": merchant})
    return {DocumentState(state): count for state, count in found}


def last_pulled(tx: sa.Connection, merchant: str) -> datetime | None:
    """When a pull last brought something or moved a cursor."""
    here = {"merchant": merchant}
    told = [tx.execute(one, here).scalar_one_or_none() for one in (_ARRIVED, _MOVED)]
    return maybe_moment(max((text for text in told if text), default=None))
