"""A shop's lists: places, catalogue, buyers, companies."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from qbconsole.sandbox.shopify import catalogue
from qbconsole.sandbox.shopify.composing import Ids, Item, Raw


@dataclass(slots=True, kw_only=True)
class World:
    """A shop's lists and everything needed to invent more orders for it."""

    random: random.Random
    ids: Ids
    currency: str
    zone: ZoneInfo
    taxes_included: bool
    prefix: str
    #: A second currency some buyers pay in, and its units for a million of the shop's.
    foreign: tuple[str, int] | None = None
    start: date
    #: Nothing happens after this instant.
    end: datetime
    variants: list[Raw] = field(default_factory=list)
    customers: list[Raw] = field(default_factory=list)
    locations: list[Raw] = field(default_factory=list)
    companies: list[Raw] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    cards: list[Item] = field(default_factory=list)
    number: int = 1000


def furnish(world: World, buyers: int) -> None:
    """Fill the shop's lists: places, catalogue, buyers, companies."""
    opened = datetime.combine(world.start, time(9), world.zone) - timedelta(days=30)
    world.locations = [catalogue.location(world.ids, name, city) for name, city in catalogue.LOCATIONS]
    for product in catalogue.PRODUCTS:
        variant = catalogue.variant_of(world.ids, product, world.currency, opened)
        world.variants.append(variant)
        item = Item(
            listing=catalogue.listing(product, variant),
            price=product.price,
            quantity=1,
            taxable=product.taxable,
            gift_card=product.gift_card,
        )
        (world.cards if product.gift_card else world.items).append(item)
    world.customers = [catalogue.customer(world.ids, index, opened) for index in range(buyers)]
    world.companies = [
        {
            "__typename": "PurchasingCompany",
            "company": {"id": world.ids.take("Company"), "name": name},
            "location": {"id": world.ids.take("CompanyLocation"), "name": "Main"},
        }
        for name in catalogue.COMPANIES
    ]
