"""Orders in contradictions where two read at once: two pulls of a merchant, or two merchants of one shop and company."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from postgres import postgres_server
from sources.shopify_over_asgi import client_of
from sync.test_sync_pull_unread import Bent
from sync.test_sync_pulls_at_once import AFTER, House, house

from qbconsole.store import holds, snapshots
from qbconsole.sync.pull import pull_shop
from qbconsole.sync.pull.unread import noted

__all__ = ["house", "postgres_server"]
#: A second merchant of the same shop, in the same company file.
TWIN = """
[merchants.oak-ember.filters]
tag = { except = ["B2B"] }

[merchants.wholesale]
company = "oak"
shop = "oak-ember.myshopify.com"

[merchants.wholesale.filters]
tag = { only = ["B2B"] }
"""


def pull(house, shop, bad=None, *, merchant="oak-ember", then=None, **how):
    """A pull in which `bad` is told in contradictions; `then` happens once it was read."""
    transport, left = Bent(shop), [then] if then else []

    def bend(_sent, data):
        order = data.get("order") or {}
        if bad is not None and order.get("id") == bad["id"] and "lineItems" in order:
            order["lineItems"]["pageInfo"] = {"hasNextPage": True, "endCursor": None}
            if left:
                left.pop()()

    transport.bend = bend
    with client_of(shop, clock=transport.clock, transport=transport) as client:
        told = pull_shop(house.means, house.means.merchant(merchant), client, **how)
    assert left == []
    return told


def held(house):
    with house.workspace.store.reading() as tx:
        return [row.hold.where for row in holds.open_holds(tx) if row.hold.reason == "not_read_whole"]


def asked_for(house, merchant="oak-ember"):
    with house.workspace.store.reading() as tx:
        return [*noted(tx, merchant)]


@pytest.mark.parametrize("released", [False, True])
def test_an_older_reading_in_contradictions_kept_late_holds_nothing_more(house, released):
    house.pull()
    bad = house.shop.orders[3]
    seen = copy.deepcopy(house.shop)
    seen.annotate(bad["name"], "older", at=AFTER + timedelta(hours=1))
    house.shop.annotate(bad["name"], "newer", at=AFTER + timedelta(hours=2))
    house.now += timedelta(hours=3)

    def newer():
        pull(house, house.shop, bad)
        if released:
            with house.workspace.store.atomic() as tx:
                subject = f"order/{bad['legacyResourceId']}"
                holds.release(tx, by="ann", why="seen", at=house.now, subject=subject)

    pull(house, seen, bad, then=newer)
    expected = [] if released else [f"order {bad['legacyResourceId']} as of {bad['updatedAt']}"]
    assert held(house) == expected
    assert asked_for(house) == [bad["legacyResourceId"]]
    house.now += timedelta(days=30)
    pull(house, house.shop)
    assert (held(house), asked_for(house)) == ([], [])


def test_what_one_merchant_of_a_shop_reads_whole_does_not_end_what_waits_of_the_other(tmp_path):
    house = House(tmp_path, {})
    try:
        mapping = tmp_path / "mappings.toml"
        mapping.write_text(mapping.read_text() + TWIN)
        house.means = house.workspace.means()
        bad = house.shop.orders[3]
        pull(house, house.shop, bad)
        assert len(held(house)) == 1
        pull(house, house.shop, merchant="wholesale")
        assert len(held(house)) == 1
        assert (asked_for(house), asked_for(house, "wholesale")) == ([bad["legacyResourceId"]], [])
        # The other way round: what is held of both is over when both have it.
        house.now += timedelta(hours=1)
        house.shop.annotate(bad["name"], "changed", at=house.now - timedelta(minutes=30))
        pull(house, house.shop, bad, merchant="wholesale")
        pull(house, house.shop)
        assert f"order {bad['legacyResourceId']} as of {bad['updatedAt']}" in held(house)
        assert (asked_for(house), asked_for(house, "wholesale")) == ([], [bad["legacyResourceId"]])
        house.now += timedelta(hours=1)
        pull(house, house.shop, merchant="wholesale")
        assert held(house) == []
        with house.workspace.store.reading() as tx:
            for merchant in ("oak-ember", "wholesale"):
                assert b"changed" in snapshots.latest(tx, merchant, "order", bad["legacyResourceId"]).raw
    finally:
        house.workspace.close()
