"""A bulk operation from its beginning to its end; only one that is COMPLETED has a file to believe."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Any

from qbconsole.errors import ShopifyContradiction, ShopifyRefused, ShopifyUnreachable
from qbconsole.sources.shopify import queries
from qbconsole.sources.shopify.answers import Withheld
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.value import Value
from qbconsole.visible import safe

#: Between two looks, growing from the first to the last, in seconds.
LOOK_FIRST, LOOK_LAST = 2.0, 30.0
#: After this long the command ends; the next one goes on waiting for the same operation.
PATIENCE = timedelta(hours=2)
_RUNNING = frozenset({"CREATED", "RUNNING", "CANCELING"})
_NEEDS = re.compile(r"^ *# needs (?P<scope>\w+)\n(?P<part>.*?)^ *# end\n", re.MULTILINE | re.DOTALL)
_DENIED = "the app may not read all that a bulk import asks for"
_WHY = {
    "FAILED": "Shopify could not finish it",
    "CANCELED": "somebody cancelled it",
    "EXPIRED": "it took longer than Shopify allows",
}


class BulkFailed(ShopifyUnreachable):
    """A bulk import came to nothing; not a line of it was used."""

    next_step = "Pull again: it starts anew. `qbconsole pull --no-bulk` reads page by page instead."


class BulkDenied(ShopifyRefused):
    """The app lacks a scope for a part of the bulk query; pages leave such parts out, a bulk query fails whole."""

    next_step = "Pull page by page with `qbconsole pull --no-bulk`, or grant the app the missing scope."


class Finished(Value):
    """An operation that is COMPLETED."""

    id: str
    #: None where nothing matched.
    url: str | None
    #: Lines of the file, and those of them that are orders.
    objects: int
    roots: int
    #: Bytes of the file.
    size: int


def orders_count(client: ShopifyClient, search: str) -> int:
    """How many orders a search finds."""
    found = client.query("orders_count", {"query": search}).need("ordersCount")
    return int(found["count"]) if found else 0


def orders_counts(client: ShopifyClient, searches: Sequence[str]) -> list[int]:
    """How many orders each of seven searches finds."""
    answer = client.query("orders_counts", {f"s{at}": search for at, search in enumerate(searches, 1)})
    found = [answer.need(f"n{at}") for at, _ in enumerate(searches, 1)]
    return [int(one["count"]) if one else 0 for one in found]


def bulk_text(search: str, scopes: Collection[str]) -> str:
    """The query for the orders of a search, without the parts that these scopes do not open."""
    text = _NEEDS.sub(
        lambda found: found["part"] if found["scope"] in scopes else "", queries.text("bulk_orders")
    )
    quoted = search.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("THE WINDOW", quoted)


def begin(client: ShopifyClient, text: str) -> str:
    """Start an operation; gives its id. Raises BulkDenied, BulkFailed, or ShopifyContradiction where the query is refused."""
    try:
        answer = client.query("bulk_run", {"query": text})
        told = answer.need("bulkOperationRunQuery") or {}
    except Withheld as cause:
        raise BulkDenied(_DENIED, where=client.shop) from cause
    if answer.denied:
        raise BulkDenied(_DENIED, where=client.shop)
    for error in told.get("userErrors") or ():
        message = safe(error.get("message", ""), limit=300)
        if error.get("code") in ("OPERATION_IN_PROGRESS", "LIMIT_REACHED"):
            raise BulkFailed(f"too many bulk operations run in this shop: {message}", where=client.shop)
        raise ShopifyContradiction(f"Shopify does not take our bulk query: {message}", where=client.shop)
    operation = told.get("bulkOperation") or {}
    if not operation.get("id"):
        raise BulkFailed("Shopify began no bulk operation", where=client.shop)
    return str(operation["id"])


def finished(
    client: ShopifyClient, gid: str, *, told: Callable[[int], None] = lambda _count: None
) -> Finished:
    """Wait until an operation ended. Raises BulkFailed, BulkDenied, or ShopifyUnreachable where it still runs."""
    wait, waited = LOOK_FIRST, 0.0
    while True:
        seen = client.query("bulk_poll", {"id": gid}).need("bulkOperation")
        if seen is None:
            raise BulkFailed("Shopify knows the bulk operation no more", where=client.shop)
        if seen["status"] not in _RUNNING:
            return _completed(client, gid, seen)
        told(_number(seen, "rootObjectCount"))
        if waited >= PATIENCE.total_seconds():
            raise ShopifyUnreachable(
                "Shopify still writes the file of the bulk import",
                where=client.shop,
                next="Pull again later: it goes on waiting for the same file.",
            )
        client.pause(wait)
        waited, wait = waited + wait, min(LOOK_LAST, wait * 1.5)


def _completed(client: ShopifyClient, gid: str, seen: dict[str, Any]) -> Finished:
    status = str(seen["status"])
    if status != "COMPLETED":
        code = safe(seen.get("errorCode") or "no reason given", limit=60)
        if seen.get("errorCode") == "ACCESS_DENIED":
            raise BulkDenied(_DENIED, where=client.shop)
        why = _WHY.get(status, f"it ended as {safe(status, limit=40)}")
        raise BulkFailed(f"the bulk import came to nothing: {why} ({code})", where=client.shop)
    done = Finished(
        id=gid,
        url=seen.get("url"),
        objects=_number(seen, "objectCount"),
        roots=_number(seen, "rootObjectCount"),
        size=_number(seen, "fileSize"),
    )
    if done.url is None and done.objects:
        raise BulkFailed("the bulk import has lines and no file", where=client.shop)
    return done


def _number(seen: dict[str, Any], name: str) -> int:
    """Counts come as strings."""
    value = str(seen.get(name) or "0")
    if not value.isdigit():
        raise BulkFailed(f"Shopify's {name} of the bulk import is no number")
    return int(value)
