"""Inbox: webhook deliveries, each kept once. A delivery is a hint to fetch; its payload is never data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.store.database.statements import AnyRow, chunks, put_new, run
from qbconsole.store.encoding import maybe_moment, moment, moment_text
from qbconsole.store.schema import inbox
from qbconsole.value import Value

_UNHANDLED = (
    sa.select(inbox)
    .where(
        inbox.c.merchant == sa.bindparam("merchant"),
        inbox.c.id > sa.bindparam("after"),
        sa.text("handled_at IS NULL"),
    )
    .order_by(inbox.c.id)
    .limit(sa.bindparam("limit"))
)
_OF_TOPIC = (
    sa.select(inbox)
    .where(
        inbox.c.merchant == sa.bindparam("merchant"),
        inbox.c.topic == sa.bindparam("topic"),
        inbox.c.handled_at.is_not(None),
    )
    .order_by(inbox.c.id)
)
_LAST_ACTED_ON = sa.select(sa.func.max(inbox.c.handled_at)).where(
    inbox.c.merchant == sa.bindparam("merchant"),
    inbox.c.topic.in_(sa.bindparam("topics", expanding=True)),
)
_NEWEST = sa.select(sa.func.coalesce(sa.func.max(inbox.c.id), 0)).where(
    inbox.c.merchant == sa.bindparam("merchant")
)


class Delivery(Value):
    """One webhook delivery."""

    id: int
    merchant: str
    #: Shopify's id of the delivery; the same event delivered twice has it twice.
    delivery_id: str
    topic: str
    arrived_at: datetime
    raw: bytes


def receive(
    tx: sa.Connection, merchant: str, *, delivery_id: str, topic: str, raw: bytes, at: datetime
) -> bool:
    """Keep a webhook delivery; False when it came before."""
    row = {
        "merchant": merchant,
        "delivery_id": delivery_id,
        "topic": topic,
        "arrived_at": moment_text(at),
        "raw": raw,
    }
    return put_new(tx, inbox, ("merchant", "delivery_id"), [row]) == 1


def unhandled(tx: sa.Connection, merchant: str, limit: int, *, after: int = 0) -> list[Delivery]:
    """Deliveries beyond `after` nobody acted on yet, the oldest first."""
    here = {"merchant": merchant, "after": after, "limit": limit}
    return [_delivery(row) for row in run(tx, _UNHANDLED, here)]


def kept(tx: sa.Connection, merchant: str, limit: int, *, after: int = 0) -> list[Delivery]:
    """All deliveries of a merchant beyond `after`, acted on or not, the oldest first."""
    statement = (
        sa.select(inbox)
        .where(inbox.c.merchant == merchant, inbox.c.id > after)
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return [_delivery(row) for row in tx.execute(statement)]


def acted_on(tx: sa.Connection, merchant: str, topic: str) -> list[Delivery]:
    """The deliveries of one topic that were acted on, the oldest first."""
    return [_delivery(row) for row in run(tx, _OF_TOPIC, {"merchant": merchant, "topic": topic})]


def last_acted_on(tx: sa.Connection, merchant: str, topics: Iterable[str]) -> datetime | None:
    """When a delivery of one of these topics was acted on last; None where none was."""
    here = {"merchant": merchant, "topics": sorted(topics)}
    return maybe_moment(tx.execute(_LAST_ACTED_ON, here).scalar_one())


def waiting(tx: sa.Connection, merchant: str) -> int:
    """How many deliveries nobody acted on yet."""
    statement = sa.select(sa.func.count()).select_from(inbox)
    return tx.execute(
        statement.where(inbox.c.merchant == merchant, sa.text("handled_at IS NULL"))
    ).scalar_one()


def newest(tx: sa.Connection, merchant: str) -> int:
    """The id of the delivery that came last; 0 before the first."""
    return int(run(tx, _NEWEST, {"merchant": merchant}).scalar_one())


def clear(tx: sa.Connection, ids: Iterable[int]) -> int:
    """Take the payloads out of these deliveries; that they came stays. Gives how many."""
    return sum(
        tx.execute(sa.update(inbox).where(inbox.c.id.in_(part)).values(raw=b"")).rowcount
        for part in chunks(ids)
    )


def _delivery(row: AnyRow) -> Delivery:
    return Delivery(
        id=row.id,
        merchant=row.merchant,
        delivery_id=row.delivery_id,
        topic=row.topic,
        arrived_at=moment(row.arrived_at),
        raw=row.raw,
    )


def mark_handled(tx: sa.Connection, ids: Iterable[int], at: datetime) -> None:
    """These deliveries were acted on."""
    for part in chunks(ids):
        tx.execute(sa.update(inbox).where(inbox.c.id.in_(part)).values(handled_at=moment_text(at)))
