"""Keeping decisions: events, documents, postings, requests and holds of one chunk, in the caller's commit.

A document is kept with its request, or with the hold that says why it has none yet. Names QuickBooks lacks and we
may add become requests of their own, before the documents that wait for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from qbconsole.books.holds import PULLED, Hold, Reason
from qbconsole.books.identity import made_number
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.decide import Decided, Decision, Entered
from qbconsole.qbxml.render import fill
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.events import EventKind
from qbconsole.store import books, holds, journal, lists, parties, requests
from qbconsole.store.books.first_words import first_sources, put_first_words
from qbconsole.store.books.ground import Ground, moved
from qbconsole.store.encoding import pack
from qbconsole.store.requests import NewRequest, Purpose, RequestRow
from qbconsole.store.requests.behind import note_behind
from qbconsole.store.requests.slots import renew_claim
from qbconsole.sync.again.tied import tied_to_ignored
from qbconsole.sync.deliver.met import look_until
from qbconsole.value import replace

#: Lists are added in this order: an item needs its accounts, a tax item its agency.
LIST_ORDER = {
    "account": 0,
    "vendor": 10,
    "sales_tax_code": 20,
    "payment_method": 20,
    "terms": 20,
    "ship_method": 20,
    "customer_message": 20,
    "sales_rep": 20,
    "template": 20,
    "inventory_site": 20,
    "class": 20,
    "customer": 30,
    "item": 40,
}


class Moved(books.DocumentConflict):
    """Somebody wrote what was decided by while it was decided: nothing was kept, it is to be decided again."""


class OthersToLock(Exception):
    """Documents of other companies are in it: those have to be locked too, all of them in order. Nothing was kept."""

    def __init__(self, companies: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(companies)))
        self.companies = companies


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
    events = [
        books.NewEvents(
            source_id=decision.source_id,
            snapshot_id=snapshot_ids.get(decision.source_id),
            events=decision.events,
        )
        for decision in decisions
        if decision.events
    ]
    books.put_many_events(tx, merchant.id, events)
    _claim_rows(tx, merchant, decisions)
    decided = [(decision, document) for decision in decisions for document in decision.documents]
    known = books.kept_keys(tx, [document.named.plan.key for _, document in decided])
    kept = books.documents(tx, keys=sorted(known), limit=len(known)) if known else []
    _refuse_of_another(kept, decided)
    theirs = _of_others(merchant, kept, locked)
    before = requests.requests_of_documents(tx, sorted(known)) if known else []
    _refuse_booked_elsewhere(theirs, before)
    were_there = {row.subject_key for row in before if row.is_gone}
    epoch = _epoch(tx, merchant.company)
    until = look_until(tx, merchant.company)
    planned = [document for _, document in decided]
    asked = _requests_of(merchant, planned, _kept_back(before), epoch, until, were_there)
    if any(one.epoch < epoch for one in asked):
        note_behind(tx, merchant.company, at)
    # Decided again it came to the very same bytes: that request stands, with what a person said of it.
    same = requests.unchanged(tx, [one for one in asked if one.subject_key in known]) if known else set()
    fixed = requests.supersede(tx, sorted(known - same), at=at) if known - same else []
    if fixed:
        raise Moved("QuickBooks was given it while it was planned anew.", where=min(fixed))
    _refuse_taken_numbers(
        tx, merchant.company, [one for _, one in decided if one.named.plan.key not in known]
    )
    fresh = _keep_documents(tx, merchant, decided, known, revision, at)
    holds.cure_elsewhere(tx, merchant.id, merchant.company, sorted(known), at)
    new = {word: decision.source_id for decision in reversed(decisions) for word in decision.words}
    if new:
        put_first_words(tx, merchant.id, new)
    _keep_entries(tx, merchant, [entry for decision in decisions for entry in decision.entries], epoch, at)
    requests.put_requests(tx, asked, at=at, fill=fill)
    _meet_known(tx, merchant.company, asked, at)
    held = _keep_holds(tx, merchant, decisions, tied_to_ignored(tx, asked), at)
    if fresh or held:
        counts = {"documents": fresh, "held": held, "revision": revision}
        journal.record(tx, "book", "book", merchant.id, counts, at)
    ignored = tuple(sentence for decision in decisions for sentence in decision.ignored)
    return Kept(events=sum(len(new.events) for new in events), documents=fresh, held=held, ignored=ignored)


def _claim_rows(tx: sa.Connection, merchant: Merchant, decisions: Iterable[Decision]) -> None:
    """Keep which payout paid out each row of the balance. Raises where one is in two of them."""
    told = [(f"row:{row}", decision.source_id) for decision in decisions for row in decision.rows]
    if not told:
        return
    before = first_sources(tx, merchant.id, [word for word, _ in told])
    for word, source in told:
        if (first := before.setdefault(word, source)) != source:
            raise books.DocumentConflict(
                f"its balance row {word.partition(':')[2]} was paid out by {first.replace('/', ' ')} already",
                where=source,
                next="Look in Shopify which of the two it belongs to, and book by hand what is missing.",
            )
    put_first_words(tx, merchant.id, before)


def _refuse_of_another(
    kept: Iterable[books.DocumentRow], decided: Iterable[tuple[Decision, Decided]]
) -> None:
    """Raise where a document is drawn of another fact than the one it is booked of: of a row in two payouts, say."""
    drawn_of = {document.named.plan.key: decision.source_id for decision, document in decided}
    for row in kept:
        if row.source_id != drawn_of[row.key]:
            raise books.DocumentConflict(
                f"{row.key} tells what it tells, and is booked of {row.source_id.replace('/', ' ')}",
                where=row.key,
                next="Look in Shopify which of the two it belongs to, and book by hand what is missing.",
            )


def _of_others(
    merchant: Merchant, kept: Iterable[books.DocumentRow], locked: frozenset[str] | None
) -> list[books.DocumentRow]:
    """Documents among these that another merchant of the shop has; nobody else writes their requests until the commit.

    Not locked here: that merchant's run may hold its company and wait for ours.
    """
    theirs = [row for row in kept if row.merchant != merchant.id]
    companies = frozenset(row.company for row in theirs) - {merchant.company}
    if locked is not None and companies - locked:
        raise OthersToLock(companies)
    return theirs


def _refuse_booked_elsewhere(theirs: Iterable[books.DocumentRow], before: Iterable[RequestRow]) -> None:
    """Raise where another merchant of the shop booked this and QuickBooks may have it: an order moved by its tags, say.

    What it did not send yet goes over to this merchant; a day's sum has orders of both in it and never does.
    """
    fixed = {row.document_key for row in before if row.is_fixed}
    for row in theirs:
        if row.key in fixed or row.state is not DocumentState.PLANNED or row.source_id.startswith("day/"):
            raise books.DocumentConflict(
                f"{row.merchant} has booked it, as {row.key}, and it may be in its company file by now",
                where=row.key,
                next=f"Let the filters of both say whose it is; if it is not {row.merchant}'s, take it back there first.",
            )


def _epoch(tx: sa.Connection, company: str) -> int:
    row = parties.company(tx, company)
    return row.epoch if row else 1


def _refuse_taken_numbers(tx: sa.Connection, company: str, fresh: Iterable[Decided]) -> None:
    """Raise where another run, of whichever merchant of the company, gave a new document's number away meanwhile."""
    wanted = {one.named.ref_number: one.named.plan for one in fresh if one.named.ref_number}
    for number, key in books.taken_ref_numbers(tx, company, wanted).items():
        plan = wanted[number]
        if key != plan.key and number != made_number(plan.kind, plan.key):
            raise Moved("Another document was given its number while it was decided.", where=plan.key)


def _keep_documents(
    tx: sa.Connection,
    merchant: Merchant,
    decided: Iterable[tuple[Decision, Decided]],
    known: set[str],
    revision: int,
    at: datetime,
) -> int:
    rows = [_document(merchant, decision.source_id, document, revision) for decision, document in decided]
    for row in rows:
        if row.key in known:
            books.replace_document(tx, row, at)
    return len(books.put_documents(tx, [row for row in rows if row.key not in known], at))


def _document(merchant: Merchant, source_id: str, decided: Decided, revision: int) -> books.NewDocument:
    named, plan = decided.named, decided.named.plan
    why = {
        "choices": [(name, choice) for name, choice in named.why],
        "amended_by": decided.amended_by,
        "losses": decided.losses,
    }
    return books.NewDocument(
        key=plan.key,
        company=merchant.company,
        merchant=merchant.id,
        source_id=source_id,
        kind=plan.kind.value,
        txn_date=plan.on,
        ref_number=named.ref_number,
        number=plan.number,
        plan=plan,
        document=pack(named.document),
        provenance=pack(why),
        mapping_revision=revision,
        total=plan.total,
        postings=tuple(
            books.LedgerLine(row.on, row.role, row.facet, row.account, row.amount)
            for row in named.accounts
            if row.amount
        ),
        members=plan.members,
    )


def _keep_entries(
    tx: sa.Connection, merchant: Merchant, entries: Iterable[Entered], epoch: int, at: datetime
) -> None:
    """List entries to add, each name once a company: whoever named it first described it.

    One that QuickBooks refused and that the mapping describes otherwise now is asked anew; so is one that we added and
    that somebody deleted or renamed since.
    """
    wanted = {list_key(e.need.list_kind, e.need.full_name): e for e in entries}
    there = requests.standing(tx, merchant.company, Purpose.LIST_ADD, wanted)
    asked = requests.requests_by_id(tx, there.values())
    parked = [
        row
        for row in asked
        if row.state in PARKED and not row.doubtful and row.body != wanted[row.subject_key].text
    ]
    requests.retire(tx, parked, at=at)
    for row in parked:
        del there[row.subject_key]
        holds.release_absent(tx, merchant.company, row.subject_key, set(), at)
    read = lists.names_known(tx, merchant.company)
    for row in _gone_again(tx, merchant.company, asked, read):
        renew_claim(tx, row.id)
        del there[row.subject_key]
    new = [
        NewRequest(
            company=merchant.company,
            merchant=merchant.id,
            subject_key=key,
            purpose=Purpose.LIST_ADD,
            name=_request_name(entry.text),
            body=entry.text,
            needs=(
                *([] if entry.need.list_kind in read else [(READ_FIRST, entry.need.list_kind)]),
                *((n.list_kind, n.full_name) for n in entry.needs),
            ),
            needs_approval=entry.ask or merchant.policy.approve == "manual",
            order=LIST_ORDER.get(entry.need.list_kind, 50) + entry.need.full_name.count(":"),
            epoch=epoch,
        )
        for key, entry in wanted.items()
        if key not in there
    ]
    requests.put_requests(tx, new, at=at)
    _meet_known(tx, merchant.company, new, at)


def _gone_again(
    tx: sa.Connection, company: str, asked: Iterable[RequestRow], read: Mapping[str, datetime]
) -> Iterator[RequestRow]:
    """Adds that QuickBooks did, and whose entry it told since to be deleted, or its whole list does not show any more."""
    for row in asked:
        kind, _, name = row.subject_key.partition("/")
        if row.state is not RequestState.ANSWERED or lists.find_names(tx, company, kind, [name]):
            continue
        every = lists.list_rows(tx, company, kind, deleted_too=True)
        if (kind in read and read[kind] > row.changed_at) or any(one.list_id == row.qb_id for one in every):
            yield row


#: States of a request that QuickBooks did not take.
PARKED = (RequestState.REFUSED, RequestState.QUARANTINED)
#: A need that is met when QuickBooks' list was read and the name was not in it.
READ_FIRST = "list_read"


def list_key(list_kind: str, full_name: str) -> str:
    """What a list entry's request is about: "item/shopify shipping"."""
    return f"{list_kind}/{full_name.casefold()}"


def _request_name(text: str) -> str:
    return text[1 : text.index("Rq", 1)]


_KEPT_BACK = (RequestState.WAITING, RequestState.AWAITING_APPROVAL, RequestState.SUPERSEDED)


def _kept_back(rows: Iterable[RequestRow]) -> set[str]:
    """Documents whose request a person keeps back: planned anew they still wait for that person.

    Also where it was taken back meanwhile, and nothing is asked for by now.
    """
    last = {row.subject_key: row for row in rows if row.purpose is Purpose.ADD}
    return {key for key, row in last.items() if row.needs_approval and row.state in _KEPT_BACK}


def _requests_of(
    merchant: Merchant,
    documents: Iterable[Decided],
    kept_back: set[str],
    epoch: int,
    until: str,
    were_there: set[str],
) -> list[NewRequest]:
    """`until`: of days that our database lost once a document may be there already, so it is put behind the epoch.

    So are those that `were_there` and are gone: like all that is posted once more they are looked for first.
    """
    return [
        NewRequest(
            company=merchant.company,
            merchant=merchant.id,
            subject_key=decided.named.plan.key,
            purpose=Purpose.ADD,
            name=_request_name(decided.text),
            body=decided.text,
            slots=decided.slots,
            needs=tuple((need.list_kind, need.full_name) for need in decided.needs),
            total=decided.named.plan.total,
            document_key=decided.named.plan.key,
            needs_approval=merchant.policy.approve == "manual" or decided.named.plan.key in kept_back,
            epoch=epoch
            - int(decided.named.plan.on.isoformat() <= until or decided.named.plan.key in were_there),
        )
        for decided in documents
        if decided.text
    ]


def _meet_known(tx: sa.Connection, company: str, new: Iterable[NewRequest], at: datetime) -> None:
    """A session may have read or added a name while this was decided without it: nobody would tell it again."""
    wanted: dict[str, set[str]] = {}
    for request in new:
        for kind, name in request.needs:
            wanted.setdefault(kind, set()).add(name)
    for kind, names in wanted.items():
        there = lists.find_names(tx, company, kind, sorted(names))
        met = [name for name, row in there.items() if row.is_active and not row.deleted]
        if met:
            requests.satisfy_needs(tx, company, kind, met, at=at)


def _keep_holds(
    tx: sa.Connection, merchant: Merchant, decisions: Sequence[Decision], tied: Sequence[Hold], at: datetime
) -> int:
    """Keep what waits, and cure what waits no more. `tied` waits whatever was decided of it."""
    held = len(holds.put_holds(tx, merchant.id, merchant.company, tied, at))
    still: dict[str, set[tuple[Reason, str]]] = {}
    shares = len([one for one in parties.all_merchants(tx) if one.company == merchant.company]) > 1
    for hold in tied:
        still.setdefault(hold.subject, set()).add((hold.reason, hold.where))
    for decision in decisions:
        found = [*decision.holds, *(hold for d in decision.documents for hold in d.holds)]
        if shares:
            found = [_told_apart(hold, merchant) for hold in found]
        standing = holds.put_holds(tx, merchant.id, merchant.company, found, at) if found else []
        held += len({(hold.subject, hold.reason) for hold in standing if not hold.is_flag})
        for hold in found:
            # Its place too: of two names a document lacks, the one that is named by now waits no more.
            still.setdefault(hold.subject, set()).add((hold.reason, hold.where))
        still.setdefault(decision.subject, set())
        for subject in _decided_on(decision):
            still.setdefault(subject, set())
    flagged = {subject for decision in decisions for subject in decision.over}
    for subject in {*holds.held_subjects(tx, merchant.company, still), *flagged}:
        of = merchant.id if _is_by_number(subject) else None
        holds.release_absent(tx, merchant.company, subject, {*still.get(subject, ()), *PULLED}, at, of=of)
    return held


#: What is known by a number that its shop gave it, or its vendor: another shop may have one that is called the same.
_BY_NUMBER = (EventKind.PURCHASE, EventKind.RECEIPT, EventKind.BILL, EventKind.VENDOR_CREDIT)


def _is_by_number(subject: str) -> bool:
    return subject.partition("/")[0] in _BY_NUMBER


def _told_apart(hold: Hold, merchant: Merchant) -> Hold:
    """The hold with whose it is, where two merchants of a company file may be held for the same words."""
    return replace(hold, where=f"{hold.where} of {merchant.id}") if _is_by_number(hold.subject) else hold


def _decided_on(decision: Decision) -> Iterator[str]:
    """Documents and events that are not kept waiting any more, unless a hold found now says otherwise."""
    for decided in decision.documents:
        yield decided.named.plan.key
        yield from (member.event_key for member in decided.named.plan.members)
    yield from (event.key for event in decision.events)
    yield from (entry.event_key for entry in decision.pooled)
    yield from decision.looked_at
