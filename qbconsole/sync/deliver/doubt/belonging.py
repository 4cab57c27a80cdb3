"""Whether an answer belongs to a set: bound by its id, its place in the session and the requests it names."""

from __future__ import annotations

import sqlalchemy as sa

from qbconsole.qbxml.response import Answer
from qbconsole.store import requests
from qbconsole.store.sessions import MessageSet
from qbconsole.sync.settle import request_id_of


def is_answer_to(tx: sa.Connection, asked: MessageSet, answer: Answer) -> bool:
    """Whether an answer can be this set's: not one that came again for the set before, or that nobody asked for.

    QuickBooks may leave ids out; those it gives must be ours.
    """
    if not asked.times_sent:
        return False
    purpose, _, rest = asked.purpose.partition(":")
    set_id = rest if purpose == "probe" else asked.id
    head = answer.message_set
    if head is not None and head.new_id and head.new_id != set_id:
        return False
    told = {reply.request_id for reply in answer.replies if reply.request_id}
    if purpose in ("send", "probe"):
        return told <= {request_id_of(row) for row in requests.requests_of_set(tx, set_id)}
    return all(one.startswith(f"{asked.seq}.") for one in told)
