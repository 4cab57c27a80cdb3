"""The whole trip, and the books it must end with, computed here from the raw orders by other means."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from qbconsole.rehearsal.demo import (
    COMPANY,
    deliver,
    demo,
    prepare,
    pull_and_book,
    result,
)
from qbconsole.rehearsal.stage import set_stage, write_workspace
from qbconsole.sync.book import book
from qbconsole.views.tally import tally
from qbconsole.workspace import Workspace

pytestmark = pytest.mark.slow
CLEARING = {
    "shopify_payments": "Shopify Payments Clearing",
    "paypal": "PayPal Clearing",
    "cash": "Cash Drawer Clearing",
    "manual": "Manual Payments Clearing",
}
REVENUE = (
    "Sales:Shopify",
    "Sales:Shopify Discounts",
    "Sales:Shopify Returns",
    "Sales:Shopify Shipping",
    "Sales:Shopify Shipping Discounts",
    "Sales:Shopify Shipping Refunds",
)


def amount(bag):
    return Decimal(bag["shopMoney"]["amount"])


def is_held(order):
    """Test orders and money promised but not taken stay out of the books."""
    kinds = {(tender["kind"], tender["status"]) for tender in order["transactions"]}
    promised = ("AUTHORIZATION", "SUCCESS") in kinds
    taken = {("SALE", "SUCCESS"), ("CAPTURE", "SUCCESS")} & kinds
    return order["test"] or (promised and not taken)


def expected_books(orders):
    """Balances by account, from Shopify's own current totals and from the tenders; debit positive."""
    books = defaultdict(Decimal)
    for order in orders:
        if is_held(order):
            continue
        current, tax = amount(order["currentTotalPriceSet"]), amount(order["currentTotalTaxSet"])
        tip = amount(order["totalTipReceivedSet"])
        cards = sum(
            (
                amount(line["originalTotalSet"])
                - sum(amount(d["allocatedAmountSet"]) for d in line["discountAllocations"])
                for line in order["lineItems"]["nodes"]
                if line["isGiftCard"]
            ),
            Decimal(0),
        )
        books["Sales Tax Payable"] -= tax
        books["Tips Payable"] -= tip
        books["Gift Cards Outstanding"] -= cards
        books["revenue"] -= current - tax - tip - cards
        books["Accounts Receivable"] += current
        for tender in order["transactions"]:
            sign = {"SALE": 1, "CAPTURE": 1, "REFUND": -1}.get(tender["kind"], 0)
            if tender["status"] != "SUCCESS" or not sign:
                continue
            moved = sign * amount(tender["amountSet"])
            books["Accounts Receivable"] -= moved
            account = (
                "Gift Cards Outstanding" if tender["gateway"] == "gift_card" else CLEARING[tender["gateway"]]
            )
            books[account] += moved
    return {account: value for account, value in books.items() if value}


def ledger_of(stage):
    """The simulation's ledger without the cost it posts by itself, income accounts as one."""
    books = defaultdict(Decimal)
    for account, value in stage.company_file.trial_balance().items():
        if account in ("Cost of Goods Sold", "Inventory Asset"):
            continue
        books["revenue" if account in REVENUE else account] += value
    return {account: value for account, value in books.items() if value}


def test_the_demo_ends_with_books_that_equal_what_the_orders_say(tmp_path):
    write_workspace(tmp_path)
    with Workspace.open(tmp_path, environ={}) as workspace:
        stage = set_stage(tmp_path, orders=150, seed=11, now=workspace.clock())
        password = prepare(workspace)
        pull_and_book(workspace, stage)
        sessions = deliver(workspace, stage, password)
        told = result(workspace, stage, sessions).as_json()
        orders = [order for shop in stage.shops for order in shop.orders]

        assert ledger_of(stage) == expected_books(orders)
        assert told["difference"] == "0.00"
        assert told["documents"] == told["recorded"] + len(told["held"])
        assert {row["reason"] for row in told["held"]} <= {"test_order", "authorized_uncaptured", "voided"}
        assert len(told["held"]) == sum(is_held(order) for order in orders)
        assert set(told["merchants"]) == {"oak-ember", "cedar-lane"}

        # a second run of every verb changes nothing
        documents = len(stage.company_file.documents())
        pull_and_book(workspace, stage)
        book(workspace.means(), workspace.means().merchants())
        assert deliver(workspace, stage, password) == 0
        assert len(stage.company_file.documents()) == documents


def test_two_shops_post_into_one_company_file_under_their_own_numbers(tmp_path):
    told = demo(tmp_path, orders=60, seed=3)
    assert told.difference == 0
    with Workspace.open(tmp_path, environ={}) as workspace:
        assert {m for m, n in tally(workspace.store, COMPANY).merchants.items() if n.recorded} == {
            "oak-ember",
            "cedar-lane",
        }
