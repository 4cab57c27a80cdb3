"""The booking process: `python -m qbconsole.host.child READ WRITE BOX`, started by `supervisor` only.

It reads cases from one pipe and writes decisions to another. It has no database, no network object, no
secret in its environment, an empty directory to stand in, and a memory limit; standard output belongs to
the plugins. It ends when the supervisor closes its pipe, or by itself when nobody stops an overrun.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO

import msgspec

from qbconsole.errors import QbconsoleError
from qbconsole.host import blackbox
from qbconsole.host.blame import Suspects, in_traceback, verdict
from qbconsole.host.frames import Failure, Kind, Start, packed, read_frame
from qbconsole.host.values import dumped
from qbconsole.visible import safe

#: Of what an exception says, for people; the log has it whole.
_SAID = 200


@dataclass(frozen=True, slots=True)
class _Ends:
    """The child's ends of the two pipes, and the black box."""

    requests: BinaryIO
    results: BinaryIO
    box: int

    def tell(self, kind: Kind, payload: bytes = b"") -> None:
        """Send one frame at once."""
        self.results.write(packed(kind, payload))
        self.results.flush()


def failure(problem: BaseException, suspects: Suspects, memory_bytes: int) -> Failure:
    """The error the supervisor is to raise for an exception that reached the top of the child."""
    error = problem if isinstance(problem, QbconsoleError) else _judged(problem, suspects, memory_bytes)
    text = "".join(traceback.format_exception(problem))
    return Failure(code=error.code, what=error.what, where=error.where, next=error.next, traceback=text)


def _judged(problem: BaseException, suspects: Suspects, memory_bytes: int) -> QbconsoleError:
    places = list(in_traceback(problem))
    match problem:
        case MemoryError():
            return verdict(f"needed more than {memory_bytes >> 20:,} MiB of memory", suspects, places)
        case SystemExit():
            return verdict("tried to end the program", suspects, places)
        case _:
            said = safe(problem, limit=_SAID)
            return verdict(f"failed with {type(problem).__name__}: {said}", suspects, places)


def _pickled(decision: object, suspects: Suspects) -> bytes:
    try:
        return dumped(decision)
    except (pickle.PicklingError, TypeError, AttributeError, ValueError, RecursionError) as cause:
        raise verdict(f"gave what cannot be passed on: {safe(cause, limit=_SAID)}", suspects) from cause


def _limited(start: Start) -> None:
    allowed = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = start.memory_bytes if allowed == resource.RLIM_INFINITY else min(start.memory_bytes, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _end_alone_after(deadline: float) -> None:
    """Let the kernel end this process where the supervisor, long overdue, must be gone itself."""
    signal.setitimer(signal.ITIMER_REAL, deadline * 2 + 0.5)


def _work_through(start: Start, ends: _Ends) -> None:
    """Make the desk, then decide case after case until the supervisor closes its end."""
    _end_alone_after(start.start_seconds)
    work = import_module(start.work)
    if hasattr(work, "announce_to"):
        work.announce_to(lambda text: blackbox.announce(ends.box, text))
    desk = work.desk_of(start.spec)
    ends.tell(Kind.READY)
    while True:
        signal.setitimer(signal.ITIMER_REAL, 0)
        frame = read_frame(ends.requests)
        if frame is None:
            return
        for case in pickle.loads(frame.payload):  # noqa: S301 - written by our own supervisor
            _end_alone_after(start.seconds_per_case)
            ends.tell(Kind.DECIDED, _pickled(work.decide(case, desk), start.suspects))


def main(arguments: Sequence[str]) -> int:
    """Serve one supervisor until it closes its pipe; 1 after a failure, which is reported first."""
    requests, results, box = (int(number) for number in arguments)
    for descriptor in (requests, results, box):
        os.set_inheritable(descriptor, False)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    blackbox.armed(box)
    with open(requests, "rb") as incoming, open(results, "wb") as outgoing:
        ends = _Ends(incoming, outgoing, box)
        frame = read_frame(incoming)
        if frame is None:
            return 0
        start: Start = pickle.loads(frame.payload)  # noqa: S301 - written by our own supervisor
        _limited(start)
        try:
            _work_through(start, ends)
        except BaseException as problem:  # noqa: BLE001 - boundary: whatever a plugin raises is reported
            report = failure(problem, start.suspects, start.memory_bytes)
            ends.tell(Kind.FAILED, msgspec.json.encode(report))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
