"""Who bought, on which terms, for which company and what came back may be withheld: read once more when it is granted."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sources.shopify_over_asgi import client_of
from trip import NOW, Trip

from qbconsole.books.lifecycle import DocumentState
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, holds, snapshots
from qbconsole.sync.pull import pull_shop

BUYER = {"id": "gid://shopify/Customer/7", "displayName": "Ann Lee", "firstName": "Ann", "lastName": "Lee"}
ITEM = {"id": "gid://shopify/InventoryItem/1", "tracked": True, "unitCost": None}
TERMS = {
    "id": "gid://shopify/PaymentTerms/9",
    "paymentTermsName": "Net 30",
    "paymentTermsType": "NET",
    "dueInDays": 30,
    "overdue": False,
    "paymentSchedules": {"nodes": []},
}
COMPANY = {
    "__typename": "PurchasingCompany",
    "company": {"id": "gid://shopify/Company/1", "name": "Elm Ltd"},
    "location": {"id": "gid://shopify/CompanyLocation/1", "name": "Leeds"},
}
RETURN = {
    "id": "gid://shopify/Return/1",
    "name": "#1-R1",
    "status": "OPEN",
    "createdAt": "2026-11-20T00:00:00Z",
    "closedAt": None,
    "totalQuantity": 1,
    "returnShippingFees": [],
    "exchangeLineItems": {"nodes": []},
}


class House:
    def __init__(self, root):
        self.trip = Trip(root, settings={"modes": {"customers": "detailed"}})
        self.shop = Shop.seeded(orders=12, days=10)
        self.shop.world.end = NOW
        self.new = ()

    def pull(self, **how):
        means = self.trip.workspace.means()
        with client_of(self.shop) as client:
            return pull_shop(means, means.merchant("oak-ember"), client, **how)

    def sell(self, count=4):
        self.shop.world.end = self.trip.now
        self.new = [one for one in self.shop.advance(days=1, orders=count) if one in self.shop.orders]
        for one in self.new:
            one["customer"] = BUYER
        for line in self.new[0]["lineItems"]["nodes"]:
            line["variant"] = {"id": "gid://shopify/ProductVariant/1", "inventoryItem": ITEM}
        self.new[0] |= {"paymentTerms": TERMS, "purchasingEntity": COMPANY}
        self.new[0] |= {"returnStatus": "RETURN_REQUESTED", "returns": {"nodes": [RETURN]}}
        self.trip.now += timedelta(days=1, hours=1)

    def kept(self):
        with self.trip.workspace.store.reading() as tx:
            rows = snapshots.latest_of(tx, "oak-ember", "order")
        return {row.source_id: json.loads(row.raw) for row in rows}

    def first(self):
        return self.kept()[self.new[0]["legacyResourceId"]]

    def told(self):
        with self.trip.workspace.store.reading() as tx:
            return [row.hold.reason for row in holds.open_holds(tx)]

    def documents(self, *states):
        with self.trip.workspace.store.reading() as tx:
            return books.documents(tx, states=states, limit=1000)


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.trip.close()


@pytest.mark.parametrize("in_bulk", [True, False])
@pytest.mark.parametrize(
    ("scope", "field"),
    [
        ("read_customers", "customer"),
        ("read_customers", "purchasingEntity"),
        ("read_payment_terms", "paymentTerms"),
        ("read_returns", "returns"),
    ],
)
def test_it_is_read_once_more_when_its_scope_is_granted(house, monkeypatch, scope, field, in_bulk):
    house.pull()
    house.shop.scopes.discard(scope)
    house.sell()
    told = house.pull(in_bulk=in_bulk)
    assert any(f"orders.{field}" in one or f"order.{field}" in one for one in told.warnings)
    assert house.first()[field] in (None, {"nodes": []})
    house.trip.now += timedelta(days=1)
    assert house.pull().changed == 0  # it is missing still
    house.shop.scopes.add(scope)
    house.trip.now += timedelta(days=1)
    house.pull()
    assert house.first()[field] not in (None, {"nodes": []})
    house.trip.now += timedelta(days=1)
    read = []
    monkeypatch.setattr(
        "qbconsole.sync.pull.shop.orders_updated", lambda _client, *window: read.append(window) or ()
    )
    house.pull()
    ((start, _until),) = read
    assert start > house.trip.now - timedelta(days=1, minutes=3)  # it is over: nothing is read again


def test_of_several_that_are_missing_each_is_read_as_soon_as_it_is_granted(house):
    house.pull()
    missing = ("read_inventory", "read_customers", "read_payment_terms")
    house.shop.scopes -= {*missing}
    house.sell()
    house.pull()
    for scope, has in (
        ("read_payment_terms", lambda one: one["paymentTerms"]),
        ("read_customers", lambda one: one["customer"]),
        ("read_inventory", lambda one: one["lineItems"]["nodes"][0]["variant"]),
    ):
        assert not has(house.first())
        house.shop.scopes.add(scope)
        house.trip.now += timedelta(days=1)
        house.pull()
        assert has(house.first())


def test_what_was_not_sent_yet_takes_it_on_and_what_was_sent_stays_and_nothing_is_held(house):
    house.shop.scopes.discard("read_customers")
    house.sell(3)
    house.pull()
    house.trip.book()
    house.trip.deliver()
    house.trip.book()
    sent = {row.key: row.txn_id for row in house.documents(DocumentState.VERIFIED, DocumentState.RECORDED)}
    assert sent
    house.sell(3)
    house.pull()
    house.trip.book()
    buyer = house.new[0]["customer"]["displayName"]
    planned = house.documents(DocumentState.PLANNED)
    assert planned
    assert not any(buyer in str(row) for row in planned)
    house.shop.scopes.add("read_customers")
    house.trip.now += timedelta(days=1)
    house.pull()
    house.trip.book()
    house.trip.deliver()
    house.trip.book()
    house.trip.deliver()
    house.trip.book()
    assert house.told() == []
    there = {row.key: row.txn_id for row in house.documents(DocumentState.VERIFIED, DocumentState.RECORDED)}
    assert there.items() > sent.items()
    assert buyer in {one.customer for one in house.trip.company_file.documents()}
