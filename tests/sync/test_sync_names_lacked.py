"""A document may lack several names: each is a hold with its own cause, all told at once, cured one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import Line, Pay, an_order
from trip import COMPANY, Trip

from qbconsole.store import holds, lists
from qbconsole.views.journey import journey
from qbconsole.views.mapping.lacking import lacking
from qbconsole.views.queue import detail
from qbconsole.views.status import status

EVERY_TAX = '"*" = { item = "Shopify Sales Tax", agency = "Sales Tax Agency" }'
LA, CA = "unmapped:tax:Los Angeles County Tax", "unmapped:tax:California State Tax"


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, edit=lambda text: text.replace(EVERY_TAX, ""))
    taxes = {"California State Tax": "1.00", "Los Angeles County Tax": "0.50"}
    trip.pull({"orders": [an_order([Line(price="20.00", taxes=taxes)], pays=[Pay(amount="21.50")])]})
    trip.book()
    yield trip
    trip.close()


def named(trip: Trip, title: str) -> None:
    path = trip.workspace.root / "mappings.toml"
    line = f'"{title}" = {{ item = "{title}", agency = "CDTFA" }}'
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[defaults.taxes]", f"[defaults.taxes]\n{line}"), encoding="utf-8")
    trip.book()


def open_now(trip: Trip) -> dict[str, str]:
    """Cause -> state, of every hold there ever was."""
    with trip.workspace.store.reading() as tx:
        (subject,) = {row.hold.subject for row in holds.open_holds(tx)} or {""}
        return {row.hold.cause: row.state.value for row in holds.holds_of(tx, subject)}


def test_both_names_are_told_at_once_with_a_cause_each(trip):
    assert open_now(trip) == {CA: "open", LA: "open"}
    store = trip.workspace.store
    assert {(one.cause, one.held) for one in lacking(store)} == {(CA, 1), (LA, 1)}
    page = status(store, trip.workspace.means().mapping, now=trip.now)
    assert {one.cause for one in page.held_by_cause} == {CA, LA}
    assert [one.held for one in page.merchants] == [1]
    told = journey(store, "#1001")
    assert {one.where for one in told.holds} == {
        'order #1001, tax item for "California State Tax"',
        'order #1001, tax item for "Los Angeles County Tax"',
    }
    row = detail(store, told.documents[0].key)
    assert all(title in row.why and title in row.fix for title in (CA.split(":")[2], LA.split(":")[2]))


def test_naming_one_cures_its_own_hold_and_the_other_stands(trip):
    named(trip, "California State Tax")
    assert open_now(trip) == {CA: "cured", LA: "open"}
    assert [one.cause for one in lacking(trip.workspace.store)] == [LA]
    named(trip, "Los Angeles County Tax")
    with trip.workspace.store.reading() as tx:
        assert holds.open_holds(tx) == []
    trip.deliver()
    assert trip.company_file.trial_balance()["Sales:Shopify"]


@pytest.fixture
def added(tmp_path):
    """A merchant whose first order brought an item into QuickBooks."""
    trip = Trip(tmp_path)
    order(trip, 1)
    trip.deliver()
    assert "Shopify Tip" in items(trip)
    yield trip
    trip.close()


def order(trip: Trip, number: int) -> None:
    told = an_order(tip="5.00", pays=[Pay(amount="25.00")], number=number)
    told["transactions"][0]["id"] = f"gid://shopify/OrderTransaction/{number}"
    trip.pull({"orders": [told]})
    trip.book()


def items(trip: Trip) -> set[str]:
    with trip.workspace.store.reading() as tx:
        return {row.full_name for row in lists.list_rows(tx, COMPANY, "item") if row.is_active}


def told(trip: Trip) -> list[str]:
    with trip.workspace.store.reading() as tx:
        return [row.hold.sentence for row in holds.open_holds(tx)]


def later(trip: Trip) -> None:
    """The lists are read again once they are old."""
    trip.now += timedelta(hours=13)
    trip.deliver()


def receipts(trip: Trip) -> int:
    return sum(one.kind == "SalesReceipt" for one in trip.company_file.filed.values())


@pytest.mark.parametrize("booked_first", [True, False])
def test_an_entry_that_we_added_and_that_somebody_deleted_is_added_anew(added, booked_first):
    added.company_file.delete_record("ItemOtherCharge", "Shopify Tip", added.now)
    if not booked_first:
        later(added)
    order(added, 2)
    later(added)
    added.book()
    later(added)
    assert (told(added), receipts(added)) == ([], 2)
    assert "Shopify Tip" in items(added)


def test_where_nobody_may_add_it_it_holds_with_its_cause_and_goes_once_it_is_there(added):
    added.company_file.delete_record("ItemOtherCharge", "Shopify Tip", added.now)
    later(added)
    path = added.workspace.root / "mappings.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('items = "yes"', 'items = "no"'), encoding="utf-8")
    order(added, 2)
    later(added)
    assert told(added) == ['QuickBooks has no active item "Shopify Tip".']
    path.write_text(text, encoding="utf-8")
    added.book()
    later(added)
    assert (told(added), receipts(added)) == ([], 2)


def test_one_that_we_added_and_somebody_made_inactive_is_not_added_a_second_time(added):
    added.company_file.set_active("ItemOtherCharge", "Shopify Tip", active=False, now=added.now)
    later(added)
    order(added, 2)
    assert told(added) == ['The item "Shopify Tip" is inactive in QuickBooks.']
    later(added)
    assert len(told(added)) == 1
    added.company_file.set_active("ItemOtherCharge", "Shopify Tip", active=True, now=added.now)
    later(added)
    added.book()
    later(added)
    assert (told(added), receipts(added)) == ([], 2)
