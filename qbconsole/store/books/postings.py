"""Postings as kept: what the books say per day, role and account, sent or not. Debit positive."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa

from qbconsole.books.lifecycle import COUNTED, DocumentState
from qbconsole.money import Money
from qbconsole.store.database.statements import AnyRow
from qbconsole.store.schema import documents, postings
from qbconsole.value import Value

_P, _D = postings.c, documents.c
_COUNTED = sorted(state.value for state in COUNTED)


class PostingRow(Value):
    """One posting and the document it is of."""

    document_key: str
    kind: str
    state: DocumentState
    on: date
    role: str
    #: Tells postings of one role apart, such as the tax's title.
    facet: str
    account: str
    amount: Money


class PostingTotal(Value):
    """All postings of one day, role and account together."""

    on: date
    role: str
    account: str
    amount: Money


def postings_between(
    tx: sa.Connection,
    *,
    merchant: str | None = None,
    company: str | None = None,
    first: date | None = None,
    last: date | None = None,
) -> list[PostingRow]:
    """The postings of all documents that count, by day and document; first and last are inclusive."""
    statement = sa.select(_D.key, _D.kind, _D.state, postings).join_from(
        postings, documents, _P.document_id == _D.id
    )
    narrowed = _narrowed(statement, merchant, company, first, last)
    return [_row(row) for row in tx.execute(narrowed.order_by(_P.on_date, _P.document_id, _P.line))]


def postings_of(tx: sa.Connection, document_key: str) -> list[PostingRow]:
    """One document's postings in their order, whatever its state."""
    statement = (
        sa.select(_D.key, _D.kind, _D.state, postings)
        .join_from(postings, documents, _P.document_id == _D.id)
        .where(_D.key == document_key)
        .order_by(_P.line)
    )
    return [_row(row) for row in tx.execute(statement)]


def is_posted(tx: sa.Connection, merchant: str, role: str) -> bool:
    """Whether any document that counts posts to a role."""
    found = (
        sa.select(_P.line)
        .join_from(postings, documents, _P.document_id == _D.id)
        .where(_P.merchant == merchant, _P.role == role, _D.state.in_(_COUNTED))
    )
    return tx.execute(found.limit(1)).first() is not None


def posting_totals(
    tx: sa.Connection,
    *,
    merchant: str | None = None,
    company: str | None = None,
    first: date | None = None,
    last: date | None = None,
) -> list[PostingTotal]:
    """The same added up by day, role, account and currency; sums of zero are left out."""
    groups = (_P.on_date, _P.role, _P.account, _P.currency)
    amount = sa.func.sum(_P.amount)
    statement = sa.select(*groups, amount.label("amount")).join_from(
        postings, documents, _P.document_id == _D.id
    )
    narrowed = _narrowed(statement, merchant, company, first, last)
    return [
        PostingTotal(
            on=date.fromisoformat(row.on_date),
            role=row.role,
            account=row.account,
            amount=Money.from_minor(int(row.amount), row.currency),
        )
        for row in tx.execute(narrowed.group_by(*groups).having(amount != 0).order_by(*groups))
    ]


def ledger(tx: sa.Connection, company: str, *, without: Collection[str] = ()) -> dict[str, int]:
    """Account -> minor units over all documents that count but those of kinds left out; zeros left out."""
    amount = sa.func.sum(_P.amount)
    statement = (
        sa.select(_P.account, amount.label("amount"))
        .join_from(postings, documents, _P.document_id == _D.id)
        .where(_D.company == company, _D.state.in_(_COUNTED), _D.kind.not_in(sorted(without)))
        .group_by(_P.account)
        .having(amount != 0)
        .order_by(_P.account)
    )
    return {row.account: int(row.amount) for row in tx.execute(statement)}


def _narrowed(
    statement: sa.Select[Any],
    merchant: str | None,
    company: str | None,
    first: date | None,
    last: date | None,
) -> sa.Select[Any]:
    statement = statement.where(_D.state.in_(_COUNTED))
    if merchant is not None:
        statement = statement.where(_P.merchant == merchant)
    if company is not None:
        statement = statement.where(_D.company == company)
    if first is not None:
        statement = statement.where(_P.on_date >= first.isoformat())
    if last is not None:
        statement = statement.where(_P.on_date <= last.isoformat())
    return statement


def _row(row: AnyRow) -> PostingRow:
    return PostingRow(
        document_key=row.key,
        kind=row.kind,
        state=DocumentState(row.state),
        on=date.fromisoformat(row.on_date),
        role=row.role,
        facet=row.facet,
        account=row.account,
        amount=Money.from_minor(row.amount, row.currency),
    )
