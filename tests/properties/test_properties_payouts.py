"""By payout: however payouts arrive, each event stands once, an entry ties to its payout, and all comes to the same."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from desks import SUMMARY, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_orders import lives
from test_properties_orders import by_role, days_of, order_of

from qbconsole.books.booking.roles_of import clearing_role, money_role
from qbconsole.books.policy import Policy
from qbconsole.books.summary.paid import PaidRow
from qbconsole.decide import Case, decide
from qbconsole.shop.events import TenderEvent
from qbconsole.shop.timeline import timeline

ROUNDS = settings(max_examples=60, deadline=None, derandomize=True)
CARDS = clearing_role("shopify_payments")


def rows_of(order, data) -> list[PaidRow]:
    """A row for each tender of Shopify Payments, in payouts some days later; some name no tender."""
    rows = []
    for event in timeline(order):
        if isinstance(event, TenderEvent) and money_role(event) == CARDS:
            on = event.on + timedelta(days=data.draw(st.integers(1, 4), label="days to the payout"))
            own = event.key.partition("/")[2] if data.draw(st.booleans(), label="names its tender") else None
            rows.append(
                PaidRow(
                    payout=f"{on:%m%d}", on=on, amount=event.amount.shop, order_id=order.id, tender_id=own
                )
            )
    return sorted(rows, key=lambda row: row.on)


def waits(decision) -> list[str]:
    return [hold.reason for hold in decision.holds if not hold.is_flag]


@ROUNDS
@given(lives(currencies=("USD", "USD", "JPY")), st.data())
def test_however_payouts_arrive_each_event_stands_once_and_all_comes_to_the_same(life, data):
    order, currency = order_of(life), life.tongue.currency
    by_day = desk(currency, modes=SUMMARY, policy=Policy(cogs="off"))
    at_desk = desk(currency, modes=SUMMARY, policy=Policy(cogs="off", summary_by="payout"))
    hidden, known, events = rows_of(order, data), [], ()
    every = list(hidden)
    entries: list = []
    while True:
        placed = frozenset(entry.event_key for entry in entries)
        case = Case(order=order, events=events, pooled=placed, paid_out=tuple(known))
        decision = decide(case, at_desk)
        events = (*events, *decision.events)
        assert placed.isdisjoint(entry.event_key for entry in decision.pooled)
        entries += decision.pooled
        assert set(waits(decision)) <= {"awaiting_payout"}
        if not hidden:
            break
        count = data.draw(st.integers(1, len(hidden)), label="rows of this pull")
        known, hidden = [*known, *hidden[:count]], hidden[count:]
    assert waits(decision) == []
    whole = days_of(decide(Case(order=order), by_day).pooled, by_day, order.shop)
    plans = days_of(entries, at_desk, order.shop)
    assert by_role(plans, by_day=False) == by_role(whole, by_day=False)
    told: dict = defaultdict(Decimal)
    for row in every:
        told[row.payout] += row.amount.amount
    booked: dict = defaultdict(Decimal)
    for plan in plans:
        for posting in plan.postings:
            if posting.role == CARDS:
                assert plan.payout
                booked[plan.payout] += posting.amount.amount
    assert {one: sum_ for one, sum_ in booked.items() if sum_} == {
        one: sum_ for one, sum_ in told.items() if sum_
    }


@ROUNDS
@given(lives(currencies=("USD",)), st.data())
def test_no_sale_stands_before_its_own_day(life, data):
    order = order_of(life)
    at_desk = desk(modes=SUMMARY, policy=Policy(cogs="off", summary_by="payout"))
    decision = decide(Case(order=order, paid_out=tuple(rows_of(order, data))), at_desk)
    own = {event.key: event.on for event in decision.events}
    assert all(entry.pool.on >= own[entry.event_key] for entry in decision.pooled)
