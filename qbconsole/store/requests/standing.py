"""Which subjects have a request standing for them already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from qbconsole.books.lifecycle import GONE, REQUEST_BEGINS, RequestState
from qbconsole.store.database.statements import chunks, listed, run
from qbconsole.store.encoding import digest, folded
from qbconsole.store.requests.rows import WHOLE, NewRequest, Purpose, RequestRow, claim_text, request_row
from qbconsole.store.schema import request_bodies, request_needs
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


#: Told of an add that never left because QuickBooks' list had the entry.
ALREADY = "it is in QuickBooks already"
_MET = sa.select(table.c.subject_key, table.c.id).where(
    table.c.subject_key.in_(sa.bindparam("subjects", expanding=True)),
    table.c.company == sa.bindparam("company"),
    table.c.purpose == Purpose.LIST_ADD.value,
    table.c.state == RequestState.SUPERSEDED.value,
    table.c.status_text == ALREADY,
)


def met_before_sent(tx: sa.Connection, company: str, subject_keys: Iterable[str]) -> dict[str, int]:
    """List entry -> the last request to add it that was taken back because QuickBooks had it already."""
    found: dict[str, int] = {}
    for part in chunks(list(subject_keys)):
        for row in listed(tx, _MET, "subjects", part, company=company):
            found[row.subject_key] = max(row.id, found.get(row.subject_key, 0))
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
    for row in run(tx, _NEEDING, {"company": company, "kind": list_kind}):
        found.setdefault(row.name, []).append((row.document_key, row.merchant))
    return found


_BEGUN = ", ".join(f"'{state.value}'" for state in sorted(REQUEST_BEGINS))
_SAME = (
    sa.select(table.c.id, table.c.subject_key, table.c.claim, table.c.digest, request_bodies.c.body)
    .join_from(table, request_bodies, table.c.id == request_bodies.c.request_id)
    .where(
        table.c.subject_key.in_(sa.bindparam("subjects", expanding=True)),
        sa.text(f"requests.state IN ({_BEGUN}) AND requests.doubtful = 0"),
    )
)
_NAMED = sa.select(request_needs.c.request_id, request_needs.c.kind, request_needs.c.folded).where(
    request_needs.c.request_id.in_(sa.bindparam("ids", expanding=True)), sa.text("request_needs.token = ''")
)


def unchanged(tx: sa.Connection, requests: Sequence[NewRequest]) -> set[str]:
    """Subjects whose unsent request has these very bytes already and waits for these very names.

    Such a request may stand: it keeps its place, its number and what a person said of it.
    """
    wanted = {(new.subject_key, new.claim): new for new in requests}
    same: set[str] = set()
    for part in chunks(sorted({new.subject_key for new in requests})):
        rows = {row.id: row for row in listed(tx, _SAME, "subjects", part)}
        needs: dict[int, set[tuple[str, str]]] = {}
        for ids in chunks(sorted(rows)):
            for row in listed(tx, _NAMED, "ids", ids):
                needs.setdefault(row.request_id, set()).add((row.kind, row.folded))
        for number, row in rows.items():
            new = wanted.get((row.subject_key, row.claim))
            if new is None or needs.get(number, set()) != {(kind, folded(name)) for kind, name in new.needs}:
                continue
            if body_digest(new) == row.digest and (new.slots or row.body == new.body):
                same.add(row.subject_key)
    return same


def body_digest(new: NewRequest) -> bytes:
    """Tells bodies with slots apart, since those are rewritten; a body without any is compared as it is."""
    if not new.slots:
        return b""
    slots = "".join(f"\n{token}={parent}" for token, parent in sorted(new.slots.items()))
    return digest(f"{new.body}{slots}".encode())


_WAITED_FOR = (
    sa.select(request_needs.c.kind, request_needs.c.name)
    .join_from(request_needs, table, request_needs.c.request_id == table.c.id)
    .where(
        table.c.subject_key.in_(sa.bindparam("subjects", expanding=True)), sa.text("request_needs.token = ''")
    )
    .distinct()
)
_STILL = sa.select(request_needs.c.folded).where(
    request_needs.c.company == sa.bindparam("company"),
    request_needs.c.kind == sa.bindparam("kind"),
    request_needs.c.folded == sa.bindparam("folded"),
)


def names_waited_for(tx: sa.Connection, subject_keys: Iterable[str]) -> set[tuple[str, str]]:
    """(list kind, name) that requests for these subjects wait for."""
    return {
        (row.kind, row.name)
        for part in chunks(sorted(subject_keys))
        for row in listed(tx, _WAITED_FOR, "subjects", part)
    }


def nobody_waits_for(
    tx: sa.Connection, company: str, names: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those of these names that no request of the company waits for."""
    return {
        (kind, name)
        for kind, name in names
        if tx.execute(_STILL, {"company": company, "kind": kind, "folded": folded(name)}).first() is None
    }


_GONE = ", ".join(f"'{state.value}'" for state in sorted({*GONE, RequestState.SUPERSEDED}))
_ENTRIES = WHOLE.where(
    table.c.company == sa.bindparam("company"),
    table.c.merchant == sa.bindparam("merchant"),
    table.c.purpose == Purpose.LIST_ADD.value,
    sa.func.substr(table.c.subject_key, 1, sa.bindparam("length")) == sa.bindparam("kind"),
    sa.text(f"requests.state NOT IN ({_GONE}) AND requests.doubtful = 0"),
).order_by(table.c.id)


def unsent_entries(tx: sa.Connection, company: str, merchant: str, list_kind: str) -> list[RequestRow]:
    """Entries of a list that a merchant asked for and QuickBooks has nothing of; refused ones too."""
    kind = f"{list_kind}/"
    here = {"company": company, "merchant": merchant, "kind": kind, "length": len(kind)}
    return [request_row(row) for row in tx.execute(_ENTRIES, here)]
