"""Subscriptions of the simulated shop: made by mutation, listed, and taken away after too many failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qbconsole.sandbox.shopify.shop import Shop

#: A subscription made through the API goes after this many failures in a row (shopify-api.md section 11).
FAILURES = 8


@dataclass(slots=True, kw_only=True)
class Subscription:
    """One topic to one address."""

    id: str
    #: As the API has it: ORDERS_UPDATED.
    topic: str
    uri: str
    failures: int = 0

    def about(self) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "id": self.id,
            "topic": self.topic,
            "uri": self.uri,
            "format": "JSON",
            "filter": "",
            "includeFields": [],
            "apiVersion": {"handle": "2026-10", "displayName": "2026-10 (Latest)", "supported": True},
        }


def subscribe(shop: Shop, topic: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of webhookSubscriptionCreate."""
    uri = str(given.get("uri") or "")
    if not uri.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        return _refused("Address protocol http:// is not supported")
    if any(one.topic == topic and one.uri == uri for one in shop.subscriptions):
        return _refused("Address for this topic has already been taken")
    made = Subscription(
        id=f"gid://shopify/WebhookSubscription/{9_000 + shop.subscribed}", topic=topic, uri=uri
    )
    shop.subscribed += 1
    shop.subscriptions.append(made)
    return {"webhookSubscription": made.about(), "userErrors": []}


def _refused(message: str) -> dict[str, Any]:
    field = ["webhookSubscription", "callbackUrl"]
    return {"webhookSubscription": None, "userErrors": [{"field": field, "message": message}]}
