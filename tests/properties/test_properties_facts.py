"""The laws with facts beside orders: what the gateway took is paid out, and then its clearing account is empty."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from desks import desk
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_orders import Life, lives
from test_properties_orders import by_role, order_of, plans_of

from qbconsole.books.policy import Policy
from qbconsole.decide import Case, Desk, FactCase, decide
from qbconsole.money import Money
from qbconsole.shop.events import TenderEvent
from qbconsole.shop.orders import Shop
from qbconsole.shop.payments.cash import CashSession
from qbconsole.shop.payments.credit import Cause, GiftCard, StoreCreditMovement
from qbconsole.shop.payments.payouts import BalanceEntry, Payout
from qbconsole.shop.stock import StockChange, StockGroup, UnitCost
from qbconsole.shop.timeline import tender_events

ROUNDS = settings(max_examples=25, deadline=None, derandomize=True)
CLEARING = "clearing:shopify_payments"
NOON = datetime(2026, 3, 14, 20, tzinfo=UTC)


def entry_of(tender: TenderEvent, fee: int) -> BalanceEntry:
    """How the balance tells a tender; fees are whole smallest units."""
    amount, cost = tender.amount.shop, Money.from_minor(fee, tender.amount.shop.currency)
    return BalanceEntry(
        id=tender.key.rpartition("/")[2],
        type="CHARGE" if amount.amount > 0 else "REFUND",
        amount=amount,
        fee=cost,
        net=amount - cost,
        at=tender.at,
    )


def payouts_of(tenders: list[TenderEvent], fees: list[int], cut: int) -> list[Payout]:
    """Two payouts that carry everything the gateway took and gave back."""
    rows = [entry_of(tender, fee) for tender, fee in zip(tenders, fees, strict=False)]
    return [
        Payout(
            id=str(number),
            status="PAID",
            issued_at=NOON,
            net=sum((row.net for row in part[1:]), part[0].net),
            rows=tuple(part),
        )
        for number, part in enumerate((rows[:cut], rows[cut:]), 1)
        if part
    ]


def fact_case(kind: str, number: str, fact, shop: Shop, **more) -> FactCase:
    return FactCase(kind=kind, source_id=f"{kind}/{number}", fact=fact, shop=shop, **more)


@ROUNDS
@given(
    st.lists(lives(currencies=("USD",)), min_size=1, max_size=3),
    st.lists(st.integers(0, 300), min_size=24, max_size=24),
    st.integers(0, 9),
    st.sampled_from(["payout", "transaction"]),
)
def test_the_clearing_account_is_empty_when_everything_is_paid_out(some: list[Life], fees, cut, fees_date):
    at_desk = desk(policy=Policy(fees_date=fees_date))
    orders = [order_of(life, number) for number, life in enumerate(some, 1)]
    plans = [plan for order in orders for plan in plans_of(decide(Case(order=order), at_desk))]
    tenders = [
        tender
        for order in orders
        for tender in tender_events(order)
        if tender.gateway == "shopify_payments" and tender.amount.shop
    ]
    payouts = payouts_of(tenders, fees, cut)
    for payout in payouts:
        plans += plans_of(decide(fact_case("payout", payout.id, payout, orders[0].shop), at_desk))
    books = by_role(plans, by_day=False)
    assert books.get(CLEARING, 0) == 0
    assert books.get("bank", 0) == sum(row.net.amount for payout in payouts for row in payout.rows)
    assert books.get("merchant_fees", 0) == sum(row.fee.amount for payout in payouts for row in payout.rows)
    assert sum(books.values(), Decimal(0)) == 0


def money(units: int) -> Money:
    return Money.from_minor(units, "USD")


UNITS = st.integers(-5000, 5000)
FACTS = st.one_of(
    st.builds(
        lambda units, order: (
            "gift_card",
            GiftCard(id="7", at=NOON, initial_value=money(abs(units)), order_id=order),
        ),
        UNITS,
        st.none() | st.just("1"),
    ),
    st.builds(
        lambda units: (
            "store_credit",
            StoreCreditMovement(id="7", at=NOON, amount=money(units), cause=Cause.STAFF),
        ),
        UNITS,
    ),
    st.builds(
        lambda units: ("cash_session", CashSession(id="7", closed_at=NOON, discrepancy=money(units))), UNITS
    ),
    st.builds(
        lambda deltas, cost: (
            "inventory_group",
            StockGroup(
                id="7",
                created_at=NOON,
                reason="correction",
                changes=tuple(
                    StockChange(
                        name="on_hand",
                        delta=delta,
                        item_id=f"{place % 2}",
                        sku=f"SKU-{place % 2}",
                        location=f"Place {place}",
                        location_id=f"{place}",
                        unit_cost=UnitCost(Decimal(cost).scaleb(-4), "USD"),
                    )
                    for place, delta in enumerate(deltas)
                ),
            ),
        ),
        st.lists(st.integers(-20, 20).filter(bool), min_size=1, max_size=5),
        st.integers(0, 99999),
    ),
)


def desks() -> list[Desk]:
    return [
        desk(policy=Policy(cogs=cogs, fees_date=fees))
        for cogs, fees in (("quickbooks", "payout"), ("off", "transaction"))
    ]


@ROUNDS
@given(FACTS)
def test_a_fact_sums_to_zero_and_told_again_gives_nothing_new(told):
    kind, fact = told
    shop = order_of(Life.plain()).shop
    for at_desk in desks():
        first = decide(fact_case(kind, "7", fact, shop), at_desk)
        for plan in plans_of(first):
            assert sum((row.amount.amount for row in plan.postings), Decimal(0)) == 0
        again = decide(
            fact_case(kind, "7", fact, shop, events=first.events, booked=tuple(plans_of(first))), at_desk
        )
        assert not again.events
        assert not again.documents


@ROUNDS
@given(st.lists(lives(currencies=("USD",)), min_size=1, max_size=1), st.data())
def test_a_payout_first_seen_on_its_way_ends_as_if_seen_at_once(some, data):
    """Split invariance: whatever statuses a pull saw between, the last one decides where the money is."""
    order, at_desk = order_of(some[0]), desk()
    tenders = [t for t in tender_events(order) if t.amount.shop]
    payouts = payouts_of(tenders, [7] * len(tenders), len(tenders))
    seen = data.draw(st.lists(st.sampled_from(["SCHEDULED", "IN_TRANSIT", "PAID", "FAILED"]), max_size=3))
    for payout in payouts:
        last = data.draw(st.sampled_from(["PAID", "FAILED"]))
        events, booked = (), ()
        for status in (*seen, last, last):
            told = Payout(id=payout.id, status=status, issued_at=NOON, net=payout.net, rows=payout.rows)
            done = decide(
                fact_case("payout", payout.id, told, order.shop, events=events, booked=booked), at_desk
            )
            events, booked = (*events, *done.events), (*booked, *plans_of(done))
        at_once = Payout(id=payout.id, status=last, issued_at=NOON, net=payout.net, rows=payout.rows)
        whole = plans_of(decide(fact_case("payout", payout.id, at_once, order.shop), desk()))
        assert by_role(booked) == by_role(whole)
