"""Otherwise: a set that was handed out, and an answer came that is another's, so that it may be done.

QuickBooks may keep no record of it: what became of its requests is asked, never tried. It is noted when that answer
comes, for who is to hand the set out again may be another worker, with another clock.

An error bears no set's id. That QuickBooks could not read a set is believed the first time in a session; a later one may be
that one, repeated on the way while QuickBooks does the half that was handed out since. So it counts once the connector asks
for what follows: till then the set's own answer may come. Source: reliability.md F22, F29 and F30.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from qbconsole.qbxml.response import Answer
from qbconsole.store import sessions
from qbconsole.store.sessions import MessageSet, Session, SetState
from qbconsole.sync.deliver.doubt.belonging import asked_of, is_answer_to
from qbconsole.sync.deliver.doubt.older import look_first
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


def may_be_repeated(tx: sa.Connection, session: Session, unread: MessageSet, at: datetime) -> bool:
    """QuickBooks could not read this set, as it says: whether it said so of another one before. Noted for the next call."""
    notes = Notes.of(session)
    if not notes.unread:
        return False
    notes = replace(notes, refused=unread.id)
    sessions.update_session(tx, session.ticket, at=at, notes=notes.to_text())
    return True


def was_unread(session: Session, waiting: MessageSet) -> bool:
    """Whether QuickBooks could not read that set after all: its connector asks for another."""
    return Notes.of(session).refused == waiting.id


def was_read(tx: sa.Connection, session: Session, answer: Answer, at: datetime) -> bool:
    """Whether QuickBooks answers a set that it was thought to have refused: what is unsent is looked for in the next session."""
    refused = sessions.sets_in(tx, session.company, [SetState.REFUSED])
    if not answer.replies or not any(
        one.ticket == session.ticket and is_answer_to(one, asked_of(tx, one), answer) for one in refused
    ):
        return False
    look_first(tx, session, at)
    return True
