"""Bulk import of orders: a first pull, or one after a long time, in one file instead of a thousand pages.

The operation is remembered in a commit of its own, so that a command that was cut off goes on with the same file; how
many of its orders are kept stands in the commit that keeps them. The cursor of orders moves in the commit of the last
ones. A file that is not whole is never begun (reliability.md F08).
"""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from qbconsole.errors import ShopifyContradiction, ShopifyError, StoreBroken
from qbconsole.sources.shopify.answers import FieldUnknown
from qbconsole.sources.shopify.bulk import (
    BulkFailed,
    Finished,
    begin,
    bulk_text,
    fetch,
    finished,
    orders_count,
    orders_in,
)
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts import Unread
from qbconsole.sources.shopify.lists import scopes
from qbconsole.sources.shopify.orders import Completion, window
from qbconsole.store import snapshots
from qbconsole.sync.means import Means
from qbconsole.value import Value, replace

#: From this many orders on a file is quicker than pages, which need a query an order and more.
BULK_FROM = 500
#: A pull after less than this goes by pages unasked.
LONG_AGO = timedelta(days=7)
CURSOR = "orders_bulk"
#: Orders in one commit. Ten thousands of small values at once are what the garbage collector spends its time on.
CHUNK = 100
#: A file may not take the last of the disk.
_ROOM = 256 * 2**20
Raw = dict[str, Any]


class Begun(Value):
    """An import on its way, as the cursor keeps it."""

    operation: str
    #: ISO instants; `since` is None for everything.
    since: str | None
    until: str
    #: Orders of its file that are kept.
    done: int = 0
    #: Whether the cursor of orders moves at its end.
    moves: bool = True


#: (orders, those that are not whole, how far the import is then or None at its end, the cursor of orders or None where it stays)
Keep = Callable[[list[Raw], tuple[Unread, ...], Begun | None, datetime | None], None]


def is_wanted(client: ShopifyClient, start: datetime | None, until: datetime) -> bool:
    """Whether a window is better imported in bulk; asks only where it is long."""
    if start is not None and until - start < LONG_AGO:
        return False
    try:
        return orders_count(client, window(start, until)) >= BULK_FROM
    except (FieldUnknown, ShopifyContradiction):
        return False


def pull_bulk(
    means: Means,
    merchant: str,
    client: ShopifyClient,
    wanted: Begun,
    keep: Keep,
    progress: Callable[[int], None],
) -> tuple[str, ...]:
    """Import the orders of a window; gives a sentence for each part that was withheld.

    Raises BulkFailed or ShopifyContradiction (nothing of the file was used), BulkDenied, or ShopifyUnreachable.
    """
    try:
        begun = unfinished(means, merchant) or _begin(means, merchant, client, wanted)
        done = finished(client, begun.operation, told=progress)
        with _file(means, done) as file:
            fetch(client, done, file)
            with _uncollected():
                return _take_in(client, begun, file, keep, progress)
    except ShopifyError as cause:
        if not _still_runs(cause):
            note(means, merchant, None)
        raise


def _still_runs(cause: ShopifyError) -> bool:
    """Whether the operation may still be waited for: the network failed, or it is not done."""
    return cause.exit_status == 3 and not isinstance(cause, BulkFailed)


def _begin(means: Means, merchant: str, client: ShopifyClient, wanted: Begun) -> Begun:
    since = None if wanted.since is None else datetime.fromisoformat(wanted.since)
    search = window(since, datetime.fromisoformat(wanted.until))
    begun = replace(wanted, operation=begin(client, bulk_text(search, scopes(client))))
    note(means, merchant, begun)
    return begun


def _take_in(
    client: ShopifyClient, begun: Begun, file: IO[bytes], keep: Keep, progress: Callable[[int], None]
) -> tuple[str, ...]:
    completion = Completion(client)
    until = datetime.fromisoformat(begun.until) if begun.moves else None
    orders = islice(orders_in(file), begun.done, None)
    following = next(orders, None)
    while True:
        part = [] if following is None else [completion.of(following)]
        part += map(completion.of, islice(orders, CHUNK - 1))
        following = next(orders, None)
        begun = replace(begun, done=begun.done + len(part))
        is_last = following is None
        whole = [one for one in part if not isinstance(one, Unread)]
        unread = tuple(one for one in part if isinstance(one, Unread))
        keep(whole, unread, None if is_last else begun, until if is_last else None)
        progress(begun.done)
        if is_last:
            return tuple(found.sentence() for found in completion.denied)


def unfinished(means: Means, merchant: str) -> Begun | None:
    """The import that a command before this one began."""
    with means.store.reading() as tx:
        found = snapshots.get_cursor(tx, merchant, CURSOR)
    return msgspec.json.decode(found, type=Begun) if found else None


def note(means: Means, merchant: str, begun: Begun | None) -> None:
    """Remember how far an import is, or that there is none."""
    with means.store.atomic() as tx:
        snapshots.set_cursor(tx, merchant, CURSOR, written(begun), means.clock())


def written(begun: Begun | None) -> str:
    """An import as its cursor."""
    return "" if begun is None else msgspec.json.encode(begun).decode()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Decoded JSON holds no cycles; looking through it for some, over and over, costs a third of the import."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def _file(means: Means, done: Finished) -> Iterator[IO[bytes]]:
    """A file without a name beside the database: it holds buyers' names and goes with the process."""
    beside = means.store.path.parent if means.store.path is not None else Path(tempfile.gettempdir())
    free = shutil.disk_usage(beside).free
    if free < done.size + _ROOM:
        raise StoreBroken(
            f"the bulk import needs {done.size / 2**20:.0f} MiB and {free / 2**20:.0f} MiB are free",
            where=str(beside),
            next="Free disk space, then pull again; Shopify keeps the file for seven days.",
        )
    with tempfile.TemporaryFile(dir=beside) as file:
        yield file
