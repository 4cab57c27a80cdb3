"""On which day an order was placed, read from what is kept of it: for lists of many, so nothing else is read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec
import sqlalchemy as sa

from qbconsole.store.database.statements import chunks, listed
from qbconsole.store.schema import snapshot_heads, snapshots
from qbconsole.store.snapshots.rows import HEAD, SNAPSHOT

_RAWS = (
    sa.select(HEAD.source_id, SNAPSHOT.raw)
    .join_from(snapshot_heads, snapshots, SNAPSHOT.id == HEAD.snapshot_id)
    .where(
        HEAD.merchant == sa.bindparam("merchant"),
        HEAD.kind == "order",
        HEAD.source_id.in_(sa.bindparam("sources", expanding=True)),
    )
)


class _Placed(msgspec.Struct):
    processedAt: str | None = None  # noqa: N815  as Shopify names it
    createdAt: str | None = None  # noqa: N815


_PLACED = msgspec.json.Decoder(_Placed)


def order_days(tx: sa.Connection, merchant: str, source_ids: Iterable[str]) -> dict[str, date]:
    """Order id -> the day it was placed, as Shopify writes it; orders that tell none, or are not kept, are left out."""
    found: dict[str, date] = {}
    for part in chunks(sorted(set(source_ids))):
        for row in listed(tx, _RAWS, "sources", part, merchant=merchant):
            try:
                placed = _PLACED.decode(row.raw)
                found[row.source_id] = date.fromisoformat((placed.processedAt or placed.createdAt or "")[:10])
            except (msgspec.MsgspecError, ValueError):  # showing never fails over what a shop wrote
                continue
    return found
