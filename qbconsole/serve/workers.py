"""Workers: several processes that answer on one port, for a database they can share.

The parent holds the port and starts each worker anew when it is killed; a worker that says what is wrong ends all.
Workers end with the parent, however it ends. A worker is a fork from before anything was opened.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

import structlog

from qbconsole.errors import UsageError
from qbconsole.workspace import Workspace

_STOP = (signal.SIGTERM, signal.SIGINT)
#: A worker that lived shorter is not started again at once.
_SHORT_SECONDS, _PAUSE_SECONDS = 2.0, 1.0
_LOG = structlog.get_logger("qbconsole.serve")


def may_be_several(workspace: Workspace) -> None:
    """Raises UsageError where one process alone serves the database."""
    if workspace.served_alone:
        raise UsageError(
            "several workers need PostgreSQL; a SQLite file is served by one process",
            where=str(workspace.database),
            next="Leave --workers out, or name a database with QBCONSOLE_DATABASE_URL.",
        )


def become_worker(count: int, told: Callable[[str], None]) -> bool:
    """Fork `count` workers and look after them. True in a worker, which goes on; False in the parent at the end.

    Raises SystemExit in the parent with the exit status of a worker that ended by itself.
    """
    alive, parent_lives = (
        os.pipe()
    )  # the parent holds its end open and says nothing: its death is what is heard
    before = {number: signal.getsignal(number) for number in _STOP}
    crew = _Crew()
    for number in _STOP:
        signal.signal(number, crew.stop)
    while True:
        while crew.wants(count):
            pid = os.fork()
            if pid == 0:
                for number, handler in before.items():
                    signal.signal(number, handler)
                os.close(parent_lives)
                threading.Thread(target=_end_with_parent, args=(alive,), daemon=True).start()
                return True
            crew.began(pid)
        if not crew.hear(told):
            break
    for number, handler in before.items():
        signal.signal(number, handler)
    os.close(parent_lives)
    os.close(alive)
    if crew.status:
        raise SystemExit(crew.status)
    return False


class _Crew:
    """The workers that live, in the parent."""

    def __init__(self) -> None:
        self._began: dict[int, float] = {}
        self._stopping = False
        #: Exit status of a worker that refused to go on.
        self.status = 0

    def wants(self, count: int) -> bool:
        """Whether another worker is to be started."""
        return not self._stopping and len(self._began) < count

    def began(self, pid: int) -> None:
        """A worker was started."""
        self._began[pid] = time.monotonic()

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """Ask all to end; the calls they are answering are answered."""
        self._stopping = True
        for pid in self._began:
            os.kill(pid, signal.SIGTERM)

    def hear(self, told: Callable[[str], None]) -> bool:
        """Wait until a worker ends, and tell why; False when none is left."""
        if not self._began:
            return False
        if self._stopping:
            self.stop()  # one may have begun while the others were told
        pid, how = os.wait()
        lived = time.monotonic() - self._began.pop(pid, 0.0)
        status = os.waitstatus_to_exitcode(how)
        if self._stopping:
            return bool(self._began)
        if status >= 0:  # it said why on stderr, and so would the next one
            self.status = status
            self.stop()
            return bool(self._began)
        _LOG.warning("worker killed", pid=pid, signal=-status, seconds=round(lived, 1))
        told(f"Worker {pid} was ended by signal {-status}; another takes its place.")
        if lived < _SHORT_SECONDS:
            time.sleep(_PAUSE_SECONDS)
        return True


def _end_with_parent(alive: int) -> None:
    """Nothing is ever written to this pipe; reading from it ends when the parent does."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)
