"""Deleted since last: what somebody deleted in QuickBooks is never posted again unless a person says so.

QuickBooks tells of deletions of the last 90 days. Where the last look is older than 30 days that is said, for then a
deletion and a restore can hardly be told apart. Source: reliability.md F43; qbwc-protocol.md section 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState
from qbconsole.company.documents import DeletedDocument
from qbconsole.company.records import DeletedRecord
from qbconsole.qbxml.response import Reply
from qbconsole.store import books, holds, journal, lists
from qbconsole.store.books.recorded import THERE, applied_to
from qbconsole.sync.again.posting import freshen
from qbconsole.sync.deliver.doubt.since import OVERLAP, REACH
from qbconsole.sync.deliver.met import bearings, keep_bearings
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.sync.settle import hold_missing
from qbconsole.value import replace
from qbconsole.visible import safe

#: Beyond this a look is late, and beyond QuickBooks' own reach some deletions are never told.
LATE = timedelta(days=30)
#: At most so many applied documents are named in a sentence.
_NAMED = 3
_LONGEST = 200


def step(turn: Turn) -> Step | None:
    """Asked once a session."""
    if turn.notes.met.asked_deleted:
        return None
    until = bearings(turn.tx, turn.company).deleted_until
    since = datetime.fromisoformat(until) - OVERLAP if until else None
    questions = turn.asker.deleted(since.replace(tzinfo=None) if since is not None else None)
    asked = replace(turn.notes.met, asked_deleted=True)
    return Step(purpose="deleted", fragments=questions, notes=replace(turn.notes, met=asked))


def filed(filing: Filing) -> Notes:
    """Mark what is gone; the look counts when both questions were answered whole."""
    replies = {one.request_name: one for one in filing.answer.replies}
    told = [replies.get(name) for name in ("TxnDeletedQuery", "ListDeletedQuery")]
    gone = _documents(filing, [one.txn_id for one in filing.values(DeletedDocument)])
    entries = _entries(filing, filing.values(DeletedRecord))
    if gone or entries:
        freshen(filing.tx, filing.company, filing.at)
        for kind in entries:
            hold_missing(filing.tx, filing.company, kind, filing.at)
    unsure = [one for one in told if one is None or one.status_code not in (0, 1) or not one.is_whole]
    if unsure:
        _not_told(filing, unsure[0])
    else:
        _looked(filing)
    return filing.notes


def _documents(filing: Filing, txn_ids: Iterable[str]) -> list[books.DocumentRow]:
    """Documents of ours among what was deleted, each with a hold that says what depended on it."""
    rows = [books.by_txn_id(filing.tx, filing.company, one) for one in txn_ids]
    gone = [row for row in rows if row is not None and row.state in THERE]
    # Without a TxnID: whatever is put anew must not be tied to what is gone.
    moves = [
        books.DocumentMove(
            key=row.key,
            to_state=DocumentState.DELETED_IN_QUICKBOOKS,
            txn_id="",
            edit_sequence="",
            note=f"was {row.txn_id}",
        )
        for row in gone
    ]
    books.move_documents(filing.tx, moves, filing.at)
    applied = applied_to(filing.tx, filing.company, [row.key for row in gone])
    for row in gone:
        hold = Hold(
            reason=Reason.DELETED_IN_QUICKBOOKS,
            where=f"{row.kind} {row.ref_number}".strip(),
            sentence=f"{row.kind} {row.ref_number or row.txn_date} was deleted in QuickBooks."
            + _told_of(filing, applied.get(row.key, ())),
            next_step="`qbconsole queue ignore KEY --reason WHY` if it was meant; `qbconsole queue retry KEY` posts it again.",
            subject=row.key,
            cause=f"deleted_in_quickbooks:{row.key}",
        )
        holds.put_holds(filing.tx, row.merchant, filing.company, [hold], filing.at)
        data = {"txn_id": row.txn_id, "applied": applied.get(row.key, [])}
        journal.record(filing.tx, "quickbooks", "deleted", row.key, data, filing.at)
    return gone


def _told_of(filing: Filing, keys: Sequence[str]) -> str:
    """What was applied to a deleted document: it stands unapplied now, or cannot go."""
    rows = [row for key in keys for row in books.documents(filing.tx, keys=[key], limit=1)]
    if not rows:
        return ""
    named = ", ".join(f"{row.kind} {row.ref_number}".strip() for row in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return f" What was applied to it is not any more: {named}{more}."


def _entries(filing: Filing, told: Iterable[DeletedRecord]) -> set[str]:
    """Lists of which entries we knew are gone."""
    by_list: dict[str, list[str]] = {}
    for record in told:
        by_list.setdefault(_list_of(record.kind), []).append(record.list_id)
    touched = set()
    for kind, ids in by_list.items():
        if lists.mark_deleted(filing.tx, filing.company, kind, ids, filing.at):
            touched.add(kind)
    return touched


def _list_of(kind: str) -> str:
    """The list as we call it: ItemService is an item, StandardTerms are terms."""
    if kind.startswith("Item"):
        return "item"
    if kind.endswith("Terms"):
        return "terms"
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()


def _not_told(filing: Filing, unsure: Reply | None) -> None:
    """What is deleted stays unknown until QuickBooks tells it again: kept for the operator, once."""
    why = "no answer" if unsure is None else safe(f"{unsure.message} ({unsure.status_code})", limit=_LONGEST)
    told = (
        f"QuickBooks does not tell what is deleted in it: {why}. What somebody deletes there is not noticed, and what "
        "is looked for and not found is posted as if nobody had deleted it. Let the Web Connector's QuickBooks user be "
        "one who may ask for it."
    )
    left = bearings(filing.tx, filing.company)
    if left.deleted_untold != told:
        keep_bearings(filing.tx, filing.company, replace(left, deleted_untold=told), filing.at)
        journal.record(filing.tx, "quickbooks", "deleted_untold", filing.company, {"why": why}, filing.at)


def _looked(filing: Filing) -> None:
    """Until now all deletions are known, but for what a late look cannot tell."""
    left = bearings(filing.tx, filing.company)
    gap = left.deleted_gap
    last = datetime.fromisoformat(left.deleted_until) if left.deleted_until else filing.at
    if filing.at - last > LATE:
        days = (filing.at - last).days
        beyond = (
            " QuickBooks tells of 90 days only, so some are never told." if filing.at - last > REACH else ""
        )
        gap = (
            f"Deletions in QuickBooks were last looked for {days} days before {filing.at:%Y-%m-%d}: what was "
            f"deleted and what a restore took cannot be told apart for sure.{beyond}"
        )
        data = {"since": left.deleted_until, "days": days}
        journal.record(filing.tx, "quickbooks", "deleted_gap", filing.company, data, filing.at)
    new = replace(left, deleted_until=filing.at.isoformat(), deleted_gap=gap, deleted_untold="")
    keep_bearings(filing.tx, filing.company, new, filing.at)
