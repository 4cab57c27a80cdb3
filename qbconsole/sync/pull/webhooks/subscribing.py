"""Subscriptions: what is missing is made anew at each pull, for Shopify takes one away after eight failures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qbconsole.errors import ShopifyContradiction, ShopifyRefused
from qbconsole.rules.mapping.values import Merchant
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.webhooks.listening import PATH
from qbconsole.sources.shopify.webhooks.topics import WANTED
from qbconsole.visible import safe

#: More than an app has; a page of the list.
_MOST = 100


def address(merchant: Merchant) -> str:
    """Where Shopify sends this merchant's deliveries; "" where none are wanted."""
    return f"{merchant.webhooks}{PATH}{merchant.id}" if merchant.webhooks else ""


def missing(client: ShopifyClient, merchant: Merchant) -> tuple[str, ...]:
    """Topics wanted that nothing subscribes to for this merchant's address."""
    found = client.query("webhook_subscriptions", {"first": _MOST}).need("webhookSubscriptions")
    there = {node["topic"] for node in found["nodes"] if node["uri"] == address(merchant)}
    return tuple(topic for topic in WANTED if topic not in there)


def subscribe(client: ShopifyClient, merchant: Merchant) -> tuple[str, ...]:
    """Make what is missing; gives a sentence for each that Shopify refused. Nothing where none are wanted."""
    if not merchant.webhooks:
        return ()
    try:
        return tuple(_made(client, missing(client, merchant), address(merchant)))
    except (ShopifyRefused, ShopifyContradiction) as cause:
        return (f"Webhooks could not be looked at: {cause}",)


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
