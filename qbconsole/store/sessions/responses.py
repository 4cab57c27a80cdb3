"""Responses: what a connector brought, kept as it came."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from qbconsole.store.database.statements import run
from qbconsole.store.encoding import moment, moment_text
from qbconsole.store.schema import responses

_KEEP = sa.insert(responses)


def keep_response(
    tx: sa.Connection,
    ticket: str,
    message_set_id: str | None,
    raw: bytes,
    *,
    at: datetime,
    hresult: str = "",
    message: str = "",
) -> None:
    """Keep an answer as it came, whoever's ticket it bears."""
    row = {
        "ticket": ticket,
        "message_set": message_set_id,
        "hresult": hresult,
        "message": message,
        "arrived_at": moment_text(at),
        "raw": raw,
    }
    run(tx, _KEEP, row)


def responses_to(tx: sa.Connection, message_set_id: str) -> list[tuple[datetime, bytes, str, str]]:
    """(arrived, raw, hresult, message) of every answer kept for a set, the oldest first."""
    statement = sa.select(responses).where(responses.c.message_set == message_set_id).order_by(responses.c.id)
    return [(moment(row.arrived_at), row.raw, row.hresult, row.message) for row in tx.execute(statement)]
