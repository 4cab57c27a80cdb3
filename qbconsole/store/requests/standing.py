"""Which subjects have a request standing for them already."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from qbconsole.store.database.statements import chunks, listed
from qbconsole.store.requests.rows import Purpose, claim_text
from qbconsole.store.schema import request_needs
from qbconsole.store.schema import requests as table

_STANDING = sa.select(table.c.subject_key, table.c.id).where(
    table.c.subject_key.in_(sa.bindparam("subjects", expanding=True)),
    table.c.claim == sa.bindparam("claim"),
)


def standing(
    tx: sa.Connection, company: str, purpose: Purpose, subject_keys: Iterable[str], *, round: int = 0
) -> dict[str, int]:
    """Subject -> id of the request that claims it; superseded ones claim nothing."""
    found: dict[str, int] = {}
    claim = claim_text(company, purpose, round)
    for part in chunks(list(subject_keys)):
        found |= {row.subject_key: row.id for row in listed(tx, _STANDING, "subjects", part, claim=claim)}
    return found


_NEEDING = (
    sa.select(request_needs.c.name, table.c.document_key, table.c.merchant)
    .join_from(request_needs, table, request_needs.c.request_id == table.c.id)
    .where(
        request_needs.c.company == sa.bindparam("company"),
        request_needs.c.kind == sa.bindparam("kind"),
        table.c.document_key.is_not(None),
    )
    .order_by(request_needs.c.name, table.c.id)
)


def documents_needing(
    tx: sa.Connection, company: str, list_kind: str
) -> dict[str, list[tuple[str, str | None]]]:
    """Name of a list -> (document key, merchant) of the requests that wait for it."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for row in tx.execute(_NEEDING, {"company": company, "kind": list_kind}):
        found.setdefault(row.name, []).append((row.document_key, row.merchant))
    return found
