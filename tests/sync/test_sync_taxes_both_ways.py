"""Taxes of both signs and nothing beside them: QuickBooks would turn one, so the document waits for a person."""

from __future__ import annotations

from datetime import date, timedelta

from builders import Back, Line, Pay, an_order
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


def test_a_day_that_gives_back_more_than_it_sells_keeps_the_sign_of_either_tax(tmp_path):
    card = Pay(amount="75.60", gateway="gift_card")
    back = Pay(amount="37.80", kind="REFUND", gateway="gift_card", parent=1, at="03-05 16:00")
    returned = an_order(
        [Line(price="35.00", quantity=2, current=1, taxes={"State": "5.60"})],
        pays=[card, back],
        refunds=[Back(lines=[(1, 1, "35.00", "2.80")], pays=[2], at="03-05 16:00")],
    )
    sold = an_order(
        [Line(price="20.00", taxes={"County": "1.00"})],
        pays=[Pay(amount="21.00", at="03-05 15:01")],
        at="03-05 15:00",
        number=2,
    )
    sold["transactions"][0]["id"] = "gid://shopify/OrderTransaction/21"
    sold["lineItems"]["nodes"][0]["id"] = "gid://shopify/LineItem/21"
    trip = Trip(
        tmp_path, settings={"modes": {"sales": "summary"}, "policy": {"summary_document": "sales_receipt"}}
    )
    try:
        trip.pull({"orders": [returned, sold]})
        trip.book()
        trip.deliver()
        with trip.workspace.store.reading() as tx:
            assert holds.open_holds(tx) == []
        day = trip.company_file.ledger_by_day()[date(2026, 3, 5)]
        assert {account: str(amount) for account, amount in day.items()} == {
            "Gift Cards Outstanding": "-37.80",
            "Sales Tax Payable": "1.80",
            "Sales:Shopify": "-20.00",
            "Sales:Shopify Returns": "35.00",
            "Shopify Payments Clearing": "21.00",
        }
    finally:
        trip.close()
