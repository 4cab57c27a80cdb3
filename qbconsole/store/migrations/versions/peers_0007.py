"""What several workers know together of those that log in."""

from __future__ import annotations

from alembic import op

from qbconsole.store.migrations.shapes import index, key, number, texts

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; it begins empty: nobody failed yet."""
    op.create_table(
        "peers", *texts("name"), number("tokens"), *texts("value", "seen_at"), key("peers", "name")
    )
    index("peers_seen", "peers", "seen_at")
