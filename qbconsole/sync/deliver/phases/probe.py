"""Asking QuickBooks' own recovery records about sets without an answer; asking clears nothing (new id = old id)."""

from __future__ import annotations

from qbconsole.books.lifecycle import RequestState
from qbconsole.qbxml.envelope import status_check
from qbconsole.qbxml.statuses import SetState, set_state
from qbconsole.store import sessions
from qbconsole.sync.deliver.doubt.judging import stands, tell_changed
from qbconsole.sync.deliver.doubt.silence import silent_ids
from qbconsole.sync.deliver.seen.untold import cure_untold
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.sync.settle import settle_set
from qbconsole.value import replace


def step(turn: Turn) -> Step | None:
    """One set after the other, but for those whose connector is silent."""
    silent = silent_ids(turn.tx, turn.company) if turn.notes.probes else frozenset()
    asked = tuple(one for one in turn.notes.probes if one not in silent)
    if not asked:
        return None
    document = status_check(asked[0], turn.notes.version)
    notes = replace(turn.notes, probes=asked)
    return Step(purpose=f"probe:{asked[0]}", fragments=(), notes=notes, document=document)


def filed(filing: Filing) -> Notes:
    """QuickBooks' own record of a set: its answer is as good as the one that was lost."""
    set_id, rows = filing.argument, filing.rows
    doubtful = any(row.state is RequestState.IN_DOUBT for row in rows)
    told = filing.answer.message_set
    stored = told is not None and set_state(told.status_code) is SetState.STORED
    if stored and stands(filing.answer) and filing.answer.fault is None:
        settle_set(filing.tx, filing.company, rows, filing.answer.replies, filing.at, filing.means)
        cure_untold(filing, rows)
        # Not lost any more: what it was refused and is retried gets an id of its own, or the record would answer again.
        sessions.mark_set(filing.tx, set_id, sessions.SetState.ANSWERED, filing.at)
    tell_changed(filing.tx, filing.company, set_id, rows, filing.answer, filing.at)
    rest = tuple(one for one in filing.notes.probes if one != set_id)
    return replace(filing.notes, probes=rest, wrote=filing.notes.wrote or doubtful)
