"""Keep what the shop told as it came: new, changed, the same, or older than what is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qbconsole.errors import InputUnreadable
from qbconsole.store.database.statements import CHUNK, chunks, listed, many, new_ids, put_rows
from qbconsole.store.encoding import comparable, moment_text
from qbconsole.store.schema import snapshot_heads, snapshots
from qbconsole.store.snapshots.rows import HEAD, SNAPSHOT
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


_INSERT = sa.insert(snapshots)
_HEADS = sa.select(HEAD.source_id, HEAD.snapshot_id, HEAD.revision, HEAD.updated_at).where(
    HEAD.merchant == sa.bindparam("merchant"),
    HEAD.kind == sa.bindparam("kind"),
    HEAD.source_id.in_(sa.bindparam("sources", expanding=True)),
)
_RAW = sa.select(SNAPSHOT.id, SNAPSHOT.raw).where(SNAPSHOT.id.in_(sa.bindparam("ids", expanding=True)))


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


def redact(tx: sa.Connection, snapshot_id: int, raw: bytes) -> None:
    """Put bytes without personal data in a snapshot's place: the one change a snapshot ever sees."""
    tx.execute(sa.update(snapshots).where(SNAPSHOT.id == snapshot_id).values(raw=raw))
