"""Reading the lists that are unknown or old: all short ones in one question, long ones page by page.

Which of those that can be paged is long tells the last reading, or that more than a page came back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.qbxml.response import Reply
from qbconsole.store import lists, requests
from qbconsole.store.requests import Purpose
from qbconsole.sync.deliver.asking import PAGE, PAGED_LISTS, RARE_LISTS, WHOLE_LISTS, is_list
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.sync.keeping import READ_FIRST, list_key
from qbconsole.sync.settle import LIST_RECORDS, list_was_read, remember_entries
from qbconsole.value import replace
from qbconsole.visible import safe

#: A list older than this is read again.
STALE = timedelta(hours=12)
_LONGEST = 200
_LISTS = (*WHOLE_LISTS, *RARE_LISTS, *PAGED_LISTS)
#: States of an add that will still go.
_COMING = (RequestState.WAITING, RequestState.AWAITING_APPROVAL, RequestState.READY)


def step(turn: Turn) -> Step | None:
    """All short lists at once, then a page after the other."""
    notes = turn.notes
    if not notes.lists:
        return None
    counts = lists.list_counts(turn.tx, turn.company) if set(notes.lists) - set(notes.long_lists) else {}
    short = [kind for kind in notes.lists if kind not in notes.long_lists and not _is_long(kind, counts)]
    if short:
        return Step(purpose=f"lists:{','.join(short)}", fragments=turn.asker.short_lists(short), notes=notes)
    kind = notes.lists[0]
    begun = notes if notes.iterator else replace(notes, reading_since=turn.at.isoformat(), names={})
    return Step(purpose=f"page:{kind}", fragments=turn.asker.page(kind, begun.iterator), notes=begun)


def _is_long(kind: str, counts: Mapping[str, int]) -> bool:
    """Whether a list had more entries than one page holds when it was read last."""
    return kind in PAGED_LISTS and counts.get(kind, 0) >= PAGE


def lists_due(tx: sa.Connection, company: str, at: datetime) -> tuple[str, ...]:
    """Lists never read or too old, or asked for by a name that waits for somebody; whole ones first."""
    read = lists.names_known(tx, company)
    asked = requests.names_wanted(tx, company)
    wanted = _wanted(tx, company, asked)
    # What waits to be added waits for its list to be read too.
    unread = wanted | {name for kind, name in asked if kind == READ_FIRST}
    return tuple(
        kind
        for kind in _LISTS
        if (kind not in read and (kind not in RARE_LISTS or kind in unread))
        or (kind in read and (at - read[kind] > STALE or (kind in wanted and at > read[kind])))
    )


def _wanted(tx: sa.Connection, company: str, asked: Iterable[tuple[str, str]]) -> set[str]:
    """Lists that a waiting name may come to stand in without us; what we add ourselves is known when it is answered.

    Else a batch that awaits an operator's word would have every call of the Web Connector read them again.
    """
    names = {list_key(kind, name): kind for kind, name in asked}
    there = requests.standing(tx, company, Purpose.LIST_ADD, names)
    ours = {row.subject_key for row in requests.requests_by_id(tx, there.values()) if row.state in _COMING}
    return {kind for key, kind in names.items() if key not in ours}


def filed_whole(filing: Filing) -> Notes:
    """Short lists, one reply each; which is which its name tells, not its place."""
    kinds = filing.argument.split(",")
    notes = filing.notes
    for kind in kinds:
        reply = next((one for one in filing.answer.replies if is_list(kind, one.request_name)), None)
        if (
            reply is None
            or not reply.is_whole
            or (reply.status_code not in (0, 1) and kind not in RARE_LISTS)
        ):
            continue
        if kind in PAGED_LISTS and len(reply.rows) >= PAGE:
            notes = replace(notes, long_lists=(*notes.long_lists, kind))
            continue
        records = [row for row in reply.rows if isinstance(row, LIST_RECORDS)]
        remember_entries(filing.tx, filing.company, kind, records, filing.at, complete=True)
        names = {record.full_name: record.is_active for record in records}
        list_was_read(filing.tx, filing.company, kind, names, filing.at)
        notes = notes.without_list(kind)
    unread = [kind for kind in kinds if kind in notes.lists and kind not in notes.long_lists]
    if unread:
        told = [one for one in filing.answer.replies if is_list(unread[0], one.request_name)]
        return replace(notes, stop=f"QuickBooks did not give its lists: {', '.join(unread)}{_why(told)}")
    return notes


def _why(told: Iterable[Reply]) -> str:
    """QuickBooks' words, where it has any, and what to do; mostly its user lacks a right."""
    refused = next((one for one in told if one.status_code not in (0, 1)), None)
    if refused is None:
        return ". The next update asks again; if it stays so, report it with the log."
    said = safe(f"{refused.message} ({refused.status_code})", limit=_LONGEST)
    return f": {said} Put right what it says, mostly a right that the Web Connector's QuickBooks user lacks."


def filed_page(filing: Filing) -> Notes:
    """One page of a long list; the list counts when its last page came in the same session."""
    kind = filing.argument
    notes = filing.notes
    reply = next((one for one in filing.answer.replies if is_list(kind, one.request_name)), None)
    if reply is None or reply.status_code not in (0, 1) or not reply.is_whole:
        return replace(
            notes,
            stop=f"QuickBooks did not give its list of {kind}s{_why([reply] if reply is not None else [])}",
        )
    remember_entries(filing.tx, filing.company, kind, reply.rows, filing.at)
    told = {row.full_name: row.is_active for row in reply.rows if isinstance(row, LIST_RECORDS)}
    names = notes.names | told
    if reply.iterator_remaining:
        return replace(notes, iterator=reply.iterator_id, names=names)
    began = datetime.fromisoformat(notes.reading_since)
    lists.finish_read(filing.tx, filing.company, kind, started_at=began, at=filing.at)
    list_was_read(filing.tx, filing.company, kind, names, filing.at)
    return notes.without_list(kind)
