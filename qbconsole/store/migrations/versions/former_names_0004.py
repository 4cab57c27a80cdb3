"""The names that entries of QuickBooks' lists bore before, so that a rename is known by the ListID."""

from __future__ import annotations

from alembic import op

from qbconsole.store.migrations.shapes import key, of, texts

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what was renamed before nobody knows."""
    op.create_table(
        "former_names",
        *texts("company", "kind", "list_id", "folded", "full_name", "left_at"),
        of("former_names", "company", "companies.id"),
        key("former_names", "company", "kind", "list_id", "folded"),
    )
