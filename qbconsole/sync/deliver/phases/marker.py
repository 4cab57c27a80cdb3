"""Our marker in the company file: written into one that has none, moved on before and after what a session writes.

Before the first write: a copy of our database from before this session is then behind the file, whatever becomes of
the session. After the last: so is a copy of the file. The text that leaves is kept, for its answer may be lost.
"""

from __future__ import annotations

from qbconsole.books.documents.list_entries import DataExt, DataExtDef, DataExtMod
from qbconsole.company.marker import Marker, MarkerUnreadable
from qbconsole.qbxml.response import Reply
from qbconsole.store import journal, parties
from qbconsole.sync.deliver.met import bearings, keep_bearings
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import MARKER, Filing, Step, Turn
from qbconsole.value import replace


def link(turn: Turn) -> Step | None:
    """Definition and value, once in the life of a company file; the value anew by an operator's word."""
    row, notes = turn.books(), turn.notes
    anew = notes.met.is_to_be_marked_anew
    if row is None or (notes.marked and not anew):
        return None
    text = _text(turn, row, _next_serial(turn, row) if anew else 0)
    if notes.marked:
        return Step(purpose="link", fragments=turn.asker.write([_moved(row, text)]), notes=notes, writes=True)
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
            data_ext_value=text,
        ),
    ]
    return Step(purpose="link", fragments=turn.asker.write(entries), notes=notes, writes=True)


def promise(turn: Turn) -> Step | None:
    """The next serial, before this session writes anything else."""
    row = turn.books()
    if row is None:
        return None
    text = _text(turn, row, _next_serial(turn, row))
    return Step(
        purpose="promise", fragments=turn.asker.write([_moved(row, text)]), notes=turn.notes, writes=True
    )


def mark(turn: Turn) -> Step | None:
    """The next serial, where this session changed anything."""
    row = turn.books()
    if row is None or not turn.notes.wrote:
        return None
    questions = turn.asker.write([_moved(row, _text(turn, row, _next_serial(turn, row)))])
    return Step(purpose="mark", fragments=questions, notes=replace(turn.notes, wrote=False), writes=True)


def _moved(row: parties.Company, text: str) -> DataExtMod:
    return DataExtMod(
        owner_id=row.owner_id,
        data_ext_name=MARKER,
        other_data_ext_type="Company",
        data_ext_value=text,
    )


def _next_serial(turn: Turn, row: parties.Company) -> int:
    """Beyond the last that left, answered or not: each text leaves in one set, so a late one can be told."""
    try:
        sent = Marker.from_text(bearings(turn.tx, turn.company).marker_sent)
    except MarkerUnreadable:
        return row.marker_serial + 1
    is_ours = sent.company_epoch == f"{row.id}-{row.epoch}"
    return max(row.marker_serial, sent.serial if is_ours else 0) + 1


def _text(turn: Turn, row: parties.Company, serial: int) -> str:
    """The marker's text, kept as sent in the commit that keeps the set."""
    epoch = f"{row.id}-{row.epoch}"
    text = Marker(company_epoch=epoch, serial=serial, install_id=turn.install_id).to_text()
    left = bearings(turn.tx, turn.company)
    keep_bearings(turn.tx, turn.company, replace(left, marker_sent=text), turn.at)
    return text


def filed_link(filing: Filing) -> Notes:
    """Our marker is in the file when the value itself was taken; the definition may have been there."""
    value = next((r for r in filing.answer.replies if r.request_name in ("DataExtAdd", "DataExtMod")), None)
    if not _taken(value):
        return _not_taken(filing, value)
    _keep(filing)
    left = bearings(filing.tx, filing.company)
    if left.said:
        data = {"said": left.said, "by": left.said_by}
        journal.record(filing.tx, "quickbooks", "marked_anew", filing.company, data, filing.at)
    done = replace(
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
    keep_bearings(filing.tx, filing.company, done, filing.at)
    met = replace(filing.notes.met, is_to_be_marked_anew=False)
    return replace(filing.notes, marked=True, met=met)


def filed_promise(filing: Filing) -> Notes:
    """Nothing is written into a file that does not take our marker."""
    reply = next(iter(filing.answer.replies), None)
    if not _taken(reply):
        return _not_taken(filing, reply)
    _keep(filing)
    return replace(filing.notes, met=replace(filing.notes.met, is_promised=True))


def filed_mark(filing: Filing) -> Notes:
    """The serial counts when QuickBooks took it."""
    if _taken(next(iter(filing.answer.replies), None)):
        _keep(filing)
    return filing.notes


def _taken(reply: Reply | None) -> bool:
    return reply is not None and reply.status_code < 500


def _not_taken(filing: Filing, reply: Reply | None) -> Notes:
    told = reply.message if reply is not None else "no answer"
    return replace(filing.notes, stop=f"QuickBooks did not take our marker ({told}). Nothing was written.")


def _keep(filing: Filing) -> None:
    """What left last is in the file now."""
    text = bearings(filing.tx, filing.company).marker_sent
    try:
        serial = Marker.from_text(text).serial
    except MarkerUnreadable:  # a set that an older program sent
        return
    parties.update_company(
        filing.tx, filing.company, linked_marker=text, marker_serial=serial, linked_at=filing.at
    )
