"""Personal data out of what is kept: names, addresses and notes of a buyer go, keys and amounts stay.

Country and province stay too: taxes were charged by them. Done again it changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from qbconsole.sources.shopify.webhooks import Topic, read_nudge, topic_of
from qbconsole.store import inbox, snapshots
from qbconsole.store.snapshots import SnapshotRow

_KINDS = ("order", "gift_card", "store_credit")
_PERSONS = ("customer", "shippingAddress", "billingAddress", "owner", "recipient")
_STAYS = frozenset({"id", "__typename", "country", "countryCodeV2", "province", "provinceCode"})
_WORDS = ("email", "phone", "note", "customAttributes")
_CHUNK = 200


def redact_customer(tx: sa.Connection, merchant: str, customer: str, orders: Collection[str]) -> int:
    """Take one buyer out of snapshots and inbox, and out of these orders; gives how many rows changed."""
    mark = f"/Customer/{customer}".encode()
    changed = 0
    for kind in _KINDS:
        for row in _heads(tx, merchant, kind):
            if (kind == "order" and row.source_id in orders) or _names(row.raw, mark):
                changed += sum(
                    _redact(tx, one) for one in snapshots.history(tx, merchant, kind, row.source_id)
                )
    return changed + _clear_inbox(tx, merchant, customer, orders)


def redact_shop(tx: sa.Connection, merchant: str) -> int:
    """Take every buyer of a shop out; gives how many rows changed."""
    changed = 0
    for kind in _KINDS:
        for row in _heads(tx, merchant, kind):
            changed += sum(_redact(tx, one) for one in snapshots.history(tx, merchant, kind, row.source_id))
    return changed + _clear_inbox(tx, merchant, None, ())


def _heads(tx: sa.Connection, merchant: str, kind: str) -> Iterator[SnapshotRow]:
    after = ""
    while rows := snapshots.latest_of(tx, merchant, kind, after=after, limit=_CHUNK):
        yield from rows
        after = rows[-1].source_id


def _names(raw: bytes, mark: bytes) -> bool:
    """Whether the id stands there whole: 12 is not in 123."""
    at = raw.find(mark)
    while at >= 0:
        behind = raw[at + len(mark) : at + len(mark) + 1]
        if not behind.isdigit():
            return True
        at = raw.find(mark, at + 1)
    return False


def _redact(tx: sa.Connection, row: SnapshotRow) -> bool:
    raw = msgspec.json.encode(without_persons(msgspec.json.decode(row.raw)))
    if raw == row.raw:
        return False
    snapshots.redact(tx, row.id, raw)
    return True


def without_persons(value: Any) -> Any:
    """The same JSON without what tells who somebody is; every key stays."""
    if isinstance(value, list):
        return [without_persons(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _kept(name, inner) for name, inner in value.items()}


def _kept(name: str, value: Any) -> Any:
    if name in _WORDS:
        return [] if isinstance(value, list) else None
    if name in _PERSONS and isinstance(value, dict):
        return {key: inner if key in _STAYS else _emptied(inner) for key, inner in value.items()}
    return without_persons(value)


def _emptied(value: Any) -> Any:
    return {key: _emptied(inner) for key, inner in value.items()} if isinstance(value, dict) else None


def _clear_inbox(tx: sa.Connection, merchant: str, customer: str | None, orders: Collection[str]) -> int:
    """Payloads of a buyer (of everybody: None) go, but not the demand itself: it says whom it was about."""
    after, cleared = 0, 0
    while rows := inbox.kept(tx, merchant, _CHUNK, after=after):
        after = rows[-1].id
        ids = [
            row.id for row in rows if row.raw and (customer is None or _of_customer(row, customer, orders))
        ]
        cleared += inbox.clear(tx, ids)
    return cleared


def _of_customer(row: inbox.Delivery, customer: str, orders: Collection[str]) -> bool:
    topic = topic_of(row.topic)
    if topic in (Topic.REDACT_CUSTOMER, Topic.REDACT_SHOP):
        return False
    nudge = read_nudge(topic, row.raw)
    return nudge.customer == customer or nudge.order in orders
