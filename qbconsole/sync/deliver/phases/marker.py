"""Our marker in the company file: written into one that has none, moved on when something was recorded."""

from __future__ import annotations

from dataclasses import replace

from qbconsole.books.documents.list_entries import DataExt, DataExtDef, DataExtMod
from qbconsole.company.marker import Marker
from qbconsole.store import parties
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import MARKER, Filing, Step, Turn


def link(turn: Turn) -> Step | None:
    """Definition and value, once in the life of a company file."""
    row = turn.books()
    if turn.notes.marked or row is None:
        return None
    entries: list[object] = [
        DataExtDef(
            owner_id=row.owner_id,
            data_ext_name=MARKER,
            data_ext_type="STR255TYPE",
            assign_to_objects=("Company",),
        ),
        DataExt(
            owner_id=row.owner_id,
            data_ext_name=MARKER,
            other_data_ext_type="Company",
            data_ext_value=_text(turn, row, 0),
        ),
    ]
    return Step(purpose="link", fragments=turn.asker.write(entries), notes=turn.notes, writes=True)


def mark(turn: Turn) -> Step | None:
    """The next serial, where this session changed anything."""
    row = turn.books()
    if row is None or not turn.notes.wrote:
        return None
    entry = DataExtMod(
        owner_id=row.owner_id,
        data_ext_name=MARKER,
        other_data_ext_type="Company",
        data_ext_value=_text(turn, row, row.marker_serial + 1),
    )
    questions = turn.asker.write([entry])
    return Step(purpose="mark", fragments=questions, notes=replace(turn.notes, wrote=False), writes=True)


def _text(turn: Turn, row: parties.Company, serial: int) -> str:
    epoch = f"{row.id}-{row.epoch}"
    return Marker(company_epoch=epoch, serial=serial, install_id=turn.install_id).to_text()


def filed_link(filing: Filing) -> Notes:
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


def filed_mark(filing: Filing) -> Notes:
    """The serial counts when QuickBooks took it."""
    reply = next(iter(filing.answer.replies), None)
    row = parties.company(filing.tx, filing.company)
    if reply is not None and reply.status_code < 500 and row is not None:
        serial = row.marker_serial + 1
        marker = Marker(company_epoch=f"{row.id}-{row.epoch}", serial=serial, install_id=filing.install_id)
        parties.update_company(
            filing.tx, filing.company, marker_serial=serial, linked_marker=marker.to_text()
        )
    return filing.notes
