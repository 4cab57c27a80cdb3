"""Inventory transfers: shipments that arrived become moves between sites, and nothing in the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from qbconsole.books.facts.table import draw
from qbconsole.books.plan import DocumentKind
from qbconsole.books.policy import Policy, Settings
from qbconsole.errors import InputUnreadable
from qbconsole.shop.orders import Shop
from qbconsole.sources.shopify.reading_transfers import read_transfer

SHOP = Shop(
    domain="oak-ember.myshopify.com", currency="USD", timezone="America/Los_Angeles", home_currency="USD"
)
SITES = Settings(merchant="oak", policy=Policy(transfers="sites"))


def place(number, name):
    return {"name": name, "location": {"id": f"gid://shopify/Location/{number}", "name": name}}


def a_transfer(**changes):
    line = {
        "id": "gid://shopify/InventoryShipmentLineItem/1",
        "acceptedQuantity": 3,
        "inventoryItem": {"id": "gid://shopify/InventoryItem/9", "sku": "MUG"},
    }
    arrived = {
        "id": "gid://shopify/InventoryShipment/5",
        "status": "RECEIVED",
        "dateReceived": "2026-03-05T02:00:00Z",
        "lineItems": {"nodes": [line]},
    }
    on_its_way = {"id": "gid://shopify/InventoryShipment/6", "status": "IN_TRANSIT", "dateReceived": None}
    return {
        "id": "gid://shopify/InventoryTransfer/7",
        "origin": place(1, "Warehouse"),
        "destination": place(2, "Shop Street"),
        "shipments": {"nodes": [arrived, on_its_way]},
    } | changes


def drawn(raw, settings=SITES):
    return draw(read_transfer(raw, SHOP), SHOP, settings, ())


def test_a_shipment_that_arrived_moves_its_units_between_sites_on_its_shop_day():
    found = drawn(a_transfer())
    (plan,) = found.plans
    assert (plan.kind, plan.on, plan.postings) == (
        DocumentKind.TRANSFER_INVENTORY,
        date(2026, 3, 4),
        (),
    )
    assert [(line.sku, line.quantity, line.site) for line in plan.lines] == [
        ("MUG", -3, "Warehouse"),
        ("MUG", 3, "Shop Street"),
    ]
    assert [event.key for event in found.events] == ["transfer/7-5"]


def test_without_sites_it_is_listed_and_nothing_is_written():
    found = drawn(a_transfer(), replace(SITES, policy=Policy()))
    assert (found.plans, found.holds, len(found.events)) == ((), (), 1)


def test_a_place_that_is_gone_keeps_its_name():
    gone = a_transfer(origin={"name": "Old shed", "location": None})
    assert drawn(gone).plans[0].lines[0].site == "Old shed"


@pytest.mark.parametrize(
    "raw", [{"origin": None}, a_transfer(shipments={"nodes": [{"dateReceived": "soon"}]})]
)
def test_what_cannot_be_read_is_refused_or_empty(raw):
    if "shipments" in raw:
        assert read_transfer(raw, SHOP).shipments == ()
    else:
        with pytest.raises(InputUnreadable):
            read_transfer(raw, SHOP)


def test_units_that_are_no_whole_number_are_refused():
    raw = a_transfer()
    raw["shipments"]["nodes"][0]["lineItems"]["nodes"][0]["acceptedQuantity"] = 1.5
    with pytest.raises(InputUnreadable):
        read_transfer(raw, SHOP)
