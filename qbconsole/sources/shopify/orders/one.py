"""One order, by id or by name."""

from __future__ import annotations

from qbconsole.errors import UsageError
from qbconsole.sources.shopify.answers import PartsDisagree
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import Unread
from qbconsole.sources.shopify.orders.assembling import assemble
from qbconsole.sources.shopify.orders.pulling import Pull, Raw


def order_by_id(client: ShopifyClient, gid: str) -> Raw | None:
    """One whole order by its GID or legacy id; None when the shop has no such order (any more).

    Raises PartsDisagree where its parts do not make a whole.
    """
    found = order_or_why(client, gid)
    if isinstance(found, Unread):
        raise PartsDisagree(found.sentence(), next="Nothing of it was kept; pull it again.")
    return found


def order_or_why(client: ShopifyClient, gid: str) -> Raw | Unread | None:
    """The same; where its parts do not make a whole, why."""
    number = gid.rpartition("/")[2]
    if not number.isdigit():
        raise UsageError(f"{gid!r} is no order id", next="Give the number, or gid://shopify/Order/NUMBER.")
    gid = f"gid://shopify/Order/{number}"
    orders, unread = assemble(Pull(client), [gid], None)
    return next(iter(orders), None) or next(iter(unread), None)


def order_by_name(client: ShopifyClient, name: str) -> Raw | None:
    """One whole order by its name ("#1001"); None without one. Names may repeat: then UsageError."""
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    index = client.query("order_index", {"first": 10, "query": f"name:'{quoted}'"}).need("orders")
    found = [node["id"] for node in index["nodes"] if node["name"] == name]
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} orders are named {name}", next=f"Name one by its id: {', '.join(found)}."
        )
    return order_by_id(client, found[0]) if found else None
