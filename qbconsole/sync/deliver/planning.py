"""What a session sends next: a table of phases, each giving a set or nothing.

Reads are sets without a message-set id; writes carry a deterministic one, so that a resend is the same bytes
under the same id, and QuickBooks' own recovery record is the fence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from qbconsole.books.documents.list_entries import DataExt, DataExtDef, DataExtMod
from qbconsole.books.lifecycle import RequestState
from qbconsole.company.marker import Marker
from qbconsole.failpoints import reach
from qbconsole.qbxml.envelope import envelope, message_set_id, status_check
from qbconsole.qbxml.render import entry_name
from qbconsole.store import books, lists, parties, requests, sessions
from qbconsole.store.requests import Purpose, RequestRow
from qbconsole.store.sessions import MessageSet, Session
from qbconsole.sync.deliver.asking import PAGED_LISTS, RARE_LISTS, WHOLE_LISTS, Asker
from qbconsole.sync.deliver.session import Notes, Phase, after
from qbconsole.sync.keeping import READ_FIRST, list_key
from qbconsole.sync.settle import ALONE

#: Name of our marker in the company file's private data.
MARKER = "qbconsole"
#: Requests of one set; «Exactly once» makes it adapt.
BATCH = 20
#: A list older than this is read again.
STALE = timedelta(hours=12)
_LISTS = (*WHOLE_LISTS, *RARE_LISTS, *PAGED_LISTS)
#: States of an add that will still go.
_COMING = (RequestState.WAITING, RequestState.AWAITING_APPROVAL, RequestState.READY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A set to send, and what the session remembers with it."""

    purpose: str
    fragments: Sequence[str]
    notes: Notes
    requests: Sequence[RequestRow] = ()
    #: A whole document instead of fragments (a status check).
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Plans sets for one company."""

    asker: Asker
    install_id: str

    def next_set(self, tx: sa.Connection, session: Session, notes: Notes, at: datetime) -> MessageSet | None:
        """Choose the next set and keep it as sent; None when the session has nothing more to do."""
        phase = Phase(session.phase)
        turn = replace(self, asker=self.asker.at(session.done + 1))
        while phase is not Phase.DONE and not notes.stop:
            step = _PHASES[phase](turn, tx, session, notes, at)
            if step is not None:
                return self._keep(tx, session, phase, step, at)
            phase = after(phase)
        sessions.update_session(tx, session.ticket, at=at, phase=Phase.DONE.value, notes=notes.to_text())
        return None

    def _keep(
        self, tx: sa.Connection, session: Session, phase: Phase, step: Step, at: datetime
    ) -> MessageSet:
        number = session.done + 1
        writes = phase in (Phase.SEND, Phase.LINK, Phase.MARK)
        attempt = max((row.attempt for row in step.requests), default=0)
        body, set_id = step.document, f"q.{session.ticket[-12:]}.{number}"
        if writes:
            epoch = self._epoch(tx, session.company)
            keys = [row.subject_key for row in step.requests] or [session.ticket, str(number)]
            set_id = message_set_id(epoch, keys, "\n".join(step.fragments), attempt)
        if not body:
            body = envelope(step.fragments, version=step.notes.version, new_id=set_id if writes else None)
        new = MessageSet(
            id=set_id,
            company=session.company,
            ticket=session.ticket,
            seq=number,
            body=body,
            purpose=step.purpose,
            fence=session.fence,
            attempt=attempt,
        )
        reach("before_sent_commit")
        sessions.put_message_set(tx, new, at)
        if step.requests:
            requests.mark_sent(tx, [row.id for row in step.requests], set_id, at=at)
        sessions.update_session(
            tx, session.ticket, at=at, phase=phase.value, notes=step.notes.to_text(), done=number
        )
        return new

    def _epoch(self, tx: sa.Connection, company: str) -> str:
        row = parties.company(tx, company)
        return f"{self.install_id}-{row.epoch if row else 1}"

    # -- phases ---------------------------------------------------------------------------------

    def _identify(self, tx: sa.Connection, session: Session, notes: Notes, at: datetime) -> Step | None:
        if session.done:
            return None
        row = parties.company(tx, session.company)
        owner = row.owner_id if row else ""
        questions = self.asker.identity(owner, with_host=not notes.has_hello)
        return Step(purpose="identify", fragments=questions, notes=notes)

    def _probe(self, tx: sa.Connection, session: Session, notes: Notes, at: datetime) -> Step | None:
        if not notes.probes:
            return None
        set_id, *_ = notes.probes
        document = status_check(set_id, notes.version)
        return Step(purpose=f"probe:{set_id}", fragments=(), notes=notes, document=document)

    def _look(self, tx: sa.Connection, session: Session, notes: Notes, at: datetime) -> Step | None:
        rows = [row for row in requests.in_flight(tx, session.company) if row.id not in notes.looked]
        if not rows:
            return None
        group = _same_kind(rows)
        looked = replace(notes, looked=(*notes.looked, *(row.id for row in group)))
        ids = ",".join(str(row.id) for row in group)
        if group[0].purpose is Purpose.LIST_ADD:
            kind = group[0].subject_key.partition("/")[0]
            names = [entry_name(row.body) or row.subject_key.partition("/")[2] for row in group]
            return Step(purpose=f"look:{ids}", fragments=self.asker.by_names(kind, names), notes=looked)
        keys = [row.document_key or "" for row in group]
        kept = {row.key: row for row in books.documents(tx, keys=keys, limit=len(keys))}
        kind = group[0].name.removesuffix("Add")
        questions = self.asker.documents(kind, [kept[key] for key in keys if key in kept])
        return Step(purpose=f"look:{ids}", fragments=questions, notes=looked)

    def _lists(self, tx: sa.Connection, session: Session, notes: Notes, at: datetime) -> Step | None:
        if not notes.lists:
            return None
        whole = [kind for kind in notes.lists if kind not in PAGED_LISTS]
        if whole:
            return Step(
                purpose=f"lists:{','.join(whole)}", fragments=self.asker.whole_lists(whole), notes=notes
            )
        kind = notes.lists[0]
        begun = notes if notes.iterator else replace(notes, reading_since=at.isoformat(), names={})
        return Step(purpose=f"page:{kind}", fragments=self.asker.page(kind, begun.iterator), notes=begun)

    def _link(self, tx: sa.Connection, session: Session, notes: Notes, at: datetime) -> Step | None:
        row = parties.company(tx, session.company)
        if notes.marked or row is None:
            return None
        entries: list[object] = [
            DataExtDef(
                owner_id=row.owner_id,
                data_ext_name=MARKER,
                data_ext_type="STR255TYPE",
                assign_to_objects=("Company",),
            ),
            DataExt(
                owner_id=row.owner_id,
                data_ext_name=MARKER,
                other_data_ext_type="Company",
                data_ext_value=self._marker(row, 0),
            ),
        ]
        return Step(purpose="link", fragments=self.asker.write(entries), notes=notes)

    def _send(self, tx: sa.Connection, session: Session, notes: Notes, at: datetime) -> Step | None:
        rows = requests.pick_ready(tx, session.company, (Purpose.LIST_ADD, Purpose.ADD), BATCH)
        if not rows:
            return None
        alone = next((row for row in rows if row.status_text == ALONE), None)
        if alone is not None:
            rows = [alone]
        elif rows[0].purpose is Purpose.LIST_ADD:
            rows = [row for row in rows if row.purpose is Purpose.LIST_ADD]
        wrote = replace(notes, wrote=True)
        return Step(purpose="send", fragments=[row.body for row in rows], notes=wrote, requests=rows)

    def _mark(self, tx: sa.Connection, session: Session, notes: Notes, at: datetime) -> Step | None:
        row = parties.company(tx, session.company)
        if row is None or not notes.wrote:
            return None
        entry = DataExtMod(
            owner_id=row.owner_id,
            data_ext_name=MARKER,
            other_data_ext_type="Company",
            data_ext_value=self._marker(row, row.marker_serial + 1),
        )
        return Step(purpose="mark", fragments=self.asker.write([entry]), notes=replace(notes, wrote=False))

    def _marker(self, row: parties.Company, serial: int) -> str:
        epoch = f"{row.id}-{row.epoch}"
        return Marker(company_epoch=epoch, serial=serial, install_id=self.install_id).to_text()


_PHASES: dict[Phase, Callable[[Planner, sa.Connection, Session, Notes, datetime], Step | None]] = {
    Phase.IDENTIFY: Planner._identify,
    Phase.PROBE: Planner._probe,
    Phase.LOOK: Planner._look,
    Phase.LISTS: Planner._lists,
    Phase.LINK: Planner._link,
    Phase.SEND: Planner._send,
    Phase.MARK: Planner._mark,
}


def _same_kind(rows: Sequence[RequestRow]) -> list[RequestRow]:
    """The first request and those that the same question can ask about."""
    first = rows[0]
    kind = first.subject_key.partition("/")[0] if first.purpose is Purpose.LIST_ADD else ""
    same = [
        row
        for row in rows
        if row.name == first.name
        or (kind and row.purpose is Purpose.LIST_ADD and row.subject_key.partition("/")[0] == kind)
    ]
    return same[:BATCH]


def lists_due(tx: sa.Connection, company: str, at: datetime) -> tuple[str, ...]:
    """Lists never read or too old, or asked for by a name that waits for somebody; whole ones first."""
    read = lists.names_known(tx, company)
    asked = requests.names_wanted(tx, company)
    wanted = _wanted(tx, company, asked)
    # What waits to be added waits for its list to be read too.
    unread = wanted | {name for kind, name in asked if kind == READ_FIRST}
    return tuple(
        kind
        for kind in _LISTS
        if (kind not in read and (kind not in RARE_LISTS or kind in unread))
        or (kind in read and (at - read[kind] > STALE or (kind in wanted and at > read[kind])))
    )


def _wanted(tx: sa.Connection, company: str, asked: Iterable[tuple[str, str]]) -> set[str]:
    """Lists that a waiting name may come to stand in without us; what we add ourselves is known when it is answered.

    Else a batch that awaits an operator's word would have every call of the Web Connector read them again.
    """
    names = {list_key(kind, name): kind for kind, name in asked}
    there = requests.standing(tx, company, Purpose.LIST_ADD, names)
    ours = {row.subject_key for row in requests.requests_by_id(tx, there.values()) if row.state in _COMING}
    return {kind for key, kind in names.items() if key not in ours}
