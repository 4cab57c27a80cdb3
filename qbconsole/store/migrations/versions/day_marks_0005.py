"""What summaries booked by older programs do not tell: which money of a day was a deposit, what its returns put back.

Both are told by the membership since; without them a deposit is never released, and restocking told later is not
posted. They are worked out from the events and marked where they come to exactly what the day posted; where they do
not, the day is flagged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

from qbconsole.store.migrations.marks import Sale, day_sums, marks_of_costs, marks_of_deposits

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_DAYS = sa.text(
    "SELECT d.id, d.key, d.company, d.merchant, d.txn_date, b.plan FROM documents d"
    " JOIN document_bodies b ON b.document_id = d.id"
    " WHERE d.source_id LIKE 'day/%' AND d.kind = 'JournalEntry' AND d.state <> 'undone' ORDER BY d.id"
)
_EVENT = sa.text(
    "SELECT e.source_id, e.body, e.snapshot_id FROM events e WHERE e.merchant = :merchant AND e.key = :key"
)
_SALES = sa.text(
    "SELECT e.key, e.body, s.raw FROM events e LEFT JOIN snapshots s ON s.id = e.snapshot_id"
    " WHERE e.merchant = :merchant AND e.source_id = :source ORDER BY e.id"
)
_STANDS = sa.text(
    "SELECT min(d.txn_date) FROM document_events m JOIN documents d ON d.id = m.document_id"
    " WHERE m.merchant = :merchant AND m.event_key = :key AND m.live = 1"
)
_MARK = sa.text(
    "UPDATE document_events SET part = :part WHERE document_id = :id AND event_key = :key AND part = ''"
)
_PLAN = sa.text("UPDATE document_bodies SET plan = :plan WHERE document_id = :id")
_FLAG = sa.text(
    "INSERT INTO holds (company, merchant, subject, reason, place, sentence, next_step, cause, flag, state,"
    " held_at, changed_at, ended_by, ended_why) VALUES (:company, :merchant, :subject, 'summary_not_told', :place,"
    " :sentence, :next_step, :cause, 1, 'open', :at, :at, '', '')"
)
_LACKS = {
    "deposits": (
        "Which of its money was taken before the sale counted was not kept, and cannot be told from its amounts.",
        "Look whether customer deposits and receivables of its orders come to nothing; book the rest by hand.",
    ),
    "costs": (
        "What its returns put back to stock was not kept, and cannot be told from its amounts.",
        "If restocking of one of its returns is told later, move the cost between stock and loss by hand.",
    ),
}


def upgrade() -> None:
    """Mark every day that can be told, flag the others."""
    tx = op.get_bind()
    for day in tx.execute(_DAYS).all():
        plan = json.loads(bytes(day.plan))
        bare = [one["event_key"] for one in plan["members"] if not one["part"]]
        found: dict[str, str] = {}
        for what, marks in (
            ("deposits", _deposits(tx, day, plan, bare)),
            ("costs", _costs(tx, day, plan, bare)),
        ):
            if marks is None:
                _flag(tx, day, what)
            else:
                found |= marks
        if found:
            _keep(tx, day.id, plan, found)


def _deposits(
    tx: sa.Connection, day: Any, plan: dict[str, Any], bare: Sequence[str]
) -> dict[str, str] | None:
    debits, credits = day_sums(plan["postings"], "customer_deposits")
    if not debits and not credits:
        return {}
    sure: dict[str, Decimal] = {}
    maybe: dict[str, Decimal] = {}
    for key in bare:
        row = tx.execute(_EVENT, {"merchant": day.merchant, "key": key}).one_or_none()
        if row is None or not key.startswith("txn/"):
            continue
        amount = Decimal(json.loads(bytes(row.body))[1]["amount"]["shop"]["amount"])
        counted = _counts_from(tx, day.merchant, row.source_id)
        if counted is None:
            sure[key] = amount
        elif counted >= day.txn_date:
            maybe[key] = amount  # released since, or paid on the day: its mark changes nothing any more
    return marks_of_deposits(sure, maybe, credits)


def _counts_from(tx: sa.Connection, merchant: str, source: str) -> str | None:
    """The first day on which a sale of the order stands in the books; None where none does."""
    days = []
    for row in tx.execute(_SALES, {"merchant": merchant, "source": source}):
        if json.loads(bytes(row.body))[0] == "SaleEvent":
            days.append(tx.execute(_STANDS, {"merchant": merchant, "key": row.key}).scalar())
    return min((day for day in days if day), default=None)


def _costs(tx: sa.Connection, day: Any, plan: dict[str, Any], bare: Sequence[str]) -> dict[str, str] | None:
    costs = [one["event_key"] for one in plan["members"] if one["event_key"].startswith("cost/")]
    sales: dict[str, list[Sale]] = {}
    for key in costs:
        row = tx.execute(_EVENT, {"merchant": day.merchant, "key": _sale_of(key)}).one_or_none()
        if row is None:
            return None if set(costs) & set(bare) else {}
        if row.source_id not in sales:
            sales[row.source_id] = list(_sales(tx, day.merchant, row.source_id))
    return marks_of_costs(plan, sales.values(), [key for key in bare if key in costs])


def _sale_of(cost: str) -> str:
    return cost.removeprefix("cost/").partition(".restock")[0]


def _sales(tx: sa.Connection, merchant: str, source: str) -> Iterable[Sale]:
    for row in tx.execute(_SALES, {"merchant": merchant, "source": source}):
        kind, body = json.loads(bytes(row.body))
        if kind == "SaleEvent":
            yield Sale(body, json.loads(bytes(row.raw)) if row.raw else {})


def _keep(tx: sa.Connection, document: int, plan: dict[str, Any], found: dict[str, str]) -> None:
    for member in plan["members"]:
        if not member["part"] and member["event_key"] in found:
            member["part"] = found[member["event_key"]]
            tx.execute(_MARK, {"part": member["part"], "id": document, "key": member["event_key"]})
    raw = json.dumps(plan, separators=(",", ":"), ensure_ascii=False).encode()
    tx.execute(_PLAN, {"plan": raw, "id": document})


def _flag(tx: sa.Connection, day: Any, what: str) -> None:
    sentence, next_step = _LACKS[what]
    at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    place = f"summary of {day.txn_date}, {what}"
    who = {"company": day.company, "merchant": day.merchant, "subject": day.key, "place": place, "at": at}
    tx.execute(
        _FLAG, {**who, "sentence": sentence, "next_step": next_step, "cause": f"summary_not_told:{what}"}
    )
