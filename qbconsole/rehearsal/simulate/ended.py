"""A run that ended with an error nobody caught: a broken law like any other, told in a sentence with its places.

Thousands of seeds are run in one go. The one that ends so is told like the others that broke a law, and they go on.
"""

from __future__ import annotations

from pathlib import Path
from traceback import FrameSummary, extract_tb

from qbconsole.rehearsal.simulate.world import Violation
from qbconsole.visible import safe

ENDED = "nothing ends with an error"
#: Places that are told, the last one first.
_PLACES = 3
#: Where the package lies: places are told from there.
_ROOT = Path(__file__).parents[3]
#: So many characters of what an error says.
_SAID = 300


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
