"""Readiness: how far the service is on its way to its first session, for the health page and the log."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

_LOG = structlog.get_logger("qbconsole.serve")


class State(StrEnum):
    """Where the service is."""

    STARTING = "starting"  # it opens, checks and upgrades the database
    STANDBY = "standing by"  # another process serves this database
    READY = "ok"  # sessions may begin
    HALTED = "halted"  # it cannot go on; it ends


@dataclass(slots=True)
class Readiness:
    """What the service is doing now. One thread writes it, others read."""

    state: State = State.STARTING
    _doing: str = "begins"
    _since: float = field(default_factory=time.monotonic)

    @property
    def sentence(self) -> str:
        """What it does, and for how many seconds already; empty when ready."""
        if self.state is State.READY:
            return ""
        return f"{self._doing} ({time.monotonic() - self._since:.0f} s)"

    def enter(self, state: State, doing: str = "") -> None:
        """Go on to a step. Told in the log."""
        took = time.monotonic() - self._since
        self.state, self._doing, self._since = state, doing, time.monotonic()
        _LOG.info(state.value, doing=doing, seconds_before=round(took, 2))
