"""Tables of the books: events, documents, their membership, postings, holds."""

from __future__ import annotations

import sqlalchemy as sa

from qbconsole.store.schema.columns import BIG, METADATA, minor, number, of, of_row, raw, row_id, text

events = sa.Table(
    "events",
    METADATA,
    row_id(),
    of("merchant", "merchants.id"),
    text("key"),
    text("source_id"),
    sa.Column("snapshot_id", BIG, nullable=True),
    text("kind"),
    text("at"),
    text("on_date"),
    raw("body"),
    sa.Index("events_key", "merchant", "key", unique=True),
    sa.Index("events_source", "merchant", "source_id"),
)

documents = sa.Table(
    "documents",
    METADATA,
    row_id(),
    text("key"),
    of("company", "companies.id"),
    of("merchant", "merchants.id"),
    text("source_id"),
    text("kind"),
    text("txn_date"),
    text("ref_number"),
    text("number"),
    text("state"),
    text("txn_id"),
    text("edit_sequence"),
    text("note"),
    minor("total"),
    text("currency"),
    sa.Column("mapping_revision", BIG, nullable=True),
    text("planned_at"),
    text("changed_at"),
    sa.Index("documents_key", "key", unique=True),
    sa.Index("documents_source", "merchant", "source_id"),
    sa.Index("documents_ref_number", "company", "ref_number"),
    sa.Index("documents_state", "merchant", "state", "id"),
    sa.Index(
        "documents_txn_id",
        "company",
        "txn_id",
        sqlite_where=sa.text("txn_id <> ''"),
        postgresql_where=sa.text("txn_id <> ''"),
    ),
)

#: Apart, because a document's state changes and its plan does not.
document_bodies = sa.Table(
    "document_bodies",
    METADATA,
    of_row("document_id", "documents.id", key=True),
    raw("plan"),
    raw("document"),
    raw("provenance"),
)

document_events = sa.Table(
    "document_events",
    METADATA,
    of_row("document_id", "documents.id", key=True),
    text("event_key", key=True),
    text("part", key=True),
    of("merchant", "merchants.id"),
    number("live"),
    sa.Index(
        "document_events_live",
        "merchant",
        "event_key",
        "part",
        unique=True,
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live = 1"),
    ),
    sqlite_with_rowid=False,
)

postings = sa.Table(
    "postings",
    METADATA,
    of_row("document_id", "documents.id", key=True),
    number("line", key=True),
    of("merchant", "merchants.id"),
    text("on_date"),
    text("role"),
    text("facet"),
    text("account"),
    minor("amount"),  # debit positive
    text("currency"),
    sa.Index("postings_on", "merchant", "on_date"),
    sqlite_with_rowid=False,
)

#: Whom QuickBooks has a document on, where that is another customer or vendor than the one it was booked with.
entities_there = sa.Table(
    "entities_there",
    METADATA,
    text("document_key", key=True),
    text("entity"),
    sqlite_with_rowid=False,
)

#: What orders speak of (a SKU, a tax), each with the order of which something was booked first; so rows of payouts.
first_words = sa.Table(
    "first_words",
    METADATA,
    of("merchant", "merchants.id", key=True),
    text("word", key=True),
    text("source_id"),
    sqlite_with_rowid=False,
)

holds = sa.Table(
    "holds",
    METADATA,
    row_id(),
    of("company", "companies.id"),
    of("merchant", "merchants.id", null=True),
    text("subject"),
    text("reason"),
    text("place"),
    text("sentence"),
    text("next_step"),
    text("cause"),
    number("flag"),  # 1: the posting is made all the same
    text("state"),
    text("held_at"),
    text("changed_at"),
    text("ended_by"),
    text("ended_why"),
    sa.Index("holds_once", "company", "subject", "reason", "place", unique=True),
    sa.Index(
        "holds_open",
        "company",
        "merchant",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
    sa.Index(
        "holds_cause",
        "cause",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)
