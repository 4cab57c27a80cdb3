"""Orders of every kind, each with its quota, spread over the shop's time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from qbconsole.sandbox.shopify.composing import Raw, compose
from qbconsole.sandbox.shopify.seeding.happening import HAPPENINGS
from qbconsole.sandbox.shopify.seeding.wishing import wish_for
from qbconsole.sandbox.shopify.seeding.world import World
from qbconsole.sandbox.shopify.tenders import settle

#: Kind of order -> its share in ten thousand. What the books hold by default: authorised, voided, test (3 %).
KINDS: Mapping[str, int] = {
    "paid": 5900,
    "captured": 300,
    "paypal": 700,
    "pos_card": 400,
    "pos_cash": 450,
    "gift_card_part": 200,
    "two_gateways": 100,
    "paid_later": 300,
    "terms": 100,
    "unpaid": 100,
    "pending": 100,
    "partly_paid": 100,
    "refunded": 200,
    "part_refunded": 300,
    "not_restocked": 80,
    "shipping_refunded": 80,
    "cancelled_unpaid": 100,
    "cancelled_refunded": 80,
    "edited_unpaid": 60,
    "edited_paid": 60,
    "free": 80,
    "gift_card_sold": 110,
    "tipped": 80,
    "authorised": 120,
    "voided": 60,
    "test": 120,
}


def invent(world: World, count: int, since: datetime) -> list[Raw]:
    """Invent this many orders between `since` and the world's end, oldest first."""
    kinds = _quotas(count)
    world.random.shuffle(kinds)
    span = max(60.0, (world.end - since).total_seconds() - 3600)
    moments = sorted(_business_time(world, since, world.random.random() * span) for _ in kinds)
    return [_order(world, kind, at) for kind, at in zip(kinds, moments, strict=True)]


def _quotas(count: int) -> list[str]:
    kinds: list[str] = []
    for kind, share in KINDS.items():
        if kind != "paid":
            kinds += [kind] * max(1 if count >= 60 else 0, (share * count + 5000) // 10000)
    return [*kinds, *["paid"] * (count - len(kinds))][:count]


def _business_time(world: World, since: datetime, offset: float) -> datetime:
    """Between seven in the morning and a minute before midnight, in the shop's zone."""
    local = (since + timedelta(seconds=int(offset))).astimezone(world.zone)
    if local.hour < 7:
        local = local.replace(hour=local.hour + 12)
    at = local.astimezone(UTC)
    return min(at, world.end - timedelta(minutes=30))


def _order(world: World, kind: str, at: datetime) -> Raw:
    wish = wish_for(world, kind, at)
    order = compose(wish, world.ids)
    settle(order, at)
    HAPPENINGS[kind](world, order, at)
    return order
