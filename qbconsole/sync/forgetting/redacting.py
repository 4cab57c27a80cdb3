"""Personal data out of what is kept: names, addresses and notes of a buyer go, keys and amounts stay.

Country and province stay too: taxes were charged by them. Done again it changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from qbconsole.sources.shopify.webhooks import Topic, read_nudge, topic_of
from qbconsole.store import inbox, snapshots
from qbconsole.store.snapshots import SnapshotRow
from qbconsole.value import Value

#: The topic as Shopify writes it in its header.
CUSTOMERS_REDACT = "customers/redact"
SHOP_REDACT = "shop/redact"
_KINDS = ("order", "gift_card", "store_credit")
_PERSONS = ("customer", "shippingAddress", "billingAddress", "owner", "recipient")
_STAYS = frozenset({"id", "__typename", "country", "countryCodeV2", "province", "provinceCode"})
_WORDS = ("email", "phone", "note", "customAttributes")
_CHUNK = 200


class Redacted(Value):
    """What a demand came to."""

    #: Rows that changed.
    rows: int
    #: (kind, source id) of what was told of the buyer, changed now or before.
    sources: tuple[tuple[str, str], ...]


def redact_customer(tx: sa.Connection, merchant: str, customer: str, orders: Collection[str]) -> Redacted:
    """Take one buyer out of snapshots and inbox, and out of these orders."""
    mark = f"/Customer/{customer}".encode()
    found = [
        (kind, row.source_id)
        for kind in _KINDS
        for row in _heads(tx, merchant, kind)
        if (kind == "order" and row.source_id in orders) or _names(row.raw, mark)
    ]
    return _redacted(tx, merchant, found, _clear_inbox(tx, merchant, customer, orders))


def redact_shop(tx: sa.Connection, merchant: str) -> Redacted:
    """Take every buyer of a shop out."""
    found = [(kind, row.source_id) for kind in _KINDS for row in _heads(tx, merchant, kind)]
    return _redacted(tx, merchant, found, _clear_inbox(tx, merchant, None, ()))


def _redacted(tx: sa.Connection, merchant: str, found: list[tuple[str, str]], cleared: int) -> Redacted:
    changed = sum(
        _redact(tx, one)
        for kind, source_id in found
        for one in snapshots.history(tx, merchant, kind, source_id)
    )
    return Redacted(rows=cleared + changed, sources=tuple(found))


class Forgotten(Value):
    """Buyers that had to be forgotten: what Shopify tells of them later, of what was before, is not kept either."""

    #: Customer -> when the demand came; a later order is a new acquaintance.
    customers: dict[str, datetime]
    orders: frozenset[str]

    def without(self, kind: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row as it may be kept."""
        if kind not in _KINDS or not (self._is_meant(row) or str(row.get("legacyResourceId")) in self.orders):
            return row
        cleaned: Mapping[str, Any] = without_persons(row)
        return cleaned

    def _is_meant(self, row: Mapping[str, Any]) -> bool:
        made = str(row.get("createdAt") or "")
        raw = msgspec.json.encode(row)
        return any(
            _names(raw, f"/Customer/{customer}".encode()) and (not made or datetime.fromisoformat(made) <= at)
            for customer, at in self.customers.items()
        )


def forgotten(tx: sa.Connection, merchant: str, shop: str) -> Forgotten | None:
    """Who had to be forgotten in a shop, by the demands that name it in their signed body; None where nobody."""
    customers: dict[str, datetime] = {}
    orders: set[str] = set()
    for row in inbox.acted_on(tx, merchant, CUSTOMERS_REDACT):
        nudge = read_nudge(Topic.REDACT_CUSTOMER, row.raw)
        if nudge.customer and nudge.shop == shop:
            customers[nudge.customer] = max(row.arrived_at, customers.get(nudge.customer, row.arrived_at))
            orders.update(nudge.orders)
    return Forgotten(customers=customers, orders=frozenset(orders)) if customers else None


def redacted_since(tx: sa.Connection, merchant: str, kind: str, source_id: str, since: datetime) -> bool:
    """Whether a demand was acted on since then, and what is kept of this source tells of no buyer by now."""
    last = inbox.last_acted_on(tx, merchant, (CUSTOMERS_REDACT, SHOP_REDACT))
    if last is None or last < since or kind not in _KINDS:
        return False
    kept = snapshots.latest(tx, merchant, kind, source_id)
    raw = msgspec.json.decode(kept.raw) if kept is not None else None
    return raw is not None and bool(without_persons(raw) == raw)


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
