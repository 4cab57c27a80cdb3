"""Captured Shopify orders, lifted, pulled, booked, delivered: the capture's own totals must come out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from adapt import cases, lift, need_samples
from trip import Trip

from qbconsole.views.postings import postings

pytestmark = pytest.mark.slow
WITHOUT_LINES = {"cancel_paid_refunded", "pay_capture"}
#: Captures whose current total is older than their refund.
STALE_CURRENT = {"refund_partial_line_shipping_restock"}


def amount(order, name):
    bag = order.get(name)
    return Decimal(bag["shopMoney"]["amount"]) if bag else None


def totals(told):
    """Account role -> amount over all days."""
    sums = {}
    for roles in told["postings"].values():
        for role, text in roles.items():
            sums[role] = sums.get(role, Decimal(0)) + Decimal(text)
    return sums


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path)
    yield found
    found.close()


def test_there_are_captures_to_try():
    need_samples()
    assert len(cases()) == 9


@pytest.mark.parametrize("path", cases(), ids=lambda path: path.stem)
def test_a_captured_order_ends_in_quickbooks_with_its_own_totals(path, trip):
    lifted = lift(path)
    assert set(lifted.additions) <= {
        "processedAt",
        "updatedAt",
        "id",
        "name",
        "test",
        "shop in CAD",
        "shop in USD",
    }
    trip.pull(lifted.file, merchant="oak-ember", include_test=True)
    trip.book()
    told = postings(trip.workspace.store)
    if path.stem in WITHOUT_LINES:
        assert [hold["reason"] for hold in told["holds"]] == ["incomplete_order"]
        assert "lineItems" in told["holds"][0]["message"]
        assert told["documents"] == []
        return
    assert [hold for hold in told["holds"] if hold["reason"] != "refund_residual_review"] == []
    trip.deliver()
    assert {document["state"] for document in postings(trip.workspace.store)["documents"]} == {"verified"}
    _check_totals(lifted.order, totals(told), path.stem)
    _check_ledger(trip, told)


def _check_totals(order, sums, case):
    sold = -sum(
        (sums.get(role, Decimal(0)) for role in ("sales_income", "discounts", "shipping_income")), Decimal(0)
    )
    returned = sum((sums.get(role, Decimal(0)) for role in ("returns", "refund_discrepancy")), Decimal(0))
    tax = -sums.get("sales_tax_payable", Decimal(0))
    current = amount(order, "currentTotalPriceSet")
    total = amount(order, "totalPriceSet")
    if case in STALE_CURRENT:
        assert sold + tax == total
    else:
        assert sold - returned + tax == current
    received, refunded = amount(order, "totalReceivedSet"), amount(order, "totalRefundedSet")
    if received is not None and order.get("transactions"):
        clearing = sum((value for role, value in sums.items() if role.startswith("clearing:")), Decimal(0))
        assert clearing == received - (refunded or 0)


def _check_ledger(trip, told):
    accounts = {}
    for named in told["accounts"].values():
        for account, text in named.items():
            accounts[account] = accounts.get(account, Decimal(0)) + Decimal(text)
    ledger = trip.company_file.trial_balance()
    assert {name: value for name, value in accounts.items() if value} == ledger
