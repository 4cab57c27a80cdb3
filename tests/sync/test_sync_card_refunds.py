"""What is given back to a gift card or as store credit later than its memo leaves nothing open in QuickBooks."""

from __future__ import annotations

import pytest
from builders import Back, Line, Pay, an_order
from golden.harness import ledger_beside_postings
from trip import Trip

MONEY = [Pay(amount="20.00")]


def back(amount: str, at: str, gateway: str = "shopify_store_credit") -> Pay:
    return Pay(amount=amount, kind="REFUND", gateway=gateway, at=at)


def told(updated: str, *pays: Pay, refunds=()) -> dict:
    lines = [Line(price="10.00", quantity=2)]
    return an_order(lines, pays=pays, refunds=refunds, updated=updated)


ONE = Back(lines=[(1, 1, "10.00", "0")], at="03-05 10:00")
TWO = Back(lines=[(1, 1, "10.00", "0")], at="03-06 10:00")
RETURNED = told("03-05 12:00", *MONEY, refunds=[ONE])
CASES = {
    "a return, and store credit for it later": [told("03-08 12:00", *MONEY, back("10.00", "03-08"), refunds=[ONE])],
    "told in two": [RETURNED, told("03-08 12:00", *MONEY, back("10.00", "03-08"), refunds=[ONE])],
    "in two parts": [
        RETURNED,
        told("03-08 12:00", *MONEY, back("4.00", "03-08", "gift_card"), back("6.00", "03-09"), refunds=[ONE]),
    ],
    "part to the card": [
        RETURNED,
        told("03-08 12:00", *MONEY, back("4.00", "03-08"), back("6.00", "03-09", "shopify_payments"), refunds=[ONE]),
    ],
    "for two returns at once": [
        told("03-06 12:00", *MONEY, refunds=[ONE, TWO]),
        told("03-08 12:00", *MONEY, back("20.00", "03-08"), refunds=[ONE, TWO]),
    ],
    "more than was returned": [RETURNED, told("03-08 12:00", *MONEY, back("13.00", "03-08"), refunds=[ONE])],
    "nothing was returned": [told("03-08 12:00", *MONEY), told("03-08 13:00", *MONEY, back("7.00", "03-08"))],
    "while the customer still owes, who pays later": [
        told("03-02 16:00", Pay(amount="15.00")),
        told("03-08 12:00", Pay(amount="15.00"), back("5.00", "03-08")),
        told("03-10 12:00", Pay(amount="15.00"), back("5.00", "03-08"), Pay(amount="10.00", at="03-10")),
    ],
}  # fmt: skip


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    yield trip
    trip.close()


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("orders", CASES.values(), ids=CASES)
def test_nothing_of_it_stays_open(trip, orders, sent):
    for order in orders:
        trip.pull({"orders": [order]})
        trip.book()
        if sent:
            trip.deliver()
    trip.deliver()
    left = {(one.kind, str(one.txn_date)): one.open for one in trip.company_file.documents() if one.open}
    assert left == {}
    ledger, ours = ledger_beside_postings(trip, apart=True)
    assert {name: value for name, value in ledger.items() if value} == ours
    assert "Accounts Receivable" not in ours
