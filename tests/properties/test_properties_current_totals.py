"""However an order was edited, refunded and cancelled, and whenever it was read: its events come to what the shop says of it."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from qbconsole.sandbox.shopify import Shop
from qbconsole.sandbox.shopify.changes import ImpossibleChange
from qbconsole.shop.bag import bag_total
from qbconsole.shop.events import OrderEvent, SaleEvent
from qbconsole.shop.orders import Order
from qbconsole.shop.orders import Shop as OurShop
from qbconsole.shop.timeline import timeline
from qbconsole.sources.shopify.reading import read_order

DOMAIN = "oak-ember.myshopify.com"
OURS = OurShop(domain=DOMAIN, currency="USD", home_currency="USD", timezone="America/Los_Angeles")


def a_change(chance: random.Random, shop: Shop, order: dict[str, Any], at: datetime) -> None:
    """Something that happens to an order after its sale."""
    what = chance.choice(("edit", "edit", "edit", "refund", "part of it", "cancel", "pay"))
    left = [line for line in order["lineItems"]["nodes"] if line["currentQuantity"]]
    if what == "cancel":
        shop.cancel(order["id"], at=at)
    elif what == "pay":
        shop.add_payment(order["id"], at=at)
    elif what == "refund":
        shop.add_refund(order["id"], at=at, shipping=True)
    elif left:
        line = chance.choice(left)
        if what == "edit":
            shop.edit_quantity(order["id"], line["id"], chance.randrange(line["currentQuantity"]), at=at)
        else:
            units = chance.randint(1, line["currentQuantity"])
            shop.add_refund(order["id"], at=at, quantities={line["id"]: units}, restock="NO_RESTOCK")


def differences(order: Order, events: tuple[OrderEvent, ...]) -> list[str]:
    """What of the order's events is not as the shop tells it."""
    parts = [part for event in events if isinstance(event, SaleEvent) for part in event.parts]
    owed = bag_total([part.total for part in parts], order.total)
    tax = bag_total([part.tax for part in parts], order.total)
    return [
        f"{order.name}: {what} {ours} instead of {theirs}"
        for what, ours, theirs in (("total", owed, order.current_total), ("tax", tax, order.current_tax))
        if ours != theirs
    ]


@pytest.mark.parametrize("seed", range(24))
def test_the_events_of_an_order_come_to_its_current_totals(seed):
    chance = random.Random(f"current totals/{seed}")
    shop = Shop.seeded(
        domain=DOMAIN,
        seed=seed,
        orders=8,
        start=date(2026, 1, 5),
        days=2,
        timezone=OURS.timezone,
        taxes_included=seed % 2 == 0,
        foreign=("EUR", 920_000) if seed % 3 == 0 else None,
        facts=False,
    )
    known: dict[str, tuple[OrderEvent, ...]] = {}
    at = shop.world.end
    for step in range(14):
        at += timedelta(hours=7)
        order = chance.choice(shop.orders)
        if not (order["test"] or order["cancelledAt"]):
            with suppress(ImpossibleChange):
                a_change(chance, shop, order, at)
        # Not every change is seen by itself: some snapshots are read after several.
        for raw in shop.orders if step == 13 else chance.sample(shop.orders, 4):
            read = read_order(raw, OURS)
            known[read.id] = timeline(read, known.get(read.id, ()))
            assert differences(read, known[read.id]) == []
