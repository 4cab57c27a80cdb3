"""Looking for what is in doubt, documents by number and key, list entries by name: found, or proved absent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from qbconsole.books.documents.questions import TxnDeletedQuery
from qbconsole.books.lifecycle import RequestState
from qbconsole.company.documents import ObservedDocument
from qbconsole.qbxml.render import entry_name
from qbconsole.qbxml.response import Reply
from qbconsole.qbxml.statuses import Action, SetState, look_up, set_state
from qbconsole.store import books, parties, requests, sessions
from qbconsole.store.requests import Purpose, RequestRow
from qbconsole.sync.deliver.doubt.condensed import hold_summed
from qbconsole.sync.deliver.doubt.gone import deletions, hold_deleted, hold_voided
from qbconsole.sync.deliver.doubt.judging import is_of_a_set
from qbconsole.sync.deliver.doubt.numbers import numbers_of
from qbconsole.sync.deliver.doubt.redated import hold_redated
from qbconsole.sync.deliver.doubt.shared import hold_shared
from qbconsole.sync.deliver.doubt.silence import silent_ids
from qbconsole.sync.deliver.doubt.since import asked_from, could_be_there
from qbconsole.sync.deliver.phases.send import AGAIN
from qbconsole.sync.deliver.seen.entities import heed_entities, same_names
from qbconsole.sync.deliver.seen.twice import key_of, tell_twice
from qbconsole.sync.deliver.seen.untold import TOLD, cure_untold, hold_untold
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.sync.settle import (
    LIST_RECORDS,
    found_absent,
    found_document,
    found_entry,
    hold_request,
    remember_entries,
)
from qbconsole.value import replace

#: So many are asked for in one question.
_AT_ONCE = 20
#: So often is a request sent that QuickBooks always puts off; then a person looks.
TRIES_MAX = 5
#: So often is one tried that was lost alone in the end, again and again: it may be what ends the program each time.
LOST_MAX = 10
#: 3100: a list entry of that name exists; a probe by name tells whether it is one we can use.
_NAME_IN_USE = 3100


def step(turn: Turn) -> Step | None:
    """Each request once a session; those that one question can ask about go together. Silence is waited out."""
    flying = requests.in_flight(turn.tx, turn.company)
    silent = silent_ids(turn.tx, turn.company) if flying else frozenset()
    rows = [row for row in flying if row.id not in turn.notes.looked and row.message_set not in silent]
    if not rows:
        return None
    group = _same_kind(rows)
    looked = replace(turn.notes, looked=(*turn.notes.looked, *(row.id for row in group)))
    ids = ",".join(str(row.id) for row in group)
    if group[0].purpose is Purpose.LIST_ADD:
        kind = group[0].subject_key.partition("/")[0]
        names = [entry_name(row.body) or row.subject_key.partition("/")[2] for row in group]
        return Step(purpose=f"look:{ids}", fragments=turn.asker.by_names(kind, names), notes=looked)
    keys = [row.document_key or "" for row in group]
    kept = {row.key: row for row in books.documents(turn.tx, keys=keys, limit=len(keys))}
    kind = group[0].name.removesuffix("Add")
    sought = [kept[key] for key in keys if key in kept]
    since = could_be_there(turn.tx, turn.company, group, kept)
    questions = turn.asker.documents(kind, sought, deleted_from=asked_from(since.values(), turn.at))
    return Step(purpose=f"look:{ids}", fragments=questions, notes=looked)


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
    return same[:_AT_ONCE]


def all_rows_in_doubt(rows: Iterable[RequestRow]) -> list[RequestRow]:
    """The requests of a set that no answer settled yet."""
    return [row for row in rows if row.state is RequestState.IN_DOUBT]


def filed(filing: Filing) -> Notes:
    """Found by number and key (or by name): recorded. Not found in a whole answer: it may go again."""
    ids = [int(number) for number in filing.argument.split(",") if number]
    rows = all_rows_in_doubt(requests.requests_by_id(filing.tx, ids))
    if not rows:
        return filing.notes
    told = _telling(filing.answer.replies)
    if not _conclusive(told):
        hold_untold(filing, rows, told)
        return filing.notes
    cure_untold(filing, rows)
    if rows[0].purpose is Purpose.LIST_ADD:
        absent = [row for row in rows if not _entry_found(filing, row)]
    else:
        seen = {key_of(found): found for found in filing.values(ObservedDocument) if not found.is_void}
        absent, there = [], {}
        for row in rows:
            found = seen.get(row.document_key or "")
            if found is None:
                absent.append(row)
            else:
                found_document(filing.tx, filing.company, row, found, filing.at, filing.means)
                there[row.document_key or ""] = found
        heed_entities(filing, there, same_names(filing.tx, filing.company, there.values()))
        tell_twice(filing, filing.values(ObservedDocument))
        absent = [row for row in absent if not _stands_without_key(filing, row)]
        absent = hold_voided(filing, hold_redated(filing, hold_shared(filing, absent)))
        deleted = deletions(filing, absent)
        absent = hold_deleted(filing, hold_summed(filing, absent, deleted), deleted)
    refused = _refused_for_good(filing, _told_of_now(filing, absent))
    found_absent(filing.tx, [row for row in absent if row.id not in refused], filing.at)
    return replace(filing.notes, wrote=True)


def _told_of_now(filing: Filing, absent: Iterable[RequestRow]) -> Iterator[RequestRow]:
    """Without documents that are behind: what QuickBooks said of them last, it said before the books went back."""
    epoch = parties.epoch(filing.tx, filing.company)
    return (row for row in absent if row.purpose is not Purpose.ADD or row.epoch >= epoch)


def _refused_for_good(filing: Filing, absent: Iterable[RequestRow]) -> set[int]:
    """What QuickBooks told no and does not have: sent again it would be told no again, so it waits for a person."""
    ids = set()
    for row in absent:
        status = look_up(row.status_code or 0, row.status_text)
        unknown = is_of_a_set(status.code)
        put_off = (unknown or status.action is Action.RETRY) and row.attempt + 1 >= TRIES_MAX
        too_long = set_state(status.code) is SetState.TOO_LONG
        lost = row.attempt + 1 >= LOST_MAX and _is_lost_alone(filing, row)
        if not put_off and not too_long and not lost and (unknown or status.action is not Action.RESOLVE):
            continue
        sentence = f"{status.sentence} {row.status_text}".strip()
        step = "Put right what it refers to, in QuickBooks or in the mapping, then retry."
        if put_off:
            sentence, step = (
                f"{sentence} It was tried {row.attempt + 1} times.",
                "Free it in QuickBooks, then retry.",
            )
        if too_long:
            sentence, step = status.sentence, status.next_step
        elif lost:
            sentence = "It was handed over again and again, alone at last, and no answer was ever kept."
            step = (
                "See in the log of `qbconsole serve` what ended it each time, and look at its template with "
                "`qbconsole show ID --qbxml`; then retry."
            )
        if row.purpose is Purpose.LIST_ADD and row.status_code == _NAME_IN_USE:
            sentence = "The name is used in QuickBooks by a record of another kind, or by an inactive one."
            step = "Rename one of them, then retry."
        hold_request(filing.tx, filing.company, row, sentence, step, filing.at)
        requests.quarantine(filing.tx, [row.id], why=sentence, at=filing.at, proved_absent=True)
        ids.add(row.id)
    return ids


def _is_lost_alone(filing: Filing, row: RequestRow) -> bool:
    """Whether it left in a set of its own that was lost as often as one goes under its id."""
    last = sessions.message_set(filing.tx, row.message_set) if row.message_set else None
    if last is None or last.state is not sessions.SetState.LOST or len(last.request_ids) > 1:
        return False
    return row.attempt + 1 - last.attempt >= AGAIN


def _stands_without_key(filing: Filing, row: RequestRow) -> bool:
    """A document of the same number, day and total without any key may be ours with its memo edited: a person looks."""
    keys = [row.document_key or ""]
    ours = next(iter(books.documents(filing.tx, keys=keys, limit=1)), None)
    # Under whichever of its numbers it was looked for.
    numbers = numbers_of(filing.tx, ours) if ours is not None else ()
    for found in filing.values(ObservedDocument):
        if ours is None or key_of(found) or found.is_void or not _same_number(found, numbers):
            continue
        same_total = found.total is None or found.total.amount == ours.total.amount
        if found.txn_date in (None, ours.txn_date) and same_total:
            name = f"{found.kind} {found.ref_number}".strip()
            sentence = f"QuickBooks has {name} of the same day and amount without our key."
            apart = "move it to another day until this one is sent" if not ours.ref_number else "renumber it"
            step = (
                f"If it is this one, put [{row.document_key}] back into its memo; else {apart}. Then retry."
            )
            hold_request(filing.tx, filing.company, row, sentence, step, filing.at)
            # It stays doubtful, so that booking anew cannot send it either.
            requests.quarantine(filing.tx, [row.id], why=sentence, at=filing.at)
            return True
    return False


def _same_number(found: ObservedDocument, numbers: Collection[str]) -> bool:
    """Deposits have no number in QuickBooks: their day and amount must tell."""
    return found.kind == "Deposit" or found.ref_number in numbers


def _telling(replies: Iterable[Reply]) -> list[Reply]:
    """Those that tell whether something is there.

    What was deleted says more about what is absent, and nothing about whether it is: a user may not ask for it (3261).
    """
    return [reply for reply in replies if reply.request_name != TxnDeletedQuery.request]


def _conclusive(told: Sequence[Reply]) -> bool:
    """Absence counts only when every question was answered whole (0 found, 1 nothing, 500 some not)."""
    return bool(told) and all(reply.status_code in TOLD and reply.is_whole for reply in told)


def _entry_found(filing: Filing, row: RequestRow) -> bool:
    folded = row.subject_key.partition("/")[2]
    for reply in filing.answer.replies:
        for record in reply.rows:
            if not isinstance(record, LIST_RECORDS):
                continue
            if record.full_name.casefold() == folded and record.is_active:
                remember_entries(
                    filing.tx, filing.company, row.subject_key.partition("/")[0], [record], filing.at
                )
                found_entry(filing.tx, filing.company, row, record.list_id, filing.at)
                return True
    return False
