"""Cursors: how far a pull came; one moves in the commit of the rows it covers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from qbconsole.store.database.statements import put_rows, run
from qbconsole.store.encoding import moment_text
from qbconsole.store.schema import cursors

_CURSOR = sa.select(cursors.c.value).where(
    cursors.c.merchant == sa.bindparam("merchant"), cursors.c.name == sa.bindparam("name")
)


def get_cursor(tx: sa.Connection, merchant: str, name: str) -> str | None:
    """Where the last pull stopped."""
    return run(tx, _CURSOR, {"merchant": merchant, "name": name}).scalar_one_or_none()  # type: ignore[no-any-return]


def set_cursor(tx: sa.Connection, merchant: str, name: str, value: str, at: datetime) -> None:
    """Move a cursor; in the commit of the rows it covers."""
    row = {"merchant": merchant, "name": name, "value": value, "moved_at": moment_text(at)}
    put_rows(tx, cursors, ("merchant", "name"), [row])
