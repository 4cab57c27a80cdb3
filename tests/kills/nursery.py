"""Starts real processes of ours quickly: everything is imported once, each process is forked from it and can be killed.

Run as a program it reads one JSON order a line and answers one line: {"args": [...], "environ": {...}, "log": FILE}
starts `qbconsole ARGS` and gives {"pid": N}; {"wait": N} gives {"status": S} once that process is over, negative for
a signal. It has one thread, so that forking is safe; `Nursery` is its client.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]


class Nursery:
    """The client: starts, kills and awaits processes. `lease_seconds`: how long a silent session keeps its company."""

    def __init__(self, *, lease_seconds: int | None = None) -> None:
        environ = os.environ | {"PYTHONPATH": str(ROOT), "QBC_NURSERY_LEASE": str(lease_seconds or "")}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environ,
            text=True,
        )
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def start(self, *args: str, environ: dict[str, str], log: Path) -> int:
        """`qbconsole ARGS` as a process of its own, with these variables besides ours; gives its pid."""
        return int(self._ask({"args": list(args), "environ": environ, "log": str(log)})["pid"])

    def wait(self, pid: int) -> int:
        """Its exit status, or minus the signal that ended it; None is never given."""
        return int(self._ask({"wait": pid})["status"])

    def over(self, pid: int) -> int | None:
        """The same where it is over already, else None."""
        status = self._ask({"over": pid})["status"]
        return None if status is None else int(status)

    def kill(self, pid: int) -> int:
        """End it as a power cut would; gives the status it had."""
        if self.over(pid) is None:
            os.kill(pid, signal.SIGKILL)
        return self.wait(pid)

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def _import_everything() -> None:
    import qbconsole.__main__
    import qbconsole.cli.books
    import qbconsole.cli.pulling
    import qbconsole.cli.serving
    import qbconsole.serve
    import qbconsole.sync.book  # noqa: F401

    lease = os.environ.pop("QBC_NURSERY_LEASE", "")
    if lease:
        from qbconsole.sync.deliver import exchange

        exchange.LEASE_SECONDS = int(lease)


def _forked(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(order["environ"])
        from qbconsole import failpoints
        from qbconsole.__main__ import main

        failpoints.arm(os.environ.get("QBCONSOLE_FAILPOINTS", ""))
        status = main(order["args"])
    finally:
        os._exit(status)


def _run() -> None:
    _import_everything()
    known: dict[int, int] = {}
    for line in sys.stdin:
        order = json.loads(line)
        if "args" in order:
            answer: dict[str, Any] = {"pid": _forked(order)}
        else:
            pid = order.get("wait") or order["over"]
            if pid not in known:
                found, status = os.waitpid(pid, 0 if "wait" in order else os.WNOHANG)
                if found:
                    known[pid] = os.waitstatus_to_exitcode(status)
            answer = {"status": known.get(pid)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _run()
