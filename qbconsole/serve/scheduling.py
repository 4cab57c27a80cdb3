"""Scheduling beside the service: a thread that looks every few seconds what is due, and leads where nobody else does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from qbconsole.errors import QbconsoleError
from qbconsole.sync.schedule.scheduling import scheduler_of
from qbconsole.workspace import Workspace

#: Between two looks; the leadership lasts several of them.
LOOK_SECONDS = 10.0
_LOG = structlog.get_logger("qbconsole.schedule")


@contextmanager
def scheduled(workspace: Workspace, *, seconds: float = LOOK_SECONDS) -> Iterator[None]:
    """Keep the schedule meanwhile; what runs at the end is stopped, and run again by whoever leads next."""
    scheduler = scheduler_of(workspace.store, workspace.root, workspace.means)
    over = threading.Event()

    def look() -> None:
        while not over.wait(seconds):
            try:
                scheduler.tick()
            except QbconsoleError as cause:
                _LOG.warning("not looked at", what=cause.what, where=cause.where)
            except Exception:  # noqa: BLE001 - told with its traceback in the log
                # Whatever goes wrong here must not end what sessions need; the next look tries again.
                _LOG.exception("not looked at")

    thread = threading.Thread(target=look, name="schedule", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)
        try:
            scheduler.close()
        except QbconsoleError as cause:
            _LOG.warning("not closed", what=cause.what, where=cause.where)
