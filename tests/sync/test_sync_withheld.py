"""What a product is may be withheld for want of a scope: nothing is guessed of it, and its orders are read once more."""

from __future__ import annotations

import copy
import json
from datetime import timedelta

import pytest
from builders import Line, Pay, an_order
from graphql import GraphQLError
from sources.shopify_over_asgi import client_of
from trip import NOW, Trip

from qbconsole.sandbox.shopify import Shop
from qbconsole.sandbox.shopify.asking import resolving
from qbconsole.sources.shopify.reading import WITHHELD
from qbconsole.store import holds, snapshots
from qbconsole.sync.pull import pull_shop

SCOPES = ["read_inventory"]


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    yield trip
    trip.close()


def order(number, *, withheld):
    raw = an_order([Line(price="20.00", sku="MUG")], pays=[Pay(amount="20.00")], number=number)
    for tender in raw["transactions"]:
        tender["id"] += f"0{number}"  # of an order of its own
    if withheld:
        return raw | {WITHHELD: SCOPES}
    raw = copy.deepcopy(raw)
    stock = {"id": "gid://shopify/InventoryItem/1", "tracked": True, "unitCost": None}
    raw["lineItems"]["nodes"][0]["variant"] = {"id": "gid://shopify/ProductVariant/1", "inventoryItem": stock}
    return raw


def book_and_deliver(trip, *orders):
    trip.pull({"orders": list(orders)})
    trip.book()
    trip.deliver()
    trip.book()  # by now the lists are known


def told(trip):
    with trip.workspace.store.reading() as tx:
        return [row.hold for row in holds.open_holds(tx)]


def numbers(trip):
    return sorted(one.ref_number for one in trip.company_file.documents())


def test_an_item_of_unknown_kind_is_not_added_but_told_with_the_scope(trip):
    book_and_deliver(trip, order(1, withheld=True))
    (hold,) = told(trip)
    assert (hold.reason, hold.cause) == ("missing_name", "missing:item:mug-1")
    assert "withholds whether stock of it is counted" in hold.sentence
    assert "read_inventory, then pull" in hold.next_step
    assert numbers(trip) == []
    trip.now += timedelta(days=1)
    trip.deliver()  # its lists are read again
    assert told(trip) == [hold]
    assert "MUG-1" not in trip.company_file.listed("ItemNonInventory")

    book_and_deliver(trip, order(1, withheld=False))
    assert told(trip) == []
    assert numbers(trip) == ["1001"]
    assert "MUG-1" in trip.company_file.listed("ItemInventory")


def test_an_item_that_quickbooks_has_is_sold_whatever_is_withheld(trip):
    book_and_deliver(trip, order(1, withheld=False))
    book_and_deliver(trip, order(2, withheld=True))
    assert told(trip) == []
    assert numbers(trip) == ["1001", "1002"]


def test_where_quickbooks_keeps_no_stock_nothing_waits(tmp_path):
    trip = Trip(tmp_path, settings={"modes": {"inventory": "summary"}, "policy": {"cogs": "off"}})
    try:
        book_and_deliver(trip, order(1, withheld=True))
        assert told(trip) == []
        assert numbers(trip) == ["1001"]
    finally:
        trip.close()


def pull(trip, shop):
    means = trip.workspace.means()
    with client_of(shop) as client:
        return pull_shop(means, means.merchant("oak-ember"), client)


def kept(trip, kind):
    with trip.workspace.store.reading() as tx:
        return [json.loads(row.raw) for row in snapshots.latest_of(tx, "oak-ember", kind)]


def withheld(trip):
    return [row["name"] for row in kept(trip, "order") if WITHHELD in row]


def test_orders_are_read_once_more_when_the_scope_is_granted_and_their_sales_are_no_loss(trip, monkeypatch):
    shop = Shop.seeded(orders=12, days=10, facts=True)
    shop.world.end = NOW
    pull(trip, shop)
    assert withheld(trip) == []
    shop.scopes.discard("read_inventory")
    shop.advance(days=1, orders=5)
    trip.now += timedelta(days=1, hours=1)
    pull(trip, shop)
    assert len(withheld(trip)) == 5
    trip.now += timedelta(days=1)
    assert pull(trip, shop).changed == 0  # the scope is missing still
    assert len(withheld(trip)) == 5

    shop.scopes.add("read_inventory")
    trip.now += timedelta(days=1)
    assert pull(trip, shop).changed == 5
    assert withheld(trip) == []
    assert kept(trip, "inventory_group") == []
    trip.now += timedelta(days=1)
    read = []
    monkeypatch.setattr(
        "qbconsole.sync.pull.shop.orders_updated", lambda _client, *window: read.append(window) or ()
    )
    pull(trip, shop)
    ((start, _until),) = read
    assert start > trip.now - timedelta(days=1, minutes=3)  # it is over: nothing is read again


def test_what_is_withheld_while_it_is_read_again_stays_noted(trip, monkeypatch):
    shop = Shop.seeded(orders=6, days=5)
    shop.world.end = NOW
    pull(trip, shop)
    shop.scopes.discard("read_inventory")
    shop.advance(days=1, orders=3)
    trip.now += timedelta(days=1, hours=1)
    pull(trip, shop)
    trip.now += timedelta(days=1)
    with monkeypatch.context() as granted:
        granted.setattr("qbconsole.sync.pull.withheld.scopes", lambda _client: SCOPES)
        assert len(withheld(trip)) == 3
        pull(trip, shop)  # taken away again before the first page
    shop.scopes.add("read_inventory")
    trip.now += timedelta(days=1)
    assert pull(trip, shop).changed == 3
    assert withheld(trip) == []


def says(monkeypatch, need):
    """The shop tells what is missing in these words."""
    plain = resolving.denied

    def denied(name, scope):
        error = plain(name, scope)
        return GraphQLError(
            "Access denied.", path=error.path, extensions=error.extensions | {"requiredAccess": need}
        )

    monkeypatch.setattr(resolving, "denied", denied)


@pytest.mark.parametrize(
    ("need", "noted", "warned"),
    [
        ("Any of `read_inventory`, `read_x` access scopes.", ["read_inventory|read_x"], "read_inventory or read_x"),
        ("`read_inventory` and `read_orders` access scopes.", ["read_inventory", "read_orders"], "and read_orders"),
        ("The user must be trusted.", [""], "a scope it does not name"),
    ],
)  # fmt: skip
def test_orders_are_marked_and_read_once_more_however_shopify_names_the_scope(
    trip, monkeypatch, need, noted, warned
):
    says(monkeypatch, need)
    shop = Shop.seeded(orders=6, days=5)
    shop.world.end = NOW
    pull(trip, shop)
    shop.scopes.discard("read_inventory")
    shop.advance(days=1, orders=3)
    trip.now += timedelta(days=1, hours=1)
    told = pull(trip, shop)
    assert any(warned in one for one in told.warnings)
    assert [row[WITHHELD] for row in kept(trip, "order") if WITHHELD in row] == [noted] * 3
    trip.now += timedelta(days=1)
    with monkeypatch.context() as missing:
        missing.setattr("qbconsole.sync.pull.shop.read_again", None)  # it does not come that far
        assert pull(trip, shop).changed == 0

    shop.scopes.add("read_inventory")
    trip.now += timedelta(days=1)
    assert pull(trip, shop).changed == 3
    assert withheld(trip) == []
