"""The law of buyers who had to be forgotten: their names stand in nothing kept of the shop, and in nothing sent anew.

What QuickBooks had, or may have had, before the demand was acted on keeps its bytes: a resend has to be the same. A
later order of the same buyer is a new acquaintance.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import sqlalchemy as sa

from qbconsole.rehearsal.simulate.checker.records import Records
from qbconsole.rehearsal.simulate.world import ForgottenBuyer, Violation, World

if TYPE_CHECKING:
    from qbconsole.store.database import Store

FORGOTTEN = "who has to be forgotten is forgotten"
_DEMAND = """
SELECT handled_at, arrived_at FROM inbox WHERE merchant = :merchant AND delivery_id = :delivery
"""
_ORDERS = "SELECT source_id, raw FROM snapshots WHERE merchant = :merchant AND kind = 'order' ORDER BY id"
_REQUESTS = """
SELECT r.id, r.state, r.subject_key, b.body, COALESCE(d.source_id, '') AS source_id
FROM requests r JOIN request_bodies b ON b.request_id = r.id LEFT JOIN documents d ON d.key = r.document_key
WHERE r.company = :company ORDER BY r.id
"""
_SETS = "SELECT id, made_at FROM message_sets WHERE company = :company"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One request as it stands at the end."""

    id: int
    #: It waits to be sent, or was sent.
    counts: bool
    subject: str
    body: str
    #: The order it is about, "" for a list entry.
    order: str


def check_forgotten(store: Store, records: Records, world: World) -> Iterator[Violation]:
    """Hold what is kept and what was sent against each demand. A database that was put back may not know of it."""
    if records.went_back:
        return
    with store.reading() as tx:
        for buyer in world.forgotten:
            here = {"merchant": buyer.merchant, "delivery": buyer.delivery}
            demand = tx.execute(sa.text(_DEMAND), here).one_or_none()
            if demand is None or demand.handled_at is None:
                sentence = (
                    f"Nobody acted on the demand to forget customer {buyer.customer} of {buyer.merchant}."
                )
                yield Violation(law=FORGOTTEN, sentence=sentence)
                continue
            orders = tx.execute(sa.text(_ORDERS), {"merchant": buyer.merchant}).all()
            yield from _still_told(buyer, orders, demand.arrived_at)
            mine, others = _orders_of(buyer, orders, demand.arrived_at)
            requests = [_asked(row) for row in tx.execute(sa.text(_REQUESTS), {"company": buyer.company})]
            made = {row.id: row.made_at for row in tx.execute(sa.text(_SETS), {"company": buyer.company})}
            left = {
                number
                for one in records.sets.values()
                if one.id in made and made[one.id] <= demand.handled_at
                for number in one.requests
            }
            yield from _still_said(buyer, requests, left, mine, met_again=others)


def _asked(row: Any) -> _Asked:
    counts = row.state != "superseded"
    return _Asked(id=row.id, counts=counts, subject=row.subject_key, body=row.body, order=row.source_id)


def _is_before(order: dict[str, Any], arrived: str) -> bool:
    return datetime.fromisoformat(order["createdAt"]) <= datetime.fromisoformat(arrived)


def _orders_of(buyer: ForgottenBuyer, rows: Any, arrived: str) -> tuple[set[str], bool]:
    """The buyer's orders of before, and whether there are later ones."""
    mine, others = set(), False
    for row in rows:
        order = json.loads(bytes(row.raw))
        if (order.get("customer") or {}).get("id", "").endswith(f"/{buyer.customer}"):
            if _is_before(order, arrived):
                mine.add(row.source_id)
            else:
                others = True
    return mine, others


def _still_told(buyer: ForgottenBuyer, rows: Any, arrived: str) -> Iterator[Violation]:
    for row in rows:
        order = json.loads(bytes(row.raw))
        about = (order.get("customer") or {}).get("id", "")
        if about.endswith(f"/{buyer.customer}") and _is_before(order, arrived):
            said = next((word for word in buyer.words if word in _texts(order)), "")
            if said:
                sentence = f"Order {order['name']} as we keep it still says {said!r}."
                yield Violation(law=FORGOTTEN, sentence=sentence)
                return


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {text for inner in value.values() for text in _texts(inner)}
    if isinstance(value, list):
        return {text for inner in value for text in _texts(inner)}
    return {value} if isinstance(value, str) else set()


def _still_said(
    buyer: ForgottenBuyer, requests: list[_Asked], left: set[int], mine: set[str], *, met_again: bool
) -> Iterator[Violation]:
    """Requests that had not left by then say nothing of the buyer, unless QuickBooks knew the name from us before."""
    known = {one.order for one in requests if one.id in left and one.order}
    named = {one.subject for one in requests if one.id in left}
    words = [escape(word) for word in buyer.words]
    for one in requests:
        if one.id in left or not one.counts:
            continue
        if one.order:
            about_buyer = one.order in mine and one.order not in known
        else:
            about_buyer = not met_again and one.subject not in named and f">{words[-1]}<" in one.body
        said = next((word for word in words if word in one.body), "") if about_buyer else ""
        if said:
            sentence = (
                f"The request for {one.subject} names {said!r}, who had to be forgotten before it left."
            )
            yield Violation(law=FORGOTTEN, sentence=sentence)
            return
