"""An order whose parts contradict each other is held alone: the others go on, and it is asked for until it is whole."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sources.shopify_over_asgi import Clock, OverAsgi, client_of

from qbconsole import failpoints
from qbconsole.bundled import bundled
from qbconsole.errors import ShopifyContradiction
from qbconsole.sandbox.shopify import Shop, app
from qbconsole.store import holds, inbox, snapshots
from qbconsole.sync.pull import pull_file, pull_shop
from qbconsole.sync.pull.unread import AT_ONCE, ORDERS, noted
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

    def reasons(self):
        with self.workspace.store.reading() as tx:
            return [row.hold.reason for row in holds.open_holds(tx)]

    def noted(self):
        with self.workspace.store.reading() as tx:
            return noted(tx, "oak-ember")

    def note_of(self, number):
        with self.workspace.store.reading() as tx:
            row = snapshots.latest(tx, "oak-ember", "order", number)
        return json.loads(row.raw)["note"]

    def told(self, topic, number):
        with self.workspace.store.atomic() as tx:
            inbox.receive(
                tx,
                "oak-ember",
                delivery_id=f"{topic}-{self.now}",
                topic=topic,
                raw=json.dumps({"id": int(number)}).encode(),
                at=self.now,
            )

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


def test_of_a_file_kept_late_the_older_order_does_not_end_what_is_held_of_the_newer_one(house):
    def dies(name):
        if name == "before_pulled_commit":
            raise KeyboardInterrupt

    house.pull()
    house.now += timedelta(days=1)
    house.shop.annotate(house.bad["name"], "older", at=house.now - timedelta(hours=1))
    with failpoints.heard(dies), pytest.raises(KeyboardInterrupt):
        house.pull(in_bulk=True)
    house.now += timedelta(hours=1)
    house.shop.annotate(house.bad["name"], "newer", at=house.now - timedelta(minutes=30))
    house.transport.bend = house.nowhere()
    house.pull(in_bulk=False)
    assert len(house.held()) == 1
    # Long after: no window of a search would find it. The file goes first, with the order as it was.
    house.now += timedelta(days=1)
    house.pull()
    assert house.note_of(house.number) == "older"
    assert (len(house.held()), list(house.noted())) == (1, [house.number])
    house.transport.bend = None
    house.now += timedelta(days=1)
    house.pull()
    assert house.note_of(house.number) == "newer"
    assert (house.held(), house.noted()) == ([], {})


def test_in_a_file_an_order_in_contradictions_is_held_alone(house):
    house.shop.add_refund(house.bad["name"], at=house.shop.world.end)

    def bend(_sent, data):
        if (data.get("refund") or {}).get("id") == house.bad["refunds"][0]["id"]:
            data["refund"]["transactions"]["pageInfo"] = {"hasNextPage": True, "endCursor": None}

    house.transport.bend = bend
    pulled = house.pull(in_bulk=True)
    assert pulled.new == 7
    assert [one.subject for one in house.held()] == [f"order/{house.number}"]
    house.transport.bend = None
    house.now += timedelta(days=30)
    house.pull()
    assert (house.held(), len(house.kept())) == ([], 8)


def test_one_that_a_delivery_points_at_is_held_when_it_comes_in_contradictions(house):
    house.pull()
    house.now += timedelta(minutes=1)
    house.transport.bend = house.nowhere()
    house.told("orders/updated", house.number)
    house.pull()
    assert [one.subject for one in house.held()] == [f"order/{house.number}"]
    house.transport.bend = None
    house.now += timedelta(minutes=1)
    house.pull()
    assert house.held() == []


def test_one_that_the_daily_count_finds_is_held_when_it_comes_in_contradictions(house):
    house.pull()
    with house.workspace.store.atomic() as tx:
        tx.exec_driver_sql("DELETE FROM snapshot_heads WHERE source_id = ?", (house.number,))
        snapshots.set_cursor(tx, "oak-ember", "orders_counted", "{}", house.now)
    house.transport.bend = house.nowhere()
    house.now = datetime.fromisoformat(house.bad["createdAt"]) + timedelta(days=5)
    with house.workspace.store.atomic() as tx:
        snapshots.set_cursor(tx, "oak-ember", "orders_updated", house.now.isoformat(), house.now)
    house.now += timedelta(hours=1)
    house.pull()
    assert [one.subject for one in house.held()] == [f"order/{house.number}"]


def test_stock_waits_for_it_by_name_until_a_person_releases_it(house):
    house.shop = Shop.seeded(orders=70, days=10, facts=True)
    house.shop.orders = house.shop.orders[:8]
    house.transport = Bent(house.shop)
    house.bad, house.number = house.shop.orders[3], house.shop.orders[3]["legacyResourceId"]
    house.pull()
    house.transport.bend = house.nowhere()
    house.shop.annotate(house.bad["name"], "changed", at=house.now)
    house.now += timedelta(hours=1)
    waiting = f"Stock was not compared: Order {house.bad['name']} could not be read whole"
    assert waiting in house.pull().warnings
    assert "Stock is not compared" in house.held()[0].next_step
    with house.workspace.store.atomic() as tx:
        subject = house.held()[0].subject
        holds.release(tx, by="ann", why="seen", at=house.now, subject=subject)
    house.now += timedelta(hours=1)
    assert waiting not in house.pull().warnings
    assert house.held() == []
    # What was released is the order as it was: one that changed since is a matter of its own.
    house.shop.annotate(house.bad["name"], "changed again", at=house.now)
    house.now += timedelta(hours=1)
    assert waiting in house.pull().warnings
    assert len(house.held()) == 1
    house.transport.bend = None
    house.now += timedelta(hours=1)
    assert house.pull().warnings == ()
    assert (house.held(), house.note_of(house.number)) == ([], "changed again")


@pytest.mark.parametrize("kept_before", [True, False])
@pytest.mark.parametrize("told_late", [True, False])
def test_one_that_was_deleted_is_told_so_and_only_where_anything_of_it_is_kept(house, kept_before, told_late):
    if kept_before:
        house.pull()
        house.shop.annotate(house.bad["name"], "changed", at=house.now)
        house.now += timedelta(hours=1)
    house.transport.bend = house.nowhere()
    house.pull()
    house.transport.bend = None
    house.shop.orders.remove(house.bad)
    if told_late:
        house.now += timedelta(hours=1)
        with house.workspace.store.atomic() as tx:
            # As a pull leaves it that ends after it acted on the delivery.
            house_noted = snapshots.get_cursor(tx, "oak-ember", ORDERS)
        house.told("orders/delete", house.number)
        house.pull()
        with house.workspace.store.atomic() as tx:
            snapshots.set_cursor(tx, "oak-ember", ORDERS, house_noted, house.now)
    else:
        house.told("orders/delete", house.number)
    house.now += timedelta(hours=1)
    house.pull()
    with house.workspace.store.reading() as tx:
        told = [row.hold for row in holds.open_holds(tx)]
    assert [one.reason for one in told] == ["order_not_found"] * kept_before
    assert all("was deleted" in one.sentence for one in told)
    assert house.noted() == {}


def test_a_pull_asks_for_so_many_of_them_and_for_those_first_that_waited_longest(house):
    house.pull()
    numbers = [str(10**12 + n) for n in range(AT_ONCE + 5)]
    asked = []

    def bend(sent, data):
        number = str(sent["variables"].get("id")).rpartition("/")[2]
        if "order" in data and number in numbers:
            body = copy.deepcopy(house.bad) | {"id": f"gid://shopify/Order/{number}"}
            asked.append(number)
            data["order"] = body | {
                "lineItems": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}
            }

    house.transport.bend = bend
    with house.workspace.store.atomic() as tx:
        snapshots.set_cursor(tx, "oak-ember", ORDERS, " ".join(numbers), house.now)  # as it was at first
    house.pull()
    assert asked == numbers[:AT_ONCE]
    assert list(house.noted()) == numbers[AT_ONCE:] + numbers[:AT_ONCE]
    asked.clear()
    house.pull()
    assert asked[:5] == numbers[AT_ONCE:]


def test_a_file_that_brings_it_whole_ends_what_is_held_of_it(house, tmp_path):
    house.transport.bend = house.nowhere()
    house.pull()
    older = copy.deepcopy(house.bad) | {"updatedAt": house.bad["createdAt"]}
    path = tmp_path / "orders.json"
    if datetime.fromisoformat(older["updatedAt"]) < datetime.fromisoformat(house.bad["updatedAt"]):
        path.write_text(json.dumps({"shop": house.shop.about(), "orders": [older]}), encoding="utf-8")
        pull_file(house.means, path)
        assert len(house.held()) == 1
    path.write_text(json.dumps({"shop": house.shop.about(), "orders": [house.bad]}), encoding="utf-8")
    pull_file(house.means, path)
    assert (house.held(), house.noted()) == ([], {})


def test_one_that_is_a_test_is_booked_where_that_was_asked_for(house):
    house.bad["test"] = True
    house.transport.bend = house.nowhere()
    house.pull()
    house.transport.bend = None
    house.now += timedelta(days=30)
    house.pull(include_test=True)
    with house.workspace.store.reading() as tx:
        assert snapshots.get_cursor(tx, "oak-ember", f"test_wanted/{house.number}") == "1"
