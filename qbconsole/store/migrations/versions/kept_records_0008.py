"""QuickBooks may forget every set it keeps a record of: those that wrote only our marker were left out before.

Sets without a record have an id that begins with `q.`.
"""

from __future__ import annotations

from alembic import op

from qbconsole.store.migrations.shapes import index

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index anew, of all that QuickBooks remembers."""
    op.drop_index("message_sets_kept", table_name="message_sets")
    kept = "state = 'answered' AND substr(id, 1, 2) <> 'q.'"
    index("message_sets_kept", "message_sets", "company", "changed_at", where=kept)
