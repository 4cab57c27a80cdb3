"""Who posts the cost of goods may change; a sale booked before stays as it was booked, and so do its returns."""

from __future__ import annotations

import pytest
from builders import Agreed, Back, Line, Pay, Sold
from shopday import counted, documents_of
from trip import Trip

from qbconsole.views.postings import postings

SALE = Agreed([Sold(total="20.00", quantity=2, line=1)])
BACK = Agreed([Sold(total="-10.00", quantity=-1, line=1, action="RETURN")], "REFUND", "03-05 10:00")


def told(*, number: int = 1, returned: bool, updated: str) -> dict:
    money = [Pay(amount="10.00", kind="REFUND", at="03-05 10:01")] if returned else []
    return counted(
        Line(price="10.00", quantity=2),
        pays=[Pay(amount="20.00"), *money],
        agreements=[SALE, *([BACK] if returned else [])],
        refunds=[Back(lines=[(1, 1, "10.00", "0")])] if returned else [],
        number=number,
        updated=updated,
    )


def costs(trip: Trip) -> dict[str, str]:
    """Day -> what was posted to `cogs` by us."""
    days = postings(trip.workspace.store)["postings"]
    return {day: roles["cogs"] for day, roles in days.items() if "cogs" in roles}


@pytest.mark.parametrize("sales", ["detailed", "summary"])
@pytest.mark.parametrize("before", ["quickbooks", "off"])
def test_a_sale_booked_without_our_cost_gets_none_when_we_post_it_later(tmp_path, sales, before):
    trip = Trip(
        tmp_path,
        settings={"policy": {"cogs": before}, "modes": {"sales": sales, "inventory": "summary"}},
    )
    try:
        trip.pull({"orders": [told(returned=False, updated="03-20 12:00")]})
        trip.book()
        path = trip.workspace.root / "mappings.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f'cogs = "{before}"', 'cogs = "unit_cost"'), encoding="utf-8")
        trip.pull({"orders": [told(returned=False, updated="03-21 12:00")]})
        trip.book()
        assert costs(trip) == {}
        trip.pull({"orders": [told(returned=True, updated="03-22 12:00")]})
        trip.book()
        assert costs(trip) == {}
        trip.pull({"orders": [told(number=2, returned=False, updated="03-23 12:00")]})
        trip.book()
        assert list(costs(trip).values()) == ["8.00"]
        assert [one["reason"] for one in postings(trip.workspace.store)["holds"]] == []
    finally:
        trip.close()


@pytest.mark.parametrize("after", ["quickbooks", "off"])
def test_a_sale_with_our_cost_comes_back_into_the_stock_that_quickbooks_keeps_by_then(tmp_path, after):
    trip = Trip(tmp_path, settings={"policy": {"cogs": "unit_cost"}, "modes": {"inventory": "summary"}})
    try:
        trip.pull({"orders": [told(returned=False, updated="03-20 12:00")]})
        trip.book()
        assert list(costs(trip).values()) == ["8.00"]
        path = trip.workspace.root / "mappings.toml"
        text = path.read_text(encoding="utf-8").replace('cogs = "unit_cost"', f'cogs = "{after}"')
        if after == "quickbooks":
            text = text.replace('inventory = "summary"', 'inventory = "detailed"')
        path.write_text(text, encoding="utf-8")
        trip.pull({"orders": [told(returned=True, updated="03-22 12:00")]})
        trip.book()
        # We post no more cost, neither again nor back: the memo's own item moves the unit, at QuickBooks' cost.
        assert list(costs(trip).values()) == ["8.00"]
        (memo,) = documents_of(trip, "CreditMemo")
        (line,) = memo.plan.lines
        assert (line.quantity, line.restocked) == (1, True)
        assert [one["reason"] for one in postings(trip.workspace.store)["holds"]] == []
    finally:
        trip.close()
