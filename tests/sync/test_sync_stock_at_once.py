"""Shelves are looked at while another pull keeps what happened meanwhile: no count is adjusted for it, once or twice."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from postgres import postgres_server
from sources.shopify_over_asgi import client_of
from sync.test_sync_pull_unread import Bent
from sync.test_sync_pulls_at_once import house

from qbconsole.sync.pull import pull_shop

__all__ = ["house", "postgres_server"]
#: Quantities that say when they changed.
LONG_AGO = "2026-01-02T00:00:00Z"


def happened(house, order):
    """This order is made now."""
    order |= dict.fromkeys(("createdAt", "updatedAt", "processedAt"), f"{house.now:%Y-%m-%dT%H:%M:%SZ}")
    return order


def sold(house):
    order = happened(house, house.shop.advance(days=0, orders=1)[0])
    assert any((line["variant"] or {}).get("inventoryItem") for line in order["lineItems"]["nodes"])
    return order


def pull(house, then=None, **how):
    """A pull; `then` happens as soon as Shopify told what is on the shelves."""
    transport, left = Bent(house.shop), [then] if then else []

    def bend(_sent, data):
        if "inventoryItems" not in data:
            return
        for item in data["inventoryItems"]["nodes"]:
            for level in item["inventoryLevels"]["nodes"]:
                for row in level["quantities"]:
                    row["updatedAt"] = LONG_AGO
        if left:
            left.pop()()

    transport.bend = bend
    with client_of(house.shop, clock=transport.clock, transport=transport) as client:
        pull_shop(house.means, house.means.merchant("oak-ember"), client, **how)
    assert left == []


def adjusted(house):
    return [
        change["delta"] for group in house.kept("inventory_group").values() for change in group["changes"]
    ]


def test_what_is_kept_by_name_while_the_shelves_are_read_is_neither_find_nor_loss(house):
    pull(house)
    house.now += timedelta(hours=3)

    def meanwhile():
        house.now += timedelta(minutes=1)
        pull(house, order=sold(house)["legacyResourceId"])

    pull(house, meanwhile)
    assert adjusted(house) == []
    house.now += timedelta(hours=1)
    pull(house)
    assert adjusted(house) == []


def test_an_older_look_kept_late_changes_nothing(house):
    pull(house)
    house.now += timedelta(hours=3)

    def meanwhile():
        house.now += timedelta(minutes=30)
        sold(house)
        house.now += timedelta(minutes=30)
        pull(house)

    pull(house, meanwhile)
    assert adjusted(house) == []
    house.now += timedelta(hours=1)
    pull(house)
    assert adjusted(house) == []


def test_goods_that_leave_for_another_place_while_the_shelves_are_read_are_no_loss(house):
    pull(house)
    house.now += timedelta(hours=3)
    moving = next(one for one in house.shop.facts.transfers if one["name"] == "#T0002")
    line = moving["shipments"]["nodes"][0]["lineItems"]["nodes"][0]
    sku = line["inventoryItem"]["sku"]

    def meanwhile():
        house.now += timedelta(minutes=1)
        line["quantity"] += 4
        line["unreceivedQuantity"] += 4
        house.shop.correct_stock(sku, -4)
        pull(house, since=house.now - timedelta(days=30))

    pull(house, meanwhile)
    assert adjusted(house) == []
    house.now += timedelta(hours=1)
    pull(house)
    assert adjusted(house) == []


@pytest.mark.parametrize("later", [5, 0])
def test_a_count_that_two_pulls_see_at_once_is_told_once(house, later):
    pull(house)
    sku = next(one["sku"] for one in house.shop.stocked_items() if one["tracked"])
    house.shop.correct_stock(sku, -3)
    house.now += timedelta(hours=3)

    def meanwhile():
        house.now += timedelta(minutes=later)
        pull(house)

    pull(house, meanwhile)
    assert adjusted(house) == [-3]
    house.now += timedelta(hours=1)
    pull(house)
    assert adjusted(house) == [-3]


def test_an_order_made_after_the_first_look_and_told_late_is_found_again(house):
    def reading_takes_long():
        house.now += timedelta(minutes=30)

    start = house.now
    pull(house, reading_takes_long)
    house.now = start + timedelta(minutes=10)
    order = sold(house)
    house.shop.orders.remove(order)  # search does not tell of it
    took = [(line["sku"], line["currentQuantity"]) for line in order["lineItems"]["nodes"] if line["variant"]]
    tracked = {one["sku"] for one in house.shop.stocked_items() if one["tracked"]}
    took = [(sku, units) for sku, units in took if sku in tracked]
    for sku, units in took:
        house.shop.correct_stock(sku, -units)
    house.now = start + timedelta(hours=2)
    pull(house)
    assert sum(adjusted(house)) == -sum(units for _, units in took) < 0
    for sku, units in took:
        house.shop.correct_stock(sku, units)
    house.shop.orders.append(order)
    house.now += timedelta(hours=2)
    pull(house, order=order["legacyResourceId"])
    pull(house)
    assert sum(adjusted(house)) == 0


@pytest.mark.parametrize("offset", ["Z", "+02:00"])
def test_what_a_file_told_first_is_no_loss_when_shopify_tells_it_too(house, offset):
    pull(house)
    house.now += timedelta(hours=3)
    order = sold(house)
    told = copy.deepcopy(order)
    if offset != "Z":
        told["updatedAt"] = f"{house.now + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}{offset}"
    house.give("told", [told])
    house.shop.annotate(order["name"], "changed", at=house.now + timedelta(minutes=10))
    order["lineItems"]["nodes"][0]["currentQuantity"] += 1
    house.now += timedelta(hours=3)
    pull(house)
    assert adjusted(house) == []
    house.now += timedelta(hours=3)
    pull(house)
    assert adjusted(house) == []
