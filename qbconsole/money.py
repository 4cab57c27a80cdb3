"""Money: an exact amount in one currency.

Amounts are Decimals kept at their currency's number of decimals; floats are refused, currencies never
mix, and nothing is rounded unless the caller says so. Sign convention of the house: in postings a debit is
positive; on a document a line is positive when it raises the document's total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from qbconsole.value import Value

#: Currencies whose number of decimals is not two (ISO 4217); every other code has two.
EXPONENTS: dict[str, int] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX"), 0),
    **dict.fromkeys(("UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_UNITS = {places: Decimal(1).scaleb(-places) for places in (0, 2, 3)}
_SCALES = {0: 1, 2: 100, 3: 1000}
_NOTHING = {places: unit * 0 for places, unit in _UNITS.items()}
_CENT = _UNITS[2]


class MoneyError(ValueError):
    """An amount that is no money: a float, a fraction of the smallest unit, two currencies at once."""


def exponent(currency: str) -> int:
    """How many decimals the currency has: JPY 0, USD 2, KWD 3."""
    return EXPONENTS.get(currency, 2)


class Money(Value, kw_only=False):
    """An exact amount; equal when amount and currency are."""

    #: Never finer than the currency's smallest unit.
    amount: Decimal
    #: ISO 4217, upper case.
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise MoneyError(f"money is a Decimal, not a {type(self.amount).__name__}: {self.amount!r}")

    @classmethod
    def of(cls, text: str | int | Decimal, currency: str) -> Money:
        """Read an exact amount ("20.0" -> 20.00 USD). Raises MoneyError on floats and finer fractions."""
        if isinstance(text, float):
            raise MoneyError(f"a float is never money: {text!r}")
        try:
            given = Decimal(text)
            amount = given.quantize(_UNITS[exponent(currency)])
        except (InvalidOperation, TypeError, ValueError) as cause:
            raise MoneyError(f"not an amount of money: {text!r}") from cause
        if amount != given:
            raise MoneyError(f"{text} is finer than the smallest unit of {currency}")
        return Money(amount, currency)

    @classmethod
    def rounded(cls, value: Decimal, currency: str) -> Money:
        """Round half away from zero to the currency's unit; the caller owns the remainder."""
        return Money(value.quantize(_UNITS[exponent(currency)], rounding=ROUND_HALF_UP), currency)

    @classmethod
    def exact(cls, amount: Decimal, currency: str) -> Money:
        """Of an amount that sums of this currency's money came to; nothing is checked again."""
        return Money(amount, currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """No money, in this currency."""
        return Money(_NOTHING[EXPONENTS.get(currency, 2)], currency)

    @classmethod
    def from_minor(cls, units: int, currency: str) -> Money:
        """From the smallest unit, as the store keeps it: 1250 USD is 12.50."""
        return cls(Decimal(units).scaleb(-exponent(currency)), currency)

    @property
    def minor(self) -> int:
        """The amount in the currency's smallest unit, as the store keeps it."""
        return int(self.amount * _SCALES[exponent(self.currency)])

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            raise MoneyError(f"{self} is money and {other!r} is not: compare its .amount with a number")
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} do not mix")
        return other.amount

    def __add__(self, other: Money) -> Money:
        amount = other.amount if other.currency == self.currency else self._same(other)
        return Money(self.amount + amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        amount = other.amount if other.currency == self.currency else self._same(other)
        return Money(self.amount - amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency) if self.amount else self

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __mul__(self, times: int) -> Money:
        if not isinstance(times, int):
            raise MoneyError(f"money is only multiplied by whole numbers, not {times!r}")
        return Money(self.amount * times, self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def text(self) -> str:
        """The bare amount as QuickBooks and our JSON write it: two decimals, more only where they count."""
        amount = self.amount if self.amount else Decimal(0)
        cents = amount.quantize(_CENT)
        return f"{cents if cents == amount else amount:f}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add amounts up; the currency is needed because there may be none."""
    value = _NOTHING[EXPONENTS.get(currency, 2)]
    for amount in amounts:
        if amount.currency != currency:
            raise MoneyError(f"{currency} and {amount.currency} do not mix")
        value += amount.amount
    return Money(value, currency)


def allocate(whole: Money, weights: Sequence[Decimal]) -> tuple[Money, ...]:
    """Split in proportion, each part rounded half away from zero in order, the last taking the rest.

    All-zero weights give everything to the last part. Source: accounting.md section 13, convention 34.
    """
    if not weights:
        raise MoneyError("money cannot be split into no parts")
    sum_of_weights = sum(weights, Decimal(0))
    rest, parts = whole, []
    for weight in weights[:-1]:
        share = whole.amount * weight / sum_of_weights if sum_of_weights else Decimal(0)
        part = Money.rounded(share, whole.currency)
        parts.append(part)
        rest = rest - part
    return (*parts, rest)
