"""Look snapshots up: the latest of a source or a kind, all revisions of one, what a text names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from qbconsole.store.database.statements import CHUNK, chunks, listed, run
from qbconsole.store.schema import snapshot_heads, snapshots
from qbconsole.store.snapshots.rows import HEAD, SNAPSHOT, SnapshotRow, changed_since, row_of
from qbconsole.value import Value


class Found(Value):
    """A source that a text names, without its bytes."""

    snapshot_id: int
    merchant: str
    kind: str
    source_id: str
    name: str
    to_book: bool


_LATEST = (
    sa.select(snapshots)
    .join_from(snapshot_heads, snapshots, SNAPSHOT.id == HEAD.snapshot_id)
    .where(
        HEAD.merchant == sa.bindparam("merchant"),
        HEAD.kind == sa.bindparam("kind"),
        HEAD.source_id == sa.bindparam("source_id"),
    )
)
_LATEST_OF = (
    sa.select(snapshots)
    .join_from(snapshot_heads, snapshots, SNAPSHOT.id == HEAD.snapshot_id)
    .where(
        HEAD.merchant == sa.bindparam("merchant"),
        HEAD.kind == sa.bindparam("kind"),
        HEAD.source_id > sa.bindparam("after"),
    )
    .order_by(HEAD.source_id)
)
_SOME_OF = _LATEST_OF.limit(sa.bindparam("limit"))
_NAMES, _UPDATED = (
    sa.select(HEAD.source_id, column).where(
        HEAD.merchant == sa.bindparam("merchant"),
        HEAD.kind == sa.bindparam("kind"),
        HEAD.source_id.in_(sa.bindparam("sources", expanding=True)),
    )
    for column in (HEAD.name, HEAD.updated_at)
)


def latest(tx: sa.Connection, merchant: str, kind: str, source_id: str) -> SnapshotRow | None:
    """The newest snapshot of a source."""
    row = run(tx, _LATEST, {"merchant": merchant, "kind": kind, "source_id": source_id}).one_or_none()
    return None if row is None else row_of(row)


def latest_of(
    tx: sa.Connection,
    merchant: str,
    kind: str,
    *,
    after: str = "",
    until: str | None = None,
    limit: int | None = CHUNK,
    since: str | None = None,
) -> list[SnapshotRow]:
    """The newest snapshots of a kind, booked or not, by source id beyond `after`; `since`: changed from then on.

    `until`: the last source id that is wanted.
    """
    here: dict[str, Any] = {"merchant": merchant, "kind": kind, "after": after}
    if limit is not None and until is None and since is None:
        return [row_of(row) for row in run(tx, _SOME_OF, here | {"limit": limit})]
    statement = _LATEST_OF.limit(limit)
    if until is not None:
        statement = statement.where(HEAD.source_id <= until)
    if since is not None:
        statement = statement.where(changed_since(since))
    return [row_of(row) for row in tx.execute(statement, here)]


def source_ids(tx: sa.Connection, merchant: str, kind: str, *, since: str | None = None) -> list[str]:
    """All sources of a kind, booked or not, by id; `since`: changed from then on."""
    statement = sa.select(HEAD.source_id).where(HEAD.merchant == merchant, HEAD.kind == kind)
    if since is not None:
        statement = statement.where(changed_since(since))
    return list(tx.execute(statement.order_by(HEAD.source_id)).scalars())


def snapshot(tx: sa.Connection, snapshot_id: int) -> SnapshotRow | None:
    """One snapshot, whether it is the latest or not."""
    row = tx.execute(sa.select(snapshots).where(SNAPSHOT.id == snapshot_id)).one_or_none()
    return None if row is None else row_of(row)


def history(tx: sa.Connection, merchant: str, kind: str, source_id: str) -> list[SnapshotRow]:
    """All revisions of a source, the newest first."""
    row = run(tx, _LATEST, {"merchant": merchant, "kind": kind, "source_id": source_id}).one_or_none()
    found: list[SnapshotRow] = []
    while row is not None:
        found.append(row_of(row))
        row = (
            None
            if row.previous_id is None
            else tx.execute(sa.select(snapshots).where(SNAPSHOT.id == row.previous_id)).one()
        )
    return found


def names_of(tx: sa.Connection, merchant: str, kind: str, source_ids: Iterable[str]) -> dict[str, str]:
    """Source id -> what people call it."""
    found: dict[str, str] = {}
    for part in chunks(source_ids):
        rows = listed(tx, _NAMES, "sources", part, merchant=merchant, kind=kind)
        found |= {row.source_id: row.name for row in rows}
    return found


def updated_of(
    tx: sa.Connection, merchant: str, kind: str, source_ids: Iterable[str]
) -> dict[str, str | None]:
    """Source id -> when its latest snapshot changed, comparable as text; only of those that are held."""
    found: dict[str, str | None] = {}
    for part in chunks(source_ids):
        rows = listed(tx, _UPDATED, "sources", part, merchant=merchant, kind=kind)
        found |= {row.source_id: row.updated_at for row in rows}
    return found


def find(tx: sa.Connection, text: str) -> list[Found]:
    """Sources that a text names: an id, a global id (gid://shopify/Order/1), a name with or without its #."""
    wanted = text.strip()
    last = wanted.rpartition("/")[2].partition("?")[0] if wanted.startswith("gid://") else wanted
    statement = (
        sa.select(HEAD.snapshot_id, HEAD.merchant, HEAD.kind, HEAD.source_id, HEAD.name, HEAD.to_book)
        .where(sa.or_(HEAD.source_id == last, HEAD.name.in_((wanted, f"#{wanted}"))))
        .order_by(HEAD.merchant, HEAD.kind, HEAD.source_id)
    )
    return [
        Found(
            snapshot_id=row.snapshot_id,
            merchant=row.merchant,
            kind=row.kind,
            source_id=row.source_id,
            name=row.name,
            to_book=bool(row.to_book),
        )
        for row in tx.execute(statement)
    ]
