"""Tables of the parties and of what the shop told: companies, merchants, snapshots, inbox, cursors.

A snapshot is immutable; `snapshot_heads` has one narrow row a source that says which snapshot is the latest
and whether it waits to be booked, so that booking a million orders never rewrites their raw bytes.
"""

from __future__ import annotations

import sqlalchemy as sa

from qbconsole.store.schema.columns import BIG, METADATA, minor, number, of, raw, row_id, text

companies = sa.Table(
    "companies",
    METADATA,
    text("id", key=True),
    text("name"),
    text("file"),
    number("epoch"),  # rises when QuickBooks' books went back in time
    number("marker_serial"),  # last serial we wrote into the company file's marker
    text("linked_name"),
    text("linked_marker"),
    text("linked_at", null=True),
    text("owner_id"),  # GUIDs of the .qwc file, stable for life
    text("file_id"),
    text("host"),  # JSON as last told
    text("preferences"),
    text("last_restore_time"),  # QuickBooks' own local text, compared and never computed with
    text("last_condense_time"),
    text("closing_date", null=True),
    text("stopped"),  # why nothing is written to it; "" while all is well
    text("last_contact_at", null=True),
    text("added_at"),
)

merchants = sa.Table(
    "merchants",
    METADATA,
    text("id", key=True),
    of("company", "companies.id"),
    text("domain"),
    raw("shop", null=True),  # the Shop as last told
    text("added_at"),
    sa.Index("merchants_domain", "domain"),
)

snapshots = sa.Table(
    "snapshots",
    METADATA,
    row_id(),
    of("merchant", "merchants.id"),
    text("kind"),
    text("source_id"),
    number("revision"),
    minor("previous_id", null=True),  # the revision before, so that history needs no index
    text("updated_at", null=True),
    text("name"),
    text("arrived_at"),
    raw("raw"),
)

snapshot_heads = sa.Table(
    "snapshot_heads",
    METADATA,
    text("source_id", key=True),
    of("merchant", "merchants.id", key=True),
    text("kind", key=True),
    minor("snapshot_id"),
    number("revision"),
    text("updated_at", null=True),
    text("name"),
    number("to_book"),
    sa.Column("booked_revision", BIG, nullable=True),  # mapping revision it was booked under
    sa.Index("snapshot_heads_name", "name"),
    sa.Index(
        "snapshot_heads_to_book",
        "merchant",
        "kind",
        "snapshot_id",
        sqlite_where=sa.text("to_book = 1"),
        postgresql_where=sa.text("to_book = 1"),
    ),
    sqlite_with_rowid=False,
)

inbox = sa.Table(
    "inbox",
    METADATA,
    row_id(),
    text("merchant"),
    text("delivery_id"),
    text("topic"),
    text("arrived_at"),
    text("handled_at", null=True),
    raw("raw"),
    sa.Index("inbox_delivery", "merchant", "delivery_id", unique=True),
    sa.Index(
        "inbox_unhandled",
        "merchant",
        "id",
        sqlite_where=sa.text("handled_at IS NULL"),
        postgresql_where=sa.text("handled_at IS NULL"),
    ),
)

cursors = sa.Table(
    "cursors",
    METADATA,
    of("merchant", "merchants.id", key=True),
    text("name", key=True),
    text("value"),
    text("moved_at"),
)
