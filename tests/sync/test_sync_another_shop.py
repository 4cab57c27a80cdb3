"""A merchant is given another shop: all of that one is read, not only what changes there from now on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sources.shopify_over_asgi import client_of
from sync.test_sync_pull_unread import Bent
from trip import NOW, Trip

from qbconsole.sandbox.shopify import Shop
from qbconsole.store import holds, snapshots
from qbconsole.sync.pull import pull_shop
from qbconsole.sync.pull.unread import noted


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path)
    yield found
    found.close()


def pull(trip, shop, bad=None):
    transport = Bent(shop)

    def bend(_sent, data):
        order = data.get("order") or {}
        if order.get("id") == bad["id"] and "lineItems" in order:
            order["lineItems"]["pageInfo"] = {"hasNextPage": True, "endCursor": None}

    transport.bend = bend if bad is not None else None
    means = trip.workspace.means()
    with client_of(shop, clock=transport.clock, transport=transport) as client:
        return pull_shop(means, means.merchant("oak-ember"), client)


def give(trip, domain):
    mapping = trip.workspace.root / "mappings.toml"
    mapping.write_text(mapping.read_text().replace("oak-ember.myshopify.com", domain))


def told(trip):
    with trip.workspace.store.reading() as tx:
        return [row.hold.reason for row in holds.open_holds(tx)], noted(tx, "oak-ember")


@pytest.mark.parametrize("by_file", [False, True])
def test_all_of_it_is_read_and_nothing_of_the_other_is_asked_for_there(trip, by_file):
    shop = Shop.seeded(orders=10, days=5, seed=4)
    pull(trip, shop, shop.orders[3])
    assert told(trip)[0] == ["not_read_whole"]
    other = Shop.seeded(domain="pine.myshopify.com", orders=7, days=5, seed=9, facts=True)
    give(trip, other.domain)
    trip.now += timedelta(days=1)
    if by_file:
        trip.pull({"shop": other.about(), "orders": []})
    pulled = pull(trip, other)
    with trip.workspace.store.reading() as tx:
        kept = snapshots.source_ids(tx, "oak-ember", "order")
        assert snapshots.count(tx, "oak-ember", "payout") == len(other.facts.payouts)
    assert {one["legacyResourceId"] for one in other.orders} <= {*kept}
    assert any("pine.myshopify.com" in one for one in pulled.warnings) is not by_file
    assert told(trip) == ([], {})
    trip.now += timedelta(days=1)
    assert pull(trip, other).warnings == ()


def test_a_shop_that_only_changed_its_address_brings_nothing_new(trip):
    shop = Shop.seeded(orders=10, days=5, seed=4)
    shop.world.end = NOW
    pull(trip, shop)
    trip.book()
    trip.deliver()
    trip.book()
    posted = len(trip.company_file.documents())
    shop.domain = "elm-ember.myshopify.com"
    give(trip, shop.domain)
    trip.now += timedelta(days=1)
    shop.annotate(shop.orders[2]["name"], "changed", at=trip.now - timedelta(hours=2))
    pulled = pull(trip, shop)
    assert (pulled.new, pulled.changed) == (0, 1)
    trip.book()
    trip.deliver()
    trip.book()
    assert len(trip.company_file.documents()) == posted
    assert told(trip) == ([], {})
