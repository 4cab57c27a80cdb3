"""The past, remembered: what a first what-if read and what was decided in force, for the next candidate.

The console asks again with every key while somebody chooses a name; only the candidate's desk has to answer then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from pathlib import Path

from qbconsole.decide import DeskSpec
from qbconsole.decide.replay import Known, Replay
from qbconsole.store.database import Store

#: Cases kept in memory for a merchant; what is beyond is read each time.
MOST = 5_000
#: How long what was read is good enough for a what-if while others write, in seconds.
GOOD_FOR = 60
#: How many snapshots a page was read from, and its cases with what the desk in force said of them.
KnownPage = tuple[int, list[tuple[Replay, Known]]]


class Remembered:
    """What is remembered of one merchant under one mapping in force."""

    def __init__(self, spec: DeskSpec, stamp: Hashable, written: Hashable) -> None:
        self.spec, self.stamp, self.written, self.at = spec, stamp, written, time.monotonic()
        #: Drawn up anew or not -> how many snapshots each page was read from, and its cases with what is known of them.
        self.pages: dict[bool, list[KnownPage]] = {}


class Past:
    """Remembers between what-ifs of one console; never used by two threads at once."""

    def __init__(self) -> None:
        self._merchants: dict[str, Remembered] = {}

    def of(self, merchant: str, stamp: Hashable, store: Store, spec: Callable[[], DeskSpec]) -> Remembered:
        """What is remembered of a merchant under this stamp; a new leaf where that is out of date."""
        kept, written = self._merchants.get(merchant), _written(store)
        if (
            kept is None
            or kept.stamp != stamp
            or (kept.written != written and time.monotonic() - kept.at > GOOD_FOR)
        ):
            kept = self._merchants[merchant] = Remembered(spec(), stamp, written)
        return kept

    def kept(self, merchant: str) -> Remembered | None:
        """What `of` gave last for this merchant."""
        return self._merchants.get(merchant)

    def forget(self) -> None:
        """Let go of everything."""
        self._merchants.clear()


def _written(store: Store) -> Hashable:
    """When the database was last written, where that can be seen."""
    path = store.path
    if path is None:
        return object()
    return tuple(_stamp(Path(f"{path}{end}")) for end in ("", "-wal"))


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
