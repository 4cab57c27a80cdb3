"""What happens beside the simulated shop's orders agrees with them and with itself."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal

import pytest

from qbconsole.sandbox.shopify import Shop

SHOP = Shop.seeded(orders=400, facts=True)
FACTS = SHOP.facts


def cents(money) -> int:
    return int(Decimal(money["amount"]) * 100)


def tenders(gateway, *kinds):
    return [
        tender
        for order in SHOP.orders
        for tender in order["transactions"]
        if tender["gateway"] == gateway
        and tender["kind"] in kinds
        and tender["status"] == "SUCCESS"
        and not tender["test"]
    ]


def test_the_orders_are_the_same_with_and_without():
    plain = Shop.seeded(orders=400)
    assert json.dumps(plain.orders) == json.dumps(SHOP.orders)
    assert json.dumps(plain.world.customers) == json.dumps(SHOP.world.customers)
    assert plain.facts.payouts == []


def test_the_same_seed_gives_the_same_facts():
    again = Shop.seeded(orders=400, facts=True).facts
    assert (again.payouts, again.entries, again.gift_cards) == (
        FACTS.payouts,
        FACTS.entries,
        FACTS.gift_cards,
    )
    assert again == FACTS
    assert Shop.seeded(orders=400, facts=True, seed=8).facts.payouts != FACTS.payouts


def test_every_tender_of_shopify_payments_is_one_balance_entry():
    charged = {
        t["id"].rpartition("/")[2]: cents(t["amountSet"]["shopMoney"])
        for t in tenders("shopify_payments", "SALE", "CAPTURE")
    }
    refunded = {
        t["id"].rpartition("/")[2]: -cents(t["amountSet"]["shopMoney"])
        for t in tenders("shopify_payments", "REFUND")
    }
    found = {
        kind: {e["sourceOrderTransactionId"]: cents(e["amount"]) for e in FACTS.entries if e["type"] == kind}
        for kind in ("CHARGE", "REFUND")
    }
    assert found == {"CHARGE": charged, "REFUND": refunded}
    for entry in FACTS.entries:
        assert cents(entry["amount"]) - cents(entry["fee"]) == cents(entry["net"])


def test_a_payout_is_the_sum_of_its_entries_and_of_its_summary():
    for payout in FACTS.payouts:
        rows = [e for e in FACTS.entries if e["associatedPayout"]["id"] == payout["id"]]
        moved = [e for e in rows if e["type"] != "TRANSFER"]
        sent = [e for e in rows if e["type"] == "TRANSFER"]
        assert sum(cents(e["net"]) for e in moved) == cents(payout["net"])
        assert [cents(e["net"]) for e in sent] == [-cents(payout["net"])] * (payout["status"] != "SCHEDULED")
        gross = sum(cents(v) for k, v in payout["summary"].items() if k.endswith("Gross"))
        fees = sum(cents(v) for k, v in payout["summary"].items() if k.endswith(("Fee", "Fees")))
        assert gross - fees == cents(payout["net"])
        assert (cents(payout["net"]) < 0) == (payout["transactionType"] == "WITHDRAWAL")


def test_every_kind_of_payout_and_incident_is_there():
    statuses = Counter(payout["status"] for payout in FACTS.payouts)
    assert statuses["FAILED"] == 1
    assert statuses["SCHEDULED"] >= 1
    assert [p for p in FACTS.payouts if p["transactionType"] == "WITHDRAWAL" and p["status"] == "PAID"]
    kinds = {entry["type"] for entry in FACTS.entries}
    assert kinds >= {
        *("CHARGE", "REFUND", "TRANSFER", "TRANSFER_FAILURE", "SHIPPING_LABEL", "STARDUST_CREDIT"),
        *("RESERVED_FUNDS", "RESERVED_FUNDS_REVERSAL", "DISPUTE_WITHDRAWAL", "DISPUTE_REVERSAL"),
    }
    assert [dispute["status"] for dispute in FACTS.disputes] == ["LOST", "WON", "NEEDS_RESPONSE"]
    held = sum(cents(e["amount"]) for e in FACTS.entries if e["type"].startswith("RESERVED_FUNDS"))
    failed = next(cents(p["net"]) for p in FACTS.payouts if p["status"] == "FAILED")
    returned = next(cents(e["amount"]) for e in FACTS.entries if e["type"] == "TRANSFER_FAILURE")
    assert (held, returned) == (0, failed)
    assert any(e["associatedPayout"] == {"id": None, "status": "PENDING"} for e in FACTS.entries)


def test_gift_cards_are_worth_what_was_sold_and_lose_what_was_paid_with_them():
    sold = [
        line
        for order in SHOP.orders
        for line in order["lineItems"]["nodes"]
        if line["isGiftCard"] and not order["test"]
        for _ in range(line["quantity"])
    ]
    cards = FACTS.gift_cards
    assert len([card for card in cards if card["order"]]) == len(sold) > 0
    used = sum(cents(card["initialValue"]) - cents(card["balance"]) for card in cards)
    assert used == sum(cents(t["amountSet"]["shopMoney"]) for t in tenders("gift_card", "SALE")) > 0
    for card in cards:
        moved = sum(cents(row["amount"]) for row in card["transactions"]["nodes"])
        assert cents(card["initialValue"]) + moved == cents(card["balance"]) >= 0
    assert [card for card in cards if not card["enabled"]]


def test_drawers_hold_the_cash_tenders_of_their_day():
    came = sum(cents(t["amountSet"]["shopMoney"]) for t in tenders("cash", "SALE"))
    assert sum(cents(session["netCashSales"]) for session in FACTS.cash_sessions) == came
    closed = [session for session in FACTS.cash_sessions if session["closingTime"]]
    assert len(closed) == len(FACTS.cash_sessions) - 1
    off = [cents(s["closingBalance"]) - cents(s["expectedClosingBalance"]) for s in closed]
    assert off == [cents(s["totalDiscrepancy"]) for s in closed]
    assert min(off) < 0 < max(off)


def test_stock_falls_with_every_unit_sold_and_purchases_come_in_shipments():
    counted = {
        item["id"]: sum(
            row["quantity"]
            for level in item["inventoryLevels"]["nodes"]
            for row in level["quantities"]
            if row["name"] == "available"
        )
        for item in SHOP.stocked_items()
    }
    opening = Counter()
    for (item, _), units in FACTS.stock.items():
        opening[item] += units
    assert all(counted[item] <= units for item, units in opening.items())
    assert sum(opening.values()) - sum(counted.values()) > 400
    first, second, draft = FACTS.purchase_orders
    assert [draft["status"], draft["transfers"]["nodes"]] == ["DRAFT", []]
    states = [
        [s["status"] for t in one["transfers"]["nodes"] for s in t["shipments"]["nodes"]]
        for one in (first, second)
    ]
    assert states == [["RECEIVED", "RECEIVED"], ["RECEIVED", "IN_TRANSIT"]]


@pytest.mark.parametrize("orders", [0, 1, 2, 5, 20])
def test_a_small_shop_has_what_it_can(orders):
    shop = Shop.seeded(orders=orders, days=4, facts=True)
    live = [
        t
        for o in shop.orders
        if not o["test"]
        for t in o["transactions"]
        if t["gateway"] == "shopify_payments"
    ]
    assert len([e for e in shop.facts.entries if e["type"] == "CHARGE"]) <= len(live)
    assert shop.facts.purchase_orders


def test_when_all_is_paid_out_nothing_is_left_in_the_account():
    shop = Shop.seeded(orders=300, facts=True)
    before = sum(cents(e["net"]) for e in shop.facts.entries if e["type"] != "TRANSFER")
    shop.pay_out_the_rest()
    entries = shop.facts.entries
    assert {payout["status"] for payout in shop.facts.payouts} == {"PAID", "FAILED"}
    assert all(entry["associatedPayout"]["id"] for entry in entries)
    assert sum(cents(e["net"]) for e in entries if e["type"] != "TRANSFER") == before
    assert len({entry["id"] for entry in entries}) == len(entries)
    for payout in shop.facts.payouts:
        rows = [
            e for e in entries if e["associatedPayout"] == {"id": payout["id"], "status": payout["status"]}
        ]
        assert sum(cents(e["net"]) for e in rows) == 0
    arrived = sum(cents(payout["net"]) for payout in shop.facts.payouts if payout["status"] == "PAID")
    back = sum(cents(e["net"]) for e in entries if e["type"] == "TRANSFER_FAILURE")
    assert arrived == before - back
