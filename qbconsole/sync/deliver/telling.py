"""Telling people: the log what QuickBooks answered, a line a document, after the commit that keeps it; the Web Connector's
window how a session ended; the status that one was turned away.

The lines carry `document`, `order`, `merchant`, `company` and `ticket`, so that one order's are found. Nothing is
asked of the store where nobody keeps a log.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime

from qbconsole.books.lifecycle import RequestState
from qbconsole.company.bearings import REFUSED_LOGIN
from qbconsole.errors import StoreError
from qbconsole.store import parties
from qbconsole.store.database import Store
from qbconsole.store.requests.telling import ToldRequest, told_of_set

_log = logging.getLogger("qbconsole.deliver")
_WORDS = {
    RequestState.ANSWERED: ("recorded", "info"),
    RequestState.REFUSED: ("refused", "error"),
    RequestState.QUARANTINED: ("quarantined", "error"),
    RequestState.IN_DOUBT: ("in doubt", "warning"),
    RequestState.READY: ("to be sent again", "info"),
}


def tell_answered(store: Store, message_set_id: str, *, company: str, ticket: str) -> None:
    """Write what became of each request of a set; nothing of a set that only asked."""
    if not _log.isEnabledFor(logging.INFO):
        return
    with store.reading() as tx:
        rows = told_of_set(tx, message_set_id)
    if rows:
        each = [_told(row) for row in rows]
        same = {"company": company, "ticket": ticket[:8], "set": message_set_id}
        _log.info("answered", extra={"each": each, **same})


def _told(row: ToldRequest) -> dict[str, object]:
    event, level = _WORDS.get(row.state, (row.state.value, "info"))
    is_document = row.subject_key.startswith("qbc1/")
    told: dict[str, object] = {
        "event": event,
        "level": level,
        "document" if is_document else "subject": row.subject_key,
        "order": row.order,
        "ref_number": row.ref_number,
        "request": row.name,
        "qb_id": row.qb_id,
        "merchant": row.merchant,
        "attempt": row.attempt,
        "status": row.status_code,
        "said": row.status_text if level != "info" else "",
    }
    return {name: value for name, value in told.items() if value not in ("", None, 0)}


#: So much fits the Web Connector's window, which shows a line.
_WINDOW = 200
_MORE = " …"


def in_window(text: str) -> str:
    """A sentence for the Web Connector's window; what does not fit is cut between words; `qbconsole status` tells all."""
    told = " ".join(text.split())
    if len(told) <= _WINDOW:
        return told
    return told[: _WINDOW - len(_MORE) + 1].rpartition(" ")[0][: _WINDOW - len(_MORE)] + _MORE


def note_refused(store: Store, company: str, at: datetime) -> None:
    """For the status: nothing else tells that a Web Connector comes and is turned away. The throttle bounds how often."""
    with suppress(StoreError), store.atomic() as tx:
        parties.put_note(tx, company, REFUSED_LOGIN, at.isoformat(), at)
