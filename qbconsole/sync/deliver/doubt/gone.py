"""Gone: of what is in doubt, what a person deleted or voided in QuickBooks before anybody knew that it was there.

A look does not find it, or finds it void, and neither proves that it never was there: its answer was lost, or our
database was restored from a backup, and a person took it back meanwhile. Posting it again would undo what that person
did, so it waits for a word, which is asked for once. Source: reliability.md F43, F26 and F34.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import HoldState
from qbconsole.company.documents import DeletedDocument, ObservedDocument
from qbconsole.store import books, holds, journal, requests
from qbconsole.store.requests import RequestRow
from qbconsole.sync.deliver.dependants import hold_dependants
from qbconsole.sync.deliver.turn import Filing
from qbconsole.sync.deliver.twice import key_of


def may_be_gone(rows: Iterable[RequestRow]) -> bool:
    """Whether a look for these has to ask what was deleted too: not for what was posted again because it was."""
    return any(not row.round for row in rows)


def hold_gone(filing: Filing, absent: Sequence[RequestRow]) -> list[RequestRow]:
    """Of requests in doubt that no look found, those that a person took back wait for a word; gives the others.

    What an operator had posted again after it was deleted is not asked about again.
    """
    voided = {key_of(one) for one in filing.values(ObservedDocument) if one.is_void} - {""}
    deleted = {(one.kind, one.ref_number) for one in filing.values(DeletedDocument) if one.ref_number}
    if not voided and not deleted:
        return list(absent)
    keys = [row.document_key or "" for row in absent if not row.round]
    ours = {one.key: one for one in books.documents(filing.tx, keys=keys, limit=len(keys) or 1)}
    held = set()
    for row in absent:
        one = None if row.round else ours.get(row.document_key or "")
        if one is None or _was_asked(filing, one.key):
            continue
        if one.key in voided or (one.kind, one.ref_number) in deleted:
            _hold(filing, row, one, "voided" if one.key in voided else "deleted")
            held.add(row.id)
    return [row for row in absent if row.id not in held]


def _was_asked(filing: Filing, key: str) -> bool:
    """Whether a person said already that it is to be posted all the same."""
    return any(
        row.hold.reason is Reason.DELETED_IN_QUICKBOOKS and row.state is not HoldState.OPEN
        for row in holds.holds_of(filing.tx, key)
    )


def _hold(filing: Filing, row: RequestRow, ours: books.DocumentRow, what: str) -> None:
    name = f"{ours.kind} {ours.ref_number}".strip()
    why = "its answer was lost" if row.message_set else "our database lost what became of it"
    sentence = f"{name} was {what} in QuickBooks, and {why}."
    hold = Hold(
        reason=Reason.DELETED_IN_QUICKBOOKS,
        where=name,
        sentence=sentence,
        next_step="`qbconsole queue ignore KEY` if it was meant; `qbconsole queue retry KEY` posts it again.",
        subject=ours.key,
        cause=f"deleted_in_quickbooks:{ours.key}",
    )
    holds.put_holds(filing.tx, row.merchant, filing.company, [hold], filing.at)
    hold_dependants(filing.tx, filing.company, row, filing.at)
    # It stays doubtful, so that booking anew cannot send it either.
    requests.quarantine(filing.tx, [row.id], why=sentence, at=filing.at)
    journal.record(filing.tx, "quickbooks", "deleted", ours.key, {"what": what}, filing.at)
