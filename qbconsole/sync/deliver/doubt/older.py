"""Older: where our database may have gone back to the middle of a session, nothing that it calls unsent is believed.

Before it writes, a session moves our marker on, so the company file tells of a database from before that session. One
from the middle of it bears the file's own marker, and where that session died no later marker tells. So if a session broke
off while it was sending, and not all its exchanges were kept by this very process, what is unsent is looked for before it
goes. Mostly nothing was lost (we were restarted just then) and that costs some questions; a computer that is put back
from a snapshot of the night looks the same from here. Where several workers share a server none of them sees all of a
session; so the session notes which server it began with. Source: reliability.md F34.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

import sqlalchemy as sa

from qbconsole.store.database import Store
from qbconsole.store.sessions import Session
from qbconsole.sync.deliver.met import bearings, keep_bearings
from qbconsole.sync.deliver.session import Notes, Phase, began_with
from qbconsole.value import replace

#: For the Web Connector's window, where it goes on with such a session.
BROKE_OFF = (
    "qbconsole was started again in the middle of this update. Start the update once more: what was sent is looked for "
    "before anything else goes."
)
#: The same where our database is another one by now.
TAKEN_OVER = (
    "qbconsole's database was started again or put back in the middle of this update. Start the update once more: what was "
    "sent is looked for before anything else goes."
)
#: Sessions remembered at most; one that is forgotten was not seen whole, or not begun here.
_MOST, _MOST_BEGUN = 64, 1000


class Witnessed:
    """The sessions that this process opened, and how many of their sets it kept, while it kept every one."""

    __slots__ = ("_begun", "_sets")

    def __init__(self) -> None:
        self._begun: OrderedDict[str, None] = OrderedDict()
        self._sets: OrderedDict[str, int] = OrderedDict()

    def opened(self, ticket: str) -> None:
        """A session began here; its commit is durable."""
        self._sets[ticket] = 0
        if len(self._sets) > _MOST:
            self._sets.popitem(last=False)
        self._begun[ticket] = None
        if len(self._begun) > _MOST_BEGUN:
            self._begun.popitem(last=False)

    def kept(self, ticket: str, number: int) -> None:
        """Its set of that number is kept, by a commit of this process. One out of turn: not all of it was seen here."""
        if self._sets.pop(ticket, None) == number - 1:
            self._sets[ticket] = number

    def began(self, session: Session) -> bool:
        """Whether it began here: where one process serves, that tells what was cut off when it began, and no clock has to."""
        return session.ticket in self._begun

    def knows(self, session: Session) -> bool:
        """Whether the store tells of exactly what was seen here."""
        return self._sets.get(session.ticket) == session.done

    def saw_more(self, session: Session) -> bool:
        """Whether the store lacks what was kept here: it went back while this process ran."""
        return self._sets.get(session.ticket, 0) > session.done


def taken_over(session: Session, server: str) -> bool:
    """Whether another server, or the same one started again, took over since this session told who it is."""
    return bool(server) and began_with(session) not in ("", server)


def doubt_ours(store: Store, tx: sa.Connection, session: Session, witnessed: Witnessed, at: datetime) -> bool:
    """Whether our database may have lost what this session sent since, as it breaks off; the next one looks first then."""
    is_sending = session.phase == Phase.SEND.value and Notes.of(session).met.is_promised
    if not is_sending:
        return False
    _, server = store.now_and_server(tx)
    # What this process saw last may be just what another server has, while another worker went on with the session.
    if witnessed.knows(session) and not taken_over(session, server):
        return False
    look_first(tx, session, at)
    return True


def look_first(tx: sa.Connection, session: Session, at: datetime) -> None:
    """What is unsent may have been sent by this session: the next one looks for it before it goes."""
    left = bearings(tx, session.company)
    keep_bearings(tx, session.company, replace(left, broke_off=session.last_at.isoformat()), at)
