"""After documents were sent only the difference is posted, in whatever order and how often the order is told."""

from __future__ import annotations

import pytest
from builders import Back, Line, Pay
from golden.harness import SUMMARY, ledger_beside_postings
from hypothesis import given, settings
from hypothesis import strategies as st
from shopday import counted
from trip import Trip

SALE = Pay(amount="30.00")
REFUND = Pay(amount="20.00", kind="REFUND", at="03-05 10:00", parent=1)
LINES = (Line(price="20.00"), Line(price="10.00"))
GIVEN_BACK = Back(lines=[(1, 1, "20.00", "0")], pays=[2], at="03-05 10:00")


def told(version: int) -> dict:
    """One order as the shop tells it over time: paid, one line given back, then only its note changed."""
    more = {"refunds": [GIVEN_BACK]} if version > 1 else {}
    pays = [SALE, REFUND] if version > 1 else [SALE]
    order = counted(*LINES, tracked=False, pays=pays, updated=f"03-{version + 4:02} 12:00", **more)
    return order | ({"note": "ring twice"} if version == 3 else {})


@pytest.mark.parametrize("mode", ["detailed", "summary"])
@settings(max_examples=12, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("tell"), st.integers(1, 3)),
            st.tuples(st.sampled_from(["book", "session"]), st.just(0)),
        ),
        max_size=9,
    )
)
def test_what_was_given_back_is_posted_once_however_it_was_told(tmp_path_factory, mode, steps):
    trip = Trip(tmp_path_factory.mktemp("delta"), settings=SUMMARY if mode == "summary" else {})
    try:
        for step, version in [*steps, ("tell", 3), ("tell", 1), ("book", 0), *[("session", 0)] * 6]:
            if step == "tell":
                trip.pull({"orders": [told(version)]})
            elif step == "book":
                trip.book()
            else:
                trip.session()
        ledger, ours = ledger_beside_postings(trip, apart=False)
        assert ledger == ours
        assert sum(ours.values()) == 0
        assert ours["Shopify Payments Clearing"] == 10
        sent = len(trip.company_file.documents())
        for version in (2, 3):
            trip.pull({"orders": [told(version)]})
            trip.book()
            trip.deliver()
        assert len(trip.company_file.documents()) == sent, "a change of its note posts nothing"
    finally:
        trip.close()
