"""Taxes of both signs and nothing beside them: QuickBooks would turn one, so the document waits for a person."""

from __future__ import annotations

from datetime import timedelta

from builders import Line, Pay, an_order
from trip import Trip

from qbconsole.store import holds, requests


def order(state, county, *, updated):
    line = Line(price="50.00", taxes={"State": state, "County": county})
    return an_order([line], pays=[Pay(amount="54.00")], updated=updated)


def edited(trip):
    """An order is sent, and then an edit moves half a dollar of its tax from one title to another."""
    trip.pull({"orders": [order("3.00", "1.00", updated="03-02 12:00")]})
    trip.book()
    trip.deliver()
    trip.now += timedelta(days=1)
    trip.pull({"orders": [order("2.50", "1.50", updated="03-03 12:00")]})
    trip.book()
    trip.deliver()
    with trip.workspace.store.reading() as tx:
        waiting = [one.hold for one in holds.open_holds(tx)]
        bodies = [row.body for row in requests.requests_in(tx, company="oak") if "Edit of" in row.body]
    return waiting, bodies


def taxes(trip):
    return {
        account: amount for account, amount in trip.company_file.trial_balance().items() if "Tax" in account
    }


def test_taxes_that_only_changed_places_are_held_before_quickbooks_makes_another_sum_of_them(tmp_path):
    trip = Trip(tmp_path)
    try:
        waiting, bodies = edited(trip)
        (hold,) = [one for one in waiting if one.reason == "tax_difference"]
        assert hold.sentence.startswith('Its tax "State" is -0.50, and QuickBooks gives a tax the sign')
        assert "liability_line" in hold.next_step
        assert bodies == []
        assert [str(amount) for amount in taxes(trip).values()] == ["-4.00"]
    finally:
        trip.close()


def test_a_tax_that_is_a_charge_keeps_its_sign(tmp_path):
    settings = {"policy": {"tax": "liability_line"}, "accounts": {"sales_tax_payable": "Shopify Tax"}}
    trip = Trip(tmp_path, settings=settings)
    try:
        waiting, bodies = edited(trip)
        assert [one for one in waiting if one.reason == "tax_difference"] == []
        assert len(bodies) == 1
        assert [str(amount) for amount in taxes(trip).values()] == ["-4.00"]
    finally:
        trip.close()
