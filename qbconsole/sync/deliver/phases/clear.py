"""Clear: QuickBooks may forget sets whose answers we keep, so that its records do not fill the company file.

Only long after the answer, because its record is also what keeps a late set from being done twice. An old id alone
clears it; QuickBooks that knows nothing of it says 600, which is as good. Source: reliability.md b3 step 9.
"""

from __future__ import annotations

from datetime import timedelta

from qbconsole.qbxml.envelope import clear
from qbconsole.store import sessions
from qbconsole.store.sessions import SetState
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
    old = sessions.forgettable_sets(turn.tx, turn.company, turn.at - KEPT_FOR, 1)
    if not old:
        return None
    notes = replace(turn.notes, cleared=turn.notes.cleared + 1)
    document = clear(old[0], turn.notes.version)
    return Step(purpose=f"clear:{old[0]}", fragments=(), notes=notes, document=document)


def filed(filing: Filing) -> Notes:
    """Cleared, or never there: it is not asked for again. A record that stays harms nobody."""
    sessions.mark_set(filing.tx, filing.argument, SetState.CLEARED, filing.at)
    return filing.notes
