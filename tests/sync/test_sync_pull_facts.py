"""Pulling what happened beside the orders: snapshots, cursors, scopes, and stock corrections by difference."""

from __future__ import annotations

import copy
import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sources.shopify_over_asgi import OverAsgi, client_of

from qbconsole.books.holds import Reason
from qbconsole.bundled import bundled
from qbconsole.errors import UsageError
from qbconsole.sandbox.shopify import Shop, app
from qbconsole.sources.shopify.answers import AccessLost, VersionRetired
from qbconsole.sources.shopify.fact_readers import READERS
from qbconsole.sources.shopify.reading import read_shop
from qbconsole.store import books, holds, snapshots
from qbconsole.sync.book import book
from qbconsole.sync.pull import pull_fees, pull_file, pull_shop
from qbconsole.workspace import Workspace

AFTER = datetime(2026, 1, 16, 12, tzinfo=UTC)
KINDS = ("payout", "dispute", "gift_card", "store_credit", "cash_session", "transfer", "purchase")


@pytest.fixture
def shop():
    made = Shop.seeded(orders=70, days=10, facts=True)
    made.orders = made.orders[:12]
    return made


class Trip:
    """A workspace with the shipped mapping, and a clock that tests move on."""

    def __init__(self, root):
        text = bundled("mappings.toml").read_text(encoding="utf-8")
        (root / "mappings.toml").write_text(text, encoding="utf-8")
        self.now = AFTER
        self.workspace = Workspace.open(root, environ={})
        self.workspace.clock = lambda: self.now


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    yield trip
    trip.workspace.close()


def pull(trip, shop, **how):
    means = trip.workspace.means()
    with client_of(shop) as client:
        return pull_shop(means, means.merchant("oak-ember"), client, **how)


def kept(workspace: Workspace, kind: str) -> dict[str, dict]:
    with workspace.store.reading() as tx:
        rows = snapshots.latest_of(tx, "oak-ember", kind)
    return {row.source_id: json.loads(row.raw) for row in rows}


def cursor(trip, name):
    with trip.workspace.store.reading() as tx:
        return snapshots.get_cursor(tx, "oak-ember", name)


def test_everything_the_shop_has_is_kept_and_the_second_pull_brings_nothing_new(trip, shop):
    first = pull(trip, shop)
    assert first.warnings == ()
    facts = shop.facts
    assert {kind: len(kept(trip.workspace, kind)) for kind in KINDS} == {
        "payout": len(facts.payouts),
        "dispute": 3,
        "gift_card": len(facts.gift_cards),
        "store_credit": 5,
        "cash_session": len(facts.cash_sessions) - 1,
        "transfer": 4,
        "purchase": 2,
    }
    trip.now += timedelta(hours=1)
    again = pull(trip, shop)
    assert (again.new, again.changed, again.warnings) == (0, 0, ())
    assert cursor(trip, "facts/payout") < "2026-01-07"


def test_a_payout_has_the_shape_of_the_file_and_its_rows_make_its_net(trip, shop):
    pull(trip, shop)
    for row in kept(trip.workspace, "payout").values():
        assert set(row) == {"payout", "balanceTransactions"}
        moving = [entry for entry in row["balanceTransactions"] if entry["type"] != "TRANSFER"]
        cents = sum(round(float(entry["net"]["amount"]) * 100) for entry in moving)
        assert cents == round(float(row["payout"]["net"]["amount"]) * 100)


def test_what_was_pulled_may_be_given_again_as_a_file(trip, shop):
    pull(trip, shop)
    names = {
        "payouts": "payout",
        "disputes": "dispute",
        "giftCards": "gift_card",
        "storeCreditTransactions": "store_credit",
        "cashSessions": "cash_session",
        "inventoryTransfers": "transfer",
        "purchases": "purchase",
    }
    facts = {name: list(kept(trip.workspace, kind).values()) for name, kind in names.items()}
    path = trip.workspace.root / "again.json"
    path.write_text(json.dumps({"shop": shop.about(), **facts}), encoding="utf-8")
    again = pull_file(trip.workspace.means(), path)
    assert (again.new, again.changed) == (0, 0)
    assert again.same == sum(len(rows) for rows in facts.values())


def test_all_of_it_can_be_read(trip, shop):
    pull(trip, shop)
    shop.correct_stock("MUG-WHI", -2)
    trip.now += timedelta(days=1)
    pull(trip, shop)
    told = read_shop(shop.about())
    for kind, read in READERS.items():
        rows = kept(trip.workspace, kind)
        assert bool(rows) == (kind != "fee")
        for raw in rows.values():
            assert read(raw, told)


def test_a_payout_that_fails_after_it_was_paid_is_noticed(trip, shop):
    pull(trip, shop)
    payout = next(row for row in reversed(shop.facts.payouts) if row["status"] == "PAID")
    payout["status"] = "FAILED"
    scheduled = [row for row in shop.facts.payouts if row["status"] == "SCHEDULED"]
    for row in scheduled:
        row["status"] = "PAID"
    trip.now += timedelta(days=6)
    assert pull(trip, shop).changed == 1 + len(scheduled)
    assert kept(trip.workspace, "payout")[payout["legacyResourceId"]]["payout"]["status"] == "FAILED"
    trip.now += timedelta(days=90)
    pull(trip, shop)
    payout["status"] = "PAID"
    trip.now += timedelta(days=1)
    assert pull(trip, shop).changed == 0


@pytest.mark.parametrize(
    ("scope", "unread", "words"),
    [
        ("read_shopify_payments_accounts", {"payout"}, "payouts"),
        ("read_shopify_payments_payouts", {"payout"}, "payouts"),
        ("read_shopify_payments_disputes", {"dispute"}, "disputes"),
        ("read_gift_cards", {"gift_card"}, "gift cards"),
        ("read_store_credit_accounts", {"store_credit"}, "store credit"),
        ("read_store_credit_account_transactions", {"store_credit"}, "store credit"),
        ("read_cash_tracking", {"cash_session"}, "cash sessions"),
        ("read_inventory_transfers", {"transfer", "purchase"}, "transfers"),
        ("read_inventory_purchase_orders", {"purchase"}, "purchase orders"),
    ],
)
def test_a_scope_that_is_missing_is_a_warning_and_the_rest_is_pulled(trip, shop, scope, unread, words):
    shop.scopes.discard(scope)
    done = pull(trip, shop)
    assert {kind for kind in KINDS if not kept(trip.workspace, kind)} == unread
    assert any(scope in warning and words in warning for warning in done.warnings)
    assert all(cursor(trip, f"facts/{kind}") is None for kind in unread)
    shop.scopes.add(scope)
    trip.now += timedelta(hours=1)
    assert pull(trip, shop).warnings == ()
    assert all(kept(trip.workspace, kind) for kind in KINDS)


def test_without_the_ledger_a_card_is_kept_and_the_scope_is_named(trip, shop):
    shop.scopes.discard("read_gift_card_transactions")
    done = pull(trip, shop)
    assert any("read_gift_card_transactions" in warning for warning in done.warnings)
    assert all("transactions" not in card for card in kept(trip.workspace, "gift_card").values())


def test_a_ledger_that_is_granted_later_comes_though_its_card_did_not_change(trip, shop):
    untouched = [
        one for one in shop.facts.gift_cards if one["enabled"] and one["balance"] == one["initialValue"]
    ]
    used = {one["id"].rpartition("/")[2] for one in shop.facts.gift_cards if one not in untouched}
    shop.scopes.discard("read_gift_card_transactions")
    for _ in range(2):  # it is told by each pull
        assert any("read_gift_card_transactions" in warning for warning in pull(trip, shop).warnings)
        trip.now += timedelta(hours=1)
    shop.scopes.add("read_gift_card_transactions")
    done = pull(trip, shop)
    assert (done.changed, done.warnings) == (len(used), ())
    cards = kept(trip.workspace, "gift_card")
    assert {number for number, card in cards.items() if "transactions" in card} == used
    trip.now += timedelta(days=1)
    pull(trip, shop)
    assert cursor(trip, "facts/gift_card") == max(card["updatedAt"] for card in shop.facts.gift_cards)


class Meanwhile(OverAsgi):
    """Does something to the shop just before a query of this name is answered."""

    def __init__(self, shop, query, act):
        super().__init__(app([shop], clock=lambda: 1000.0))
        self._query, self._act = f"query {query}(".encode(), act

    def handle_request(self, request):
        if self._query in request.content or self._query.replace(b"(", b" ") in request.content:
            self._act()
        return super().handle_request(request)


@pytest.mark.parametrize("query", ["Payouts", "OrdersCounts", "StockLevels"])
@pytest.mark.parametrize(("what", "error"), [("version", VersionRetired), ("token", AccessLost)])
def test_a_version_retired_or_a_token_void_behind_the_orders_stops_the_pull_too(
    trip, shop, query, what, error
):
    def act():
        if what == "version":
            shop.answers_as = "2026-01"
        else:
            shop.permanent_tokens.clear()

    means = trip.workspace.means()
    with client_of(shop, transport=Meanwhile(shop, query, act)) as client, pytest.raises(error):
        pull_shop(means, means.merchant("oak-ember"), client)
    with trip.workspace.store.reading() as tx:
        (row,) = holds.open_holds(tx, merchant="oak-ember")
    assert row.hold.reason is (Reason.API_VERSION if what == "version" else Reason.REAUTH)
    assert len(kept(trip.workspace, "order")) == len(shop.orders)


def test_a_card_used_later_comes_with_its_movement(trip, shop):
    pull(trip, shop)
    card = next(card for card in shop.facts.gift_cards if card["order"] is None and card["enabled"])
    movement = {
        "__typename": "GiftCardDebitTransaction",
        "id": "gid://shopify/GiftCardTransaction/1",
        "processedAt": "2026-01-16T20:00:00Z",
        "note": None,
        "amount": {"amount": "-1.0", "currencyCode": "USD"},
    }
    card["transactions"]["nodes"].append(movement)
    card |= {"updatedAt": "2026-01-16T20:00:00Z", "balance": {"amount": "1.0", "currencyCode": "USD"}}
    trip.now += timedelta(days=1)
    assert pull(trip, shop).changed == 1
    assert (
        kept(trip.workspace, "gift_card")[card["id"].rpartition("/")[2]]["transactions"]["nodes"][-1]
        == movement
    )


def test_a_shop_without_shopify_payments_and_an_older_api_are_told_in_a_sentence(trip, shop):
    shop.payments = False
    shop.roots_missing.add("inventoryPurchaseOrders")
    done = pull(trip, shop)
    assert [warning for warning in done.warnings if "Shopify Payments" in warning]
    assert [warning for warning in done.warnings if "has no purchase orders" in warning]
    assert not kept(trip.workspace, "purchase")


def test_purchases_are_dated_in_the_shops_zone_and_only_what_has_come_is_received(trip, shop):
    pull(trip, shop)
    whole, part = sorted(kept(trip.workspace, "purchase").values(), key=lambda row: row["number"])
    assert (whole["number"], whole["vendor"], whole["orderedAt"]) == ("#PO1", "Hive & Wick", "2026-01-05")
    assert [row["receivedAt"] for row in whole["receipts"]] == ["2026-01-07", "2026-01-09"]
    assert whole["lines"] == [line for receipt in whole["receipts"] for line in receipt["lines"]]
    assert len(part["receipts"]) == 1
    assert part["bills"] == []


def test_sales_refunds_and_moves_are_no_corrections_a_count_is(trip, shop):
    pull(trip, shop)
    assert kept(trip.workspace, "inventory_group") == {}
    shop.world.end = AFTER + timedelta(hours=1)
    paid = next(o for o in shop.orders if o["displayFinancialStatus"] == "PAID" and o["transactions"])
    shop.add_refund(paid["name"], at=AFTER + timedelta(hours=2))
    shop.advance(days=1, orders=5)
    moving = shop.facts.transfers[1]["shipments"]["nodes"][0]
    line = moving["lineItems"]["nodes"][0]
    here, there = (place["id"] for place in shop.world.locations)
    item = line["inventoryItem"]["id"]
    moving["status"], line["unreceivedQuantity"] = "RECEIVED", 0
    line["acceptedQuantity"] = line["quantity"]
    shop.facts.stock[item, there] += line["quantity"]
    trip.now += timedelta(days=3)
    pull(trip, shop)
    assert kept(trip.workspace, "inventory_group") == {}

    shop.correct_stock("MUG-WHI", -2)
    shop.correct_stock("TEA-SEN", 3, place=1)
    shop.facts.stock[item, here] -= 1  # moved without a transfer: nothing is gained or lost
    shop.facts.stock[item, there] += 1
    trip.now += timedelta(days=1)
    pull(trip, shop)
    ((number, group),) = kept(trip.workspace, "inventory_group").items()
    assert number == "2026-01-19T115800Z-2026-01-20T115800Z"
    assert group["createdAt"] == "2026-01-20T11:58:00Z"
    found = {row["item"]["sku"]: (row["delta"], row["location"]["name"]) for row in group["changes"]}
    assert found == {"MUG-WHI": (-2, "Warehouse"), "TEA-SEN": (3, "Shop – Grand Ave")}
    assert all(row["name"] == "on_hand" and row["item"]["unitCost"] for row in group["changes"])


def test_an_item_that_moved_after_the_window_waits(trip, shop):
    pull(trip, shop)
    shop.correct_stock("MUG-WHI", -2)
    trip.now += timedelta(days=1)
    shop.orders[0]["updatedAt"] = (trip.now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    pull(trip, shop)
    assert kept(trip.workspace, "inventory_group") == {}
    trip.now += timedelta(days=1)
    pull(trip, shop)
    (group,) = kept(trip.workspace, "inventory_group").values()
    assert [row["delta"] for row in group["changes"]] == [-2]


class Hiding(OverAsgi):
    """Search does not find one order."""

    def __init__(self, shop, order):
        super().__init__(app([shop], clock=lambda: 1000.0))
        self._order = order

    def handle_request(self, request):
        answer = super().handle_request(request)
        if b"query OrderIndex" not in request.content:
            return answer
        body = json.loads(answer.content)
        nodes = body["data"]["orders"]["nodes"]
        nodes[:] = [node for node in nodes if node["id"] != self._order["id"]]
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return httpx.Response(200, headers=headers, json=body)


def counted(order):
    lines = order["lineItems"]["nodes"]
    return any(line["currentQuantity"] and (line["variant"] or {}).get("inventoryItem") for line in lines)


@pytest.mark.parametrize("made", ["before the first look", "between two looks"])
def test_goods_of_an_order_that_is_seen_late_are_neither_lost_nor_found(trip, shop, made):
    if made == "between two looks":
        pull(trip, shop)
        shop.world.end = AFTER + timedelta(hours=1)
        shop.advance(days=1, orders=3)
        trip.now += timedelta(days=3)
        hidden = next(order for order in shop.orders[12:] if counted(order))
    else:
        hidden = next(order for order in shop.orders if counted(order))
    means = trip.workspace.means()
    with client_of(shop, transport=Hiding(shop, hidden)) as client:
        pull_shop(means, means.merchant("oak-ember"), client)
    assert hidden["legacyResourceId"] not in kept(trip.workspace, "order")
    hidden["updatedAt"] = (trip.now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    trip.now += timedelta(days=1)
    pull(trip, shop)
    assert hidden["legacyResourceId"] in kept(trip.workspace, "order")
    groups = kept(trip.workspace, "inventory_group").values()
    found = Counter()
    for group in groups:
        found.update({row["item"]["sku"]: row["delta"] for row in group["changes"]})
    # Where its goods were missed at a look, that is put right at the next.
    assert set(found.values()) <= {0}
    assert len(groups) == (2 if made == "between two looks" else 0)


def on_its_way(shop, trip):
    """A transfer of more shipments than one answer holds; the goods are in the last of them."""
    moving = copy.deepcopy(shop.facts.transfers[0])
    made = (trip.now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    moving |= {"id": "gid://shopify/InventoryTransfer/77", "name": "#T77"}
    moving |= {"dateCreated": made, "status": "IN_PROGRESS"}
    shipment = moving["shipments"]["nodes"][0]
    shipment |= {"id": "gid://shopify/InventoryShipment/77", "status": "IN_TRANSIT", "dateReceived": None}
    line = shipment["lineItems"]["nodes"][0]
    line |= {"acceptedQuantity": 0, "unreceivedQuantity": line["quantity"]}
    shipment["lineItems"]["nodes"] = [line]
    empty = [
        shipment | {"id": f"gid://shopify/InventoryShipment/77{n:02d}", "lineItems": {"nodes": []}}
        for n in range(70)
    ]
    moving["shipments"]["nodes"] = [*empty, shipment]
    shop.facts.transfers.append(moving)
    place = shop.world.locations[0]["id"]
    shop.facts.stock[line["inventoryItem"]["id"], place] -= line["quantity"]
    return moving


def test_what_lies_in_a_transfer_larger_than_one_answer_is_no_loss(trip, shop):
    pull(trip, shop)
    on_its_way(shop, trip)
    shop.correct_stock("MUG-WHI", -2)
    trip.now += timedelta(days=1)
    assert pull(trip, shop).warnings == ()
    (group,) = kept(trip.workspace, "inventory_group").values()
    assert [(row["item"]["sku"], row["delta"]) for row in group["changes"]] == [("MUG-WHI", -2)]
    assert len(kept(trip.workspace, "transfer")["77"]["shipments"]["nodes"]) == 71


def test_one_that_cannot_be_read_whole_is_held_by_name_until_it_can(trip, shop):
    pull(trip, shop)
    moving = on_its_way(shop, trip)
    trip.now += timedelta(days=1)

    def forget():
        shop.facts.transfers[:] = [one for one in shop.facts.transfers if one is not moving]

    means = trip.workspace.means()
    with client_of(shop, transport=Meanwhile(shop, "TransferShipments", forget)) as client:
        done = pull_shop(means, means.merchant("oak-ember"), client)
    assert any("#T77" in warning for warning in done.warnings)
    assert any("cannot be told from transfers" in warning for warning in done.warnings)
    assert kept(trip.workspace, "inventory_group") == {}
    (row,) = held(trip)
    assert (row.hold.reason, row.hold.subject) == (Reason.NOT_READ_WHOLE, "transfer/77")
    assert "Transfer #T77" in row.hold.sentence
    assert "qbconsole pull" in row.hold.next_step
    assert "77" not in kept(trip.workspace, "transfer")

    shop.facts.transfers.append(moving)
    trip.now += timedelta(days=1)
    assert pull(trip, shop).warnings == ()
    assert held(trip) == []
    assert "77" in kept(trip.workspace, "transfer")
    assert kept(trip.workspace, "inventory_group") == {}


def held(trip):
    with trip.workspace.store.reading() as tx:
        return holds.open_holds(tx, merchant="oak-ember")


def test_without_transfers_no_correction_is_derived(trip, shop):
    pull(trip, shop)
    shop.scopes.discard("read_inventory_transfers")
    shop.correct_stock("MUG-WHI", -2)
    trip.now += timedelta(days=1)
    assert any("Stock corrections" in warning for warning in pull(trip, shop).warnings)
    assert kept(trip.workspace, "inventory_group") == {}


def test_since_reads_from_then_and_leaves_the_cursors(trip, shop):
    pull(trip, shop, since=datetime(2026, 1, 10, tzinfo=UTC))
    issued = [row["payout"]["issuedAt"] for row in kept(trip.workspace, "payout").values()]
    assert issued
    assert min(issued) >= "2026-01-10"
    assert cursor(trip, "facts/payout") is None


def test_a_table_of_fees_is_kept_once(trip, tmp_path):
    path = tmp_path / "fees.csv"
    path.write_text("date,fee,currency\n2026-01-05,0.59,USD\n2026-01-05,0.59,USD\n", encoding="utf-8")
    means = trip.workspace.means()
    assert pull_fees(means, path, gateway="paypal").new == 2
    assert pull_fees(means, path, gateway="paypal").same == 2
    assert {row["amount"] for row in kept(trip.workspace, "fee").values()} == {"0.59"}
    with pytest.raises(UsageError):
        pull_fees(means, tmp_path / "none.csv", merchant="oak-ember")


def test_what_a_shared_shop_does_beside_its_orders_is_its_first_merchants_alone(trip, shop):
    path = trip.workspace.root / "mappings.toml"
    text = path.read_text(encoding="utf-8")
    text += '\n[merchants.oak-ember.filters]\nchannel = "pos"\n'
    text += '[merchants.second]\ncompany = "oak"\nshop = "oak-ember.myshopify.com"\n'
    text += '[merchants.second.filters]\nchannel = { except = ["pos"] }\n'
    path.write_text(text, encoding="utf-8")
    means = trip.workspace.means()
    with client_of(shop) as client:
        first, second = (pull_shop(means, means.merchant(one), client) for one in ("oak-ember", "second"))
    assert kept(trip.workspace, "payout")
    with trip.workspace.store.reading() as tx:
        found = {kind: len(snapshots.latest_of(tx, "second", kind)) for kind in (*KINDS, "order")}
    assert found.pop("order") == len(shop.orders)
    assert set(found.values()) == {0}
    assert (first.merchants, second.merchants) == (("oak-ember",), ("second",))


def test_a_purchase_order_larger_than_one_answer_is_booked_line_by_line(trip, shop):
    order = shop.facts.purchase_orders[0]
    shipment = order["transfers"]["nodes"][0]["shipments"]["nodes"][0]
    for rows, kind in (
        (order["lineItems"], "InventoryPurchaseOrderLineItem"),
        (shipment["lineItems"], "InventoryShipmentLineItem"),
    ):
        first, *others = rows["nodes"]
        more = [{**first, "id": f"gid://shopify/{kind}/{n}"} for n in range(130)]
        rows["nodes"] = [*more, *others]
    assert pull(trip, shop).warnings == ()
    means = trip.workspace.means()
    book(means, means.merchants())
    with trip.workspace.store.reading() as tx:
        drawn = books.plans_of(tx, "oak-ember", ["purchase/#PO1"])["purchase/#PO1"]
    assert [(plan.kind.value, len(plan.lines)) for plan in drawn] == [
        ("PurchaseOrder", 131),
        ("Bill", 130),
        ("Bill", 1),
    ]
    assert {line.quantity for line in drawn[1].lines} == {40}


def test_an_item_at_more_places_than_one_answer_holds_is_counted_at_all_of_them(trip, shop):
    here = shop.world.locations[0]
    for number in range(9000, 9070):
        shop.world.locations.append({**here, "id": f"gid://shopify/Location/{number}", "name": str(number)})
    pull(trip, shop)
    shop.correct_stock("MUG-WHI", -2, place=70)
    trip.now += timedelta(days=1)
    assert pull(trip, shop).warnings == ()
    (group,) = kept(trip.workspace, "inventory_group").values()
    ((sku, delta, place),) = [
        (row["item"]["sku"], row["delta"], row["location"]["id"]) for row in group["changes"]
    ]
    assert (sku, delta, place) == ("MUG-WHI", -2, shop.world.locations[70]["id"])


def nameless(shop, sku):
    """The variant has no SKU from now on, like its inventory item."""
    row = next(one for one in shop.world.variants if one["sku"] == sku)
    row["sku"] = row["inventoryItem"]["sku"] = None
    return row


def correct(shop, row, units):
    key = (row["inventoryItem"]["id"], shop.world.locations[0]["id"])
    shop.facts.stock[key] = shop.facts.stock.get(key, 0) + units


def test_stock_of_a_variant_without_a_sku_tells_whose_it_is_and_its_sku_once_it_has_one(trip, shop):
    row = nameless(shop, "MUG-WHI")
    pull(trip, shop)
    correct(shop, row, -2)
    shop.correct_stock("TEA-SEN", 3)
    trip.now += timedelta(days=1)
    pull(trip, shop)
    ((number, group),) = kept(trip.workspace, "inventory_group").items()
    told = {change["delta"]: change["item"] for change in group["changes"]}
    assert told[-2]["sku"] is None
    assert told[-2]["variant"]["id"] == row["id"]
    assert told[-2]["variant"]["displayName"] == row["displayName"]
    assert set(told[3]) == {"id", "sku", "unitCost"}

    row["sku"] = row["inventoryItem"]["sku"] = "MUG-W"
    trip.now += timedelta(days=1)
    pull(trip, shop)
    again = kept(trip.workspace, "inventory_group")[number]
    assert {change["delta"]: change["item"]["sku"] for change in again["changes"]} == {
        -2: "MUG-W",
        3: "TEA-SEN",
    }
    trip.now += timedelta(days=1)
    pull(trip, shop)
    assert kept(trip.workspace, "inventory_group") == {number: again}


def test_stock_without_a_sku_is_told_by_its_item_where_products_are_withheld(trip, shop):
    row = nameless(shop, "MUG-WHI")
    shop.scopes.discard("read_products")
    pull(trip, shop)
    correct(shop, row, -2)
    shop.correct_stock("TEA-SEN", 3)
    trip.now += timedelta(days=1)
    pull(trip, shop)
    (group,) = kept(trip.workspace, "inventory_group").values()
    told = {change["delta"]: change["item"] for change in group["changes"]}
    assert {delta: item["sku"] for delta, item in told.items()} == {-2: None, 3: "TEA-SEN"}
    assert "variant" not in told[-2]
