"""Peers: what workers that share a database know together of those that log in: failures left, and client versions.

Nothing here decides about books; a row lost costs courtesy. Rows are forgotten after a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from qbconsole.store.database.statements import put_rows
from qbconsole.store.encoding import moment, moment_text
from qbconsole.store.schema import peers
from qbconsole.value import Value

_KEPT = timedelta(days=1)
_FIND = sa.select(peers.c.tokens, peers.c.value, peers.c.seen_at).where(peers.c.name == sa.bindparam("name"))


class Peer(Value):
    """One row."""

    #: Thousandths of a token.
    tokens: int
    value: str
    seen_at: datetime


def find(tx: sa.Connection, name: str, *, lock: bool = False) -> Peer | None:
    """What is known of a name; with `lock` nobody else changes it until the commit."""
    statement = _FIND.with_for_update() if lock else _FIND
    row = tx.execute(statement, {"name": name}).one_or_none()
    return None if row is None else Peer(tokens=row[0], value=row[1], seen_at=moment(row[2]))


def put(tx: sa.Connection, name: str, at: datetime, *, tokens: int = 0, value: str = "") -> None:
    """Know this of a name from now on."""
    row = {"name": name, "tokens": tokens, "value": value, "seen_at": moment_text(at)}
    put_rows(tx, peers, ("name",), [row])


def forget_old(tx: sa.Connection, now: datetime) -> int:
    """Drop what nobody was seen under for a day; gives how many."""
    return tx.execute(sa.delete(peers).where(peers.c.seen_at < moment_text(now - _KEPT))).rowcount
