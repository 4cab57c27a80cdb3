"""Drawers closed over or short, and the fees other gateways keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from facts_beside_orders import SETTINGS, SHOP, checked, keys, money, posted, reasons, when
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.books.facts.cash import draw_cash_session
from qbconsole.books.facts.fees import draw_fee
from qbconsole.money import Money
from qbconsole.sources.shopify.reading_facts import read_cash_session, read_fee


def a_session(**more):
    return {
        "id": "gid://shopify/PointOfSaleDevicePaymentSession/3",
        "status": "CLOSED",
        "openingTime": when("03-02 13:00"),
        "closingTime": when("03-03 01:30"),
        "currency": "USD",
        "location": {"id": "gid://shopify/Location/1", "name": "Leeds"},
        "expectedCashAtClose": money("204.00"),
        "cashCountedAtClose": money("200.50"),
        "netCashSales": money("104.00"),
        "totalsReady": True,
    } | more


def drawer(raw, settings=SETTINGS):
    return checked(draw_cash_session(read_cash_session(raw), SHOP, settings, ()))


SHORT = {"03-02": {"cash_over_short": "3.50", "clearing:cash": "-3.50"}}
TRACKED = {
    "expectedCashAtClose": None,
    "cashCountedAtClose": None,
    "expectedClosingBalance": money("204.00"),
    "closingBalance": money("200.50"),
}


@pytest.mark.parametrize(
    "raw",
    [
        a_session(),
        a_session(totalDiscrepancy=money("-3.50"), cashCountedAtClose=money("999.00")),
        a_session(**TRACKED, status=None, totalsReady=None),
        a_session(closingTime="2026-03-02"),
    ],
)
def test_a_drawer_closed_short(raw):
    drawn = drawer(raw)
    assert posted(drawn) == SHORT
    assert (keys(drawn), drawn.plans[0].memo) == (["cash_session/3"], "Drawer Leeds short, 2026-03-02")


def test_a_drawer_closed_over():
    drawn = drawer(a_session(cashCountedAtClose=money("205.00")))
    assert posted(drawn) == {"03-02": {"cash_over_short": "-1.00", "clearing:cash": "1.00"}}


@pytest.mark.parametrize(
    "more",
    [
        {"status": "OPEN", "closingTime": None},
        {"status": "OPEN"},
        {"closingTime": None},
        {"totalsReady": False},
        {"cashCountedAtClose": money("204.00")},
        {"totalDiscrepancy": money("0.00")},
    ],
)
def test_an_open_drawer_one_being_added_up_and_one_that_is_right_post_nothing(more):
    drawn = drawer(a_session(**more))
    assert (drawn.events, drawn.plans, drawn.holds) == ((), (), ())


def test_what_keeps_a_drawer_out():
    assert reasons(drawer(a_session(cashCountedAtClose=None))) == ["incomplete_order"]
    assert reasons(drawer(a_session(totalDiscrepancy=money("-3.50 CAD")))) == ["currency_mismatch"]
    assert reasons(drawer(a_session(), replace(SETTINGS, start=date(2026, 3, 3)))) == ["before_start"]


def a_fee(**more):
    return {
        "id": "77",
        "gateway": "PayPal (Express)",
        "date": "2026-03-02",
        "amount": "2.90",
        "currencyCode": "USD",
        "reference": "8XK",
    } | more


def fee(raw, settings=SETTINGS):
    return checked(draw_fee(read_fee(raw), SHOP, settings, ()))


def test_a_fee_leaves_the_gateways_clearing_account_on_its_day():
    drawn = fee(a_fee())
    assert posted(drawn) == {"03-02": {"merchant_fees": "2.90", "clearing:paypal": "-2.90"}}
    assert (keys(drawn), drawn.plans[0].memo) == (
        ["fee/paypal.77"],
        "PayPal (Express) fee 8XK, 2026-03-02",
    )


def test_a_fee_given_back_is_negative_and_nothing_is_nothing():
    assert posted(fee(a_fee(amount="-2.90"))) == {
        "03-02": {"merchant_fees": "-2.90", "clearing:paypal": "2.90"}
    }
    assert fee(a_fee(amount="0.00")).events == ()


def test_a_number_that_is_no_key_is_hashed_the_same_every_time():
    odd = fee(a_fee(id="a/b] [qbc1/x"))
    (key,) = keys(odd)
    assert key == keys(fee(a_fee(id="a/b] [qbc1/x")))[0]
    assert len(key) == len("fee/paypal.") + 16
    assert key.replace("/", "", 1).replace(".", "").isalnum()


def test_what_keeps_a_fee_out():
    assert reasons(fee(a_fee(currencyCode="CAD"))) == ["currency_mismatch"]
    assert reasons(fee(a_fee(), replace(SETTINGS, start=date(2026, 3, 3)))) == ["before_start"]


CENTS = st.integers(-(10**7), 10**7).map(lambda cents: Money.from_minor(cents, "USD").text())


@given(counted=CENTS, expected=CENTS)
def test_the_drawer_is_put_right_by_exactly_the_difference(counted, expected):
    drawn = drawer(a_session(cashCountedAtClose=money(counted), expectedCashAtClose=money(expected)))
    cash = [p.amount.amount for plan in drawn.plans for p in plan.postings if p.role == "clearing:cash"]
    assert sum(cash) == Money.of(counted, "USD").amount - Money.of(expected, "USD").amount
