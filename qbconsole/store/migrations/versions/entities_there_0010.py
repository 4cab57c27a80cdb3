"""Whom QuickBooks has a document on, where that is another customer or vendor than the one it was booked with."""

from __future__ import annotations

from alembic import op

from qbconsole.store.migrations.shapes import key, texts

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; documents that were moved before are noted when they are read back next."""
    op.create_table(
        "entities_there",
        *texts("document_key", "entity"),
        key("entities_there", "document_key"),
        sqlite_with_rowid=False,
    )
