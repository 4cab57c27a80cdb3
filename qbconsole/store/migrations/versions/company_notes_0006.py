"""What delivery remembers of a company from one session to the next, and which recovery records may be cleared."""

from __future__ import annotations

from alembic import op

from qbconsole.store.migrations.shapes import index, key, of, texts

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nothing was measured before."""
    op.create_table(
        "company_notes",
        *texts("company", "name", "value", "noted_at"),
        of("company_notes", "company", "companies.id"),
        key("company_notes", "company", "name"),
    )
    kept = "state = 'answered' AND purpose IN ('send', 'mark')"
    index("message_sets_kept", "message_sets", "company", "changed_at", where=kept)
