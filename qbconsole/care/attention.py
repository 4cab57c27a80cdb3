"""What an operator decides about what waits: approve, hold, release, retry, ignore. Each is one commit, journalled.

Nothing here sends anything, and nothing that may be in QuickBooks becomes ready: that is proved in a session first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.holds import ASKED, FLAGS, Reason
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.errors import UsageError
from qbconsole.store import books, holds, journal, parties, queue, requests, snapshots
from qbconsole.store.books.recorded import THERE
from qbconsole.store.books.sources import snapshot_of
from qbconsole.store.database import Store
from qbconsole.store.queue import QueueLine
from qbconsole.store.requests import RequestRow
from qbconsole.store.requests.behind import catch_up
from qbconsole.store.requests.current import decided_before
from qbconsole.store.requests.pausing import pause
from qbconsole.sync.again.posting import GONE_FROM_BOOKS, freshen_some, post_again
from qbconsole.sync.again.unwished import take_back
from qbconsole.sync.cases import KINDS
from qbconsole.sync.forgetting.unsent import forget_absent, forget_ignored
from qbconsole.views.plan import BatchPlan, batch_plan_in, kept_back
from qbconsole.views.queue import standing

_FLYING = (RequestState.SENT, RequestState.IN_DOUBT)
_STUCK = (RequestState.REFUSED, RequestState.QUARANTINED)
#: What a look cannot tell and a person can: after that person's word it is not in doubt any more.
_TOLD_BY_A_PERSON = frozenset({Reason.MAY_BE_CONDENSED, Reason.MAY_BE_REDATED, Reason.DELETED_IN_QUICKBOOKS})
#: Every reason but those a retry takes away.
_OTHERS = frozenset(Reason) - {Reason.REFUSED, *_TOLD_BY_A_PERSON}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What became of the things named, by key, and why some were left as they are."""

    done: tuple[str, ...] = ()
    #: May be in QuickBooks: the next session asks before anything is sent again.
    probed_first: tuple[str, ...] = ()
    #: (key, why)
    left: tuple[tuple[str, str], ...] = field(default=())

    def sentence(self, verb: str) -> str:
        """One sentence in the past tense."""
        told = [f"{len(self.done)} {verb}"]
        if self.probed_first:
            told.append(f"{len(self.probed_first)} may be in QuickBooks and will be probed first")
        if self.left:
            told.append(f"{len(self.left)} left as they were: {self.left[0][1].rstrip('.')}")
        return "; ".join(told) + "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody who decides, at a store."""

    store: Store
    clock: Callable[[], datetime]
    #: As the journal names them: "operator:ann".
    who: str
    #: Only these are touched, where names alone would be ambiguous.
    merchant: str | None = None
    company: str | None = None

    # -- a batch ---------------------------------------------------------------------------------------

    def approve(self, company: str, plan_hash: str) -> BatchPlan:
        """Let a plan go exactly as it was seen. Raises UsageError when it is another one by now."""
        at = self.clock()
        with self.store.atomic() as tx:
            requests.lock(tx, company)  # a session may send just now what somebody else let go
            plan = batch_plan_in(tx, company)
            if plan.hash != plan_hash:
                raise UsageError(
                    f"the plan of {company} is not the one with the hash {plan_hash}",
                    next="Something changed meanwhile: look at `qbconsole plan` again; nothing was approved.",
                )
            wanted = [one.request_id for one in plan.going if one.request_id is not None]
            entries = self._agreed_entries(tx, plan)
            requests.approve(tx, [*entries, *wanted], at=at)
            told = {"hash": plan.hash, "documents": len(wanted), "list_entries": len(entries)}
            journal.record(tx, self.who, "approved", company, told, at)
        return plan

    def _agreed_entries(self, tx: sa.Connection, plan: BatchPlan) -> list[int]:
        """The list entries of a plan, without those that a person keeps back by name."""
        rows = requests.requests_by_id(tx, [one.request_id for one in plan.entries])
        kept = kept_back(tx, plan.company, rows)
        return [row.id for row in rows if row.subject_key not in kept]

    # -- documents -------------------------------------------------------------------------------------

    def hold(self, keys: Sequence[str], reason: str) -> Decided:
        """Keep documents back that have not left yet; they await approval until they are released."""
        done, left = [], []
        at = self.clock()
        with self.store.atomic() as tx:
            for line in self._lines(tx, keys):
                live = [row.id for row in _requests(tx, line)]
                if pause(tx, live, at=at):
                    journal.record(tx, self.who, "hold", line.key, _said(line, reason=reason), at)
                    done.append(line.key)
                else:
                    left.append((line.key, _why_no_hold(line)))
        return Decided(done=tuple(done), left=tuple(left))

    def release(self, keys: Sequence[str], reason: str = "") -> Decided:
        """Let go what an operator held or a plugin or rule asked to look at, and put flags aside that were looked at.

        Of what may be condensed it is the word that the summary does not have it: it is posted. So is what may stand in
        another day's entry, and what somebody deleted or voided while it was in doubt. What QuickBooks refused goes again, as if it was retried.
        """
        done, left = [], []
        at = self.clock()
        with self.store.atomic() as tx:
            for line in self._lines(tx, keys):
                if self._release(tx, line, reason, at):
                    journal.record(tx, self.who, "release", line.key, _said(line, reason=reason), at)
                    done.append(line.key)
                else:
                    left.append((line.key, _why_no_release(line)))
        return Decided(done=tuple(done), left=tuple(left))

    def _release(self, tx: sa.Connection, line: QueueLine, reason: str, at: datetime) -> bool:
        # A hold on what QuickBooks has already holds nothing back: like a flag, it only asks for a look.
        is_there = line.document in THERE
        flags = [row.id for row in line.holds if row.hold.reason in FLAGS or is_there]
        asked = [row for row in line.holds if row.hold.reason in ASKED]
        if flags or asked:
            ids = {*flags, *(row.id for row in asked)}
            holds.release(tx, by=self.who, why=reason, at=at, ids=ids)
        if asked:
            subjects = [row.hold.subject for row in asked]
            held = books.documents(tx, keys=subjects, limit=len(subjects))
            told = {*books.sources_of_events(tx, line.merchant, subjects), *(row.source_id for row in held)}
            # A fact that a plugin holds is held whole, under the id it is kept under.
            told |= {subject for subject in subjects if snapshot_of(subject)[0] in KINDS[1:]}
            for kind, source_id in map(snapshot_of, sorted(told)):
                if kind in KINDS:
                    snapshots.want_booking(tx, line.merchant, kind, [source_id])
        kept_back = [row.id for row in _requests(tx, line) if row.state is RequestState.AWAITING_APPROVAL]
        coming = [
            row.id for row in _requests(tx, line) if row.state is RequestState.WAITING and row.needs_approval
        ]
        requests.approve(tx, [*kept_back, *coming], at=at)
        absent = self._post_settled(tx, line, at)
        again = _refused(line, _requests(tx, line)) if not absent else []
        if again:
            self._go_again(tx, line, again, at)
        return bool(flags or asked or kept_back or coming or absent or again)

    def _post_settled(self, tx: sa.Connection, line: QueueLine, at: datetime) -> bool:
        """By a person's word it is not there, and is to be; False where nothing of it waits for one."""
        settled = self._settled(tx, line, at)
        if settled:
            # It was frozen while it was in doubt, with the name of who was to be forgotten meanwhile.
            anew = forget_absent(tx, line.merchant, settled, at) if line.merchant else frozenset()
            absent = [row.id for row in settled if row.id not in anew]
            freshen_some(tx, line.company, absent, at)
            row = parties.company(tx, line.company)
            catch_up(tx, absent, row.epoch if row else 1)  # else it would be looked for, and held again
        return bool(settled)

    def _settled(self, tx: sa.Connection, line: QueueLine, at: datetime) -> list[RequestRow]:
        """A person told what no look can: what was in doubt is not any more, and is ready."""
        told = [row.id for row in line.holds if row.hold.reason in _TOLD_BY_A_PERSON]
        doubtful = (
            [row for row in _requests(tx, line) if row.doubtful and row.state in _STUCK] if told else []
        )
        ids = [row.id for row in doubtful]
        if ids:
            requests.release(tx, ids, at=at, proved_absent=True)
            # Cured and not released: the same may happen to it again.
            holds.release_absent(tx, line.company, line.key, _OTHERS, at)
        return doubtful

    # -- the queue -------------------------------------------------------------------------------------

    def retry(self, keys: Sequence[str] | None) -> Decided:
        """Make refused and quarantined requests ready again, those named or all; what is gone from QuickBooks, anew.

        What was sent or is in doubt is left to the next session, which asks QuickBooks first; so is what a look put
        aside because it could not tell.
        """
        done: list[str] = []
        left: list[tuple[str, str]] = []
        probed = []
        gone: dict[str, list[str]] = {}
        at = self.clock()
        with self.store.atomic() as tx:
            lines = self._lines(tx, keys) if keys is not None else self._locked(tx, lambda: self._stuck(tx))
            for line in lines:
                rows = _requests(tx, line)
                stuck = [row for row in rows if row.state in _STUCK]
                if keys is None and _is_gone(line):
                    left.append((line.key, _first_step(line)))  # that is nobody's word on this one
                elif _is_gone(line) and self._post_settled(tx, line, at):
                    journal.record(tx, self.who, "retry", line.key, _said(line), at)
                    done.append(line.key)
                elif any(row.state in _FLYING or row.doubtful for row in rows):
                    self._look_again(tx, line, stuck, at)
                    probed.append(line.key)
                elif line.document in GONE_FROM_BOOKS:
                    gone.setdefault(line.company, []).append(line.key)
                elif stuck:
                    self._go_again(tx, line, stuck, at)
                    journal.record(tx, self.who, "retry", line.key, _said(line), at)
                    done.append(line.key)
                else:
                    left.append((line.key, _why_no_retry(line)))
            for company, lost in gone.items():  # together: a payment is written with its invoice
                again = post_again(tx, company, lost, who=self.who, at=at)
                done.extend(again.done)
                left.extend(again.left)
        place = {line.key: number for number, line in enumerate(lines)}
        done.sort(key=place.__getitem__)
        return Decided(done=tuple(done), probed_first=tuple(probed), left=tuple(left))

    def _go_again(
        self, tx: sa.Connection, line: QueueLine, stuck: Sequence[RequestRow], at: datetime
    ) -> None:
        """QuickBooks has nothing of these: they are ready as they are, or wait for what is gone by now.

        The mapping may have been changed while they were frozen, and be what cures them: `book` decides them then.
        """
        ids = [row.id for row in stuck]
        requests.release(tx, ids, at=at)
        for document in books.documents(tx, keys=[row.document_key or "" for row in stuck], limit=len(stuck)):
            if document.mapping_revision is not None:
                decided_before(tx, document.merchant, document.mapping_revision, at)
        freshen_some(tx, line.company, ids, at)
        holds.release_absent(tx, line.company, line.key, _OTHERS, at)

    def _look_again(
        self, tx: sa.Connection, line: QueueLine, stuck: Sequence[RequestRow], at: datetime
    ) -> None:
        """What was put aside in doubt is looked for once more: its memo or another document was put right meanwhile."""
        doubtful = [row.id for row in stuck if row.doubtful]
        if doubtful:
            requests.doubt(tx, doubtful, at=at)
            holds.release_absent(tx, line.company, line.key, _OTHERS, at)
            journal.record(tx, self.who, "retry", line.key, _said(line), at)

    def lost(self) -> tuple[str, ...]:
        """Keys of the documents that are not in a restored company file and wait for a person."""
        with self.store.reading() as tx:
            rows = books.documents(
                tx,
                company=self.company,
                merchant=self.merchant,
                states=[DocumentState.LOST_BY_RESTORE],
                limit=1_000_000,
            )
        return tuple(row.key for row in rows)

    def ignore(self, keys: Sequence[str], reason: str) -> Decided:
        """Take things out for good: a document that is not in QuickBooks, or is in its summary, a held order, a flag.

        A list entry that QuickBooks refused goes out where nothing waits for it; it is added when it is needed again.

        Raises UsageError without a reason, or when other documents wait for one of these.
        """
        if not reason.strip():
            raise UsageError("ignoring needs a reason", next="Give one: it stands in the journal for good.")
        done, left = [], []
        at = self.clock()
        with self.store.atomic() as tx:
            lines = self._lines(tx, keys)
            _refuse_orphans(tx, lines)
            for line in lines:
                why = self._ignore(tx, line, reason, at)
                if why:
                    left.append((line.key, why))
                else:
                    journal.record(tx, self.who, "ignored", line.key, _said(line, reason=reason), at)
                    done.append(line.key)
        return Decided(done=tuple(done), left=tuple(left))

    def _ignore(self, tx: sa.Connection, line: QueueLine, reason: str, at: datetime) -> str:
        """Why it cannot be ignored, "" when it was."""
        if line.id.source == "request":
            if why := _still_needed(tx, line):
                return why
            requests.retire(tx, _requests(tx, line), at=at)
        elif line.document in GONE_FROM_BOOKS:
            books.set_document_state(tx, line.key, DocumentState.IGNORED, at=at, note=reason)
        elif line.document is DocumentState.PLANNED:
            summed = self._settled(tx, line, at)
            gone = [requests.Move(id=row.id, to_state=RequestState.SUPERSEDED) for row in summed]
            requests.move_all(tx, gone, at=at)
            forget_ignored(tx, line.merchant or "", summed)
            is_out = bool(summed) or take_back(tx, line.key, at)
            if not is_out and requests.supersede(tx, [line.key], at=at):
                return "it is in QuickBooks, or may be"
            books.set_document_state(tx, line.key, DocumentState.IGNORED, at=at, note=reason)
        elif not line.holds:
            return f"it is {standing(line).lower()}; there is nothing to ignore"
        if line.holds:
            holds.release(
                tx, by=self.who, why=f"{holds.IGNORED}{reason}", at=at, ids=[row.id for row in line.holds]
            )
        return ""

    def _lines(self, tx: sa.Connection, keys: Sequence[str]) -> list[QueueLine]:
        """The rows that keys, order names or RefNumbers stand for. Raises UsageError for an unknown one."""
        return self._locked(tx, lambda: self._named(tx, keys))

    def _locked(self, tx: sa.Connection, read: Callable[[], list[QueueLine]]) -> list[QueueLine]:
        """What is read once nobody else changes these companies' requests: they may be let go, or sent, just now.

        Requests before holds, as a session takes them: neither waits for the other for ever.
        """
        seen = read()
        if self.store.path is not None:
            return seen  # whoever writes to a file is alone
        for company in sorted({line.company for line in seen}):
            requests.lock(tx, company)
        return read()

    def _named(self, tx: sa.Connection, keys: Sequence[str]) -> list[QueueLine]:
        found: list[QueueLine] = []
        for key in dict.fromkeys(keys):
            lines = [line for line in queue.lines(tx, queue.ids_called(tx, key)) if self._mine(line)]
            if not lines:
                raise UsageError(
                    f"nothing in the queue is called {key!r}",
                    next="List keys with `qbconsole queue list --view all`; nothing was changed.",
                )
            owners = sorted({line.merchant for line in lines})
            if len(owners) > 1:
                raise UsageError(
                    f"{key} is of {len(owners)} merchants: {', '.join(owners[:5])}{' and others' * (len(owners) > 5)}",
                    next=f"Name one with --merchant, or write {owners[0]}/{key}; nothing was changed.",
                )
            found.extend(lines)
        return found

    def _mine(self, line: QueueLine) -> bool:
        return self.merchant in (None, line.merchant) and self.company in (None, line.company)

    def _stuck(self, tx: sa.Connection) -> list[QueueLine]:
        states = frozenset(state.value for state in (*_STUCK, *_FLYING))
        narrow = queue.Narrow(states=states, merchant=self.merchant, company=self.company)
        return queue.lines(tx, queue.ids(tx, narrow))


def _said(line: QueueLine, **told: str) -> dict[str, str]:
    """What the journal keeps of a decision; of a list entry also whose, because every company file may have one so called."""
    return told | ({"company": line.company} if line.id.source == "request" else {})


def _requests(tx: sa.Connection, line: QueueLine) -> list[RequestRow]:
    """Its requests that were not replaced by newer ones."""
    if line.id.source == "document":
        rows: Iterable[RequestRow] = requests.requests_of_documents(tx, [line.key])
    else:
        rows = requests.requests_by_id(tx, [line.id.number] if line.id.source == "request" else [])
    return [row for row in rows if row.state is not RequestState.SUPERSEDED]


def _refused(line: QueueLine, rows: Sequence[RequestRow]) -> list[RequestRow]:
    """What QuickBooks refused of it and has nothing of; none where something of it may be there."""
    if not any(row.hold.reason is Reason.REFUSED for row in line.holds):
        return []
    if any(row.state in _FLYING or row.doubtful for row in rows):
        return []
    return [row for row in rows if row.state in _STUCK]


def _still_needed(tx: sa.Connection, line: QueueLine) -> str:
    """Why a list entry cannot be left out; "" where it was refused and nothing waits for it."""
    for row in _requests(tx, line):
        if row.state not in (RequestState.REFUSED, RequestState.QUARANTINED):
            return f"it is {standing(line).lower()}; only what QuickBooks refused can be left out"
        kind, _, name = row.subject_key.partition("/")
        if requests.needing(tx, row.company, kind, name):
            return "documents wait for this name; map another one, or retry it"
    return ""


def _is_gone(line: QueueLine) -> bool:
    """Whether somebody deleted or voided it in QuickBooks."""
    return any(row.hold.reason is Reason.DELETED_IN_QUICKBOOKS for row in line.holds)


def _refuse_orphans(tx: sa.Connection, lines: Sequence[QueueLine]) -> None:
    """A payment must not wait for ever for an invoice that will never be."""
    named = {line.key for line in lines}
    for line in lines:
        if line.id.source != "document":
            continue
        waiting = requests.requests_by_id(tx, requests.referring(tx, line.key))
        others = [row.document_key for row in waiting if row.document_key and row.document_key not in named]
        if others:
            raise UsageError(
                f"{len(others)} documents wait for {line.key}: {', '.join(others[:3])}",
                next="Ignore them in the same command, or retry this one; nothing was changed.",
            )


def _first_step(line: QueueLine) -> str:
    blocking = [row.hold for row in line.holds if not row.hold.is_flag]
    return blocking[0].next_step if blocking else ""


def _why_no_hold(line: QueueLine) -> str:
    if line.request in _FLYING:
        return "it was sent already; what QuickBooks made of it is asked first"
    return f"it is {standing(line).lower()}; only what is waiting or ready can be held"


def _why_no_release(line: QueueLine) -> str:
    step = _first_step(line)
    return f"its cause must go away: {step}" if step else f"it is {standing(line).lower()}; nobody holds it"


def _why_no_retry(line: QueueLine) -> str:
    step = _first_step(line)
    if step:
        return f"nothing was sent for it yet: {step}"
    return f"it is {standing(line).lower()}; there is nothing to retry"
