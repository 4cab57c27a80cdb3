"""Orders whose products were withheld for want of a scope are read once more when it is granted.

They have not changed in the shop meanwhile, so no window brings them again. What is noted is only from when on, and
which scopes were missing; the first pull that has them begins its window there. Where Shopify does not name them, one
of those orders is asked for to see. Without that, an item would be added as the wrong type, and what those orders took
from the shelves would look like a loss (`stock`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts import Unread
from qbconsole.sources.shopify.lists import scopes
from qbconsole.sources.shopify.orders import order_or_why
from qbconsole.sources.shopify.reading import ALTERNATIVES, WITHHELD
from qbconsole.store import parties, snapshots
from qbconsole.sync.means import Means
from qbconsole.value import Value

CURSOR = "orders_withheld"
#: A scope that Shopify does not name.
_UNNAMED = ""


class Noted(Value):
    """From which change on orders were read without what their products are."""

    #: ISO instant of the earliest such order's change.
    since: str
    #: As an order names them (`WITHHELD`).
    scopes: tuple[str, ...]
    #: An order of which something was withheld for want of a scope that is not named; "" for none.
    unnamed: str = ""
    #: How often it was noted: tells whether any was while the others were read again.
    times: int = 0


def note_withheld(
    tx: sa.Connection, merchant: str, orders: Iterable[Mapping[str, Any]], at: datetime
) -> None:
    """Note the orders of which something was withheld; in the commit that keeps them."""
    rows = [order for order in orders if order.get(WITHHELD)]
    if not rows:
        return
    noted = _noted(tx, merchant)
    since = [str(order["updatedAt"]) for order in rows] + ([noted.since] if noted else [])
    lacking = {scope for order in rows for scope in order[WITHHELD]} | set(noted.scopes if noted else ())
    new = Noted(
        since=min(since, key=datetime.fromisoformat),
        scopes=tuple(sorted(lacking)),
        unnamed=next((str(order["id"]) for order in rows if _UNNAMED in order[WITHHELD]), "")
        or (noted.unnamed if noted else ""),
        times=1 + (noted.times if noted else 0),
    )
    snapshots.set_cursor(tx, merchant, CURSOR, msgspec.json.encode(new).decode(), at)


def to_read_again(means: Means, merchant: str, client: ShopifyClient) -> Noted | None:
    """What can be read again, now that its scopes are granted; asks Shopify only where something was withheld."""
    with means.store.reading() as tx:
        noted = _noted(tx, merchant)
    if noted is None:
        return None
    granted = set(scopes(client))
    named = [need for need in noted.scopes if need != _UNNAMED]
    if not all(granted.intersection(need.split(ALTERNATIVES)) for need in named):
        return None
    return None if noted.unnamed and _is_withheld(client, noted.unnamed) else noted


def _is_withheld(client: ShopifyClient, order: str) -> bool:
    """Whether something of this order is withheld still, for want of whatever."""
    found = order_or_why(client, order)
    return isinstance(found, Unread) or (found is not None and WITHHELD in found)


def read_again(means: Means, merchant: str, noted: Noted) -> None:
    """All of that was read again; where something was withheld meanwhile, it stays noted."""
    with means.store.atomic() as tx:
        parties.lock_merchant(tx, merchant)
        if _noted(tx, merchant) == noted:
            snapshots.set_cursor(tx, merchant, CURSOR, "", means.clock())


def _noted(tx: sa.Connection, merchant: str) -> Noted | None:
    found = snapshots.get_cursor(tx, merchant, CURSOR)
    return msgspec.json.decode(found, type=Noted) if found else None
