"""Events as kept: each once, by merchant and key, never overwritten.

An event told again with the same content changes nothing; told with other content it is a conflict, given back
for the caller to hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from qbconsole.shop.events import Event
from qbconsole.store.database.statements import chunks, listed, many
from qbconsole.store.encoding import moment_text, pack_event, unpack_event
from qbconsole.store.schema import events
from qbconsole.value import Value


class NewEvents(Value):
    """All events derived from one snapshot."""

    source_id: str
    snapshot_id: int | None
    events: tuple[Event, ...]


class EventConflict(Value):
    """An event that is kept with other content than it has now."""

    source_id: str
    held: Event
    told: Event


_INSERT = sa.insert(events)
_BY_SOURCE = (
    sa.select(events.c.source_id, events.c.body)
    .where(
        events.c.merchant == sa.bindparam("merchant"),
        events.c.source_id.in_(sa.bindparam("sources", expanding=True)),
    )
    .order_by(events.c.id)
)
_BY_KEY = sa.select(events.c.key, events.c.body).where(
    events.c.merchant == sa.bindparam("merchant"),
    events.c.key.in_(sa.bindparam("keys", expanding=True)),
)


def events_of(tx: sa.Connection, merchant: str, source_ids: Iterable[str]) -> dict[str, list[Event]]:
    """The kept events of each source, in the order they were kept; sources without any are left out."""
    found: dict[str, list[Event]] = {}
    for part in chunks(source_ids):
        for row in listed(tx, _BY_SOURCE, "sources", part, merchant=merchant):
            found.setdefault(row.source_id, []).append(unpack_event(row.body))
    return found


def put_events(
    tx: sa.Connection, merchant: str, source_id: str, told: Sequence[Event], snapshot_id: int | None
) -> list[EventConflict]:
    """Keep one source's events; see `put_many_events`."""
    batch = NewEvents(source_id=source_id, snapshot_id=snapshot_id, events=tuple(told))
    return put_many_events(tx, merchant, [batch])


def put_many_events(tx: sa.Connection, merchant: str, batch: Iterable[NewEvents]) -> list[EventConflict]:
    """Keep the events of many sources; gives those that are kept with other content, which are not touched."""
    told = [(new, event) for new in batch for event in new.events]
    conflicts: list[EventConflict] = []
    for part in chunks(told):
        held = _held(tx, merchant, [event.key for _, event in part])
        rows: dict[str, dict[str, Any]] = {}
        for new, event in part:
            if event.key not in held:
                rows[event.key] = _row(merchant, new, event)
                held[event.key] = rows[event.key]["body"]
                continue
            kept = unpack_event(held[event.key])
            if kept != event:
                conflicts.append(EventConflict(source_id=new.source_id, held=kept, told=event))
        many(tx, _INSERT, list(rows.values()))
    return conflicts


def _held(tx: sa.Connection, merchant: str, keys: list[str]) -> dict[str, bytes]:
    return {row.key: row.body for row in listed(tx, _BY_KEY, "keys", keys, merchant=merchant)}


def _row(merchant: str, new: NewEvents, event: Event) -> dict[str, Any]:
    return {
        "merchant": merchant,
        "key": event.key,
        "source_id": new.source_id,
        "snapshot_id": new.snapshot_id,
        "kind": str(event.kind),
        "at": moment_text(event.at),
        "on_date": event.on.isoformat(),
        "body": pack_event(event),
    }
