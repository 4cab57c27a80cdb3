"""A document that is in QuickBooks twice: another one of its kind carries our key, under a TxnID that is not ours.

It comes of a dialog that was closed after its set went again elsewhere, or of somebody who made a copy. Only a person
can tell which of the two may go: one may stand in a deposit or a reconciliation. So it is told, and nothing is done.
"""

from __future__ import annotations

from collections.abc import Iterable

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.identity import key_in
from qbconsole.company.documents import ObservedDocument
from qbconsole.store import books, holds, journal
from qbconsole.store.books import recorded
from qbconsole.sync.deliver.turn import Filing


def key_of(found: ObservedDocument) -> str:
    """Our key: at the end of the memo, or of a journal line's memo."""
    memos = [found.memo, *(line.description for line in found.lines)]
    return next((key for memo in memos if (key := key_in(memo))), "")


def tell_twice(filing: Filing, seen: Iterable[ObservedDocument]) -> None:
    """Flag what of these carries the key of a document of ours that is there under another TxnID.

    It is cured once either is void; what was voided of ours is told apart from this.
    """
    keyed = [(key, found) for found in seen if (key := key_of(found))]
    keys = {key for key, _ in keyed}
    ours = {
        row.key: row
        for row in books.documents(filing.tx, company=filing.company, keys=keys, limit=len(keys))
        if row.txn_id and row.state in recorded.THERE
    }
    for key, found in keyed:
        row = ours.get(key)
        if found.is_void:
            _cure(filing, _cause(key, found.txn_id if row is not None else ""))
        elif row is not None and row.kind == found.kind and found.txn_id not in ("", row.txn_id):
            _flag(filing, row, found)


def _cause(key: str, txn_id: str) -> str:
    return f"twice_in_quickbooks:{key}:{txn_id}"


def _cure(filing: Filing, begins: str) -> None:
    for cause in holds.open_causes(filing.tx, filing.company, begins):
        holds.cure(filing.tx, filing.company, cause, filing.at)


def _flag(filing: Filing, row: books.DocumentRow, found: ObservedDocument) -> None:
    name = f"{row.kind} {row.ref_number}".strip()
    cause = _cause(row.key, found.txn_id)
    is_new = cause not in holds.open_causes(filing.tx, filing.company, cause)
    hold = Hold(
        reason=Reason.TWICE_IN_QUICKBOOKS,
        where=f"{name} as {found.txn_id}",
        sentence=f"{name} of {row.txn_date} is in QuickBooks twice: TxnID {row.txn_id} and {found.txn_id}.",
        next_step="Look which one stands in a deposit or reconciliation and void the other there, "
        "or take our key out of its memo if it is a copy that is meant; then release this.",
        subject=row.key,
        cause=cause,
    )
    standing = holds.put_holds(filing.tx, row.merchant, filing.company, [hold], filing.at)
    if standing and is_new:
        ids = {"txn_id": row.txn_id, "other": found.txn_id}
        journal.record(filing.tx, "quickbooks", "twice", row.key, ids, filing.at)
