"""What the code of a whole set means, on an answer to what was sent and to a status check.

0: the answer stands, stored or new. 9005: it stands, but QuickBooks could not keep it. 9001: QuickBooks knows the id
with other bytes, which must be impossible, so somebody is told loudly. 600, 9002 and what we do not know say nothing
for sure: the documents are looked for. 9004: our id is too long, which no resend cures.
Source: qbwc-protocol.md section 7; reliability.md F28.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
import structlog

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import RequestState
from qbconsole.qbxml.response import Answer
from qbconsole.qbxml.statuses import SetState, look_up, set_state
from qbconsole.store import holds, journal, requests
from qbconsole.store.requests import Move, RequestRow

_NO_STATE, _OF_SETS = 600, range(9000, 9100)
_LOG = structlog.get_logger("qbconsole.deliver")
#: The replies beside these are QuickBooks' own word on what it did.
_STANDS = frozenset({SetState.STORED, SetState.NOT_STORED, SetState.UNCLEAR})


def is_of_a_set(code: int) -> bool:
    """Whether a code speaks of a set and its recovery record, and not of one request."""
    return code == _NO_STATE or code in _OF_SETS


def stands(answer: Answer) -> bool:
    """Whether the replies of an answer tell what became of the requests."""
    return bool(answer.replies) and _state(answer) in _STANDS


def _state(answer: Answer) -> SetState:
    return set_state(answer.message_set.status_code if answer.message_set is not None else None)


def doubt_whole_set(
    tx: sa.Connection, company: str, set_id: str, rows: Sequence[RequestRow], answer: Answer, at: datetime
) -> str:
    """Nothing is known of a set that was sent: all of it is in doubt. Gives why the session must end, or ""."""
    code = answer.message_set.status_code if answer.message_set is not None else None
    words = look_up(code).sentence if code is not None else "QuickBooks answered none of the requests."
    sent = [row for row in rows if row.state is RequestState.SENT]
    steps = [
        Move(id=row.id, to_state=RequestState.IN_DOUBT, status_code=code, status_text=words) for row in sent
    ]
    requests.move_all(tx, steps, at=at)
    tell_changed(tx, company, set_id, rows, answer, at)
    if _state(answer) is SetState.TOO_LONG:
        return f"{words} ({code}) {look_up(9004).next_step}"
    return ""


def tell_changed(
    tx: sa.Connection, company: str, set_id: str, rows: Sequence[RequestRow], answer: Answer, at: datetime
) -> None:
    """9001, the loudest alarm there is: under one id other bytes were sent than before."""
    if _state(answer) is not SetState.CHECKSUM:
        return
    _LOG.error("bytes changed", company=company, set=set_id)
    hold = Hold(
        reason=Reason.BYTES_CHANGED,
        where=f"set {set_id}",
        sentence=f"QuickBooks knows the set {set_id} of {len(rows)} requests with other bytes than were sent now.",
        next_step="Report it with the log: it is a fault of this program or of its database. Compare the "
        "documents of that set in QuickBooks, then release this.",
        subject=f"set/{set_id}",
        cause=f"bytes_changed:{set_id}",
    )
    holds.put_holds(tx, rows[0].merchant if rows else None, company, [hold], at)
    keys = [row.subject_key for row in rows]
    journal.record(tx, "quickbooks", "bytes_changed", company, {"set": set_id, "keys": keys}, at)
