"""A list entry on its way into QuickBooks: an item, an account, a customer that documents name."""

from __future__ import annotations

import sqlalchemy as sa

from qbconsole.qbxml.render import entry_name
from qbconsole.store import parties, queue, requests
from qbconsole.store.requests import Purpose, RequestRow
from qbconsole.store.requests.waiting import needing
from qbconsole.views.journey.answers import Journey
from qbconsole.views.journey.documents import request_view
from qbconsole.views.journey.stops import request_stops

#: So many that wait for it are named.
_NAMED = 5


def entry_called(tx: sa.Connection, text: str) -> RequestRow | None:
    """The request for "item/mug-1", as the queue and holds call it; None where there is none."""
    owner, _, rest = text.partition("/")
    only = owner if owner in {row.id for row in parties.all_merchants(tx)} else ""
    key = (rest if only else text).casefold()
    for company in parties.all_companies(tx):
        found = requests.standing(tx, company.id, Purpose.LIST_ADD, [key])
        for row in requests.requests_by_id(tx, found.values()):
            if only in ("", row.merchant):
                return row
    return None


def journey_of_entry(tx: sa.Connection, row: RequestRow) -> Journey:
    """What is asked of QuickBooks, what it answered, and who waits."""
    kind, _, name = row.subject_key.partition("/")
    whole = entry_name(row.body) or name
    waiting = [
        one.document_key or one.subject_key
        for one in requests.requests_by_id(tx, needing(tx, row.company, kind, name))
    ]
    facts = [("Kind", kind), ("Name", whole), ("Request", " ".join(row.body.split()))]
    if waiting:
        more = f" and {len(waiting) - _NAMED:,} more" if len(waiting) > _NAMED else ""
        facts.append(("Waited for by", ", ".join(waiting[:_NAMED]) + more))
    held = queue.open_holds_of(tx, [(row.company, row.subject_key)])
    return Journey(
        order_id=row.subject_key,
        name=f"{kind.replace('_', ' ')} {whole}",
        merchant=row.merchant or "",
        company=row.company,
        facts=tuple(facts),
        lines=(),
        stops=tuple(request_stops(f"{kind.replace('_', ' ')} {whole}", request_view(tx, row))),
        documents=(),
        holds=tuple(one.hold for rows in held.values() for one in rows),
        raw=b"",
        kind="entry",
        nothing=f"It is an entry of QuickBooks' lists, and posts nothing itself. {len(waiting):,} requests wait for it; "
        f"`qbconsole show {row.subject_key}` tells how it goes.",
    )
