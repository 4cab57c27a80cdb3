"""An exchange: one call of a session, in its commit. What came is settled, and the next set kept, or the session ends.

What a process remembers of its sessions (`Serving.ahead`, `Serving.witnessed`) spares a commit, and tells that our database
is an older one; nothing else is concluded from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
import structlog

from qbconsole.books.lifecycle import RequestState
from qbconsole.qbxml.hresults import HResult, SetFate
from qbconsole.qbxml.hresults import told as hresult_told
from qbconsole.qbxml.response import Answer, read_all
from qbconsole.rules.mapping.values import Mapping
from qbconsole.store import journal, parties, requests, sessions
from qbconsole.store.database import Store
from qbconsole.store.requests import RequestRow
from qbconsole.store.sessions import MessageSet, Session, SetState
from qbconsole.sync.deliver.doubt import silence
from qbconsole.sync.deliver.doubt.ahead import Ahead
from qbconsole.sync.deliver.doubt.older import BROKE_OFF, TAKEN_OVER, Witnessed, doubt_ours, taken_over
from qbconsole.sync.deliver.doubt.otherwise import (
    OTHERWISE,
    may_be_repeated,
    note_other,
    was_answered_otherwise,
    was_read,
    was_unread,
)
from qbconsole.sync.deliver.filing import file
from qbconsole.sync.deliver.met import taken_back
from qbconsole.sync.deliver.pace import slowed
from qbconsole.sync.deliver.phases import clear, send
from qbconsole.sync.deliver.phases.identify import hello
from qbconsole.sync.deliver.planning import Kept, Planner, percent_done
from qbconsole.sync.deliver.session import Notes, Phase
from qbconsole.sync.deliver.turn import Filing
from qbconsole.sync.pennies import Wired
from qbconsole.value import replace
from qbconsole.webconnector.conversation import Hello

#: How long a session may be silent before another may take its company.
LEASE_SECONDS = 600
#: What is there before anything was answered, or in place of an answer.
NO_ANSWER = Answer(message_set=None, replies=())
#: A set handed out more often than this without an answer of its own ends the session.
OFTEN = 5
_LOG = structlog.get_logger("qbconsole.deliver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What one process serves sessions with, and what it remembers of them."""

    store: Store
    clock: Callable[[], datetime]
    planner: Planner
    #: The mapping in force, read anew at each login.
    mapping: Callable[[], Mapping]
    #: When this process began: sessions from before were cut off by its start.
    started_at: datetime
    #: Other workers may serve the same database.
    is_shared: bool = False
    #: What a document is decided with, where an answer makes one necessary.
    means: Wired | None = None
    #: Sets that the store has as handed out already.
    ahead: Ahead = field(default_factory=Ahead)
    #: What it saw of its sessions itself.
    witnessed: Witnessed = field(default_factory=Witnessed)

    def as_fetched(self, one: MessageSet) -> MessageSet:
        """A set as it really is: the store counts it as handed out before anybody fetched it."""
        return replace(one, times_sent=one.times_sent - 1) if self.ahead.holds(one) else one

    def live(self, tx: sa.Connection, ticket: str, at: datetime) -> Exchange | None:
        """An exchange of the ticket's session, while it is open and holds its company.

        Read once it holds: another call of this session may be settled just now.
        """
        now, server = self.store.now_and_server(tx)
        held = sessions.renew_own(tx, ticket, LEASE_SECONDS, now)
        session = sessions.session(tx, ticket) if held else None
        if session is None or session.closed_at is not None:
            return None
        return Exchange(serving=self, tx=tx, session=session, server=server, at=at)

    def stop(self, tx: sa.Connection, session: Session, sentence: str, at: datetime) -> None:
        """End a session with a sentence; nothing more is sent in it.

        An error bears no set's id: it may be of a set that our database lost, so what this process did not see whole is
        doubted here too.
        """
        doubt_ours(self.store, tx, session, self.witnessed, at)
        sessions.update_session(tx, session.ticket, at=at, last_error=sentence, phase=Phase.DONE.value)
        parties.update_company(tx, session.company, stopped=sentence)
        journal.record(tx, "deliver", "stopped", session.company, {"why": sentence}, at)
        _LOG.warning("session stopped", company=session.company, why=sentence)

    def end(self, tx: sa.Connection, session: Session, at: datetime) -> None:
        """Close it: what was sent and not answered is in doubt from now on, and the company is free."""
        doubt_ours(self.store, tx, session, self.witnessed, at)
        open_set = sessions.open_set(tx, session.ticket)
        if open_set is not None:
            rows = requests.requests_of_set(tx, open_set.id)
            requests.doubt(tx, [row.id for row in rows if row.state is RequestState.SENT], at=at)
            sessions.mark_set(tx, open_set.id, SetState.LOST, at)
        sessions.close_session(tx, session.ticket, at=at)
        sessions.release_lease(tx, session.company, session.ticket, session.fence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One call of an open session that holds its company."""

    serving: Serving
    tx: sa.Connection
    session: Session
    #: The database server that says so.
    server: str
    at: datetime

    @property
    def is_done(self) -> bool:
        """Whether nothing more is sent in this session; one that was stopped may have kept a set all the same."""
        return self.session.phase == Phase.DONE.value

    def open_set(self) -> MessageSet | None:
        """The set that waits for its answer, as it really is."""
        kept = sessions.open_set(self.tx, self.session.ticket)
        return None if kept is None else self.serving.as_fetched(kept)

    def stop(self, sentence: str) -> None:
        """End the session with a sentence."""
        self.serving.stop(self.tx, self.session, sentence, self.at)

    def broke_off(self) -> bool:
        """Its connector may know more of it than our database: it went on when this process began, or we lost some of it.

        Before it sent, too: it may have sent since, and its next identity says so.
        """
        witnessed = self.serving.witnessed
        other = taken_over(self.session, self.server)
        is_ours = self._is_of_now() and not witnessed.saw_more(self.session)
        is_known = not other and (is_ours or witnessed.knows(self.session))
        if is_known or self.is_done:
            return False
        self.stop(TAKEN_OVER if other else BROKE_OFF)
        return True

    def _is_of_now(self) -> bool:
        """Whether it was heard of since this process began; clocks tell only where it may be another worker's."""
        serving = self.serving
        if serving.is_shared:
            return self.session.last_at > serving.started_at
        return serving.witnessed.began(self.session)

    # -- what is sent next ----------------------------------------------------------------------

    def to_hand_out(self, told: Hello) -> MessageSet | None:
        """The set that is kept for this session, or its first; None where there is nothing, or the session ended."""
        tx, session = self.tx, self.session
        open_set = self.open_set()
        left_before = open_set is not None and open_set.times_sent > 0
        # Perhaps it was answered too, and our database is an older one.
        older = left_before or self.serving.witnessed.saw_more(session) or taken_over(session, self.server)
        if older and self.broke_off():
            return None
        if left_before and open_set is not None and was_answered_otherwise(session, open_set):
            self.stop(OTHERWISE)
            return None
        if left_before and open_set is not None and was_unread(session, open_set):
            *_, (_, _, _, said) = sessions.responses_to(tx, open_set.id)
            notes = self._unprocessed(open_set, said)
            following = None if notes.stop else self.serving.planner.next_set(tx, session, notes, self.at)
            open_set = following.set if following is not None else None
        if open_set is None and session.phase == Phase.IDENTIFY.value and not session.done:
            open_set = self._first(told)
        return open_set

    def _first(self, told: Hello) -> MessageSet | None:
        tx, session = self.tx, self.session
        answer = read_all([told.hcp]) if told.hcp.strip() else NO_ANSWER
        computer = silence.computer_of(tx, session.company, answer)
        notes = Notes(file=told.company_file, computer=computer, server=self.server)
        silence.came_back(tx, session, notes, self.at)
        if answer.replies:
            notes = hello(tx, session.company, answer, notes, self.at)
        if not notes.stop and told.country and told.country.upper() != "US":
            notes = replace(
                notes,
                stop=f"This is QuickBooks for {told.country}; only the US edition is written to. "
                "Nothing was written.",
            )
        if notes.stop:
            self.stop(notes.stop)
            return None
        first = self.serving.planner.next_set(tx, session, notes, self.at)
        return None if first is None else first.set

    def _next_set(self, notes: Notes) -> tuple[int, Kept | None]:
        """How far the session is, and what it sends next: handed out with this commit where one process serves."""
        serving = self.serving
        ahead = serving.store.path is not None
        following = serving.planner.next_set(self.tx, self.session, notes, self.at, handed_out=ahead)
        return (100 if following is None else percent_done(self.tx, self.session.company)), following

    # -- what came ------------------------------------------------------------------------------

    def settle(
        self, open_set: MessageSet, rows: Sequence[RequestRow], answer: Answer, size: int
    ) -> tuple[int, Kept | None]:
        """What became of a set that was answered; then how far we are, and what follows."""
        tx, session, at = self.tx, self.session, self.at
        named = self.serving.mapping().companies.get(session.company)
        notes = file(
            Filing(
                tx=tx,
                session=session,
                set=open_set,
                rows=rows,
                answer=answer,
                notes=Notes.of(session),
                at=at,
                company_name=named.name if named is not None else _name_kept(tx, session.company),
                install_id=self.serving.planner.install_id,
                size=size,
                means=self.serving.means,
            )
        )
        sessions.mark_set(tx, open_set.id, SetState.ANSWERED, at)
        clear.cleared_with(tx, open_set, answer, at)
        if named is None and not notes.stop:
            notes = replace(notes, stop=_not_named(session.company))
        if not notes.stop:
            notes = replace(notes, stop=taken_back(tx, session.company, notes.met))
        if answer.fault is not None and not notes.stop:
            notes = replace(notes, stop=f"{answer.fault.what}. {answer.fault.next}")
        if notes.stop:
            self.stop(notes.stop)
            return -1, None
        return self._next_set(notes)

    def unexpected(self, answer: Answer) -> int:
        """A foreign or repeated answer: kept raw, concluded from never."""
        if self.broke_off():
            return -1
        waiting = sessions.open_set(self.tx, self.session.ticket)
        if waiting is not None and waiting.times_sent > OFTEN:
            self.stop("QuickBooks keeps answering something else than it was asked.")
            return -1
        if was_read(self.tx, self.session, answer, self.at):
            self.stop(OTHERWISE)
            return -1
        fetched = self.serving.as_fetched(waiting) if waiting is not None else None
        note_other(self.tx, self.session, fetched, self.at)
        return 100 if self.is_done else percent_done(self.tx, self.session.company)

    def failed(self, open_set: MessageSet, known: HResult | None, message: str) -> tuple[int, Kept | None]:
        """QuickBooks gave an error in place of an answer."""
        tx, session, at = self.tx, self.session, self.at
        rows = requests.requests_of_set(tx, open_set.id)
        fate = known.fate if known is not None else SetFate.IN_DOUBT
        if fate is SetFate.REFUSED_UNPROCESSED and rows:
            if may_be_repeated(tx, session, open_set, at):
                return percent_done(tx, session.company), None
            notes = self._unprocessed(open_set, message)
            return (-1, None) if notes.stop else self._next_set(notes)
        if rows:
            slowed(tx, session.company, at)
        requests.doubt(tx, [row.id for row in rows if row.state is RequestState.SENT], at=at)
        sessions.mark_set(tx, open_set.id, SetState.LOST, at)
        self.stop(hresult_told(known, message, "QuickBooks reported an error."))
        return -1, None

    def _unprocessed(self, refused: MessageSet, message: str) -> Notes:
        """QuickBooks could not read a set, and did nothing of it; the notes since say so where that ends the session."""
        rows = requests.requests_of_set(self.tx, refused.id)
        sessions.mark_set(self.tx, refused.id, SetState.REFUSED, self.at)
        before = replace(Notes.of(self.session), unread=True, refused="")
        notes = send.refused(self.tx, self.session.company, rows, message, before, self.at)
        if notes.stop:
            self.stop(notes.stop)
        return notes


def _name_kept(tx: sa.Connection, company: str) -> str:
    known = parties.company(tx, company)
    return known.name if known is not None else ""


def _not_named(company: str) -> str:
    """Taken out of the mapping in the middle of a session: what was answered counts, nothing more is sent."""
    return f"mappings.toml does not name the company {company} any more. Name it there again, or let its Web Connector rest."
