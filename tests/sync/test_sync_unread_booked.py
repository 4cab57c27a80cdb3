"""An order that came in contradictions is booked as it last came whole, which was true then; what is new follows."""

from __future__ import annotations

import pytest
from builders import Back, Line, Pay, an_order
from trip import Trip

from qbconsole.sources.shopify.facts import Unread
from qbconsole.sync.pull.unread import tell_unread
from qbconsole.views.postings import postings

SUMMARY = {"modes": {"sales": "summary", "inventory": "summary"}, "policy": {"cogs": "off"}}
PAID = {"lines": [Line(price="30.00", quantity=2, taxes={"CA": "6.00"})], "pays": [Pay(amount="66.00")]}
FIRST = an_order(updated="03-03 12:00", **PAID)
SINCE = an_order(
    updated="03-06 12:00",
    refunds=[Back(lines=[(1, 1, "30.00", "3.00")], pays=[2], at="03-05 10:00")],
    **PAID | {"pays": [*PAID["pays"], Pay(amount="33.00", kind="REFUND", at="03-05 10:00", parent=1)]},
)
FREE = an_order([Line(price="30.00", off="30.00")], updated="03-03 12:00")


@pytest.fixture(params=["detailed", "summary"])
def trip(request, tmp_path):
    trip = Trip(tmp_path, settings=SUMMARY if request.param == "summary" else {})
    yield trip
    trip.close()


def in_contradictions(trip: Trip) -> None:
    """What a pull tells that found the order changed, and its parts against each other."""
    means = trip.workspace.means()
    unread = Unread(
        number="1", name="Order #1001", why="two of its lists say otherwise.", updated_at="2026-03-06"
    )
    with trip.workspace.store.atomic() as tx:
        tell_unread(tx, means, means.merchant("oak-ember"), "order", [unread])


def told(trip: Trip) -> tuple:
    found = postings(trip.workspace.store)
    return found["postings"], found["documents"], sorted((h["reason"], h["source"]) for h in found["holds"])


HELD = ("not_read_whole", "order 1 as of 2026-03-06")


@pytest.mark.parametrize("before", [FIRST, FREE], ids=["paid", "free"])
def test_it_is_booked_as_it_last_came_whole_and_nothing_of_it_twice(trip, before):
    trip.pull({"orders": [before]})
    in_contradictions(trip)
    trip.book()
    days, documents, held = told(trip)
    assert held == [HELD]
    if before is FIRST:
        assert days["2026-03-02"]["clearing:shopify_payments"] == "66.00"
    for _ in range(2):
        trip.book()
        assert told(trip)[:1] == (days,)
        assert [one["key"] for one in told(trip)[1]] == [one["key"] for one in documents]
        trip.deliver()


@pytest.mark.parametrize("booked_before", [True, False])
@pytest.mark.parametrize("sent", [True, False])
def test_what_is_new_follows_once_it_comes_whole(trip, booked_before, sent):
    trip.pull({"orders": [FIRST]})
    if booked_before:
        trip.book()
    in_contradictions(trip)
    trip.book()
    if sent:
        trip.deliver()
    first = told(trip)[0]
    trip.pull({"orders": [SINCE]})
    trip.book()
    trip.book()
    days, _, held = told(trip)
    assert held == []
    assert days["2026-03-02"] == first["2026-03-02"]
    assert days["2026-03-05"] == {
        "returns": "30.00",
        "sales_tax_payable": "3.00",
        "clearing:shopify_payments": "-33.00",
    }
