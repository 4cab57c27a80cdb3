"""Recall: what may be in QuickBooks though our database does not know is looked for before it is sent.

After a restore, of the company file or of our database, every request put before it is behind the company's epoch.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from qbconsole.books.lifecycle import RequestState
from qbconsole.store import books, parties, requests
from qbconsole.store.requests import Purpose
from qbconsole.store.requests.behind import (
    catch_up,
    forget_behind,
    may_be_behind,
    pick_behind,
    to_be_looked_for,
)
from qbconsole.sync.deliver.doubt.numbers import numbers_of
from qbconsole.sync.deliver.doubt.redated import numbers_before
from qbconsole.sync.deliver.doubt.since import asked_from, could_be_there
from qbconsole.sync.deliver.phases import look, marker, send
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn

#: So many are looked for in one question.
_AT_ONCE = 20


class Numbered(NamedTuple):
    """A document as it is asked for."""

    ref_number: str
    txn_date: date


def before_sending(turn: Turn) -> Step | None:
    """The sending phase: our marker moves on before the first write, then what is behind is looked for, then it goes.

    A copy of our database from before this session then shows a marker ahead of it, whatever became of the session. What
    was looked for goes before the next is: a session that breaks off has all of it looked for anew, and sessions shorter
    than such a look would send nothing for ever.
    """
    if not turn.notes.met.is_promised:
        row = turn.books()
        forget_behind(turn.tx, turn.company, row.epoch if row else 1, turn.at)
        anything = requests.pick_ready(turn.tx, turn.company, (Purpose.LIST_ADD, Purpose.ADD), 1)
        return marker.promise(turn) if anything else None
    return _looked_for(turn) or step(turn) or send.step(turn)


def _looked_for(turn: Turn) -> Step | None:
    """What goes next, where something is behind and nothing of this is."""
    if not may_be_behind(turn.tx, turn.company):
        return None
    going, epoch = send.step(turn), parties.epoch(turn.tx, turn.company)
    if going is None or any(one.purpose is Purpose.ADD and one.epoch < epoch for one in going.requests):
        return None
    return going


def step(turn: Turn) -> Step | None:
    """The next ready ones of one kind that are behind."""
    if not may_be_behind(turn.tx, turn.company):
        return None
    behind = pick_behind(turn.tx, turn.company, parties.epoch(turn.tx, turn.company), _AT_ONCE)
    if not behind:
        return None
    group = [one for one in behind if one.name == behind[0].name]
    keys = [one.document_key or "" for one in group]
    kept = books.documents(turn.tx, keys=keys, limit=len(keys))
    to_be_looked_for(turn.tx, [one.id for one in group], at=turn.at)
    ids = ",".join(str(one.id) for one in group)
    kind = group[0].name.removesuffix("Add")
    since = could_be_there(turn.tx, turn.company, group, {one.key: one for one in kept})
    sought = [
        Numbered(one, row.txn_date)
        for row in kept
        for one in (*numbers_of(turn.tx, row), *numbers_before(turn.tx, row))
    ]
    questions = turn.asker.documents(kind, sought, deleted_from=asked_from(since.values(), turn.at))
    return Step(purpose=f"recall:{ids}", fragments=questions, notes=turn.notes)


def filed(filing: Filing) -> Notes:
    """Found: recorded, never added again. Proved absent: it may go."""
    notes = look.filed(filing)
    ids = [int(number) for number in filing.argument.split(",") if number]
    ready = [one.id for one in requests.requests_by_id(filing.tx, ids) if one.state is RequestState.READY]
    row = parties.company(filing.tx, filing.company)
    catch_up(filing.tx, ready, row.epoch if row else 1)
    return notes
