"""Which company file is open, and is it ours: the first question of every session."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from qbconsole.company.identity import Activity, CompanyIdentity, Host, Preferences
from qbconsole.company.marker import Marker, MarkerUnreadable
from qbconsole.qbxml.envelope import HostTooOld, choose_version
from qbconsole.qbxml.response import Answer
from qbconsole.store import parties, requests
from qbconsole.store.encoding import pack
from qbconsole.sync.deliver.phases.lists import lists_due
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import MARKER, Filing, Step, Turn

#: What is kept where QuickBooks says that a file was never restored.
NEVER = "never"


def step(turn: Turn) -> Step | None:
    """Asked once, first."""
    if turn.session.done:
        return None
    row = turn.books()
    questions = turn.asker.identity(row.owner_id if row else "", with_host=not turn.notes.has_hello)
    return Step(purpose="identify", fragments=questions, notes=turn.notes)


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


def filed(filing: Filing) -> Notes:
    """Is it the linked file, as old as we know it? If not, the session stops before it writes."""
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
