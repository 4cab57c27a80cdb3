"""Laws of purchases on made-up ones: zero sum, replay, any split of the timeline, received + difference = billed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from builders import SHOP
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.books.facts.purchase import draw_purchase
from qbconsole.books.facts.purchase.matching import meet
from qbconsole.books.plan import DocumentKind, Plan, Tally, tally
from qbconsole.books.policy import Policy, Settings
from qbconsole.books.proof import prove_plans
from qbconsole.money import Money, total
from qbconsole.sources.shopify.reading import read_shop
from qbconsole.sources.shopify.reading_stock import read_purchase

OAK = read_shop(SHOP)
Json = dict[str, Any]

LINE = st.fixed_dictionaries(
    {
        "sku": st.sampled_from(["A", "B", ""]),
        "quantity": st.integers(0, 6),
        "unitCost": st.sampled_from(["5.00", "5.20", "4.75", "0.333", "0"]),
    }
)
LINES = st.lists(LINE, max_size=3)
DAY = st.integers(1, 9).map(lambda day: f"2026-03-{day:02}")
RECEIPTS = st.lists(st.fixed_dictionaries({"receivedAt": DAY, "lines": LINES}), max_size=4)
BILL = {
    "billedAt": DAY,
    "lines": LINES,
    "receipt": st.sampled_from([None, None, "R0", "R1", "R9"]),
    "freight": st.sampled_from([None, "8.00", "-1.25"]),
    "tax": st.sampled_from([None, "0.40"]),
}
BILLS = st.lists(st.fixed_dictionaries(BILL), max_size=4)


def _purchase(lines: list[Json], receipts: list[Json], bills: list[Json]) -> Json:
    return {
        "number": "7",
        "vendor": "Acme",
        "orderedAt": "2026-03-01",
        "currencyCode": "USD",
        "lines": lines,
        "receipts": [row | {"id": f"R{at}"} for at, row in enumerate(receipts)],
        "bills": [row | {"number": f"B{at}"} for at, row in enumerate(bills)],
    }


PURCHASES = st.builds(_purchase, LINES, RECEIPTS, BILLS)


def until(raw: Json, day: date) -> Json:
    """What was known of it at the end of a day."""
    known = {
        "receipts": [row for row in raw["receipts"] if row["receivedAt"] <= day.isoformat()],
        "bills": [row for row in raw["bills"] if row["billedAt"] <= day.isoformat()],
    }
    return raw | known


def book(raw: Json, booked: tuple[Plan, ...] = (), receipts: Any = "bill") -> tuple[Plan, ...]:
    """The books after one more snapshot, by the steps of `decide`: what is booked is dropped."""
    settings = Settings(merchant="oak", policy=Policy(receipts=receipts))
    found = draw_purchase(read_purchase(raw, OAK), OAK, settings, booked)
    placed = {member.event_key for plan in booked for member in plan.members}
    new = tuple(plan for plan in found.plans if not placed & {member.event_key for member in plan.members})
    assert {member.event_key for plan in new for member in plan.members} <= {
        event.key for event in found.events
    }
    prove_plans((*booked, *new))
    assert len({plan.key for plan in (*booked, *new)}) == len(booked) + len(new)
    return (*booked, *new)


def posted(plans: tuple[Plan, ...]) -> Tally:
    sums = tally(posting for plan in plans for posting in plan.postings)
    return {at: amount for at, amount in sums.items() if amount}


@given(PURCHASES)
def test_the_same_bundle_twice_changes_nothing(raw):
    once = book(raw)
    assert book(raw, once) == once
    assert book(raw) == once


@given(PURCHASES, st.sets(st.integers(1, 9)))
def test_any_split_of_the_timeline_gives_the_same_postings(raw, days):
    plans: tuple[Plan, ...] = ()
    for day in sorted(days):
        plans = book(until(raw, date(2026, 3, day)), plans)
    assert posted(book(raw, plans)) == posted(book(raw))


@given(PURCHASES)
def test_an_item_receipt_posts_what_a_bill_does(raw):
    assert posted(book(raw, receipts="item_receipt")) == posted(book(raw))


@given(PURCHASES)
def test_received_and_difference_are_what_was_billed(raw):
    """For every unit met; and what is owed in the end is receipts + differences + freight + tax."""
    purchase = read_purchase(raw, OAK)
    meeting = meet(purchase)
    for bill in purchase.bills:
        met = [row for row in meeting.met if row.bill is bill]
        missing = sum(units for owed, _, units in meeting.unmet if owed is bill)
        assert sum(row.units for row in met) + missing == sum(line.quantity for line in bill.lines)
        if not missing:
            received = total([row.received + row.difference for row in met], "USD")
            assert received == total([line.amount for line in bill.lines], "USD")
    for receipt in purchase.receipts:
        units = sum(row.units for row in meeting.met if row.receipt is receipt)
        assert units <= sum(line.quantity for line in receipt.lines)
    owed = Decimal(0)
    for (_, role, _), amount in posted(book(raw)).items():
        owed -= amount if role == "accounts_payable" else Decimal(0)
    # A receipt is rounded as a whole (convention 22), not line by line.
    arrived = [
        Money.rounded(
            sum((line.unit_cost.amount * line.quantity for line in receipt.lines), Decimal(0)), "USD"
        )
        for receipt in purchase.receipts
    ]
    extras = [amount for bill in purchase.bills for amount in (bill.freight, bill.tax)]
    assert owed == total([*arrived, *extras, *(row.difference for row in meeting.met)], "USD").amount


@given(PURCHASES)
def test_goods_arrive_once_whatever_is_billed(raw):
    """Units stand on receipts alone: no bill of the vendor brings them again."""
    plans = [plan for plan in book(raw) if plan.kind is not DocumentKind.PURCHASE_ORDER]
    units = sum(line.quantity or 0 for plan in plans for line in plan.lines)
    assert units == sum(line["quantity"] for receipt in raw["receipts"] for line in receipt["lines"])
