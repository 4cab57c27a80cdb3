"""The laws on generated histories: an order is sold, paid, edited, refunded, in any sequence and over any split of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from builders import Agreed, Amount, Back, Books, Line, Pay, Sold, an_order, read
from hypothesis import given, settings
from hypothesis import strategies as st

GATEWAYS = ("shopify_payments", "paypal", "gift_card", "cash")
ROUNDS = settings(max_examples=60, deadline=None, derandomize=True)


def text(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))


@dataclass(frozen=True)
class Item:
    """A kind of line: price, discount and tax of one unit, in cents."""

    price: int
    off: int
    tax: int

    @property
    def net(self) -> int:
        return self.price - self.off


@dataclass
class History:
    """One order's life as steps; each may be told by fields or by agreements."""

    items: list[Item]
    steps: list[tuple[str, Any]]
    quantity: list[int] = field(default_factory=list)
    #: True: the customer sees twice the amount in another currency, and pays at rates that wander.
    foreign: bool = False

    def money(self, cents: int, drift: int = 0) -> Amount:
        return (text(cents + drift), text(2 * cents)) if self.foreign else text(cents)

    def until(self, count: int, *, agreements: bool) -> dict[str, Any]:
        """The snapshot after so many steps."""
        quantity, gone = list(self.quantity), [0] * len(self.items)
        pays: list[Pay] = []
        backs: list[Back] = []
        agreed = [Agreed([self._sale(n, units) for n, units in enumerate(quantity)])]
        at = "03-02 15:00"
        for day, (kind, what) in enumerate(self.steps[:count], 3):
            at = f"03-{day:02} 15:00"
            if kind == "pay":
                pays.append(Pay(amount=self.money(what[0], day % 3), gateway=what[1], at=at))
            elif kind == "give":  # money back without parts
                pays.append(Pay(amount=self.money(what[0]), gateway=what[1], kind="REFUND", at=at))
                backs.append(Back(pays=[len(pays)], at=at))
            elif kind == "more":
                quantity[what[0]] += what[1]
                agreed.append(Agreed([self._sale(*what)], "ORDER_EDIT", at))
            else:
                n, units, amount, gateway = what
                units = min(units, quantity[n] - gone[n])
                if not units:
                    continue
                gone[n] += units
                agreed.append(
                    Agreed([self._back(n, units)], "ORDER_EDIT" if kind == "less" else "REFUND", at)
                )
                if kind == "back":
                    item = self.items[n]
                    if amount:
                        pays.append(Pay(amount=self.money(amount), gateway=gateway, kind="REFUND", at=at))
                    backs.append(
                        Back(
                            lines=[
                                (n + 1, units, self.money(item.net * units), self.money(item.tax * units))
                            ],
                            pays=[len(pays)] if amount else [],
                            at=at,
                        )
                    )
        lines = [
            Line(
                price=self.money(item.price),
                quantity=units,
                current=units - less,
                off=self.money(item.off * units),
                taxes={"CA": self.money(item.tax * units)},
            )
            for item, units, less in zip(self.items, quantity, gone, strict=True)
        ]
        told = {"agreements": agreed} if agreements else {}
        seen = "CAD" if self.foreign else None
        return an_order(lines, pays=pays, refunds=backs, updated=at, seen=seen, **told)

    def _sale(self, n: int, units: int) -> Sold:
        item = self.items[n]
        total, tax = (item.net + item.tax) * units, item.tax * units
        return Sold(
            total=self.money(total),
            tax=self.money(tax),
            off=self.money(item.off * units),
            quantity=units,
            line=n + 1,
        )

    def _back(self, n: int, units: int) -> Sold:
        item = self.items[n]
        return Sold(
            total=self.money(-(item.net + item.tax) * units),
            tax=self.money(-item.tax * units),
            action="RETURN",
            quantity=-units,
            line=n + 1,
        )


CENTS = st.integers(1, 9999)
ITEM = st.integers(1, 9999).flatmap(
    lambda price: st.builds(Item, st.just(price), st.integers(0, price), st.integers(0, 900))
)


@st.composite
def histories(draw: st.DrawFn, *, edits: bool = True) -> History:
    items = draw(st.lists(ITEM, min_size=1, max_size=3))
    line = st.integers(0, len(items) - 1)
    gateway = st.sampled_from(GATEWAYS)
    kinds = [
        st.tuples(st.just("pay"), st.tuples(CENTS, gateway)),
        st.tuples(st.just("give"), st.tuples(CENTS, gateway)),
        st.tuples(st.just("back"), st.tuples(line, st.integers(1, 2), st.integers(0, 9999), gateway)),
    ]
    if edits:
        kinds.append(st.tuples(st.just("more"), st.tuples(line, st.integers(1, 2))))
        kinds.append(st.tuples(st.just("less"), st.tuples(line, st.integers(1, 2), st.just(0), st.just(""))))
    steps = draw(st.lists(st.one_of(kinds), max_size=6))
    return History(items, steps, [draw(st.integers(1, 3)) for _ in items], draw(st.booleans()))


def _booked(history: History, counts: list[int], *, agreements: bool, receipts: bool = True) -> Books:
    books = Books(receipts=receipts)
    for count in counts:
        books = books.book(read(history.until(count, agreements=agreements)))
        assert not books.holds, books.holds[0].sentence
    return books


def _sum(books: Books, role: str) -> Decimal:
    amounts = (Decimal(roles.get(role, "0")) for roles in books.postings.values())
    return sum(amounts, Decimal(0))


@ROUNDS
@given(histories(), st.data())
def test_any_split_of_a_history_gives_the_same_postings(history, data):
    whole = len(history.steps)
    splits = sorted(data.draw(st.sets(st.integers(0, whole), max_size=4)) | {whole})
    once = _booked(history, [whole], agreements=True)
    step_by_step = _booked(history, splits, agreements=True)
    assert step_by_step.postings == once.postings
    assert len(_booked(history, [whole, whole], agreements=True).plans) == len(once.plans)


@ROUNDS
@given(histories(edits=False), st.data())
def test_any_split_gives_the_same_postings_by_fields_too(history, data):
    whole = len(history.steps)
    splits = sorted(data.draw(st.sets(st.integers(0, whole), max_size=4)) | {whole})
    once = _booked(history, [whole], agreements=False)
    assert _booked(history, splits, agreements=False).postings == once.postings


@ROUNDS
@given(histories())
def test_fields_and_agreements_give_the_same_postings(history):
    # Fields date an edit by the snapshot that first shows it, so every step is read.
    counts = list(range(len(history.steps) + 1))
    by_fields = _booked(history, counts, agreements=False)
    assert by_fields.postings == _booked(history, counts, agreements=True).postings


@ROUNDS
@given(histories())
def test_which_documents_are_used_changes_no_posting(history):
    counts = [len(history.steps)]
    receipts = _booked(history, counts, agreements=True)
    assert _booked(history, counts, agreements=True, receipts=False).postings == receipts.postings


@ROUNDS
@given(histories())
def test_the_receivable_is_what_was_agreed_less_what_was_paid(history):
    raw = history.until(len(history.steps), agreements=True)
    books = Books().book(read(raw))
    agreed = Decimal(raw["currentTotalPriceSet"]["shopMoney"]["amount"])
    paid = sum(
        (
            Decimal(t["amountSet"]["shopMoney"]["amount"]) * (-1 if t["kind"] == "REFUND" else 1)
            for t in raw["transactions"]
        ),
        Decimal(0),
    )
    beside = _sum(books, "refund_discrepancy") + _sum(books, "fx_gain_loss")
    assert _sum(books, "accounts_receivable") == agreed - paid - beside
    everything = sum((Decimal(x) for roles in books.postings.values() for x in roles.values()), Decimal(0))
    assert everything == 0


@ROUNDS
@given(histories())
def test_documents_settle_no_more_than_they_hold(history):
    books = _booked(history, list(range(len(history.steps) + 1)), agreements=True)
    left = {plan.key: plan.total for plan in books.plans}
    for plan in books.plans:
        for row in plan.applied:
            for key in filter(None, (row.document_key, row.credit_key)):
                left[key] = left[key] - row.amount
                assert left[key].amount >= 0, key
    assert len({plan.key for plan in books.plans}) == len(books.plans)
    assert len({plan.suffix for plan in books.plans}) == len(books.plans)
