"""What happens to an order after it was made; each takes the world, the order and the moment it was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from qbconsole.sandbox.shopify import changes
from qbconsole.sandbox.shopify.amounts import Pair, read
from qbconsole.sandbox.shopify.composing import Raw
from qbconsole.sandbox.shopify.seeding.world import World
from qbconsole.sandbox.shopify.tenders import add_tender, settle, tongue_of


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


HAPPENINGS: Mapping[str, Callable[[World, Raw, datetime], Any]] = {
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
