"""Gone: of what is in doubt, what a person deleted or voided in QuickBooks before anybody knew that it was there.

A look does not find it, or finds it void, and neither proves that it never was there: its answer was lost, or our
database was restored from a backup, and a person took it back meanwhile. Posting it again would undo what that person
did, so it waits for a word, which is asked for once. Source: reliability.md F43, F26 and F34.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from qbconsole.books.documents.questions import TxnDeletedQuery
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import HoldState
from qbconsole.company.documents import DeletedDocument, ObservedDocument
from qbconsole.store import books, holds, journal, requests
from qbconsole.store.requests import RequestRow
from qbconsole.sync.deliver.dependants import hold_dependants
from qbconsole.sync.deliver.doubt.numbers import numbers_of
from qbconsole.sync.deliver.doubt.since import could_be_there, may_be_ours
from qbconsole.sync.deliver.seen.twice import key_of
from qbconsole.sync.deliver.turn import Filing
from qbconsole.visible import safe

_LOG = structlog.get_logger("qbconsole.deliver")
_LONGEST = 200


def hold_voided(filing: Filing, absent: Sequence[RequestRow]) -> list[RequestRow]:
    """Of requests in doubt that no look found, those that are there and void wait for a word; gives the others."""
    voided = {key_of(one) for one in filing.values(ObservedDocument) if one.is_void} - {""}
    ours = _documents(filing, absent)
    held = set()
    for row in absent:
        one = ours.get(row.document_key or "")
        if one is not None and one.key in voided and not _was_asked(filing, one.key):
            _hold(filing, row, one, "voided")
            held.add(row.id)
    return [row for row in absent if row.id not in held]


def deletions(filing: Filing, absent: Sequence[RequestRow]) -> dict[int, DeletedDocument]:
    """Request -> a deletion that may be of its document; a number proves nothing, and another's may have borne it."""
    ours = _documents(filing, absent)
    since = could_be_there(filing.tx, filing.company, absent, ours)
    _tell_unknown(filing, [row for row in absent if row.id in since])
    found = {}
    for row in absent:
        one = ours.get(row.document_key or "")
        if one is None or row.id not in since:
            continue
        told = _deleted(filing, row, one, since[row.id])
        if told is not None and not _was_asked(filing, one.key, told):
            found[row.id] = told
    return found


def hold_deleted(
    filing: Filing, absent: Sequence[RequestRow], told: Mapping[int, DeletedDocument]
) -> list[RequestRow]:
    """Those that a person may have deleted wait for a word; gives the others."""
    if not told:
        return list(absent)
    ours = _documents(filing, absent)
    for row in absent:
        if row.id in told:
            _hold(filing, row, ours[row.document_key or ""], "deleted", told[row.id])
    return [row for row in absent if row.id not in told]


def words_of(told: DeletedDocument) -> str:
    """A deletion by its day and TxnID, for a sentence."""
    day, txn_id = safe(told.time_deleted[:10], limit=_LONGEST), safe(told.txn_id, limit=_LONGEST)
    return f"on {day or 'an unknown day'} (TxnID {txn_id})"


def _documents(filing: Filing, rows: Sequence[RequestRow]) -> dict[str, books.DocumentRow]:
    """By key, without what an operator had posted again after it was deleted."""
    keys = [row.document_key or "" for row in rows if not row.round]
    return {one.key: one for one in books.documents(filing.tx, keys=keys, limit=len(keys) or 1)}


def _deleted(
    filing: Filing, row: RequestRow, ours: books.DocumentRow, since: datetime
) -> DeletedDocument | None:
    """A deletion that may be of this one: its kind and number, and not of before it could have been there.

    What left had the number that we know; where nothing tells that it did, it may have been given another one then.
    """
    if not ours.ref_number:
        return None
    numbers = (ours.ref_number,) if row.message_set else numbers_of(filing.tx, ours)
    told = (
        one for one in filing.values(DeletedDocument) if one.kind == ours.kind and one.ref_number in numbers
    )
    return max(
        (one for one in told if may_be_ours(one, since)), key=lambda one: one.time_deleted, default=None
    )


def _tell_unknown(filing: Filing, rows: Sequence[RequestRow]) -> None:
    """QuickBooks does not say what was deleted, because its user may not ask or for another reason: these go all the same.

    Else they would wait for ever; that nothing told whether somebody deleted them stays in the journal.
    """
    told = [one for one in filing.answer.replies if one.request_name == TxnDeletedQuery.request]
    unsure = next((one for one in told if one.status_code not in (0, 1) or not one.is_whole), None)
    if unsure is None or not rows:
        return
    why = safe(f"{unsure.message} ({unsure.status_code})", limit=_LONGEST)
    _LOG.warning("deletions are not told", company=filing.company, why=why)
    data = {"why": why, "keys": [row.document_key for row in rows]}
    journal.record(filing.tx, "quickbooks", "deletions_unknown", filing.company, data, filing.at)


def _was_asked(filing: Filing, key: str, told: DeletedDocument | None = None) -> bool:
    """Whether a person said already that it is to be posted all the same."""
    answered = [row.hold for row in holds.holds_of(filing.tx, key) if row.state is not HoldState.OPEN]
    return any(
        hold.reason is Reason.DELETED_IN_QUICKBOOKS
        or (
            told is not None
            and hold.reason is Reason.MAY_BE_CONDENSED
            and words_of(told) in hold.sentence  # both were asked at once
        )
        for hold in answered
    )


def _hold(
    filing: Filing, row: RequestRow, ours: books.DocumentRow, what: str, told: DeletedDocument | None = None
) -> None:
    name = f"{ours.kind} {ours.ref_number}".strip()
    why = f"The answer to {name} was lost" if row.message_set else f"Our database lost what became of {name}"
    sentence = f"{why}, and it was {what} in QuickBooks."
    meant = "it was meant"
    if told is not None:
        sentence = (
            f"{why}, and a document of this kind and number was {what} in QuickBooks {words_of(told)}: it may have "
            "been this one."
        )
        meant = "it was this one and was meant"
    hold = Hold(
        reason=Reason.DELETED_IN_QUICKBOOKS,
        where=name,
        sentence=sentence,
        next_step=f"`qbconsole queue ignore KEY --reason WHY` if {meant}; else `qbconsole queue retry KEY` posts it.",
        subject=ours.key,
        cause=f"deleted_in_quickbooks:{ours.key}",
    )
    holds.put_holds(filing.tx, row.merchant, filing.company, [hold], filing.at)
    hold_dependants(filing.tx, filing.company, row, filing.at)
    # It stays doubtful, so that booking anew cannot send it either.
    requests.quarantine(filing.tx, [row.id], why=sentence, at=filing.at)
    data = {"what": what} | ({"txn_id": told.txn_id} if told is not None else {})
    journal.record(filing.tx, "quickbooks", "deleted", ours.key, data, filing.at)
