"""book: snapshots -> events -> `decide` -> documents and requests, kept in one commit a chunk.

The default mapping is asked in this process; a merchant with plugins is booked in the supervised child of
`host`. Booking again what is booked creates nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import sqlalchemy as sa
from structlog.contextvars import bound_contextvars

from qbconsole.books.holds import Hold, Reason
from qbconsole.decide import Decision
from qbconsole.errors import PluginBroken
from qbconsole.failpoints import reach
from qbconsole.host.blame import DecideFailed
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.orders import Shop
from qbconsole.store import books, holds, parties, requests, snapshots
from qbconsole.store.books.ground import Ground
from qbconsole.store.books.sources import snapshot_of, stored_id
from qbconsole.store.books.unsent import is_to_book, sources_unsent
from qbconsole.store.requests import current
from qbconsole.sync.cases import KINDS, cases_of, origins_of, told_by, waiting_for
from qbconsole.sync.days import Days, day_cases, waiting_days
from qbconsole.sync.deciding import Decider, Warm, desk_spec
from qbconsole.sync.enrolling import enrol_merchant
from qbconsole.sync.forgetting.deciding import is_decided_again, redacted_meanwhile
from qbconsole.sync.keeping import Kept, Moved, OthersToLock, keep_decisions
from qbconsole.sync.means import Means
from qbconsole.sync.paid import Paid, paid
from qbconsole.sync.plugins import bring_into_force, quarantine
from qbconsole.sync.plugins.telling import tell_recorded
from qbconsole.sync.revising import RunRevision, still_in_force
from qbconsole.sync.revising.entries import entries_follow

_log = logging.getLogger("qbconsole.book")
CHUNK = 200
#: How often a chunk, and then each of it alone, is decided again because somebody wrote meanwhile what it stands on;
#: what still moves then waits for the next run. Nothing is ever written over it.
ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What one run of `book` did."""

    orders: int = 0
    events: int = 0
    documents: int = 0
    held: int = 0
    #: What was left out for good, a sentence each: test rows of payouts.
    ignored: tuple[str, ...] = ()
    #: Merchant -> why none of its orders was booked.
    stopped: Mapping[str, str] = field(default_factory=dict)

    def plus(self, kept: Kept, orders: int) -> Booked:
        """Add one chunk."""
        return replace(
            self,
            orders=self.orders + orders,
            events=self.events + kept.events,
            documents=self.documents + kept.documents,
            held=self.held + kept.held,
            ignored=(*self.ignored, *kept.ignored),
        )


def book(
    means: Means, merchants: Iterable[Merchant], *, progress: Callable[[int, int], None] | None = None
) -> Booked:
    """Book everything pulled and not booked yet; a broken plugin, or deciding that failed, stops only its own merchant.

    Plugins that changed are tried before, never in the middle. Raises MappingMoved where other decisions were put in
    force meanwhile: what it kept by then is decided again by the next run.
    """
    booked, warm, revision = Booked(), Warm(), RunRevision(means)
    chosen = tuple(merchants)
    standings = bring_into_force(means, chosen)
    _heed_taken_out(means, revision)
    for merchant in chosen:
        try:
            quarantine.refuse_broken(merchant, standings)
            # Whatever is logged meanwhile, by a plugin's supervisor too, names the merchant.
            with bound_contextvars(merchant=merchant.id, company=merchant.company):
                booked = _book_merchant(means, merchant, booked, progress, warm, revision)
            tell_recorded(means, merchant, standings)
            quarantine.heal(means, merchant, standings)
        except (PluginBroken, DecideFailed) as broken:
            quarantine.stop(means, merchant, broken)
            told = {"merchant": merchant.id, "what": broken.what, "where": broken.where, "next": broken.next}
            logging.getLogger("qbconsole.plugins").error("posting stopped", extra=told)
            booked = replace(booked, stopped={**booked.stopped, merchant.id: str(broken)})
    return booked


def _heed_taken_out(means: Means, revision: RunRevision) -> None:
    """A merchant that the mapping names no more is booked by nobody: once that mapping is in force, what is unsent waits."""
    with means.store.reading() as tx:
        gone = [one for one in parties.all_merchants(tx) if one.id not in means.mapping.merchants]
    if gone:
        with means.store.atomic() as tx:
            revision.number(tx)


def _book_merchant(
    means: Means,
    merchant: Merchant,
    booked: Booked,
    progress: Callable[[int, int], None] | None,
    warm: Warm,
    revision: RunRevision,
) -> Booked:
    with means.store.reading() as tx:
        row = parties.merchant(tx, merchant.id)
    if row is None or row.shop is None:
        return booked
    if row.company != merchant.company:
        with means.store.atomic() as tx:  # by the mapping it posts into another company file from now on
            enrol_merchant(means, tx, merchant)
    with means.store.atomic() as tx:
        requests.lock(
            tx, merchant.company
        )  # what another run keeps is seen here, or finds this revision in force
        number = revision.number(tx)
        current.begin(tx, merchant.id, number, means.clock())
        old = current.old_revisions(tx, merchant.id, number)
        again = _want_again(tx, merchant, old)
        waiting = sum(snapshots.count(tx, merchant.id, kind, waiting=True) for kind in KINDS)
    days = waiting_days(means, merchant, row.shop, old=old)
    if not waiting and not days.cases:
        _note_current(means, merchant, row.shop, number, old, again)
        return booked
    done = 0
    with Decider(merchant, desk_spec(means, merchant, row.shop), warm) as decider:
        run = _Run(
            means=means,
            merchant=merchant,
            shop=row.shop,
            decider=decider,
            revision=number,
            old=old,
            paid=paid(means, merchant, row.shop),
        )
        if days.cases:
            booked = booked.plus(run.book_days(days), 0)
        for kind in KINDS:
            after = 0
            while rows := run.next(kind, after):
                after = rows[-1].id
                kept = run.book(kind, rows)
                booked = booked.plus(kept, len(rows) if kind == "order" else 0)
                done += len(rows)
                if progress is not None:
                    progress(done, waiting)
    _note_current(means, merchant, row.shop, number, old, again)
    return booked


def _note_current(
    means: Means, merchant: Merchant, shop: Shop, number: int, old: frozenset[int], again: set[str]
) -> None:
    """Sessions may send, unless something unsent that other decisions made could not be decided again by now."""
    days = {case.source_id for case in waiting_days(means, merchant, shop, old=old).cases} if old else set()
    with means.store.atomic() as tx:
        requests.lock(tx, merchant.company)
        # Looked for anew: what another run kept meanwhile was not decided again by this one.
        left = sources_unsent(tx, merchant.id, current.old_revisions(tx, merchant.id, number))
        told = {snapshot_of(stored)[1] for stored in left - days}
        is_done = left <= again and not left & days and not is_to_book(tx, merchant.id, told)
        if is_done and current.is_again(tx, merchant.id):
            is_done = is_decided_again(tx, merchant.id, merchant.company, means.clock())
        if is_done and not current.is_overtaken(tx, merchant.id, number):
            current.note_current(tx, merchant.id, number, means.clock())


def _want_again(tx: sa.Connection, merchant: Merchant, old: frozenset[int]) -> set[str]:
    """A new mapping may cure what was held, so that is looked at again; and what it would name otherwise, unsent.

    Gives what the latter is kept under.
    """
    subjects = origins_of(holds.held_subjects(tx, merchant.company))
    subjects |= waiting_for(tx, merchant, subjects)
    documents = books.documents(tx, merchant=merchant.id, keys=subjects, limit=len(subjects) or 1)
    sources = {row.source_id for row in documents}
    sources |= {subject.partition("/")[2] for subject in subjects if subject.startswith("order/")}
    sources |= books.sources_of_events(tx, merchant.id, subjects)
    unsent = sources_unsent(tx, merchant.id, old)
    sources |= unsent
    by_kind: dict[str, set[str]] = {}
    told = {snapshot_of(stored) for stored in sources} | {one for key in subjects for one in told_by(key)}
    for kind, source_id in told:
        by_kind.setdefault(kind, set()).add(source_id)
    for kind in by_kind.keys() & set(KINDS):
        snapshots.want_booking(tx, merchant.id, kind, sorted(by_kind[kind]))
    return unsent


_NOTHING = Kept(events=0, documents=0, held=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One merchant's run of `book`."""

    means: Means
    merchant: Merchant
    shop: Shop
    decider: Decider
    revision: int
    #: Revisions that decided unsent documents otherwise.
    old: frozenset[int]
    #: List entries described in this run: whoever names one first describes it.
    described: set[str] = field(default_factory=set)
    #: What payouts tell of its orders' money.
    paid: Paid

    def next(self, kind: str, after: int) -> list[snapshots.SnapshotRow]:
        """The next chunk of snapshots that wait to be booked."""
        with self.means.store.reading() as tx:
            return snapshots.to_book(tx, self.merchant.id, kind, after=after, limit=CHUNK)

    def book_days(self, days: Days) -> Kept:
        """Decide and keep days that wait; each alone where one contradicts what is booked."""
        only = days.cases[0].source_id if len(days.cases) == 1 else None
        for _ in range(ROUNDS):
            if not days.cases:
                return _NOTHING
            decided = list(self.decider.decide(days.cases))
            try:
                return self.keep((), decided, (), days.grounds)
            except Moved:
                self._renew()
                days = self._days(only)
            except books.DocumentConflict as conflict:
                if len(days.cases) == 1:
                    return self._contradicted((), decided[0].subject, decided[0].source_id, conflict)
                break
        if only is not None:
            return _left(only)
        kept = _NOTHING
        for case in days.cases:
            alone = self._days(case.source_id)
            kept = kept.plus(self.book_days(alone)) if alone.cases else kept
        return kept

    def _days(self, only: str | None) -> Days:
        return waiting_days(self.means, self.merchant, self.shop, only=only, old=self.old)

    def book(self, kind: str, rows: Sequence[snapshots.SnapshotRow]) -> Kept:
        """Decide and keep one chunk; each alone where one contradicts what is booked."""
        for _ in range(ROUNDS):
            if not rows:
                return _NOTHING
            try:
                return self._together(kind, rows)
            except Moved:
                self._renew()
                rows = self._still(kind, rows)
            except books.DocumentConflict as conflict:
                if len(rows) == 1:
                    stored = stored_id(kind, rows[0].source_id)
                    subject = f"order/{stored}" if kind == "order" else stored
                    return self._contradicted(rows, subject, stored, conflict)
                break
        if len(rows) == 1:
            return _left(stored_id(kind, rows[0].source_id))
        return reduce(Kept.plus, (self.book(kind, [row]) for row in rows), _NOTHING)

    def _together(self, kind: str, rows: Sequence[snapshots.SnapshotRow]) -> Kept:
        read = cases_of(self.means, self.merchant, self.shop, kind, rows, self.paid)
        decided = list(self.decider.decide(read.cases))
        days = day_cases(self.means, self.merchant, self.shop, decided)
        decided += self.decider.decide(days.cases)
        return self.keep(rows, decided, read.unreadable, (*read.grounds, *days.grounds))

    def _renew(self) -> None:
        """The desk anew: its numbers and names may be what moved."""
        self.decider.renew(desk_spec(self.means, self.merchant, self.shop))

    def _still(self, kind: str, rows: Sequence[snapshots.SnapshotRow]) -> list[snapshots.SnapshotRow]:
        """Those that nobody booked meanwhile, as they are kept now; one that was told anew comes in its turn."""
        with self.means.store.reading() as tx:
            still = snapshots.still_to_book(tx, self.merchant.id, kind, [row.id for row in rows])
            found = [snapshots.snapshot(tx, row.id) for row in rows if row.id in still]
        return [row for row in found if row is not None]

    def _contradicted(
        self,
        rows: Sequence[snapshots.SnapshotRow],
        subject: str,
        source_id: str,
        conflict: books.DocumentConflict,
    ) -> Kept:
        hold = Hold(
            reason=Reason.CHANGED_AFTER_BOOKING,
            where=subject.replace("/", " "),
            sentence=f"It contradicts what is booked: {conflict.what}",
            next_step=conflict.next,
            subject=subject,
            cause=f"conflict:{source_id}",
        )
        try:
            return self.keep(rows, (), (hold,), ())
        except Moved:
            return _left(source_id)

    def keep(
        self,
        rows: Sequence[snapshots.SnapshotRow],
        decided: Sequence[Decision],
        held: Sequence[Hold],
        grounds: Sequence[Ground],
    ) -> Kept:
        """One commit. Raises Moved where a snapshot or the books are not what was decided by, MappingMoved."""
        others: frozenset[str] = frozenset()
        while True:
            try:
                return self._keep(rows, decided, held, grounds, others)
            except OthersToLock as more:  # hardly ever: an order went over to a merchant of another company
                others |= more.companies

    def _keep(
        self,
        rows: Sequence[snapshots.SnapshotRow],
        decided: Sequence[Decision],
        held: Sequence[Hold],
        grounds: Sequence[Ground],
        others: frozenset[str],
    ) -> Kept:
        """The same with other companies' requests locked as well. Raises OthersToLock, too."""
        means, merchant = self.means, self.merchant
        by_source = {stored_id(row.kind, row.source_id): row.id for row in rows}
        with means.store.atomic() as tx:
            for company in sorted({merchant.company, *others}):
                requests.lock(tx, company)  # nobody writes between what is compared and what is written
            still_in_force(tx, merchant.id, self.revision)
            for kind in {row.kind for row in rows}:
                ids = {row.id for row in rows if row.kind == kind}
                if gone := ids - snapshots.still_to_book(tx, merchant.id, kind, ids):
                    raise Moved("It was told anew or booked meanwhile.", where=f"snapshot {min(gone)}")
            if redacted := redacted_meanwhile(tx, merchant.id, rows):
                raise Moved("A buyer in it had to be forgotten meanwhile.", where=f"snapshot {redacted}")
            # Before anything is journaled: a pull keeps its rows first, too, and neither waits for the other for ever.
            snapshots.mark_booked(tx, by_source.values(), self.revision)
            with entries_follow(tx, merchant, decided, self.described, means.clock(), anew=bool(self.old)):
                kept = keep_decisions(
                    tx,
                    merchant,
                    decided,
                    by_source,
                    self.revision,
                    means.clock(),
                    grounds=grounds,
                    locked=others if means.store.path is None else None,
                )
            if held:
                holds.put_holds(tx, merchant.id, merchant.company, list(held), means.clock())
            reach("before_booked_commit")
        reach("after_booked_commit")
        if _log.isEnabledFor(logging.INFO):
            each = [*(row for decision in decided for row in _told(decision)), *map(_told_hold, held)]
            if each:
                same = {"merchant": merchant.id, "company": merchant.company, "revision": self.revision}
                _log.info("booked", extra={"each": each, **same})
        return replace(kept, held=kept.held + len(held))


def _left(source_id: str) -> Kept:
    """It moves faster than it can be decided: nothing is kept of it, the next run looks at it again."""
    _log.warning("left for the next run", extra={"source": source_id, "what": "somebody writes it"})
    return _NOTHING


def _told(decision: Decision) -> Iterator[dict[str, object]]:
    """What the log tells of one decision: a line a document and a line a hold."""
    for hold in decision.holds:
        yield _told_hold(hold)
    for decided in decision.documents:
        plan = decided.named.plan
        yield {
            "event": "booked",
            "document": plan.key,
            "order": plan.number,
            "subject": decision.subject,
            "kind": plan.kind.value,
            "ref_number": decided.named.ref_number,
            "total": str(plan.total),
            "bytes": len(decided.text),
        }
        for hold in decided.holds:
            yield {**_told_hold(hold), "document": plan.key, "order": plan.number}


def _told_hold(hold: Hold) -> dict[str, object]:
    return {
        "event": "flagged" if hold.is_flag else "held",
        "level": "info" if hold.is_flag else "warning",
        "code": hold.reason.value,
        "subject": hold.subject,
        "where": hold.where,
        "what": hold.sentence,
        "next": hold.next_step,
    }
