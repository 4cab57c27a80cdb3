"""Facts beside orders are told apart whatever their numbers look like, and looked at again once a hold's cause is gone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import Line, Pay, an_order
from trip import Trip, with_settings

from qbconsole.bundled import bundled
from qbconsole.sync.cases import told_by
from qbconsole.views.postings import postings
from qbconsole.workspace import Workspace


def a_purchase(number: str, cost: str) -> dict:
    goods = [{"sku": "MUG", "quantity": 1, "unitCost": cost}]
    return {
        "number": number,
        "vendor": "Clayworks",
        "orderedAt": "2026-03-01",
        "currencyCode": "USD",
        "lines": goods,
        "receipts": [{"id": "R1", "receivedAt": "2026-03-03", "lines": goods}],
    }


def a_fee(gateway: str, number: str, amount: str) -> dict:
    told = {"id": number, "gateway": gateway, "date": "2026-03-05"}
    return told | {"amount": amount, "currencyCode": "USD"}


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    yield trip
    trip.close()


def test_purchases_whose_numbers_end_alike_are_two(trip):
    trip.pull({"purchases": [a_purchase("2026/001", "10.00"), a_purchase("2027/001", "20.00")]})
    trip.book()
    day = postings(trip.workspace.store)["postings"]["2026-03-03"]
    assert day == {"inventory_asset": "30.00", "accounts_payable": "-30.00"}


def a_drawer(over: str) -> dict:
    told = {"id": "gid://shopify/CashTrackingSession/1", "status": "CLOSED", "totalsReady": True}
    over_by = {"amount": over, "currencyCode": "USD"}
    return told | {"closingTime": "2026-03-05T20:00:00Z", "totalDiscrepancy": over_by}


def a_card(value: str) -> dict:
    worth = {"amount": value, "currencyCode": "USD"}
    told = {"id": "gid://shopify/GiftCard/1", "createdAt": "2026-03-05T12:00:00Z", "enabled": True}
    return told | {"initialValue": worth, "balance": worth}


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("fees", a_fee("paypal", "X1", "1.00"), a_fee("paypal", "X1", "0.00")),
        ("cashSessions", a_drawer("-3.50"), a_drawer("0.00")),
        ("giftCards", a_card("50.00"), a_card("0.00")),
        ("purchases", a_purchase("7", "10.00"), a_purchase("7", "10.00") | {"receipts": []}),
    ],
)
def test_what_is_booked_and_comes_to_nothing_since_is_told(trip, name, before, after):
    for told in (before, after):
        trip.pull({name: [told]})
        trip.book()
    books = postings(trip.workspace.store)
    assert len(books["postings"]) == 1
    assert [hold["reason"] for hold in books["holds"]] == ["changed_after_booking"]
    trip.pull({name: [before]})
    trip.book()
    assert postings(trip.workspace.store)["holds"] == []


def test_fees_of_two_gateways_with_one_number_are_two(trip):
    trip.pull({"fees": [a_fee("paypal", "CH/1", "1.00"), a_fee("klarna", "CH/1", "2.00")]})
    trip.book()
    assert postings(trip.workspace.store)["postings"]["2026-03-05"]["merchant_fees"] == "3.00"


def a_payout(number: int, on: str, fees: dict[int, str]) -> dict:
    """A payout that failed: each row a charge of 100.00."""

    def usd(amount: str) -> dict:
        return {"amount": amount, "currencyCode": "USD"}

    rows = [
        {
            "id": f"gid://shopify/ShopifyPaymentsBalanceTransaction/{row}",
            "type": "CHARGE",
            "amount": usd("100.00"),
            "fee": usd(fee),
            "net": usd(str(100 - Decimal(fee))),
            "transactionDate": "2026-03-05T20:00:00Z",
            "test": False,
        }
        for row, fee in fees.items()
    ]
    payout = {"id": f"gid://shopify/ShopifyPaymentsPayout/{number}", "legacyResourceId": str(number)}
    return {"payout": payout | {"issuedAt": on, "status": "FAILED"}, "balanceTransactions": rows}


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("fees", [{1: "3.00", 3: "0.30"}, {2: "1.50", 3: "0.30"}])
def test_a_row_that_comes_in_two_payouts_holds_the_second_and_takes_nothing_from_the_first(
    tmp_path, fees, sent
):
    trip = Trip(tmp_path, settings={"policy": {"fees_date": "transaction"}})
    first = a_payout(10, "2026-03-06T20:00:00Z", {1: "3.00", 2: "1.50"})
    trip.pull({"payouts": [first]})
    trip.book()
    if sent:
        trip.deliver()
    before = postings(trip.workspace.store)["postings"]
    trip.pull({"payouts": [a_payout(11, "2026-03-08T20:00:00Z", fees)]})
    trip.book()
    trip.book()
    told = postings(trip.workspace.store)
    assert told["postings"] == before
    assert before["2026-03-05"] == {"clearing:shopify_payments": "-4.50", "merchant_fees": "4.50"}
    assert [(hold["reason"], hold["source"]) for hold in told["holds"]] == [
        ("changed_after_booking", "payout 11")
    ]
    trip.close()


def test_stock_before_the_start_is_booked_once_the_start_is_moved(tmp_path):
    trip = Trip(tmp_path, settings={"start": "2026-06-01"})
    cost = {"amount": "4.00", "currencyCode": "USD"}
    item = {"id": "gid://shopify/InventoryItem/1", "sku": "MUG", "unitCost": cost}
    place = {"id": "gid://shopify/Location/1", "name": "Oakland"}
    lost = {"name": "on_hand", "delta": -2, "item": item, "location": place}
    group = {"id": "gid://shopify/InventoryAdjustmentGroup/9", "createdAt": "2026-03-04T20:00:00Z"}
    trip.pull({"inventoryAdjustmentGroups": [group | {"reason": "damaged", "changes": [lost]}]})
    trip.book()
    assert [hold["reason"] for hold in postings(trip.workspace.store)["holds"]] == ["before_start"]
    trip.close()
    (tmp_path / "mappings.toml").write_text(
        with_settings(bundled("mappings.toml").read_text(encoding="utf-8"), {}), encoding="utf-8"
    )
    trip.workspace = Workspace.open(tmp_path, environ={"QBCONSOLE_NOW": trip.now.isoformat()})
    trip.book()
    told = postings(trip.workspace.store)
    trip.close()
    assert [hold["reason"] for hold in told["holds"]] == []
    assert told["postings"]["2026-03-04"]["inventory_asset"] == "-8.00"


@pytest.mark.parametrize(
    ("subject", "source"),
    [
        ("bill/PO~2F7.B1", ("purchase", "PO/7")),
        ("stock/9-1", ("transfer", "9")),
        ("stock/9", ("inventory_group", "9")),
        ("gift_card/5.77", ("gift_card", "5")),
        ("fee/paypal.X1", ("fee", "paypal-X1")),
    ],
)
def test_a_held_event_leads_to_what_tells_of_it(subject, source):
    assert source in set(told_by(subject))


def test_an_amount_no_books_hold_is_held_and_stops_nothing_else(trip):
    trip.pull({"orders": [an_order([Line(price="9" * 24)], pays=[Pay(amount="9" * 24)])]})
    trip.pull({"fees": [a_fee("paypal", "A", "9" * 26), a_fee("paypal", "B", "2.00")]})
    trip.book()
    told = postings(trip.workspace.store)
    assert told["postings"]["2026-03-05"]["merchant_fees"] == "2.00"
    assert len(told["holds"]) == 2
