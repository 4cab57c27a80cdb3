"""Sending what is ready: list entries before documents, each set frozen when it is kept."""

from __future__ import annotations

from dataclasses import replace

from qbconsole.store import requests
from qbconsole.store.requests import Purpose
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.sync.settle import ALONE, settle_set

#: Requests of one set.
BATCH = 20


def step(turn: Turn) -> Step | None:
    """The next ready requests; one whose set was refused unprocessed goes alone."""
    rows = requests.pick_ready(turn.tx, turn.company, (Purpose.LIST_ADD, Purpose.ADD), BATCH)
    if not rows:
        return None
    alone = next((row for row in rows if row.status_text == ALONE), None)
    if alone is not None:
        rows = [alone]
    elif rows[0].purpose is Purpose.LIST_ADD:
        rows = [row for row in rows if row.purpose is Purpose.LIST_ADD]
    wrote = replace(turn.notes, wrote=True)
    fragments = [row.body for row in rows]
    return Step(purpose="send", fragments=fragments, notes=wrote, requests=rows, writes=True)


def filed(filing: Filing) -> Notes:
    """What became of each request of the set."""
    rows = requests.requests_of_set(filing.tx, filing.set.id)
    settle_set(filing.tx, filing.company, rows, filing.answer.replies, filing.at, filing.means)
    return filing.notes
