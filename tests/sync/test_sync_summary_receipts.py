"""A day's sales receipt: the journal's amounts, by item; what it cannot show stays in the journal entry."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import Back, Line, Pay, Ship
from golden.harness import ledger_beside_postings
from shopday import counted, documents_of
from trip import SHOP, Trip

from qbconsole.sync import book as booking
from qbconsole.views.postings import postings

MUG = Line(price="10.00", quantity=3, taxes={"State": "2.40"})
CARD, PAYPAL = Pay(amount="32.40"), Pay(amount="32.40", gateway="paypal")
BACK = Pay(amount="10.80", kind="REFUND", at="03-05 10:00")


def settings(**policy: str) -> dict:
    return {
        "policy": {"summary_document": "sales_receipt", "closed_period": "first_open_day"} | policy,
        "modes": {"sales": "summary", "inventory": "detailed"},
    }


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, settings=settings())
    yield trip
    trip.close()


def pull_and_book(trip: Trip, *orders, **facts) -> None:
    trip.pull({"orders": list(orders), **facts})
    trip.book()


def receipts(trip: Trip) -> list:
    return [one.plan for one in documents_of(trip, "SalesReceipt")]


def told(plan) -> list[tuple[str, str, int | None]]:
    return [(line.role, line.amount.text(), line.quantity) for line in plan.lines]


def same_books(trip: Trip) -> None:
    trip.deliver()
    ledger, ours = ledger_beside_postings(trip, apart=True)
    assert ledger == ours
    assert postings(trip.workspace.store)["holds"] == []


def test_items_and_quantities_add_up_and_the_largest_gateway_takes_the_deposit(trip):
    bowl = Line(price="5.00", off="1.00", taxes={"State": "0.32", "City": "0.04"})
    pull_and_book(
        trip,
        counted(MUG, number=1, pays=[CARD]),
        counted(MUG, number=2, pays=[PAYPAL]),
        counted(MUG, bowl, number=3, shipping=[Ship(price="4.00")], pays=[Pay(amount="40.76")]),
    )
    (plan,) = receipts(trip)
    assert told(plan) == [
        ("sales_income", "90.00", 9),
        ("sales_tax_payable", "7.52", None),
        ("sales_income", "5.00", 1),
        ("discounts", "-1.00", None),
        ("shipping_income", "4.00", None),
        ("sales_tax_payable", "0.04", None),
        ("clearing:paypal", "-32.40", None),
    ]
    assert (plan.money_role, plan.money.text()) == ("clearing:shopify_payments", "73.16")
    assert documents_of(trip, "JournalEntry") == documents_of(trip, "InventoryAdjustment") == []
    same_books(trip)
    assert trip.company_file.on_hand("SKU-1").quantity == -9


def test_what_is_owed_stands_in_the_journal_with_its_goods_apart(trip):
    pull_and_book(trip, counted(MUG, number=1, pays=[CARD]), counted(MUG, number=2))
    assert [told(plan)[0] for plan in receipts(trip)] == [("sales_income", "30.00", 3)]
    (journal,) = documents_of(trip, "JournalEntry")
    assert {row.role: row.amount.text() for row in journal.plan.postings}["accounts_receivable"] == "32.40"
    (goods,) = documents_of(trip, "InventoryAdjustment")
    assert [member.event_key for member in goods.members] == ["order/2"]
    same_books(trip)
    assert trip.company_file.on_hand("SKU-1").quantity == -6


@pytest.mark.parametrize(("restock", "left"), [("RETURN", -5), ("NO_RESTOCK", -6)])
def test_a_refund_beside_sales_is_a_negative_line(trip, restock, left):
    refund = Back(lines=[(1, 1, "10.00", "0.80")], pays=[2], restock=restock)
    pull_and_book(
        trip,
        counted(MUG, number=1, pays=[CARD, BACK], refunds=[refund]),
        counted(MUG, number=2, at="03-05 12:00", pays=[Pay(amount="32.40", at="03-05 12:01")]),
    )
    second = receipts(trip)[1]
    assert ("returns", "-10.00", -1) in told(second)
    assert second.total.text() == "21.60"
    same_books(trip)
    assert trip.company_file.on_hand("SKU-1").quantity == left


def test_a_day_of_refunds_only_goes_to_the_journal_because_no_receipt_is_negative(trip):
    refund = Back(lines=[(1, 1, "10.00", "0.80")], pays=[2])
    pull_and_book(trip, counted(MUG, pays=[CARD, BACK], refunds=[refund]))
    assert len(receipts(trip)) == 1
    (journal,) = documents_of(trip, "JournalEntry")
    assert journal.plan.on.isoformat() == "2026-03-05"
    (goods,) = documents_of(trip, "InventoryAdjustment")
    assert [line.quantity for line in goods.plan.lines] == [1]
    same_books(trip)
    assert trip.company_file.on_hand("SKU-1").quantity == -2


def test_a_gift_card_and_cash_rounding_are_lines(trip):
    card = Pay(amount="20.00", gateway="gift_card")
    cash = Pay(amount="12.40", gateway="cash", rounding="0.02")
    pull_and_book(trip, counted(MUG, pays=[card, cash]))
    (plan,) = receipts(trip)
    assert ("gift_card_liability", "-20.00", None) in told(plan)
    assert ("cash_rounding", "0.02", None) in told(plan)
    assert (plan.money_role, plan.total.text()) == ("clearing:cash", "12.42")
    same_books(trip)


def test_a_free_day_is_a_receipt_of_nothing(trip):
    pull_and_book(trip, counted(Line(price="10.00", off="10.00")))
    (plan,) = receipts(trip)
    assert plan.total.text() == "0.00"
    same_books(trip)
    assert trip.company_file.on_hand("SKU-1").quantity == -1


def test_parts_grow_until_sent_and_then_follow_each_other(trip, monkeypatch):
    monkeypatch.setattr(booking, "CHUNK", 1)
    pull_and_book(trip, counted(MUG, number=1, pays=[CARD]), counted(MUG, number=2, pays=[PAYPAL]))
    (plan,) = receipts(trip)
    assert (plan.key, len(plan.members)) == ("qbc1/oak-ember/day/2026-03-02.other..USD/R1/0", 4)
    same_books(trip)
    pull_and_book(trip, counted(MUG, number=3, pays=[PAYPAL]))
    assert [plan.key.rpartition("/R")[2] for plan in receipts(trip)] == ["1/0", "2/0"]
    same_books(trip)
    assert trip.company_file.on_hand("SKU-1").quantity == -9


def test_a_late_refund_after_the_days_receipt_was_sent_does_not_make_a_negative_one(trip):
    pull_and_book(trip, counted(MUG, pays=[CARD]))
    trip.deliver()
    back = Pay(amount="10.80", kind="REFUND", at="03-02 18:00")
    refund = Back(lines=[(1, 1, "10.00", "0.80")], pays=[2], at="03-02 18:00")
    pull_and_book(trip, counted(MUG, pays=[CARD, back], refunds=[refund], updated="03-21 12:00"))
    assert len(receipts(trip)) == len(documents_of(trip, "JournalEntry")) == 1
    same_books(trip)
    assert trip.company_file.on_hand("SKU-1").quantity == -2


def test_a_session_that_takes_the_receipt_meanwhile_leaves_it_as_it_was_sent(trip, monkeypatch):
    pull_and_book(trip, counted(MUG, number=1, pays=[CARD]))
    day_cases, sessions = booking.day_cases, []

    def with_a_session_in_between(*given):
        cases = day_cases(*given)
        if not sessions:
            sessions.append(trip.deliver())
        return cases

    monkeypatch.setattr(booking, "day_cases", with_a_session_in_between)
    pull_and_book(trip, counted(MUG, number=2, pays=[CARD]))
    assert [len(plan.members) for plan in receipts(trip)] == [2, 2]
    same_books(trip)


def test_a_closed_day_stands_on_the_first_open_one(trip):
    pull_and_book(trip, counted(MUG, pays=[CARD]), closing_date="2026-03-31")
    assert [plan.on.isoformat() for plan in receipts(trip)] == ["2026-04-01"]


def test_a_currency_of_three_decimals_is_rounded_once_a_receipt(trip):
    shop = SHOP | {"currencyCode": "KWD", "homeCurrency": "KWD"}
    one = counted(Line(price="1.125"), currency="KWD", pays=[Pay(amount="1.125")])
    two = counted(Line(price="2.338"), number=2, currency="KWD", pays=[Pay(amount="2.338", gateway="paypal")])
    trip.pull({"shop": shop, "orders": [one, two]})
    trip.book()
    (plan,) = receipts(trip)
    assert all(line.amount.amount == line.amount.amount.quantize(Decimal("0.01")) for line in plan.lines)
    same_books(trip)


@pytest.mark.parametrize("policy", [{}, {"recognise_on": "payment"}, {"recognise_on": "fulfillment"}])
def test_by_day_and_role_it_is_what_the_journal_says(tmp_path, policy):
    refund = Back(lines=[(1, 1, "10.00", "0.80")], pays=[2])
    orders = [
        counted(MUG, number=1, pays=[CARD, BACK], refunds=[refund]),
        counted(
            MUG, number=2, pays=[Pay(amount="12.40"), Pay(amount="20.00", gateway="paypal", at="03-05 10:00")]
        ),
        counted(MUG, number=3, tip="2.00", pays=[Pay(amount="34.40", gateway="paypal")]),
        counted(MUG, number=4),
    ]
    found = []
    for document in ("sales_receipt", "journal"):
        root = tmp_path / document
        root.mkdir()
        trip = Trip(root, settings=settings(summary_document=document, **policy))
        try:
            pull_and_book(trip, *orders)
            found.append(postings(trip.workspace.store)["postings"])
            same_books(trip)
        finally:
            trip.close()
    assert found[0] == found[1]
