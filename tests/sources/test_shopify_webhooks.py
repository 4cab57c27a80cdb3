"""Webhooks before they are kept: who signed, what the headers say, what a payload points at."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.sources.shopify.webhooks import (
    Topic,
    is_signed,
    read_envelope,
    read_nudge,
    signature,
    topic_of,
)
from qbconsole.sources.shopify.webhooks.listening import BODY_MOST, webhook_app

BODY = b'{"id":820982911946154508,"email":"jon@example.com"}'
HEADERS = {
    "x-shopify-topic": "orders/updated",
    "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    "x-shopify-shop-domain": "oak-ember.myshopify.com",
}


def test_the_signature_is_base64_of_hmac_sha256_over_the_raw_bytes():
    by_hand = base64.b64encode(hmac.new(b"hush", BODY, hashlib.sha256).digest()).decode()
    assert signature("hush", BODY) == by_hand
    assert is_signed(BODY, by_hand, ["hush"])
    assert is_signed(BODY, by_hand, ["new", "hush"])
    assert not is_signed(BODY + b" ", by_hand, ["hush"])
    assert not is_signed(BODY, by_hand, ["other"])
    assert not is_signed(BODY, by_hand, [])


@pytest.mark.parametrize("given", ["", "====", "not base64!", "AAAA", "ü", "\x00"])
def test_what_is_no_signature_is_none(given):
    assert not is_signed(BODY, given, ["hush", ""])


@pytest.mark.parametrize("gone", HEADERS)
def test_a_delivery_without_one_of_the_headers_cannot_be_kept(gone):
    assert read_envelope(HEADERS) is not None
    assert read_envelope({name: value for name, value in HEADERS.items() if name != gone}) is None
    assert read_envelope(HEADERS | {gone: "  "}) is None
    assert read_envelope(HEADERS | {gone: "a\x1b[31m"}) is None
    assert read_envelope(HEADERS | {gone: "a" * 256}) is None


@pytest.mark.parametrize(
    ("topic", "body", "order"),
    [
        ("orders/updated", {"id": 17}, "17"),
        ("orders/create", {"id": None, "admin_graphql_api_id": "gid://shopify/Order/18"}, "18"),
        ("orders/delete", {"id": 19}, "19"),
        ("refunds/create", {"id": 5, "order_id": 20}, "20"),
        ("orders/edited", {"order_edit": {"id": 3, "order_id": 21}}, "21"),
        ("order_transactions/create", {"id": 5, "order_id": "22"}, "22"),
        ("products/update", {"id": 23}, ""),
        ("orders/updated", {"id": True}, ""),
        ("orders/updated", {"id": "17; DROP TABLE"}, ""),
        ("orders/updated", [17], ""),
    ],
)
def test_a_payload_points_at_its_order_and_nothing_else_is_read(topic, body, order):
    assert read_nudge(topic_of(topic), json.dumps(body).encode()).order == order


def test_demands_about_data_name_the_shop_the_customer_and_the_orders():
    raw = json.dumps(
        {"shop_domain": "Oak-Ember.myshopify.com", "customer": {"id": 7}, "orders_to_redact": [1, "2", None]}
    ).encode()
    told = read_nudge(topic_of("customers/redact"), raw)
    assert (told.shop, told.customer, told.orders) == ("oak-ember.myshopify.com", "7", ("1", "2"))
    assert topic_of("shop/redact") is Topic.REDACT_SHOP
    assert topic_of("themes/publish") is Topic.OTHER


@given(st.sampled_from(list(Topic)), st.binary(max_size=200))
def test_no_payload_is_too_strange_to_be_left_alone(topic, raw):
    told = read_nudge(topic, raw)
    assert told.order == "" or told.order.isdigit()


def post(app, *pieces, path="/webhooks/oak-ember", method="POST", headers=()):
    sent = []
    waiting = [
        {"type": "http.request", "body": piece, "more_body": at < len(pieces) - 1}
        for at, piece in enumerate(pieces)
    ]

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"]


def test_the_service_hands_on_the_raw_bytes_and_answers_with_a_status_alone():
    heard = []

    async def take(merchant, headers, body):
        heard.append((merchant, headers["x-shopify-topic"], body))
        return 200

    app = webhook_app(take)
    assert post(app, b'{"id"', b":1}", headers=[(b"x-shopify-topic", b"orders/paid")]) == 200
    assert heard == [("oak-ember", "orders/paid", b'{"id":1}')]
    assert post(app, b"", method="GET") == 405


def test_a_body_too_large_is_refused_before_anybody_sees_it():
    async def take(merchant, headers, body):
        raise AssertionError("nobody may see it")

    app = webhook_app(take)
    assert post(app, b"x", headers=[(b"content-length", b"99999999")]) == 400
    assert post(app, b"x", headers=[(b"content-length", b"many")]) == 400
    piece = b"x" * (BODY_MOST // 2)
    assert post(app, piece, piece, b"x") == 400
