"""Tables of decisions and memory: mapping revisions, the journal, schedule runs, secrets.

The journal is append-only, refused by the database itself, and hash-chained; `journal_head` remembers its end,
so that a journal cut short is found too.
"""

from __future__ import annotations

import sqlalchemy as sa

from qbconsole.store.schema.columns import BIG, METADATA, number, raw, row_id, text

mapping_revisions = sa.Table(
    "mapping_revisions",
    METADATA,
    row_id(),
    text("scope"),
    text("sha256"),
    text("plugins"),  # JSON: name -> sha256
    text("who"),
    text("why"),
    text("kept_at"),
    number("turn"),  # the highest of a scope is in force
    text("text"),
    sa.Index("mapping_revisions_once", "scope", "sha256", unique=True),
    sa.Index("mapping_revisions_turn", "scope", "turn"),
)

journal = sa.Table(
    "journal",
    METADATA,
    sa.Column("seq", BIG, primary_key=True, autoincrement=False),
    text("at"),
    text("who"),
    text("verb"),
    text("subject"),
    raw("data"),
    raw("previous"),
    raw("hash"),
    sa.Index("journal_subject", "subject"),
)

journal_head = sa.Table(
    "journal_head",
    METADATA,
    number("id", key=True),
    sa.Column("seq", BIG, nullable=False),
    raw("hash"),
)

schedule_runs = sa.Table(
    "schedule_runs",
    METADATA,
    row_id(),
    text("subject"),  # a merchant's or company's id
    text("verb"),
    text("due_at"),
    text("started_at"),
    text("ended_at", null=True),
    text("outcome"),
    text("detail"),
    sa.Index("schedule_runs_once", "subject", "verb", "due_at", unique=True),
)

secrets = sa.Table(
    "secrets",
    METADATA,
    text("scope", key=True),
    text("name", key=True),
    raw("value"),  # encrypted
    text("kept_at"),
)

#: Statements that make the journal append-only, by engine.
APPEND_ONLY: dict[str, tuple[str, ...]] = {
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
