"""Goods given away post nothing, yet they leave the shelves: also where the order was held at first."""

from __future__ import annotations

import pytest
from builders import Line
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
