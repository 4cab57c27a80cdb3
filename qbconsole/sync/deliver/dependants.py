"""Who waits for what QuickBooks did not take: each gets a hold that names it, and is cured when it is taken at last.

So it is with what no look can tell about, which a person has to look at first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qbconsole.books.holds import Hold, Reason
from qbconsole.store import holds, journal, requests
from qbconsole.store.requests import Purpose, RequestRow
from qbconsole.store.requests.waiting import needing
from qbconsole.sync.deliver.turn import Filing

_CAUSE = "waits_for:"


def hold_dependants(tx: sa.Connection, company: str, row: RequestRow, at: datetime) -> None:
    """Hold what waits for this request's TxnID or name, and what waits for that in turn."""
    what = f"{row.name.removesuffix('Add')} {row.subject_key}"
    seen: set[int] = {row.id}
    wave = _waiting_for(tx, company, row)
    while wave := [one for one in wave if one.id not in seen]:
        seen.update(one.id for one in wave)
        for merchant in {one.merchant for one in wave}:
            told = [_hold(one, what, row.subject_key) for one in wave if one.merchant == merchant]
            holds.put_holds(tx, merchant, company, told, at)
        wave = [behind for one in wave for behind in _waiting_for(tx, company, one)]


def _waiting_for(tx: sa.Connection, company: str, row: RequestRow) -> list[RequestRow]:
    if row.purpose is Purpose.LIST_ADD:
        kind, _, name = row.subject_key.partition("/")
        return requests.requests_by_id(tx, needing(tx, company, kind, name))
    return requests.requests_by_id(tx, requests.dependants(tx, row.document_key or row.subject_key))


def _hold(row: RequestRow, what: str, subject_key: str) -> Hold:
    return Hold(
        reason=Reason.WAITS_FOR,
        where=f"{row.name.removesuffix('Add')} {row.subject_key}",
        sentence=f"It waits for {what}, which QuickBooks did not take.",
        next_step=f"Look at `qbconsole show {subject_key}` and mend that; this one follows by itself.",
        subject=row.document_key or row.subject_key,
        cause=f"{_CAUSE}{subject_key}",
    )


def cure_dependants(tx: sa.Connection, company: str, taken: Iterable[RequestRow], at: datetime) -> None:
    """QuickBooks took these: what was held only because of them is not any more."""
    causes = {f"{_CAUSE}{row.subject_key}" for row in taken}
    if causes:
        for cause in sorted(causes & holds.open_causes(tx, company, _CAUSE)):
            holds.cure(tx, company, cause, at)


def put_aside(
    filing: Filing, row: RequestRow, reason: Reason, sentence: str, next_step: str, told: Mapping[str, Any]
) -> None:
    """Hold a request that may be in QuickBooks, and who waits for it. `told`: what the journal is to say of it."""
    hold = Hold(
        reason=reason,
        where=f"{row.name.removesuffix('Add')} {row.subject_key}",
        sentence=sentence,
        next_step=next_step,
        subject=row.document_key or row.subject_key,
        cause=f"{reason.value}:{row.subject_key}",
    )
    holds.put_holds(filing.tx, row.merchant, filing.company, [hold], filing.at)
    hold_dependants(filing.tx, filing.company, row, filing.at)
    # It stays doubtful, so that booking anew cannot send it either.
    requests.quarantine(filing.tx, [row.id], why=sentence, at=filing.at)
    journal.record(filing.tx, "quickbooks", reason.value, row.subject_key, dict(told), filing.at)
