"""Which latest snapshots wait to be booked, and which are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import sqlalchemy as sa

from qbconsole.store.database.statements import chunks, listed, many, run, touched
from qbconsole.store.schema import snapshot_heads, snapshots
from qbconsole.store.snapshots.rows import HEAD, SNAPSHOT, WAITS, SnapshotRow, changed_since, row_of

_WAITING = (
    sa.select(snapshots)
    .join_from(snapshot_heads, snapshots, SNAPSHOT.id == HEAD.snapshot_id)
    .where(
        HEAD.merchant == sa.bindparam("merchant"),
        HEAD.kind == sa.bindparam("kind"),
        HEAD.snapshot_id > sa.bindparam("after"),
        WAITS,
    )
    .order_by(HEAD.snapshot_id)
    .limit(sa.bindparam("limit"))
)
_STILL = sa.select(HEAD.snapshot_id).where(
    HEAD.merchant == sa.bindparam("merchant"),
    HEAD.kind == sa.bindparam("kind"),
    HEAD.snapshot_id.in_(sa.bindparam("ids", expanding=True)),
    WAITS,
)
_SOURCES = sa.select(SNAPSHOT.id, SNAPSHOT.source_id, SNAPSHOT.merchant, SNAPSHOT.kind).where(
    SNAPSHOT.id.in_(sa.bindparam("ids", expanding=True))
)
_BOOKED = (
    sa.update(snapshot_heads)
    .where(
        HEAD.source_id == sa.bindparam("the_source"),
        HEAD.merchant == sa.bindparam("the_merchant"),
        HEAD.kind == sa.bindparam("the_kind"),
        HEAD.snapshot_id == sa.bindparam("the_snapshot"),
    )
    .values(to_book=0, booked_revision=sa.bindparam("revision"))
)
_WANT = (
    sa.update(snapshot_heads)
    .where(HEAD.merchant == sa.bindparam("the_merchant"), HEAD.kind == sa.bindparam("the_kind"))
    .values(to_book=1)
)
_WANT_ONE = _WANT.where(HEAD.source_id == sa.bindparam("the_source"))


def to_book(tx: sa.Connection, merchant: str, kind: str, *, after: int = 0, limit: int) -> list[SnapshotRow]:
    """Latest snapshots that wait to be booked, by id, beyond `after`."""
    found = run(tx, _WAITING, {"merchant": merchant, "kind": kind, "after": after, "limit": limit})
    return [row_of(row) for row in found]


def still_to_book(tx: sa.Connection, merchant: str, kind: str, ids: Iterable[int]) -> set[int]:
    """Which of these snapshots still are the latest of their source, and still wait to be booked."""
    found: set[int] = set()
    for part in chunks(ids):
        found.update(listed(tx, _STILL, "ids", part, merchant=merchant, kind=kind).scalars())
    return found


def mark_booked(tx: sa.Connection, ids: Iterable[int], revision_id: int | None) -> None:
    """These snapshots are booked under a mapping revision; a source with a newer one still waits."""
    for part in chunks(ids):
        rows = [
            {
                "the_snapshot": row.id,
                "the_source": row.source_id,
                "the_merchant": row.merchant,
                "the_kind": row.kind,
                "revision": revision_id,
            }
            for row in listed(tx, _SOURCES, "ids", part)
        ]
        many(tx, _BOOKED, sorted(rows, key=lambda row: str(row["the_source"])))


def want_booking(tx: sa.Connection, merchant: str, kind: str, source_ids: Iterable[str] | None = None) -> int:
    """Book these sources (all, when None) again at the next run; gives how many."""
    values = {"the_merchant": merchant, "the_kind": kind}
    if source_ids is None:
        return touched(tx, _WANT, values)
    return many(tx, _WANT_ONE, [values | {"the_source": source} for source in source_ids])


def waiting_ids(tx: sa.Connection, merchant: str, kind: str) -> set[str]:
    """Sources that wait to be booked."""
    statement = sa.select(HEAD.source_id).where(HEAD.merchant == merchant, HEAD.kind == kind, WAITS)
    return set(tx.execute(statement).scalars())


def count(
    tx: sa.Connection,
    merchant: str,
    kind: str | None = None,
    *,
    waiting: bool = False,
    since: str | None = None,
) -> int:
    """How many sources are held, or how many of them wait to be booked, or changed since."""
    statement, here = _counted(of_kind=kind is not None, waiting=waiting), {"merchant": merchant}
    if kind is not None:
        here["kind"] = kind
    if since is None:
        return int(run(tx, statement, here).scalar_one())
    return int(tx.execute(statement.where(changed_since(since)), here).scalar_one())


@cache
def _counted(*, of_kind: bool, waiting: bool) -> sa.Select[int]:
    """Built once: a pull and a run of book count a dozen kinds each."""
    statement = (
        sa.select(sa.func.count())
        .select_from(snapshot_heads)
        .where(HEAD.merchant == sa.bindparam("merchant"))
    )
    if of_kind:
        statement = statement.where(HEAD.kind == sa.bindparam("kind"))
    return statement.where(WAITS) if waiting else statement
