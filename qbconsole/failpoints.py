"""Named places where a test can make the process die; off unless the environment says so.

`QBCONSOLE_FAILPOINTS="settled:3"` kills the process (SIGKILL, as a power cut would) the third time it comes
past `reach("settled")`. Names in use: see NAMES. Never set it outside tests. A simulation, whose processes are
only played, hears of each place passed instead (`heard`) and ends its process by an exception of its own.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NAMES: tuple[str, ...] = (
    "before_sent_commit",  # a set was chosen, nothing recorded
    "after_sent_commit",  # the set is recorded as sent, nothing left the house
    "after_answer_received",  # QuickBooks committed, its answer is in memory only
    "before_settled_commit",  # outcomes computed, not recorded
    "after_settled_commit",  # outcomes recorded, the percentage not yet returned
    "before_booked_commit",  # documents decided, not recorded
    "after_booked_commit",  # documents recorded
    "before_pulled_commit",  # a page was read, its rows not recorded
    "after_pulled_commit",  # rows and cursor recorded
    "before_inbox_commit",  # a webhook's signature holds, nothing recorded
    "after_inbox_commit",  # the webhook is recorded, Shopify was not told yet
    "after_token_given",  # Shopify gave new tokens, nothing recorded
    "after_token_kept",  # the new tokens are recorded, none was used
)


def _armed(text: str) -> dict[str, int]:
    """Parse "name:count,name" into counts; an unknown name is refused loudly."""
    counts: dict[str, int] = {}
    for part in filter(None, text.split(",")):
        name, _, count = part.partition(":")
        if name not in NAMES:
            raise ValueError(f"unknown failpoint {name!r}; known: {', '.join(NAMES)}")
        counts[name] = int(count or 1)
    return counts


_remaining = _armed(os.environ.get("QBCONSOLE_FAILPOINTS", ""))
_listeners: list[Callable[[str], None]] = []


def arm(text: str) -> None:
    """Arm anew, as the environment would: for a process forked by a test. Raises ValueError for an unknown name."""
    _remaining.clear()
    _remaining.update(_armed(text))


@contextmanager
def heard(listener: Callable[[str], None]) -> Iterator[None]:
    """While the block lasts, `listener` is told each place passed; what it raises goes through like a death."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def reach(name: str) -> None:
    """Pass a named place; die here when a test armed it."""
    for listener in _listeners:
        listener(name)
    if not _remaining or name not in _remaining:
        return
    _remaining[name] -= 1
    if _remaining[name] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
