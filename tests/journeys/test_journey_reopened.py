"""Books closed and opened again: what waited is booked on its own day, and no hold is left behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trip import Trip

from qbconsole.views.postings import postings

ORDER = Path(__file__).parents[1] / "golden" / "paid_later" / "input.json"


@pytest.mark.parametrize("mode", ["detailed", "summary"])
def test_a_hold_goes_with_its_cause(tmp_path, mode):
    facts = json.loads(ORDER.read_text(encoding="utf-8"))
    trip = Trip(tmp_path, settings={"modes": {"sales": mode}})
    try:
        trip.pull(facts | {"closing_date": "2026-03-31"})
        trip.book()
        held = postings(trip.workspace.store)
        assert [hold["reason"] for hold in held["holds"]] == ["closed_period", "closed_period"]
        assert held["postings"] == {}
        trip.pull({"orders": [], "closing_date": "2026-02-28"})
        trip.book()
        told = postings(trip.workspace.store)
        assert sorted(told["postings"]) == ["2026-03-02", "2026-03-04"]
        assert told["holds"] == []
    finally:
        trip.close()


def test_a_refund_record_without_parts_needs_no_document_and_waits_no_more(tmp_path):
    """Simulated seed 544: no document took it in, so nothing ended its hold."""
    facts = json.loads(ORDER.read_text(encoding="utf-8"))
    (order,) = facts["orders"]
    order["refunds"] = [
        {
            "id": "gid://shopify/Refund/77",
            "createdAt": "2026-03-20T12:00:00Z",
            "note": None,
            **{
                name: {"nodes": []}
                for name in ("refundLineItems", "refundShippingLines", "orderAdjustments", "transactions")
            },
        }
    ]
    trip = Trip(tmp_path)
    try:
        trip.pull(facts | {"closing_date": "2026-03-31"})
        trip.book()
        held = postings(trip.workspace.store)["holds"]
        assert [hold["reason"] for hold in held] == ["closed_period"] * 3
        trip.pull({"orders": [], "closing_date": "2026-02-28"})
        trip.book()
        told = postings(trip.workspace.store)
        assert sorted(told["postings"]) == ["2026-03-02", "2026-03-04"]
        assert told["holds"] == []
    finally:
        trip.close()
