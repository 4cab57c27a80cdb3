"""Pulls a shop's lists: its head, our scopes, buyers, variants with their inventory items, places.

Raw nodes as the API gives them; what they mean is `reading`'s business. Source: shopify-api.md sections 5, 7, 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from qbconsole.errors import ShopifyContradiction
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.paging import Page

_A_PAGE = 100
Raw = dict[str, Any]


def shop(client: ShopifyClient) -> Raw:
    """The shop's head. Raises ShopifyContradiction when another shop answers."""
    head: Raw = client.query("shop", {}).need("shop")
    if head.get("myshopifyDomain") != client.shop:
        raise ShopifyContradiction(
            f"the shop at {client.shop} says it is another one", next="Link the shop under its own name."
        )
    return head


def scopes(client: ShopifyClient) -> list[str]:
    """What the app may read, as it was granted: handles like "read_orders", sorted."""
    installation = client.query("access_scopes", {}).need("currentAppInstallation")
    return sorted(scope["handle"] for scope in installation["accessScopes"])


def customers(client: ShopifyClient, since: datetime | None) -> Iterator[Page]:
    """Buyers changed since then, oldest change first; all of them where `since` is None."""
    return _changed(client, "customers", "customers", since)


def variants(client: ShopifyClient, since: datetime | None) -> Iterator[Page]:
    """Variants changed since then, by id (the API cannot sort them by time); each with its inventory item."""
    return _changed(client, "variants", "productVariants", since)


def locations(client: ShopifyClient) -> list[Raw]:
    """All places, also closed ones."""
    return [node for page in client.pages("locations", "locations", {}, first=_A_PAGE) for node in page.nodes]


def _changed(client: ShopifyClient, name: str, root: str, since: datetime | None) -> Iterator[Page]:
    query, start = None, None
    if since is not None:
        start = since.astimezone(UTC).replace(microsecond=0)
        query = f"updated_at:>='{start.strftime('%Y-%m-%dT%H:%M:%SZ')}'"
    for page in client.pages(name, root, {"query": query}, first=_A_PAGE):
        if start is not None and any(
            datetime.fromisoformat(node["updatedAt"]) < start for node in page.nodes
        ):
            raise ShopifyContradiction(f"Shopify gave {root} outside the window asked for", where=name)
        yield page
