"""Delivery: our side of the Web Connector's calls, for all companies of a workspace.

An exchange is one commit, where one process serves: what was answered is durable before the percentage is returned, and
that commit keeps the next set as sent and handed out, before it leaves. State lives in the store; what a process
remembers (`ahead`) only spares a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from qbconsole.failpoints import reach
from qbconsole.qbxml.hresults import look_up as look_up_hresult
from qbconsole.qbxml.hresults import told as hresult_told
from qbconsole.qbxml.response import read_all
from qbconsole.store import parties, requests, sessions
from qbconsole.store.requests import RequestRow
from qbconsole.store.secrets import Keys, get_secret
from qbconsole.store.sessions import MessageSet, Session
from qbconsole.sync.deliver import opening
from qbconsole.sync.deliver.doubt import silence
from qbconsole.sync.deliver.doubt.belonging import asked_of, is_answer_to, names_anything
from qbconsole.sync.deliver.exchange import NO_ANSWER, Serving
from qbconsole.sync.deliver.telling import in_window, note_refused, tell_answered
from qbconsole.sync.enrolling import PASSWORD
from qbconsole.webconnector.conversation import Hello, Login, Opened
from qbconsole.webconnector.passwords import verify
from qbconsole.webconnector.session import new_ticket
from qbconsole.webconnector.throttle import Admission

_LOG = structlog.get_logger("qbconsole.deliver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Serving):
    """Implements `webconnector.conversation.Conversation`."""

    keys: Keys
    throttle: Admission
    #: Called after an answer was settled, to let a console know.
    settled: Callable[[], None] = lambda: None
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
        with self.store.atomic() as tx:
            begun, word = opening.begin(self, tx, login, company, ticket)
        if begun:
            self.witnessed.opened(ticket)
            _LOG.info("session open", company=company, ticket=ticket[:8])
        return Opened(ticket=ticket, word=word)

    # -- next -----------------------------------------------------------------------------------

    def next(self, ticket: str, hello_: Hello) -> str:
        """The set that is kept for this session; the same bytes again when the call comes again."""
        at = self.clock()
        # Durable before it leaves: whether a set was ever handed out decides what its silence means.
        if (kept := self._kept_ahead(ticket, at)) is not None:
            reach("after_sent_commit")
            return kept
        with self.store.atomic() as tx:
            exchange = self.live(tx, ticket, at)
            # A session that was stopped may have kept a set that is done: a call that comes again gets nothing either.
            if exchange is None or exchange.is_done:
                return ""
            open_set = exchange.to_hand_out(hello_)
            if open_set is not None:
                sessions.hand_out(tx, open_set.id, at)
        if open_set is None:
            return ""
        if open_set.seq > exchange.session.done:
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

    # -- answer ---------------------------------------------------------------------------------

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        """Keep the raw answer, settle it, keep the next set; then say how far we are."""
        raw = b"".join(piece.encode() if isinstance(piece, str) else piece for piece in chunks)
        reach("after_answer_received")
        at = self.clock()
        with self.store.atomic() as tx:
            exchange = self.live(tx, ticket, at)
            open_set = exchange.open_set() if exchange is not None else None
            answer = read_all([raw]) if not hresult else NO_ANSWER
            if open_set is not None:
                requests.lock(tx, open_set.company)
            rows = self._asked_of(tx, open_set) if open_set is not None else []
            if open_set is not None and not is_answer_to(open_set, rows, answer):
                open_set = None
            kept = open_set.id if open_set is not None else None
            sessions.keep_response(tx, ticket, kept, raw, at=at, hresult=hresult, message=message)
            following = None
            if exchange is None or open_set is None:
                _LOG.warning("unexpected answer", ticket=ticket[:8])
            if exchange is None:
                silence.answered_late(tx, ticket, answer, at)
                percent = -1
            elif open_set is None:
                percent = exchange.unexpected(answer)
            elif not names_anything(answer) and exchange.broke_off():
                percent = -1  # an error bears no set's id: it may be of one that our database lost
            elif hresult:
                percent, following = exchange.failed(open_set, look_up_hresult(hresult), message)
            else:
                percent, following = exchange.settle(open_set, rows, answer, len(raw))
            reach("before_settled_commit")
        if following is not None:
            self.witnessed.kept(ticket, following.set.seq)
            if following.set.times_sent:
                self.ahead.keep(following.set, following.requests, at)
        reach("after_settled_commit")
        if kept is not None and exchange is not None:
            tell_answered(self.store, kept, company=exchange.session.company, ticket=ticket)
        self.settled()
        return percent

    def _asked_of(self, tx: sa.Connection, asked: MessageSet) -> Sequence[RequestRow]:
        """What this process sent itself needs not be read once more, while it is as it was sent."""
        sent = self.ahead.asked(asked)
        if sent and requests.are_sent(tx, asked.request_ids, asked.id):
            return sent
        return asked_of(tx, asked)

    # -- the end --------------------------------------------------------------------------------

    def fail(self, ticket: str, hresult: str, message: str) -> str:
        """QuickBooks could not be opened: nothing was sent, so nothing is in doubt."""
        sentence = hresult_told(look_up_hresult(hresult), message, "QuickBooks could not be opened.")
        at = self.clock()
        with self.store.atomic() as tx:
            session = _alone(tx, ticket)
            silence.spoke(tx, ticket, at)
            if session is not None and session.closed_at is None:
                self.stop(tx, session, sentence, at)
                self.end(tx, session, at)
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
            session = _alone(tx, ticket)
            if session is None:
                return "OK"
            silence.spoke(tx, ticket, at)
            if session.closed_at is None:
                self.end(tx, session, at)
        _LOG.info("session close", company=session.company, ticket=ticket[:8])
        return in_window(session.last_error) or "OK"


def _alone(tx: sa.Connection, ticket: str) -> Session | None:
    """The ticket's session, once an answer that is being settled in it is kept."""
    session = sessions.session(tx, ticket)
    if session is None:
        return None
    sessions.hold_lease(tx, session.company)
    return sessions.session(tx, ticket)
