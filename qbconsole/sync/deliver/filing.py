"""Filing answers: a table of purposes. Each says what one kind of answer changes; all in the caller's commit."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from qbconsole.qbxml.response import Answer
from qbconsole.store import requests
from qbconsole.store.sessions import MessageSet
from qbconsole.sync.deliver.phases import identify, lists, look, marker, probe, send
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing
from qbconsole.sync.settle import request_id_of

#: Purpose of a set -> what its answer changes.
FILED: dict[str, Callable[[Filing], Notes]] = {
    "identify": identify.filed,
    "probe": probe.filed,
    "look": look.filed,
    "lists": lists.filed_whole,
    "page": lists.filed_page,
    "link": marker.filed_link,
    "send": send.filed,
    "mark": marker.filed_mark,
}


def file(filing: Filing) -> Notes:
    """File an answer by its purpose; gives the session's notes after it."""
    return FILED[filing.set.purpose.partition(":")[0]](filing)


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
