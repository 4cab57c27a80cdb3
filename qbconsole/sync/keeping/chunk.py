"""One chunk of decisions, in the caller's commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from qbconsole.decide import Decision
from qbconsole.qbxml.render import fill
from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import books, holds, journal, parties, requests
from qbconsole.store.books.first_words import put_first_words
from qbconsole.store.books.ground import Ground, moved
from qbconsole.store.requests.behind import note_behind
from qbconsole.sync.again.tied import tied_to_ignored
from qbconsole.sync.keeping.asked import requests_of, supersede_before
from qbconsole.sync.keeping.conflicts import Moved, claim_rows, refuse_taken_numbers, what_stands
from qbconsole.sync.keeping.documents import keep_documents
from qbconsole.sync.keeping.entries import keep_entries, meet_known
from qbconsole.sync.keeping.held import keep_holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How much one chunk came to."""

    events: int
    documents: int
    held: int
    #: What was left out for good, a sentence each.
    ignored: tuple[str, ...] = ()

    def plus(self, other: Kept) -> Kept:
        """Both together."""
        return Kept(
            events=self.events + other.events,
            documents=self.documents + other.documents,
            held=self.held + other.held,
            ignored=(*self.ignored, *other.ignored),
        )


def keep_decisions(
    tx: sa.Connection,
    merchant: Merchant,
    decisions: Sequence[Decision],
    snapshot_ids: Mapping[str, int],
    revision: int,
    at: datetime,
    *,
    grounds: Iterable[Ground] = (),
    locked: frozenset[str] | None = None,
) -> Kept:
    """Write one chunk of decisions; the caller's commit has the company's lock.

    `locked` are the companies it has locked, where others may wait for those: OthersToLock names what is missing.
    Raises Moved where the books say otherwise now than its `grounds`, and DocumentConflict.
    """
    if gone := moved(tx, merchant.id, merchant.company, grounds):
        raise Moved("Somebody wrote it while it was decided.", where=gone)
    events = _keep_events(tx, merchant, decisions, snapshot_ids)
    claim_rows(tx, merchant, decisions)
    decided = [(decision, document) for decision in decisions for document in decision.documents]
    standing = what_stands(tx, merchant, decided, locked)
    epoch = _epoch(tx, merchant.company)
    asked = requests_of(tx, merchant, [document for _, document in decided], standing.before, epoch)
    if any(one.epoch < epoch for one in asked):
        note_behind(tx, merchant.company, at)
    supersede_before(tx, asked, standing.known, at)
    refuse_taken_numbers(tx, merchant, decided, standing.known)
    fresh = keep_documents(tx, merchant, decided, standing.known, revision, at)
    holds.cure_elsewhere(tx, merchant.id, merchant.company, sorted(standing.known), at)
    new = {word: decision.source_id for decision in reversed(decisions) for word in decision.words}
    if new:
        put_first_words(tx, merchant.id, new)
    keep_entries(tx, merchant, [entry for decision in decisions for entry in decision.entries], epoch, at)
    requests.put_requests(tx, asked, at=at, fill=fill)
    meet_known(tx, merchant.company, asked, at)
    held = keep_holds(tx, merchant, decisions, tied_to_ignored(tx, asked), at)
    if fresh or held:
        counts = {"documents": fresh, "held": held, "revision": revision}
        journal.record(tx, "book", "book", merchant.id, counts, at)
    ignored = tuple(sentence for decision in decisions for sentence in decision.ignored)
    return Kept(events=events, documents=fresh, held=held, ignored=ignored)


def _keep_events(
    tx: sa.Connection, merchant: Merchant, decisions: Iterable[Decision], snapshot_ids: Mapping[str, int]
) -> int:
    """What happened, whether it came to documents or not; gives how many events."""
    told = [
        books.NewEvents(
            source_id=decision.source_id,
            snapshot_id=snapshot_ids.get(decision.source_id),
            events=decision.events,
        )
        for decision in decisions
        if decision.events
    ]
    books.put_many_events(tx, merchant.id, told)
    return sum(len(new.events) for new in told)


def _epoch(tx: sa.Connection, company: str) -> int:
    row = parties.company(tx, company)
    return row.epoch if row else 1
