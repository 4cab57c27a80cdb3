"""What happens to an order later keeps it right, moves updatedAt, and refuses the impossible."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from qbconsole.sandbox.shopify import Shop
from qbconsole.sandbox.shopify.changes import ImpossibleChange

LATER = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def shop():
    return Shop.seeded(orders=120, seed=11)


def amount(order, name):
    return Decimal(order[name]["shopMoney"]["amount"])


def plain(shop, *, agreements, lines=1):
    return next(
        order
        for order in shop.orders
        if order["displayFinancialStatus"] == "PAID"
        and bool(order["agreements"]["nodes"]) is agreements
        and order["lineItems"]["nodes"][0]["quantity"] >= lines
        and order["shippingLines"]["nodes"]
        and amount(order, "totalPriceSet") > 0
        and not order["edited"]
        and not order["nonFulfillableLineItems"]["nodes"]
        and amount(order, "totalShippingPriceSet") > 0
    )


def sales_of(order):
    return sum(
        (
            Decimal(sale["totalAmount"]["shopMoney"]["amount"])
            for agreement in order["agreements"]["nodes"]
            for sale in agreement["sales"]["nodes"]
        ),
        Decimal(0),
    )


@pytest.mark.parametrize("agreements", [True, False])
def test_a_full_refund_leaves_nothing(shop, agreements):
    order = plain(shop, agreements=agreements)
    refund = shop.add_refund(order["name"], shipping=True, at=LATER)
    assert order["displayFinancialStatus"] == "REFUNDED"
    assert amount(order, "currentTotalPriceSet") == amount(order, "totalOutstandingSet") == 0
    assert amount(order, "totalRefundedSet") == amount(order, "totalPriceSet")
    assert order["updatedAt"] == refund["processedAt"] == "2026-03-01T12:00:00Z"
    assert {t["id"] for t in refund["transactions"]["nodes"]} <= {t["id"] for t in order["transactions"]}
    if agreements:
        assert sales_of(order) == 0
        assert order["agreements"]["nodes"][-1]["refund"] == {"id": refund["id"]}


def test_units_refunded_one_by_one_add_up_to_the_line(shop):
    order = plain(shop, agreements=True, lines=3)
    line = order["lineItems"]["nodes"][0]
    net = Decimal(line["originalTotalSet"]["shopMoney"]["amount"]) - sum(
        Decimal(a["allocatedAmountSet"]["shopMoney"]["amount"]) for a in line["discountAllocations"]
    )
    rows = []
    for _ in range(line["quantity"]):
        refund = shop.add_refund(order["name"], quantities={line["id"]: 1}, at=LATER)
        rows += refund["refundLineItems"]["nodes"]
    assert sum(Decimal(row["subtotalSet"]["shopMoney"]["amount"]) for row in rows) == net
    assert line["currentQuantity"] == 0
    assert sales_of(order) == amount(order, "currentTotalPriceSet")
    with pytest.raises(ImpossibleChange):
        shop.add_refund(order["name"], quantities={line["id"]: 1})


def test_an_edit_lowers_the_current_total_and_leaves_the_total(shop):
    order = plain(shop, agreements=True, lines=2)
    before, line = amount(order, "totalPriceSet"), order["lineItems"]["nodes"][0]
    shop.edit_quantity(order["id"], line["id"], line["quantity"] - 1, at=LATER)
    assert order["edited"]
    assert amount(order, "totalPriceSet") == before
    assert amount(order, "currentTotalPriceSet") < before
    assert amount(order, "totalOutstandingSet") == amount(order, "currentTotalPriceSet") - before
    assert order["refunds"] == []
    assert sales_of(order) == amount(order, "currentTotalPriceSet")
    assert order["agreements"]["nodes"][-1]["reason"] == "ORDER_EDIT"


def test_an_unpaid_order_is_paid_later_in_parts(shop):
    order = next(o for o in shop.orders if o["displayFinancialStatus"] is None)
    due = amount(order, "totalOutstandingSet")
    assert due > 0
    shop.add_payment(order["name"], minor=100, gateway="paypal", at=LATER)
    assert order["displayFinancialStatus"] == "PARTIALLY_PAID"
    assert amount(order, "totalOutstandingSet") == due - 1
    shop.add_payment(order["name"], at=LATER)
    assert order["displayFinancialStatus"] == "PAID"
    assert amount(order, "totalOutstandingSet") == 0


def test_an_authorised_order_owes_nothing_until_it_is_voided(shop):
    order = next(o for o in shop.orders if o["displayFinancialStatus"] == "AUTHORIZED")
    assert amount(order, "totalOutstandingSet") == 0
    assert amount(order, "totalCapturableSet") == amount(order, "totalPriceSet")
    shop.cancel(order["name"], at=LATER)
    assert order["displayFinancialStatus"] == "VOIDED"
    assert order["cancelledAt"] == "2026-03-01T12:00:00Z"
    assert [t["kind"] for t in order["transactions"]] == ["AUTHORIZATION", "VOID"]
    assert amount(order, "currentTotalPriceSet") == amount(order, "totalCapturableSet") == 0


def test_a_note_moves_updated_at_and_no_money(shop):
    order = plain(shop, agreements=True)
    before = {name: bag for name, bag in order.items() if name.endswith("Set")}
    shop.annotate(order["name"], "hello", at=LATER)
    assert order["updatedAt"] == "2026-03-01T12:00:00Z"
    assert {name: bag for name, bag in order.items() if name.endswith("Set")} == before


def test_days_go_by_with_new_orders_and_a_deposit_that_arrives(shop):
    end, known = shop.world.end, len(shop.orders)
    waiting = [o["name"] for o in shop.orders if o["displayFinancialStatus"] == "PENDING"]
    new = shop.advance(days=2, orders=30)
    assert len(new) == 30
    assert len(shop.orders) == known + 30
    assert all(datetime.fromisoformat(o["createdAt"]) >= end for o in new)
    assert len({o["name"] for o in shop.orders}) == known + 30
    assert len({o["id"] for o in shop.orders}) == known + 30
    assert [o["name"] for o in shop.orders[:known] if o["displayFinancialStatus"] == "PENDING"] != waiting


def test_an_order_nobody_knows_is_a_key_error(shop):
    with pytest.raises(KeyError):
        shop.cancel("#nope")
