"""What the books say per day, by role and by account, sent or not: the JSON of `postings --json`.

Debit positive, amounts as text with two decimals, zeros left out (design.md section 8). What is held for its
accounting contributes nothing; what only its delivery is held for does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from qbconsole.books.holds import DELIVERY
from qbconsole.books.lifecycle import COUNTED
from qbconsole.money import Money
from qbconsole.store import books, holds
from qbconsole.store.database import Store

_PAGE = 1000


def postings(
    store: Store,
    *,
    merchant: str | None = None,
    company: str | None = None,
    first: date | None = None,
    last: date | None = None,
) -> dict[str, Any]:
    """The whole answer; `first` and `last` are inclusive posting days."""
    with store.reading() as tx:
        rows = books.postings_between(tx, merchant=merchant, company=company, first=first, last=last)
        own: dict[str, dict[str, str]] = {}
        sums: dict[str, dict[str, Money]] = {}
        for row in rows:
            _add(sums.setdefault(row.document_key, {}), row.role, row.amount)
        own = {key: _texts(amounts) for key, amounts in sums.items()}
        return {
            "postings": _by_day((row.on, row.role, row.amount) for row in rows),
            "accounts": _by_day((row.on, row.account, row.amount) for row in rows),
            "documents": _documents(tx, own, merchant, company, first, last),
            "holds": _holds(tx, merchant, company),
        }


def _by_day(rows: Iterable[tuple[date, str, Money]]) -> dict[str, dict[str, str]]:
    days: dict[str, dict[str, Money]] = {}
    for on, name, amount in rows:
        _add(days.setdefault(on.isoformat(), {}), name, amount)
    told = {day: _texts(amounts) for day, amounts in sorted(days.items())}
    return {day: amounts for day, amounts in told.items() if amounts}


def _add(sums: dict[str, Money], name: str, amount: Money) -> None:
    sums[name] = sums[name] + amount if name in sums else amount


def _texts(amounts: dict[str, Money]) -> dict[str, str]:
    return {name: amount.text() for name, amount in sorted(amounts.items()) if amount}


def _documents(
    tx: sa.Connection,
    own: dict[str, dict[str, str]],
    merchant: str | None,
    company: str | None,
    first: date | None,
    last: date | None,
) -> list[dict[str, Any]]:
    """Documents that count and are dated, or post, within the days."""
    found: list[dict[str, Any]] = []
    after = 0
    while page := books.documents(
        tx, merchant=merchant, company=company, states=COUNTED, after=after, limit=_PAGE
    ):
        after = page[-1].id
        found.extend(
            _document(row, own.get(row.key, {}))
            for row in page
            if row.key in own or ((first or row.txn_date) <= row.txn_date <= (last or row.txn_date))
        )
    return sorted(found, key=lambda row: (row["txn_date"], row["key"]))


def _document(row: books.DocumentRow, amounts: dict[str, str]) -> dict[str, Any]:
    return {
        "key": row.key,
        "kind": row.kind,
        "ref_number": row.ref_number,
        "txn_date": row.txn_date.isoformat(),
        "state": row.state.value,
        "postings": amounts,
    }


def _holds(tx: sa.Connection, merchant: str | None, company: str | None) -> list[dict[str, str]]:
    """Every open hold and flag: what keeps something out of the books first, then what blocks delivery."""
    rows = holds.open_holds(tx, merchant=merchant, company=company)
    rows.sort(key=lambda row: (row.hold.reason in DELIVERY, row.id))
    return [
        {
            "reason": row.hold.reason.value,
            "source": row.hold.where or row.hold.subject,
            "message": row.hold.sentence,
        }
        for row in rows
    ]
