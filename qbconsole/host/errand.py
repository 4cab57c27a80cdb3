"""An errand: one of our modules run in a process of its own, within seconds and bytes, ended with all it started.

For what a plugin's code is part of and no decision comes back from: loading it to see whether it loads, running
its author's tests.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qbconsole.host.process import environment

#: What it printed is kept up to here, the last of it.
_PRINTED_BYTES = 64 << 10
#: Between writing down where it stands and being ended.
_LAST_WORDS_SECONDS = 0.3
_MEMORY_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """How it went."""

    #: Exit status; negative for a signal.
    status: int
    #: Standard output and error together, the last of it.
    printed: str
    #: It took longer than it was given, and was ended.
    overran: bool


def run_errand(
    module: str,
    words: Sequence[str],
    *,
    seconds: float,
    memory_bytes: int = _MEMORY_BYTES,
    folder: Path | None = None,
) -> Errand:
    """Run `python -m module words…` standing in `folder`, else in an empty one; it sees no secret of ours."""
    with tempfile.TemporaryDirectory(prefix="qbconsole-") as room, tempfile.TemporaryFile() as told:
        limits = [str(seconds), str(memory_bytes)]
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable, "-P", "-m", "qbconsole.host.limited", *limits, module, *words],
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            cwd=folder or room,
            env=environment(os.environ, room),
            start_new_session=True,
        )
        try:
            overran = not _ended(child.pid, seconds + _LAST_WORDS_SECONDS)
        finally:
            # Not waited for yet, so the group still has the child's number.
            os.killpg(child.pid, signal.SIGKILL)
            status = child.wait()
        told.seek(max(0, told.seek(0, os.SEEK_END) - _PRINTED_BYTES))
        printed = told.read().decode("utf-8", "replace")
    return Errand(status=status, printed=printed, overran=overran)


def _ended(pid: int, seconds: float) -> bool:
    """Whether a child ends within these seconds; it stays to be waited for."""
    deadline = time.monotonic() + seconds
    pause = 0.002
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
    return True
