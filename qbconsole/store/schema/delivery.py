"""Tables of delivery: requests and what they wait for, sessions, leases, message sets, raw responses.

Leases, fences and epochs are here from the first day: every write of a session is conditional on its fence.
"""

from __future__ import annotations

import sqlalchemy as sa

from qbconsole.store.schema.columns import METADATA, minor, number, of, of_row, raw, row_id, text

# Asked of each row that is put or moved. No more than two values in an IN: for three SQLite fills a table first.
READY = "state = 'ready'"
DUE = "state = 'waiting' AND open_needs = 0 AND open_slots = 0"
FLYING = "state IN ('sent', 'in_doubt')"
# Of message sets: QuickBooks keeps a record of them, and nobody needs it any more. What only asks is called q. and more.
KEPT = "state = 'answered' AND substr(id, 1, 2) <> 'q.'"
OF_ANOTHER = "document_key <> subject_key"
# Told of what QuickBooks did and has no more, where its document is booked anew instead of posted again.
BOOKED_ANEW = "gone from QuickBooks, and booked anew"


def _partial(name: str, *columns: str, where: str) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


requests = sa.Table(
    "requests",
    METADATA,
    row_id(),
    of("company", "companies.id"),
    text("merchant", null=True),
    text("subject_key"),
    text("purpose"),
    number("round"),
    text(
        "claim"
    ),  # company/purpose/round, so that no second one stands beside it; with the id once it is over
    text("state"),
    number("stage"),  # place of its purpose in a session, then the caller's order
    number("open_needs"),
    number("open_slots"),
    number("needs_approval"),
    number("doubtful"),  # 1: QuickBooks may have it and no probe has said no
    number("attempt"),  # rises only when a new message set id is safe
    number("epoch"),
    text("name"),  # "SalesReceiptAdd"
    text("document_key", null=True),
    minor("total", null=True),
    text("currency", null=True),
    text("message_set", null=True),
    number("status_code", null=True),
    text("status_text"),
    text("qb_id"),  # TxnID or ListID answered
    text("made_at"),
    text("changed_at"),
    text("sent_at", null=True),
    raw("digest"),  # of a body with slots as it was given; empty without
    sa.Index("requests_claim", "subject_key", "claim", unique=True),
    _partial("requests_document", "document_key", where=OF_ANOTHER),
    _partial("requests_ready", "company", "stage", "id", where=READY),
    _partial("requests_due", "company", where=DUE),
    _partial("requests_flying", "company", "id", where=FLYING),
)

#: Apart, because a request's state changes often and its bytes hardly ever.
request_bodies = sa.Table(
    "request_bodies",
    METADATA,
    of_row("request_id", "requests.id", key=True),
    text("body"),
)

request_counts = sa.Table(
    "request_counts",
    METADATA,
    of("company", "companies.id", key=True),
    number("waiting"),
    number("ready"),
    number("awaiting_approval"),
    number("sent"),
    number("in_doubt"),
    number("answered"),
    number("refused"),
    number("quarantined"),
    number("superseded"),
)

request_needs = sa.Table(
    "request_needs",
    METADATA,
    of_row("request_id", "requests.id", key=True),
    text("kind", key=True),  # a list ("customer"), or "document" for a slot
    text("folded", key=True),  # the name without case, or the parent document's key
    text("token", key=True),  # the slot's mark in the body; "" for names
    of("company", "companies.id"),
    text("name"),
    text("value", null=True),  # the parent's TxnID once known
    sa.Index("request_needs_name", "company", "kind", "folded"),
    sqlite_with_rowid=False,
)

company_notes = sa.Table(
    "company_notes",
    METADATA,
    of("company", "companies.id", key=True),
    text("name", key=True),  # "pace", "read_back"
    text("value"),  # JSON
    text("noted_at"),
)

leases = sa.Table(
    "leases",
    METADATA,
    text("name", key=True),  # a company's id, or a role such as "scheduler"
    text("owner"),
    number("fence"),
    text("until", null=True),
)

sessions = sa.Table(
    "sessions",
    METADATA,
    text("ticket", key=True),
    of("company", "companies.id"),
    number("fence"),
    text("phase"),
    number("to_do"),
    number("done"),
    text("last_error"),
    text("client_version"),
    text("peer"),
    text("notes"),  # JSON of the conversation that has no column of its own
    text("opened_at"),
    text("last_at"),
    text("closed_at", null=True),
    sa.Index("sessions_company", "company", "opened_at"),
)

message_sets = sa.Table(
    "message_sets",
    METADATA,
    text("id", key=True),
    of("company", "companies.id"),
    text("ticket"),
    number("seq"),
    text("purpose"),
    number("fence"),
    number("attempt"),
    text("state"),
    number("times_sent"),
    text("request_ids"),  # JSON list, in the order of the set
    text("made_at"),
    text("changed_at"),
    text("body"),
    sa.Index("message_sets_ticket", "ticket", "seq"),
    sa.Index("message_sets_company", "company", "state"),
    _partial("message_sets_kept", "company", "changed_at", where=KEPT),
)

responses = sa.Table(
    "responses",
    METADATA,
    row_id(),
    text("ticket"),  # as it came: it may be stale or foreign
    text("message_set", null=True),
    text("hresult"),
    text("message"),
    text("arrived_at"),
    raw("raw"),
    sa.Index("responses_set", "message_set"),
    sa.Index("responses_ticket", "ticket"),
)

#: What workers that share a database know together of those that log in; nothing that matters for long.
peers = sa.Table(
    "peers",
    METADATA,
    text("name", key=True),  # "net/ADDRESS", "user/COMPANY": tokens; "version/ADDRESS": the client's version
    number("tokens"),  # thousandths
    text("value"),
    text("seen_at"),
    sa.Index("peers_seen", "seen_at"),
)
