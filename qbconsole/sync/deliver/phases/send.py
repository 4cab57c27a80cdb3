"""Sending what is ready: list entries before documents, each set frozen when it is kept."""

from __future__ import annotations

from dataclasses import replace

from qbconsole.books.lifecycle import RequestState
from qbconsole.store import requests, sessions
from qbconsole.store.requests import Purpose, RequestRow
from qbconsole.store.sessions import SetState
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing, Step, Turn
from qbconsole.sync.settle import ALONE, settle_set

#: Requests of one set.
BATCH = 20
#: So many attempts may bear the same id.
_AGAIN = 3


def step(turn: Turn) -> Step | None:
    """The next ready requests; one whose set was refused unprocessed goes alone."""
    rows = requests.pick_ready(turn.tx, turn.company, (Purpose.LIST_ADD, Purpose.ADD), BATCH)
    if not rows:
        return None
    if (again := _lost_and_absent(turn, rows[0])) is not None:
        return again
    alone = next((row for row in rows if row.status_text == ALONE), None)
    if alone is not None:
        rows = [alone]
    elif rows[0].purpose is Purpose.LIST_ADD:
        rows = [row for row in rows if row.purpose is Purpose.LIST_ADD]
    wrote = replace(turn.notes, wrote=True)
    fragments = [row.body for row in rows]
    return Step(purpose="send", fragments=fragments, notes=wrote, requests=rows, writes=True)


def _lost_and_absent(turn: Turn, first: RequestRow) -> Step | None:
    """A whole set whose answer was lost and of which a probe found nothing goes again as it was, under its own id.

    Whoever took it first may still bring it to QuickBooks, whose record under that id then keeps it from being
    done twice. Where that came to nothing too, QuickBooks gets it in other sets.
    """
    lost = sessions.message_set(turn.tx, first.message_set) if first.message_set else None
    if lost is None or lost.state is not SetState.LOST or first.attempt - lost.attempt >= _AGAIN:
        return None
    rows = requests.requests_of_set(turn.tx, lost.id)
    untouched = all(row.state is RequestState.READY and row.message_set == lost.id for row in rows)
    if not untouched or any(row.body not in lost.body for row in rows):
        return None
    return Step(
        purpose="send",
        fragments=(),
        notes=replace(turn.notes, wrote=True),
        requests=rows,
        document=lost.body,
        writes=True,
        again=lost,
    )


def filed(filing: Filing) -> Notes:
    """What became of each request of the set."""
    rows = requests.requests_of_set(filing.tx, filing.set.id)
    settle_set(filing.tx, filing.company, rows, filing.answer.replies, filing.at, filing.means)
    return filing.notes
