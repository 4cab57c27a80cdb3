"""Scheduling: what is due by the clock, by a webhook or by a changed decision is run in processes of its own.

One process leads, by a lease with a fence; each run is claimed in a commit of the leader's. Nothing runs inside a Web
Connector call: pulling and booking are commands, `sync now` and `book`, as a person would give them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import sqlalchemy as sa
import structlog

from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import decisions, parties
from qbconsole.store.database import Store
from qbconsole.store.requests import current
from qbconsole.store.sessions import LeaseLost
from qbconsole.store.sharing import schedule
from qbconsole.store.sharing.leadership import Leadership
from qbconsole.store.sharing.schedule import DIED, FAILED, OK, Due, Verb
from qbconsole.sync.enrolling import enrol
from qbconsole.sync.means import Means
from qbconsole.sync.revising import plugin_hashes, template_hashes
from qbconsole.sync.schedule.one_at_a_time import SECONDS, is_syncing
from qbconsole.sync.schedule.telling import told, warnings_of

#: So many runs at once; the others wait for the next look.
AT_ONCE = 3
#: A run nobody tells the end of is given up after this, once nobody holds its lease.
_LOST = timedelta(seconds=SECONDS + 30)
#: A command that has run for so long hangs, and is ended.
LIFE = timedelta(hours=12)
_HOUR = timedelta(hours=1)
#: While `run_due` waits for a command, it renews its leadership this often.
_LOOK_SECONDS = 10
#: A command that is told to stop has so long; one that hangs does not hear.
_GRACE_SECONDS = 10
_LOG = structlog.get_logger("qbconsole.schedule")
COMMANDS = {Verb.SYNC: ("sync", "now"), Verb.NUDGE: ("sync", "now"), Verb.BOOK: ("book",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run that is over."""

    due: Due
    outcome: str
    #: What it came to, a sentence.
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    run: int
    due: Due
    process: subprocess.Popen[bytes]
    said: IO[bytes]
    #: By `Scheduler.passed`.
    begun: timedelta


@dataclass(slots=True, kw_only=True)
class Scheduler:
    """One process's part in the schedule. `tick` often; it takes milliseconds."""

    root: Path
    means: Callable[[], Means]
    leadership: Leadership
    #: What is run for a verb; by default this very program.
    command: Callable[[Path, Due], Sequence[str]] = field(default=lambda root, due: command_of(root, due))
    #: How much time went by; not the clock, which jumps.
    passed: Callable[[], timedelta] = lambda: timedelta(seconds=time.monotonic())
    _children: list[_Child] = field(default_factory=list, init=False)

    def tick(self) -> list[Ended]:
        """Take in what ended and begin what is due, while this process leads. Gives what ended."""
        ended = self._reap()
        if self.leadership.lead():
            means = self.means()
            for due in self._claimable(means):
                if len(self._children) >= AT_ONCE:
                    break
                self._begin(means, due)
        return ended

    def run_due(self) -> Iterator[Ended]:
        """What is due now, each run to its end, for who has no `serve`. Raises nothing where another leads."""
        if self.leadership.lead():
            means = self.means()
            for due in self._claimable(means):
                self._begin(means, due)
                while self._children:
                    with suppress(subprocess.TimeoutExpired):
                        self._children[0].process.wait(timeout=_LOOK_SECONDS)
                    self.leadership.lead()
                    yield from self._reap()

    def close(self) -> None:
        """Stop what runs and let another lead. A command may be stopped anywhere: what it committed is kept."""
        for child in self._children:
            child.process.terminate()
        for child in self._children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=_GRACE_SECONDS)
            child.process.kill()
            child.process.wait()
            self._end(child, FAILED, "It was stopped with the process that had begun it.")
        self._children.clear()
        self.leadership.resign()

    # -- beginning -------------------------------------------------------------------------------------

    def _claimable(self, means: Means) -> list[Due]:
        found = []
        with means.store.reading() as tx:
            known = {row.id for row in parties.all_merchants(tx)}
        if means.mapping.merchants.keys() - known:
            enrol(means)
        with means.store.atomic() as tx:
            now = means.store.now(tx)
            for merchant in means.mapping.merchants.values():
                schedule.see(tx, merchant, now)
                self._give_up(tx, means, merchant, now)
                due = schedule.due(tx, merchant, now, behind=is_behind(tx, means, merchant))
                if due is not None and not is_syncing(tx, means.store, merchant.id):
                    found.append(due)
        return found

    def _give_up(self, tx: sa.Connection, means: Means, merchant: Merchant, now: datetime) -> None:
        """Runs whose process died with the leader that began it: another attempt follows."""
        ours = {child.run for child in self._children}
        for run in schedule.unfinished(tx, merchant.id):
            is_old = now - run.started_at > _LOST
            if run.id not in ours and is_old and not is_syncing(tx, means.store, merchant.id):
                decisions.end_run(tx, run.id, outcome=DIED, detail="It ended without a word.", at=now)

    def _begin(self, means: Means, due: Due) -> None:
        try:
            with means.store.atomic() as tx:
                self.leadership.require(tx)
                run = schedule.claim(tx, due, means.store.now(tx))
        except LeaseLost:
            return
        if run is None:
            return
        said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the run is taken in
        argv = self.command(self.root, due)
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)  # noqa: S603
        self._children.append(_Child(run=run, due=due, process=process, said=said, begun=self.passed()))
        _LOG.info("begun", merchant=due.merchant, verb=due.verb.value, due_at=due.due_at.isoformat())

    # -- ending ----------------------------------------------------------------------------------------

    def _reap(self) -> list[Ended]:
        ended = [self._stop(child) for child in self._hanging()]
        for child in [one for one in self._children if one.process.poll() is not None]:
            self._children.remove(child)
            child.said.seek(0)
            output = child.said.read().decode(errors="replace")
            detail = told(output)
            for sentence in warnings_of(output):
                _LOG.warning("pulled", merchant=child.due.merchant, what=sentence)
            outcome = OK if child.process.returncode == 0 else FAILED
            ended.append(self._end(child, outcome, detail))
        return ended

    def _hanging(self) -> list[_Child]:
        limit = self.passed() - LIFE
        return [one for one in self._children if one.begun < limit and one.process.poll() is None]

    def _stop(self, child: _Child) -> Ended:
        """End what hangs; what it committed is kept."""
        child.process.kill()
        child.process.wait()
        self._children.remove(child)
        return self._end(child, FAILED, f"It had not ended after {LIFE // _HOUR} hours and was stopped.")

    def _end(self, child: _Child, outcome: str, detail: str) -> Ended:
        child.said.close()
        means = self.means()
        with means.store.atomic() as tx:
            decisions.end_run(tx, child.run, outcome=outcome, detail=detail, at=means.store.now(tx))
        level = _LOG.info if outcome == OK else _LOG.error
        level("ended", merchant=child.due.merchant, verb=child.due.verb.value, outcome=outcome, what=detail)
        return Ended(due=child.due, outcome=outcome, detail=detail)


def scheduler_of(store: Store, root: Path, means: Callable[[], Means]) -> Scheduler:
    """This process's part in the schedule of the workspace in `root`."""
    owner = f"{socket.gethostname()}.{os.getpid()}.{uuid.uuid4().hex[:8]}"
    return Scheduler(root=root, means=means, leadership=Leadership(store=store, owner=owner))


def command_of(root: Path, due: Due) -> Sequence[str]:
    """The command line of a run."""
    program = (sys.executable, "-m", "qbconsole", "--workspace", str(root))
    return (*program, "--merchant", due.merchant, "--json", *COMMANDS[due.verb])


def is_behind(tx: sa.Connection, means: Means, merchant: Merchant) -> bool:
    """Whether this merchant's unsent documents were made by other decisions than those in force or in its files."""
    number = decisions.number_in_force(tx)
    if not number:
        return False
    if merchant.id in current.behind(tx, merchant.company):
        return True
    plugins, templates = plugin_hashes(means, means.mapping), template_hashes(means)
    there = current.mark_of(means.mapping_text, plugins, templates, merchant.id)
    return there != current.mark(tx, number, merchant.id)
