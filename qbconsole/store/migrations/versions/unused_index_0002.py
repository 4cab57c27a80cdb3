"""Without the index of parked requests, which no query used.

Its condition named four states, for which SQLite fills a table of its own each time a request is put or moved:
that took as long as the row itself.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop it."""
    op.drop_index("requests_parked", table_name="requests")
