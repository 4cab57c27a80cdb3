"""What an order of a kind holds: items, discounts, shipping, buyer, terms."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta

from qbconsole.sandbox.shopify import catalogue
from qbconsole.sandbox.shopify.composing import MILLION, Discount, Item, Raw, Wish, stamp, unlisted
from qbconsole.sandbox.shopify.seeding.world import World

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


def wish_for(world: World, kind: str, at: datetime) -> Wish:
    """What the next order of the shop holds."""
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
