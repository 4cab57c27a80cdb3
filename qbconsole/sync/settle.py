"""settle: what QuickBooks answered becomes links, states, filled slots, holds and journal, in one commit.

Decides by status numbers. What is not clearly done or clearly refused stays in doubt and is probed in the next
session; nothing is concluded from a missing answer. Source: design.md section 6; protocol notes section 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

import sqlalchemy as sa

from qbconsole.books.documents.purchasing import line_key
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import IN_FLIGHT, DocumentState, RequestState
from qbconsole.company.documents import ObservedDocument
from qbconsole.company.records import Account, Customer, Entry, Item, Vendor
from qbconsole.decide import missing_name
from qbconsole.money import Money
from qbconsole.qbxml import statuses
from qbconsole.qbxml.render import fill
from qbconsole.qbxml.response import Outcome, Reply, outcome
from qbconsole.store import books, holds, journal, lists, requests
from qbconsole.store.books.recorded import FOUND
from qbconsole.store.encoding import pack
from qbconsole.store.requests import Move, Purpose, RequestRow
from qbconsole.store.requests.standing import ALREADY
from qbconsole.sync.deliver.dependants import cure_dependants, hold_dependants
from qbconsole.sync.keeping import READ_FIRST
from qbconsole.sync.pennies import Wired, hold_beyond_pennies, put_right

#: A request, and that QuickBooks did it.
Taken: TypeAlias = tuple[RequestRow, Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What one answer came to, in requests."""

    recorded: int = 0
    refused: int = 0
    doubtful: int = 0


def settle_set(
    tx: sa.Connection,
    company: str,
    rows: Sequence[RequestRow],
    replies: Sequence[Reply],
    at: datetime,
    means: Wired | None = None,
) -> Settled:
    """Settle the unsettled requests of one whole message set; a request without a reply is in doubt.

    `rows` are as this commit read them, after it locked their company (`requests.lock`).
    `means` are asked for where pennies of tax have to be put right; without them those are only flagged.
    Where QuickBooks leaves requestIDs out, a place tells only if there are as many replies as requests.
    """
    by_id = {reply.request_id: reply for reply in replies if reply.request_id}
    all_came = len(replies) == len(rows)
    by_place = {reply.index: reply for reply in replies if all_came and not reply.request_id}
    taken: list[Taken] = []
    refused: list[tuple[RequestRow, Outcome]] = []
    doubtful: list[Move] = []
    for place, row in enumerate(rows):
        if row.state not in IN_FLIGHT:
            continue
        reply = by_id.get(request_id_of(row)) or by_place.get(place)
        if reply is None or reply.request_name != row.name:
            doubtful.append(_doubt(row, "no answer came for it"))
            continue
        told = outcome(reply)
        is_told = not told.needs_look_up or _is_no_document(row)
        if told.action in statuses.DONE and is_told and not _lacks_lines(row, told):
            taken.append((row, told))
            if row.purpose is Purpose.LIST_ADD:
                remember_entries(tx, company, row.subject_key.partition("/")[0], reply.rows, at)
        elif told.action is statuses.Action.FIX:
            refused.append((row, told))
        else:
            doubtful.append(_doubt(row, told.message, told.status_code))
    record(tx, company, taken, at, means, known={row.id: row for row, _ in taken})
    for row, told in refused:
        _refuse(tx, company, row, told, at)
    sent = {row.id for row in rows if row.state is RequestState.SENT}
    requests.move_all(tx, [step for step in doubtful if step.id in sent], at=at)
    cure_dependants(tx, company, [row for row, _ in taken], at)
    return Settled(recorded=len(taken), refused=len(refused), doubtful=len(doubtful))


def _is_no_document(row: RequestRow) -> bool:
    """Whether it was done and nothing came of it that has an id: a payment without money, which only uses credits.

    QuickBooks ties the credits to what they settle, and there is no document (Intuit's reference, SetCredit). To look
    it up would find nothing, and to send it again would be refused, for nothing is open any more.
    """
    without_money = row.total is not None and not row.total
    return row.purpose is Purpose.ADD and row.name == "ReceivePaymentAdd" and without_money


def request_id_of(row: RequestRow) -> str:
    """The requestID a body carries."""
    start = row.body.index('requestID="') + len('requestID="')
    return row.body[start : row.body.index('"', start)]


def record(
    tx: sa.Connection,
    company: str,
    taken: Sequence[Taken],
    at: datetime,
    means: Wired | None = None,
    *,
    known: Mapping[int, RequestRow] = MappingProxyType({}),
) -> None:
    """QuickBooks did these: ids kept, whoever waited for them set free. A statement a set, not one a request.

    `known` as `requests.move_all` takes it.
    """
    moves = [
        Move(
            id=row.id,
            to_state=RequestState.ANSWERED,
            status_code=told.status_code,
            status_text=told.message,
            qb_id=told.txn_id or told.list_id,
        )
        for row, told in taken
    ]
    requests.move_all(tx, moves, at=at, known=known)
    _listed(tx, company, [one for one in taken if one[0].purpose is Purpose.LIST_ADD], at)
    documents = [
        (row, told)
        for row, told in taken
        if row.purpose is not Purpose.LIST_ADD and row.document_key is not None
    ]
    _recorded(tx, company, documents, at, means)


def _listed(tx: sa.Connection, company: str, taken: Sequence[Taken], at: datetime) -> None:
    """List entries exist now. Full records are read with their list; the names are free to be used at once."""
    names: dict[str, list[str]] = {}
    for row, _ in taken:
        kind, _, folded = row.subject_key.partition("/")
        names.setdefault(kind, []).append(folded)
        holds.cure(tx, company, f"missing:{kind}:{folded}", at)
    for kind, added in names.items():
        requests.satisfy_needs(tx, company, kind, added, at=at)
    told_of = [(row.subject_key, {"list_id": told.list_id}) for row, told in taken]
    journal.record_all(tx, "quickbooks", "list_add", told_of, at)


def remember_entries(
    tx: sa.Connection,
    company: str,
    kind: str,
    rows: Iterable[object],
    at: datetime,
    *,
    complete: bool = False,
) -> None:
    """Keep list records as QuickBooks told them; `complete`: these are all there are."""
    told = [row for row in rows if isinstance(row, LIST_RECORDS)]
    kept = [
        lists.ListRow(list_id=row.list_id, full_name=row.full_name, is_active=row.is_active, data=pack(row))
        for row in told
    ]
    lists.upsert_rows(tx, company, kind, kept, complete=complete, at=at)


#: What a list of QuickBooks is made of.
LIST_RECORDS = (Account, Item, Customer, Vendor, Entry)


def _recorded(
    tx: sa.Connection, company: str, taken: Sequence[Taken], at: datetime, means: Wired | None
) -> None:
    moves = [
        books.DocumentMove(
            key=row.document_key or "",
            to_state=DocumentState.RECORDED,
            txn_id=told.txn_id,
            edit_sequence=told.edit_sequence,
        )
        for row, told in taken
    ]
    books.move_documents(tx, moves, at)
    known = {row.document_key or "": told.txn_id for row, told in taken}
    lines = [(row, _line_ids(row, told)) for row, told in taken if row.name in _LINES_NEEDED]
    _keep_lines(tx, lines, at)
    for _, ids in lines:
        known |= ids
    requests.fill_slots(tx, company, known, fill, at=at)
    holds.cure_subjects(tx, company, [row.document_key or "" for row, _ in taken], at)
    seen = [
        (row, told.observed, _seen_total(row, told.observed))
        for row, told in taken
        if told.observed is not None
    ]
    lists.put_observations(tx, company, [_observation(row, one, total) for row, one, total in seen], at)
    for row, one, total in seen:
        if total is not None and row.total is not None and total.amount != row.total.amount:
            _compare(tx, company, row, one, (total, row.total), at, means)
    told_of = [
        (row.document_key or "", {"txn_id": told.txn_id, "status": told.status_code, "name": row.name})
        for row, told in taken
    ]
    journal.record_all(tx, "quickbooks", "recorded", told_of, at)


#: Documents whose lines others are tied to: Add -> name of a line in the answer.
_LINES_NEEDED = {"PurchaseOrderAdd": "PurchaseOrderLine"}


def _line_ids(row: RequestRow, told: Outcome) -> dict[str, str]:
    """Line key -> TxnLineID, where others may be tied to the lines; they come back in the order they were sent."""
    kind = _LINES_NEEDED.get(row.name)
    lines = told.observed.lines if told.observed is not None and kind else ()
    ids = [line.txn_line_id for line in lines if line.kind == kind]
    return {line_key(row.document_key or "", place): qb_id for place, qb_id in enumerate(ids, 1) if qb_id}


def _lacks_lines(row: RequestRow, told: Outcome) -> bool:
    """Whether it was done but its lines, which others wait for, are not told: a probe asks for them."""
    return row.purpose is Purpose.ADD and row.name in _LINES_NEEDED and not _line_ids(row, told)


def _keep_lines(
    tx: sa.Connection, each: Iterable[tuple[RequestRow, Mapping[str, str]]], at: datetime
) -> None:
    """Goods may come months after the order: what its lines are called is kept."""
    kept = [
        lists.Link(
            merchant=row.merchant or "",
            kind=requests.LINE,
            source_id=key,
            qb_kind=_LINES_NEEDED[row.name],
            qb_id=qb_id,
        )
        for row, ids in each
        for key, qb_id in ids.items()
    ]
    lists.put_links(tx, kept, at)


def _observation(row: RequestRow, seen: ObservedDocument, total: Money | None) -> lists.Observation:
    """What came back, to be kept."""
    return lists.Observation(
        txn_id=seen.txn_id,
        kind=seen.kind,
        edit_sequence=seen.edit_sequence,
        document_key=row.document_key,
        total=total,
        data=pack(seen),
    )


def _compare(
    tx: sa.Connection,
    company: str,
    row: RequestRow,
    seen: ObservedDocument,
    totals: tuple[Money, Money],
    at: datetime,
    means: Wired | None,
) -> None:
    """Two totals differ, QuickBooks' and the plan's: put right the pennies of a tax it computed, flag anything else."""
    total, planned = totals
    if not put_right(tx, company, row, total, means, at):
        hold = Hold(
            reason=Reason.AMOUNTS_DIFFER,
            where=f"{seen.kind} {seen.ref_number}",
            sentence=f"QuickBooks recorded {total.text()}, planned were {planned.text()}.",
            next_step="Open the document in QuickBooks and correct it there, then release this.",
            subject=row.document_key or "",
            cause=f"amounts_differ:{row.document_key}",
        )
        holds.put_holds(tx, row.merchant, company, [hold], at)


def _seen_total(row: RequestRow, seen: ObservedDocument) -> Money | None:
    """The total to compare, where QuickBooks tells one: of a journal entry only with its lines, of stock never."""
    if seen.total is None or row.total is None:
        return None
    if row.name == "JournalEntryAdd" and not row.total:
        return None  # planned without lines of its own: there is no total to hold its debits against
    return Money(seen.total.amount, row.total.currency)


#: What a person had posted once more repeats its bytes: another mapping names nothing of it otherwise.
_AS_IT_WAS = (
    "It goes once more as it was, whatever the mapping says by now: mend it in QuickBooks, then retry it; or enter it "
    "there by hand and leave it out: `qbconsole queue ignore KEY --reason WHY`."
)
_PERHAPS_USED = (
    "An answer to it was lost before, and no look finds a payment that only uses credits. Where the credit is used in "
    "QuickBooks already, leave it out: `qbconsole queue ignore KEY --reason WHY`. Else mend what QuickBooks names, then run "
    "`qbconsole release KEY`."
)


def _refuse(tx: sa.Connection, company: str, row: RequestRow, told: Outcome, at: datetime) -> None:
    status = statuses.look_up(told.status_code, told.message)
    requests.move(
        tx, row.id, RequestState.REFUSED, at=at, status_code=told.status_code, status_text=told.message
    )
    step = _AS_IT_WAS if row.round else status.next_step
    if row.attempt and _is_no_document(row):
        step = _PERHAPS_USED
    hold_request(tx, company, row, f"{status.sentence} {told.message}".strip(), step, at)


def hold_request(
    tx: sa.Connection, company: str, row: RequestRow, sentence: str, next_step: str, at: datetime
) -> None:
    """A request QuickBooks will not take waits for a person, and so does whoever needs it."""
    hold = Hold(
        reason=Reason.REFUSED,
        where=f"{row.name.removesuffix('Add')} {row.subject_key}",
        sentence=sentence,
        next_step=next_step,
        subject=row.document_key or row.subject_key,
        cause=f"refused:{row.status_code or 0}:{row.subject_key}",
    )
    holds.put_holds(tx, row.merchant, company, [hold], at)
    hold_dependants(tx, company, row, at)
    journal.record(tx, "quickbooks", "refused", row.subject_key, {"message": sentence}, at)


def _doubt(row: RequestRow, why: str, code: int | None = None) -> Move:
    return Move(id=row.id, to_state=RequestState.IN_DOUBT, status_code=code, status_text=why)


def found_absent(tx: sa.Connection, rows: Iterable[RequestRow], at: datetime) -> None:
    """A probe found nothing of these: they may go again."""
    steps = [Move(id=row.id, to_state=RequestState.READY) for row in rows]
    requests.move_all(tx, steps, at=at, proved_absent=True)


def found_document(
    tx: sa.Connection,
    company: str,
    row: RequestRow,
    seen: ObservedDocument,
    at: datetime,
    means: Wired | None = None,
) -> None:
    """A probe found the document in QuickBooks."""
    told = Outcome(
        action=statuses.Action.OK,
        status_code=0,
        message=FOUND,
        txn_id=seen.txn_id,
        edit_sequence=seen.edit_sequence,
        observed=seen,
    )
    record(tx, company, [(row, told)], at, means)
    cure_dependants(tx, company, [row], at)


def found_entry(tx: sa.Connection, company: str, row: RequestRow, list_id: str, at: datetime) -> None:
    """A probe found the list entry: linked as it is, never overwritten."""
    told = Outcome(
        action=statuses.Action.OK, status_code=0, message="found in QuickBooks' list", list_id=list_id
    )
    record(tx, company, [(row, told)], at)
    cure_dependants(tx, company, [row], at)


def list_was_read(
    tx: sa.Connection, company: str, kind: str, names: Mapping[str, bool], at: datetime
) -> None:
    """A whole list is known: names in it are satisfied, entries to add that exist are dropped.

    `names`: full name -> active. An inactive record holds its name too, so it is neither added nor used.
    """
    active = [name for name, is_active in names.items() if is_active]
    if kind == "item":
        hold_beyond_pennies(tx, company, active, at)
    requests.satisfy_needs(tx, company, kind, active, at=at)
    keys = [f"{kind}/{name.casefold()}" for name in names]
    there = requests.standing(tx, company, Purpose.LIST_ADD, keys)
    for row in requests.requests_by_id(tx, there.values()):
        if row.state in (RequestState.WAITING, RequestState.READY, RequestState.AWAITING_APPROVAL):
            requests.move(tx, row.id, RequestState.SUPERSEDED, at=at, status_text=ALREADY)
    requests.satisfy_needs(tx, company, READ_FIRST, [kind], at=at)
    hold_missing(tx, company, kind, at)
    prefix = f"missing:{kind}:"
    for cause in holds.open_causes(tx, company, prefix) & {prefix + name.casefold() for name in active}:
        holds.cure(tx, company, cause, at)


def hold_missing(tx: sa.Connection, company: str, kind: str, at: datetime) -> None:
    """Names still wanted that nobody may add, or that we added and somebody deleted: their documents wait for a person."""
    needing = requests.documents_needing(tx, company, kind)
    keys = {f"{kind}/{name.casefold()}": name for name in needing}
    there = requests.standing(tx, company, Purpose.LIST_ADD, keys)
    adds = requests.requests_by_id(tx, there.values())
    coming = {row.subject_key for row in adds if row.state is not RequestState.ANSWERED}
    for key, name in keys.items():
        if key in coming:
            continue
        # Booking knows more of it: that it was renamed, is inactive, or that Shopify withholds what it is.
        told = {row.hold.subject for row in holds.open_for(tx, company, f"missing:{kind}:{name.casefold()}")}
        for document_key, merchant in needing[name]:
            if document_key not in told:
                holds.put_holds(tx, merchant, company, [missing_name(document_key, kind, name)], at)
