"""Rows of the request queue: what is put in, what is read out, and how the counters are kept.

One writer at a time changes a company's requests: on SQLite there is only one writer, on PostgreSQL the row of
counters is the company's lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from qbconsole.books.lifecycle import GONE, RequestState
from qbconsole.money import Money
from qbconsole.store.database.statements import AnyRow, chunks, listed, run
from qbconsole.store.encoding import maybe_moment, moment
from qbconsole.store.schema import request_bodies, request_counts
from qbconsole.store.schema import requests as table
from qbconsole.store.schema.delivery import BOOKED_ANEW
from qbconsole.value import Value, field


class Purpose(StrEnum):
    """What a request is for; the order is the order of a session."""

    QUERY = "query"
    LIST_ADD = "list_add"
    ADD = "add"
    MOD = "mod"
    VOID = "void"
    DELETE = "delete"
    MARKER = "marker"


#: A second one of these for the same subject would be a duplicate, also after the first was answered.
ONCE = frozenset({Purpose.ADD, Purpose.LIST_ADD})
#: Room for the caller's own order inside a purpose.
STEPS = 100
STAGES: Mapping[Purpose, int] = {purpose: place * STEPS for place, purpose in enumerate(Purpose)}


def claim_text(company: str, purpose: Purpose, round: int) -> str:
    """What one request alone may stand for, among those of its subject."""
    return f"{company}/{purpose}/{round}"


class NewRequest(Value):
    """Rendered bytes for QuickBooks."""

    company: str
    merchant: str | None
    #: What it is about: a document's key, "customer/Ann Lee", "list/account".
    subject_key: str
    purpose: Purpose
    #: "SalesReceiptAdd"
    name: str
    #: qbXML; the tokens of its slots stand where TxnIDs will.
    body: str
    #: token -> key of the document whose TxnID goes there.
    slots: Mapping[str, str] = field(default_factory=dict)
    #: (list kind, name): list entries that must be in QuickBooks first.
    needs: tuple[tuple[str, str], ...] = ()
    total: Money | None = None
    #: 0–99: place among requests of the same purpose; what is equal goes in the order it was put.
    order: int = 0
    document_key: str | None = None
    #: True: waits for an operator once it is complete.
    needs_approval: bool = False
    #: Rises when an operator has the same document posted once more.
    round: int = 0
    epoch: int = 1

    @property
    def claim(self) -> str:
        """What this request alone may stand for, among those of its subject."""
        return claim_text(self.company, self.purpose, self.round)


class RequestRow(Value):
    """One request as kept."""

    id: int
    company: str
    merchant: str | None
    subject_key: str
    purpose: Purpose
    name: str
    body: str
    state: RequestState
    document_key: str | None
    total: Money | None
    needs_approval: bool
    #: QuickBooks may have it, and no probe has said no.
    doubtful: bool
    open_needs: int
    open_slots: int
    round: int
    attempt: int
    epoch: int
    message_set: str | None
    status_code: int | None
    status_text: str
    #: TxnID or ListID answered.
    qb_id: str
    made_at: datetime
    changed_at: datetime
    sent_at: datetime | None

    @property
    def is_fixed(self) -> bool:
        """QuickBooks has it, may have it, or may get it yet: its bytes stay as they are.

        The last is what a probe found nothing of. A request that hangs in QuickBooks may still be carried out, and
        only the same bytes under the same id are told apart from a second one.
        """
        lost = self.state is RequestState.READY and self.sent_at is not None and self.status_code is None
        return (self.state in GONE and not self.is_gone) or self.doubtful or lost

    @property
    def is_gone(self) -> bool:
        """What QuickBooks did is gone from it, and another request stands for the same thing as a further attempt."""
        return self.state is RequestState.ANSWERED and self.status_text == BOOKED_ANEW


_PURPOSES = {purpose.value: purpose for purpose in Purpose}
_STATES = {state.value: state for state in RequestState}
_TALLIED = tuple((f"n_{state.value}", state) for state in RequestState)
_IDS: sa.BindParameter[int] = sa.bindparam("ids", expanding=True)
_FIELDS = tuple(one.name for one in fields(RequestRow))
#: Every request query starts here; its columns are the fields of RequestRow, in order, and the currency.
WHOLE = sa.select(
    *(request_bodies.c.body if name == "body" else table.c[name] for name in _FIELDS), table.c.currency
).join_from(table, request_bodies, table.c.id == request_bodies.c.request_id)
_BY_ID = WHOLE.where(table.c.id.in_(_IDS))
_COMPANIES = sa.select(table.c.company).where(table.c.id.in_(_IDS)).distinct()
_LOCK = (
    sa.select(request_counts.c.company)
    .where(request_counts.c.company == sa.bindparam("id"))
    .with_for_update()
)
_TALLY = (
    sa.update(request_counts)
    .where(request_counts.c.company == sa.bindparam("id"))
    .values(
        {
            state.value: request_counts.c[state.value] + sa.bindparam(f"n_{state.value}")
            for state in RequestState
        }
    )
)
_COUNTS = sa.select(request_counts).where(request_counts.c.company == sa.bindparam("id"))


def lock(tx: sa.Connection, company: str) -> None:
    """Be the only one to change a company's requests until the commit."""
    if tx.dialect.name != "sqlite":
        run(tx, _LOCK, {"id": company})


def lock_of(tx: sa.Connection, ids: Iterable[int]) -> None:
    """The same for whichever companies these requests are of."""
    if tx.dialect.name == "sqlite":
        return
    found = {name for part in chunks(ids) for name in listed(tx, _COMPANIES, "ids", part).scalars()}
    for name in sorted(found):
        lock(tx, name)


def tally(tx: sa.Connection, company: str, change: Counter[RequestState]) -> None:
    """Add to a company's counters."""
    if any(change.values()):
        values: dict[str, Any] = {name: change[state] for name, state in _TALLIED}
        values["id"] = company
        run(tx, _TALLY, values)


def counts(tx: sa.Connection, company: str) -> dict[RequestState, int]:
    """How many requests are in each state; read from a counter, whatever the backlog."""
    row = run(tx, _COUNTS, {"id": company}).one_or_none()
    return {state: 0 if row is None else getattr(row, name) for name, state in _STATES.items()}


def requests_by_id(tx: sa.Connection, ids: Iterable[int]) -> list[RequestRow]:
    """The requests with these ids, in the order asked; unknown ids are left out."""
    wanted = list(ids)
    found = {row[0]: row for part in chunks(wanted) for row in listed(tx, _BY_ID, "ids", part).tuples()}
    return [request_row(found[number]) for number in wanted if number in found]


def request_row(row: AnyRow) -> RequestRow:
    """A row of a `WHOLE` query as a value; spelled out, because hundreds are read for each set."""
    (
        number, company, merchant, subject_key, purpose, name, body, state, document_key, total,
        needs_approval, doubtful, open_needs, open_slots, round, attempt, epoch, message_set, status_code,
        status_text, qb_id, made_at, changed_at, sent_at, currency,
    ) = row  # fmt: skip
    return RequestRow(
        id=number,
        company=company,
        merchant=merchant,
        subject_key=subject_key,
        purpose=_PURPOSES[purpose],
        name=name,
        body=body,
        state=_STATES[state],
        document_key=document_key,
        total=None if total is None else Money.from_minor(total, currency),
        needs_approval=bool(needs_approval),
        doubtful=bool(doubtful),
        open_needs=open_needs,
        open_slots=open_slots,
        round=round,
        attempt=attempt,
        epoch=epoch,
        message_set=message_set,
        status_code=status_code,
        status_text=status_text,
        qb_id=qb_id,
        made_at=moment(made_at),
        changed_at=moment(changed_at),
        sent_at=maybe_moment(sent_at),
    )
