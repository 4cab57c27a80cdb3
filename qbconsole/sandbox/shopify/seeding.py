"""Invents a shop: its catalogue, buyers and orders of every kind, the same for the same seed.

Weights are those of an ordinary small shop: most orders are simple and paid at once. Each kind of order gets its
quota, so that a shop of a hundred orders has every kind at least once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qbconsole.sandbox.shopify import catalogue, changes
from qbconsole.sandbox.shopify.amounts import Pair, read
from qbconsole.sandbox.shopify.composing import (
    MILLION,
    Discount,
    Ids,
    Item,
    Raw,
    Wish,
    compose,
    stamp,
    unlisted,
)
from qbconsole.sandbox.shopify.tenders import add_tender, settle, tongue_of

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
_SIMPLE = frozenset(
    {
        "refunded",
        "part_refunded",
        "not_restocked",
        "shipping_refunded",
        "cancelled_refunded",
        "cancelled_unpaid",
    }
    | {"edited_unpaid", "edited_paid"}
)
_APP = {"web": ("580111", "Online Store"), "pos": ("129785", "Point of Sale")}
_DRAFTS = ("1354745", "Draft Orders")
_IMPORTER = ("8841734", "Order Importer [/b]")


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
    wish = _wish(world, kind, at)
    order = compose(wish, world.ids)
    settle(order, at)
    _HAPPENINGS[kind](world, order, at)
    return order


def _wish(world: World, kind: str, at: datetime) -> Wish:
    world.number += 1
    rnd = world.random
    till = kind in ("pos_card", "pos_cash", "two_gateways")
    items = _items(world, kind)
    source, app = _source(rnd, kind, till)
    shipping: list[tuple[str, str, int]] = []
    if kind == "shipping_refunded" or (not till and any(item.listing["requiresShipping"] for item in items)):
        shipping = [rnd.choice(catalogue.SHIPPING)]
        if rnd.random() < 0.05:
            shipping.append(catalogue.HANDLING)
    home = (world.currency, MILLION)
    foreign = world.foreign if world.foreign and not till and rnd.random() < 0.04 else home
    imported = app == _IMPORTER and at - timedelta(hours=26) >= datetime.combine(
        world.start, time(), world.zone
    )
    return Wish(
        name=f"{world.prefix}{world.number}",
        number=world.number,
        created=at,
        processed=at - timedelta(hours=26) if imported else at,
        currency=world.currency,
        buyer_currency=foreign[0],
        buyer_rate=foreign[1],
        items=items,
        discounts=_discounts(rnd, kind, items, bool(shipping)),
        shipping=shipping if kind != "free" else (),
        taxes=catalogue.TAXES if rnd.random() < 0.8 else (),
        taxes_included=world.taxes_included,
        tip=rnd.choice((200, 350, 500)) if kind == "tipped" else 0,
        agreements=rnd.random() < 0.5,
        taxes_listed=rnd.random() < 0.7,
        head=_head(world, kind, source, app, at),
    )


def _items(world: World, kind: str) -> list[Item]:
    rnd = world.random
    chosen = rnd.sample(world.items, rnd.choices((1, 2, 3, 5), (55, 28, 12, 5))[0])
    items = [
        Item(
            listing=item.listing,
            price=item.price,
            quantity=rnd.choices((1, 2, 3, 7), (70, 18, 8, 4))[0],
            taxable=item.taxable,
        )
        for item in chosen
    ]
    if kind in ("edited_unpaid", "edited_paid", "part_refunded"):
        items[0] = Item(listing=items[0].listing, price=items[0].price, quantity=2, taxable=items[0].taxable)
    if kind == "gift_card_sold":
        card = rnd.choice(world.cards)
        items = [card] if rnd.random() < 0.5 else [items[0], card]
    elif kind not in _SIMPLE and rnd.random() < 0.06:
        title = rnd.choice(catalogue.CUSTOM_TITLES)
        items.append(
            Item(listing=unlisted(title, ships=False), price=rnd.choice((1999, 4500, 733)), quantity=1)
        )
    return items


def _source(rnd: random.Random, kind: str, till: bool) -> tuple[str, tuple[str, str]]:
    if till:
        return "pos", _APP["pos"]
    if kind in ("terms", "paid_later") or rnd.random() < 0.03:
        return "shopify_draft_order", _DRAFTS
    if kind == "unpaid" or rnd.random() < 0.02:
        return _IMPORTER[0], _IMPORTER
    return "web", _APP["web"]


def _discounts(rnd: random.Random, kind: str, items: list[Item], ships: bool) -> list[Discount]:
    if kind == "free":
        return [Discount(target="order", kind="DiscountCodeApplication", label="FREE-SAMPLE", percent=100)]
    dice = rnd.random()
    found: list[Discount] = []
    if dice < 0.06:
        label = "Loyal customer <3"
        found.append(Discount(target="line", kind="ManualDiscountApplication", label=label, amount=250))
    elif dice < 0.14:
        found.append(
            Discount(target="order", kind="AutomaticDiscountApplication", label="Spring 10 %", percent=10)
        )
    elif dice < 0.20:
        found.append(Discount(target="order", kind="DiscountCodeApplication", label="WELCOME5", amount=500))
    elif dice < 0.22:
        found.append(
            Discount(target="line", kind="AutomaticDiscountApplication", label="Third off", percent=33)
        )
        found.append(Discount(target="order", kind="DiscountCodeApplication", label="ÉTÉ15", percent=15))
    if ships and kind != "shipping_refunded" and rnd.random() < 0.1:
        half = rnd.random() < 0.3
        label = "SHIPFREE" if not half else "SHIPHALF"
        found.append(
            Discount(
                target="shipping", kind="DiscountCodeApplication", label=label, percent=50 if half else 100
            )
        )
    return [discount for discount in found if discount.target != "line" or not items[0].gift_card]


def _head(world: World, kind: str, source: str, app: tuple[str, str], at: datetime) -> Raw:
    rnd = world.random
    customer = None
    if not (source == "pos" and rnd.random() < 0.6):
        buyer = rnd.choice(world.customers)
        customer = {name: buyer[name] for name in ("id", "displayName", "firstName", "lastName", "email")}
    company = kind == "terms" and rnd.random() < 0.6
    shop_floor = world.locations[1]
    return {
        "sourceName": source,
        "app": {"id": f"gid://shopify/App/{app[0]}", "name": app[1]},
        "test": kind == "test",
        "note": rnd.choice(catalogue.NOTES),
        "tags": ["wholesale"] if kind == "terms" else [],
        "poNumber": f"PO-{world.number}" if company else None,
        "displayFinancialStatus": None if kind == "unpaid" else "PENDING",
        "displayFulfillmentStatus": "FULFILLED" if source == "pos" or rnd.random() < 0.7 else "UNFULFILLED",
        "retailLocation": {"id": shop_floor["id"], "name": shop_floor["name"]} if source == "pos" else None,
        "email": customer["email"] if customer else None,
        "customer": customer,
        "shippingAddress": catalogue.address(customer["firstName"], customer["lastName"])
        if customer
        else None,
        "purchasingEntity": rnd.choice(world.companies) if company else None,
        "paymentTerms": _terms(world, at) if kind == "terms" else None,
    }


def _terms(world: World, at: datetime) -> Raw:
    nothing = {"amount": "0.0", "currencyCode": world.currency}
    return {
        "id": world.ids.take("PaymentTerms"),
        "paymentTermsName": "Net 30",
        "paymentTermsType": "NET",
        "dueInDays": 30,
        "overdue": False,
        "paymentSchedules": {
            "nodes": [
                {
                    "id": world.ids.take("PaymentSchedule"),
                    "issuedAt": stamp(at),
                    "dueAt": stamp(at + timedelta(days=30)),
                    "completedAt": None,
                    "balanceDue": nothing,
                    "totalBalance": nothing,
                }
            ]
        },
    }


# What happens to an order after it is made. Each takes the world, the order and the moment it was made.


def _later(world: World, at: datetime, days: float) -> datetime:
    """Some time later, never after the world's end."""
    left = (world.end - at).total_seconds() - 60
    return at + timedelta(seconds=int(max(0.0, min(left, days * 86400 * (0.4 + world.random.random())))))


def _due(order: Raw) -> Pair:
    return read(order["totalOutstandingSet"])


def _paid_by(gateway: str) -> Callable[[World, Raw, datetime], None]:
    def happen(world: World, order: Raw, at: datetime) -> None:
        if _due(order):
            moment = datetime.fromisoformat(order["processedAt"])
            changes.pay(order, world.ids, moment, gateway=gateway)

    return happen


_paid = _paid_by("shopify_payments")


def _captured(world: World, order: Raw, at: datetime) -> None:
    moment = datetime.fromisoformat(order["processedAt"])
    amount = _due(order)
    held = add_tender(
        order, world.ids, kind="AUTHORIZATION", gateway="shopify_payments", amount=amount, at=moment
    )
    changes.pay(order, world.ids, moment, amount=amount, kind="CAPTURE", parent=held["id"])


def _gift_card_part(world: World, order: Raw, at: datetime) -> None:
    moment = datetime.fromisoformat(order["processedAt"])
    part = _due(order).least(Pair(1000, _at_rate(order, 1000)))
    changes.pay(order, world.ids, moment, gateway="gift_card", amount=part)
    if _due(order):
        changes.pay(order, world.ids, moment)


def _at_rate(order: Raw, amount: int) -> int:
    total = read(order["totalPriceSet"])
    return amount * total.buyer // total.shop if total.shop else amount


def _two_gateways(world: World, order: Raw, at: datetime) -> None:
    moment = datetime.fromisoformat(order["processedAt"])
    changes.pay(order, world.ids, moment, gateway="cash", amount=_due(order).times(2, 5))
    changes.pay(order, world.ids, moment)


def _paid_later(world: World, order: Raw, at: datetime) -> None:
    pending = add_tender(
        order, world.ids, kind="SALE", gateway="manual", amount=_due(order), at=at, status="PENDING"
    )
    changes.pay(order, world.ids, _later(world, at, 3), gateway="manual", parent=pending["id"])


def _on_terms(world: World, order: Raw, at: datetime) -> None:
    schedule = order["paymentTerms"]["paymentSchedules"]["nodes"][0]
    schedule["totalBalance"] = tongue_of(order).bag(_due(order))["presentmentMoney"]
    settle(order, at)
    if world.random.random() < 0.4:
        changes.pay(order, world.ids, _later(world, at, 4), gateway="manual")


def _pending(world: World, order: Raw, at: datetime) -> None:
    add_tender(order, world.ids, kind="SALE", gateway="manual", amount=_due(order), at=at, status="PENDING")
    settle(order, at)


def _unpaid(world: World, order: Raw, at: datetime) -> None:
    settle(order, at)


def _partly_paid(world: World, order: Raw, at: datetime) -> None:
    changes.pay(order, world.ids, _later(world, at, 1), amount=_due(order).times(1, 3))


def _refunded(world: World, order: Raw, at: datetime) -> None:
    _paid(world, order, at)
    every = {line["id"]: line["quantity"] for line in order["lineItems"]["nodes"]}
    _give_back(world, order, at, every, shipping=1)


def _part_refunded(world: World, order: Raw, at: datetime) -> None:
    _paid(world, order, at)
    line = order["lineItems"]["nodes"][0]
    _give_back(world, order, at, {line["id"]: 1}, shipping=world.random.choice((0, 0, 1, 2)))
    if world.random.random() < 0.2:
        _give_back(world, order, at, {line["id"]: 1}, shipping=0)


def _not_restocked(world: World, order: Raw, at: datetime) -> None:
    _paid(world, order, at)
    line = order["lineItems"]["nodes"][0]
    _give_back(world, order, at, {line["id"]: line["quantity"]}, shipping=0, restock="NO_RESTOCK")


def _shipping_refunded(world: World, order: Raw, at: datetime) -> None:
    _paid(world, order, at)
    _give_back(world, order, at, {}, shipping=world.random.choice((1, 2)))


def _give_back(
    world: World, order: Raw, at: datetime, lines: dict[str, int], *, shipping: int, restock: str = "RETURN"
) -> None:
    place = world.locations[0]
    changes.refund(
        order,
        world.ids,
        _later(world, max(at, datetime.fromisoformat(order["updatedAt"])), 3),
        quantities=lines,
        shipping=shipping,
        restock=restock,
        location={"id": place["id"], "name": place["name"]},
        note=world.random.choice(("Damaged [/b]", "Changed her mind – ok", None)),
    )


def _cancelled_unpaid(world: World, order: Raw, at: datetime) -> None:
    changes.cancel(order, world.ids, _later(world, at, 1), record=world.random.random() < 0.5)


def _cancelled_refunded(world: World, order: Raw, at: datetime) -> None:
    _paid(world, order, at)
    changes.cancel(order, world.ids, _later(world, at, 1), reason="INVENTORY")


def _edited_unpaid(world: World, order: Raw, at: datetime) -> None:
    edited = _later(world, at, 0.2)
    changes.edit_quantity(order, world.ids, edited, order["lineItems"]["nodes"][0]["id"], 1)
    changes.pay(order, world.ids, _later(world, edited, 1))


def _edited_paid(world: World, order: Raw, at: datetime) -> None:
    _paid(world, order, at)
    changes.edit_quantity(order, world.ids, _later(world, at, 1), order["lineItems"]["nodes"][0]["id"], 1)


def _authorised(world: World, order: Raw, at: datetime) -> None:
    amount = _due(order)
    add_tender(order, world.ids, kind="AUTHORIZATION", gateway="shopify_payments", amount=amount, at=at)
    settle(order, at)


def _voided(world: World, order: Raw, at: datetime) -> None:
    _authorised(world, order, at)
    changes.cancel(order, world.ids, _later(world, at, 1), reason="FRAUD")


_HAPPENINGS: Mapping[str, Callable[[World, Raw, datetime], Any]] = {
    "paid": _paid,
    "captured": _captured,
    "paypal": _paid_by("paypal"),
    "pos_card": _paid,
    "pos_cash": _paid_by("cash"),
    "gift_card_part": _gift_card_part,
    "two_gateways": _two_gateways,
    "paid_later": _paid_later,
    "terms": _on_terms,
    "unpaid": _unpaid,
    "pending": _pending,
    "partly_paid": _partly_paid,
    "refunded": _refunded,
    "part_refunded": _part_refunded,
    "not_restocked": _not_restocked,
    "shipping_refunded": _shipping_refunded,
    "cancelled_unpaid": _cancelled_unpaid,
    "cancelled_refunded": _cancelled_refunded,
    "edited_unpaid": _edited_unpaid,
    "edited_paid": _edited_paid,
    "free": _unpaid,
    "gift_card_sold": _paid,
    "tipped": _paid,
    "authorised": _authorised,
    "voided": _voided,
    "test": _paid,
}
