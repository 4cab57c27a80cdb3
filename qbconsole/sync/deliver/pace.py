"""How many requests go into one set: as many as QuickBooks does in fifteen seconds, and as its answer stays small.

Measured from hand-out to answer and noted with the company, so that the next session, in any process, knows. A set
is never so long that a person at the PC finds QuickBooks hanging. Source: design.md section 6, point 4.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from qbconsole.store import parties
from qbconsole.value import Value, replace

#: Of a company nothing was measured of yet.
BEGIN = 20
#: Most requests of a set.
CAP = 200
#: Longest a set should take, in milliseconds.
TARGET_MS = 15_000
#: Longest an answer should be, and the requests of a set together, in bytes.
ANSWER_BYTES = 2 * 2**20
SET_BYTES = 512 * 1024
#: Longer than this no set takes: the clock was set meanwhile.
_LONGEST = timedelta(minutes=30)
_NAME = "pace"


class Pace(Value):
    """What was measured of a company's QuickBooks; 0: not yet."""

    batch: int = BEGIN
    #: Of one request: milliseconds, and bytes of its answer.
    each_ms: int = 0
    each_bytes: int = 0

    def after(self, requests: int, took: timedelta, answer_bytes: int) -> Pace:
        """The pace after a set of so many requests; it at most doubles at once."""
        if not requests or not timedelta(0) <= took <= _LONGEST:
            return self
        each_ms = max(1, int(took / timedelta(milliseconds=1)) // requests)
        each_bytes = max(1, answer_bytes // requests)
        fitting = min(CAP, TARGET_MS // each_ms, ANSWER_BYTES // each_bytes)
        # A set that was not full tells that more would be too slow, but not that more would do.
        most = self.batch * 2 if requests >= self.batch else self.batch
        return Pace(batch=max(1, min(fitting, most)), each_ms=each_ms, each_bytes=each_bytes)

    def after_loss(self) -> Pace:
        """The pace after a set that was never answered: perhaps it was too long."""
        return replace(self, batch=max(1, self.batch // 2))


def pace_of(tx: sa.Connection, company: str) -> Pace:
    """What was noted last."""
    told = parties.note(tx, company, _NAME)
    pace = msgspec.json.decode(told, type=Pace) if told else Pace()
    return replace(pace, batch=min(pace.batch, CAP))


def measured(
    tx: sa.Connection, company: str, requests: int, took: timedelta, answer_bytes: int, at: datetime
) -> None:
    """A set was answered."""
    before = pace_of(tx, company)
    after = before.after(requests, took, answer_bytes)
    if after.batch != before.batch:
        _note(tx, company, after, at)


def slowed(tx: sa.Connection, company: str, at: datetime) -> None:
    """A set was lost."""
    _note(tx, company, pace_of(tx, company).after_loss(), at)


def _note(tx: sa.Connection, company: str, pace: Pace, at: datetime) -> None:
    parties.put_note(tx, company, _NAME, msgspec.json.encode(pace).decode(), at)
