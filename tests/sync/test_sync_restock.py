"""What Shopify tells of restocking after the cost of a return was booked, where that cost now comes to nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import Agreed, Back, Line, Pay, Sold, an_order
from trip import Trip

from qbconsole.views.postings import postings

PAID = Pay(amount="20.00")


def costing(order: dict, *costs: str) -> dict:
    """The order with what one unit of each of its lines costs."""
    for number, (line, cost) in enumerate(zip(order["lineItems"]["nodes"], costs, strict=True), 1):
        stock = {"id": f"gid://shopify/InventoryItem/{number}", "tracked": True}
        stock["unitCost"] = {"amount": cost, "currencyCode": "USD"}
        line["variant"] = {"id": f"gid://shopify/ProductVariant/{number}", "inventoryItem": stock}
    return order


def returned(restock: str, updated: str) -> dict:
    back = Back(lines=[(1, 1, "20.00", "0")], pays=[2], restock=restock)
    money = Pay(amount="20.00", kind="REFUND", at="03-05 10:00", parent=1)
    lines = [Line(price="20.00", current=0)]
    return costing(an_order(lines, pays=[PAID, money], refunds=[back], updated=updated), "8.00")


def exchanged(restock: str, updated: str, cost: str = "8.00") -> dict:
    swap = [Sold(total="-20.00", action="RETURN", quantity=-1, line=1), Sold(total="20.00", line=2)]
    agreements = [
        Agreed([Sold(total="20.00", line=1)]),
        Agreed(swap, reason="RETURN", at="03-05 10:00"),
    ]
    back = Back(lines=[(1, 1, "20.00", "0")], restock=restock)
    lines = [Line(price="20.00", current=0), Line(price="20.00")]
    order = an_order(lines, pays=[PAID], agreements=agreements, refunds=[back], updated=updated)
    return costing(order, "8.00", cost)


def stock_told(path, mode: str, role: str, *orders: dict) -> list[Decimal]:
    """What stands on stock after each of these was pulled and booked, one after the other."""
    settings = {
        "modes": {"sales": mode, "inventory": "summary"},
        "policy": {"cogs": "unit_cost", "restock_loss_role": role},
    }
    trip = Trip(path, settings=settings)
    found = []
    for order in orders:
        trip.pull({"orders": [order]})
        trip.book()
        with trip.workspace.store.reading() as tx:
            rows = tx.exec_driver_sql("SELECT amount FROM postings WHERE role = 'inventory_asset'").all()
        found.append(sum((Decimal(amount) for (amount,) in rows), Decimal(0)) / 100)
    assert postings(trip.workspace.store)["holds"] == []
    trip.close()
    return found


@pytest.mark.parametrize("mode", ["detailed", "summary"])
def test_a_loss_in_cost_of_sales_told_later_leaves_the_stock(tmp_path, mode):
    orders = [returned("RETURN", "03-06 12:00"), returned("NO_RESTOCK", "03-08 12:00")]
    orders += [returned("NO_RESTOCK", "03-09 12:00"), returned("RETURN", "03-10 12:00")]
    assert stock_told(tmp_path, mode, "cogs", *orders) == [0, -8, -8, 0]


@pytest.mark.parametrize("mode", ["detailed", "summary"])
@pytest.mark.parametrize(("cost", "lost", "kept"), [("8.00", -16, -8), ("9.00", -17, -9), ("7.00", -15, -7)])
def test_an_exchanged_unit_put_back_later_returns_to_stock(tmp_path, mode, cost, lost, kept):
    orders = [exchanged("NO_RESTOCK", "03-06 12:00", cost), exchanged("RETURN", "03-08 12:00", cost)]
    orders += [exchanged("RETURN", "03-09 12:00", cost), exchanged("NO_RESTOCK", "03-10 12:00", cost)]
    assert stock_told(tmp_path, mode, "inventory_adjustment", *orders) == [lost, kept, kept, lost]
