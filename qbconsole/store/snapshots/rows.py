"""What one kept snapshot is, and how it is read from its row."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from qbconsole.store.database.statements import AnyRow
from qbconsole.store.encoding import moment
from qbconsole.store.schema import snapshot_heads, snapshots
from qbconsole.value import Value


class SnapshotRow(Value):
    """One kept snapshot."""

    id: int
    merchant: str
    kind: str
    source_id: str
    revision: int
    name: str
    updated_at: str | None
    arrived_at: datetime
    raw: bytes


HEAD, SNAPSHOT = snapshot_heads.c, snapshots.c
WAITS = sa.text("snapshot_heads.to_book = 1")


def changed_since(since: str) -> sa.ColumnElement[bool]:
    """What the shop gives no time of counts as changed; a source that never changes has the time it was made."""
    return sa.or_(HEAD.updated_at.is_(None), HEAD.updated_at >= since)


def row_of(row: AnyRow) -> SnapshotRow:
    """The value of a row of `snapshots`."""
    return SnapshotRow(
        id=row.id,
        merchant=row.merchant,
        kind=row.kind,
        source_id=row.source_id,
        revision=row.revision,
        name=row.name,
        updated_at=row.updated_at,
        arrived_at=moment(row.arrived_at),
        raw=row.raw,
    )
