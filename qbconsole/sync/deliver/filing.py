"""Filing answers: a table of purposes. Each says what one kind of answer changes; all in the caller's commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import RequestState
from qbconsole.company.documents import ObservedDocument
from qbconsole.company.identity import Activity, CompanyIdentity, Host, Preferences
from qbconsole.company.marker import Marker, MarkerUnreadable
from qbconsole.qbxml.envelope import HostTooOld, choose_version
from qbconsole.qbxml.response import Answer, Reply
from qbconsole.qbxml.statuses import Action, SetState, look_up, set_state
from qbconsole.store import books, lists, parties, requests
from qbconsole.store.encoding import pack
from qbconsole.store.requests import Purpose, RequestRow
from qbconsole.store.sessions import MessageSet, Session
from qbconsole.sync.deliver.asking import RARE_LISTS, is_list
from qbconsole.sync.deliver.planning import MARKER, lists_due
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.pennies import Wired
from qbconsole.sync.settle import (
    LIST_RECORDS,
    found_absent,
    found_document,
    found_entry,
    hold_request,
    list_was_read,
    remember_entries,
    request_id_of,
    settle_set,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One answer to be filed."""

    tx: sa.Connection
    session: Session
    set: MessageSet
    answer: Answer
    notes: Notes
    at: datetime
    #: Name the mapping gives the company, and this installation.
    company_name: str
    install_id: str
    #: Gives store, mapping and templates, where the answer makes a document necessary.
    means: Wired | None = None

    @property
    def company(self) -> str:
        """The company's id."""
        return self.session.company

    def values(self, kind: type) -> Iterable[Any]:
        """All rows of one kind."""
        return (row for reply in self.answer.replies for row in reply.rows if isinstance(row, kind))


def file(filing: Filing) -> Notes:
    """File an answer by its purpose; gives the session's notes after it."""
    purpose = filing.set.purpose.partition(":")[0]
    return _BY_PURPOSE[purpose](filing)


def is_answer_to(tx: sa.Connection, open_set: MessageSet, answer: Answer) -> bool:
    """Whether an answer can be this set's: not one that came again for the set before, or that nobody asked for.

    QuickBooks may leave requestIDs out; those it gives must be ours.
    """
    if not open_set.times_sent:
        return False
    told = {reply.request_id for reply in answer.replies if reply.request_id}
    purpose, _, rest = open_set.purpose.partition(":")
    if purpose in ("send", "probe"):
        rows = requests.requests_of_set(tx, rest if purpose == "probe" else open_set.id)
        return told <= {request_id_of(row) for row in rows}
    return all(one.startswith(f"{open_set.seq}.") for one in told)


# -- who is it ----------------------------------------------------------------------------------


def hello(tx: sa.Connection, company: str, answer: Answer, notes: Notes, at: datetime) -> Notes:
    """Host and preferences, from the first call or from our own question."""
    rows = [row for reply in answer.replies for row in reply.rows]
    host = next((row for row in rows if isinstance(row, Host)), None)
    preferences = next((row for row in rows if isinstance(row, Preferences)), None)
    if host is None or preferences is None:
        return notes
    parties.update_company(
        tx,
        company,
        host=pack(host).decode(),
        preferences=pack(preferences).decode(),
        last_contact_at=at,
        closing_date=preferences.closing_date,
    )
    try:
        version = choose_version(host.supported_versions)
    except HostTooOld as old:
        return replace(notes, has_hello=True, stop=str(old))
    if not host.is_us:
        return replace(
            notes,
            has_hello=True,
            stop=f"This is QuickBooks for {host.country or 'another country'}; only the US edition is written "
            "to, because others compute tax on our documents. Nothing was written.",
        )
    return replace(notes, has_hello=True, version=version)


def _identify(filing: Filing) -> Notes:
    notes = hello(filing.tx, filing.company, filing.answer, filing.notes, filing.at)
    identity = next(iter(filing.values(CompanyIdentity)), None)
    if notes.stop:
        return notes
    if identity is None:
        return replace(notes, stop="QuickBooks did not say which company file is open. Nothing was written.")
    row = parties.company(filing.tx, filing.company)
    if row is None:
        return replace(notes, stop="This company is not in the workspace any more.")
    notes = _check_identity(filing, row, identity, notes)
    activity = next(iter(filing.values(Activity)), None)
    if activity is not None and not notes.stop:
        if row.last_restore_time and (activity.restored or NEVER) != row.last_restore_time:
            return replace(
                notes,
                stop=f'The company file "{identity.name}" was restored from a backup ({activity.restored}). '
                "Nothing was written: what was recorded since the backup may be missing.",
            )
        parties.update_company(
            filing.tx,
            filing.company,
            last_restore_time=activity.restored or NEVER,
            last_condense_time=activity.condensed,
        )
    return notes


def _check_identity(filing: Filing, row: parties.Company, identity: CompanyIdentity, notes: Notes) -> Notes:
    """The file must be the linked one, by name and by our marker; before any link, the mapping's name."""
    wanted = row.linked_name or filing.company_name
    if _folded(identity.name) != _folded(wanted):
        return replace(
            notes,
            stop=f'The open company file is "{identity.name}", this connection belongs to "{wanted}". '
            "Nothing was written; open the right file.",
        )
    text = identity.private_value(row.owner_id, MARKER)
    if text is None:
        if row.linked_marker:
            return replace(
                notes,
                stop=f'The company file "{identity.name}" does not carry our marker any more; it may be another '
                "file of the same name. Nothing was written; see `qbconsole doctor`.",
            )
        return _known(filing, identity, replace(notes, marked=False))
    try:
        marker = Marker.from_text(text)
    except MarkerUnreadable as cause:
        return replace(notes, stop=f"{cause}. Nothing was written; see `qbconsole doctor`.")
    ours = (f"{row.id}-{row.epoch}", filing.install_id)
    if (marker.company_epoch, marker.install_id) != ours:
        return replace(
            notes,
            stop=f'The company file "{identity.name}" belongs to another qbconsole installation or company. '
            "Nothing was written; see `qbconsole doctor`.",
        )
    if marker.serial < row.marker_serial:
        return replace(
            notes,
            stop=f'The company file "{identity.name}" is older than what was recorded (marker {marker.serial}, '
            f"{row.marker_serial} was written): it looks restored from a backup. Nothing was written.",
        )
    if marker.serial > row.marker_serial:
        parties.update_company(filing.tx, filing.company, marker_serial=marker.serial)
    return _known(filing, identity, replace(notes, marked=True, serial=marker.serial), text)


def _known(filing: Filing, identity: CompanyIdentity, notes: Notes, marker: str = "") -> Notes:
    row = parties.company(filing.tx, filing.company)
    kept = marker or (row.linked_marker if row else "")
    parties.update_company(
        filing.tx,
        filing.company,
        linked_at=filing.at,
        linked_name=identity.name,
        linked_marker=kept,
        stopped="",
    )
    probes = dict.fromkeys(
        row.message_set for row in requests.in_flight(filing.tx, filing.company) if row.message_set
    )
    return replace(notes, probes=tuple(probes), lists=lists_due(filing.tx, filing.company, filing.at))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


# -- what became of it --------------------------------------------------------------------------


def _probe(filing: Filing) -> Notes:
    """QuickBooks' own record of a set: its answer is as good as the one that was lost."""
    set_id = filing.set.purpose.partition(":")[2]
    rows = [row for row in requests.requests_of_set(filing.tx, set_id) if row.state is RequestState.IN_DOUBT]
    head = filing.answer.message_set
    stored = head is not None and set_state(head.status_code) is SetState.STORED
    if stored and filing.answer.replies and filing.answer.fault is None:
        every = requests.requests_of_set(filing.tx, set_id)
        settle_set(filing.tx, filing.company, every, filing.answer.replies, filing.at, filing.means)
    rest = tuple(one for one in filing.notes.probes if one != set_id)
    return replace(filing.notes, probes=rest, wrote=filing.notes.wrote or bool(rows))


def all_rows_in_doubt(rows: Iterable[RequestRow]) -> list[RequestRow]:
    """The requests of a set that no answer settled yet."""
    return [row for row in rows if row.state is RequestState.IN_DOUBT]


def _look(filing: Filing) -> Notes:
    """Found by number and key (or by name): recorded. Not found in a whole answer: it may go again."""
    ids = [int(number) for number in filing.set.purpose.partition(":")[2].split(",") if number]
    rows = all_rows_in_doubt(requests.requests_by_id(filing.tx, ids))
    if not rows or not _conclusive(filing.answer.replies):
        return filing.notes
    if rows[0].purpose is Purpose.LIST_ADD:
        absent = [row for row in rows if not _entry_found(filing, row)]
    else:
        seen = {_key_of(found): found for found in filing.values(ObservedDocument) if not found.is_void}
        absent = []
        for row in rows:
            found = seen.get(row.document_key or "")
            if found is None:
                absent.append(row)
            else:
                found_document(filing.tx, filing.company, row, found, filing.at, filing.means)
        absent = [row for row in absent if not _stands_without_key(filing, row)]
    refused = _refused_for_good(filing, absent)
    found_absent(filing.tx, [row for row in absent if row.id not in refused], filing.at)
    return replace(filing.notes, wrote=True)


#: What is kept where QuickBooks says that a file was never restored.
NEVER = "never"
#: So often is a request sent that QuickBooks always puts off; then a person looks.
TRIES_MAX = 5
#: 3100: a list entry of that name exists; a probe by name tells whether it is one we can use.
_NAME_IN_USE = 3100


def _refused_for_good(filing: Filing, absent: Iterable[RequestRow]) -> set[int]:
    """What QuickBooks told no and does not have: sent again it would be told no again, so it waits for a person."""
    ids = set()
    for row in absent:
        status = look_up(row.status_code or 0, row.status_text)
        put_off = status.action is Action.RETRY and row.attempt + 1 >= TRIES_MAX
        if status.action is not Action.RESOLVE and not put_off:
            continue
        sentence = f"{status.sentence} {row.status_text}".strip()
        step = "Put right what it refers to, in QuickBooks or in the mapping, then retry."
        if put_off:
            sentence, step = (
                f"{sentence} It was tried {row.attempt + 1} times.",
                "Free it in QuickBooks, then retry.",
            )
        if row.purpose is Purpose.LIST_ADD and row.status_code == _NAME_IN_USE:
            sentence = "The name is used in QuickBooks by a record of another kind, or by an inactive one."
            step = "Rename one of them, then retry."
        hold_request(filing.tx, filing.company, row, sentence, step, filing.at)
        requests.quarantine(filing.tx, [row.id], why=sentence, at=filing.at, proved_absent=True)
        ids.add(row.id)
    return ids


def _stands_without_key(filing: Filing, row: RequestRow) -> bool:
    """A document of the same number, day and total without any key may be ours with its memo edited: a person looks."""
    keys = [row.document_key or ""]
    ours = next(iter(books.documents(filing.tx, keys=keys, limit=1)), None)
    for found in filing.values(ObservedDocument):
        if ours is None or _key_of(found) or found.is_void or not _same_number(found, ours):
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


def _same_number(found: ObservedDocument, ours: books.DocumentRow) -> bool:
    """Deposits have no number in QuickBooks: their day and amount must tell."""
    return found.kind == "Deposit" or found.ref_number == ours.ref_number


def _conclusive(replies: Iterable[Reply]) -> bool:
    """Absence counts only when every question was answered whole (0 found, 1 nothing, 500 some not)."""
    told = list(replies)
    return bool(told) and all(reply.status_code in (0, 1, 500) and reply.is_whole for reply in told)


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


def _key_of(found: ObservedDocument) -> str:
    """Our key: at the end of the memo, or of a journal line's memo."""
    memos = [found.memo, *(line.description for line in found.lines)]
    return next((key for memo in memos if (key := key_in(memo))), "")


# -- lists --------------------------------------------------------------------------------------


def _lists(filing: Filing) -> Notes:
    """Whole lists, one reply each; which is which its name tells, not its place."""
    kinds = filing.set.purpose.partition(":")[2].split(",")
    notes = filing.notes
    for kind in kinds:
        reply = next((one for one in filing.answer.replies if is_list(kind, one.request_name)), None)
        if (
            reply is None
            or not reply.is_whole
            or (reply.status_code not in (0, 1) and kind not in RARE_LISTS)
        ):
            continue
        records = [row for row in reply.rows if isinstance(row, LIST_RECORDS)]
        remember_entries(filing.tx, filing.company, kind, records, filing.at, complete=True)
        names = {record.full_name: record.is_active for record in records}
        list_was_read(filing.tx, filing.company, kind, names, filing.at)
        notes = notes.without_list(kind)
    unread = [kind for kind in kinds if kind in notes.lists]
    if unread:
        return replace(notes, stop=f"QuickBooks did not give its lists: {', '.join(unread)}.")
    return notes


def _page(filing: Filing) -> Notes:
    """One page of a long list; the list counts when its last page came in the same session."""
    kind = filing.set.purpose.partition(":")[2]
    notes = filing.notes
    reply = next((one for one in filing.answer.replies if is_list(kind, one.request_name)), None)
    if reply is None or reply.status_code not in (0, 1) or not reply.is_whole:
        return replace(notes, stop=f"QuickBooks did not give its list of {kind}s.")
    remember_entries(filing.tx, filing.company, kind, reply.rows, filing.at)
    told = {row.full_name: row.is_active for row in reply.rows if isinstance(row, LIST_RECORDS)}
    names = notes.names | told
    if reply.iterator_remaining:
        return replace(notes, iterator=reply.iterator_id, names=names)
    began = datetime.fromisoformat(notes.reading_since)
    lists.finish_read(filing.tx, filing.company, kind, started_at=began, at=filing.at)
    list_was_read(filing.tx, filing.company, kind, names, filing.at)
    return notes.without_list(kind)


# -- writes -------------------------------------------------------------------------------------


def _send(filing: Filing) -> Notes:
    rows = requests.requests_of_set(filing.tx, filing.set.id)
    settle_set(filing.tx, filing.company, rows, filing.answer.replies, filing.at, filing.means)
    return filing.notes


def _link(filing: Filing) -> Notes:
    """Our marker is in the file when the value itself was taken; the definition may have been there."""
    value = next((r for r in filing.answer.replies if r.request_name == "DataExtAdd"), None)
    if value is None or value.status_code >= 500:
        told = value.message if value else "no answer"
        return replace(
            filing.notes, stop=f"QuickBooks did not take our marker ({told}). Nothing was written."
        )
    row = parties.company(filing.tx, filing.company)
    epoch = f"{filing.company}-{row.epoch if row else 1}"
    marker = Marker(company_epoch=epoch, serial=0, install_id=filing.install_id)
    parties.update_company(filing.tx, filing.company, linked_marker=marker.to_text(), linked_at=filing.at)
    return replace(filing.notes, marked=True)


def _mark(filing: Filing) -> Notes:
    reply = next(iter(filing.answer.replies), None)
    row = parties.company(filing.tx, filing.company)
    if reply is not None and reply.status_code < 500 and row is not None:
        serial = row.marker_serial + 1
        marker = Marker(company_epoch=f"{row.id}-{row.epoch}", serial=serial, install_id=filing.install_id)
        parties.update_company(
            filing.tx, filing.company, marker_serial=serial, linked_marker=marker.to_text()
        )
    return filing.notes


_BY_PURPOSE: dict[str, Callable[[Filing], Notes]] = {
    "identify": _identify,
    "probe": _probe,
    "look": _look,
    "lists": _lists,
    "page": _page,
    "link": _link,
    "send": _send,
    "mark": _mark,
}
