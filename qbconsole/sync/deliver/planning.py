"""What a session sends next: a table of phases, each giving a set or nothing.

Reads are sets without a message-set id; writes carry a deterministic one, so that a resend is the same bytes
under the same id, and QuickBooks' own recovery record is the fence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from qbconsole.books.lifecycle import RequestState
from qbconsole.failpoints import reach
from qbconsole.qbxml.envelope import envelope, message_set_id
from qbconsole.store import parties, requests, sessions
from qbconsole.store.lists import names_known
from qbconsole.store.requests import RequestRow
from qbconsole.store.sessions import MessageSet, Session
from qbconsole.sync.deliver.asking import Asker
from qbconsole.sync.deliver.phases import (
    changed,
    clear,
    deleted,
    identify,
    lists,
    look,
    marker,
    probe,
    recall,
    recheck,
)
from qbconsole.sync.deliver.session import Notes, Phase, after
from qbconsole.sync.deliver.turn import Step, Turn

#: What chooses a phase's next set; nothing: the phase is over.
PHASES: dict[Phase, Callable[[Turn], Step | None]] = {
    Phase.IDENTIFY: identify.step,
    Phase.PROBE: probe.step,
    Phase.LOOK: look.step,
    Phase.DELETED: deleted.step,
    Phase.LISTS: lists.step,
    Phase.RECHECK: recheck.step,
    Phase.LINK: marker.link,
    Phase.SEND: recall.before_sending,
    Phase.VERIFY: changed.step,
    Phase.MARK: marker.mark,
    Phase.CLEAR: clear.step,
}


class Kept(NamedTuple):
    """A set that is kept as sent, and its requests as they are then."""

    set: MessageSet
    requests: Sequence[RequestRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Plans sets for one company."""

    asker: Asker
    install_id: str

    def next_set(
        self,
        tx: sa.Connection,
        session: Session,
        notes: Notes,
        at: datetime,
        *,
        handed_out: bool = False,
    ) -> Kept | None:
        """Choose the next set and keep it as sent; None when the session has nothing more to do.

        `handed_out`: it leaves with this very commit.
        """
        phase = Phase(session.phase)
        asker = self.asker.at(session.done + 1)
        turn = Turn(tx=tx, session=session, notes=notes, at=at, asker=asker, install_id=self.install_id)
        while phase is not Phase.DONE and not notes.stop:
            step = PHASES[phase](turn)
            if step is not None:
                return self._keep(turn, phase, step, times=int(handed_out))
            phase = after(phase)
        sessions.update_session(tx, session.ticket, at=at, phase=Phase.DONE.value, notes=notes.to_text())
        return None

    def _keep(self, turn: Turn, phase: Phase, step: Step, *, times: int) -> Kept:
        tx, session, at = turn.tx, turn.session, turn.at
        number = session.done + 1
        attempt = max((row.attempt for row in step.requests), default=0)
        body, set_id = step.document, f"q.{session.ticket[-12:]}.{number}"
        if step.again is not None:
            set_id, attempt = step.again.id, step.again.attempt
        elif step.writes:
            epoch = self._epoch(tx, session.company)
            keys = [row.subject_key for row in step.requests] or [session.ticket, str(number)]
            set_id = message_set_id(epoch, keys, "\n".join(step.fragments), attempt)
        if not body:
            new_id = set_id if step.writes else None
            # Not beside documents: their set is the same bytes whenever it is made, which QuickBooks knows again.
            old_id = clear.oldest(turn) if step.writes and not step.requests else None
            body = envelope(step.fragments, version=step.notes.version, new_id=new_id, old_id=old_id)
        new = MessageSet(
            id=set_id,
            company=session.company,
            ticket=session.ticket,
            seq=number,
            body=body,
            purpose=step.purpose,
            fence=session.fence,
            attempt=attempt,
            times_sent=times,
            request_ids=tuple([row.id for row in step.requests]),
        )
        reach("before_sent_commit")
        sessions.put_message_set(tx, new, at)
        sent: Sequence[RequestRow] = ()
        if step.requests:
            requests.mark_sent(tx, new.request_ids, set_id, at=at, company=new.company)
            # Remembered only of what leaves with this commit.
            sent = requests.as_sent(step.requests, set_id, at) if times else ()
        sessions.update_session(
            tx, session.ticket, at=at, phase=phase.value, notes=step.notes.to_text(), done=number
        )
        return Kept(new, sent)

    def _epoch(self, tx: sa.Connection, company: str) -> str:
        """The company too: two company files may be given the very same account, and each set has an id of its own."""
        return f"{self.install_id}-{company}-{parties.epoch(tx, company)}"


#: What a session is for.
_LIVE = (RequestState.READY, RequestState.SENT, RequestState.IN_DOUBT)


def anything_to_do(tx: sa.Connection, company: str, at: datetime) -> bool:
    """Whether a session has something to send, to ask about or to read."""
    counts = requests.counts(tx, company)
    if any(counts.get(state, 0) for state in _LIVE):
        return True
    due = lists.lists_due(tx, company, at) or not names_known(tx, company)
    return bool(due) or changed.goes_on(tx, company)


def percent_done(tx: sa.Connection, company: str) -> int:
    """Whole percents from counters; never 100 while anything is left."""
    counts = requests.counts(tx, company)
    left = sum(counts.get(state, 0) for state in _LIVE)
    done = counts.get(RequestState.ANSWERED, 0)
    return min(99, max(1, done * 100 // max(1, done + left)))
