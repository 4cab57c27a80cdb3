"""Orders of which something was withheld for want of a scope are read once more when it is granted.

They have not changed in the shop meanwhile, so no window brings them again. What is noted is only from when on, and
which scopes were missing; the first pull that has them begins its window there. Where Shopify does not name them, one
of those orders is asked for to see. Without that, an item would be added as the wrong type, and what those orders took
from the shelves would look like a loss (`stock`); and what waits to be sent would leave without its buyer. Each part is
noted by itself: one whose scope is never granted keeps no other away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts import Unread
from qbconsole.sources.shopify.lists import scopes
from qbconsole.sources.shopify.orders import order_or_why
from qbconsole.sources.shopify.reading import ALTERNATIVES, PARTS_WITHHELD, WITHHELD
from qbconsole.store import parties, snapshots
from qbconsole.sync.means import Means
from qbconsole.value import Value

CURSOR = "orders_withheld"
#: A scope that Shopify does not name.
_UNNAMED = ""
#: What products are; every other part has its field's name.
_PRODUCTS = ""


class Noted(Value):
    """From which change on orders were read without one of their parts, for want of the same scopes."""

    #: ISO instant of the earliest such order's change.
    since: str
    #: As an order names them (`WITHHELD`).
    scopes: tuple[str, ...]
    #: An order of which something was withheld for want of a scope that is not named; "" for none.
    unnamed: str = ""
    #: How often it was noted: tells whether any was while the others were read again.
    times: int = 0
    #: Field of an order (`PARTS_WITHHELD`); "" is what its products are.
    part: str = _PRODUCTS


def note_withheld(
    tx: sa.Connection, merchant: str, orders: Iterable[Mapping[str, Any]], at: datetime
) -> None:
    """Note the orders of which something was withheld; in the commit that keeps them."""
    rows = [(order, part, needs) for order in orders for part, needs in _lacking(order)]
    if not rows:
        return
    noted = {(one.part, one.scopes): one for one in _noted(tx, merchant)}
    for order, part, needs in rows:
        changed = str(order["updatedAt"])
        known = noted.get((part, needs), Noted(since=changed, scopes=needs, part=part))
        noted[part, needs] = Noted(
            since=min(known.since, changed, key=datetime.fromisoformat),
            scopes=needs,
            unnamed=str(order["id"]) if _UNNAMED in needs else "",
            times=1 + known.times,
            part=part,
        )
    _put(tx, merchant, noted.values(), at)


def to_read_again(means: Means, merchant: str, client: ShopifyClient) -> tuple[Noted, ...]:
    """What can be read again, now that its scopes are granted; asks Shopify only where something was withheld."""
    with means.store.reading() as tx:
        noted = _noted(tx, merchant)
    if not noted:
        return ()
    granted = set(scopes(client))
    return tuple(
        one
        for one in noted
        if all(granted.intersection(need.split(ALTERNATIVES)) for need in one.scopes if need != _UNNAMED)
        and not (one.unnamed and _is_withheld(client, one))
    )


def _is_withheld(client: ShopifyClient, noted: Noted) -> bool:
    """Whether that part of the order is withheld still, for want of whatever."""
    found = order_or_why(client, noted.unnamed)
    if found is None or isinstance(found, Unread):
        return found is not None
    return any(part == noted.part for part, _ in _lacking(found))


def read_again(means: Means, merchant: str, noted: Collection[Noted]) -> None:
    """All of that was read again; where something was withheld meanwhile, it stays noted."""
    with means.store.atomic() as tx:
        parties.lock_merchant(tx, merchant)
        _put(tx, merchant, [one for one in _noted(tx, merchant) if one not in noted], means.clock())


def _lacking(order: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What of an order was withheld, and for want of which scopes."""
    if order.get(WITHHELD):
        yield _PRODUCTS, tuple(order[WITHHELD])
    for part, *needs in order.get(PARTS_WITHHELD) or ():
        yield str(part), tuple(needs)


def _noted(tx: sa.Connection, merchant: str) -> list[Noted]:
    found = snapshots.get_cursor(tx, merchant, CURSOR) or "[]"
    if found.startswith("{"):  # as it was written at first: products alone
        return [msgspec.json.decode(found, type=Noted)]
    return msgspec.json.decode(found, type=list[Noted])


def _put(tx: sa.Connection, merchant: str, noted: Iterable[Noted], at: datetime) -> None:
    snapshots.set_cursor(tx, merchant, CURSOR, msgspec.json.encode(list(noted)).decode(), at)
