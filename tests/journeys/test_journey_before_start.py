"""The cut-over: what happened before the start date, and what happens later to orders from before it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trip import Trip

from qbconsole.views.postings import postings

GOLDEN = Path(__file__).parents[1] / "golden"
#: Sold on 2 March, paid on 4 March; cards of staff on 2 and 4 March.
FACTS = json.loads((GOLDEN / "paid_later" / "input.json").read_text(encoding="utf-8")) | {
    "giftCards": json.loads(
        (GOLDEN / "gift_cards_issued_by_staff_and_sold" / "input.json").read_text(encoding="utf-8")
    )["giftCards"]
}


def told_from(tmp_path, rule, mode):
    trip = Trip(
        tmp_path,
        settings={"start": "2026-03-03", "policy": {"before_start": rule}, "modes": {"sales": mode}},
    )
    try:
        trip.pull(FACTS)
        trip.book()
        trip.book()
        return postings(trip.workspace.store)
    finally:
        trip.close()


@pytest.mark.parametrize("mode", ["detailed", "summary"])
def test_what_stands_in_the_opening_balance_is_not_booked_and_what_came_later_is(tmp_path, mode):
    told = told_from(tmp_path, "opening_balance", mode)
    assert list(told["postings"]) == ["2026-03-04"]
    after = told["postings"]["2026-03-04"]
    (paid,) = (after.pop(role) for role in list(after) if role.startswith("clearing:"))
    assert after.pop("accounts_receivable") == f"-{paid}"
    assert set(after) == {"gift_card_expense", "gift_card_liability"}
    assert told["holds"] == []


@pytest.mark.parametrize("mode", ["detailed", "summary"])
def test_by_default_an_order_from_before_the_start_waits_for_a_person(tmp_path, mode):
    told = told_from(tmp_path, "hold", mode)
    assert {hold["reason"] for hold in told["holds"]} == {"before_start"}
    assert {role for day in told["postings"].values() for role in day} == {
        "gift_card_expense",
        "gift_card_liability",
    }
