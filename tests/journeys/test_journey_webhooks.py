"""Webhooks over real HTTP: kept before they are answered, also by a service that is killed around its commit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from qbconsole.care.setup import Answers, credentials_of, keep_answers
from qbconsole.rehearsal.demo import start_serving, wait_until_up
from qbconsole.rehearsal.stage import TOKEN, free_port, set_stage, shops_listening, write_workspace
from qbconsole.sandbox.shopify import Courier
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken
from qbconsole.store import inbox, snapshots
from qbconsole.sync.enrolling import enrol
from qbconsole.sync.pull import pull_shop
from qbconsole.workspace import Workspace

pytestmark = pytest.mark.slow


class House:
    """A workspace whose first merchant wants webhooks at a port, its shop, and a courier that really posts."""

    def __init__(self, root):
        self.root, self.port = root, free_port()
        write_workspace(root)
        path = root / "mappings.toml"
        text = path.read_text(encoding="utf-8")
        given = f'shop = "oak-ember.myshopify.com"\nwebhooks = "http://127.0.0.1:{self.port}"'
        path.write_text(text.replace('shop = "oak-ember.myshopify.com"', given, 1), encoding="utf-8")
        self.workspace = Workspace.open(root, environ={})
        self.means = self.workspace.means()
        enrol(self.means)
        self.stage = set_stage(root, orders=12, seed=5, now=self.workspace.clock())
        self.shop = self.stage.shops[0]
        told = Answers(
            credentials={"oak-ember": AccessToken(token=TOKEN)},
            webhook_secrets={"oak-ember": self.shop.client_secret},
        )
        keep_answers(self.means, self.workspace.keys, told, who="test")
        self.courier = Courier(shop=self.shop, post=self.post)
        self.slowest = 0.0

    def post(self, uri, headers, body):
        begun = time.monotonic()
        try:
            status = httpx.post(uri, headers=dict(headers), content=body, timeout=5).status_code
        except httpx.TransportError:
            return 0
        self.slowest = max(self.slowest, time.monotonic() - begun)
        return status

    def pull(self):
        merchant = self.means.merchant("oak-ember")
        told = credentials_of(self.means, self.workspace.keys, merchant)
        with (
            shops_listening(self.stage.shops) as address,
            ShopifyClient(shop=merchant.shop, credentials=told, base_url=address) as client,
        ):
            return pull_shop(self.means, merchant, client)

    def rows(self):
        with self.workspace.store.reading() as tx:
            return inbox.kept(tx, "oak-ember", 1000)

    def note_of(self, name):
        with self.workspace.store.reading() as tx:
            number = self.shop.order(name)["legacyResourceId"]
            return snapshots.latest(tx, "oak-ember", "order", number).raw


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.workspace.close()


def test_a_change_in_the_shop_is_told_kept_and_fetched(house):
    house.pull()
    assert house.shop.subscriptions
    house.courier.catch_up()
    house.courier.twice = 1.0
    with start_serving(house.root, house.port, dict(os.environ)) as process:
        wait_until_up(process, house.port)
        house.shop.annotate("#1003", "told by a webhook", at=house.workspace.clock())
        assert [one.status for one in house.courier.deliver()] == [200, 200]
        uri = house.courier.sent[0].uri
        assert house.courier.send("orders/updated", {"id": 1}, uri, secret="forged").status == 401
        assert httpx.get(uri).status_code == 405
        metrics = httpx.get(f"http://127.0.0.1:{house.port}/metrics").text
        assert 'qbconsole_webhooks_total{merchant="oak-ember",status="200"} 2.0' in metrics
        process.terminate()
        process.wait(timeout=60)
    assert len(house.rows()) == 1
    assert house.slowest < 5
    assert house.pull().changed >= 1
    assert b"told by a webhook" in house.note_of("#1003")


@pytest.mark.parametrize(("place", "kept"), [("before_inbox_commit", 0), ("after_inbox_commit", 1)])
def test_killed_around_the_commit_a_delivery_is_kept_or_sent_again_and_never_lost(house, place, kept):
    house.pull()
    house.courier.catch_up()
    house.shop.annotate("#1004", "survives", at=house.workspace.clock())
    with start_serving(house.root, house.port, os.environ | {"QBCONSOLE_FAILPOINTS": place}) as process:
        wait_until_up(process, house.port)
        (sent,) = house.courier.deliver()
        assert sent.status == 0
        process.wait(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert len(house.rows()) == kept
    with start_serving(house.root, house.port, dict(os.environ)) as process:
        wait_until_up(process, house.port)
        # Shopify heard nothing, so it sends the same delivery again.
        assert house.post(sent.uri, sent.headers, sent.body) == 200
        process.terminate()
        process.wait(timeout=60)
    assert len(house.rows()) == 1
    house.pull()
    assert b"survives" in house.note_of("#1004")


def test_a_pull_killed_before_its_commit_acts_on_the_delivery_the_next_time(house):
    house.pull()
    uri = f"http://127.0.0.1:{house.port}/webhooks/oak-ember"
    with start_serving(house.root, house.port, dict(os.environ)) as process:
        wait_until_up(process, house.port)
        house.shop.annotate("#1005", "not lost", at=house.workspace.clock())
        house.courier.send("orders/updated", {"id": int(house.shop.order("#1005")["legacyResourceId"])}, uri)
        process.terminate()
        process.wait(timeout=60)
    with shops_listening(house.stage.shops) as address:
        environ = os.environ | {
            "QBCONSOLE_SHOPIFY_URL": address,
            "QBCONSOLE_FAILPOINTS": "before_pulled_commit",
        }
        assert run_pull(house.root, environ) == -signal.SIGKILL
        with house.workspace.store.reading() as tx:
            assert inbox.waiting(tx, "oak-ember") == 1
        assert run_pull(house.root, os.environ | {"QBCONSOLE_SHOPIFY_URL": address}) == 0
    with house.workspace.store.reading() as tx:
        assert inbox.waiting(tx, "oak-ember") == 0
    assert b"not lost" in house.note_of("#1005")


def run_pull(root, environ):
    """`qbconsole pull` as a process of its own; gives its exit status."""
    command = [sys.executable, "-m", "qbconsole", "--workspace", str(root), "--merchant", "oak-ember", "pull"]
    return subprocess.run(command, env=environ, capture_output=True, check=False, timeout=60).returncode
