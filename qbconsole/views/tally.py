"""Counts and sums for metrics and the demo: how much there is, what waits, what our books say by account."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from qbconsole.books.lifecycle import UNSENT, DocumentState, RequestState
from qbconsole.books.plan import DocumentKind
from qbconsole.money import Money
from qbconsole.store import books, holds, parties, requests
from qbconsole.store.database import Store

_RECORDED = (DocumentState.RECORDED, DocumentState.VERIFIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing that waits for a person: its first reason, all its sentences."""

    reason: str
    source: str
    message: str
    merchant: str
    #: True where the order has no document yet.
    is_order: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantTally:
    """Documents of one merchant."""

    documents: int
    recorded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """All of one company."""

    events: int
    documents: int
    recorded: int
    waiting: tuple[Waiting, ...]
    #: Account -> balance our documents come to, debit positive, but for those held before they were sent.
    ledger: dict[str, Decimal]
    merchants: dict[str, MerchantTally]


def tally(
    store: Store, company: str, currency: str = "USD", *, without: Collection[DocumentKind] = ()
) -> Tally:
    """Count one company's documents and add up its postings, but for those of kinds left out.

    What is held before it was sent, and what waits for it, is not added up either: `waiting` tells of it.
    """
    with store.reading() as tx:
        rows = books.documents(tx, company=company, limit=10_000_000)
        held = holds.open_holds(tx, company=company, flags_too=False)
        sums = books.ledger(tx, company, without=without)
        kinds = {row.key: row.kind for row in rows if row.state is DocumentState.PLANNED}
        for key in _kept_back(tx, held, kinds):
            for posting in books.postings_of(tx, key) if kinds[key] not in without else ():
                sums[posting.account] = sums.get(posting.account, 0) - posting.amount.minor
        events = books.count_events(tx)
    merchants = sorted({row.merchant for row in rows})
    return Tally(
        events=events,
        documents=len(rows),
        recorded=sum(row.state in _RECORDED for row in rows),
        waiting=_waiting(held),
        ledger={name: Money.from_minor(units, currency).amount for name, units in sums.items() if units},
        merchants={
            merchant: MerchantTally(
                documents=sum(row.merchant == merchant for row in rows),
                recorded=sum(row.merchant == merchant and row.state in _RECORDED for row in rows),
            )
            for merchant in merchants
        },
    )


def _kept_back(tx: sa.Connection, held: Iterable[holds.HoldRow], planned: Collection[str]) -> frozenset[str]:
    """Documents held before they were sent, and those that wait for them.

    One that QuickBooks was asked for is not among them, even where it refused it: that shows as a difference.
    """
    found: set[str] = set()
    now = {row.hold.subject for row in held}.intersection(planned)
    while now:
        asked = {
            row.document_key
            for row in requests.requests_of_documents(tx, now)
            if row.doubtful or row.state not in UNSENT
        }
        unasked = now - asked
        found |= unasked
        ids = [waiting for key in unasked for waiting in requests.dependants(tx, key)]
        waiting_for = {row.document_key for row in requests.requests_by_id(tx, ids) if row.document_key}
        now = waiting_for.intersection(planned) - found
    return frozenset(found)


def _waiting(rows: list[holds.HoldRow]) -> tuple[Waiting, ...]:
    found: dict[tuple[str | None, str], list[holds.HoldRow]] = {}
    for row in rows:
        found.setdefault((row.merchant, row.hold.subject), []).append(row)
    return tuple(
        Waiting(
            reason=group[0].hold.reason.value,
            source=group[0].hold.where or subject,
            message=" ".join(row.hold.sentence for row in group),
            merchant=merchant or "",
            is_order=not subject.startswith("qbc1/"),
        )
        for (merchant, subject), group in found.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyCounts:
    """What a scrape wants to know of a company."""

    company: str
    requests: dict[RequestState, int]
    last_contact_at: datetime | None


def company_counts(store: Store) -> tuple[CompanyCounts, ...]:
    """Requests by state, for every company; costs as much as there are companies."""
    with store.reading() as tx:
        return tuple(
            CompanyCounts(
                company=row.id,
                requests=dict(requests.counts(tx, row.id)),
                last_contact_at=row.last_contact_at,
            )
            for row in parties.all_companies(tx)
        )
