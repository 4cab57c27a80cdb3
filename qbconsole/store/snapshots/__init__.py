"""Snapshots and cursors: what the shop told, kept as it came.

A snapshot is never changed. Each source has one head: the latest snapshot and whether it waits to be booked.
An older updatedAt than the one held is ignored; the same updatedAt with other content is a newer revision
(accounting.md section 13, convention 29). A cursor moves in the commit of the rows it covers.
"""

from qbconsole.store.snapshots.booking import (
    count,
    mark_booked,
    still_to_book,
    to_book,
    waiting_ids,
    want_booking,
)
from qbconsole.store.snapshots.cursors import get_cursor, set_cursor
from qbconsole.store.snapshots.putting import NewSnapshot, PutResult, put, redact
from qbconsole.store.snapshots.reading import (
    Found,
    find,
    history,
    latest,
    latest_of,
    names_of,
    snapshot,
    source_ids,
    updated_of,
)
from qbconsole.store.snapshots.rows import SnapshotRow

__all__ = [
    "Found",
    "NewSnapshot",
    "PutResult",
    "SnapshotRow",
    "count",
    "find",
    "get_cursor",
    "history",
    "latest",
    "latest_of",
    "mark_booked",
    "names_of",
    "put",
    "redact",
    "set_cursor",
    "snapshot",
    "source_ids",
    "still_to_book",
    "to_book",
    "updated_of",
    "waiting_ids",
    "want_booking",
]
