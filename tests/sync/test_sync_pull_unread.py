"""An order whose parts contradict each other is held alone: the others go on, and it is asked for until it is whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sources.shopify_over_asgi import Clock, OverAsgi, client_of

from qbconsole.bundled import bundled
from qbconsole.errors import ShopifyContradiction
from qbconsole.sandbox.shopify import Shop, app
from qbconsole.store import holds, snapshots
from qbconsole.sync.pull import pull_shop
from qbconsole.workspace import Workspace

AFTER = datetime(2026, 1, 16, 12, tzinfo=UTC)


class Bent(httpx.BaseTransport):
    """Shopify, with `bend` laid over its answers while it is set."""

    def __init__(self, shop):
        self.clock = Clock()
        self.inner, self.bend = OverAsgi(app([shop], clock=self.clock)), None

    def handle_request(self, request):
        sent = json.loads(request.content or b"{}")
        answer = self.inner.handle_request(request)
        if self.bend is None or "query" not in sent:
            return answer
        body = json.loads(answer.read())
        self.bend(sent, body.get("data") or {})
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in ("content-length",)}
        return httpx.Response(answer.status_code, headers=headers, json=body)


class House:
    def __init__(self, root):
        (root / "mappings.toml").write_text(bundled("mappings.toml").read_text("utf-8"), encoding="utf-8")
        self.now = AFTER
        self.workspace = Workspace.open(root, environ={})
        self.workspace.clock = lambda: self.now
        self.means = self.workspace.means()
        self.shop = Shop.seeded(orders=70, days=10)
        self.shop.orders = self.shop.orders[:8]
        self.transport = Bent(self.shop)
        self.bad = self.shop.orders[3]
        self.number = self.bad["legacyResourceId"]

    def pull(self, **how):
        with client_of(self.shop, clock=self.transport.clock, transport=self.transport) as client:
            return pull_shop(self.means, self.means.merchant("oak-ember"), client, **how)

    def kept(self):
        with self.workspace.store.reading() as tx:
            return {row.source_id for row in snapshots.latest_of(tx, "oak-ember", "order")}

    def held(self):
        with self.workspace.store.reading() as tx:
            return [row.hold for row in holds.open_holds(tx) if row.hold.reason == "not_read_whole"]

    def nowhere(self, connection="lineItems"):
        """A list of one order whose first page says that there is more, and not where."""

        def bend(_sent, data):
            order = data.get("order") or {}
            if order.get("id") == self.bad["id"] and "pageInfo" in (order.get(connection) or {}):
                order[connection]["pageInfo"] = {"hasNextPage": True, "endCursor": None}

        return bend


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.workspace.close()


@pytest.mark.parametrize("connection", ["lineItems", "shippingLines", "agreements"])
def test_an_order_in_contradictions_is_held_alone_and_read_on_a_later_pull(house, connection):
    house.transport.bend = house.nowhere(connection)
    pulled = house.pull()
    everyone = {one["legacyResourceId"] for one in house.shop.orders}
    assert house.kept() == everyone - {house.number}
    (hold,) = house.held()
    assert hold.subject == f"order/{house.number}"
    assert house.bad["name"] in hold.sentence
    assert "do not go on" in hold.sentence
    assert any(house.bad["name"] in one for one in pulled.warnings)
    # The cursor is far behind it by now; it is asked for all the same, and stays held while it is no better.
    house.now += timedelta(days=30)
    house.pull()
    assert house.kept() == everyone - {house.number}
    assert len(house.held()) == 1
    house.transport.bend = None
    house.now += timedelta(days=1)
    house.pull()
    assert house.kept() == everyone
    assert house.held() == []


def test_an_order_in_contradictions_that_shopify_no_longer_shows_is_told(house):
    house.transport.bend = house.nowhere()
    house.pull()
    house.transport.bend = None
    house.shop.orders.remove(house.bad)
    house.now += timedelta(days=1)
    house.pull()
    assert house.held() == []
    with house.workspace.store.reading() as tx:
        assert [row.hold.reason for row in holds.open_holds(tx)] == ["order_not_found"]


def test_a_page_of_orders_that_does_not_go_on_still_stops_the_pull(house):
    def bend(sent, data):
        if "orders" in data:
            data["orders"]["pageInfo"] = {"hasNextPage": True, "endCursor": None}

    house.transport.bend = bend
    with pytest.raises(ShopifyContradiction, match="go on"):
        house.pull(in_bulk=False)
    assert house.held() == []


def test_by_name_an_order_in_contradictions_is_refused_with_the_reason(house):
    house.pull()
    house.transport.bend = house.nowhere()
    with pytest.raises(ShopifyContradiction, match="do not go on"):
        house.pull(order=house.bad["name"])
