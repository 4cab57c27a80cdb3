"""Answers of QuickBooks: nothing is recorded but what a reply to that very request says."""

from __future__ import annotations

from trip import COMPANY

from fuzz.booked import trip
from fuzz.door import Door
from qbconsole.books.lifecycle import RequestState
from qbconsole.qbxml.response import read_all
from qbconsole.store import requests, sessions
from qbconsole.store.requests import Purpose
from qbconsole.store.sessions import MessageSet
from qbconsole.sync.settle import request_id_of, settle_set

_ANSWER = '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs newMessageSetID="{set}" messageSetStatusCode="0">{rows}</QBXMLMsgsRs></QBXML>'
_ROW = (
    '<{name}Rs requestID="{id}" statusCode="{code}" statusSeverity="Info" statusMessage="Status OK"><{kind}Ret>'
    "<TxnID>8-17</TxnID><EditSequence>1</EditSequence><TotalAmount>21.00</TotalAmount></{kind}Ret></{name}Rs>"
)


class _TakenBack(Exception):
    """Ends a commit that was only tried."""


def tries(raw: bytes) -> None:
    made = trip()
    try:
        with made.workspace.store.atomic() as tx:
            rows = requests.pick_ready(tx, COMPANY, (Purpose.LIST_ADD, Purpose.ADD), 3)
            fuzzed = MessageSet(
                id="fuzz", company=COMPANY, ticket="t", seq=1, body="", purpose="send", fence=1, attempt=0
            )
            sessions.put_message_set(tx, fuzzed, made.now)
            requests.mark_sent(tx, [row.id for row in rows], "fuzz", at=made.now)
            before = requests.counts(tx, COMPANY)
            sent = requests.requests_by_id(tx, [row.id for row in rows])
            told = read_all([raw])
            settle_set(tx, COMPANY, sent, told.replies, made.now)
            after = {row.id: row.state for row in requests.requests_by_id(tx, [row.id for row in sent])}
            named = {reply.request_id for reply in told.replies if reply.status_code < 1000}
            whole = len(told.replies) == len(sent)
            for row in sent:
                if after[row.id] is RequestState.ANSWERED:
                    assert request_id_of(row) in named or (whole and "" in named), row.subject_key
            moved = requests.counts(tx, COMPANY)
            assert sum(moved.values()) == sum(before.values())
            raise _TakenBack
    except _TakenBack:
        pass


def _answers() -> tuple[bytes, ...]:
    made = trip()
    with made.workspace.store.reading() as tx:
        rows = requests.pick_ready(tx, COMPANY, (Purpose.LIST_ADD, Purpose.ADD), 3)
    replies = [
        [
            _ROW.format(name=row.name, kind=row.name.removesuffix("Add"), id=request_id_of(row), code=code)
            for row in rows
        ]
        for code in (0, 530, 3100, 3180)
    ]
    return tuple(_ANSWER.format(set="fuzz", rows="".join(one)).encode() for one in replies)


def door() -> Door:
    return Door(examples=_answers(), tries=tries)
