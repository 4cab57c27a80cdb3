"""Bulk import: the same bytes as by pages, whole or not at all, and goes on where it was cut off."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sources.shopify_over_asgi import OverAsgi, client_of, scripted

from qbconsole import failpoints
from qbconsole.bundled import bundled
from qbconsole.errors import QbconsoleError, ShopifyContradiction
from qbconsole.sandbox.shopify import Shop, app
from qbconsole.sources.shopify.bulk import BulkDenied, BulkFailed, Finished, fetch, finished
from qbconsole.sources.shopify.orders import orders_updated
from qbconsole.store import snapshots
from qbconsole.sync.enrolling import enrol
from qbconsole.sync.pull import bulk, pull_shop
from qbconsole.workspace import Workspace

AFTER = datetime(2026, 1, 16, 12, tzinfo=UTC)


class House:
    def __init__(self, root, orders=60):
        (root / "mappings.toml").write_text(bundled("mappings.toml").read_text("utf-8"), encoding="utf-8")
        self.now = AFTER
        self.workspace = Workspace.open(root, environ={})
        self.workspace.clock = lambda: self.now
        self.shop = Shop.seeded(orders=orders, days=10)
        self.asgi = OverAsgi(app([self.shop], clock=lambda: 1000.0))

    def pull(self, **how):
        means = self.workspace.means()
        with client_of(self.shop, transport=self.asgi) as client:
            return pull_shop(means, means.merchant("oak-ember"), client, **how)

    def kept(self):
        with self.workspace.store.reading() as tx:
            rows = snapshots.latest_of(tx, "oak-ember", "order", limit=5000)
        return {row.source_id: row.raw for row in rows}

    def cursor(self, name="orders_updated"):
        with self.workspace.store.reading() as tx:
            return snapshots.get_cursor(tx, "oak-ember", name)

    def asked(self, word):
        return sum(word.encode() in request.content for request in self.asgi.requests)

    def counted(self):
        """How often it was asked how many orders a window has (the daily count asks by day of making)."""
        return sum(
            b"OrdersCount" in one.content and b"updated_at" in one.content for one in self.asgi.requests
        )


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.workspace.close()


def test_a_file_brings_the_very_bytes_that_pages_bring(house):
    house.shop.add_refund("#1002", at=house.shop.world.end)
    house.shop.add_refund("#1005", at=house.shop.world.end, shipping=True)
    first = house.pull(in_bulk=True)
    assert (first.new, first.warnings) == (60, ())
    assert house.asked("OrderFull") == 0
    with client_of(house.shop) as client:
        pages = list(orders_updated(client, None, AFTER))
    from_pages = {one["legacyResourceId"]: json.dumps(one) for page in pages for one in page.orders}
    assert {number: json.dumps(json.loads(raw)) for number, raw in house.kept().items()} == from_pages
    assert house.cursor() == "2026-01-16T11:58:00+00:00"
    assert house.cursor(bulk.CURSOR) == ""
    house.now += timedelta(hours=1)
    again = house.pull(since=AFTER - timedelta(days=30), in_bulk=False)
    assert (again.new, again.changed, again.same) == (0, 0, 60)


def test_the_first_pull_of_a_large_shop_goes_by_file_and_the_next_by_pages(tmp_path):
    house = House(tmp_path, orders=bulk.BULK_FROM)
    with house.workspace:
        assert house.pull().new == bulk.BULK_FROM
        assert (house.asked("BulkRun"), house.asked("OrderFull")) == (1, 0)
        house.now += timedelta(hours=1)
        house.shop.annotate("#1001", "late", at=house.now - timedelta(minutes=30))
        assert house.pull().changed == 1
        assert (house.asked("BulkRun"), house.counted()) == (1, 1)
        house.now += timedelta(days=30)
        house.pull()
        assert (house.asked("BulkRun"), house.counted()) == (1, 2)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("FAILED", "Shopify could not finish it (TIMEOUT)"),
        ("CANCELED", "somebody cancelled it"),
        ("EXPIRED", "took longer than Shopify allows"),
        ("partial", "Shopify could not finish it"),
        ("cut", "ends in the middle of a line"),
        ("short", "Shopify wrote"),
        ("mixed", "does not follow its parent"),
        ("elsewhere", "elsewhere.example"),
        ("gone", "cannot be had (HTTP 400)"),
    ],
)
def test_of_a_file_that_is_not_whole_nothing_is_used_and_the_next_pull_starts_anew(house, fault, said):
    house.shop.bulk_faults.append(fault)
    with pytest.raises(QbconsoleError) as refused:
        house.pull(in_bulk=True)
    assert said in refused.value.what
    assert refused.value.next
    assert (house.kept(), house.cursor()) == ({}, None)
    assert house.pull(in_bulk=True).new == 60
    assert house.asked("BulkRun") == 2


def test_where_a_scope_is_missing_what_it_opens_is_left_out(house):
    house.shop.scopes -= {"read_customers", "read_payment_terms"}
    assert house.pull(in_bulk=True).new == 60
    assert all(json.loads(raw)["customer"] is None for raw in house.kept().values())


def test_an_import_that_is_denied_goes_by_pages_unless_a_file_was_asked_for(house):
    house.shop.bulk_faults.extend(["DENIED", "DENIED"])
    with pytest.raises(BulkDenied, match="may not read all"):
        house.pull(in_bulk=True)
    with house.workspace.store.atomic() as tx:
        begun = bulk.Begun(operation=house.shop.bulks[0].id, since=None, until=AFTER.isoformat())
        snapshots.set_cursor(tx, "oak-ember", bulk.CURSOR, bulk.written(begun), AFTER)
    told = house.pull()
    assert told.new == 60
    assert "Read page by page" in told.warnings[0]


def test_an_import_that_is_denied_before_it_is_begun_goes_by_pages(house, monkeypatch):
    house.shop.scopes -= {"read_inventory"}
    with pytest.raises(BulkDenied, match="may not read all"):
        house.pull(in_bulk=True)
    monkeypatch.setattr(bulk, "BULK_FROM", 50)
    told = house.pull()
    assert (told.new, house.asked("BulkRun")) == (60, 2)
    assert "Read page by page" in told.warnings[0]


@pytest.mark.parametrize("nth", [1, 3])
def test_an_import_cut_off_goes_on_with_the_same_file(tmp_path, nth):
    house = House(tmp_path, orders=bulk.CHUNK * 2 + 50)
    count = 0

    def dies(name):
        nonlocal count
        if name == "before_pulled_commit":
            count += 1
            if count == nth:
                raise KeyboardInterrupt

    with house.workspace:
        with failpoints.heard(dies), pytest.raises(KeyboardInterrupt):
            house.pull(in_bulk=True)
        assert len(house.kept()) == bulk.CHUNK * (nth - 1)
        assert house.cursor() is None
        done = house.pull()
        assert len(house.kept()) == bulk.CHUNK * 2 + 50
        assert (done.same, done.changed) == (0, 0)
        assert house.asked("BulkRun") == 1
        assert house.cursor() == "2026-01-16T11:58:00+00:00"


def test_nothing_in_the_window_moves_the_cursor_all_the_same(house):
    house.shop.orders.clear()
    assert house.pull(in_bulk=True).new == 0
    assert house.cursor() == "2026-01-16T11:58:00+00:00"


def whole(text, **more):
    return Finished(
        id="b", url="https://storage.googleapis.com/x", objects=2, roots=1, size=len(text), **more
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"id":"a"}\n{"id":"b","__parentId":"a"}', "ends in the middle"),
        (b'{"id":"a"}\n', "1 lines with 1 orders"),
        (b'{"id":"a"}\n{"id":"b"}\n', "2 lines with 2 orders"),
        (b'{"id":"b","__parentId":"a"}\n{"id":"a"}\n', "does not follow its parent"),
        (b'{"id":"a"}\n{"id":\n', "line 2 of the bulk import is no JSON"),
        (b'{"id":"a"}\n[1]\n', "line 2"),
        (b'{"id":"a"}\n\n', "line 2"),
        (b'{"id":"a"}\n{"id":"\xff","__parentId":"a"}\n', "line 2"),
    ],
)
def test_a_file_is_looked_through_before_it_is_believed(tmp_path, text, said):
    client, _, _ = scripted(httpx.Response(200, content=text))
    client._bulk_hosts = frozenset({"storage.googleapis.com"})
    with (tmp_path / "file").open("w+b") as file, pytest.raises(BulkFailed) as refused:
        fetch(client, whole(text), file)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://storage.googleapis.com/x",
        "https://storage.googleapis.com.evil.example/x",
        "https://storage.googleapis.com:8443/x",
        "https://127.0.0.1/x",
        "file:///etc/passwd",
    ],
)
def test_a_file_comes_from_hosts_we_know_only_and_without_our_token(tmp_path, url):
    client, seen, _ = scripted(httpx.Response(200, content=b""))
    with pytest.raises(ShopifyContradiction, match="where none was seen before"):
        list(client.download(url))
    client._bulk_hosts = frozenset({"storage.googleapis.com"})
    list(client.download("https://storage.googleapis.com/x?signed=1"))
    assert "x-shopify-access-token" not in seen[-1].headers


def test_a_redirect_is_not_followed(tmp_path):
    client, _, _ = scripted(httpx.Response(302, headers={"Location": "https://elsewhere.example/x"}))
    client._bulk_hosts = frozenset({"storage.googleapis.com"})
    with pytest.raises(QbconsoleError, match="HTTP 302"):
        list(client.download("https://storage.googleapis.com/x"))


def test_an_import_that_takes_for_ever_ends_the_command_and_not_the_import(house):
    means = house.workspace.means()
    enrol(means)
    with client_of(house.shop, transport=house.asgi) as client:
        begun = bulk.Begun(operation="", since=None, until=AFTER.isoformat())
        run = bulk._begin(means, "oak-ember", client, begun)
        house.shop.bulks[0].polls = 10_000
        with pytest.raises(QbconsoleError, match="still writes"):
            finished(client, run.operation)
    assert bulk.unfinished(means, "oak-ember") is not None


def interrupted(house):
    """An import that was begun and of which nothing was kept."""

    def dies(name):
        if name == "before_pulled_commit":
            raise KeyboardInterrupt

    with failpoints.heard(dies), pytest.raises(KeyboardInterrupt):
        house.pull(in_bulk=True)
    assert house.cursor(bulk.CURSOR)


def test_what_was_sold_after_an_import_began_is_no_loss_of_stock(house):
    house.shop = Shop.seeded(orders=70, days=10, facts=True)
    house.shop.orders = house.shop.orders[:12]
    house.asgi = OverAsgi(app([house.shop], clock=lambda: 1000.0))
    house.pull()
    house.now += timedelta(days=8)
    house.shop.world.end = AFTER + timedelta(hours=1)
    sold = house.shop.advance(days=1, orders=3)
    interrupted(house)
    house.shop.world.end = house.now
    sold += house.shop.advance(days=1, orders=6)
    house.now += timedelta(days=1, hours=2)
    house.pull()
    assert {one["legacyResourceId"] for one in sold} <= house.kept().keys()
    assert datetime.fromisoformat(house.cursor()) == house.now - timedelta(minutes=2)
    with house.workspace.store.reading() as tx:
        assert snapshots.latest_of(tx, "oak-ember", "inventory_group") == []


def test_a_window_asked_for_is_read_whatever_import_was_left_behind(house):
    house.pull()
    house.now += timedelta(hours=1)
    interrupted(house)
    old = house.shop.orders[0]
    with house.workspace.store.atomic() as tx:
        tx.exec_driver_sql("DELETE FROM snapshot_heads WHERE source_id = ?", (old["legacyResourceId"],))
    assert house.pull(since=AFTER - timedelta(days=30)).new == 1
    assert (house.cursor(bulk.CURSOR), old["legacyResourceId"] in house.kept()) == ("", True)
