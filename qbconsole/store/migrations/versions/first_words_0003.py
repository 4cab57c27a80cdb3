"""The words orders speak of, each with the order that brought it first, so that plugins can be told what is new."""

from __future__ import annotations

from alembic import op

from qbconsole.store.migrations.shapes import key, of, texts

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what is booked already is news once more."""
    op.create_table(
        "first_words",
        *texts("merchant", "word", "source_id"),
        of("first_words", "merchant", "merchants.id"),
        key("first_words", "merchant", "word"),
        sqlite_with_rowid=False,
    )
