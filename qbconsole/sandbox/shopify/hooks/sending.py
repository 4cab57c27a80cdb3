"""Sends a shop's webhooks: REST-shaped bodies, HMAC over the raw bytes, lost, repeated, shuffled or forged if told.

Facts: shopify-api.md section 11. Who really posts is given, so that tests, a simulation and real HTTP all can.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qbconsole.sandbox.shopify.hooks.subscriptions import FAILURES, Subscription
from qbconsole.sandbox.shopify.shop import Shop

Raw = dict[str, Any]
#: (uri, headers, body) -> HTTP status, or 0 where nobody answered.
Post = Callable[[str, Mapping[str, str], bytes], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One delivery, as it left the shop."""

    uri: str
    topic: str
    headers: Mapping[str, str]
    body: bytes
    #: What the other side answered; 0: lost on the way.
    status: int


def signed(secret: str, body: bytes) -> str:
    """The value of X-Shopify-Hmac-SHA256."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@dataclass(slots=True, kw_only=True)
class Courier:
    """Carries the news of one shop to its subscribers."""

    shop: Shop
    post: Post
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - repeatable
    #: How likely each is for one delivery, 0 to 1.
    lost: float = 0.0
    twice: float = 0.0
    #: Deliveries of one round leave in no certain order.
    shuffled: bool = False
    #: Somebody else sends, too, with a secret of their own.
    forged: float = 0.0
    sent: list[Sent] = field(default_factory=list)
    _known: dict[str, str] = field(default_factory=dict)
    _number: int = 0

    def catch_up(self) -> None:
        """Take what is in the shop now as told."""
        self._known = {order["id"]: order["updatedAt"] for order in self.shop.orders}

    def deliver(self) -> list[Sent]:
        """Tell of every order that is new or changed since the last time; gives what was sent."""
        due: list[tuple[Subscription, bytes]] = []
        for order in self.shop.orders:
            before = self._known.get(order["id"])
            if before == order["updatedAt"]:
                continue
            self._known[order["id"]] = order["updatedAt"]
            topic = "ORDERS_CREATE" if before is None else "ORDERS_UPDATED"
            body = _body(order)
            due += [(one, body) for one in self.shop.subscriptions if one.topic == topic]
        if self.shuffled:
            self.chance.shuffle(due)
        begun = len(self.sent)
        for subscription, body in due:
            self._tell(subscription, body)
        return self.sent[begun:]

    def send(self, topic: str, body: Raw, uri: str, *, secret: str | None = None) -> Sent:
        """Send one delivery now, whoever subscribed; with another secret it is forged."""
        self._number += 1
        raw = json.dumps(body, separators=(",", ":")).encode()
        return self._post(uri, topic, raw, f"{self.shop.domain}-{self._number}", secret)

    def _tell(self, subscription: Subscription, body: bytes) -> None:
        topic = subscription.topic.lower().replace("_", "/", 1)
        self._number += 1
        number = f"{self.shop.domain}-{self._number}"
        if self.chance.random() < self.lost:
            self._failed(subscription)
            return
        if self.chance.random() < self.forged:
            self._post(subscription.uri, topic, body, f"{number}-forged", "not-the-secret")
        for _ in range(2 if self.chance.random() < self.twice else 1):
            if self._post(subscription.uri, topic, body, number, None).status == 200:
                subscription.failures = 0
            else:
                self._failed(subscription)

    def _failed(self, subscription: Subscription) -> None:
        subscription.failures += 1
        if subscription.failures >= FAILURES and subscription in self.shop.subscriptions:
            self.shop.subscriptions.remove(subscription)

    def _post(self, uri: str, topic: str, body: bytes, number: str, secret: str | None) -> Sent:
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Hmac-SHA256": signed(secret or self.shop.client_secret, body),
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": self.shop.domain,
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Webhook-Id": number,
            "X-Shopify-Event-Id": number,
        }
        status = self.post(uri, headers, body)
        made = Sent(uri=uri, topic=topic, headers=headers, body=body, status=status)
        self.sent.append(made)
        return made


def _body(order: Raw) -> bytes:
    """REST-shaped, and not to be read: amounts stand here as they were, whatever became of them since."""
    number = int(order["id"].rpartition("/")[2])
    customer = order.get("customer") or {}
    told = {
        "id": number,
        "admin_graphql_api_id": order["id"],
        "name": order["name"],
        "updated_at": order["updatedAt"],
        "total_price": order["totalPriceSet"]["shopMoney"]["amount"],
        "customer": {"id": int(customer["id"].rpartition("/")[2])} if customer.get("id") else None,
    }
    return json.dumps(told, separators=(",", ":")).encode()
