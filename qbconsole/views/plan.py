"""The batch plan: every document that is not in QuickBooks yet and what sending it would do to the ledger.

Its hash stands for exactly these documents with these bytes and amounts; an approval is bound to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.money import Money
from qbconsole.qbxml.render import entry_name
from qbconsole.store import books, journal, queue, requests
from qbconsole.store.database import Store
from qbconsole.store.requests import RequestRow
from qbconsole.views.approval import HELD_OR_NOT, NOTHING, ToApprove, to_approve
from qbconsole.visible import safe

_PAGE = 500
_LONGEST = 200
_GOING = (RequestState.WAITING, RequestState.READY, RequestState.AWAITING_APPROVAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDocument:
    """One document that will be sent."""

    key: str
    merchant: str
    kind: str
    ref_number: str
    number: str
    date: date
    total: Money
    #: State of its request; "held" while none is made.
    state: str
    needs_approval: bool
    #: Why it will not go, "" when it will.
    held: str
    request_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEntry:
    """A list entry QuickBooks lacks, or may lack: it is added before the documents that use it."""

    #: "account", "item", "customer" …
    list_kind: str
    name: str
    #: waiting (the list is not read yet), ready, awaiting_approval.
    state: str
    needs_approval: bool
    request_id: int
    #: "account/sales"
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """What the next sessions will send. Money in the company's currency; debit positive."""

    company: str
    documents: tuple[PlannedDocument, ...]
    #: (account, debits, credits, debits less credits), by account; documents that are held left out.
    effect: tuple[tuple[str, Money, Money, Money], ...]
    hash: str
    #: What would be added to QuickBooks' lists.
    entries: tuple[PlannedEntry, ...] = ()
    #: What of it waits for approval, counted as `status` counts it.
    to_approve: ToApprove = NOTHING

    @property
    def going(self) -> tuple[PlannedDocument, ...]:
        """Those that nothing holds."""
        return tuple(one for one in self.documents if not one.held)

    @property
    def adding(self) -> tuple[PlannedEntry, ...]:
        """The list entries that nobody holds by name."""
        kept = set(self.to_approve.kept)
        return tuple(one for one in self.entries if one.key not in kept)


def batch_plan(store: Store, company: str) -> BatchPlan:
    """The plan of one company; reads everything that is planned."""
    with store.reading() as tx:
        return batch_plan_in(tx, company)


def batch_plan_in(tx: sa.Connection, company: str) -> BatchPlan:
    """The same inside a unit of work, so that an approval sees what it approves."""
    planned: list[PlannedDocument] = []
    marks: list[str] = []
    after = 0
    while page := books.documents(
        tx, company=company, states=[DocumentState.PLANNED], after=after, limit=_PAGE
    ):
        after = page[-1].id
        keys = [row.key for row in page]
        asked = {
            row.document_key: row
            for row in requests.requests_of_documents(tx, keys)
            if row.state is not RequestState.SUPERSEDED
        }
        held = queue.open_holds_of(tx, [(company, key) for key in keys])
        kept = kept_back(tx, company, asked.values())
        for row in page:
            why = " ".join(
                one.hold.sentence for one in held.get((company, row.key), ()) if not one.hold.is_flag
            )
            why = " ".join(filter(None, (kept.get(row.key, ""), why)))
            one = _planned(row, asked.get(row.key), why)
            planned.append(one)
            marks.append(_mark(one, asked.get(row.key)))
    entries = _entries(tx, company)
    marks += [f"{entry.list_kind}/{entry.name}" for entry in entries]
    going = {one.key for one in planned if not one.held}
    return BatchPlan(
        entries=entries,
        to_approve=to_approve(tx, company),
        company=company,
        documents=tuple(planned),
        effect=_effect(tx, company, going),
        hash=hashlib.sha256("\n".join(sorted(marks)).encode()).hexdigest()[:16] if marks else "",
    )


def kept_back(tx: sa.Connection, company: str, asked: Iterable[RequestRow]) -> dict[str, str]:
    """Of these requests, what a person keeps back by name, with who and why: an approval of all the others is no word on it."""
    subjects = [row.subject_key for row in asked if row.needs_approval]
    words = journal.last_words(tx, HELD_OR_NOT, subjects, company=company)
    return {
        key: f"{word.who} holds it"
        + (f": {safe(why, limit=_LONGEST)}." if (why := word.data.get("reason")) else ".")
        for key, word in words.items()
        if word.verb == "hold"
    }


def _entries(tx: sa.Connection, company: str) -> tuple[PlannedEntry, ...]:
    found: list[PlannedEntry] = []
    after = 0
    while page := requests.requests_in(tx, company=company, states=_GOING, after=after, limit=_PAGE):
        after = page[-1].id
        for row in page:
            if row.purpose is requests.Purpose.LIST_ADD:
                kind, _, folded = row.subject_key.partition("/")
                found.append(
                    PlannedEntry(
                        list_kind=kind,
                        name=entry_name(row.body) or folded,
                        state=row.state.value,
                        needs_approval=row.needs_approval,
                        request_id=row.id,
                        key=row.subject_key,
                    )
                )
    return tuple(sorted(found, key=lambda one: (one.list_kind, one.name.casefold())))


def _planned(row: books.DocumentRow, asked: RequestRow | None, held: str) -> PlannedDocument:
    return PlannedDocument(
        key=row.key,
        merchant=row.merchant,
        kind=row.kind,
        ref_number=row.ref_number,
        number=row.number,
        date=row.txn_date,
        total=row.total,
        state=asked.state.value if asked else "held",
        needs_approval=asked is not None and asked.needs_approval,
        held=held or ("" if asked else "It has no request yet."),
        request_id=asked.id if asked else None,
    )


def _mark(one: PlannedDocument, asked: RequestRow | None) -> str:
    """What the hash covers of a document: its key, its amount and the bytes that will leave."""
    body = hashlib.sha256(asked.body.encode()).hexdigest() if asked else ""
    return f"{one.key} {one.total} {body} {bool(one.held)}"


def _effect(
    tx: sa.Connection, company: str, going: Iterable[str]
) -> tuple[tuple[str, Money, Money, Money], ...]:
    wanted = set(going)
    sums: dict[tuple[str, str], list[Money]] = {}
    for row in books.postings_between(tx, company=company):
        if row.document_key not in wanted:
            continue
        zero = Money.zero(row.amount.currency)
        both = sums.setdefault((row.account, row.amount.currency), [zero, zero])
        side = 0 if row.amount.minor > 0 else 1
        both[side] = both[side] + abs(row.amount)
    return tuple(
        (account, debit, credit, debit - credit) for (account, _), (debit, credit) in sorted(sums.items())
    )
