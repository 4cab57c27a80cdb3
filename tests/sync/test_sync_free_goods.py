"""Goods given away post nothing, yet they leave the shelves: also where the order was held at first."""

from __future__ import annotations

import pytest
from builders import Agreed, Back, Line, Sold
from shopday import counted, documents_of
from trip import Trip

SUMMARY = {"modes": {"sales": "summary", "inventory": "detailed"}}


@pytest.mark.parametrize(("settings", "kind"), [({}, "SalesReceipt"), (SUMMARY, "InventoryAdjustment")])
def test_goods_of_no_price_leave_once_the_closed_month_is_opened(tmp_path, settings, kind):
    trip = Trip(tmp_path, settings=settings)
    try:
        trip.pull({"orders": [counted(Line(price="0.00"))], "closing_date": "2026-03-31"})
        trip.book()
        assert documents_of(trip, kind) == []
        trip.pull({"closing_date": "2026-02-01"})
        trip.book()
        trip.book()
        assert len(documents_of(trip, kind)) == 1
    finally:
        trip.close()


@pytest.mark.parametrize("settings", [{}, SUMMARY])
def test_goods_of_no_price_that_came_back_go_to_stock_also_where_that_is_told_later(tmp_path, settings):
    trip = Trip(tmp_path, settings=settings)
    agreed = [
        Agreed([Sold(total="0.00", quantity=2, line=1)]),
        Agreed([Sold(total="0.00", quantity=-2, line=1, action="RETURN")], "REFUND", "03-05 10:00"),
    ]
    free = Line(price="10.00", quantity=2, off="20.00")
    try:
        for restock, updated, units in (("NO_RESTOCK", "03-06", -2), ("RETURN", "03-08", 0)):
            back = Back(lines=[(1, 2, "0.00", "0.00")], restock=restock)
            trip.pull({"orders": [counted(free, agreements=agreed, refunds=[back], updated=updated)]})
            trip.book()
            trip.book()
            trip.deliver()
            assert trip.company_file.on_hand("SKU-1").quantity == units
    finally:
        trip.close()
