"""Aside: what no look can tell about waits for a person; until then it neither goes nor is booked anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qbconsole.books.holds import Hold, Reason
from qbconsole.store import holds, journal, requests
from qbconsole.store.requests import RequestRow
from qbconsole.sync.deliver.dependants import hold_dependants
from qbconsole.sync.deliver.turn import Filing


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
