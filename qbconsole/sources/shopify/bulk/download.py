"""The file of a bulk operation: fetched from a host we expect, looked through whole, and only then believed.

Every line is decoded once before any is used, the lines are counted against what Shopify said, and children have to
follow their parent. Memory holds one line; the file lies on disk, nameless, and goes with the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

import msgspec

from qbconsole.errors import ShopifyContradiction
from qbconsole.sources.shopify.bulk.operation import BulkFailed, Finished
from qbconsole.sources.shopify.client import ShopifyClient

#: Where Shopify keeps the files, as far as anybody has seen; QBCONSOLE_BULK_HOSTS names others.
BULK_HOSTS = ("storage.googleapis.com",)
#: No line of an order is near this; one that is would fill the memory.
LINE_MOST = 32 * 1024 * 1024


class _Line(msgspec.Struct):
    """What has to be known of a line to check it; all else is skipped, and has to be JSON."""

    id: str | None = None
    parent: str | None = msgspec.field(default=None, name="__parentId")


_DECODE = msgspec.json.Decoder(_Line).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def fetch(client: ShopifyClient, done: Finished, into: IO[bytes]) -> None:
    """Download and check a file; afterwards `into` stands at its beginning, whole.

    Raises BulkFailed where it is not what Shopify said, ShopifyContradiction for a strange host, ShopifyUnreachable.
    """
    if done.url is not None:
        _check(_lines(client.download(done.url), into), done)
    into.seek(0)


def _lines(pieces: Iterable[bytes], into: IO[bytes]) -> Iterator[bytes]:
    """Whole lines as they come, each written down; what is left without an end was cut off."""
    rest = b""
    for piece in pieces:
        into.write(piece)
        *whole, rest = (rest + piece).split(b"\n") if rest else piece.split(b"\n")
        yield from whole
        if len(rest) > LINE_MOST:
            raise ShopifyContradiction("the file of the bulk import is not made of lines")
    if rest:
        raise BulkFailed("the file of the bulk import ends in the middle of a line")


def _check(lines: Iterator[bytes], done: Finished) -> None:
    count = roots = 0
    group: set[str] = set()
    for count, line in enumerate(lines, 1):
        try:
            row = _DECODE(line)
        except _UNREADABLE as cause:
            raise BulkFailed(f"line {count} of the bulk import is no JSON object") from cause
        if row.parent is None:
            roots += 1
            group = set()
        elif row.parent not in group:
            raise BulkFailed(f"line {count} of the bulk import does not follow its parent")
        if row.id is not None:
            group.add(row.id)
    if (count, roots) != (done.objects, done.roots):
        raise BulkFailed(
            f"the file of the bulk import has {count} lines with {roots} orders,"
            f" and Shopify wrote {done.objects} with {done.roots}"
        )
