"""Recheck: after an operator's word on the company file, what was recorded is looked for in it by its TxnID.

What is not there any more is `lost_by_restore`: it is posted again only by an operator's word, given with the decision
or later with `queue retry`. What is there is read back once more, if we heard of it since: the file has it as it was before
somebody edited it, and tells of no change. Reads only; it comes before the marker is written anew, and before anything is
sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import DocumentState
from qbconsole.company.bearings import Bearings
from qbconsole.company.documents import ObservedDocument
from qbconsole.qbxml.response import Reply
from qbconsole.store import books, holds, journal
from qbconsole.store.books.recorded import APART, by_txn_ids, heard_of_since, recorded_since, without_id_since
from qbconsole.sync.again.posting import freshen, post_again
from qbconsole.sync.deliver.doubt.condensed import keep_summed
from qbconsole.sync.deliver.met import bearings, keep_bearings
from qbconsole.sync.deliver.phases import verify
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.value import replace

#: So many are asked for in one question.
AT_ONCE = 100


def step(turn: Turn) -> Step | None:
    """The next documents by number; when all were asked for, what waits is held against the lists as they are now."""
    left = bearings(turn.tx, turn.company)
    if left.recheck_since is None:
        return None
    since = datetime.fromisoformat(left.recheck_since) if left.recheck_since else None
    rows = recorded_since(turn.tx, turn.company, since, after=left.recheck_after, limit=AT_ONCE)
    if rows:
        questions = turn.asker.by_txn_ids(
            [row.txn_id for row in rows if row.kind != APART],
            [row.txn_id for row in rows if row.kind == APART],
        )
        ids = f"{rows[0].id - 1}-{rows[-1].id}"
        return Step(purpose=f"recheck:{ids}", fragments=questions, notes=turn.notes)
    again = heard_of_since(turn.tx, turn.company, since, after=left.reread_after, limit=AT_ONCE)
    if again:
        kinds: dict[str, list[str]] = {}
        for row in again:
            kinds.setdefault(row.kind, []).append(row.txn_id)
        purpose = f"reread:{again[-1].id}"
        return Step(purpose=purpose, fragments=turn.asker.read_back(kinds), notes=turn.notes)
    done = replace(left, recheck_since=None, recheck_after=0, reread_after=0, post_again=False)
    keep_bearings(turn.tx, turn.company, done, turn.at)
    if left.post_again:
        keys = _lost_now(turn, left)
        post_again(turn.tx, turn.company, keys, who=left.said_by, at=turn.at)
    _flag_credits(turn, since, left.found_at)
    freshen(turn.tx, turn.company, turn.at)
    return None


def _lost_now(turn: Turn, left: Bearings) -> list[str]:
    """What is lost since this file was met; what an earlier restore took still waits for a word of its own."""
    met = datetime.fromisoformat(left.found_at) if left.found_at else None
    lost = books.documents(
        turn.tx, company=turn.company, states=[DocumentState.LOST_BY_RESTORE], limit=1_000_000
    )
    return [row.key for row in lost if met is None or row.changed_at >= met]


def _flag_credits(turn: Turn, since: datetime | None, found_at: str) -> None:
    """No look tells whether credits are still used in an older file, and to use them once more may be wrong: a person looks."""
    for row in without_id_since(turn.tx, turn.company, since):
        cause = f"credits:{row.key}"
        holds.cure(turn.tx, turn.company, cause, turn.at)  # the look at this file is the one before's too
        hold = Hold(
            reason=Reason.DRIFTED,
            # A person's word on an older file is none on this one: without its time a released flag would not come again.
            where=f"{row.key}, company file found {found_at}",
            sentence=f"{row.key} used credits, which may be unused again in the company file that is gone on with.",
            next_step="See with `qbconsole show KEY` what it settles; where that is open in QuickBooks, apply the credit to it "
            "there. Then release this.",
            subject=row.key,
            cause=cause,
        )
        holds.put_holds(turn.tx, row.merchant, turn.company, [hold], turn.at)


def filed(filing: Filing) -> Notes:
    """Found: it stays as it is. Not found in a whole answer: lost, unless it may be condensed."""
    notes = filing.notes
    if (unsure := _unsure(filing.answer.replies)) is not None:
        return replace(
            notes, stop=f"QuickBooks did not say which documents it has ({unsure}). Nothing was written."
        )
    left = bearings(filing.tx, filing.company)
    after, last = (int(number) for number in filing.argument.split("-"))
    since = datetime.fromisoformat(left.recheck_since) if left.recheck_since else None
    rows = recorded_since(filing.tx, filing.company, since, after=after, limit=AT_ONCE)
    there = {found.txn_id: found for found in filing.values(ObservedDocument)}
    absent = [row for row in rows if row.id <= last and not _is_it(row, there.get(row.txn_id))]
    _lose(filing, keep_summed(filing, absent))
    keep_bearings(filing.tx, filing.company, replace(left, recheck_after=last), filing.at)
    return notes


def filed_again(filing: Filing) -> Notes:
    """What is there, held against our books as it is by now; the look for what is gone was before."""
    if (unsure := _unsure(filing.answer.replies)) is not None:
        return replace(
            filing.notes,
            stop=f"QuickBooks did not say how its documents are by now ({unsure}). Nothing was written.",
        )
    found = {one.txn_id: one for one in filing.values(ObservedDocument)}
    verify.judge(filing, by_txn_ids(filing.tx, filing.company, found), found)
    left = bearings(filing.tx, filing.company)
    keep_bearings(filing.tx, filing.company, replace(left, reread_after=int(filing.argument)), filing.at)
    return filing.notes


def _unsure(told: Sequence[Reply]) -> str | None:
    """Why an answer does not say what is there; None where it does."""
    if not told:
        return "no answer"
    unsure = next((one for one in told if one.status_code not in (0, 1, 500) or not one.is_whole), None)
    return None if unsure is None else unsure.message


def _is_it(row: books.DocumentRow, found: ObservedDocument | None) -> bool:
    """A TxnID names one document for ever; one with another of our keys was written in another life of the file."""
    return found is not None and (key_in(found.memo) or row.key) == row.key


def _lose(filing: Filing, rows: list[books.DocumentRow]) -> None:
    """These are gone with the older file."""
    # Without a TxnID: whatever is put anew must not be tied to what is gone.
    moves = [
        books.DocumentMove(
            key=row.key,
            to_state=DocumentState.LOST_BY_RESTORE,
            txn_id="",
            edit_sequence="",
            note=f"was {row.txn_id} in the newer file",
        )
        for row in rows
    ]
    books.move_documents(filing.tx, moves, filing.at)
    for row in rows:
        hold = Hold(
            reason=Reason.LOST_BY_RESTORE,
            where=f"{row.kind} {row.ref_number}".strip(),
            sentence=f"{row.kind} {row.ref_number or row.txn_date} is not in the restored company file.",
            next_step="`qbconsole queue retry --lost` posts all of them again; `qbconsole queue ignore KEY --reason WHY` leaves one out.",
            subject=row.key,
            cause=f"lost_by_restore:{filing.company}",
        )
        holds.put_holds(filing.tx, row.merchant, filing.company, [hold], filing.at)
    if rows:
        data = {"documents": len(rows), "keys": [row.key for row in rows]}
        journal.record(filing.tx, "quickbooks", "lost_by_restore", filing.company, data, filing.at)
