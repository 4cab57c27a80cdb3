"""Payouts booked by older programs are looked at once more, so that it is known which rows of the balance they paid out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let `book` decide them again: what is booked stays as it is, and no other payout takes their rows."""
    op.execute(sa.text("UPDATE snapshot_heads SET to_book = 1 WHERE kind = 'payout'"))
