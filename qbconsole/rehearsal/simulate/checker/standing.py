"""Laws of states: what the store calls recorded stands in QuickBooks, and nothing is left half way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from qbconsole.rehearsal.simulate.checker.records import KeptDocument, Records
from qbconsole.rehearsal.simulate.world import CompanyEnd, Violation, World

RECORDED = "what is recorded stands in QuickBooks"
LIFECYCLE = "states follow the lifecycle"
FENCES = "fences rise"
TURNS = "one session at a time"
NOTICED = "what people delete is noticed"
#: A document in one of these is in QuickBooks, as far as we know.
_THERE = frozenset({"recorded", "verified", "drifted"})
#: A request in one of these was in a message set.
_LEFT = frozenset({"sent", "in_doubt", "refused"})


def check_standing(records: Records, world: World) -> Iterator[Violation]:
    """Hold documents and requests against the company files, and against each other."""
    companies = {company.id: company for company in world.companies}
    for document in records.documents:
        yield from _recorded(document, companies[document.company], world)
        yield from _unnoticed(document, records, world)
    yield from _shared_ids(records)
    yield from _requests(records, world)


def _recorded(document: KeptDocument, company: CompanyEnd, world: World) -> Iterator[Violation]:
    if document.state not in _THERE:
        return
    if not document.txn_id:
        sentence = f"{document.key} is {document.state} and has no TxnID."
        yield Violation(law=RECORDED, sentence=sentence)
        return
    file = company.right.file
    by_hand = {one.txn_id for one in world.by_hand}
    found = file.filed.get(document.txn_id)
    if found is None and document.txn_id not in by_hand and file.last_condense_time is None:
        sentence = f"{document.key} is {document.state} as {document.txn_id}, which is not in {company.name}."
        yield Violation(law=RECORDED, sentence=sentence)
    elif found is not None and found.kind != document.kind and found.kind != "Bill":
        sentence = f"{document.key} is a {document.kind}; {document.txn_id} is a {found.kind}."
        yield Violation(law=RECORDED, sentence=sentence)


def _unnoticed(document: KeptDocument, records: Records, world: World) -> Iterator[Violation]:
    """What a person deleted is known as soon as QuickBooks answered what was deleted."""
    gone = [one.at for one in world.by_hand if one.txn_id == document.txn_id and one.what == "deleted"]
    if document.state not in _THERE or not gone or document.txn_id in _standing(document.company, world):
        return
    asked = {one.text for one in world.handed if one.company == document.company and one.at > gone[0]}
    for one in records.sets.values():
        told = any(not hresult for hresult, _text in records.answers.get(one.id, ()))
        if told and one.body in asked and "<TxnDeletedQueryRq" in one.body:
            sentence = f"{document.key} is {document.state}; QuickBooks told that it was deleted."
            yield Violation(law=NOTICED, sentence=sentence)
            return


def _standing(company: str, world: World) -> set[str]:
    """TxnIDs of what is in the file, or was when it was condensed and is in its summary."""
    files = [one.right for one in world.companies if one.id == company]
    return {txn_id for one in files for txn_id in (*one.file.filed, *(left.txn_id for left in one.archive))}


def _shared_ids(records: Records) -> Iterator[Violation]:
    """Two documents of ours are never one document of QuickBooks."""
    named = Counter((one.company, one.txn_id) for one in records.documents if one.state in _THERE)
    for (_company, txn_id), times in named.items():
        if txn_id and times > 1:
            yield Violation(law=RECORDED, sentence=f"{times} documents are recorded as {txn_id}.")


def _requests(records: Records, world: World) -> Iterator[Violation]:
    sent = {request for one in records.sets.values() for request in one.requests}
    answered: dict[str, set[str]] = defaultdict(set)
    for one in records.requests.values():
        if one.purpose in ("add", "list_add") and one.state == "answered" and not one.qb_id:
            yield Violation(law=LIFECYCLE, sentence=f"{one.what} is answered without an id of QuickBooks.")
        if one.state == "superseded" and one.doubtful:
            yield Violation(law=LIFECYCLE, sentence=f"{one.what} may be in QuickBooks and was superseded.")
        if one.state in _LEFT and one.id not in sent and not records.went_back:
            sentence = f"{one.what} is {one.state} and stands in no message set."
            yield Violation(law=LIFECYCLE, sentence=sentence)
        if one.state == "sent" and world.finished:
            sentence = f"{one.what} is still sent, and every connector was told that there is nothing to do."
            yield Violation(law=LIFECYCLE, sentence=sentence)
        if one.purpose == "add" and one.state == "answered":
            answered[one.document].add(one.qb_id)
    for document in records.documents:
        told = answered.get(document.key)
        if document.state in _THERE and document.txn_id and told and document.txn_id not in told:
            sentence = f"{document.key} is {document.state} as {document.txn_id}, which no answer named."
            yield Violation(law=LIFECYCLE, sentence=sentence)


def check_fences(records: Records, world: World) -> Iterator[Violation]:
    """Each session of a company has a higher fence than the one before it, and its sets carry it.

    Which came before is what connectors heard: the time a session says it was opened at is by our clock, which jumps.
    """
    if records.went_back:
        return
    fences: dict[str, int] = {}
    for company, opened in records.sessions.items():
        for before, after in pairwise(_as_given(opened, world.opened)):
            if after[0] <= before[0]:
                sentence = f"{company}: a session with fence {after[0]} was opened after fence {before[0]}."
                yield Violation(law=FENCES, sentence=sentence)
        fences |= {ticket: fence for fence, ticket in opened}
        if opened and records.leases.get(company, 0) < max(fence for fence, _ in opened):
            sentence = f"{company}: the lease's fence is lower than that of a session."
            yield Violation(law=FENCES, sentence=sentence)
    for one in records.sets.values():
        if one.ticket in fences and one.fence > fences[one.ticket]:
            sentence = f"{one.id} carries fence {one.fence}; its session had {fences[one.ticket]}."
            yield Violation(law=FENCES, sentence=sentence)


def _as_given(sessions: list[tuple[int, str]], opened: tuple[str, ...]) -> list[tuple[int, str]]:
    """(fence, ticket) in the order connectors were given the tickets, without those that nobody was given."""
    place = {ticket: number for number, ticket in enumerate(opened)}
    return sorted((one for one in sessions if one[1] in place), key=lambda one: place[one[1]])


def check_turns(world: World) -> Iterator[Violation]:
    """One session of a company at a time: who was followed by another is given nothing any more."""
    for company in world.companies:
        tickets = [one.ticket for one in world.handed if one.company == company.id]
        over: set[str] = set()
        for before, after in pairwise(tickets):
            if before != after:
                over.add(before)
            if after in over:
                sentence = (
                    f"Two sessions of {company.name} were given sets by turns ({after[:8]}, {before[:8]})."
                )
                yield Violation(law=TURNS, sentence=sentence)
                break
