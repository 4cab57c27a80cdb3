"""An order that was given back as a whole: what Shopify tells of it afterwards moves neither goods nor money again."""

from __future__ import annotations

from typing import Any

import pytest
from builders import Agreed, Back, Line, Pay, Sold
from shopday import counted
from trip import Trip

from qbconsole.views.postings import postings

SALE = Agreed([Sold(total="20.00", quantity=1, line=1)])
GIVEN_BACK = Agreed([Sold(total="-20.00", quantity=-1, line=1, action="RETURN")], "REFUND", "03-05 10:00")
RECORD = Back(lines=[(1, 1, "20.00", "0")])
PROMISE = Pay(amount="20.00", kind="AUTHORIZATION")
VOID = Pay(amount="20.00", kind="VOID", parent=1, at="03-04 10:00")
DATE = {"cancelledAt": "2026-03-04T10:00:00Z"}
SOLD = {"accounts_receivable": "20.00", "cogs": "4.00", "inventory_asset": "-4.00", "sales_income": "-20.00"}


def told(updated: str, *agreements: Agreed, **more: Any) -> dict:
    return counted(Line(price="20.00"), agreements=[SALE, *agreements], updated=updated, **more)


@pytest.fixture(params=["detailed", "summary"])
def trip(request, tmp_path):
    policy = {"authorized": "post", "cogs": "unit_cost"}
    trip = Trip(
        tmp_path, settings={"policy": policy, "modes": {"sales": request.param, "inventory": "summary"}}
    )
    yield trip
    trip.close()


def books_after(trip: Trip, *orders: dict) -> dict[str, dict[str, str]]:
    for order in orders:
        trip.pull({"orders": [order]})
        trip.book()
    return postings(trip.workspace.store)["postings"]


@pytest.mark.parametrize(
    ("promised", "over", "role"),
    [({"pays": [PROMISE]}, {"pays": [PROMISE, VOID]}, "sales_income"), ({}, DATE, "returns")],
    ids=["voided", "cancelled"],
)
def test_a_record_told_late_gives_the_goods_back_no_second_time(trip, promised, over, role):
    books = books_after(
        trip,
        told("03-02 16:00", **promised),
        told("03-04 16:00", **over),
        told("03-05 16:00", GIVEN_BACK, refunds=[RECORD], **over),
    )
    back = {"accounts_receivable": "-20.00", "cogs": "-4.00", "inventory_asset": "4.00", role: "20.00"}
    assert books == {"2026-03-02": SOLD, "2026-03-04": dict(sorted(back.items()))}


def test_what_is_added_after_a_promise_lapsed_waits_until_somebody_pays(trip):
    more = Agreed([Sold(total="5.00", line=1)], "ORDER_EDIT", "03-05 10:00")
    lapsed = [PROMISE, VOID]
    first = [told("03-02 16:00", pays=[PROMISE]), told("03-04 16:00", pays=lapsed)]
    before = books_after(trip, *first)
    added = told("03-05 16:00", more, pays=lapsed)
    assert books_after(trip, added) == before
    paid = told("03-09 16:00", more, pays=[*lapsed, Pay(amount="25.00", gateway="manual", at="03-09")])
    after = books_after(trip, paid)
    assert after["2026-03-05"]["sales_income"] == "-5.00"
    assert after["2026-03-09"]["sales_income"] == "-20.00"
    owed = [float(roles.get("accounts_receivable", "0")) for roles in after.values()]
    assert sum(owed) == 0


def test_what_was_added_after_the_void_is_no_part_of_it_where_both_are_told_at_once(trip):
    more = Agreed([Sold(total="5.00", line=1)], "ORDER_EDIT", "03-05 10:00")
    books = books_after(
        trip, told("03-02 16:00", pays=[PROMISE]), told("03-05 16:00", more, pays=[PROMISE, VOID])
    )
    assert list(books) == ["2026-03-02", "2026-03-04"]
    assert books["2026-03-04"]["accounts_receivable"] == "-20.00"
