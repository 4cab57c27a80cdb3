"""The schedule as kept: each merchant's runs, what is due of them now, and when the next one comes.

A due moment is claimed by a row that is unique for it, so it is run once at most, whoever asks. Of what was missed only
the newest moment is caught up. After a failure the next attempt waits longer each time.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from qbconsole.rules.due import in_words, last_due, next_due
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.orders import zone
from qbconsole.store import decisions, parties, snapshots
from qbconsole.store.decisions import Run
from qbconsole.store.encoding import moment_text
from qbconsole.store.inbox import newest
from qbconsole.store.schema import inbox, schedule_runs
from qbconsole.value import Value

#: Cursor of a merchant: its schedule in words, and since when that is in force.
SEEN = "schedule"
#: Cursor of a merchant: the newest delivery when a run last began to fetch. Ids, because workers' clocks differ.
NUDGED = "schedule_nudged"
#: Outcomes of a run.
OK, FAILED, DIED = "ok", "failed", "died"
#: How long after the first, second … failure in a row the next attempt is; the last goes on.
BACK_OFF = tuple(timedelta(minutes=one) for one in (5, 15, 60, 240))
#: Runs that the shop or a decision asked for come no closer than this.
APART = timedelta(minutes=1)
#: What is due for so long was not looked at.
MISSED = timedelta(minutes=15)
#: A run that has been open for so long hangs.
HANGS = timedelta(hours=6)
_RUNS = 20


class Verb(StrEnum):
    """What is run, and why."""

    SYNC = "sync"  # the schedule's moment came, or the attempt after a failure
    NUDGE = "nudge"  # a webhook said that something changed
    BOOK = "book"  # unsent documents were decided by other decisions than those in force


class Due(Value):
    """A run that is to begin now."""

    merchant: str
    verb: Verb
    due_at: datetime


class Standing(Value):
    """One merchant's schedule."""

    merchant: str
    #: "daily at 02:15, America/Los_Angeles"
    words: str
    next_at: datetime | None
    #: The newest run, whether it is over or not.
    last: Run | None
    #: Failures in a row.
    failures: int
    #: A run that was due so long ago that nobody seems to look; None while all is well.
    missed_at: datetime | None = None
    #: The newest run has been open for so long that it must hang.
    hangs: bool = False

    @property
    def trouble(self) -> str:
        """What a person should know, a sentence; "" while all is well."""
        if self.last is not None and self.last.ended_at is None and (self.hangs or self.missed_at):
            return self._open(self.last)
        if self.failures and self.last is not None and self.next_at is not None:
            times = "The last sync" if self.failures == 1 else f"The last {self.failures} syncs"
            return f"{times} failed: {self.last.detail} Tried again at {self.next_at:%Y-%m-%d %H:%M} UTC."
        if self.missed_at is not None:
            return (
                f"The sync due at {self.missed_at:%Y-%m-%d %H:%M} UTC did not run: start `qbconsole serve`, "
                "or run `qbconsole schedule run-due`."
            )
        return ""

    def _open(self, run: Run) -> str:
        """Of a run that is open while others became due."""
        what = "booking" if run.verb == Verb.BOOK else "sync"
        behind = f", and the sync due at {self.missed_at:%Y-%m-%d %H:%M} UTC waits" if self.missed_at else ""
        step = (
            "end its process, or stop `qbconsole serve` and start it again" if self.hangs else "let it go on"
        )
        return (
            f"The {what} begun at {run.started_at:%Y-%m-%d %H:%M} UTC has not ended{behind}; {step}. "
            "If nothing runs, keep `qbconsole serve` up: it gives up what died."
        )


def standing(tx: sa.Connection, merchant: Merchant, now: datetime) -> Standing:
    """How one merchant's schedule stands."""
    runs = _runs(tx, merchant.id, now)
    failures = _failures(runs)
    coming = next_due(merchant.schedule, _zone(tx, merchant), now)
    last = runs[0] if runs else None
    waits = _missed(tx, merchant, runs, now)
    return Standing(
        merchant=merchant.id,
        words=words_of(tx, merchant),
        next_at=_again_at(runs, failures) if failures and merchant.schedule.mode != "manual" else coming,
        last=last,
        failures=failures,
        missed_at=waits if waits is not None and now - waits > MISSED else None,
        hangs=last is not None and last.ended_at is None and now - last.started_at > HANGS,
    )


def words_of(tx: sa.Connection, merchant: Merchant) -> str:
    """A merchant's schedule in words."""
    row = parties.merchant(tx, merchant.id)
    return in_words(merchant.schedule, row.shop.timezone if row and row.shop else "the shop's time")


def due(tx: sa.Connection, merchant: Merchant, now: datetime, *, behind: bool) -> Due | None:
    """What is to run for a merchant; one at a time, nothing unasked where the schedule says manual.

    `behind`: its unsent documents were made by other decisions than those in force.
    """
    runs = _runs(tx, merchant.id, now)
    if merchant.schedule.mode == "manual" or (runs and runs[0].ended_at is None):
        return None
    if failures := _failures(runs):
        again = _again_at(runs, failures)
        return Due(merchant=merchant.id, verb=Verb.SYNC, due_at=again) if again <= now else None
    moment = _moment(tx, merchant, now)
    if moment is not None:
        return Due(merchant=merchant.id, verb=Verb.SYNC, due_at=moment)
    last = runs[0].started_at if runs else None
    if last is not None and now - last < APART:
        return None
    if _nudged(tx, merchant.id):
        return Due(merchant=merchant.id, verb=Verb.NUDGE, due_at=now.replace(microsecond=0))
    newest_book = next((run.started_at for run in runs if run.verb == Verb.BOOK), None)
    if behind and (newest_book is None or now - newest_book >= BACK_OFF[0]):
        return Due(merchant=merchant.id, verb=Verb.BOOK, due_at=now.replace(microsecond=0))
    return None


def claim(tx: sa.Connection, due: Due, at: datetime) -> int | None:
    """Begin a due run, if nobody did already: what webhooks told until now is its to fetch."""
    run = decisions.start_run(tx, subject=due.merchant, verb=due.verb, due_at=due.due_at, at=at)
    if run is not None and due.verb is not Verb.BOOK:
        snapshots.set_cursor(tx, due.merchant, NUDGED, str(newest(tx, due.merchant)), at)
    return run


def see(tx: sa.Connection, merchant: Merchant, now: datetime) -> None:
    """Note a schedule that is new or was changed: what was due before it was there is not missed."""
    said = _said(merchant)
    held = snapshots.get_cursor(tx, merchant.id, SEEN)
    if held is None or json.loads(held)["said"] != said:
        value = json.dumps({"said": said, "since": now.isoformat()})
        snapshots.set_cursor(tx, merchant.id, SEEN, value, now)


def unfinished(tx: sa.Connection, merchant: str) -> list[Run]:
    """Runs of which nobody told the end."""
    return [run for run in decisions.runs(tx, subject=merchant, limit=_RUNS) if run.ended_at is None]


def _moment(tx: sa.Connection, merchant: Merchant, now: datetime) -> datetime | None:
    """The newest of the schedule's moments, if it was not run."""
    moment = last_due(merchant.schedule, _zone(tx, merchant), now)
    since = _since(tx, merchant)
    is_due = moment is not None and since is not None and moment > since
    return moment if is_due and moment and not _ran(tx, merchant.id, moment, now) else None


def _missed(tx: sa.Connection, merchant: Merchant, runs: list[Run], now: datetime) -> datetime | None:
    """What should run by now, also while a run that never ended keeps it from beginning."""
    if runs and runs[0].ended_at is None:
        return _moment(tx, merchant, now) if merchant.schedule.mode != "manual" else None
    waits = due(tx, merchant, now, behind=False)
    return waits.due_at if waits is not None else None


def _since(tx: sa.Connection, merchant: Merchant) -> datetime | None:
    held = json.loads(snapshots.get_cursor(tx, merchant.id, SEEN) or "{}")
    return datetime.fromisoformat(held["since"]) if held.get("said") == _said(merchant) else None


def _said(merchant: Merchant) -> str:
    return in_words(merchant.schedule)


def _zone(tx: sa.Connection, merchant: Merchant) -> ZoneInfo:
    row = parties.merchant(tx, merchant.id)
    return zone(row.shop.timezone) if row and row.shop else ZoneInfo("UTC")


def _runs(tx: sa.Connection, merchant: str, now: datetime) -> list[Run]:
    """The newest first, by when they began; what a clock that was ahead left in the future counts for nothing."""
    found = [run for run in decisions.runs(tx, subject=merchant, limit=_RUNS) if run.due_at <= now]
    return sorted(found, key=lambda run: (run.started_at, run.id), reverse=True)


def _ran(tx: sa.Connection, merchant: str, moment: datetime, now: datetime) -> bool:
    """Whether the moment, or a later one, was run already."""
    row = schedule_runs.c
    statement = sa.select(row.id).where(
        row.subject == merchant,
        row.verb == Verb.SYNC.value,
        row.due_at >= moment_text(moment),
        row.due_at <= moment_text(now),
    )
    return tx.execute(statement.limit(1)).first() is not None


def _failures(runs: list[Run]) -> int:
    count = 0
    for run in runs:
        if run.outcome == OK:
            break
        count += run.ended_at is not None
    return count


def _again_at(runs: list[Run], failures: int) -> datetime:
    ended = next(run.ended_at for run in runs if run.ended_at is not None)
    return ended + BACK_OFF[min(failures, len(BACK_OFF)) - 1]


def _nudged(tx: sa.Connection, merchant: str) -> bool:
    """Whether a webhook came since the last run began; what that one left over it would leave again."""
    statement = sa.select(inbox.c.id).where(
        inbox.c.merchant == merchant,
        inbox.c.id > int(snapshots.get_cursor(tx, merchant, NUDGED) or 0),
        sa.text("handled_at IS NULL"),
    )
    return tx.execute(statement.limit(1)).first() is not None
