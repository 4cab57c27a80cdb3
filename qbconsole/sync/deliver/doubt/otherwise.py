"""Otherwise: a set that was handed out, and an answer came that is another's, so that it may be done.

QuickBooks may keep no record of it: what became of its requests is asked, never tried. It is noted when that answer
comes, for who is to hand the set out again may be another worker, with another clock. Source: reliability.md F29 and F30.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from qbconsole.store import sessions
from qbconsole.store.sessions import MessageSet, Session
from qbconsole.sync.deliver.session import Notes
from qbconsole.value import replace

#: For the Web Connector's window.
OTHERWISE = (
    "QuickBooks answered something else than it was asked. Start the update once more: what was sent is looked for before "
    "anything else goes."
)


def note_other(tx: sa.Connection, session: Session, waiting: MessageSet | None, at: datetime) -> None:
    """An answer came that is not this set's; a question and our marker simply go again."""
    if waiting is None or not waiting.times_sent or not waiting.request_ids:
        return
    notes = replace(Notes.of(session), otherwise=waiting.id)
    sessions.update_session(tx, session.ticket, at=at, notes=notes.to_text())


def was_answered_otherwise(session: Session, waiting: MessageSet) -> bool:
    """Whether that set may be done though its own answer never came."""
    return bool(waiting.request_ids) and Notes.of(session).otherwise == waiting.id
