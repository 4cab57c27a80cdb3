"""Rotating tokens: one process renews, a crash at any moment loses nothing, and what is void is told."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sources.shopify_over_asgi import Clock, OverAsgi

from qbconsole import failpoints
from qbconsole.books.holds import Reason
from qbconsole.bundled import bundled
from qbconsole.care.doctor import Health
from qbconsole.care.setup import Answers, RefreshToken, credentials_of, keep_answers
from qbconsole.care.shops import check_shops
from qbconsole.errors import QbconsoleError
from qbconsole.sandbox.shopify import Fault, Offline, Shop, app
from qbconsole.sources.shopify.answers import AccessLost
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import Pair
from qbconsole.sources.shopify.lists import shop as shop_head
from qbconsole.store import holds, snapshots
from qbconsole.sync.pull import pull_shop
from qbconsole.sync.pull.access import LEASE, StoredTokens, kept_pair
from qbconsole.workspace import Workspace

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
FIRST = "shprt_first"


class House:
    """A workspace and a shop whose app is a public one; one clock for both."""

    def __init__(self, root):
        (root / "mappings.toml").write_text(bundled("mappings.toml").read_text("utf-8"), encoding="utf-8")
        self.clock = Clock()
        self.workspace = Workspace.open(root, environ={})
        self.workspace.clock = lambda: NOW + timedelta(seconds=self.clock.now)
        self.shop = Shop.seeded(orders=5, days=2)
        self.shop.permanent_tokens.clear()
        self.shop.token_life = 3600
        self.shop.offline = Offline(refresh=FIRST)
        self.asgi = OverAsgi(app([self.shop], clock=self.clock))
        told = RefreshToken(client_id="sandbox-client", client_secret="sandbox-secret", refresh_token=FIRST)
        keep_answers(
            self.workspace.means(), self.workspace.keys, Answers(credentials={"oak-ember": told}), who="test"
        )

    def client(self):
        means = self.workspace.means()
        told = credentials_of(means, self.workspace.keys, means.merchant("oak-ember"))
        return ShopifyClient(
            shop=self.shop.domain,
            credentials=told,
            base_url="http://127.0.0.1:9",
            transport=self.asgi,
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    def head(self):
        with self.client() as client:
            return shop_head(client)["myshopifyDomain"]

    def pair(self):
        with self.workspace.store.reading() as tx:
            return kept_pair(tx, self.workspace.keys, "oak-ember")

    def wait(self, span):
        self.clock.sleep(span.total_seconds())

    def keeper(self, wait=None):
        return StoredTokens(
            store=self.workspace.store,
            keys=self.workspace.keys,
            merchant="oak-ember",
            clock=self.workspace.clock,
            wait=wait or self.wait,
        )


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.workspace.close()


def test_a_token_is_bought_with_the_refresh_token_and_used_for_its_hour(house):
    assert house.head() == house.shop.domain
    assert house.head() == house.shop.domain
    assert house.shop.offline.given == 1
    assert house.pair().refresh == house.shop.offline.refresh != FIRST
    house.clock.now += 3400
    house.head()
    assert house.shop.offline.given == 2


def test_a_token_refused_before_its_hour_is_renewed_once(house):
    house.head()
    house.shop.offline.access = "taken back"
    assert house.head() == house.shop.domain
    assert house.shop.offline.given == 2


@pytest.mark.parametrize("place", ["after_token_given", "after_token_kept"])
def test_a_crash_around_the_renewal_loses_no_token(house, place):
    def dies(name):
        if name == place:
            raise KeyboardInterrupt

    with failpoints.heard(dies), pytest.raises(KeyboardInterrupt):
        house.head()
    house.clock.now += 61
    assert house.head() == house.shop.domain
    assert house.shop.offline.given == (2 if place == "after_token_given" else 1)
    assert house.pair().refresh == house.shop.offline.refresh


def test_after_a_crash_the_lease_is_waited_for_and_then_taken(house):
    with house.workspace.store.atomic() as tx:
        until = house.workspace.clock() + timedelta(seconds=30)
        snapshots.set_cursor(tx, "oak-ember", LEASE, f"{until.isoformat()} somebody", NOW)
    keeper = house.keeper()
    fresh = Pair(access="a", access_ends=NOW, refresh="r", refresh_ends=NOW, previous=FIRST)
    assert keeper.renewed("", lambda refresh: fresh) == fresh
    assert sum(house.clock.slept) == 30


@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(hours=2)])
def test_a_clock_that_jumps_leaves_no_lease_behind(house, jump):
    with house.workspace.store.atomic() as tx:
        until = house.workspace.clock() - jump + timedelta(seconds=60)
        snapshots.set_cursor(tx, "oak-ember", LEASE, f"{until.isoformat()} somebody", NOW)
    assert house.head() == house.shop.domain
    assert house.clock.slept == []


def test_an_answer_lost_on_the_way_is_asked_for_again_with_the_same_refresh_token(house):
    house.shop.faults.append(Fault(kind="lost"))
    assert house.head() == house.shop.domain
    assert house.shop.offline.given == 2
    house.clock.now += 3600
    assert house.head() == house.shop.domain


def test_the_refresh_token_before_is_tried_where_the_kept_one_is_void(house):
    house.head()
    kept = house.pair()
    house.shop.offline = Offline(refresh=kept.previous)
    house.clock.now += 3600
    assert house.head() == house.shop.domain
    assert house.pair().previous == kept.previous


def test_who_comes_second_uses_what_the_first_bought(house):
    begun, go = threading.Event(), threading.Event()
    bought = []

    def ask(refresh):
        bought.append(refresh)
        begun.set()
        assert go.wait(60)
        ends = house.workspace.clock() + timedelta(hours=1)
        return Pair(access="new", access_ends=ends, refresh="next", refresh_ends=ends, previous=refresh)

    found = []
    first = threading.Thread(target=lambda: found.append(house.keeper(lambda _span: None).renewed("", ask)))
    first.start()
    assert begun.wait(60)

    def waits(_span):
        go.set()
        first.join(60)

    found.append(house.keeper(waits).renewed("", ask))
    assert [one.access for one in found] == ["new", "new"]
    assert bought == [FIRST]


def test_what_a_slow_process_bought_does_not_replace_what_another_bought_after_it(house):
    ends = house.workspace.clock() + timedelta(hours=1)
    theirs = Pair(access="theirs", access_ends=ends, refresh="r2", refresh_ends=ends, previous=FIRST)
    ours = Pair(access="ours", access_ends=ends, refresh="r1", refresh_ends=ends, previous=FIRST)

    def slow(_refresh):
        house.clock.now += 120
        house.keeper().renewed("", lambda _r: theirs)
        return ours

    assert house.keeper().renewed("", slow) == theirs
    assert house.pair() == theirs


def test_a_void_refresh_token_holds_the_merchant_and_says_what_to_do(house):
    house.shop.offline = Offline(refresh="another")
    means = house.workspace.means()
    with house.client() as client, pytest.raises(AccessLost) as refused:
        pull_shop(means, means.merchant("oak-ember"), client)
    assert "refresh token" in refused.value.next
    with house.workspace.store.reading() as tx:
        (row,) = holds.open_holds(tx, reason=Reason.REAUTH)
    assert row.hold.next_step == refused.value.next


def test_no_token_is_ever_shown(house):
    house.head()
    pair = house.pair()
    told = repr(pair) + repr(house.keeper()) + repr(house.client())
    for secret in (pair.access, pair.refresh, FIRST, "sandbox-secret"):
        assert secret not in told


def test_a_merchant_without_a_pair_is_told_the_command_that_stores_one(house):
    keeper = StoredTokens(
        store=house.workspace.store, keys=house.workspace.keys, merchant="elm", clock=house.workspace.clock
    )
    with pytest.raises(QbconsoleError) as refused:
        keeper.current()
    assert refused.value.next == "Run `qbconsole --merchant elm setup`."


def test_doctor_warns_a_day_before_a_refresh_token_ends(house):
    means, keys = house.workspace.means(), house.workspace.keys
    assert list(check_shops(means, keys, NOW)) == []
    (soon,) = check_shops(means, keys, NOW + timedelta(days=89, hours=2))
    assert (soon.health, "pull" in soon.next_step) == (Health.ATTENTION, True)
    (over,) = check_shops(means, keys, NOW + timedelta(days=91))
    assert (over.health, "qbconsole setup" in over.next_step) == (Health.FAILED, True)
