"""Two pulls of one merchant at once, by the schedule and by hand, on either engine: neither undoes what the other kept."""

from __future__ import annotations

import copy
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from postgres import create_database, postgres_server
from sources.shopify_over_asgi import Clock, OverAsgi, client_of
from sync.test_sync_pull_unread import Bent

from qbconsole import failpoints
from qbconsole.bundled import bundled
from qbconsole.errors import QbconsoleError
from qbconsole.sandbox.shopify import Shop, app
from qbconsole.sources.shopify.credentials import Pair
from qbconsole.store import holds, inbox, journal, snapshots
from qbconsole.sync.book import book
from qbconsole.sync.pull import access, pull_file, pull_shop
from qbconsole.sync.pull import shop as pulling
from qbconsole.sync.pull.access import StoredTokens, keep_refresh_token
from qbconsole.sync.pull.webhooks import act_on_privacy
from qbconsole.workspace import Workspace

__all__ = ["postgres_server"]
AFTER = datetime(2026, 1, 16, 12, tzinfo=UTC)
#: Long enough for what does not wait to be done.
_MEANWHILE = 1.5


class Afterwards(httpx.BaseTransport):
    """A shop; something happens as soon as one query was answered."""

    def __init__(self, shop, word, then):
        self.inner, self.word, self.then, self.done = OverAsgi(app([shop], clock=Clock())), word, then, False

    def handle_request(self, request):
        answer = self.inner.handle_request(request)
        if self.word in request.content and not self.done:
            self.done = True
            self.then()
        return answer


class House:
    def __init__(self, root, environ):
        (root / "mappings.toml").write_text(bundled("mappings.toml").read_text("utf-8"), encoding="utf-8")
        self.root, self.now = root, AFTER
        self.workspace = Workspace.open(root, environ=environ)
        self.workspace.clock = lambda: self.now
        self.means = self.workspace.means()
        self.shop = Shop.seeded(orders=70, days=10, facts=True)
        self.shop.orders = self.shop.orders[:12]

    def pull(self, **how):
        with client_of(self.shop) as client:
            return pull_shop(self.means, self.means.merchant("oak-ember"), client, **how)

    def give(self, name, orders):
        path = self.root / f"{name}.json"
        path.write_text(json.dumps({"shop": self.shop.about(), "orders": orders}), encoding="utf-8")
        return pull_file(self.means, path)

    def kept(self, kind="order"):
        with self.workspace.store.reading() as tx:
            rows = snapshots.latest_of(tx, "oak-ember", kind)
        return {row.source_id: json.loads(row.raw) for row in rows}

    def meanwhile(self, first, second):
        """Do `second` in another thread while `first` is about to commit; both are done when this is."""
        came, told = [], threading.Event()

        def other():
            try:
                second()
            except QbconsoleError as error:  # told in the test's own thread
                came.append(error)

        thread = threading.Thread(target=other)

        def heard(name):
            if name == "before_pulled_commit" and not told.is_set():
                told.set()
                thread.start()
                thread.join(_MEANWHILE)

        with failpoints.heard(heard):
            first()
        thread.join(60)
        assert told.is_set()
        assert came == []


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request, tmp_path):
    environ = {}
    if request.param == "postgresql":
        name = f"qbc_{abs(hash(request.node.name)) % 10**9}"
        environ["QBCONSOLE_DATABASE_URL"] = create_database(request.getfixturevalue("postgres_server"), name)
    made = House(tmp_path, environ)
    yield made
    made.workspace.close()


def test_what_two_pulls_saw_sold_is_no_loss_of_stock(house):
    house.pull()
    house.shop.world.end = AFTER + timedelta(hours=1)
    one, other = house.shop.advance(days=1, orders=2)
    house.now += timedelta(days=2)
    house.meanwhile(
        lambda: house.pull(order=one["legacyResourceId"]), lambda: house.pull(order=other["legacyResourceId"])
    )
    house.pull()
    assert len(house.kept()) == 14
    assert house.kept("inventory_group") == {}


def test_an_older_state_never_takes_the_place_of_a_newer_one(house):
    house.shop.scopes.discard("read_inventory_transfers")  # so nothing else makes one wait for the other
    house.pull()
    number = house.shop.orders[0]["legacyResourceId"]
    seen = copy.deepcopy(house.shop)
    seen.annotate("#1001", "older", at=AFTER + timedelta(hours=1))
    house.shop.annotate("#1001", "newer", at=AFTER + timedelta(hours=2))

    def pull_older():
        with client_of(seen) as client:
            pull_shop(house.means, house.means.merchant("oak-ember"), client, order=number)

    house.meanwhile(lambda: house.pull(order=number), pull_older)
    assert house.kept()[number]["note"] == "newer"


def test_an_older_reading_kept_late_does_not_end_what_is_held_of_a_newer_one(house):
    house.pull()
    bad = house.shop.orders[3]
    seen = copy.deepcopy(house.shop)
    seen.annotate(bad["name"], "older", at=AFTER + timedelta(hours=1))
    house.shop.annotate(bad["name"], "newer", at=AFTER + timedelta(hours=2))
    house.now += timedelta(hours=3)

    def bend(_sent, data):
        order = data.get("order") or {}
        if order.get("id") == bad["id"] and "lineItems" in order:
            order["lineItems"]["pageInfo"] = {"hasNextPage": True, "endCursor": None}

    def pull_newer():
        transport = Bent(house.shop)
        transport.bend = bend
        with client_of(house.shop, clock=transport.clock, transport=transport) as client:
            pull_shop(house.means, house.means.merchant("oak-ember"), client)

    # What was read first is kept last.
    transport = Afterwards(seen, b"OrderFull", pull_newer)
    with client_of(seen, transport=transport) as client:
        pull_shop(house.means, house.means.merchant("oak-ember"), client, order=bad["legacyResourceId"])
    assert transport.done
    assert house.kept()[bad["legacyResourceId"]]["note"] == "older"
    with house.workspace.store.reading() as tx:
        assert [row.hold.reason for row in holds.open_holds(tx)] == ["not_read_whole"]
    house.now += timedelta(days=30)
    house.pull()
    assert house.kept()[bad["legacyResourceId"]]["note"] == "newer"
    with house.workspace.store.reading() as tx:
        assert [row.hold.reason for row in holds.open_holds(tx)] == []


def test_a_buyer_who_is_forgotten_while_a_pull_commits_is_not_kept_by_it(house):
    order = next(one for one in house.shop.orders if one["customer"])
    house.pull(order=house.shop.orders[0]["legacyResourceId"])
    number = order["customer"]["id"].rpartition("/")[2]
    body = {"shop_domain": house.shop.domain, "customer": {"id": int(number)}, "orders_to_redact": []}
    with house.workspace.store.atomic() as tx:
        inbox.receive(
            tx,
            "oak-ember",
            delivery_id="1",
            topic="customers/redact",
            raw=json.dumps(body).encode(),
            at=house.now,
        )
    means = house.means
    house.meanwhile(
        lambda: house.give("told", [order]), lambda: act_on_privacy(means, means.merchant("oak-ember"))
    )
    assert house.kept()[order["legacyResourceId"]]["customer"]["displayName"] is None


def test_a_run_of_book_and_a_pull_of_the_same_orders_do_not_wait_for_each_other_for_ever(house, monkeypatch):
    house.give("known", house.shop.orders)
    house.now += timedelta(hours=1)
    house.shop.annotate("#1001", "told anew", at=house.now - timedelta(minutes=30))
    number = house.shop.orders[0]["legacyResourceId"]
    record, came = journal.record, []

    def booking():
        try:
            came.append(book(house.means, house.means.mapping.merchants.values()))
        except QbconsoleError as error:  # told in the test's own thread
            came.append(error)

    thread = threading.Thread(target=booking)

    class Journal:
        """The pull kept its rows and is about to write its line; meanwhile `book` keeps what it decided of them."""

        @staticmethod
        def record(*given):
            thread.start()
            thread.join(_MEANWHILE)
            record(*given)

    monkeypatch.setattr(pulling, "journal", Journal)
    house.pull(order=number)
    thread.join(60)
    assert [type(one).__name__ for one in came] == ["Booked"]
    with house.workspace.store.reading() as tx:
        # What was told meanwhile is booked by the next run.
        assert snapshots.waiting_ids(tx, "oak-ember", "order") <= {number}
        assert journal.verify(tx) is None


def test_of_two_that_find_the_token_at_its_end_together_one_buys(house, monkeypatch):
    house.give("known", [])
    with house.workspace.store.atomic() as tx:
        keep_refresh_token(tx, house.workspace.keys, "oak-ember", "first", house.now)
    both, bought = threading.Barrier(2), []

    class Together:
        """Both look whether somebody renews before either says that it does."""

        set_cursor = staticmethod(snapshots.set_cursor)

        @staticmethod
        def get_cursor(*given):
            found = snapshots.get_cursor(*given)
            with suppress(threading.BrokenBarrierError):
                both.wait(_MEANWHILE)
            return found

    monkeypatch.setattr(access, "snapshots", Together)

    def ask(refresh):
        bought.append(refresh)
        ends = house.now + timedelta(hours=1)
        return Pair(access="new", access_ends=ends, refresh="next", refresh_ends=ends, previous=refresh)

    def keeper():
        return StoredTokens(
            store=house.workspace.store,
            keys=house.workspace.keys,
            merchant="oak-ember",
            clock=lambda: house.now,
        )

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _one: keeper().renewed("", ask), range(2)))
    assert [one.access for one in found] == ["new", "new"]
    assert bought == ["first"]
