"""Clear: QuickBooks may forget sets whose answers we keep, so that its records do not fill the company file.

Only long after the answer, because its record is also what keeps a late set from being done twice. Each set that writes
our marker bears the id of an old one, which costs no exchange; what is left at the end of a session goes by itself.
An old id alone clears it; QuickBooks that knows nothing of it says 600, which is as good. Source: reliability.md b3 step
9; qbwc-protocol.md section 7 (chaining).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from qbconsole.qbxml.envelope import clear, forgotten_by
from qbconsole.qbxml.response import Answer
from qbconsole.store import sessions
from qbconsole.store.sessions import MessageSet, SetState
from qbconsole.sync.deliver.doubt.judging import stands
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.value import replace

#: How long an answer is kept before QuickBooks may forget it.
KEPT_FOR = timedelta(hours=24)
#: So many are cleared in a session.
AT_MOST = 10


def step(turn: Turn) -> Step | None:
    """The oldest one, each in an envelope of its own."""
    if turn.notes.cleared >= AT_MOST:
        return None
    old = oldest(turn)
    if old is None:
        return None
    notes = replace(turn.notes, cleared=turn.notes.cleared + 1)
    document = clear(old, turn.notes.version)
    return Step(purpose=f"clear:{old}", fragments=(), notes=notes, document=document)


def oldest(turn: Turn) -> str | None:
    """The set that QuickBooks may forget next; None where there is none."""
    return next(iter(sessions.forgettable_sets(turn.tx, turn.company, turn.at - KEPT_FOR, 1)), None)


def cleared_with(tx: sa.Connection, answered: MessageSet, answer: Answer, at: datetime) -> None:
    """The old set that this one bore the id of is forgotten, where QuickBooks did this one."""
    old = forgotten_by(answered.body)
    if old and stands(answer):
        sessions.mark_set(tx, old, SetState.CLEARED, at)


def filed(filing: Filing) -> Notes:
    """Cleared, or never there: it is not asked for again. A record that stays harms nobody."""
    sessions.mark_set(filing.tx, filing.argument, SetState.CLEARED, filing.at)
    return filing.notes
