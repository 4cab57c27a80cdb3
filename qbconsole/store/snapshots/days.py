"""On which day an order was placed, read from what is kept of it: for lists of many, so nothing else is read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa

from qbconsole.store.database.statements import chunks, listed
from qbconsole.store.snapshots.rows import HEAD, SNAPSHOT

_HEADS = sa.select(HEAD.source_id, HEAD.snapshot_id).where(
    HEAD.merchant == sa.bindparam("merchant"),
    HEAD.kind == "order",
    HEAD.source_id.in_(sa.bindparam("sources", expanding=True)),
)
_RAWS = sa.select(SNAPSHOT.id, SNAPSHOT.raw).where(SNAPSHOT.id.in_(sa.bindparam("ids", expanding=True)))
#: What was read once a database: a snapshot never changes, and a console asks again every few seconds.
_READ: WeakKeyDictionary[sa.Engine, dict[int, date | None]] = WeakKeyDictionary()


class _Placed(msgspec.Struct):
    processedAt: str | None = None  # noqa: N815  as Shopify names it
    createdAt: str | None = None  # noqa: N815


_PLACED = msgspec.json.Decoder(_Placed)


def order_days(tx: sa.Connection, merchant: str, source_ids: Iterable[str]) -> dict[str, date]:
    """Order id -> the day it was placed, as Shopify writes it; orders that tell none, or are not kept, are left out."""
    read = _READ.setdefault(tx.engine, {})
    found: dict[str, date] = {}
    for part in chunks(sorted(set(source_ids))):
        heads = [
            (row.source_id, row.snapshot_id) for row in listed(tx, _HEADS, "sources", part, merchant=merchant)
        ]
        unread = [number for _, number in heads if number not in read]
        if unread:
            read |= {row.id: _placed(row.raw) for row in listed(tx, _RAWS, "ids", unread)}
        found |= {source: day for source, number in heads if (day := read.get(number)) is not None}
    return found


def _placed(raw: bytes) -> date | None:
    """None where it cannot be told: showing never fails over what a shop wrote."""
    try:
        placed = _PLACED.decode(raw)
        return date.fromisoformat((placed.processedAt or placed.createdAt or "")[:10])
    except (msgspec.MsgspecError, ValueError):
        return None
