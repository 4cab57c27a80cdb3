"""Sending what is ready: list entries before documents, each set frozen when it is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
import structlog

from qbconsole.books.lifecycle import RequestState
from qbconsole.store import requests, sessions
from qbconsole.store.requests import Move, Purpose, RequestRow
from qbconsole.store.requests.current import behind, waits_for_book
from qbconsole.store.sessions import MessageSet, SetState
from qbconsole.sync.deliver.doubt.judging import doubt_whole_set, stands
from qbconsole.sync.deliver.pace import measured, pace_of
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.sync.settle import hold_request, settle_set
from qbconsole.value import replace
from qbconsole.visible import safe

_LOG = structlog.get_logger("qbconsole.deliver")
_WRITTEN = (Purpose.LIST_ADD, Purpose.ADD)
#: So many attempts may bear the same id.
AGAIN = 3
#: So many requests in a row that QuickBooks cannot read: it is not them, and the session ends.
POISONED = 5


def step(turn: Turn) -> Step | None:
    """The next ready requests, as many as QuickBooks does well at once; what was refused unprocessed goes in halves."""
    batch = pace_of(turn.tx, turn.company).batch
    waits = behind(turn.tx, turn.company)
    rows = requests.pick_ready(turn.tx, turn.company, _WRITTEN, batch, without=waits)
    if waits and not rows:
        _LOG.warning("documents wait for book", company=turn.company, what=waits_for_book(turn.tx, waits))
    if not rows:
        return None
    states = sessions.set_states(turn.tx, {row.message_set for row in rows if row.message_set})
    origin = states.get(rows[0].message_set or "")
    lost = sessions.message_set(turn.tx, rows[0].message_set or "") if origin is SetState.LOST else None
    was_often_lost = lost is not None and rows[0].attempt - lost.attempt >= AGAIN
    if lost is not None and not was_often_lost and (again := _lost_and_absent(turn, lost)) is not None:
        return again
    if origin is SetState.REFUSED or was_often_lost:
        rows = _half(turn, rows[0], waits)
    else:
        rows = [row for row in rows if _goes_with(rows[0], row, states)]
    wrote = replace(turn.notes, wrote=True)
    fragments = [row.body for row in rows]
    return Step(purpose="send", fragments=fragments, notes=wrote, requests=rows, writes=True)


def _goes_with(first: RequestRow, row: RequestRow, states: Mapping[str, SetState]) -> bool:
    """List entries go before documents; what may be poison, or go again as it was, never goes among others."""
    apart = states.get(row.message_set or "") in (SetState.REFUSED, SetState.LOST)
    if apart and row.message_set != first.message_set:
        return False
    return first.purpose is not Purpose.LIST_ADD or row.purpose is Purpose.LIST_ADD


def _half(turn: Turn, first: RequestRow, waits: Collection[str]) -> list[RequestRow]:
    """Of a set that QuickBooks could not read, what is half of it at most: so the one bad request is found.

    So it is of one that was lost again and again: something in it may be what ends the program before its answer is kept.
    What `book` has to decide again by now stays here.
    """
    whole = requests.requests_of_set(turn.tx, first.message_set or "")
    here = [
        row
        for row in whole
        if row.state is RequestState.READY
        and row.message_set == first.message_set
        and row.merchant not in waits
    ]
    return here[: max(1, (len(whole) + 1) // 2)]


def _lost_and_absent(turn: Turn, lost: MessageSet) -> Step | None:
    """A whole set whose answer was lost and of which a probe found nothing goes again as it was, under its own id.

    Whoever took it first may still bring it to QuickBooks, whose record under that id then keeps it from being
    done twice. Where that came to nothing too, QuickBooks gets it in other sets.
    """
    rows = requests.requests_of_set(turn.tx, lost.id)
    untouched = all(row.state is RequestState.READY and row.message_set == lost.id for row in rows)
    if not untouched or any(row.body not in lost.body for row in rows):
        return None
    return Step(
        purpose="send",
        fragments=(),
        notes=replace(turn.notes, wrote=True),
        requests=rows,
        document=lost.body,
        writes=True,
        again=lost,
    )


def filed(filing: Filing) -> Notes:
    """What became of each request of the set, and how long it took."""
    rows, stop = filing.rows, ""
    if stands(filing.answer):
        settle_set(filing.tx, filing.company, rows, filing.answer.replies, filing.at, filing.means)
    else:
        stop = doubt_whole_set(filing.tx, filing.company, filing.set.id, rows, filing.answer, filing.at)
    if filing.set.changed_at is not None:
        took = filing.at - filing.set.changed_at
        measured(filing.tx, filing.company, len(rows), took, filing.size, filing.at)
    return replace(filing.notes, poisoned=0, stop=stop or filing.notes.stop)


def refused(
    tx: sa.Connection, company: str, rows: Sequence[RequestRow], text: str, notes: Notes, at: datetime
) -> Notes:
    """QuickBooks refused a whole set unprocessed: one alone is quarantined, several go again in halves."""
    if len(rows) > 1:
        again = [Move(id=row.id, to_state=RequestState.READY) for row in rows]
        requests.move_all(tx, again, at=at, unprocessed=True)
        return notes
    said = safe(text, limit=500)
    requests.quarantine(tx, [rows[0].id], why=said, at=at)
    sentence = f"QuickBooks could not read the request: {said}".strip()
    next_step = (
        "Look at its template with `qbconsole show ID --qbxml`; mend it, then run `qbconsole release KEY`."
    )
    hold_request(tx, company, rows[0], sentence, next_step, at)
    if notes.poisoned + 1 < POISONED:
        return replace(notes, poisoned=notes.poisoned + 1)
    stop = f"QuickBooks could not read {POISONED} requests in a row; the last time it said: {said}"
    return replace(notes, stop=stop)
