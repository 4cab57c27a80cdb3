"""Sharing: the pages of one run among this process and helpers, one for each further processor.

This process takes pages from the front, helpers from the end as soon as they are ready, so that nobody waits for them
and a page that takes long holds up nobody but its reader.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

from qbconsole.decide.replay import Replayed
from qbconsole.errors import QbconsoleError
from qbconsole.host.supervisor import Interrupted, PluginHost
from qbconsole.sync.preview.helping import Help, results_of
from qbconsole.sync.preview.reading import Page

_log = logging.getLogger(__name__)
#: Below so many pages a helper would hardly be ready before all is done.
WORTH_HELP = 12
_MOST_HELPERS = 3
#: Bounds of a helper. A plugin that hangs is stopped long before, by its own supervisor.
_SECONDS_A_PAGE, _MEMORY = 300, 4 << 30
#: A helper is given so many pages at once, so that it need not wait for the next.
_AHEAD = 2


class Done(NamedTuple):
    """One page replayed."""

    #: Which page it was: whoever gathers puts them in order by it.
    place: int
    #: How many snapshots it has.
    read: int
    results: Sequence[Replayed]


class _Lost(NamedTuple):
    """A helper stopped with this."""

    error: BaseException


def shared(
    pages: Sequence[Page], told: Help | None, replay: Callable[[Page], tuple[int, Sequence[Replayed]]]
) -> Iterator[Done]:
    """What came of each page, as it is ready; `replay` is this process's own way.

    Raises what a helper stopped with; one that could not even begin is done without. Close the iterator to end them.
    """
    left = deque(enumerate(pages))
    done: queue.SimpleQueue[Done | _Lost] = queue.SimpleQueue()
    count = min(_MOST_HELPERS, (os.cpu_count() or 1) - 1) if told and len(pages) >= WORTH_HELP else 0
    with _helpers(told, count, left, done):
        for _ in pages:
            yield _next(left, done, replay)


def _next(
    left: deque[tuple[int, Page]],
    done: queue.SimpleQueue[Done | _Lost],
    replay: Callable[[Page], tuple[int, Sequence[Replayed]]],
) -> Done:
    """A page that a helper has done, else one done here; where none is left, wait for a helper's."""
    try:
        found = done.get_nowait()
    except queue.Empty:
        try:
            place, page = left.popleft()
        except IndexError:
            found = done.get()
        else:
            return Done(place, *replay(page))
    if isinstance(found, _Lost):
        raise found.error
    return found


@contextmanager
def _helpers(
    told: Help | None, count: int, left: deque[tuple[int, Page]], done: queue.SimpleQueue[Done | _Lost]
) -> Iterator[None]:
    """Helpers at work while the block lasts; afterwards none is left."""
    hosts = [
        PluginHost(
            cast(Any, told),
            work="qbconsole.sync.preview.helping",
            seconds_per_case=_SECONDS_A_PAGE,
            memory_bytes=_MEMORY,
        )
        for _ in range(count)
    ]
    threads = [threading.Thread(target=_drive, args=(host, left, done), daemon=True) for host in hosts]
    try:
        for thread in threads:
            thread.start()
        yield
    finally:
        left.clear()
        for host, thread in zip(hosts, threads, strict=True):
            while thread.is_alive():
                host.interrupt()
                thread.join(1)


def _drive(host: PluginHost, left: deque[tuple[int, Page]], done: queue.SimpleQueue[Done | _Lost]) -> None:
    """One helper's life, in a thread of its own."""
    try:
        with host:
            try:
                host.start()
            except QbconsoleError as cause:
                _log.warning("a helper of the what-if could not begin: %s", cause)
                return
            while taken := _taken(left):
                cases: Any = [page for _, page in taken]
                for (place, _), raw in zip(taken, host.decide_all(cases, chunk=_AHEAD), strict=True):
                    found = results_of(cast(bytes, raw))
                    done.put(Done(place, found.read, found.replayed))
    except Interrupted:
        return
    except Exception as cause:  # noqa: BLE001 - boundary: told by whoever waits for it
        done.put(_Lost(cause))


def _taken(left: deque[tuple[int, Page]]) -> list[tuple[int, Page]]:
    """The next pages from the end; only one when the end is near, so that nobody waits long for the last."""
    found = []
    for _ in range(_AHEAD if len(left) > 2 * _AHEAD else 1):
        try:
            found.append(left.pop())
        except IndexError:
            break
    return found
