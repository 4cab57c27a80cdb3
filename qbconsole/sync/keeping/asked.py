"""What is asked of QuickBooks for a document."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.decide import Decided
from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import requests
from qbconsole.store.requests import NewRequest, Purpose, RequestRow
from qbconsole.sync.deliver.met import look_until
from qbconsole.sync.keeping.conflicts import Moved

_KEPT_BACK = (RequestState.WAITING, RequestState.AWAITING_APPROVAL, RequestState.SUPERSEDED)


def request_name(text: str) -> str:
    """The Add of a request: "SalesReceiptAdd"."""
    return text[1 : text.index("Rq", 1)]


def requests_of(
    tx: sa.Connection,
    merchant: Merchant,
    documents: Iterable[Decided],
    before: Collection[RequestRow],
    epoch: int,
) -> list[NewRequest]:
    """The requests of these documents; `before` are those that were put for them before.

    Of days that our database lost once a document may be there already, so it is put behind the epoch. So are those that
    were there and are gone: like all that is posted once more they are looked for first.
    """
    until, held_back = look_until(tx, merchant.company), _kept_back(before)
    were_there = {row.subject_key for row in before if row.is_gone}
    asked = []
    for decided in documents:
        plan = decided.named.plan
        if not decided.text:
            continue
        asked.append(
            NewRequest(
                company=merchant.company,
                merchant=merchant.id,
                subject_key=plan.key,
                purpose=Purpose.ADD,
                name=request_name(decided.text),
                body=decided.text,
                slots=decided.slots,
                needs=tuple((need.list_kind, need.full_name) for need in decided.needs),
                total=plan.total,
                document_key=plan.key,
                needs_approval=merchant.policy.approve == "manual" or plan.key in held_back,
                epoch=epoch - int(plan.on.isoformat() <= until or plan.key in were_there),
            )
        )
    return asked


def supersede_before(
    tx: sa.Connection, asked: Iterable[NewRequest], known: Collection[str], at: datetime
) -> None:
    """What these stand in the place of is not sent any more. Raises Moved where it left meanwhile.

    Decided again it may come to the very same bytes: that request stands, with what a person said of it.
    """
    if not known:
        return
    same = requests.unchanged(tx, [one for one in asked if one.subject_key in known])
    others = sorted(set(known) - same)
    fixed = requests.supersede(tx, others, at=at) if others else []
    if fixed:
        raise Moved("QuickBooks was given it while it was planned anew.", where=min(fixed))


def _kept_back(rows: Iterable[RequestRow]) -> set[str]:
    """Documents whose request a person keeps back: planned anew they still wait for that person.

    Also where it was taken back meanwhile, and nothing is asked for by now.
    """
    last = {row.subject_key: row for row in rows if row.purpose is Purpose.ADD}
    return {key for key, row in last.items() if row.needs_approval and row.state in _KEPT_BACK}
