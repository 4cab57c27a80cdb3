"""The readers of what happens beside orders believe nothing that was not asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from shopify_over_asgi import client_of, reply, scripted

from qbconsole.errors import ShopifyContradiction
from qbconsole.sandbox.shopify import Shop
from qbconsole.sources.shopify import facts
from qbconsole.sources.shopify.answers import FieldUnknown, Withheld

UNTIL = datetime(2026, 2, 1, tzinfo=UTC)
LAST = {"hasNextPage": False, "endCursor": "x"}


@pytest.fixture(scope="module")
def shop():
    return Shop.seeded(orders=300, facts=True)


def rows(batches):
    return [row for batch in batches for row in batch.rows]


def test_payouts_come_whole_whatever_one_query_may_cost(shop):
    shop.max_cost = 40
    found = rows(facts.payouts(client_of(shop), None, UNTIL))
    shop.max_cost = 1000
    assert [row["payout"]["id"] for row in found] == [row["id"] for row in shop.facts.payouts]
    listed = [entry["id"] for row in found for entry in row["balanceTransactions"]]
    assert sorted(listed) == sorted(e["id"] for e in shop.facts.entries if e["associatedPayout"]["id"])


def test_the_cursor_goes_back_to_what_is_not_final(shop):
    *_, last = facts.payouts(client_of(shop), None, datetime(2026, 6, 1, tzinfo=UTC))
    waiting = [row for row in shop.facts.payouts if row["status"] == "SCHEDULED"]
    assert last.cursor == min(row["issuedAt"] for row in waiting)
    again = rows(facts.payouts(client_of(shop), last.cursor, UNTIL))
    assert [row["payout"]["id"] for row in again] == [row["id"] for row in waiting]


def test_a_payout_outside_the_window_is_a_contradiction():
    payout = {"issuedAt": "2026-01-01T00:00:00Z", "status": "PAID"}
    account = {"shopifyPaymentsAccount": {"id": "1", "payouts": {"nodes": [payout], "pageInfo": LAST}}}
    client, _, _ = scripted(reply({"data": account}))
    with pytest.raises(ShopifyContradiction, match="outside the window"):
        list(facts.payouts(client, "2026-01-02T00:00:00Z", UNTIL))


def test_an_entry_of_another_payout_is_a_contradiction():
    payout = {"issuedAt": "2026-01-01T00:00:00Z", "status": "PAID", "legacyResourceId": "7"}
    entry = {"id": "1", "associatedPayout": {"id": "gid://shopify/ShopifyPaymentsPayout/8"}}
    pages = {"payouts": {"nodes": [payout], "pageInfo": LAST}}
    pages["balanceTransactions"] = {"nodes": [entry], "pageInfo": LAST}
    client, _, _ = scripted(reply({"data": {"shopifyPaymentsAccount": pages}}))
    with pytest.raises(ShopifyContradiction, match="for payout 7"):
        list(facts.payouts(client, None, UNTIL))


def test_a_sold_card_is_never_taken_for_one_given_away(shop):
    card = {**shop.facts.gift_cards[0], "order": None}
    error = {
        "message": "Access denied for order field. Required access: `read_orders` access scope.",
        "path": ["giftCards", "nodes", 0, "order"],
        "extensions": {"code": "ACCESS_DENIED"},
    }
    body = {"data": {"giftCards": {"nodes": [card], "pageInfo": LAST}}, "errors": [error]}
    client, _, _ = scripted(reply(body))
    with pytest.raises(Withheld, match="read_orders"):
        list(facts.gift_cards(client, None, UNTIL))


def test_movements_of_store_credit_have_ids_that_last(shop):
    one, two = (rows(facts.store_credit(client_of(shop), None, UNTIL)) for _ in range(2))
    assert one == two
    assert len({row["id"] for row in one}) == len(one) == 5
    assert {row["amount"]["amount"] for row in one} == {"20.0", "-5.0", "15.0", "3.75", "6.25"}
    assert all(row["account"]["owner"]["displayName"] for row in one)


def test_all_buyers_are_looked_through_once_a_week(shop):
    client = client_of(shop)
    *_, last = facts.store_credit(client, None, UNTIL)
    assert last.cursor == "2026-02-01T00:00:00Z 2026-02-01T00:00:00Z"
    soon = datetime(2026, 2, 3, tzinfo=UTC)
    assert rows(facts.store_credit(client, last.cursor, soon)) == []
    later = datetime(2026, 2, 9, tzinfo=UTC)
    assert len(rows(facts.store_credit(client, last.cursor, later))) == 5


def test_open_drawers_are_left_out_and_the_last_days_read_again(shop):
    closed = [session for session in shop.facts.cash_sessions if session["closingTime"]]
    batches = list(facts.cash_sessions(client_of(shop), None, UNTIL))
    assert [row["id"] for row in rows(batches)] == [session["id"] for session in closed]
    assert {(row["status"], row["currency"]) for row in rows(batches)} == {("CLOSED", "USD")}
    assert batches[-1].cursor == "2026-01-29T00:00:00Z"


def test_an_api_without_purchase_orders_is_told_apart_from_a_mistake_of_ours(shop):
    shop.roots_missing.add("inventoryPurchaseOrders")
    with pytest.raises(FieldUnknown):
        list(facts.purchases(client_of(shop), None, UNTIL, day=lambda at: at.date()))
    shop.roots_missing.clear()


def test_archived_purchase_orders_are_left_alone_after_a_while(shop):
    def numbers(cursor):
        found = facts.purchases(client_of(shop), cursor, UNTIL, day=lambda at: at.date())
        return [row["number"] for row in rows(found)]

    shop.facts.purchase_orders[0]["archivedAt"] = "2026-01-20T00:00:00Z"
    assert numbers(None) == ["#PO1", "#PO2"]
    assert numbers("2026-01-26T00:00:00Z") == ["#PO1", "#PO2"]
    assert numbers("2026-01-28T00:00:00Z") == ["#PO2"]
    shop.facts.purchase_orders[0]["archivedAt"] = None


def test_a_transfer_cut_short_is_named_and_left_out(shop):
    lines = shop.facts.transfers[0]["lineItems"]["nodes"]
    kept = list(lines)
    lines += [{**lines[0], "id": f"gid://shopify/InventoryTransferLineItem/{n}"} for n in range(60)]
    batches = list(facts.transfers(client_of(shop), None, UNTIL))
    lines[:] = kept
    assert [row["name"] for row in rows(batches)] == ["#T0101", "#T0102", "#T0002"]
    assert any("#T0001" in sentence for batch in batches for sentence in batch.said)
