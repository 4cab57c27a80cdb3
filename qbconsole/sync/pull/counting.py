"""The daily count: what Shopify says it has of each of the last days, against what is kept; what is missing is fetched.

Pulls by time of change should miss nothing. That they did not is looked at once a shop day: a day whose number of orders
is not the one last found whole is listed, and every order that is not kept, or is older here, is fetched by id
(reliability.md F01).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from qbconsole.errors import ShopifyContradiction, ShopifyRefused
from qbconsole.shop.orders import Shop
from qbconsole.sources.shopify.bulk import orders_counts
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts import Unread
from qbconsole.sources.shopify.orders import order_or_why
from qbconsole.store import snapshots
from qbconsole.store.encoding import comparable
from qbconsole.sync.means import Means
from qbconsole.sync.pull.stopped import EVERYWHERE

#: Shop days counted, up to yesterday.
DAYS = 7
CURSOR = "orders_counted"
_A_PAGE = 250
_CHUNK = 50
Raw = Mapping[str, Any]
Keep = Callable[[list[Raw], tuple[Unread, ...]], None]


def count_days(
    means: Means, merchant: str, client: ShopifyClient, shop: Shop, now: datetime, keep: Keep
) -> tuple[str, ...]:
    """Count, once a shop day; gives a sentence for each day of which something was missing."""
    today = shop.day(now)
    known = _known(means, merchant)
    if known.get("day") == today.isoformat():
        return ()
    found: dict[str, str] = {"day": today.isoformat()}
    said: list[str] = []
    days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    try:
        counts = orders_counts(client, [made_on(shop, day) for day in days])
    except EVERYWHERE:
        raise
    except (ShopifyRefused, ShopifyContradiction) as cause:
        return (f"The orders of {days[0]} to {days[-1]} could not be counted: {cause}",)
    for day, told in zip(days, counts, strict=True):
        try:
            count, fetched = told, 0
            if told and str(told) != known.get(day.isoformat()):
                count, fetched = _one_day(means, merchant, client, made_on(shop, day), told, keep)
        except EVERYWHERE:
            raise
        except (ShopifyRefused, ShopifyContradiction) as cause:
            return (*said, f"The orders of {day} could not be counted: {cause}")
        found[day.isoformat()] = str(count)
        if fetched:
            said.append(f"{fetched} orders of {day} were missing here and have been fetched")
    with means.store.atomic() as tx:
        snapshots.set_cursor(tx, merchant, CURSOR, msgspec.json.encode(found).decode(), means.clock())
    return tuple(said)


def _known(means: Means, merchant: str) -> dict[str, str]:
    with means.store.reading() as tx:
        found = snapshots.get_cursor(tx, merchant, CURSOR)
    return msgspec.json.decode(found, type=dict[str, str]) if found else {}


def _one_day(
    means: Means,
    merchant: str,
    client: ShopifyClient,
    search: str,
    count: int,
    keep: Keep,
) -> tuple[int, int]:
    """List a day: how many of the orders that were counted there are, and how many of them had to be fetched."""
    listed = {
        str(node["id"]).rpartition("/")[2]: str(node["updatedAt"])
        for page in client.pages("order_index", "orders", {"query": search}, first=_A_PAGE)
        for node in page.nodes
    }
    with means.store.reading() as tx:
        wanted = _missing(tx, merchant, listed)
    fetched = 0
    for at in range(0, len(wanted), _CHUNK):
        orders = [order_or_why(client, number) for number in wanted[at : at + _CHUNK]]
        there = [order for order in orders if isinstance(order, dict)]
        keep(list(there), tuple(order for order in orders if isinstance(order, Unread)))
        fetched += len(there)
    # A list shorter than the count is looked at again tomorrow.
    return min(count, len(listed)), fetched


def _missing(tx: sa.Connection, merchant: str, listed: Mapping[str, str]) -> list[str]:
    held = snapshots.updated_of(tx, merchant, "order", listed)
    return [number for number, updated in listed.items() if _is_older(held.get(number, ""), updated)]


def _is_older(held: str | None, updated: str) -> bool:
    """Whether what is held ("": nothing; None: of no known time) is older than what Shopify lists."""
    return held is not None and (held == "" or held < (comparable(updated) or ""))


def made_on(shop: Shop, day: date) -> str:
    """The search for orders made on a shop day, which has 23 or 25 hours where clocks change."""
    zone = ZoneInfo(shop.timezone)
    first, behind = (
        datetime.combine(one, time(), zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for one in (day, day + timedelta(days=1))
    )
    return f"created_at:>='{first}' AND created_at:<'{behind}'"
