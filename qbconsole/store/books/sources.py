"""From events back to the orders they came from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from qbconsole.store.database.statements import chunks, listed
from qbconsole.store.schema import document_events, documents, events

_SOURCES = sa.select(events.c.source_id).where(
    events.c.merchant == sa.bindparam("merchant"), events.c.key.in_(sa.bindparam("keys", expanding=True))
)

_POOLED = (
    sa.select(document_events.c.event_key, document_events.c.part)
    .join_from(document_events, documents, document_events.c.document_id == documents.c.id)
    .where(
        document_events.c.merchant == sa.bindparam("merchant"),
        document_events.c.event_key.in_(sa.bindparam("keys", expanding=True)),
        sa.text("document_events.live = 1"),
        documents.c.source_id.startswith("day/"),
    )
)

_BY_KEY = sa.select(events.c.key, events.c.source_id).where(
    events.c.merchant == sa.bindparam("merchant"), events.c.key.in_(sa.bindparam("keys", expanding=True))
)
_STANDING = (
    sa.select(document_events.c.event_key, document_events.c.part, documents.c.key, documents.c.source_id)
    .join_from(document_events, documents, document_events.c.document_id == documents.c.id)
    .where(
        document_events.c.merchant == sa.bindparam("merchant"),
        document_events.c.event_key.in_(sa.bindparam("keys", expanding=True)),
        sa.text("document_events.live = 1"),
    )
    .order_by(documents.c.id)
)


def stored_id(kind: str, source_id: str) -> str:
    """What a snapshot's events and documents are kept under: "8734", "payout/987"."""
    return source_id if kind == "order" else f"{kind}/{source_id}"


def snapshot_of(stored: str) -> tuple[str, str]:
    """Kind and id of the snapshot behind a stored id."""
    kind, slash, source_id = stored.partition("/")
    return (kind, source_id) if slash else ("order", stored)


class Standing(NamedTuple):
    """An event, or a part of one, and the live document it stands in."""

    event_key: str
    part: str
    document_key: str
    source_id: str


def documents_of_events(tx: sa.Connection, merchant: str, keys: Iterable[str]) -> list[Standing]:
    """The live documents that stand for these events, an order's own and shop days' alike."""
    found: list[Standing] = []
    for part in chunks(list(keys)):
        rows = listed(tx, _STANDING, "keys", part, merchant=merchant)
        found += [Standing(row.event_key, row.part, row.key, row.source_id) for row in rows]
    return found


def source_by_event(tx: sa.Connection, merchant: str, keys: Iterable[str]) -> dict[str, str]:
    """Event key -> the source it came from; keys of no kept event are left out."""
    found: dict[str, str] = {}
    for part in chunks(list(keys)):
        rows = listed(tx, _BY_KEY, "keys", part, merchant=merchant)
        found |= {row.key: row.source_id for row in rows}
    return found


def sources_of_events(tx: sa.Connection, merchant: str, keys: Iterable[str]) -> set[str]:
    """Source ids of the events among these keys; other keys say nothing."""
    found: set[str] = set()
    for part in chunks(list(keys)):
        found.update(listed(tx, _SOURCES, "keys", part, merchant=merchant).scalars())
    return found


def pooled_events(tx: sa.Connection, merchant: str, keys: Iterable[str]) -> dict[str, set[str]]:
    """Those of these events that stand in the live summary of a shop day, each with its parts there."""
    found: dict[str, set[str]] = {}
    for some in chunks(list(keys)):
        for row in listed(tx, _POOLED, "keys", some, merchant=merchant):
            found.setdefault(row.event_key, set()).add(row.part)
    return found


def count_events(tx: sa.Connection, merchant: str | None = None) -> int:
    """How many events are kept."""
    statement = sa.select(sa.func.count()).select_from(events)
    if merchant is not None:
        statement = statement.where(events.c.merchant == merchant)
    return int(tx.execute(statement).scalar_one())
