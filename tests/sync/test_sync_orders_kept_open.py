"""Sales orders and estimates: what is ordered and not shipped stands in QuickBooks, posts nothing, and closes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import Line, Pay
from golden.harness import ledger_beside_postings, sent_by
from lxml import etree
from shopday import counted
from trip import Trip

from qbconsole.books.ordered import misfits
from qbconsole.books.policy import Modes, Policy
from qbconsole.views.postings import postings

BOWLS = Line(price="10.00", quantity=3, taxes={"State": "2.40"})
TOTAL = "32.40"
PAID_PART = Pay(amount="12.40", at="03-03 10:00")
PAID_REST = Pay(amount="20.00", at="03-04 10:00")
SHIPPED = {"displayFulfillmentStatus": "FULFILLED", "fulfillments": [{"status": "SUCCESS"}]}
OPEN = {"displayFulfillmentStatus": "UNFULFILLED"}


def settings(**policy: str) -> dict:
    return {
        "policy": {"recognise_on": "fulfillment", "tax": "liability_line", "orders": "sales_order"} | policy,
        "accounts": {"sales_tax_payable": "Sales Tax Owed"},
    }


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path, settings=settings())
    yield trip
    trip.close()


def shipped(at: str) -> dict:
    return SHIPPED | {"fulfillments": [{"status": "SUCCESS", "createdAt": f"2026-{at}T10:00:00Z"}]}


def come(
    trip: Trip, *pays: Pay, status: dict = OPEN, updated: str = "03-20", line: Line = BOWLS, **more
) -> None:
    """The order as the shop tells it now, booked and delivered as far as it goes."""
    trip.pull({"orders": [counted(line, pays=pays, updated=f"{updated} 12:00", **(status | more))]})
    settle(trip)


def settle(trip: Trip) -> None:
    trip.book()
    trip.deliver()
    trip.book()
    trip.deliver()


def kinds(trip: Trip) -> list[str]:
    return [one["kind"] for one in postings(trip.workspace.store)["documents"]]


def holds(trip: Trip) -> list[str]:
    return [hold["reason"] for hold in postings(trip.workspace.store)["holds"]]


def booked(trip: Trip) -> dict[str, dict[str, str]]:
    return postings(trip.workspace.store)["postings"]


def same_books(trip: Trip) -> None:
    ledger, ours = ledger_beside_postings(trip, apart=True)
    assert ledger == ours
    assert holds(trip) == []


def in_quickbooks(trip: Trip, kind: str) -> list:
    return [one for one in trip.company_file.filed.values() if one.kind == kind]


def test_unpaid_and_unshipped_is_a_sales_order_that_posts_nothing(trip):
    come(trip)
    assert kinds(trip) == ["SalesOrder"]
    assert booked(trip) == {}
    (order,) = in_quickbooks(trip, "SalesOrder")
    assert not order.closed()
    same_books(trip)


def test_unpaid_and_shipped_is_an_invoice_made_from_the_order_which_closes_it(trip):
    come(trip)
    come(trip, status=shipped("03-06"), updated="03-21")
    assert sorted(kinds(trip)) == ["Invoice", "SalesOrder"]
    assert booked(trip) == {
        "2026-03-06": {"accounts_receivable": TOTAL, "sales_income": "-30.00", "sales_tax_payable": "-2.40"}
    }
    (order,) = in_quickbooks(trip, "SalesOrder")
    assert order.closed()
    sent = etree.fromstring(f"<all>{sent_by(trip)}</all>").find(".//InvoiceAdd")
    assert sent.findtext("LinkToTxnID") == order.txn_id
    assert sent.find("InvoiceLineAdd") is None
    assert trip.company_file.on_hand("SKU-1").quantity == -3
    same_books(trip)


def test_partly_paid_and_unshipped_is_an_order_with_the_money_as_a_deposit(trip):
    come(trip, PAID_PART)
    assert sorted(kinds(trip)) == ["JournalEntry", "SalesOrder"]
    assert booked(trip) == {
        "2026-03-03": {"clearing:shopify_payments": "12.40", "customer_deposits": "-12.40"}
    }
    same_books(trip)


def test_partly_paid_and_shipped_is_an_invoice_with_the_deposit_on_it(trip):
    come(trip, PAID_PART)
    come(trip, PAID_PART, status=shipped("03-06"), updated="03-21")
    assert booked(trip)["2026-03-06"] == {
        "accounts_receivable": "20.00",
        "customer_deposits": "12.40",
        "sales_income": "-30.00",
        "sales_tax_payable": "-2.40",
    }
    (invoice,) = in_quickbooks(trip, "Invoice")
    assert trip.company_file.owed[invoice.entity] == Decimal("20.00")
    assert in_quickbooks(trip, "SalesOrder")[0].closed()
    same_books(trip)


def test_an_order_paid_later_and_shipped_then_still_closes(trip):
    come(trip)
    come(trip, PAID_PART, PAID_REST, updated="03-21")
    come(trip, PAID_PART, PAID_REST, status=shipped("03-06"), updated="03-22")
    assert sorted(kinds(trip)) == ["Invoice", "JournalEntry", "JournalEntry", "SalesOrder"]
    assert in_quickbooks(trip, "SalesOrder")[0].closed()
    assert "accounts_receivable" not in booked(trip)["2026-03-06"]
    same_books(trip)


def test_paid_and_shipped_is_a_sales_receipt_without_any_order(trip):
    come(trip, PAID_PART, PAID_REST)
    come(trip, PAID_PART, PAID_REST, status=shipped("03-06"), updated="03-21")
    assert "SalesOrder" not in kinds(trip)
    assert "SalesReceipt" in kinds(trip)
    same_books(trip)


def test_all_known_at_once_needs_no_order(trip):
    come(trip, status=shipped("03-06"))
    assert kinds(trip) == ["Invoice"]
    same_books(trip)


def test_coming_twice_changes_nothing(trip):
    come(trip)
    come(trip, updated="03-21")
    assert kinds(trip) == ["SalesOrder"]
    assert len(in_quickbooks(trip, "SalesOrder")) == 1


def test_until_quickbooks_told_its_edition_the_order_waits(trip):
    trip.pull({"orders": [counted(BOWLS, **OPEN)]})
    trip.book()
    assert holds(trip) == ["edition"]
    settle(trip)
    assert holds(trip) == []
    assert len(in_quickbooks(trip, "SalesOrder")) == 1


def test_pro_has_no_sales_orders_so_the_order_is_held_and_the_invoice_stands_alone(trip):
    trip.company_file.edition = "Pro"
    come(trip)
    assert holds(trip) == ["edition"]
    come(trip, status=shipped("03-06"), updated="03-21")
    (invoice,) = in_quickbooks(trip, "Invoice")
    assert trip.company_file.owed[invoice.entity] == Decimal(TOTAL)
    ledger, ours = ledger_beside_postings(trip, apart=True)
    assert ledger == ours
    assert in_quickbooks(trip, "SalesOrder") == []


def test_an_edit_before_shipping_is_taken_back_beside_the_whole_order(trip):
    come(trip)
    fewer = Line(price="10.00", quantity=3, current=2, taxes={"State": "2.40"})
    come(trip, status=shipped("03-06"), updated="03-21", line=fewer)
    assert in_quickbooks(trip, "SalesOrder")[0].closed()
    ledger, ours = ledger_beside_postings(trip, apart=True)
    assert ledger == ours


def test_a_cancelled_order_is_listed_because_only_a_person_can_close_it(trip):
    come(trip)
    come(trip, cancelledAt="2026-03-05T10:00:00Z", updated="03-21")
    assert booked(trip) == {}
    assert holds(trip) == ["order_left_open"]


def test_an_item_that_posts_elsewhere_than_the_mapping_says_holds_the_invoice(trip):
    come(trip)
    path = trip.workspace.root / "mappings.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('sales_income = "Sales:Shopify"\n', 'sales_income = "Sales:Elsewhere"\n'),
        encoding="utf-8",
    )
    come(trip, status=shipped("03-06"), updated="03-21")
    assert holds(trip) == ["unmapped"]
    assert in_quickbooks(trip, "Invoice") == []


def test_an_estimate_goes_with_tax_items_and_stays_beside_the_invoice(tmp_path):
    trip = Trip(tmp_path, settings={"policy": {"recognise_on": "fulfillment", "orders": "estimate"}})
    try:
        come(trip)
        assert kinds(trip) == ["Estimate"]
        come(trip, status=shipped("03-06"), updated="03-21")
        assert sorted(kinds(trip)) == ["Estimate", "Invoice"]
        same_books(trip)
    finally:
        trip.close()


@pytest.mark.parametrize(
    ("policy", "modes", "words"),
    [
        ({"orders": "off"}, {}, ()),
        ({"orders": "sales_order"}, {}, ("recognise_on", "tax_item_line")),
        ({"orders": "sales_order", "recognise_on": "fulfillment"}, {}, ("tax_item_line",)),
        ({"orders": "estimate", "recognise_on": "fulfillment"}, {}, ()),
        ({"orders": "estimate", "recognise_on": "fulfillment"}, {"sales": "summary"}, ("journal",)),
        ({"orders": "sales_order", "recognise_on": "fulfillment", "tax": "liability_line"}, {}, ()),
    ],
)
def test_what_does_not_go_together_is_said(policy, modes, words):
    found = misfits(Policy(**policy), Modes(**modes))
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))


def test_what_does_not_go_together_draws_no_order(tmp_path):
    trip = Trip(tmp_path, settings=settings(tax="tax_item_line"))
    try:
        come(trip)
        assert kinds(trip) == []
    finally:
        trip.close()
