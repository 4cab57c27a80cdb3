"""Deposits are released whatever the policy was when: once an order is paid and counts, none of its money waits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from builders import read
from desks import SUMMARY, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_orders import GATEWAYS, Life, Tongue, Ware

from qbconsole.books.plan import DEPOSIT, Plan, Posting
from qbconsole.books.policy import Policy
from qbconsole.decide import Case, Decision, decide
from qbconsole.shop.events import Event

ROUNDS = settings(max_examples=60, deadline=None, derandomize=True)
POLICIES = ("order", "payment", "fulfillment")


@dataclass
class Ledger:
    """What is kept of one order from pull to pull, as `book` keeps it."""

    summary: bool
    events: list[Event] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    pooled: set[str] = field(default_factory=set)
    deposits: set[str] = field(default_factory=set)
    postings: list[Posting] = field(default_factory=list)

    def book(self, raw: dict, recognise_on: str, currency: str) -> Decision:
        policy = Policy(recognise_on=recognise_on, cogs="off")
        case = Case(
            order=read(raw, currencyCode=currency),
            events=tuple(self.events),
            booked=tuple(self.plans),
            pooled=frozenset(self.pooled),
            parts=dict.fromkeys(self.deposits, DEPOSIT),
        )
        decision = decide(case, desk(currency, policy=policy, modes=SUMMARY if self.summary else None))
        assert not [hold for hold in decision.holds if not hold.is_flag], decision.holds
        self.events += decision.events
        for document in decision.documents:
            self.plans.append(document.named.plan)
            self.postings += document.named.plan.postings
        for entry in decision.pooled:
            self.pooled.add(entry.event_key)
            self.deposits |= {entry.event_key} if entry.part == DEPOSIT else set()
            self.postings += entry.postings
        return decision

    def balance(self) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in self.postings:
            sums[row.role] += row.amount.amount
        return {role: amount for role, amount in sums.items() if amount}


@st.composite
def paid_lives(draw: st.DrawFn) -> tuple[Life, list[tuple[int, int]]]:
    """An order paid in full by some tenders, and the shop money that each was worth: not always the day's rate."""
    currency = draw(st.sampled_from(["USD", "USD", "KWD"]))
    seen = draw(st.sampled_from([None, "CAD"])) if currency == "USD" else None
    lines = [Ware(draw(st.integers(100, 9999)), 1, 0, {}) for _ in range(draw(st.integers(1, 2)))]
    life = Life(tongue=Tongue(currency, seen), inclusive=False, wares=lines)
    left, tenders, worth = life.total, [], []
    for last in (False, False, True):
        part = left if last else draw(st.integers(0, left))
        if part:
            tenders.append((part, draw(st.sampled_from(GATEWAYS[:4])), draw(st.integers(2, 9))))
            worth.append((draw(st.integers(-min(part, 50) + 1, 50)) if seen and part > 1 else 0, part))
            left -= part
    return replace(life, tenders=tenders), worth


def told(life: Life, worth: list[tuple[int, int]], known: set[int], revision: int) -> dict:
    """The order as it is pulled when only some of its money is told."""
    raw = life.raw()
    for row, (more, _) in zip(raw["transactions"], worth, strict=True):
        money = row["amountSet"]["shopMoney"]
        money["amount"] = str(Decimal(money["amount"]) + Decimal(more) / 100)
    raw["transactions"] = [row for n, row in enumerate(raw["transactions"]) if n in known]
    raw["displayFulfillmentStatus"] = "UNFULFILLED"
    raw["updatedAt"] = f"2026-03-20T12:{revision:02}:00Z"
    return raw


@ROUNDS
@given(
    paid_lives(),
    st.lists(st.tuples(st.sampled_from(POLICIES), st.sets(st.integers(0, 2), max_size=2)), max_size=4),
    st.sampled_from(["order", "payment"]),
    st.booleans(),
)
def test_whatever_the_policies_and_the_pulls_a_paid_order_leaves_no_deposit(some, pulls, at_last, summary):
    life, worth = some
    books, known = Ledger(summary=summary), set()
    for revision, (recognise_on, more) in enumerate(pulls):
        known |= {number for number in more if number < len(worth)}
        books.book(told(life, worth, known, revision), recognise_on, life.tongue.currency)
    everything = told(life, worth, set(range(len(worth))), 30)
    books.book(everything, at_last, life.tongue.currency)
    balance = books.balance()
    pennies = Decimal("0.05") if life.tongue.currency == "KWD" else Decimal(0)
    for role in ("customer_deposits", "accounts_receivable"):
        assert abs(balance.get(role, Decimal(0))) <= pennies, (role, balance)
    again = books.book(everything, at_last, life.tongue.currency)
    assert not again.documents
    assert not again.pooled
