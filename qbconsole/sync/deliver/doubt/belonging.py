"""Whether an answer belongs to a set: bound by its id, its place in the session and the requests it names."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from qbconsole.qbxml.response import Answer
from qbconsole.store import requests
from qbconsole.store.requests import RequestRow
from qbconsole.store.sessions import MessageSet
from qbconsole.sync.settle import request_id_of


def asked_of(tx: sa.Connection, asked: MessageSet) -> list[RequestRow]:
    """The requests that an answer to this set speaks of; none where it only asked something."""
    purpose = asked.purpose.partition(":")[0]
    if purpose == "send":
        return requests.requests_by_id(tx, asked.request_ids)
    return requests.requests_of_set(tx, _set_id(asked)) if purpose == "probe" else []


def is_answer_to(asked: MessageSet, rows: Sequence[RequestRow], answer: Answer) -> bool:
    """Whether an answer can be this set's: not one that came again for the set before, or that nobody asked for.

    `rows` are what `asked_of` gives. QuickBooks may leave ids out; those it gives must be ours.
    """
    if not asked.times_sent:
        return False
    head = answer.message_set
    if head is not None and head.new_id and head.new_id != _set_id(asked):
        return False
    told = {reply.request_id for reply in answer.replies if reply.request_id}
    if asked.purpose.partition(":")[0] in ("send", "probe"):
        return told <= {request_id_of(row) for row in rows}
    return all(one.startswith(f"{asked.seq}.") for one in told)


def names_anything(answer: Answer) -> bool:
    """Whether an answer says by itself which set it is of; an error in its place says nothing."""
    head = answer.message_set
    return bool(head is not None and head.new_id) or any(one.request_id for one in answer.replies)


def _set_id(asked: MessageSet) -> str:
    """The set it is about: a probe asks about another one."""
    purpose, _, rest = asked.purpose.partition(":")
    return rest if purpose == "probe" else asked.id
