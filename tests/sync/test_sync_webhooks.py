"""The way of a webhook: kept once, acted on by the next pull, never believed as data; and buyers' data that has to go."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from sources.shopify_over_asgi import client_of

from qbconsole.books.holds import Reason
from qbconsole.bundled import bundled
from qbconsole.care.doctor import Health
from qbconsole.care.setup import Answers, keep_answers
from qbconsole.care.shops import check_shops
from qbconsole.sandbox.shopify import Courier, Fault, Shop
from qbconsole.sandbox.shopify.hooks import signed
from qbconsole.sources.shopify.answers import AccessLost
from qbconsole.sources.shopify.webhooks.topics import WANTED
from qbconsole.store import holds, inbox, snapshots
from qbconsole.sync.book import book
from qbconsole.sync.enrolling import enrol
from qbconsole.sync.pull import pull_shop
from qbconsole.sync.pull.webhooks import Inbox, deliveries_waiting
from qbconsole.sync.pull.webhooks.secret import forget_webhook_secret
from qbconsole.workspace import Workspace

AFTER = datetime(2026, 1, 16, 12, tzinfo=UTC)
ADDRESS = "https://books.example.com/webhooks/oak-ember"


class House:
    """A workspace whose merchant wants webhooks, its shop, and the courier between them."""

    def __init__(self, root):
        text = bundled("mappings.toml").read_text(encoding="utf-8")
        text = text.replace('# webhooks = "https', 'webhooks = "https')
        (root / "mappings.toml").write_text(text, encoding="utf-8")
        self.now = AFTER
        self.workspace = Workspace.open(root, environ={})
        self.workspace.clock = lambda: self.now
        self.shop = Shop.seeded(orders=12, days=10)
        self.means = self.workspace.means()
        enrol(self.means)
        self.give_secret(self.shop.client_secret)
        self.inbox = Inbox(store=self.workspace.store, clock=lambda: self.now, keys=self.workspace.keys)
        self.courier = Courier(shop=self.shop, post=self.post, chance=random.Random(3))

    def give_secret(self, secret):
        keep_answers(
            self.means, self.workspace.keys, Answers(webhook_secrets={"oak-ember": secret}), who="test"
        )

    def post(self, uri, headers, body):
        lowered = {name.lower(): value for name, value in headers.items()}
        return self.inbox.take(uri.rpartition("/")[2], lowered, body)

    def pull(self, **how):
        with client_of(self.shop) as client:
            return pull_shop(self.means, self.means.merchant("oak-ember"), client, **how)

    def kept(self, kind="order"):
        with self.workspace.store.reading() as tx:
            rows = snapshots.latest_of(tx, "oak-ember", kind)
        return {row.source_id: json.loads(row.raw) for row in rows}

    def inbox_rows(self):
        with self.workspace.store.reading() as tx:
            return inbox.kept(tx, "oak-ember", 1000)

    def open_reasons(self):
        with self.workspace.store.reading() as tx:
            return [row.hold for row in holds.open_holds(tx, merchant="oak-ember")]


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.workspace.close()


def number(order):
    return order["id"].rpartition("/")[2]


def test_a_pull_subscribes_once_and_again_after_shopify_took_a_subscription_away(house):
    house.pull()
    assert [one.topic for one in house.shop.subscriptions] == list(WANTED)
    assert {one.uri for one in house.shop.subscriptions} == {ADDRESS}
    house.now += timedelta(hours=1)
    house.pull()
    assert len(house.shop.subscriptions) == len(WANTED)
    house.courier.catch_up()
    house.courier.lost = 1.0
    for at in range(8):
        house.shop.annotate("#1001", f"note {at}", at=house.now + timedelta(seconds=at))
        house.courier.deliver()
    assert "ORDERS_UPDATED" not in [one.topic for one in house.shop.subscriptions]
    house.now += timedelta(hours=1)
    house.pull()
    assert sorted(one.topic for one in house.shop.subscriptions) == sorted(WANTED)


def test_a_delivery_makes_the_next_pull_fetch_what_the_window_does_not_show_yet(house):
    house.pull()
    house.courier.catch_up()
    house.now += timedelta(hours=1)
    # Changed a second ago: the window of the pull ends two minutes ago.
    house.shop.annotate("#1003", "be quick", at=house.now - timedelta(seconds=1))
    assert [one.status for one in house.courier.deliver()] == [200]
    order = house.shop.order("#1003")
    assert house.kept()[number(order)]["note"] != "be quick"
    pulled = house.pull()
    assert pulled.changed == 1
    assert house.kept()[number(order)]["note"] == "be quick"
    assert deliveries_waiting(house.means, "oak-ember") == 0


def test_the_payload_is_never_data(house):
    house.pull()
    order = house.shop.order("#1002")
    lie = {
        "id": int(number(order)),
        "updated_at": "2031-01-01T00:00:00Z",
        "total_price": "1.00",
        "note": "lie",
    }
    assert house.courier.send("orders/updated", lie, ADDRESS).status == 200
    house.now += timedelta(hours=1)
    before = house.kept()
    assert (house.pull().new, house.kept()) == (0, before)


def test_the_same_delivery_twice_is_one_row_and_a_forged_one_none(house):
    house.pull()
    house.courier.catch_up()
    house.courier.twice, house.courier.forged, house.courier.shuffled = 1.0, 1.0, True
    for name in ("#1001", "#1002", "#1003"):
        house.shop.annotate(name, "changed", at=house.now)
    statuses = [one.status for one in house.courier.deliver()]
    assert (statuses.count(401), statuses.count(200)) == (3, 6)
    assert len(house.inbox_rows()) == 3
    assert house.inbox.answered[("", 401)] == 3
    house.now += timedelta(hours=1)
    house.pull()
    assert deliveries_waiting(house.means, "oak-ember") == 0


def test_an_old_delivery_after_a_new_one_changes_nothing(house):
    house.pull()
    house.courier.catch_up()
    sent = []
    for note in ("first", "second"):
        house.shop.annotate("#1004", note, at=house.now)
        house.now += timedelta(minutes=5)
        sent += house.courier.deliver()
    house.pull()
    order = number(house.shop.order("#1004"))
    assert house.kept()[order]["note"] == "second"
    late = {**sent[0].headers, "X-Shopify-Webhook-Id": "late"}
    assert house.post(ADDRESS, late, sent[0].body) == 200
    house.now += timedelta(hours=1)
    assert house.pull().changed == 0
    assert house.kept()[order]["note"] == "second"


@pytest.mark.parametrize(
    ("merchant", "change", "status"),
    [
        ("oak-ember", {}, 200),
        ("elm", {}, 401),
        ("oak-ember", {"X-Shopify-Hmac-SHA256": ""}, 401),
        ("oak-ember", {"X-Shopify-Webhook-Id": ""}, 400),
        ("oak-ember", {"X-Shopify-Topic": "\x1b]0;x"}, 400),
        ("oak-ember", {"X-Shopify-Shop-Domain": "elm.myshopify.com"}, 400),
    ],
)
def test_only_what_is_signed_complete_and_for_this_shop_is_kept(house, merchant, change, status):
    body = b'{"id":1}'
    headers = {
        "X-Shopify-Hmac-SHA256": signed(house.shop.client_secret, body),
        "X-Shopify-Topic": "orders/updated",
        "X-Shopify-Shop-Domain": house.shop.domain,
        "X-Shopify-Webhook-Id": "1",
    }
    assert house.post(f"/webhooks/{merchant}", headers | change, body) == status
    assert len(house.inbox_rows()) == (1 if status == 200 else 0)


def test_after_the_secret_was_changed_the_old_one_counts_for_an_hour(house):
    house.give_secret("the new one")
    assert house.courier.send("orders/updated", {"id": 1}, ADDRESS).status == 200
    assert house.courier.send("orders/updated", {"id": 1}, ADDRESS, secret="the new one").status == 200
    house.now += timedelta(minutes=59)
    assert house.courier.send("orders/updated", {"id": 1}, ADDRESS).status == 200
    house.now += timedelta(minutes=12)
    assert house.courier.send("orders/updated", {"id": 1}, ADDRESS).status == 401
    assert house.courier.send("orders/updated", {"id": 1}, ADDRESS, secret="the new one").status == 200


def test_unknown_topics_and_strange_bodies_are_kept_and_hold_up_nothing(house):
    house.pull()
    assert house.courier.send("themes/publish", {"id": 1}, ADDRESS).status == 200
    raw = b"\xff not json"
    headers = house.courier.sent[-1].headers | {
        "X-Shopify-Topic": "orders/updated",
        "X-Shopify-Webhook-Id": "strange",
        "X-Shopify-Hmac-SHA256": signed(house.shop.client_secret, raw),
    }
    assert house.post(ADDRESS, headers, raw) == 200
    house.now += timedelta(hours=1)
    house.pull()
    assert deliveries_waiting(house.means, "oak-ember") == 0
    assert len(house.inbox_rows()) == 2


def test_a_deleted_order_is_told_and_what_was_kept_of_it_stays(house):
    house.pull()
    order = house.shop.order("#1005")
    house.shop.orders.remove(order)
    house.courier.send("orders/delete", {"id": int(number(order))}, ADDRESS)
    house.now += timedelta(hours=1)
    told = house.pull().warnings
    assert any(f"Order {number(order)} was deleted in Shopify" in one for one in told)
    assert number(order) in house.kept()


def test_a_deleted_order_is_flagged_until_a_person_lets_it_go(house):
    house.pull()
    order = house.shop.order("#1005")
    house.shop.orders.remove(order)
    house.courier.send("orders/delete", {"id": int(number(order))}, ADDRESS)
    house.now += timedelta(hours=1)
    house.pull()
    with house.workspace.store.atomic() as tx:
        snapshots.want_booking(tx, "oak-ember", "order")
    book(house.means, house.means.merchants())
    assert house.pull().warnings == ()
    (hold,) = [one for one in house.open_reasons() if one.reason is Reason.ORDER_NOT_FOUND]
    assert (hold.subject, hold.is_flag) == (f"order/{number(order)}", True)
    assert "was deleted in Shopify" in hold.sentence
    assert f"qbconsole show {number(order)}" in hold.next_step


def test_a_deleted_order_that_was_never_kept_is_no_flag(house):
    house.pull()
    house.courier.send("orders/delete", {"id": 4711000000001}, ADDRESS)
    house.now += timedelta(hours=1)
    house.pull()
    assert house.open_reasons() == []


def test_news_of_an_order_that_shopify_does_not_show_us_is_flagged_until_it_does(house):
    house.pull()
    order = house.shop.order("#1005")
    house.shop.orders.remove(order)
    house.courier.send("refunds/create", {"id": 5, "order_id": int(number(order))}, ADDRESS)
    house.now += timedelta(hours=1)
    assert any("does not show it to us" in one for one in house.pull().warnings)
    (hold,) = house.open_reasons()
    assert hold.reason is Reason.ORDER_NOT_FOUND
    assert "read_all_orders" in hold.next_step
    house.shop.orders.append(order)
    house.courier.send("orders/updated", {"id": int(number(order))}, ADDRESS)
    house.now += timedelta(hours=1)
    house.pull()
    assert house.open_reasons() == []


def test_an_app_taken_out_of_the_shop_stops_pulls_until_it_is_back(house):
    house.pull()
    house.courier.send("app/uninstalled", {"myshopify_domain": house.shop.domain}, ADDRESS)
    house.shop.permanent_tokens.clear()
    house.now += timedelta(hours=1)
    with pytest.raises(AccessLost):
        house.pull()
    (hold,) = house.open_reasons()
    assert hold.reason is Reason.REAUTH
    assert "taken out of the shop" in hold.sentence
    assert "qbconsole setup" in hold.next_step
    house.shop.permanent_tokens.add("shpat_sandbox")
    house.pull()
    assert house.open_reasons() == []


def test_told_only_by_a_forged_header_that_the_app_is_gone_a_pull_goes_on(house):
    house.pull()
    house.courier.send("app/uninstalled", {"myshopify_domain": house.shop.domain}, ADDRESS)
    house.now += timedelta(hours=1)
    house.pull()
    assert house.open_reasons() == []
    assert deliveries_waiting(house.means, "oak-ember") == 0


def test_another_api_version_stops_pulls_with_a_hold_and_the_right_one_ends_it(house):
    house.pull()
    house.shop.answers_as = "2026-07"
    house.now += timedelta(hours=1)
    with pytest.raises(Exception, match="2026-07 although 2026-10"):
        house.pull()
    (hold,) = house.open_reasons()
    assert (hold.reason, hold.next_step.startswith("Nothing of this answer was kept")) == (
        Reason.API_VERSION,
        True,
    )
    house.shop.answers_as = None
    house.pull()
    assert house.open_reasons() == []


def test_a_scope_taken_away_holds_the_merchant_and_names_it(house):
    house.pull()
    house.shop.scopes.discard("read_orders")
    house.now += timedelta(hours=1)
    with pytest.raises(Exception, match="read_orders"):
        house.pull()
    (hold,) = house.open_reasons()
    assert hold.reason is Reason.REAUTH
    assert "read_orders" in hold.next_step


def demand(house, topic, **body):
    return house.courier.send(topic, {"shop_domain": house.shop.domain, **body}, ADDRESS)


def test_a_buyer_that_has_to_be_forgotten_loses_name_and_address_and_keeps_key_and_amounts(house):
    house.pull()
    order = next(one for one in house.shop.orders if one.get("customer"))
    customer = order["customer"]["id"].rpartition("/")[2]
    house.courier.send(
        "orders/updated", {"id": int(number(order)), "customer": {"id": int(customer)}}, ADDRESS
    )
    house.pull(order=order["name"])
    book(house.means, house.means.merchants())
    before = house.kept()[number(order)]
    assert (
        demand(house, "customers/redact", customer={"id": int(customer)}, orders_to_redact=[]).status == 200
    )
    house.now += timedelta(hours=1)
    # Shopify has forgotten the buyer too by then; ours must not wait for it.
    house.shop.faults.extend([Fault(kind=500)] * 20)
    with pytest.raises(Exception, match="500"):
        house.pull()
    house.shop.faults.clear()
    after = house.kept()[number(order)]
    assert after["customer"] == dict.fromkeys(before["customer"]) | {"id": before["customer"]["id"]}
    assert (after["email"], after["note"]) == (None, None)
    assert after["shippingAddress"] is None or after["shippingAddress"]["address1"] is None
    amounts = [name for name in before if name.endswith("Set")] + ["id", "name", "lineItems", "transactions"]
    assert all(after[name] == before[name] for name in amounts)
    (hold,) = [one for one in house.open_reasons() if one.reason is Reason.PRIVACY_REQUEST]
    assert "2026-02-15" in hold.sentence
    # It says what was not done too.
    assert "what QuickBooks has, or may have, keeps them" in hold.sentence
    payloads = {row.topic: row.raw for row in house.inbox_rows()}
    assert payloads["orders/updated"] == b""
    assert payloads["customers/redact"] != b""


def test_forgetting_twice_changes_nothing_and_nothing_is_booked_anew(house):
    house.pull()
    order = next(one for one in house.shop.orders if one.get("customer"))
    customer = int(order["customer"]["id"].rpartition("/")[2])
    book(house.means, house.means.merchants())
    for _ in range(2):
        demand(house, "customers/redact", customer={"id": customer}, orders_to_redact=[int(number(order))])
    house.shop.permanent_tokens.clear()
    with pytest.raises(AccessLost):
        house.pull()
    assert deliveries_waiting(house.means, "oak-ember") == 0
    with house.workspace.store.atomic() as tx:
        snapshots.want_booking(tx, "oak-ember", "order")
    again = book(house.means, house.means.merchants())
    assert again.documents == 0
    assert [one.reason for one in house.open_reasons()].count(Reason.PRIVACY_REQUEST) == 1


def test_a_demand_that_names_another_shop_is_left_alone(house):
    house.pull()
    before = house.kept()
    body = {"shop_domain": "elm.myshopify.com", "customer": {"id": 1}}
    house.courier.send("customers/redact", body, ADDRESS)
    house.courier.send("shop/redact", {"id": 1}, ADDRESS)
    house.now += timedelta(hours=1)
    house.pull()
    assert house.kept() == before
    assert house.open_reasons() == []


def test_a_shop_that_has_to_be_forgotten_keeps_no_name(house):
    house.pull()
    demand(house, "shop/redact")
    house.now += timedelta(hours=1)
    house.shop.permanent_tokens.clear()
    with pytest.raises(AccessLost):
        house.pull()
    for order in house.kept().values():
        assert order["email"] is None
        assert not (order["customer"] or {}).get("displayName")


def told(house):
    found = check_shops(house.means, house.workspace.keys, house.now)
    return {one.name: (one.health, one.sentence) for one in found}


def test_doctor_says_what_is_missing_for_webhooks(house):
    assert told(house)["webhooks oak-ember"][0] is Health.ATTENTION
    house.pull()
    assert told(house) == {"webhooks oak-ember": (Health.OK, f"Shopify sends to {ADDRESS}.")}
    with house.workspace.store.atomic() as tx:
        forget_webhook_secret(tx, "oak-ember")
    assert told(house)["webhooks oak-ember"][0] is Health.FAILED


def test_doctor_tells_of_demands_nobody_has_seen_to(house):
    demand(house, "customers/data_request", customer={"id": 7})
    health, sentence = told(house)["privacy oak-ember"]
    assert (health, sentence) == (
        Health.ATTENTION,
        "1 demands about buyers' data came, the first on 2026-01-16.",
    )
    house.pull()
    assert "privacy oak-ember" not in told(house)
    (hold,) = house.open_reasons()
    assert "customer 7" in hold.sentence
