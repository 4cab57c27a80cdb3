"""Gift cards and store credit outside orders: given away, changed by hand, expired."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from facts_beside_orders import BREAKAGE, SETTINGS, SHOP, checked, keys, money, posted, reasons, when
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from qbconsole.books.facts.gift_card import draw_gift_card
from qbconsole.books.facts.store_credit import draw_store_credit
from qbconsole.money import Money
from qbconsole.sources.shopify.reading_facts import read_gift_card, read_store_credit


def a_card(value="50.00", **more):
    return {
        "id": "gid://shopify/GiftCard/5",
        "createdAt": when("03-02"),
        "initialValue": money(value),
        "balance": money(value),
        "enabled": True,
        "lastCharacters": "7HX2",
    } | more


def a_move(number, amount, kind="Credit", at="03-05", **more):
    return {
        "id": f"gid://shopify/GiftCard{kind}Transaction/{number}",
        "__typename": f"GiftCard{kind}Transaction",
        "processedAt": when(at),
        "amount": money(amount),
    } | more


def card_drawn(raw, settings=SETTINGS, booked=()):
    return checked(draw_gift_card(read_gift_card(raw), SHOP, settings, booked))


def a_credit(amount, kind="Credit", event="ADJUSTMENT", **more):
    return {
        "id": "gid://shopify/StoreCreditAccountTransaction/8-abc",
        "__typename": f"StoreCreditAccount{kind}Transaction",
        "createdAt": when("03-02"),
        "amount": money(amount),
        "event": event,
        "account": {"id": "gid://shopify/StoreCreditAccount/8", "owner": {"displayName": "Zoë"}},
        "origin": None,
    } | more


def credit_drawn(raw, settings=SETTINGS, booked=()):
    return checked(draw_store_credit(read_store_credit(raw), SHOP, settings, booked))


# Gift cards


def test_a_card_given_away_is_an_expense_owed_on_the_day_it_was_made():
    drawn = card_drawn(a_card(createdAt=when("03-03 02:00")))
    assert posted(drawn) == {"03-02": {"gift_card_expense": "50.00", "gift_card_liability": "-50.00"}}
    assert keys(drawn) == ["gift_card/5"]
    assert drawn.plans[0].memo == "Gift card 7HX2 issued, 2026-03-02"


@pytest.mark.parametrize(
    "raw",
    [
        a_card(order={"id": "gid://shopify/Order/1", "name": "#1"}),
        a_card("0.00"),
        a_card(order={"id": "gid://shopify/Order/1"}, enabled=False, deactivatedAt=when("03-09")),
    ],
)
def test_a_sold_card_an_empty_one_and_one_switched_off_post_nothing(raw):
    drawn = card_drawn(raw, BREAKAGE)
    assert (drawn.events, drawn.plans, drawn.holds) == ((), (), ())


def test_what_staff_change_later_is_posted_both_ways_on_its_own_day():
    rows = [
        a_move(1, "50.00", at="03-02"),  # the issue, told once more
        a_move(2, "10.00", note="sorry"),
        a_move(3, "-5.00", "Debit", at="03-06", note="mistake"),
        a_move(4, "-20.00", "Debit", at="03-07"),  # used: its order's tender books it
        a_move(5, "4.00", at="03-08", order={"id": "gid://shopify/Order/9"}, note="given back"),
    ]
    drawn = card_drawn(a_card(transactions={"nodes": rows}))
    assert posted(drawn) == {
        "03-02": {"gift_card_expense": "50.00", "gift_card_liability": "-50.00"},
        "03-05": {"gift_card_expense": "10.00", "gift_card_liability": "-10.00"},
        "03-06": {"gift_card_expense": "-5.00", "gift_card_liability": "5.00"},
    }
    assert keys(drawn) == ["gift_card/5", "gift_card/5.2", "gift_card/5.3"]


EXPIRED = a_card(
    order={"id": "gid://shopify/Order/1"},
    balance=money("30.00"),
    expiresOn="2026-03-31",
    updatedAt=when("04-01"),
)


def test_an_expired_card_is_income_only_if_the_operator_allows():
    assert card_drawn(EXPIRED).plans == ()
    drawn = card_drawn(EXPIRED, BREAKAGE)
    assert posted(drawn) == {"03-31": {"gift_card_liability": "30.00", "breakage_income": "-30.00"}}
    assert keys(drawn) == ["gift_card/5.expired"]


def test_a_card_not_seen_since_its_last_day_has_not_expired():
    assert card_drawn(EXPIRED | {"updatedAt": when("03-31 15:00")}, BREAKAGE).plans == ()
    assert card_drawn(EXPIRED | {"updatedAt": None}, BREAKAGE).plans == ()


def test_an_expiry_in_the_ledger_is_posted_on_its_own_day_and_once():
    rows = [a_move(7, "30.00", "Expiration", at="04-02")]
    drawn = card_drawn(EXPIRED | {"transactions": rows}, BREAKAGE)
    assert posted(drawn) == {"04-02": {"gift_card_liability": "30.00", "breakage_income": "-30.00"}}


def test_what_keeps_a_card_out():
    assert reasons(card_drawn(a_card("50.00 CAD"))) == ["currency_mismatch"]
    assert reasons(card_drawn(a_card(initialValue=None))) == ["incomplete_order"]
    late = replace(SETTINGS, start=date(2026, 3, 4))
    drawn = card_drawn(a_card(transactions=[a_move(2, "10.00", note="sorry")]), late)
    assert (reasons(drawn), posted(drawn)) == (
        ["before_start"],
        {"03-05": {"gift_card_expense": "10.00", "gift_card_liability": "-10.00"}},
    )
    assert drawn.holds[0].subject == "gift_card/5"


# Store credit


def test_credit_granted_by_hand_and_taken_back():
    granted = credit_drawn(a_credit("15.00"))
    assert posted(granted) == {"03-02": {"store_credit_expense": "15.00", "store_credit_liability": "-15.00"}}
    assert (keys(granted), granted.plans[0].memo) == (
        ["store_credit/8-abc"],
        "Store credit Zoë by hand, 2026-03-02",
    )
    taken = {"03-02": {"store_credit_expense": "-4.00", "store_credit_liability": "4.00"}}
    assert posted(credit_drawn(a_credit("-4.00", "Debit"))) == taken
    assert posted(credit_drawn(a_credit("4.00", "Debit"))) == taken  # whichever way it is signed
    given_back = {"03-02": {"store_credit_expense": "4.00", "store_credit_liability": "-4.00"}}
    assert posted(credit_drawn(a_credit("4.00", "DebitRevert"))) == given_back


@pytest.mark.parametrize(
    "raw",
    [
        *(
            a_credit("9.00", event=event)
            for event in ("ORDER_PAYMENT", "ORDER_REFUND", "ORDER_CANCELLATION", "PAYMENT_RETURNED")
        ),
        a_credit("9.00", origin={"__typename": "OrderTransaction", "id": "gid://shopify/OrderTransaction/4"}),
        a_credit("9.00", "Expiration"),
        a_credit("0.00"),
    ],
)
def test_what_orders_cause_and_what_expires_posts_nothing(raw):
    drawn = credit_drawn(raw)
    assert (drawn.events, drawn.plans, drawn.holds) == ((), (), ())


def test_expired_credit_is_income_only_if_the_operator_allows():
    drawn = credit_drawn(a_credit("9.00", "Expiration"), BREAKAGE)
    assert posted(drawn) == {"03-02": {"store_credit_liability": "9.00", "breakage_income": "-9.00"}}


def test_what_keeps_a_movement_out():
    assert reasons(credit_drawn(a_credit("9.00 CAD"))) == ["currency_mismatch"]
    assert reasons(credit_drawn(a_credit("9.00", event="LOYALTY"))) == ["unknown_kind"]
    assert reasons(credit_drawn(a_credit("9.00"), replace(SETTINGS, start=date(2026, 3, 3)))) == [
        "before_start"
    ]


CENTS = st.integers(-(10**7), 10**7).map(lambda cents: Money.from_minor(cents, "USD").text())


@examples(max_examples=60, deadline=None)
@given(value=CENTS, moves=st.lists(st.tuples(CENTS, st.booleans()), max_size=5))
def test_the_liability_is_what_the_card_was_given_by_hand(value, moves):
    rows = [
        a_move(at, amount, "Some", note="by hand" if noted else "")
        for at, (amount, noted) in enumerate(moves, 1)
    ]
    drawn = card_drawn(a_card(value, transactions=rows))
    owed = [p.amount for plan in drawn.plans for p in plan.postings if p.role == "gift_card_liability"]
    want = [Money.of(value, "USD"), *(Money.of(amount, "USD") for amount, noted in moves if noted)]
    assert sum(amount.amount for amount in owed) == -sum(amount.amount for amount in want)
    assert card_drawn(a_card(value, transactions=rows), booked=drawn.plans) == drawn
