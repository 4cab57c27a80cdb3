"""The demo's shops under every policy and in both modes, without HTTP between: the ledger equals the postings.

The settings of one trip are independent of each other; each value of each policy is in one of the trips.
"""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from typing import get_args, get_type_hints

import pytest
from books_by_hand import expected, ledger_of
from shops_in_process import balanced, pulled_once, trip_with

from qbconsole.books.holds import Reason
from qbconsole.books.policy import Policy
from qbconsole.rehearsal.asked import Asked
from qbconsole.rehearsal.demo import agree

pytestmark = pytest.mark.slow
TRIPS = (
    {},
    {"recognise_on": "payment", "authorized": "post", "tax": "liability_line", "approve": "manual"},
    {"recognise_on": "fulfillment", "cogs": "unit_cost", "tax_by": "province", "transfers": "sites"},
    {"cogs": "off", "fees_date": "transaction", "tax_by": "single", "receipts": "item_receipt"},
    {"closing_date": "2026-01-09", "breakage": "book", "orders": "estimate", "tax": "quickbooks"},
    {
        "closing_date": "2026-01-09",
        "closed_period": "first_open_day",
        "cogs": "unit_cost",
        "restock_loss_role": "merchant_fees",
        "vendors": "summary",
        "summary_by": "payout",
    },
    {
        "start": "2026-01-08",
        "authorized": "post",
        "customers": "detailed",
        "orders": "sales_order",
        "summary_document": "sales_receipt",
        "inventory": "detailed",
    },
    {"start": "2026-01-08", "before_start": "opening_balance", "recognise_on": "payment"},
)
#: Why something of these shops may wait, whatever the settings, and with them.
ALWAYS = {"test_order", "voided"}
UNLESS = {"authorized": ("post", "authorized_uncaptured")}
WITH = {"closing_date": "closed_period", "start": "before_start", "summary_by": "awaiting_payout"}


@pytest.fixture(scope="module")
def pulled(tmp_path_factory):
    root = tmp_path_factory.mktemp("pulled")
    return root, pulled_once(root, orders=36, seed=12)


def named(settings) -> str:
    return ",".join(f"{name}={value}" for name, value in settings.items()) or "shipped"


def may_wait(settings) -> set[str]:
    """Reasons that are no surprise under these settings."""
    reasons = set(ALWAYS)
    reasons |= {why for name, (value, why) in UNLESS.items() if settings.get(name) != value}
    reasons |= {why for name, why in WITH.items() if name in settings}
    if settings.get("closed_period") == "first_open_day":
        reasons -= {"closed_period"}
    return reasons


@pytest.mark.parametrize("mode", ["detailed", "summary"])
@pytest.mark.parametrize("settings", TRIPS, ids=named)
def test_the_ledger_equals_the_postings_under_every_policy(tmp_path, pulled, settings, mode):
    root, stage = pulled
    shutil.copytree(root / ".qbconsole", tmp_path / ".qbconsole")
    trip = trip_with(tmp_path, Asked(mode=mode, settings=settings))
    try:
        told = balanced(trip)
        assert told.documents == told.recorded + sum(not one.is_order for one in told.waiting) > 20
        assert {one.reason for one in told.waiting} <= may_wait(settings), Counter(
            (one.reason, one.message) for one in told.waiting
        )
        assert all(one.message and one.source and Reason(one.reason) for one in told.waiting)
        if not settings:  # the same from the raw orders and facts, reckoned by other means
            apart = ("Cost of Goods Sold", "Inventory Asset", "Inventory Adjustments")
            by_hand = expected(stage.shops)
            by_hand.pop("goods")
            assert ledger_of(trip.company_file, without=apart) == by_hand
    finally:
        trip.close()


def test_a_batch_that_awaits_an_operator_has_no_call_read_the_lists_again(tmp_path, pulled):
    root, _ = pulled
    shutil.copytree(root / ".qbconsole", tmp_path / ".qbconsole")
    trip = trip_with(tmp_path, Asked(settings={"approve": "manual"}))
    try:
        trip.book()
        assert trip.session() == "100"
        trip.now += timedelta(minutes=15)
        assert trip.session() == "none"
        assert agree(trip.workspace)
        assert trip.session() == "100"
    finally:
        trip.close()


def test_every_value_of_every_policy_is_in_one_of_the_trips():
    for name, kind in get_type_hints(Policy).items():
        there = {settings.get(name, getattr(Policy(), name)) for settings in TRIPS}
        assert set(get_args(kind)) <= there, name
