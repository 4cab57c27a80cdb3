"""Delivery: our side of the Web Connector's calls, for all companies of a workspace.

An exchange is one commit, where one process serves: what was answered is durable before the percentage is returned, and
that commit keeps the next set as sent and handed out, before it leaves. State lives in the store; what a process
remembers (`ahead`) only spares a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
import structlog

from qbconsole.books.lifecycle import RequestState
from qbconsole.failpoints import reach
from qbconsole.qbxml.hresults import HResult, SetFate
from qbconsole.qbxml.hresults import look_up as look_up_hresult
from qbconsole.qbxml.hresults import told as hresult_told
from qbconsole.qbxml.response import Answer, read_all
from qbconsole.rules.mapping.values import Mapping
from qbconsole.store import journal, parties, requests, sessions
from qbconsole.store.database import Store
from qbconsole.store.requests import RequestRow
from qbconsole.store.secrets import Keys, get_secret
from qbconsole.store.sessions import MessageSet, Session, SetState
from qbconsole.sync.deliver.doubt import silence
from qbconsole.sync.deliver.doubt.ahead import Ahead
from qbconsole.sync.deliver.doubt.belonging import asked_of, is_answer_to, names_anything
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
from qbconsole.sync.deliver.planning import Kept, Planner, anything_to_do, percent_done
from qbconsole.sync.deliver.session import Notes, Phase
from qbconsole.sync.deliver.telling import in_window, note_refused, tell_answered
from qbconsole.sync.deliver.turn import Filing
from qbconsole.sync.enrolling import PASSWORD
from qbconsole.sync.pennies import Wired
from qbconsole.value import replace
from qbconsole.webconnector.conversation import Hello, Login, Opened
from qbconsole.webconnector.passwords import verify
from qbconsole.webconnector.session import new_ticket
from qbconsole.webconnector.throttle import Admission

#: How long a session may be silent before another may take its company.
LEASE_SECONDS = 600
#: What is there before anything was answered, or in place of an answer.
NO_ANSWER = Answer(message_set=None, replies=())
#: A set handed out more often than this without an answer of its own ends the session.
OFTEN = 5
_LOG = structlog.get_logger("qbconsole.deliver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Implements `webconnector.conversation.Conversation`."""

    store: Store
    clock: Callable[[], datetime]
    keys: Keys
    throttle: Admission
    planner: Planner
    #: The mapping in force, read anew at each login.
    mapping: Callable[[], Mapping]
    #: When this process began: sessions from before were cut off by its start.
    started_at: datetime
    #: Other workers may serve the same database.
    is_shared: bool = False
    #: Called after an answer was settled, to let a console know.
    settled: Callable[[], None] = lambda: None
    #: What a document is decided with, where an answer makes one necessary.
    means: Wired | None = None
    #: Sets that the store has as handed out already.
    ahead: Ahead = field(default_factory=Ahead)
    #: What it saw of its sessions itself.
    witnessed: Witnessed = field(default_factory=Witnessed)
    #: Makes tickets: 128 bits nobody can guess. A simulation hands in its own.
    tickets: Callable[[], str] = new_ticket

    # -- open -----------------------------------------------------------------------------------

    def open(self, login: Login) -> Opened:
        """Check the password, then whether there is anything to do, then take the company's lease."""
        ticket = self.tickets()
        company = login.user.strip()
        if not self.throttle.admit(company, login.peer):
            return Opened(ticket=ticket, word="nvu")
        with self.store.reading() as tx:
            known = parties.company(tx, company)
            stored = get_secret(tx, self.keys, company, PASSWORD) if known else None
        if not verify(login.password, stored) or known is None:
            _LOG.warning("login refused", company=company if known else "unknown")
            if known is not None:
                note_refused(self.store, company, self.clock())
            return Opened(ticket=ticket, word="nvu")
        self.throttle.succeeded(company, login.peer)
        return self._open(login, company, ticket)

    def _open(self, login: Login, company: str, ticket: str) -> Opened:
        at = self.clock()
        with self.store.atomic() as tx:
            parties.update_company(tx, company, last_contact_at=at)
            if company not in self.mapping().companies or not anything_to_do(tx, company, at):
                return Opened(ticket=ticket, word="none")
            now, server = self.store.now_and_server(tx)
            self._end_abandoned(tx, login, company, server, at)
            before = sessions.lease(tx, company)
            lease = sessions.take_lease(tx, company, ticket, LEASE_SECONDS, now)
            if lease is None:
                return Opened(ticket=ticket, word="busy")
            if before is not None and (cut_off := sessions.session(tx, before.owner)) is not None:
                doubt_ours(self.store, tx, cut_off, self.witnessed, at)
            taken = [self._as_fetched(one) for one in sessions.sets_in(tx, company, [SetState.SENT])]
            silence.fall_silent(tx, company, taken, at, server=server)
            sessions.open_session(
                tx,
                ticket=ticket,
                company=company,
                fence=lease.fence,
                phase=Phase.IDENTIFY.value,
                at=at,
                peer=login.peer,
                client_version=login.client_version,
            )
            file_path = self.mapping().companies[company].file
        self.witnessed.opened(ticket)
        _LOG.info("session open", company=company, ticket=ticket[:8])
        return Opened(ticket=ticket, word=file_path)

    def _end_abandoned(
        self, tx: sa.Connection, login: Login, company: str, server: str, at: datetime
    ) -> None:
        """The same Web Connector logs in again: it does one update at a time, so its last one is over.

        Two connectors behind one address look alike. So a session whose set may be running in QuickBooks right
        now is only ended where our own restart cut it off; else the lease has to run out, as for strangers. What
        it took is asked about once this one told that it is the same (`silence.came_back`).
        """
        if not sessions.hold_lease(tx, company, waiting=False):
            return  # nobody's, or its session is speaking just now
        held = sessions.lease(tx, company)
        last = sessions.session(tx, held.owner) if held is not None else None
        if last is None or (last.peer, last.client_version) != (login.peer, login.client_version):
            return
        cut_off = sessions.open_set(tx, last.ticket)
        if cut_off is None or last.last_at <= self.started_at:
            taken = [self._as_fetched(cut_off)] if cut_off is not None else []
            silence.fall_silent(tx, company, taken, at, server=server)
            self._end(tx, last, at)

    # -- next -----------------------------------------------------------------------------------

    def next(self, ticket: str, hello_: Hello) -> str:
        """The set that is kept for this session; the same bytes again when the call comes again."""
        at = self.clock()
        # Durable before it leaves: whether a set was ever handed out decides what its silence means.
        if (kept := self._kept_ahead(ticket, at)) is not None:
            reach("after_sent_commit")
            return kept
        with self.store.atomic() as tx:
            session, server = self._live(tx, ticket)
            # A session that was stopped may have kept a set that is done: a call that comes again gets nothing either.
            if session is None or session.phase == Phase.DONE.value:
                return ""
            open_set = sessions.open_set(tx, ticket)
            left_before = open_set is not None and self._as_fetched(open_set).times_sent > 0
            # Perhaps it was answered too, and our database is an older one.
            older = left_before or self.witnessed.saw_more(session) or taken_over(session, server)
            if older and self._broke_off(tx, session, server, at):
                return ""
            if left_before and open_set is not None and was_answered_otherwise(session, open_set):
                self._stop(tx, session, OTHERWISE, at)
                return ""
            if left_before and open_set is not None and was_unread(session, open_set):
                *_, (_, _, _, said) = sessions.responses_to(tx, open_set.id)
                notes = self._unprocessed(tx, session, open_set, said, at)
                following = None if notes.stop else self.planner.next_set(tx, session, notes, at)
                open_set = following.set if following is not None else None
            if open_set is None and session.phase == Phase.IDENTIFY.value and not session.done:
                open_set = self._first(tx, session, hello_, server, at)
            if open_set is not None:
                sessions.hand_out(tx, open_set.id, at)
        if open_set is None:
            return ""
        if open_set.seq > session.done:
            self.witnessed.kept(ticket, open_set.seq)
        self.ahead.fetched(ticket)
        reach("after_sent_commit")
        return open_set.body

    def _kept_ahead(self, ticket: str, at: datetime) -> str | None:
        """The set that the answer before it kept as handed out, while its session and its lease are as they were."""
        kept = self.ahead.of(ticket, at)
        if kept is None:
            return None
        with self.store.reading() as tx:
            if not sessions.is_fetchable(tx, kept):
                return None
        self.ahead.fetched(ticket)
        return kept.body

    def _as_fetched(self, one: MessageSet) -> MessageSet:
        """A set as it really is: the store counts it as handed out before anybody fetched it."""
        return replace(one, times_sent=one.times_sent - 1) if self.ahead.holds(one) else one

    def _live(self, tx: sa.Connection, ticket: str) -> tuple[Session | None, str]:
        """The ticket's session while it is open and holds its company, else None; and the server that says so.

        Read once it holds: another call of this session may be settled just now.
        """
        now, server = self.store.now_and_server(tx)
        held = sessions.renew_own(tx, ticket, LEASE_SECONDS, now)
        session = sessions.session(tx, ticket) if held else None
        return (session if session is not None and session.closed_at is None else None), server

    def _first(
        self, tx: sa.Connection, session: Session, told: Hello, server: str, at: datetime
    ) -> MessageSet | None:
        answer = read_all([told.hcp]) if told.hcp.strip() else NO_ANSWER
        notes = Notes(
            file=told.company_file, computer=silence.computer_of(tx, session.company, answer), server=server
        )
        silence.came_back(tx, session, notes, at)
        if answer.replies:
            notes = hello(tx, session.company, answer, notes, at)
        if not notes.stop and told.country and told.country.upper() != "US":
            notes = replace(
                notes,
                stop=f"This is QuickBooks for {told.country}; only the US edition is written to. "
                "Nothing was written.",
            )
        if notes.stop:
            self._stop(tx, session, notes.stop, at)
            return None
        first = self.planner.next_set(tx, session, notes, at)
        return None if first is None else first.set

    # -- answer ---------------------------------------------------------------------------------

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        """Keep the raw answer, settle it, keep the next set; then say how far we are."""
        raw = b"".join(piece.encode() if isinstance(piece, str) else piece for piece in chunks)
        reach("after_answer_received")
        at = self.clock()
        with self.store.atomic() as tx:
            session, server = self._live(tx, ticket)
            open_set = sessions.open_set(tx, ticket) if session is not None else None
            open_set = self._as_fetched(open_set) if open_set is not None else None
            answer = read_all([raw]) if not hresult else NO_ANSWER
            if open_set is not None:
                requests.lock(tx, open_set.company)
            rows = self._asked_of(tx, open_set) if open_set is not None else []
            if open_set is not None and not is_answer_to(open_set, rows, answer):
                open_set = None
            kept = open_set.id if open_set is not None else None
            sessions.keep_response(tx, ticket, kept, raw, at=at, hresult=hresult, message=message)
            following = None
            if session is None or open_set is None:
                percent = self._unexpected(tx, ticket, session, server, answer, at)
            elif not names_anything(answer) and self._broke_off(tx, session, server, at):
                percent = -1  # an error bears no set's id: it may be of one that our database lost
            elif hresult:
                percent, following = self._failed(
                    tx, session, open_set, look_up_hresult(hresult), message, at
                )
            else:
                percent, following = self._settle(tx, session, open_set, rows, answer, len(raw), at)
            reach("before_settled_commit")
        if following is not None:
            self.witnessed.kept(ticket, following.set.seq)
            if following.set.times_sent:
                self.ahead.keep(following.set, following.requests, at)
        reach("after_settled_commit")
        if kept is not None and session is not None:
            tell_answered(self.store, kept, company=session.company, ticket=ticket)
        self.settled()
        return percent

    def _asked_of(self, tx: sa.Connection, asked: MessageSet) -> Sequence[RequestRow]:
        """What this process sent itself needs not be read once more, while it is as it was sent."""
        sent = self.ahead.asked(asked)
        if sent and requests.are_sent(tx, asked.request_ids, asked.id):
            return sent
        return asked_of(tx, asked)

    def _unexpected(
        self,
        tx: sa.Connection,
        ticket: str,
        session: Session | None,
        server: str,
        answer: Answer,
        at: datetime,
    ) -> int:
        """A late, foreign or repeated answer: kept raw, concluded from never. Late, it ends a silence."""
        _LOG.warning("unexpected answer", ticket=ticket[:8])
        if session is None:
            silence.answered_late(tx, ticket, answer, at)
            return -1
        if self._broke_off(tx, session, server, at):
            return -1
        waiting = sessions.open_set(tx, ticket)
        if waiting is not None and waiting.times_sent > OFTEN:
            self._stop(tx, session, "QuickBooks keeps answering something else than it was asked.", at)
            return -1
        if was_read(tx, session, answer, at):
            self._stop(tx, session, OTHERWISE, at)
            return -1
        note_other(tx, session, self._as_fetched(waiting) if waiting is not None else None, at)
        return 100 if session.phase == Phase.DONE.value else percent_done(tx, session.company)

    def _broke_off(self, tx: sa.Connection, session: Session, server: str, at: datetime) -> bool:
        """Its connector may know more of it than our database: it went on when this process began, or we lost some of it.

        Before it sent, too: it may have sent since, and its next identity says so.
        """
        other = taken_over(session, server)
        is_ours = self._is_of_now(session) and not self.witnessed.saw_more(session)
        is_known = not other and (is_ours or self.witnessed.knows(session))
        if is_known or session.phase == Phase.DONE.value:
            return False
        self._stop(tx, session, TAKEN_OVER if other else BROKE_OFF, at)
        return True

    def _is_of_now(self, session: Session) -> bool:
        """Whether it was heard of since this process began; clocks tell only where it may be another worker's."""
        return session.last_at > self.started_at if self.is_shared else self.witnessed.began(session)

    def _settle(
        self,
        tx: sa.Connection,
        session: Session,
        open_set: MessageSet,
        rows: Sequence[RequestRow],
        answer: Answer,
        size: int,
        at: datetime,
    ) -> tuple[int, Kept | None]:
        named = self.mapping().companies.get(session.company)
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
                install_id=self.planner.install_id,
                size=size,
                means=self.means,
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
            self._stop(tx, session, notes.stop, at)
            return -1, None
        return self._next_set(tx, session, notes, at)

    def _next_set(
        self, tx: sa.Connection, session: Session, notes: Notes, at: datetime
    ) -> tuple[int, Kept | None]:
        """How far the session is, and what it sends next: handed out with this commit where one process serves."""
        ahead = self.store.path is not None
        following = self.planner.next_set(tx, session, notes, at, handed_out=ahead)
        return (100 if following is None else percent_done(tx, session.company)), following

    def _failed(
        self,
        tx: sa.Connection,
        session: Session,
        open_set: MessageSet,
        known: HResult | None,
        message: str,
        at: datetime,
    ) -> tuple[int, Kept | None]:
        """QuickBooks gave an error in place of an answer."""
        rows = requests.requests_of_set(tx, open_set.id)
        fate = known.fate if known is not None else SetFate.IN_DOUBT
        if fate is SetFate.REFUSED_UNPROCESSED and rows:
            if may_be_repeated(tx, session, open_set, at):
                return percent_done(tx, session.company), None
            notes = self._unprocessed(tx, session, open_set, message, at)
            return (-1, None) if notes.stop else self._next_set(tx, session, notes, at)
        if rows:
            slowed(tx, session.company, at)
        requests.doubt(tx, [row.id for row in rows if row.state is RequestState.SENT], at=at)
        sessions.mark_set(tx, open_set.id, SetState.LOST, at)
        self._stop(tx, session, hresult_told(known, message, "QuickBooks reported an error."), at)
        return -1, None

    def _unprocessed(
        self, tx: sa.Connection, session: Session, refused: MessageSet, message: str, at: datetime
    ) -> Notes:
        """QuickBooks could not read a set, and did nothing of it; the notes since say so where that ends the session."""
        rows = requests.requests_of_set(tx, refused.id)
        sessions.mark_set(tx, refused.id, SetState.REFUSED, at)
        before = replace(Notes.of(session), unread=True, refused="")
        notes = send.refused(tx, session.company, rows, message, before, at)
        if notes.stop:
            self._stop(tx, session, notes.stop, at)
        return notes

    def _stop(self, tx: sa.Connection, session: Session, sentence: str, at: datetime) -> None:
        """End a session with a sentence; nothing more is sent in it.

        An error bears no set's id: it may be of a set that our database lost, so what this process did not see whole is
        doubted here too.
        """
        doubt_ours(self.store, tx, session, self.witnessed, at)
        sessions.update_session(tx, session.ticket, at=at, last_error=sentence, phase=Phase.DONE.value)
        parties.update_company(tx, session.company, stopped=sentence)
        journal.record(tx, "deliver", "stopped", session.company, {"why": sentence}, at)
        _LOG.warning("session stopped", company=session.company, why=sentence)

    # -- the end --------------------------------------------------------------------------------

    def fail(self, ticket: str, hresult: str, message: str) -> str:
        """QuickBooks could not be opened: nothing was sent, so nothing is in doubt."""
        sentence = hresult_told(look_up_hresult(hresult), message, "QuickBooks could not be opened.")
        at = self.clock()
        with self.store.atomic() as tx:
            session = self._alone(tx, ticket)
            silence.spoke(tx, ticket, at)
            if session is not None and session.closed_at is None:
                self._stop(tx, session, sentence, at)
                self._end(tx, session, at)
        return "done"

    def explain(self, ticket: str) -> str:
        """One short line for the client's window."""
        with self.store.reading() as tx:
            session = sessions.session(tx, ticket)
        if session is None:
            return "This session is not known here; start the update again."
        return in_window(session.last_error) or "Nothing to do."

    def close(self, ticket: str) -> str:
        """End the session; what was sent and not answered is in doubt from now on."""
        at = self.clock()
        with self.store.atomic() as tx:
            session = self._alone(tx, ticket)
            if session is None:
                return "OK"
            silence.spoke(tx, ticket, at)
            if session.closed_at is None:
                self._end(tx, session, at)
        _LOG.info("session close", company=session.company, ticket=ticket[:8])
        return in_window(session.last_error) or "OK"

    def _alone(self, tx: sa.Connection, ticket: str) -> Session | None:
        """The ticket's session, once an answer that is being settled in it is kept."""
        session = sessions.session(tx, ticket)
        if session is None:
            return None
        sessions.hold_lease(tx, session.company)
        return sessions.session(tx, ticket)

    def _end(self, tx: sa.Connection, session: Session, at: datetime) -> None:
        doubt_ours(self.store, tx, session, self.witnessed, at)
        open_set = sessions.open_set(tx, session.ticket)
        if open_set is not None:
            rows = requests.requests_of_set(tx, open_set.id)
            requests.doubt(tx, [row.id for row in rows if row.state is RequestState.SENT], at=at)
            sessions.mark_set(tx, open_set.id, SetState.LOST, at)
        sessions.close_session(tx, session.ticket, at=at)
        sessions.release_lease(tx, session.company, session.ticket, session.fence)


def _name_kept(tx: sa.Connection, company: str) -> str:
    known = parties.company(tx, company)
    return known.name if known is not None else ""


def _not_named(company: str) -> str:
    """Taken out of the mapping in the middle of a session: what was answered counts, nothing more is sent."""
    return f"mappings.toml does not name the company {company} any more. Name it there again, or let its Web Connector rest."
