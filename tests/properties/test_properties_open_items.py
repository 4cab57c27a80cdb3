"""Whatever happened to an order, nothing of it is owed and credited at once: one is settled with the other."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from builders import read
from desks import desk
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_orders import PLACES, Life, lives
from test_properties_books import History, _booked, histories

from qbconsole.books.plan import DocumentKind, Plan
from qbconsole.decide import Case, decide

ROUNDS = settings(max_examples=60, deadline=None, derandomize=True)
_K = DocumentKind
#: What stands on the customer's account with its whole amount: owed, or credited where negative.
_SIGNS = {
    _K.INVOICE: 1,
    _K.CHECK: 1,
    _K.AR_REFUND_CREDIT_CARD: 1,
    _K.CREDIT_MEMO: -1,
    _K.RECEIVE_PAYMENT: -1,
}


def open_items(plans: list[Plan]) -> dict[str, Decimal]:
    """What is left of each document on accounts receivable, debit positive; from the documents alone."""
    left: dict[str, Decimal] = {}
    for plan in plans:
        own = sum(
            (row.amount.amount for row in plan.postings if row.role == "accounts_receivable"), Decimal(0)
        )
        if plan.kind in _SIGNS or (plan.kind is _K.JOURNAL_ENTRY and own):
            left[plan.key] = own
        for row in plan.applied:
            # A row without a credit takes the document's own money.
            credit = row.credit_key or (plan.key if plan.kind is _K.RECEIVE_PAYMENT else row.document_key)
            charge = row.document_key if plan.kind is _K.RECEIVE_PAYMENT else plan.key
            before = left[charge], left[credit]
            left[charge] -= row.amount.amount
            left[credit] += row.amount.amount
            assert before[0] > 0 > before[1], (plan.key, row)
            assert left[charge] >= 0 >= left[credit], (plan.key, row)
    return {key: amount for key, amount in left.items() if amount}


def assert_settled(plans: list[Plan]) -> None:
    left = open_items(plans)
    assert not (max(left.values(), default=0) > 0 > min(left.values(), default=0)), left


@ROUNDS
@given(histories(), st.data())
def test_no_pull_leaves_something_owed_beside_a_credit(history: History, data):
    ends = sorted(data.draw(st.sets(st.integers(0, len(history.steps)))) | {len(history.steps)})
    assert_settled(list(_booked(history, ends, agreements=True).plans))


def at_other_rates(raw: dict[str, Any], rates: list[int], currency: str) -> dict[str, Any]:
    """The same order; its tenders were worth so many percent in the shop's money."""
    least = Decimal(1).scaleb(-PLACES[currency])
    for tender, percent in zip(raw["transactions"], rates, strict=False):
        bag = tender["amountSet"]["shopMoney"]
        worth = (Decimal(bag["amount"]) * percent / 100).quantize(least, ROUND_HALF_UP)
        bag["amount"] = str(worth)
    return raw


@ROUNDS
@given(lives(currencies=("USD", "JPY")), st.lists(st.integers(80, 125), min_size=8, max_size=8))
def test_nor_do_rates_returns_and_money_given_back(life: Life, rates: list[int]):
    raw = life.raw()
    if life.tongue.seen:
        raw = at_other_rates(raw, rates, life.tongue.currency)
    decision = decide(Case(order=read(raw, currencyCode=life.tongue.currency)), desk(life.tongue.currency))
    if not [hold for hold in decision.holds if not hold.is_flag]:
        assert_settled([document.named.plan for document in decision.documents])
