"""Slots of a request that is complete, and what is given free when it has to be put anew."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from qbconsole.store.requests.waiting import LINE
from qbconsole.store.schema import links, request_needs
from qbconsole.store.schema import requests as table
from qbconsole.store.schema.delivery import BOOKED_ANEW
from qbconsole.value import Value


class Slot(Value):
    """One place of a body where the id of another document, or of its line, stands or will stand."""

    token: str
    #: Key of the document or of its line.
    parent: str
    #: What stands there; "" while it is not known.
    value: str


_N = request_needs.c


def slots_of(tx: sa.Connection, request_id: int) -> list[Slot]:
    """The slots of a request, filled or not."""
    statement = (
        sa.select(_N.token, _N.folded, _N.value)
        .where(_N.request_id == request_id, _N.kind == "document")
        .order_by(_N.token)
    )
    return [Slot(token=row.token, parent=row.folded, value=row.value or "") for row in tx.execute(statement)]


def renew_claim(tx: sa.Connection, request_id: int) -> None:
    """What this answered request did is gone: another may stand for the same thing, as a further attempt."""
    statement = sa.update(table).where(table.c.id == request_id)
    claim = table.c.claim + "/" + sa.cast(table.c.id, sa.Text)
    tx.execute(statement.values(claim=claim, attempt=table.c.attempt + 1))


def book_anew(tx: sa.Connection, request_id: int) -> None:
    """What this answered request did is gone, and its document is decided again: nothing of it is fixed any more."""
    renew_claim(tx, request_id)
    tx.execute(sa.update(table).where(table.c.id == request_id).values(status_text=BOOKED_ANEW))


def forget_lines(tx: sa.Connection, document_keys: Sequence[str]) -> None:
    """What QuickBooks called the lines of these documents is no more."""
    for key in document_keys:
        where = (links.c.kind == LINE) & links.c.source_id.startswith(f"{key}#", autoescape=True)
        tx.execute(sa.delete(links).where(where))
