"""Snapshots and cursors: what the shop told, kept as it came.

A snapshot is never changed. Each source has one head: the latest snapshot and whether it waits to be booked.
An older updatedAt than the one held is ignored; the same updatedAt with other content is a newer revision
(accounting.md section 13, convention 29). A cursor moves in the commit of the rows it covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from qbconsole.errors import InputUnreadable
from qbconsole.store.database.statements import (
    CHUNK,
    AnyRow,
    chunks,
    listed,
    many,
    new_ids,
    put_rows,
    run,
    touched,
)
from qbconsole.store.encoding import comparable, moment, moment_text
from qbconsole.store.schema import cursors, snapshot_heads, snapshots
from qbconsole.value import Value


class NewSnapshot(Value):
    """One object as it just came."""

    source_id: str
    #: ISO 8601 as the shop wrote it; None where the object has none.
    updated_at: str | None
    raw: bytes
    #: "#1001"
    name: str = ""


class PutResult(Value):
    """What became of the rows of one put."""

    new: int = 0
    changed: int = 0
    same: int = 0
    stale: int = 0

    def __add__(self, other: PutResult) -> PutResult:
        return PutResult(
            new=self.new + other.new,
            changed=self.changed + other.changed,
            same=self.same + other.same,
            stale=self.stale + other.stale,
        )


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


class Found(Value):
    """A source that a text names, without its bytes."""

    snapshot_id: int
    merchant: str
    kind: str
    source_id: str
    name: str
    to_book: bool


_H, _S = snapshot_heads.c, snapshots.c
_INSERT = sa.insert(snapshots)
_HEADS = sa.select(_H.source_id, _H.snapshot_id, _H.revision, _H.updated_at).where(
    _H.merchant == sa.bindparam("merchant"),
    _H.kind == sa.bindparam("kind"),
    _H.source_id.in_(sa.bindparam("sources", expanding=True)),
)
_RAW = sa.select(_S.id, _S.raw).where(_S.id.in_(sa.bindparam("ids", expanding=True)))
_TO_BOOK = sa.text("snapshot_heads.to_book = 1")
_WAITING = (
    sa.select(snapshots)
    .join_from(snapshot_heads, snapshots, _S.id == _H.snapshot_id)
    .where(
        _H.merchant == sa.bindparam("merchant"),
        _H.kind == sa.bindparam("kind"),
        _H.snapshot_id > sa.bindparam("after"),
        _TO_BOOK,
    )
    .order_by(_H.snapshot_id)
    .limit(sa.bindparam("limit"))
)
_STILL = sa.select(_H.snapshot_id).where(
    _H.merchant == sa.bindparam("merchant"),
    _H.kind == sa.bindparam("kind"),
    _H.snapshot_id.in_(sa.bindparam("ids", expanding=True)),
    _TO_BOOK,
)
_SOURCES = sa.select(_S.id, _S.source_id, _S.merchant, _S.kind).where(
    _S.id.in_(sa.bindparam("ids", expanding=True))
)
_BOOKED = (
    sa.update(snapshot_heads)
    .where(
        _H.source_id == sa.bindparam("the_source"),
        _H.merchant == sa.bindparam("the_merchant"),
        _H.kind == sa.bindparam("the_kind"),
        _H.snapshot_id == sa.bindparam("the_snapshot"),
    )
    .values(to_book=0, booked_revision=sa.bindparam("revision"))
)
_WANT = (
    sa.update(snapshot_heads)
    .where(_H.merchant == sa.bindparam("the_merchant"), _H.kind == sa.bindparam("the_kind"))
    .values(to_book=1)
)
_WANT_ONE = _WANT.where(_H.source_id == sa.bindparam("the_source"))
_LATEST = (
    sa.select(snapshots)
    .join_from(snapshot_heads, snapshots, _S.id == _H.snapshot_id)
    .where(
        _H.merchant == sa.bindparam("merchant"),
        _H.kind == sa.bindparam("kind"),
        _H.source_id == sa.bindparam("source_id"),
    )
)
_LATEST_OF = (
    sa.select(snapshots)
    .join_from(snapshot_heads, snapshots, _S.id == _H.snapshot_id)
    .where(
        _H.merchant == sa.bindparam("merchant"),
        _H.kind == sa.bindparam("kind"),
        _H.source_id > sa.bindparam("after"),
    )
    .order_by(_H.source_id)
)
_SOME_OF = _LATEST_OF.limit(sa.bindparam("limit"))
_NAMES, _UPDATED = (
    sa.select(_H.source_id, column).where(
        _H.merchant == sa.bindparam("merchant"),
        _H.kind == sa.bindparam("kind"),
        _H.source_id.in_(sa.bindparam("sources", expanding=True)),
    )
    for column in (_H.name, _H.updated_at)
)
_CURSOR = sa.select(cursors.c.value).where(
    cursors.c.merchant == sa.bindparam("merchant"), cursors.c.name == sa.bindparam("name")
)


@dataclass(slots=True, kw_only=True)
class _Head:
    """A source's head while one put goes over it."""

    snapshot_id: int | None
    revision: int
    updated_at: str | None
    name: str = ""
    #: Its bytes, read only where updatedAt does not tell.
    raw: bytes | None = None
    moved: bool = False


def put(tx: sa.Connection, merchant: str, kind: str, rows: Sequence[NewSnapshot], at: datetime) -> PutResult:
    """Keep what is new or changed; a new latest waits to be booked. Raises InputUnreadable on a bad updatedAt."""
    result = PutResult()
    for part in chunks(rows, CHUNK):
        result = result + _put_part(tx, merchant, kind, part, moment_text(at))
    return result


def _put_part(tx: sa.Connection, merchant: str, kind: str, rows: list[NewSnapshot], at: str) -> PutResult:
    sources = list({row.source_id for row in rows})
    heads = {
        found.source_id: _Head(
            snapshot_id=found.snapshot_id,
            revision=found.revision,
            updated_at=found.updated_at,
        )
        for found in listed(tx, _HEADS, "sources", sources, merchant=merchant, kind=kind)
    }
    updates = [_updated(row) for row in rows]
    _read_undecided(tx, heads, rows, updates)
    counts = {"new": 0, "changed": 0, "same": 0, "stale": 0}
    fresh: list[dict[str, Any]] = []
    for row, updated, number in zip(rows, updates, new_ids(tx, snapshots, len(rows)), strict=True):
        outcome, previous = _take(heads, row, updated)
        counts[outcome] += 1
        if outcome in ("new", "changed"):
            head = heads[row.source_id]
            head.snapshot_id, head.moved = number, True
            fresh.append(_snapshot(number, previous, merchant, kind, row, head, at))
    many(tx, _INSERT, fresh)
    _put_heads(tx, merchant, kind, heads)
    return PutResult(**counts)


def _read_undecided(
    tx: sa.Connection, heads: dict[str, _Head], rows: list[NewSnapshot], updates: list[str | None]
) -> None:
    """Read the bytes of heads that a row with the same, or no, updatedAt is compared with."""
    undecided = {
        head.snapshot_id: head
        for row, updated in zip(rows, updates, strict=True)
        if (head := heads.get(row.source_id)) is not None
        and (updated is None or head.updated_at is None or updated == head.updated_at)
    }
    if undecided:
        for found in listed(tx, _RAW, "ids", list(undecided)):
            undecided[found.id].raw = found.raw


def _take(heads: dict[str, _Head], row: NewSnapshot, updated: str | None) -> tuple[str, int | None]:
    """Decide what a row is against its head and move the head; gives the outcome and the id before."""
    head = heads.get(row.source_id)
    if head is None:
        heads[row.source_id] = _Head(
            snapshot_id=None, revision=1, updated_at=updated, name=row.name, raw=row.raw
        )
        return "new", None
    if updated is not None and head.updated_at is not None and updated < head.updated_at:
        return "stale", None
    if row.raw == head.raw:
        return "same", None
    head.revision, head.updated_at = head.revision + 1, updated or head.updated_at
    head.raw, head.name = row.raw, row.name
    return "changed", head.snapshot_id


def _updated(row: NewSnapshot) -> str | None:
    try:
        return comparable(row.updated_at)
    except ValueError as cause:
        raise InputUnreadable(f"updatedAt is no time: {row.updated_at!r}", where=row.source_id) from cause


def _snapshot(
    number: int, previous: int | None, merchant: str, kind: str, row: NewSnapshot, head: _Head, at: str
) -> dict[str, Any]:
    return {
        "id": number,
        "merchant": merchant,
        "kind": kind,
        "source_id": row.source_id,
        "revision": head.revision,
        "previous_id": previous,
        "updated_at": head.updated_at,
        "name": row.name,
        "arrived_at": at,
        "raw": row.raw,
    }


def _put_heads(tx: sa.Connection, merchant: str, kind: str, heads: dict[str, _Head]) -> None:
    rows = [
        {
            "source_id": source_id,
            "merchant": merchant,
            "kind": kind,
            "snapshot_id": head.snapshot_id,
            "revision": head.revision,
            "updated_at": head.updated_at,
            "name": head.name,
            "to_book": 1,
        }
        # In one order, here and where they are booked: whoever changes several waits for nobody who waits for it.
        for source_id, head in sorted(heads.items())
        if head.moved
    ]
    put_rows(tx, snapshot_heads, ("source_id", "merchant", "kind"), rows)


def to_book(tx: sa.Connection, merchant: str, kind: str, *, after: int = 0, limit: int) -> list[SnapshotRow]:
    """Latest snapshots that wait to be booked, by id, beyond `after`."""
    found = run(tx, _WAITING, {"merchant": merchant, "kind": kind, "after": after, "limit": limit})
    return [_row(row) for row in found]


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


def latest(tx: sa.Connection, merchant: str, kind: str, source_id: str) -> SnapshotRow | None:
    """The newest snapshot of a source."""
    row = run(tx, _LATEST, {"merchant": merchant, "kind": kind, "source_id": source_id}).one_or_none()
    return None if row is None else _row(row)


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
        return [_row(row) for row in run(tx, _SOME_OF, here | {"limit": limit})]
    statement = _LATEST_OF.limit(limit)
    if until is not None:
        statement = statement.where(_H.source_id <= until)
    if since is not None:
        statement = statement.where(_changed_since(since))
    return [_row(row) for row in tx.execute(statement, here)]


def source_ids(tx: sa.Connection, merchant: str, kind: str, *, since: str | None = None) -> list[str]:
    """All sources of a kind, booked or not, by id; `since`: changed from then on."""
    statement = sa.select(_H.source_id).where(_H.merchant == merchant, _H.kind == kind)
    if since is not None:
        statement = statement.where(_changed_since(since))
    return list(tx.execute(statement.order_by(_H.source_id)).scalars())


def _changed_since(since: str) -> sa.ColumnElement[bool]:
    """What the shop gives no time of counts as changed; a source that never changes has the time it was made."""
    return sa.or_(_H.updated_at.is_(None), _H.updated_at >= since)


def waiting_ids(tx: sa.Connection, merchant: str, kind: str) -> set[str]:
    """Sources that wait to be booked."""
    statement = sa.select(_H.source_id).where(_H.merchant == merchant, _H.kind == kind, _TO_BOOK)
    return set(tx.execute(statement).scalars())


def snapshot(tx: sa.Connection, snapshot_id: int) -> SnapshotRow | None:
    """One snapshot, whether it is the latest or not."""
    row = tx.execute(sa.select(snapshots).where(_S.id == snapshot_id)).one_or_none()
    return None if row is None else _row(row)


def history(tx: sa.Connection, merchant: str, kind: str, source_id: str) -> list[SnapshotRow]:
    """All revisions of a source, the newest first."""
    row = run(tx, _LATEST, {"merchant": merchant, "kind": kind, "source_id": source_id}).one_or_none()
    found: list[SnapshotRow] = []
    while row is not None:
        found.append(_row(row))
        row = (
            None
            if row.previous_id is None
            else tx.execute(sa.select(snapshots).where(_S.id == row.previous_id)).one()
        )
    return found


def redact(tx: sa.Connection, snapshot_id: int, raw: bytes) -> None:
    """Put bytes without personal data in a snapshot's place: the one change a snapshot ever sees."""
    tx.execute(sa.update(snapshots).where(_S.id == snapshot_id).values(raw=raw))


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
        sa.select(_H.snapshot_id, _H.merchant, _H.kind, _H.source_id, _H.name, _H.to_book)
        .where(sa.or_(_H.source_id == last, _H.name.in_((wanted, f"#{wanted}"))))
        .order_by(_H.merchant, _H.kind, _H.source_id)
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
    return int(tx.execute(statement.where(_changed_since(since)), here).scalar_one())


@cache
def _counted(*, of_kind: bool, waiting: bool) -> sa.Select[int]:
    """Built once: a pull and a run of book count a dozen kinds each."""
    statement = (
        sa.select(sa.func.count()).select_from(snapshot_heads).where(_H.merchant == sa.bindparam("merchant"))
    )
    if of_kind:
        statement = statement.where(_H.kind == sa.bindparam("kind"))
    return statement.where(_TO_BOOK) if waiting else statement


def _row(row: AnyRow) -> SnapshotRow:
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


def get_cursor(tx: sa.Connection, merchant: str, name: str) -> str | None:
    """Where the last pull stopped."""
    return run(tx, _CURSOR, {"merchant": merchant, "name": name}).scalar_one_or_none()  # type: ignore[no-any-return]


def set_cursor(tx: sa.Connection, merchant: str, name: str, value: str, at: datetime) -> None:
    """Move a cursor; in the commit of the rows it covers."""
    row = {"merchant": merchant, "name": name, "value": value, "moved_at": moment_text(at)}
    put_rows(tx, cursors, ("merchant", "name"), [row])
