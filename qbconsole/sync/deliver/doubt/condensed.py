"""Condensed: what QuickBooks may have summed up, so that no look finds it though it is in the books.

Two facts narrow it down, and fences tell both, so that no clock has to: what left in the session that first met a
condensing, or later, came after it; what left after the last marker of an older file was never in that file. Source:
reliability.md F31 and F32. What neither tells may be in the summary, and is never posted again unasked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState
from qbconsole.company.bearings import Bearings
from qbconsole.company.documents import DeletedDocument
from qbconsole.company.verdict import Evidence, Verdict
from qbconsole.store import books, holds, parties, sessions
from qbconsole.store.books.recorded import left_in, marked_in, never_answered, seen_since
from qbconsole.store.requests import RequestRow
from qbconsole.sync.deliver.dependants import put_aside
from qbconsole.sync.deliver.doubt.gone import words_of
from qbconsole.sync.deliver.met import bearings
from qbconsole.sync.deliver.turn import Filing
from qbconsole.value import replace

#: Fence of what left nobody knows when, and of a marker that nobody knows.
_EVER, _NEVER = 0, sys.maxsize


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """QuickBooks' summary of what was condensed, as far as it is known from outside."""

    #: ISO day of the last condensing of the open file; "" where it never was.
    day: str
    #: Fence of the session that first met the file so.
    met_in: int
    #: Fence of the session whose marker is in the file: what left in later ones is not in it.
    marked_in: int
    #: ISO day: what is dated before it may be in it though our database does not know that it left; "" for nothing.
    unknown_before: str
    #: The file went back to a backup, and nothing tells what was in that: what is not there may be gone just as well.
    is_guess: bool = False

    def may_hold(self, dated: date, fence: int | None) -> bool:
        """Whether a document of a day may be in it; `fence` is that it left in, None where it never did."""
        if dated.isoformat() >= self.day:
            return False
        if fence is None:
            return dated.isoformat() < self.unknown_before
        return fence < self.met_in and fence <= self.marked_in


def met(left: Bearings, known: str, condensed: str, fence: int) -> Bearings:
    """A session meets a file condensed at that time ("" for never), and knew of `known` before: the bearings since."""
    if not condensed:
        return left
    first = {condensed: fence} | left.condensed_in
    unknown = left.summed_before
    if condensed != known and left.look_until:
        unknown = max(unknown, min(condensed[:10], left.look_until))
    return replace(left, condensed_in=first, summed_before=unknown)


def summary(filing: Filing) -> Summary:
    """What is known of the summary in the open file."""
    row = parties.company(filing.tx, filing.company)
    condensed = row.last_condense_time if row is not None else ""
    left = bearings(filing.tx, filing.company)
    marked = _marked_in(filing, left, filing.notes.met.told) if condensed else _NEVER
    return Summary(
        day=condensed[:10],
        met_in=left.condensed_in.get(condensed, _NEVER),
        marked_in=marked,
        unknown_before=left.summed_before,
        is_guess=marked == _NEVER and left.verdict == Verdict.RESTORED.value,
    )


def _marked_in(filing: Filing, left: Bearings, told: Evidence | None) -> int:
    """Fence of the marker that an older file was found with; nothing is concluded from one that may have come late."""
    if told is None or left.verdict != Verdict.RESTORED.value:
        return _NEVER
    if told.marker is None:  # of before our first session
        return _EVER
    if never_answered(filing.tx, filing.company, told.marker):
        return _NEVER
    fence = marked_in(filing.tx, filing.company, told.marker)
    return _NEVER if fence is None else fence


def hold_summed(
    filing: Filing, absent: Sequence[RequestRow], deleted: Mapping[int, DeletedDocument]
) -> list[RequestRow]:
    """Of requests in doubt that no look found, those that may be summed up wait for a person; gives the others.

    `deleted`: deletions that may be of them. Where one may be both, the two are asked together: who said of the deletion
    alone that it was another's would have posted what is in the summary.
    """
    of = summary(filing)
    summed = may_be_summed(filing, absent, of)
    for row in summed:
        _hold(filing, row, of.day, deleted.get(row.id))
    held = {row.id for row in summed}
    return [row for row in absent if row.id not in held]


def may_be_summed(filing: Filing, absent: Sequence[RequestRow], of: Summary) -> list[RequestRow]:
    """Those of requests in doubt that QuickBooks' summary may hold; none where the file was never condensed."""
    if not of.day or not absent:
        return []
    keys = [row.document_key or "" for row in absent]
    ours = {one.key: one for one in books.documents(filing.tx, keys=keys, limit=len(keys))}
    seen = seen_since(filing.tx, filing.company, ours, of.met_in)
    met_at = sessions.opened_in(filing.tx, filing.company, of.met_in)
    return [
        row
        for row in absent
        if (one := ours.get(row.document_key or "")) is not None
        and one.key not in seen
        and not _is_put_since(row, met_at)
        and of.may_hold(one.txn_date, _left_in(filing, row))
    ]


def _is_put_since(row: RequestRow, met_at: datetime | None) -> bool:
    """Whether a person had it posted again since then: what was there before is known to be gone, and this left later."""
    return bool(row.round) and not row.message_set and met_at is not None and row.made_at >= met_at


def _left_in(filing: Filing, row: RequestRow) -> int | None:
    """Fence of the session in which a request left last; None where it never did."""
    if row.message_set is None:
        return None
    left = sessions.message_set(filing.tx, row.message_set)
    return _EVER if left is None else left.fence


def _hold(filing: Filing, row: RequestRow, day: str, deleted: DeletedDocument | None) -> None:
    """QuickBooks may have it summed up: a person finds out."""
    why = "Its answer was lost" if row.message_set else "Our database may have lost what became of it"
    sentence = f"{why}, and the company file was condensed on {day}: it may be in the summary of its day."
    there, otherwise = "If it is there, voided or not", "if it is not"
    if deleted is not None:
        sentence += f" Or it is the document of its kind and number that was deleted {words_of(deleted)}."
        there += ", and was not deleted since, or if it was deleted and that was meant"
        otherwise = "if neither is so"
    step = (
        f"Look for it in the archive copy that QuickBooks made when it condensed. {there}, "
        f"`qbconsole queue ignore KEY --reason WHY`; {otherwise}, `qbconsole release KEY` posts it."
    )
    told = {"day": day} | ({"deleted": deleted.txn_id} if deleted is not None else {})
    put_aside(filing, row, Reason.MAY_BE_CONDENSED, sentence, step, told)


def keep_summed(filing: Filing, rows: Iterable[books.DocumentRow]) -> list[books.DocumentRow]:
    """Of recorded documents that are not there, those that may be summed up count as read back; gives the others.

    One that a look found after the condensing was met was not summed up by it, whenever it left.
    """
    of = summary(filing)
    rows = list(rows)
    if not of.day:
        return rows
    keys = [row.key for row in rows]
    fences, seen = left_in(filing.tx, keys), seen_since(filing.tx, filing.company, keys, of.met_in)
    summed = [
        row for row in rows if row.key not in seen and of.may_hold(row.txn_date, fences.get(row.key, _EVER))
    ]
    if of.is_guess:
        _flag_guessed(filing, summed, of.day)
    note = archived_on(of.day)
    moves = [books.DocumentMove(key=one.key, to_state=DocumentState.VERIFIED, note=note) for one in summed]
    books.move_documents(filing.tx, moves, filing.at)
    kept = {row.key for row in summed}
    return [row for row in rows if row.key not in kept]


def _flag_guessed(filing: Filing, rows: Iterable[books.DocumentRow], day: str) -> None:
    """They are never posted again unasked; that they may be missing is told."""
    by_merchant: dict[str, list[Hold]] = {}
    for row in rows:
        by_merchant.setdefault(row.merchant, []).append(_guessed(row, day))
    for merchant, flags in by_merchant.items():
        holds.put_holds(filing.tx, merchant, filing.company, flags, filing.at)


def _guessed(row: books.DocumentRow, day: str) -> Hold:
    name = f"{row.kind} {row.ref_number}".strip()
    return Hold(
        reason=Reason.DRIFTED,
        # A flag that a person released is not raised again under the same name.
        where=f"{name}, company file condensed on {day}",
        sentence=f"{name} is not in the company file, which was put back from a backup and condensed on {day}: it may be in "
        "the summary of its day, or that backup never had it.",
        next_step="Look for it in the archive copy that QuickBooks made when it condensed. If it is not there, enter it by "
        "hand. Then release this.",
        subject=row.key,
        cause=f"summed:{day}:{row.key}",
    )


def archived_on(day: str) -> str:
    """Note of a document that may be in the summary of that day."""
    return f"archived: the company file was condensed on {day}"
