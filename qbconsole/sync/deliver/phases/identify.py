"""Which company file is open, is it ours, and is it as old as we know it: the first questions of every session.

What QuickBooks says is judged by `company.verdict`; where that stops the session, nothing is written, and what was
found is kept for the operator (`qbconsole company status`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState
from qbconsole.company.bearings import Bearings
from qbconsole.company.documents import DeletedDocument, ObservedDocument
from qbconsole.company.identity import Activity, CompanyIdentity, Host, Preferences
from qbconsole.company.marker import Marker, MarkerUnreadable
from qbconsole.company.verdict import GOES_ON, NEVER, Evidence, Verdict, judge, next_step, sentence
from qbconsole.qbxml.envelope import HostTooOld, choose_version
from qbconsole.qbxml.response import Answer
from qbconsole.store import books, journal, parties, requests
from qbconsole.store.books.recorded import last_recorded, never_answered, recorded_before
from qbconsole.store.encoding import pack
from qbconsole.store.lists import read_again
from qbconsole.store.requests.behind import lists_behind, may_be_behind, note_behind, put_behind
from qbconsole.sync.deliver.doubt import condensed
from qbconsole.sync.deliver.doubt.since import REACH
from qbconsole.sync.deliver.met import Met, bearings, keep_bearings, known
from qbconsole.sync.deliver.phases.lists import lists_due
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import MARKER, Filing, Step, Turn
from qbconsole.value import replace

#: So many of the documents recorded last have to be in the file.
FINGERPRINT = 5
#: No shop's day is further ahead of ours.
_AHEAD = timedelta(days=1)
_PAGE = 500


def step(turn: Turn) -> Step | None:
    """Asked once, first; and once more where something is missing that somebody may have deleted."""
    notes = turn.notes
    if not turn.session.done:
        row = turn.books()
        ours = last_recorded(turn.tx, turn.company, FINGERPRINT)
        questions = turn.asker.identity(
            row.owner_id if row else "", with_host=not notes.has_hello, txn_ids=ours
        )
        met = replace(notes, met=Met(fingerprint=tuple(ours)))
        return Step(purpose="identify", fragments=questions, notes=met)
    if notes.met.missing:
        return Step(purpose="missing", fragments=turn.asker.deleted(None), notes=notes)
    return None


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
    if preferences.closing_date is None:
        parties.opened_again(tx, company)
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


def filed(filing: Filing) -> Notes:
    """Who is there, and whether what we recorded last is in it; where it is not, who deleted it is asked first."""
    notes = hello(filing.tx, filing.company, filing.answer, filing.notes, filing.at)
    identity = next(iter(filing.values(CompanyIdentity)), None)
    if notes.stop:
        return notes
    if identity is None:
        return replace(notes, stop="QuickBooks did not say which company file is open. Nothing was written.")
    row = parties.company(filing.tx, filing.company)
    if row is None:
        return replace(notes, stop="This company is not in the workspace any more.")
    activity = next(iter(filing.values(Activity)), None)
    told = Evidence(
        name=identity.name,
        marker=identity.private_value(row.owner_id, MARKER),
        restored=(activity.restored or NEVER) if activity is not None else "",
        condensed=activity.condensed if activity is not None else row.last_condense_time,
    )
    met = replace(notes.met, told=told, missing=_missing(filing, notes, told.condensed))
    return replace(notes, met=met) if met.missing else _judged(filing, row, replace(notes, met=met))


def filed_missing(filing: Filing) -> Notes:
    """What somebody deleted is no sign of another file."""
    row = parties.company(filing.tx, filing.company)
    notes = filing.notes
    if row is None or notes.met.told is None:
        return replace(notes, stop="This company is not in the workspace any more.")
    gone = {one.txn_id for one in filing.values(DeletedDocument)}
    missing = tuple(one for one in notes.met.missing if one not in gone)
    met = replace(notes.met, missing=(), told=replace(notes.met.told, missing=missing))
    return _judged(filing, row, replace(notes, met=met))


def _missing(filing: Filing, notes: Notes, condensed_at: str) -> tuple[str, ...]:
    """TxnIDs of the fingerprint that are not there; what a condensing may have taken does not count."""
    told = next((one for one in filing.answer.replies if one.request_name == "TransactionQuery"), None)
    if told is None or told.status_code not in (0, 1, 500) or not told.is_whole:
        return ()
    there = {one.txn_id for one in filing.values(ObservedDocument)}
    lost = [one for one in notes.met.fingerprint if one not in there]
    rows = [books.by_txn_id(filing.tx, filing.company, one) for one in lost]
    before = condensed_at[:10]
    return tuple(row.txn_id for row in rows if row is not None and row.txn_date.isoformat() >= before)


def _judged(filing: Filing, row: parties.Company, notes: Notes) -> Notes:
    """Go on, or stop with what was found."""
    told = notes.met.told
    if told is None:
        raise AssertionError("judged without evidence")
    left = bearings(filing.tx, filing.company)
    ours = known(row, filing.company_name, filing.install_id, left, _stray(filing, row, left, told.marker))
    if left.go_on is not None and left.go_on.is_same_file(told):
        _begin_epoch(filing, row, left, told)
        if told.condensed and told.condensed != row.last_condense_time:
            _archive(filing, told.condensed)  # what is not in it any more is found out by the recheck
        row = parties.company(filing.tx, filing.company) or row
        return _gone_on(filing, row, told, notes, anew=True)
    verdict = judge(ours, told)
    if verdict not in GOES_ON:
        found = sentence(verdict, ours, told)
        _keep_finding(filing, verdict, told, found)
        return replace(notes, stop=f"{found} {next_step(verdict, row.id)}".strip())
    if verdict is Verdict.CONDENSED:
        _archive(filing, told.condensed)
    return _gone_on(filing, row, told, notes, anew=False)


def _begin_epoch(filing: Filing, row: parties.Company, left: Bearings, told: Evidence) -> None:
    """The file an operator spoke of is open: a new life of the books begins with it, once."""
    if left.is_begun:
        return
    epoch, serial = _marked(filing.company, told.marker)
    parties.update_company(
        filing.tx,
        filing.company,
        epoch=max(row.epoch, epoch) + 1,
        marker_serial=max(row.marker_serial, serial),
    )
    read_again(filing.tx, filing.company)
    if left.verdict == Verdict.OWN_RESTORED.value:
        left = _went_back(filing, left, row.linked_at or filing.at - REACH)
    note_behind(filing.tx, filing.company, filing.at)
    keep_bearings(filing.tx, filing.company, replace(left, is_begun=True), filing.at)


def _went_back(filing: Filing, left: Bearings, moment: datetime) -> Bearings:
    """Our database is an older one: what it lost left since that moment, the last of a session that it knows."""
    since = moment.isoformat()
    if left.lost_since and may_be_behind(filing.tx, filing.company):
        since = min(since, left.lost_since)  # not all that an earlier restore lost was looked for yet
    return replace(left, lost_since=since, lost_until=left.look_until)


def _marked(company: str, text: str | None) -> tuple[int, int]:
    """Epoch and serial of a marker of this company, whoever installed it; zeros of any other."""
    try:
        marker = Marker.from_text(text or "")
    except MarkerUnreadable:
        return 0, 0
    owner, _, epoch = marker.company_epoch.rpartition("-")
    return (int(epoch), marker.serial) if owner == company and epoch.isdecimal() else (0, 0)


def _stray(filing: Filing, row: parties.Company, left: Bearings, marker: str | None) -> str:
    """An older marker of ours that may have been held up on its way; asked only where it is none of the last two."""
    is_last = marker is None or marker in (row.linked_marker, left.marker_sent)
    return marker if not is_last and marker and never_answered(filing.tx, filing.company, marker) else ""


def _keep_finding(filing: Filing, verdict: Verdict, told: Evidence, found: str) -> None:
    """What was found stays on the company; the same once more changes nothing, and so an operator's word stays."""
    left = bearings(filing.tx, filing.company)
    same = left.evidence is not None and left.evidence.is_same_file(told) and left.verdict == verdict.value
    if same:
        return
    new = replace(
        left,
        verdict=verdict.value,
        sentence=found,
        evidence=told,
        found_at=filing.at.isoformat(),
        said="",
        said_by="",
    )
    keep_bearings(filing.tx, filing.company, new, filing.at)
    data = {"verdict": verdict.value, "sentence": found, "marker": told.marker, "restored": told.restored}
    journal.record(
        filing.tx,
        "quickbooks",
        "company_file",
        filing.company,
        data | {"missing": list(told.missing)},
        filing.at,
    )


def _gone_on(filing: Filing, row: parties.Company, told: Evidence, notes: Notes, *, anew: bool) -> Notes:
    """It is the file to write to: remember it, and what is still to be asked."""
    marker = told.marker if told.marker and not anew else row.linked_marker
    serial = _marked(filing.company, marker)[1]
    parties.update_company(
        filing.tx,
        filing.company,
        linked_at=filing.at,
        linked_name=told.name,
        linked_marker=marker,
        marker_serial=max(serial, row.marker_serial),
        last_restore_time=told.restored or row.last_restore_time,
        last_condense_time=told.condensed,
        stopped="",
    )
    left = bearings(filing.tx, filing.company)
    if left.broke_off or (told.marker not in (None, row.linked_marker) and not anew):
        left = _look_first(filing, row, left)
    since = condensed.met(left, row.last_condense_time, told.condensed, filing.session.fence)
    if since != left:
        left = since
        keep_bearings(filing.tx, filing.company, left, filing.at)
    if left.verdict and not anew:
        well = replace(
            left,
            verdict="",
            sentence="",
            evidence=None,
            found_at="",
            said="",
            said_by="",
            go_on=None,
            is_begun=False,
        )
        keep_bearings(filing.tx, filing.company, well, filing.at)
        journal.record(filing.tx, "quickbooks", "company_file", filing.company, {"verdict": "ok"}, filing.at)
    probes = dict.fromkeys(
        one.message_set for one in requests.in_flight(filing.tx, filing.company) if one.message_set
    )
    return replace(
        notes,
        met=replace(notes.met, is_to_be_marked_anew=anew),
        marked=told.marker is not None,
        probes=tuple(probes),
        lists=lists_due(filing.tx, filing.company, filing.at),
    )


def _look_first(filing: Filing, row: parties.Company, left: Bearings) -> Bearings:
    """Our database may be an older one by now: what it believes unsent is looked for before it goes.

    Either nobody heard that this marker was written, and perhaps a later one was, which a late one was written over; or
    the last session broke off while it sent (`doubt.older`). What is planned yet of days until now is looked for too.
    Entries of lists are looked for in their lists, which are read anew.
    """
    until = (filing.at + _AHEAD).date().isoformat()
    looking = replace(left, look_until=max(left.look_until, until), broke_off="")
    if left.broke_off:
        looking = _went_back(filing, looking, datetime.fromisoformat(left.broke_off))
    put_behind(filing.tx, filing.company, row.epoch, filing.at)
    read_again(filing.tx, filing.company, lists_behind(filing.tx, filing.company))
    keep_bearings(filing.tx, filing.company, looking, filing.at)
    data = {"until": until, "broke_off": left.broke_off}
    journal.record(filing.tx, "deliver", "looks_first", filing.company, data, filing.at)
    return looking


def _archive(filing: Filing, condensed_at: str) -> None:
    """What is dated before the day of a condensing may be summed up now: it counts as read back, for good."""
    day, after = date.fromisoformat(condensed_at[:10]), 0
    note = condensed.archived_on(condensed_at[:10])
    count = 0
    while rows := recorded_before(filing.tx, filing.company, day, after=after, limit=_PAGE):
        moves = [books.DocumentMove(key=one.key, to_state=DocumentState.VERIFIED, note=note) for one in rows]
        books.move_documents(filing.tx, moves, filing.at)
        after, count = rows[-1].id, count + len(rows)
    data = {"condensed": condensed_at, "archived": count}
    journal.record(filing.tx, "quickbooks", "condensed", filing.company, data, filing.at)
