"""Verify: what was recorded is read back and held against our books.

It becomes `verified`, or `drifted` with a flag that says what differs; nothing is ever written over. A session reads
back a bounded number; the rest follows in later ones. Source: reliability.md b3 step 7, F42.
"""

from __future__ import annotations

from collections.abc import Mapping

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState
from qbconsole.company.documents import ObservedDocument
from qbconsole.store import books, holds, journal
from qbconsole.store.books import recorded
from qbconsole.sync.again.posting import freshen
from qbconsole.sync.deliver.doubt.condensed import keep_summed
from qbconsole.sync.deliver.seen.comparing import Booked, differences
from qbconsole.sync.deliver.seen.entities import heed_entities, same_names
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.value import replace

#: So many are read back in one question, and so many questions are asked in a session.
AT_ONCE = 100
QUESTIONS = 10


def step(turn: Turn) -> Step | None:
    """The next recorded ones; None where all were read back, or enough for one session."""
    if turn.notes.read_back < QUESTIONS:
        rows = recorded.to_read_back(turn.tx, turn.company, AT_ONCE)
        rows = [row for row in rows if row.id > turn.notes.read_until]
        if rows:
            kinds: dict[str, list[str]] = {}
            for row in rows:
                kinds.setdefault(row.kind, []).append(row.txn_id)
            notes = replace(turn.notes, read_back=turn.notes.read_back + 1, read_until=rows[-1].id)
            ids = ",".join(str(row.id) for row in rows)
            return Step(purpose=f"verify:{ids}", fragments=turn.asker.read_back(kinds), notes=notes)
    return None


def filed(filing: Filing) -> Notes:
    """Hold what was found against our books; what a whole answer does not have is gone."""
    found = {one.txn_id: one for one in filing.values(ObservedDocument)}
    told = recorded.by_txn_ids(filing.tx, filing.company, found)
    judge(filing, told, found)
    ids = {int(number) for number in filing.argument.split(",") if number}
    asked = [
        row for row in recorded.to_read_back(filing.tx, filing.company, AT_ONCE * QUESTIONS) if row.id in ids
    ]
    missing = [row for row in asked if row.txn_id not in found]
    whole = all(one.status_code in (0, 1, 500) and one.is_whole for one in filing.answer.replies)
    if missing and whole and filing.answer.replies and filing.answer.fault is None:
        # An answer that QuickBooks' own record gave may be of before the file was condensed.
        for row in keep_summed(filing, missing):
            _gone(filing, row, "is not in QuickBooks any more")
        freshen(filing.tx, filing.company, filing.at)
    return filing.notes


def judge(
    filing: Filing, rows: Mapping[str, books.DocumentRow], found: Mapping[str, ObservedDocument]
) -> None:
    """Each document verified, drifted or gone; what waits is not tied to what is gone."""
    bodies = recorded.bodies_of(filing.tx, [row.id for row in rows.values()])
    shown = recorded.totals_shown(filing.tx, filing.company, [row.key for row in rows.values()])
    same = same_names(filing.tx, filing.company, found.values())
    there = {row.key: found[txn_id] for txn_id, row in rows.items() if not found[txn_id].is_void}
    heed_entities(filing, there, same)
    for txn_id, row in rows.items():
        seen = found[txn_id]
        if seen.is_void:
            _gone(filing, row, "was voided in QuickBooks")
            continue
        totals = frozenset({row.total.minor, shown.get(row.key, row.total.minor)})
        booked = Booked(
            key=row.key,
            txn_date=row.txn_date,
            totals=totals,
            currency=row.total.currency,
            document=bodies[row.id],
        )
        _settle(filing, row, seen, differences(booked, seen, same))
    if any(found[txn_id].is_void for txn_id in rows):
        freshen(filing.tx, filing.company, filing.at)


def _settle(filing: Filing, row: books.DocumentRow, seen: ObservedDocument, what: list[str]) -> None:
    cause = f"drifted:{row.key}"
    state = DocumentState.DRIFTED if what else DocumentState.VERIFIED
    if row.state is not state or row.edit_sequence != seen.edit_sequence:
        move = books.DocumentMove(key=row.key, to_state=state, edit_sequence=seen.edit_sequence or None)
        books.move_documents(filing.tx, [move], filing.at)
    if not what:
        if row.state is DocumentState.DRIFTED:
            holds.cure(filing.tx, filing.company, cause, filing.at)
            journal.record(
                filing.tx, "quickbooks", "as_booked_again", row.key, {"txn_id": row.txn_id}, filing.at
            )
        return
    name = f"{row.kind} {row.ref_number}".strip()
    hold = Hold(
        reason=Reason.DRIFTED,
        where=name,
        sentence=f"{name} in QuickBooks is not as it was booked: {'; '.join(what)}.",
        next_step="Compare it in QuickBooks and put right what is wrong there; nothing is written over it.",
        subject=row.key,
        cause=cause,
    )
    holds.put_holds(filing.tx, row.merchant, filing.company, [hold], filing.at)
    if row.state is not DocumentState.DRIFTED:
        journal.record(filing.tx, "quickbooks", "drifted", row.key, {"what": what}, filing.at)


def _gone(filing: Filing, row: books.DocumentRow, how: str) -> None:
    """Deleted or voided by somebody: posted again only by an operator's word."""
    # Without a TxnID: whatever is put anew must not be tied to what is gone.
    move = books.DocumentMove(
        key=row.key,
        to_state=DocumentState.DELETED_IN_QUICKBOOKS,
        txn_id="",
        edit_sequence="",
        note=f"was {row.txn_id}",
    )
    books.move_documents(filing.tx, [move], filing.at)
    hold = Hold(
        reason=Reason.DELETED_IN_QUICKBOOKS,
        where=f"{row.kind} {row.ref_number}".strip(),
        sentence=f"{row.kind} {row.ref_number or row.txn_date} {how}.",
        next_step="`qbconsole queue ignore KEY --reason WHY` if it was meant; `qbconsole queue retry KEY` posts it again.",
        subject=row.key,
        cause=f"deleted_in_quickbooks:{row.key}",
    )
    holds.put_holds(filing.tx, row.merchant, filing.company, [hold], filing.at)
    journal.record(filing.tx, "quickbooks", "deleted", row.key, {"txn_id": row.txn_id, "how": how}, filing.at)
