"""Subscriptions: what is missing is made anew at each pull, for Shopify takes one away after eight failures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qbconsole.errors import ShopifyContradiction, ShopifyRefused
from qbconsole.rules.mapping.values import Merchant
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.webhooks.listening import PATH
from qbconsole.sources.shopify.webhooks.topics import WANTED
from qbconsole.store import snapshots
from qbconsole.sync.means import Means
from qbconsole.visible import safe

#: More than an app has; a page of the list.
_MOST = 100
#: The cursor that says what Shopify would not send at the last pull; "" where all is well.
REFUSED = "webhooks_refused"


def address(merchant: Merchant) -> str:
    """Where Shopify sends this merchant's deliveries; "" where none are wanted."""
    return f"{merchant.webhooks}{PATH}{merchant.id}" if merchant.webhooks else ""


def missing(client: ShopifyClient, merchant: Merchant) -> tuple[str, ...]:
    """Topics wanted that nothing subscribes to for this merchant's address."""
    found = client.query("webhook_subscriptions", {"first": _MOST}).need("webhookSubscriptions")
    there = {node["topic"] for node in found["nodes"] if node["uri"] == address(merchant)}
    return tuple(topic for topic in WANTED if topic not in there)


def subscribe(means: Means, client: ShopifyClient, merchant: Merchant) -> tuple[str, ...]:
    """Make what is missing; gives a sentence for each that Shopify refused, and keeps them for doctor.

    Nothing where no webhooks are wanted.
    """
    if not merchant.webhooks:
        return ()
    try:
        said = tuple(_made(client, missing(client, merchant), address(merchant)))
    except (ShopifyRefused, ShopifyContradiction) as cause:
        said = (f"Webhooks could not be looked at: {cause}",)
    told = "; ".join(said)
    with means.store.reading() as tx:
        known = snapshots.get_cursor(tx, merchant.id, REFUSED)
    if told != known:
        with means.store.atomic() as tx:
            snapshots.set_cursor(tx, merchant.id, REFUSED, told, means.clock())
    return said


def _made(client: ShopifyClient, topics: Iterable[str], uri: str) -> Iterable[str]:
    for topic in topics:
        try:
            answer = client.query("webhook_create", {"topic": topic, "subscription": {"uri": uri}})
            refused: list[dict[str, Any]] = (answer.need("webhookSubscriptionCreate") or {}).get(
                "userErrors"
            ) or []
        except (ShopifyRefused, ShopifyContradiction) as cause:
            refused = [{"message": str(cause)}]
        if refused:
            yield f"Shopify does not send {topic}: {safe(refused[0].get('message', ''), limit=200)}"
