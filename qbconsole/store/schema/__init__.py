"""Schema: every table of the store, in five families; alembic's revisions are proved equal to it by a test."""

from qbconsole.store.schema.columns import HEAD, METADATA
from qbconsole.store.schema.company import balances, former_names, links, list_reads, lists, observations
from qbconsole.store.schema.delivery import (
    company_notes,
    leases,
    message_sets,
    peers,
    request_bodies,
    request_counts,
    request_needs,
    requests,
    responses,
    sessions,
)
from qbconsole.store.schema.ledger import (
    document_bodies,
    document_events,
    documents,
    entities_there,
    events,
    first_words,
    holds,
    postings,
)
from qbconsole.store.schema.record import journal, journal_head, mapping_revisions, schedule_runs, secrets
from qbconsole.store.schema.shop import companies, cursors, inbox, merchants, snapshot_heads, snapshots

__all__ = [
    "HEAD",
    "METADATA",
    "balances",
    "companies",
    "company_notes",
    "cursors",
    "document_bodies",
    "document_events",
    "documents",
    "entities_there",
    "events",
    "first_words",
    "former_names",
    "holds",
    "inbox",
    "journal",
    "journal_head",
    "leases",
    "links",
    "list_reads",
    "lists",
    "mapping_revisions",
    "merchants",
    "message_sets",
    "observations",
    "peers",
    "postings",
    "request_bodies",
    "request_counts",
    "request_needs",
    "requests",
    "responses",
    "schedule_runs",
    "secrets",
    "sessions",
    "snapshot_heads",
    "snapshots",
]
