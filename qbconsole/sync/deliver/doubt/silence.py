"""The silence rule: what a connector took before it went quiet is asked about by that connector only.

A Web Connector whose QuickBooks shows a dialog is silent, and the set it took may still be done when somebody
closes that dialog, however long after we stopped waiting. So absence of it proves nothing until the same connector
logs in again (it does one update at a time, so its old one is over), answers late or says good-bye, or a person says
that it is gone. Meanwhile another connector may do everything else. Source: reliability.md F24, F37, F44.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import RequestState
from qbconsole.company.identity import CompanyIdentity
from qbconsole.qbxml.response import Answer
from qbconsole.store import holds, journal, parties, requests, sessions
from qbconsole.store.sessions import MessageSet, Session, SetState
from qbconsole.sync.deliver.doubt.belonging import asked_of, is_answer_to
from qbconsole.sync.deliver.doubt.older import taken_over
from qbconsole.sync.deliver.pace import slowed
from qbconsole.sync.deliver.session import Notes
from qbconsole.visible import safe

_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """How a Web Connector is told from others, besides the company whose password it knows."""

    peer: str
    client_version: str
    #: Path of the company file, as it told it; "" before its first request.
    file: str
    #: Computer that its lock in the company file names; "" where nothing does.
    computer: str

    @classmethod
    def of(cls, session: Session, notes: Notes) -> Connector:
        """The connector of a session."""
        return cls(
            peer=session.peer,
            client_version=session.client_version,
            file=notes.file.casefold(),
            computer=notes.computer.casefold(),
        )

    def may_be(self, other: Connector) -> bool:
        """Whether both may be one: nothing that both told differs.

        The same file on the same computer, both told, is the same one: addresses change and programs are updated.
        Two behind one address can still look alike. So what is proved absent goes again under its old id, and
        QuickBooks, which keeps a record under that id, does it once even where both turn up (`phases.send`).
        """
        here, there = (self.file, self.computer), (other.file, other.computer)
        if all(here) and here == there:
            return True
        if self.peer != other.peer:
            return False
        # Its version is told in a call of its own, which another worker of ours may have heard.
        told = zip((*here, self.client_version), (*there, other.client_version), strict=True)
        return all(not mine or not theirs or mine == theirs for mine, theirs in told)


def computer_of(tx: sa.Connection, company: str, answer: Answer) -> str:
    """The computer whose lock stands in the company file: `LOCKED:HOST:ticks` (protocol notes, section 2)."""
    books = parties.company(tx, company)
    every = (row for reply in answer.replies for row in reply.rows if isinstance(row, CompanyIdentity))
    file = next(every, None)
    lock = file.private_value(books.owner_id, "AppLock") if file is not None and books is not None else None
    parts = (lock or "").split(":")
    return parts[1] if len(parts) > 1 and parts[0].upper() == "LOCKED" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A set that a connector took and was not heard of since."""

    set_id: str
    peer: str
    computer: str
    since: datetime | None
    requests: int

    @property
    def sentence(self) -> str:
        """What happened, for an operator."""
        where = f"{self.peer} ({self.computer})" if self.computer else self.peer or "an unknown address"
        taken = f" at {self.since:%Y-%m-%d %H:%M} UTC" if self.since else ""
        return (
            f"The Web Connector at {where} took {self.requests} requests{taken} and is silent since: "
            "a dialog may be open in QuickBooks there."
        )


def fall_silent(
    tx: sa.Connection, company: str, sets: Iterable[MessageSet], at: datetime, *, server: str = ""
) -> None:
    """These sets of a session that nobody closed wait for their connector; what it never got is only lost.

    `server` is that of our database now: another one than the session's may have lost that a set was handed out, which is
    the last that is kept before a silence.
    """
    for one in sets:
        session = sessions.session(tx, one.ticket)
        may_be_taken = one.times_sent > 0 or (session is not None and taken_over(session, server))
        rows = requests.requests_of_set(tx, one.id)
        requests.doubt(tx, [row.id for row in rows if row.state is RequestState.SENT], at=at)
        taken = bool(rows) and may_be_taken
        sessions.mark_set(tx, one.id, SetState.SILENT if taken else SetState.LOST, at)
        if not taken:
            continue
        slowed(tx, company, at)
        told = _silent(tx, one)
        for row in rows:
            holds.put_holds(tx, row.merchant, company, [_hold(told, row, company)], at)
        journal.record(tx, "deliver", "silent", company, {"set": one.id, "peer": told.peer}, at)


def _hold(told: Silent, row: requests.RequestRow, company: str) -> Hold:
    return Hold(
        reason=Reason.CONNECTOR_SILENT,
        where=f"{row.name.removesuffix('Add')} {row.subject_key}",
        sentence=told.sentence,
        next_step="Close the dialog on that PC and let its Web Connector run again; if that PC is gone for good, "
        "or its address or Web Connector changed and no dialog is open there, "
        f"run `qbconsole queue gone --company {company}`.",
        subject=row.document_key or row.subject_key,
        cause=f"silent:{told.set_id}",
    )


def _silent(tx: sa.Connection, one: MessageSet) -> Silent:
    session = sessions.session(tx, one.ticket)
    notes = Notes.of(session) if session is not None else Notes()
    rows = requests.requests_of_set(tx, one.id)
    return Silent(
        set_id=one.id,
        peer=safe(session.peer if session is not None else "", limit=_LONGEST),
        computer=safe(notes.computer, limit=_LONGEST),
        since=next((row.sent_at for row in rows), None),
        requests=len(rows),
    )


def silent_ids(tx: sa.Connection, company: str) -> frozenset[str]:
    """Ids of the sets whose connector is silent: nothing is concluded about what is in them."""
    return frozenset(one.id for one in sessions.sets_in(tx, company, [SetState.SILENT]))


def silent_sets(tx: sa.Connection, company: str) -> list[Silent]:
    """What silent connectors took, the oldest first."""
    return [_silent(tx, one) for one in sessions.sets_in(tx, company, [SetState.SILENT])]


def came_back(tx: sa.Connection, session: Session, notes: Notes, at: datetime) -> int:
    """A session has told which connector it is: what it took in earlier ones may be asked about; gives how much."""
    here = Connector.of(session, notes)
    found = 0
    for one in sessions.sets_in(tx, session.company, [SetState.SILENT]):
        earlier = sessions.session(tx, one.ticket)
        if earlier is not None and here.may_be(Connector.of(earlier, Notes.of(earlier))):
            _heard(tx, session.company, one.id, at)
            found += 1
    return found


def spoke(tx: sa.Connection, ticket: str, at: datetime) -> None:
    """The connector of an old session was heard of: its work in QuickBooks is over, however it ended."""
    session = sessions.session(tx, ticket)
    if session is None:
        return
    for one in sessions.sets_in(tx, session.company, [SetState.SILENT]):
        if one.ticket == ticket:
            _heard(tx, session.company, one.id, at)


def answered_late(tx: sa.Connection, ticket: str, answer: Answer, at: datetime) -> None:
    """An answer to what a silent connector took, from its own session: QuickBooks is done with it, so it is probed.

    It must be that set's: an older answer may be on its way once more while QuickBooks is still at work.
    """
    session = sessions.session(tx, ticket)
    for one in sessions.sets_in(tx, session.company, [SetState.SILENT]) if session is not None else ():
        if one.ticket == ticket and answer.replies and is_answer_to(one, asked_of(tx, one), answer):
            spoke(tx, ticket, at)


def declare_gone(tx: sa.Connection, company: str, who: str, at: datetime) -> list[Silent]:
    """A person says that the silent connectors do not come back: anyone may ask about their sets; gives which."""
    gone = silent_sets(tx, company)
    for one in gone:
        _heard(tx, company, one.set_id, at)
        journal.record(tx, who, "declared_gone", company, {"set": one.set_id, "peer": one.peer}, at)
    return gone


def _heard(tx: sa.Connection, company: str, set_id: str, at: datetime) -> None:
    sessions.mark_set(tx, set_id, SetState.LOST, at)
    holds.cure(tx, company, f"silent:{set_id}", at)
