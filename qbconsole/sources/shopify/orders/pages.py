"""Which orders changed in a window, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qbconsole.errors import ShopifyContradiction
from qbconsole.sources.shopify.answers import Denied
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import Unread
from qbconsole.sources.shopify.orders.assembling import assemble
from qbconsole.sources.shopify.orders.pulling import Pull, Raw

#: Parents are stamped before children and the search index lags behind: go back this far.
REWIND = timedelta(minutes=10)
#: Changed orders on one page of the index.
ORDERS_A_PAGE = 50
#: No shop is older.
_NOTHING_BEFORE = datetime(2004, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """Whole orders of one page of the index.

    Once they are stored, everything changed before `through` has been seen; the last page's is the window's end.
    """

    orders: tuple[Raw, ...]
    through: datetime
    has_next: bool
    #: Parts that were withheld so far in this pull, each named once.
    denied: tuple[Denied, ...]
    #: Orders of it whose parts do not make a whole.
    unread: tuple[Unread, ...] = ()


def orders_updated(
    client: ShopifyClient,
    since: datetime | None,
    until: datetime,
    *,
    overlap: timedelta = REWIND,
    first: int = ORDERS_A_PAGE,
) -> Iterator[OrderPage]:
    """Orders changed in [since - overlap, until), oldest change first; all of them where `since` is None.

    One that changed since Shopify looked for it is given as it is by now, and comes again with the next window.
    Raises ShopifyContradiction when Shopify answers with an order from before the window.
    """
    query = window(since, until, overlap=overlap)
    start = None if since is None else _second(since - overlap)
    end = _second(until)
    pull, after, newest = Pull(client), None, start or _NOTHING_BEFORE
    for page in client.pages("order_index", "orders", {"query": query}, first=first):
        pull.note(page.denied)
        for node in page.nodes:
            at = _not_before(node, start)
            newest = at if at < end else newest
        wanted = [str(node["id"]) for node in page.nodes]
        orders, unread = assemble(
            pull, wanted, {"query": query, "after": after, "first": max(1, len(wanted))}
        )
        after = page.cursor
        yield OrderPage(
            orders=tuple(orders),
            through=newest if page.has_next else end,
            has_next=page.has_next,
            denied=tuple(pull.denied.values()),
            unread=unread,
        )


def window(since: datetime | None, until: datetime, *, overlap: timedelta = REWIND) -> str:
    """The search for orders changed in [since - overlap, until)."""
    query = f"updated_at:<'{_stamp(_second(until))}'"
    return query if since is None else f"updated_at:>='{_stamp(_second(since - overlap))}' AND {query}"


def _second(at: datetime) -> datetime:
    """Shopify keeps whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _not_before(node: Raw, start: datetime | None) -> datetime:
    """When this order was changed; refuses one from before the window: then the filter was not applied."""
    try:
        at = datetime.fromisoformat(node["updatedAt"])
    except (KeyError, TypeError, ValueError) as cause:
        raise ShopifyContradiction(
            "an order without a time of its last change", where="order_index"
        ) from cause
    if start is not None and at < start:
        raise ShopifyContradiction(
            f"Shopify gave an order changed {_stamp(at)}, outside the window asked for", where="order_index"
        )
    return at
