"""The seeded shop is right to the cent: every order is added up here by code that knows only the API's fields."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qbconsole.sandbox.shopify import Shop

# Read by several tests, changed by none.
BIG = Shop.seeded(orders=500)
SIDES = ("shopMoney", "presentmentMoney")


def money(bag, side):
    return Decimal(bag[side]["amount"]) if bag else Decimal(0)


def fault(order, side):
    """The first identity of accounting.md section 5 that does not hold, or nothing."""

    def m(bag):
        return money(bag, side)

    tips = {row["id"] for row in order["nonFulfillableLineItems"]["nodes"]}
    lines = order["lineItems"]["nodes"]
    products = [line for line in lines if line["id"] not in tips]
    ships = order["shippingLines"]["nodes"]
    goods = sum((m(line["originalTotalSet"]) for line in products), Decimal(0))
    given = sum(
        (m(a["allocatedAmountSet"]) for part in [*products, *ships] for a in part["discountAllocations"]),
        Decimal(0),
    )
    shipping = sum((m(ship["originalPriceSet"]) for ship in ships), Decimal(0))
    tax = sum((m(t["priceSet"]) for part in [*lines, *ships] for t in part["taxLines"]), Decimal(0))
    tip = sum((m(line["originalTotalSet"]) for line in lines if line["id"] in tips), Decimal(0))
    total = goods - given + shipping + tip + (0 if order["taxesIncluded"] else tax)
    paid = {"SALE": 1, "CAPTURE": 1, "CHANGE": -1}
    ok = [t for t in order["transactions"] if t["status"] == "SUCCESS"]
    received = sum((paid.get(t["kind"], 0) * m(t["amountSet"]) for t in ok), Decimal(0))
    refunded = sum((m(t["amountSet"]) for t in ok if t["kind"] == "REFUND"), Decimal(0))
    current = m(order["currentTotalPriceSet"])
    checks = {
        "total": (m(order["totalPriceSet"]), total),
        "original total": (m(order["originalTotalPriceSet"]), total),
        "tax": (m(order["totalTaxSet"]), tax),
        "tip": (m(order["totalTipReceivedSet"]), tip),
        "discounts": (m(order["totalDiscountsSet"]), given),
        "received": (m(order["totalReceivedSet"]), received),
        "refunded": (m(order["totalRefundedSet"]), refunded),
        "net payment": (m(order["netPaymentSet"]), received - refunded),
        "unit times quantity": (
            goods + tip,
            sum((m(line["originalUnitPriceSet"]) * line["quantity"] for line in lines), Decimal(0)),
        ),
        "shipping": (
            m(order["totalShippingPriceSet"]),
            sum((m(ship["discountedPriceSet"]) for ship in ships), Decimal(0)),
        ),
    }
    sales = [sale for a in order["agreements"]["nodes"] for sale in a["sales"]["nodes"]]
    if sales:
        checks["agreements"] = (sum((m(sale["totalAmount"]) for sale in sales), Decimal(0)), current)
        checks["agreements' tax"] = (
            sum((m(sale["totalTaxAmount"]) for sale in sales), Decimal(0)),
            m(order["currentTotalTaxSet"]),
        )
        for sale in sales:
            if sale["taxes"]:
                listed = sum((m(row["amount"]) for row in sale["taxes"]), Decimal(0))
                checks["taxes of " + sale["id"]] = (listed, m(sale["totalTaxAmount"]))
    if order["displayFinancialStatus"] != "AUTHORIZED":
        checks["outstanding"] = (m(order["totalOutstandingSet"]), current - received + refunded)
    for refund in order["refunds"]:
        money_back = sum((m(t["amountSet"]) for t in refund["transactions"]["nodes"]), Decimal(0))
        rows, posts = refund["refundLineItems"]["nodes"], refund["refundShippingLines"]["nodes"]
        parts = sum((m(row["subtotalSet"]) for row in rows), Decimal(0))
        parts += sum((m(row["subtotalAmountSet"]) for row in posts), Decimal(0))
        if not order["taxesIncluded"]:
            parts += sum((m(row["totalTaxSet"]) for row in rows), Decimal(0))
            parts += sum((m(row["taxAmountSet"]) for row in posts), Decimal(0))
        checks["money of " + refund["id"]] = (m(refund["totalRefundedSet"]), money_back)
        if money_back:
            checks["parts of " + refund["id"]] = (parts, money_back)
    return {name: pair for name, pair in checks.items() if pair[0] != pair[1]}


def current_by_fields(order, side):
    """What an order without agreements still amounts to: its total less refunded, removed and cancelled parts."""
    taken = Decimal(0)
    for refund in order["refunds"]:
        for row in refund["refundLineItems"]["nodes"]:
            taken += money(row["subtotalSet"], side)
            taken += 0 if order["taxesIncluded"] else money(row["totalTaxSet"], side)
        for row in refund["refundShippingLines"]["nodes"]:
            taken += money(row["subtotalAmountSet"], side)
            taken += 0 if order["taxesIncluded"] else money(row["taxAmountSet"], side)
    return money(order["totalPriceSet"], side) - taken


@pytest.mark.parametrize("included", [False, True])
def test_every_order_of_a_seeded_shop_adds_up_in_both_currencies(included):
    shop = Shop.seeded(orders=200, taxes_included=included, foreign=("CAD", 1_371_000))
    wrong = {o["name"]: f for o in shop.orders for side in SIDES if (f := fault(o, side))}
    assert not wrong
    assert any(o["presentmentCurrencyCode"] == "CAD" for o in shop.orders)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10**6),
    included=st.booleans(),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    rate=st.integers(300_000, 3_000_000),
)
def test_any_seed_gives_orders_that_add_up(seed, included, currency, rate):
    shop = Shop.seeded(
        seed=seed, orders=70, days=4, currency=currency, taxes_included=included, foreign=("EUR", rate)
    )
    assert not {o["name"]: f for o in shop.orders for side in SIDES if (f := fault(o, side))}


def test_without_agreements_refunds_explain_the_current_total():
    shop = Shop.seeded(orders=300, seed=3)
    plain = [
        o
        for o in shop.orders
        if not o["agreements"]["nodes"] and not o["edited"] and (o["refunds"] or not o["cancelledAt"])
    ]
    assert len(plain) > 100
    for order in plain:
        for side in SIDES:
            assert current_by_fields(order, side) == money(order["currentTotalPriceSet"], side)


def test_an_order_cancelled_without_a_record_amounts_to_nothing():
    shop = Shop.seeded(orders=500, seed=5)
    silent = [o for o in shop.orders if o["cancelledAt"] and not o["refunds"]]
    assert silent
    for order in silent:
        assert order["currentTotalPriceSet"]["shopMoney"]["amount"] == "0.0"
        assert not order["agreements"]["nodes"]
        assert all(line["currentQuantity"] == 0 for line in order["lineItems"]["nodes"])


def test_the_same_seed_gives_the_same_shop_and_another_seed_another():
    one, two, other = (Shop.seeded(orders=120, seed=s) for s in (7, 7, 8))
    assert json.dumps(one.orders) == json.dumps(two.orders)
    assert json.dumps(one.orders) != json.dumps(other.orders)


def test_two_shops_share_no_id():
    one, two = Shop.seeded(orders=80), Shop.seeded(orders=80, domain="second-shop.myshopify.com")
    assert {o["id"] for o in one.orders}.isdisjoint(o["id"] for o in two.orders)


def test_only_asked_for_orders_are_broken():
    shop = Shop.seeded(orders=100, broken=2)
    wrong = [o["name"] for o in shop.orders if fault(o, "shopMoney")]
    assert wrong == [o["name"] for o in shop.orders[-2:]]


def test_a_seeded_shop_has_every_kind_of_order():
    shop = BIG
    statuses = Counter(o["displayFinancialStatus"] for o in shop.orders)
    assert {"PAID", "PENDING", None, "AUTHORIZED", "VOIDED", "PARTIALLY_PAID"} <= set(statuses)
    assert {"REFUNDED", "PARTIALLY_REFUNDED"} <= set(statuses)
    assert 400 < statuses["PAID"] < 460
    gateways = Counter(t["gateway"] for o in shop.orders for t in o["transactions"])
    assert set(gateways) == {"shopify_payments", "paypal", "cash", "manual", "gift_card"}
    assert {o["sourceName"] for o in shop.orders} == {"web", "pos", "shopify_draft_order", "8841734"}
    assert 200 < sum(bool(o["agreements"]["nodes"]) for o in shop.orders) < 300
    lines = [line for o in shop.orders for line in o["lineItems"]["nodes"]]
    assert any(line["sku"] is None and line["variant"] is None for line in lines)
    assert any(line["isGiftCard"] for line in lines)
    assert any(o["edited"] for o in shop.orders)
    assert any(o["cancelledAt"] for o in shop.orders)
    assert any(o["nonFulfillableLineItems"]["nodes"] for o in shop.orders)
    assert any(o["totalPriceSet"]["shopMoney"]["amount"] == "0.0" for o in shop.orders)
    assert any(len(o["shippingLines"]["nodes"]) > 1 for o in shop.orders)
    assert any(o["paymentTerms"] for o in shop.orders)
    assert any(o["purchasingEntity"] for o in shop.orders)
    restock = {
        r["restockType"] for o in shop.orders for f in o["refunds"] for r in f["refundLineItems"]["nodes"]
    }
    assert restock == {"RETURN", "CANCEL", "NO_RESTOCK"}
    held = sum(o["test"] or o["displayFinancialStatus"] in ("AUTHORIZED", "VOIDED") for o in shop.orders)
    assert 10 <= held <= 30


def test_names_titles_and_notes_hold_everything_that_breaks_screens():
    shop = BIG
    words = json.dumps(shop.orders, ensure_ascii=False)
    for piece in ("é", "山田", "🎉", "[/b]", "[VIP]", "\\u001b]0;x\\u0007", "\u202e", "&", "<", "'"):
        assert piece in words
    names = [o["customer"]["displayName"] for o in shop.orders if o["customer"]]
    assert any(len(name) > 41 for name in names)
    assert any("\x1b]0;x\x07" in line["title"] for o in shop.orders for line in o["lineItems"]["nodes"])


def test_orders_fall_on_every_shop_day_and_nothing_happens_later():
    shop = Shop.seeded(orders=500, start=date(2026, 1, 5), days=6)
    zone = ZoneInfo("America/Los_Angeles")
    days = {datetime.fromisoformat(o["processedAt"]).astimezone(zone).date() for o in shop.orders}
    assert days == {date(2026, 1, day) for day in range(5, 11)}
    assert max(o["updatedAt"] for o in shop.orders) < "2026-01-11T08:00:00Z"
    assert all(o["createdAt"] <= o["updatedAt"] for o in shop.orders)
