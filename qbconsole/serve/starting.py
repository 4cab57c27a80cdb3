"""Starting: everything between the start of the process and its first session, on a thread of its own.

On SQLite one process serves a database at a time: another stands by and takes over when that one ends, however it
ends. Then the database is opened, checked and upgraded, and what sessions need is made ready. A database that is
damaged halts the service.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import structlog

from qbconsole.care.database import soundness
from qbconsole.errors import MappingInvalid, QbconsoleError
from qbconsole.serve.app import delivery_of
from qbconsole.serve.gate import Gate
from qbconsole.serve.readiness import State
from qbconsole.serve.scheduling import scheduled
from qbconsole.sync.deliver.conversation import Delivery
from qbconsole.workspace import Workspace

#: How often a process that stands by looks, and how often it is asked whether a check is due.
LOOK_SECONDS, CHECK_SECONDS = 0.2, 600.0
_LOG = structlog.get_logger("qbconsole.serve")


@dataclass(slots=True, kw_only=True)
class Starting:
    """One process's way to ready, and what it does beside answering from then on."""

    workspace: Workspace
    gate: Gate
    #: Hears what a person at the terminal should know.
    told: Callable[[str], None]
    #: Runs what is due by the clock, where no other process does.
    schedules: bool = True
    stopping: threading.Event = field(default_factory=threading.Event)
    #: Why the service ended, where it did so by itself.
    failure: BaseException | None = None
    _alone: bool = False
    _put_off: bool = False

    def run(self, stop: Callable[[], None]) -> None:
        """Become ready, then look after the database; `stop` ends the service where it cannot go on."""
        try:
            self.stand_by()
            if not self.stopping.is_set():
                self._become_ready()
            if self.gate.is_open:
                with scheduled(self.workspace) if self.schedules else nullcontext():
                    self._look_after()
        except BaseException as cause:  # noqa: BLE001 - raised again by the thread that waits for us
            self.failure = cause
            said = str(cause) if isinstance(cause, QbconsoleError) else type(cause).__name__
            self.gate.let_through(None)
            self.gate.readiness.enter(State.HALTED, said)
            stop()

    def try_alone(self) -> bool:
        """Whether no other process serves this database; from then on we do."""
        self._alone = self._alone or self.workspace.serve_alone()
        return self._alone

    def stand_by(self) -> None:
        """Wait until the process that serves this database ends."""
        if self.try_alone():
            return
        sentence = (
            f"{self.workspace.served_by()} serves this database; this one takes over when that one ends"
        )
        self.gate.readiness.enter(State.STANDBY, sentence)
        self.told(f"Standing by: {sentence}.")
        while not self.stopping.wait(LOOK_SECONDS) and not self.try_alone():
            pass
        if self._alone:
            self.told("The other process ended: taking over.")

    def _become_ready(self) -> None:
        readiness, workspace = self.gate.readiness, self.workspace
        readiness.enter(State.STARTING, "opens the database, and upgrades it where it is older")
        store = workspace.store
        size = store.path.stat().st_size // 2**20 if store.path is not None else 0
        readiness.enter(State.STARTING, f"checks the database, {size} MiB")
        self._put_off = soundness.check_at_start(store, workspace.own, workspace.clock())
        readiness.enter(State.STARTING, "makes templates ready")
        delivery = self._delivery()
        if delivery is not None:
            self.gate.let_through(delivery)
            readiness.enter(State.READY)

    def _delivery(self) -> Delivery | None:
        """Delivery, as soon as there is a mapping to deliver by; None where the service is to stop before.

        A file that is half saved is whole a moment later, and a supervisor that gave up would not come back by then.
        Where a mapping was ever in force that one counts, and nothing is waited for.
        """
        said = ""
        while not self.stopping.is_set():
            try:
                return delivery_of(self.workspace)
            except MappingInvalid as fault:
                sentence = f"waits for a valid mappings.toml: {fault}"
                if sentence != said:
                    self.gate.readiness.enter(State.STARTING, sentence)
                    self.told(f"W{sentence[1:]} {fault.next}".strip())
                said = sentence
            self.stopping.wait(LOOK_SECONDS)
        return None

    def _look_after(self) -> None:
        """The check that was put off at the start, then the whole one once a day."""
        store, own, clock = self.workspace.store, self.workspace.own, self.workspace.clock
        if self._put_off:
            soundness.check(store, own, clock())
        while not self.stopping.wait(CHECK_SECONDS):
            soundness.check_when_due(store, own, clock())
