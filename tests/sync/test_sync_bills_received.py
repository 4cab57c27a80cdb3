"""Goods that were billed before they came: once they are there, nothing says any more that they are not."""

from __future__ import annotations

import pytest
from trip import Trip

from qbconsole.views.postings import postings


def a_purchase(*received: tuple[str, int], billed: str = "4.00", freight: str | None = None) -> dict:
    """Ten mugs, all billed; of them so many came by each receipt."""

    def goods(quantity: int, cost: str) -> list[dict]:
        return [{"sku": "MUG", "quantity": quantity, "unitCost": cost}]

    bill = {"number": "B1", "billedAt": "2026-03-04", "lines": goods(10, billed)}
    return {
        "number": "PO7",
        "vendor": "Clayworks",
        "orderedAt": "2026-03-01",
        "currencyCode": "USD",
        "lines": goods(10, "4.00"),
        "receipts": [
            {"id": f"R{at}", "receivedAt": on, "lines": goods(units, "4.00")}
            for at, (on, units) in enumerate(received, 1)
        ],
        "bills": [bill | ({"freight": freight} if freight else {})],
    }


@pytest.fixture(params=[True, False], ids=["sent", "unsent"])
def trip(request, tmp_path):
    trip = Trip(tmp_path)
    trip.sent = request.param
    yield trip
    trip.close()


def told(trip: Trip, *received: tuple[str, int], **more: str | None) -> list[tuple[str, str]]:
    trip.pull({"purchases": [a_purchase(*received, **more)]})
    trip.book()
    if trip.sent:
        trip.deliver()
    return [(one["reason"], one["message"]) for one in postings(trip.workspace.store)["holds"]]


@pytest.mark.parametrize("freight", [None, "5.00"])
@pytest.mark.parametrize("billed", ["4.00", "4.50", "3.50"])
def test_the_flag_goes_with_the_last_of_the_goods(trip, freight, billed):
    (flag,) = told(trip, billed=billed, freight=freight)
    assert flag[0] == "billed_not_received"
    assert "10 of MUG" in flag[1]
    (flag,) = told(trip, ("2026-03-05", 6), billed=billed, freight=freight)
    assert "4 of MUG" in flag[1]
    assert told(trip, ("2026-03-05", 6), ("2026-03-09", 4), billed=billed, freight=freight) == []
    trip.book()
    found = postings(trip.workspace.store)
    assert found["holds"] == []
    owed = sum(float(day.get("accounts_payable", 0)) for day in found["postings"].values())
    assert owed == -(10 * float(billed) + float(freight or 0))
