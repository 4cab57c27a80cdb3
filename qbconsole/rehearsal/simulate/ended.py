"""A run that ended with an error nobody caught: a broken law like any other, told in a sentence with its places.

Thousands of seeds are run in one go. The one that ends so is told like the others that broke a law, and they go on.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import FrameSummary, extract_tb

from qbconsole.rehearsal.simulate.world import Violation
from qbconsole.visible import safe

ENDED = "nothing ends with an error"
#: Seconds of processor time: a run takes half a second, the longest some seconds.
MOST = 60.0
#: Places that are told, the last one first.
_PLACES = 3
#: Where the package lies: places are told from there.
_ROOT = Path(__file__).parents[3]
#: So many characters of what an error says.
_SAID = 300


class Endless(BaseException):
    """A run that goes on and on; no code of ours catches it."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise Endless where the body takes more processor time. Only a process's first thread can, and not on Windows."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_signal: int, _frame: object) -> None:
        raise Endless(f"it took more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGVTALRM, over)
    # Again and again: what is raised while an object is cleared away, Python only tells of.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def ended_with(problem: BaseException) -> Violation:
    """What an error that ended a run is told as: its kind, what it said, and where, the innermost place first."""
    frames = extract_tb(problem.__traceback__)
    # Our own places tell more than a library's: of that only the very last is told.
    ours = [frame for frame in frames[:-1] if frame.filename.startswith(str(_ROOT / "qbconsole"))]
    told = [*ours, *frames[-1:]][-_PLACES:]
    where = ", from ".join(_place(frame) for frame in reversed(told))
    said = safe(str(problem), limit=_SAID)
    sentence = (
        f"The program ended with {type(problem).__name__}: {said or 'no word'} (at {where or 'no place'})."
    )
    return Violation(law=ENDED, sentence=sentence)


def _place(frame: FrameSummary) -> str:
    """A line of a file, from the package on, and its function."""
    path = Path(frame.filename)
    ours = path.is_relative_to(_ROOT) and "site-packages" not in path.relative_to(_ROOT).parts
    shown = path.relative_to(_ROOT) if ours else Path(*path.parts[-2:])
    return f"{shown.as_posix()}:{frame.lineno} {frame.name}"
