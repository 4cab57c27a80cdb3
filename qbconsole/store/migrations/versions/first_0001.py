"""The first schema.

Frozen: it names every column itself, so that later changes of `store.schema` never change it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qbconsole.store.migrations.shapes import (
    big_number,
    index,
    key,
    number,
    numbers,
    of,
    raw,
    row_id,
    text,
    texts,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, in the order of their references."""
    _parties()
    _arrivals()
    _documents()
    _postings()
    _requests()
    _needs()
    _sessions()
    _lists()
    _observations()
    _decisions()
    _journal()


def _parties() -> None:
    op.create_table(
        "companies",
        *texts("id", "name", "file"),
        *numbers("epoch", "marker_serial"),
        *texts("linked_name", "linked_marker"),
        text("linked_at", null=True),
        *texts("owner_id", "file_id", "host", "preferences", "last_restore_time", "last_condense_time"),
        text("closing_date", null=True),
        text("stopped"),
        text("last_contact_at", null=True),
        text("added_at"),
        key("companies", "id"),
    )
    op.create_table(
        "merchants",
        *texts("id", "company", "domain"),
        raw("shop", null=True),
        text("added_at"),
        of("merchants", "company", "companies.id"),
        key("merchants", "id"),
    )
    index("merchants_domain", "merchants", "domain")


def _arrivals() -> None:
    op.create_table(
        "inbox",
        row_id(),
        *texts("merchant", "delivery_id", "topic", "arrived_at"),
        text("handled_at", null=True),
        raw("raw"),
        key("inbox", "id"),
    )
    index("inbox_delivery", "inbox", "merchant", "delivery_id", unique=True)
    index("inbox_unhandled", "inbox", "merchant", "id", where="handled_at IS NULL")
    op.create_table(
        "cursors",
        *texts("merchant", "name", "value", "moved_at"),
        of("cursors", "merchant", "merchants.id"),
        key("cursors", "merchant", "name"),
    )
    op.create_table(
        "snapshots",
        row_id(),
        *texts("merchant", "kind", "source_id"),
        number("revision"),
        big_number("previous_id", null=True),
        text("updated_at", null=True),
        *texts("name", "arrived_at"),
        raw("raw"),
        of("snapshots", "merchant", "merchants.id"),
        key("snapshots", "id"),
    )
    op.create_table(
        "snapshot_heads",
        *texts("source_id", "merchant", "kind"),
        big_number("snapshot_id"),
        number("revision"),
        text("updated_at", null=True),
        text("name"),
        number("to_book"),
        big_number("booked_revision", null=True),
        of("snapshot_heads", "merchant", "merchants.id"),
        key("snapshot_heads", "source_id", "merchant", "kind"),
        sqlite_with_rowid=False,
    )
    index("snapshot_heads_name", "snapshot_heads", "name")
    index("snapshot_heads_to_book", "snapshot_heads", "merchant", "kind", "snapshot_id", where="to_book = 1")


def _documents() -> None:
    op.create_table(
        "events",
        row_id(),
        *texts("merchant", "key", "source_id"),
        big_number("snapshot_id", null=True),
        *texts("kind", "at", "on_date"),
        raw("body"),
        of("events", "merchant", "merchants.id"),
        key("events", "id"),
    )
    index("events_key", "events", "merchant", "key", unique=True)
    index("events_source", "events", "merchant", "source_id")
    op.create_table(
        "documents",
        row_id(),
        *texts(
            "key",
            "company",
            "merchant",
            "source_id",
            "kind",
            "txn_date",
            "ref_number",
            "number",
            "state",
            "txn_id",
            "edit_sequence",
            "note",
        ),
        big_number("total"),
        text("currency"),
        big_number("mapping_revision", null=True),
        *texts("planned_at", "changed_at"),
        of("documents", "company", "companies.id"),
        of("documents", "merchant", "merchants.id"),
        key("documents", "id"),
    )
    index("documents_key", "documents", "key", unique=True)
    index("documents_ref_number", "documents", "company", "ref_number")
    index("documents_source", "documents", "merchant", "source_id")
    index("documents_state", "documents", "merchant", "state", "id")
    index("documents_txn_id", "documents", "company", "txn_id", where="txn_id <> ''")
    op.create_table(
        "document_bodies",
        big_number("document_id"),
        raw("plan"),
        raw("document"),
        raw("provenance"),
        of("document_bodies", "document_id", "documents.id", cascade=True),
        key("document_bodies", "document_id"),
    )


def _postings() -> None:
    op.create_table(
        "document_events",
        big_number("document_id"),
        *texts("event_key", "part", "merchant"),
        number("live"),
        of("document_events", "document_id", "documents.id", cascade=True),
        of("document_events", "merchant", "merchants.id"),
        key("document_events", "document_id", "event_key", "part"),
        sqlite_with_rowid=False,
    )
    index(
        "document_events_live",
        "document_events",
        "merchant",
        "event_key",
        "part",
        unique=True,
        where="live = 1",
    )
    op.create_table(
        "postings",
        big_number("document_id"),
        number("line"),
        *texts("merchant", "on_date", "role", "facet", "account"),
        big_number("amount"),
        text("currency"),
        of("postings", "document_id", "documents.id", cascade=True),
        of("postings", "merchant", "merchants.id"),
        key("postings", "document_id", "line"),
        sqlite_with_rowid=False,
    )
    index("postings_on", "postings", "merchant", "on_date")
    op.create_table(
        "holds",
        row_id(),
        text("company"),
        text("merchant", null=True),
        *texts("subject", "reason", "place", "sentence", "next_step", "cause"),
        number("flag"),
        *texts("state", "held_at", "changed_at", "ended_by", "ended_why"),
        of("holds", "company", "companies.id"),
        of("holds", "merchant", "merchants.id"),
        key("holds", "id"),
    )
    index("holds_cause", "holds", "cause", where="state = 'open'")
    index("holds_once", "holds", "company", "subject", "reason", "place", unique=True)
    index("holds_open", "holds", "company", "merchant", where="state = 'open'")


def _requests() -> None:
    op.create_table(
        "requests",
        row_id(),
        text("company"),
        text("merchant", null=True),
        *texts("subject_key", "purpose"),
        number("round"),
        *texts("claim", "state"),
        *numbers("stage", "open_needs", "open_slots", "needs_approval", "doubtful", "attempt", "epoch"),
        text("name"),
        text("document_key", null=True),
        big_number("total", null=True),
        text("currency", null=True),
        text("message_set", null=True),
        number("status_code", null=True),
        *texts("status_text", "qb_id", "made_at", "changed_at"),
        text("sent_at", null=True),
        raw("digest"),
        of("requests", "company", "companies.id"),
        key("requests", "id"),
    )
    index("requests_claim", "requests", "subject_key", "claim", unique=True)
    index("requests_document", "requests", "document_key", where="document_key <> subject_key")
    index(
        "requests_due", "requests", "company", where="state = 'waiting' AND open_needs = 0 AND open_slots = 0"
    )
    index("requests_flying", "requests", "company", "id", where="state IN ('sent', 'in_doubt')")
    index(
        "requests_parked",
        "requests",
        "company",
        "state",
        "id",
        where="state IN ('waiting', 'awaiting_approval', 'refused', 'quarantined')",
    )
    index("requests_ready", "requests", "company", "stage", "id", where="state = 'ready'")
    op.create_table(
        "request_bodies",
        big_number("request_id"),
        text("body"),
        of("request_bodies", "request_id", "requests.id", cascade=True),
        key("request_bodies", "request_id"),
    )


def _needs() -> None:
    op.create_table(
        "request_counts",
        text("company"),
        *numbers(
            "waiting",
            "ready",
            "awaiting_approval",
            "sent",
            "in_doubt",
            "answered",
            "refused",
            "quarantined",
            "superseded",
        ),
        of("request_counts", "company", "companies.id"),
        key("request_counts", "company"),
    )
    op.create_table(
        "request_needs",
        big_number("request_id"),
        *texts("kind", "folded", "token", "company", "name"),
        text("value", null=True),
        of("request_needs", "company", "companies.id"),
        of("request_needs", "request_id", "requests.id", cascade=True),
        key("request_needs", "request_id", "kind", "folded", "token"),
        sqlite_with_rowid=False,
    )
    index("request_needs_name", "request_needs", "company", "kind", "folded")


def _sessions() -> None:
    op.create_table(
        "leases", *texts("name", "owner"), number("fence"), text("until", null=True), key("leases", "name")
    )
    op.create_table(
        "sessions",
        *texts("ticket", "company"),
        number("fence"),
        text("phase"),
        *numbers("to_do", "done"),
        *texts("last_error", "client_version", "peer", "notes", "opened_at", "last_at"),
        text("closed_at", null=True),
        of("sessions", "company", "companies.id"),
        key("sessions", "ticket"),
    )
    index("sessions_company", "sessions", "company", "opened_at")
    op.create_table(
        "message_sets",
        *texts("id", "company", "ticket"),
        number("seq"),
        text("purpose"),
        *numbers("fence", "attempt"),
        text("state"),
        number("times_sent"),
        *texts("request_ids", "made_at", "changed_at", "body"),
        of("message_sets", "company", "companies.id"),
        key("message_sets", "id"),
    )
    index("message_sets_company", "message_sets", "company", "state")
    index("message_sets_ticket", "message_sets", "ticket", "seq")
    op.create_table(
        "responses",
        row_id(),
        text("ticket"),
        text("message_set", null=True),
        *texts("hresult", "message", "arrived_at"),
        raw("raw"),
        key("responses", "id"),
    )
    index("responses_set", "responses", "message_set")
    index("responses_ticket", "responses", "ticket")


def _lists() -> None:
    op.create_table(
        "links",
        *texts(
            "merchant", "kind", "source_id", "qb_kind", "qb_id", "edit_sequence", "full_name", "linked_at"
        ),
        of("links", "merchant", "merchants.id"),
        key("links", "merchant", "kind", "source_id"),
    )
    index("links_qb_id", "links", "qb_id")
    op.create_table(
        "lists",
        *texts("company", "kind", "list_id", "full_name", "folded"),
        number("is_active"),
        text("seen_at"),
        text("deleted_at", null=True),
        raw("data"),
        of("lists", "company", "companies.id"),
        key("lists", "company", "kind", "list_id"),
    )
    index("lists_name", "lists", "company", "kind", "folded")
    op.create_table(
        "list_reads",
        *texts("company", "kind", "read_at"),
        number("rows"),
        of("list_reads", "company", "companies.id"),
        key("list_reads", "company", "kind"),
    )


def _observations() -> None:
    op.create_table(
        "observations",
        row_id(),
        *texts("company", "txn_id", "kind", "edit_sequence"),
        text("document_key", null=True),
        big_number("total", null=True),
        text("currency", null=True),
        text("seen_at"),
        raw("data"),
        of("observations", "company", "companies.id"),
        key("observations", "id"),
    )
    index("observations_document", "observations", "document_key")
    index("observations_once", "observations", "company", "txn_id", "edit_sequence", unique=True)
    op.create_table(
        "balances",
        *texts("company", "account", "seen_at"),
        big_number("amount"),
        text("currency"),
        of("balances", "company", "companies.id"),
        key("balances", "company", "account", "seen_at"),
    )


def _decisions() -> None:
    op.create_table(
        "mapping_revisions",
        row_id(),
        *texts("scope", "sha256", "plugins", "who", "why", "kept_at"),
        number("turn"),
        text("text"),
        key("mapping_revisions", "id"),
    )
    index("mapping_revisions_once", "mapping_revisions", "scope", "sha256", unique=True)
    index("mapping_revisions_turn", "mapping_revisions", "scope", "turn")
    op.create_table(
        "schedule_runs",
        row_id(),
        *texts("subject", "verb", "due_at", "started_at"),
        text("ended_at", null=True),
        *texts("outcome", "detail"),
        key("schedule_runs", "id"),
    )
    index("schedule_runs_once", "schedule_runs", "subject", "verb", "due_at", unique=True)
    op.create_table(
        "secrets", *texts("scope", "name"), raw("value"), text("kept_at"), key("secrets", "scope", "name")
    )


def _journal() -> None:
    op.create_table(
        "journal",
        big_number("seq"),
        *texts("at", "who", "verb", "subject"),
        raw("data"),
        raw("previous"),
        raw("hash"),
        key("journal", "seq"),
    )
    index("journal_subject", "journal", "subject")
    op.create_table("journal_head", number("id"), big_number("seq"), raw("hash"), key("journal_head", "id"))
    head = sa.table("journal_head", sa.column("id"), sa.column("seq"), sa.column("hash", sa.LargeBinary()))
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": b""}])
    for statement in _APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


_APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal"
        " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
        "CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal"
        " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
        "CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal"
        " FOR EACH ROW EXECUTE FUNCTION journal_is_append_only()",
        "CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal"
        " FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()",
    ),
}
