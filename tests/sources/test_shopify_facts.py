"""The readers of what happens beside orders believe nothing that was not asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from shopify_over_asgi import OverAsgi, client_of, reply, scripted

from qbconsole.errors import ShopifyContradiction
from qbconsole.sandbox.shopify import Shop, app
from qbconsole.sources.shopify import facts
from qbconsole.sources.shopify.answers import FieldUnknown, VersionRetired, Withheld

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


def test_an_account_of_more_movements_than_one_answer_holds_is_read_to_the_first():
    shop = Shop.seeded(orders=300, facts=True)
    before = rows(facts.store_credit(client_of(shop), None, UNTIL))
    account = next(one for held in shop.facts.store_credit.values() for one in held)
    kept = account["transactions"]["nodes"]
    newest = kept[0]
    account["transactions"]["nodes"] = [
        *({**newest, "createdAt": f"2026-01-2{n % 9}T10:{n % 60:02d}:00Z"} for n in range(370)),
        *kept,
    ]
    batches = list(facts.store_credit(client_of(shop), None, UNTIL))
    found = rows(batches)
    assert len({row["id"] for row in found}) == len(found) == len(before) + 370
    # What had happened before keeps its ids.
    assert {row["id"] for row in before} <= {row["id"] for row in found}
    assert not any(batch.said for batch in batches)


def a_buyer_of_many_currencies(shop, many):
    """A buyer gets so many accounts, each of one movement like the first."""
    held = next(iter(shop.facts.store_credit.values()))
    first = held[0]
    before = len(first["transactions"]["nodes"])
    del held[1:]
    held += [{**first, "id": f"gid://shopify/StoreCreditAccount/77{n:02d}"} for n in range(1, many)]
    return before * (many - 1)


@pytest.mark.parametrize("max_cost", [1000, 60])
def test_a_buyer_with_more_store_credit_accounts_than_one_answer_holds_is_read_to_the_last(max_cost):
    shop = Shop.seeded(orders=300, facts=True)
    first = rows(facts.store_credit(client_of(shop), None, UNTIL))
    more = a_buyer_of_many_currencies(shop, 24)
    shop.max_cost = max_cost
    found = rows(facts.store_credit(client_of(shop), None, UNTIL))
    assert len({row["id"] for row in found}) == len(found) == len(first) + more
    assert {row["id"] for row in first} <= {row["id"] for row in found}
    assert all(row["account"]["owner"]["displayName"] for row in found)


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


def renumbered(row, kind, many):
    """So many rows like this one, each with an id of its own."""
    return [{**row, "id": f"gid://shopify/{kind}/{9000 + n}"} for n in range(many)]


@pytest.fixture
def large():
    """A shop whose first transfer and purchase order have more of everything than one answer holds."""
    shop = Shop.seeded(orders=5, facts=True)
    transfer, order = shop.facts.transfers[0], shop.facts.purchase_orders[0]
    lines, shipments = transfer["lineItems"], transfer["shipments"]
    lines["nodes"] = renumbered(lines["nodes"][0], "InventoryTransferLineItem", 130)
    shipment = shipments["nodes"][0]
    inside = shipment["lineItems"]["nodes"][0]
    shipment["lineItems"] = {"nodes": renumbered(inside, "InventoryShipmentLineItem", 230)}
    shipments["nodes"] = renumbered(shipment, "InventoryShipment", 61)
    bought = order["lineItems"]["nodes"][0]
    order["lineItems"]["nodes"] = renumbered(bought, "InventoryPurchaseOrderLineItem", 251)
    (coming,) = order["transfers"]["nodes"]
    arrived = coming["shipments"]["nodes"][0]
    order["transfers"]["nodes"] = [
        {
            **one,
            "shipments": {
                "nodes": [{**arrived, "id": f"gid://shopify/InventoryShipment/{n}{k:03d}"} for k in range(13)]
            },
        }
        for n, one in enumerate(renumbered(coming, "InventoryTransfer", 57), 7)
    ]
    shop.facts.transfers += order["transfers"]["nodes"]
    return shop


@pytest.mark.parametrize("most", [1000, 60])
def test_a_transfer_larger_than_one_answer_is_read_whole(large, most):
    large.max_cost = most
    before = client_of(large)
    (row,) = [one for one in rows(facts.transfers(before, None, UNTIL)) if one["name"] == "#T0001"]
    ours = large.facts.transfers[0]
    assert [one["id"] for one in row["lineItems"]["nodes"]] == [
        one["id"] for one in ours["lineItems"]["nodes"]
    ]
    assert [one["id"] for one in row["shipments"]["nodes"]] == [
        one["id"] for one in ours["shipments"]["nodes"]
    ]
    assert {len(one["lineItems"]["nodes"]) for one in row["shipments"]["nodes"]} == {230}


def test_a_purchase_order_larger_than_one_answer_is_read_whole(large):
    found = rows(facts.purchases(client_of(large), None, UNTIL, day=lambda at: at.date()))
    (row,) = [one for one in found if one["number"] == "#PO1"]
    assert len(row["lines"]) == 251
    assert [receipt["id"] for receipt in row["receipts"]] == [
        shipment["id"].rpartition("/")[2]
        for transfer in large.facts.purchase_orders[0]["transfers"]["nodes"]
        for shipment in transfer["shipments"]["nodes"]
    ]
    assert len(row["receipts"]) == 57 * 13
    assert all(receipt["lines"] for receipt in row["receipts"])


class Broken(OverAsgi):
    """Answers one query of this name with a page that announces more and goes nowhere."""

    def __init__(self, shop, query):
        super().__init__(app([shop], clock=lambda: 1000.0))
        self._query = f"query {query}(".encode()

    def handle_request(self, request):
        answer = super().handle_request(request)
        if self._query not in request.content:
            return answer
        body = answer.json()
        (root,) = body["data"].values()
        (connection,) = [part for part in root.values() if isinstance(part, dict)]
        connection["pageInfo"] = {"hasNextPage": True, "endCursor": None}
        return httpx.Response(200, headers=answer.headers, json=body)


@pytest.mark.parametrize("query", ["TransferLines", "TransferShipments"])
def test_a_transfer_whose_pages_do_not_go_on_is_named_and_the_others_come(large, query):
    del large.facts.transfers[4:]
    with client_of(large, transport=Broken(large, query)) as client:
        batches = list(facts.transfers(client, None, UNTIL))
    assert [row["name"] for row in rows(batches)] == ["#T0101", "#T0102", "#T0002"]
    (unread,) = [one for batch in batches for one in batch.unread]
    assert (unread.name, unread.number) == (
        "Transfer #T0001",
        large.facts.transfers[0]["id"].rpartition("/")[2],
    )
    assert "do not go on" in unread.sentence()
    # It is looked at again, though it ended.
    assert batches[-1].cursor <= large.facts.transfers[0]["dateCreated"]


@pytest.mark.parametrize("query", ["PurchaseLines", "PurchaseTransfers", "TransferShipments"])
def test_a_purchase_order_whose_pages_do_not_go_on_is_named_and_the_others_come(large, query):
    with client_of(large, transport=Broken(large, query)) as client:
        batches = list(facts.purchases(client, None, UNTIL, day=lambda at: at.date()))
    assert [row["number"] for row in rows(batches)] == ["#PO2"]
    assert [(one.name, one.number) for batch in batches for one in batch.unread] == [
        ("Purchase order #PO1", "#PO1")
    ]
    assert batches[-1].cursor is None


def test_a_version_that_ends_between_pages_is_no_fault_of_one_record(large):
    class Retired(OverAsgi):
        def handle_request(self, request):
            if b"query PurchaseLines(" in request.content:
                large.answers_as = "2026-01"
            return super().handle_request(request)

    transport = Retired(app([large], clock=lambda: 1000.0))
    with client_of(large, transport=transport) as client, pytest.raises(VersionRetired):
        list(facts.purchases(client, None, UNTIL, day=lambda at: at.date()))
