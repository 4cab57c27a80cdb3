"""Money: exact, never a float, never two currencies at once."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.money import Money, MoneyError, allocate, exponent, total

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])


def amounts(currency: str) -> st.SearchStrategy[Money]:
    return st.integers(-(10**9), 10**9).map(lambda units: Money.from_minor(units, currency))


MONEY = CURRENCIES.flatmap(amounts)


@pytest.mark.parametrize(
    ("text", "currency", "shown"),
    [
        ("20.0", "USD", "20.00"),
        ("57", "EUR", "57.00"),
        ("1000", "JPY", "1000"),
        ("1000.0", "JPY", "1000"),
        ("1.5", "KWD", "1.500"),
    ],
)
def test_amounts_are_kept_at_their_currencys_decimals(text, currency, shown):
    assert str(Money.of(text, currency)) == f"{shown} {currency}"


@pytest.mark.parametrize("wrong", [1.5, "", "abc", "NaN", "Infinity", "1e400", "12,50", None, [], "0.001"])
def test_what_is_no_amount_is_refused(wrong):
    with pytest.raises(MoneyError):
        Money.of(wrong, "USD")


def test_a_float_is_refused_however_it_comes():
    with pytest.raises(MoneyError):
        Money(1.5, "USD")
    with pytest.raises(MoneyError):
        Money.of("1.00", "USD") * 1.5


def test_yen_have_no_fraction():
    with pytest.raises(MoneyError):
        Money.of("10.5", "JPY")


@pytest.mark.parametrize(
    "sum_of",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a < b,
        lambda a, b: a >= b,
        lambda a, b: total([a, b], "USD"),
    ],
)
def test_currencies_never_mix(sum_of):
    with pytest.raises(MoneyError, match="do not mix"):
        sum_of(Money.of("1", "USD"), Money.of("1", "EUR"))


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00"), ("2.675", "2.68")]
)
def test_rounding_is_half_away_from_zero(value, rounded):
    assert Money.rounded(Decimal(value), "USD").text() == rounded


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("5", "USD", "5.00"),
        ("5", "JPY", "5.00"),
        ("5.010", "KWD", "5.01"),
        ("5.005", "KWD", "5.005"),
        ("-0.00", "USD", "0.00"),
    ],
)
def test_text_has_two_decimals_and_more_only_where_they_count(amount, currency, text):
    assert Money.of(amount, currency).text() == text


@given(MONEY)
def test_minor_units_come_back(amount):
    assert Money.from_minor(amount.minor, amount.currency) == amount
    assert pickle.loads(pickle.dumps(amount)) == amount
    assert hash(Money.of(str(amount.amount), amount.currency)) == hash(amount)


@given(CURRENCIES.flatmap(lambda c: st.lists(amounts(c), min_size=2, max_size=5)))
def test_sums_are_exact_and_leave_the_terms_alone(amounts_given):
    first, *rest = amounts_given
    whole = total(amounts_given, first.currency)
    assert whole.minor == sum(amount.minor for amount in amounts_given)
    assert whole - total(rest, first.currency) == first
    opposite = -first
    assert first + opposite == Money.zero(first.currency) == -opposite - first
    assert abs(first).minor == abs(first.minor)


@given(MONEY, st.lists(st.integers(0, 10**6).map(Decimal), min_size=1, max_size=6))
def test_parts_add_up_to_the_whole(whole, weights):
    parts = allocate(whole, weights)
    assert total(parts, whole.currency) == whole
    assert len(parts) == len(weights)


def test_parts_are_rounded_in_order_and_the_last_takes_the_rest():
    thirds = allocate(Money.of("1.00", "USD"), [Decimal(1)] * 3)
    assert [part.text() for part in thirds] == ["0.33", "0.33", "0.34"]
    assert [part.text() for part in allocate(Money.of("1.00", "USD"), [Decimal(0)] * 2)] == ["0.00", "1.00"]
    with pytest.raises(MoneyError):
        allocate(Money.of("1.00", "USD"), [])


def test_money_cannot_be_changed():
    amount = Money.of("1.00", "USD") + Money.of("1.00", "USD")
    with pytest.raises(AttributeError):
        amount.amount = Decimal(3)


def test_exponents_are_those_of_iso_4217():
    assert [exponent(code) for code in ("USD", "JPY", "KRW", "ISK", "KWD", "TND", "HUF")] == [
        2,
        0,
        0,
        0,
        3,
        3,
        2,
    ]


def test_money_beside_a_bare_number_says_how_to_compare():
    with pytest.raises(MoneyError, match=r"compare its \.amount with a number"):
        assert Money.of("5.00", "USD") > 5  # type: ignore[operator]
    with pytest.raises(MoneyError, match=r"compare its \.amount with a number"):
        assert Money.of("5.00", "USD") <= Decimal("5")  # type: ignore[operator]
