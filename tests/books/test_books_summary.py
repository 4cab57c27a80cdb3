"""The parts of a summary day by themselves: how they fill, and that amounts and goods each stand once."""

from __future__ import annotations

from datetime import date

import pytest

from qbconsole.books.plan import GOODS, DocumentKind, LineKind, Member, Plan, PlanLine, Posting, Product
from qbconsole.books.proof import prove_plans
from qbconsole.books.summary.goods import move_goods
from qbconsole.books.summary.pool import LINE_CAP, is_day_of_others, pool_of
from qbconsole.books.summary.receipt import Shown, write_receipts
from qbconsole.errors import BooksDoNotBalance
from qbconsole.money import Money
from qbconsole.shop.orders import Shop

DAY = date(2026, 3, 2)
SHOP = Shop(domain="oak.myshopify.com", currency="USD", timezone="UTC", home_currency="USD")
POOL = pool_of(DAY, "Online Store", "", "USD", "web")


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def goods(sku: str, units: int) -> PlanLine:
    return PlanLine(
        kind=LineKind.PRODUCT,
        role="inventory_asset",
        amount=Money.zero("USD"),
        quantity=units,
        line_id=sku,
        sku=sku,
        product=Product(sku=sku, tracked=True),
    )


def sale(number: int, amount: str, gateway: str = "cash") -> Shown:
    """One order paid at once: positive sold, negative given back."""
    return Shown(
        event_key=f"order/{number}",
        order_id=str(number),
        lines=(PlanLine(kind=LineKind.CHARGE, role="sales_income", amount=usd(amount), label="Sold"),),
        postings=(
            Posting(on=DAY, role="sales_income", amount=-usd(amount)),
            Posting(on=DAY, role=f"clearing:{gateway}", amount=usd(amount)),
        ),
    )


def moved(plan: Plan) -> dict[str, int | None]:
    return {line.sku: line.quantity for line in plan.lines}


def test_goods_are_added_up_by_product_and_nothing_moves_twice():
    first = move_goods(POOL, SHOP, (), (), [("a", [goods("X", -2), goods("Y", -1)]), ("b", [goods("Y", 1)])])
    assert [moved(plan) for plan in first] == [{"X": -2}]
    assert [member.part for member in first[0].members] == [GOODS, GOODS]
    again = move_goods(POOL, SHOP, first, {first[0].key}, [("a", [goods("X", -2)])])
    assert again == ()


def test_goods_that_cancel_in_a_new_part_need_no_document():
    assert move_goods(POOL, SHOP, (), (), [("a", [goods("X", -1)]), ("b", [goods("X", 1)])]) == ()


def test_a_part_that_grows_too_long_is_closed_before_the_next_event():
    given = [(f"order/{n}", [goods(f"S{n}", -1)]) for n in range(LINE_CAP + 1)]
    plans = move_goods(POOL, SHOP, (), (), given)
    assert [len(plan.lines) for plan in plans] == [LINE_CAP, 1]
    assert [plan.key.rpartition("/S")[2] for plan in plans] == ["1/0", "2/0"]
    assert plans[1].suffix == "2"


def test_amounts_and_goods_of_an_event_stand_beside_each_other_but_each_once():
    (adjustment,) = move_goods(POOL, SHOP, (), (), [("order/1", [goods("X", -1)])])
    (receipt,), left = write_receipts(POOL, SHOP, (), (), [sale(1, "10.00")])
    assert (left, receipt.kind) == (frozenset(), DocumentKind.SALES_RECEIPT)
    prove_plans([adjustment, receipt])
    for twice in (adjustment, receipt):
        with pytest.raises(BooksDoNotBalance, match="two documents"):
            prove_plans([adjustment, receipt, twice])


def test_a_part_beside_the_whole_is_still_refused():
    (receipt,), _ = write_receipts(POOL, SHOP, (), (), [sale(1, "10.00")])
    other = Plan(
        key="k",
        kind=DocumentKind.INVENTORY_ADJUSTMENT,
        on=DAY,
        currency="USD",
        members=(Member(event_key="order/1", part="memo"),),
        postings=(),
    )
    with pytest.raises(BooksDoNotBalance, match="two documents"):
        prove_plans([receipt, other])


def test_refunds_stay_on_a_receipt_as_long_as_it_is_not_negative():
    given = [sale(1, "10.00"), sale(2, "-4.00")]
    (plan,), left = write_receipts(POOL, SHOP, (), (), given)
    assert (plan.total, left) == (usd("6.00"), frozenset())
    (plan,), left = write_receipts(POOL, SHOP, (), (), [sale(1, "10.00"), sale(2, "-14.00")])
    assert (plan.total, left) == (usd("10.00"), {"order/2"})
    assert write_receipts(POOL, SHOP, (), (), [sale(2, "-14.00")]) == ((), {"order/2"})


def test_the_account_of_the_deposit_follows_the_money_as_a_part_grows():
    (first,), _ = write_receipts(POOL, SHOP, (), (), [sale(1, "10.00", "cash")])
    assert first.money_role == "clearing:cash"
    (grown,), _ = write_receipts(POOL, SHOP, [first], {first.key}, [sale(2, "30.00", "paypal")])
    assert (grown.key, grown.money_role, grown.total) == (first.key, "clearing:paypal", usd("30.00"))
    assert [(line.role, line.amount) for line in grown.lines] == [
        ("sales_income", usd("40.00")),
        ("clearing:cash", usd("-10.00")),
    ]
    prove_plans([grown])


def test_a_refund_that_would_turn_an_open_receipt_negative_goes_to_the_journal():
    (first,), _ = write_receipts(POOL, SHOP, (), (), [sale(1, "10.00")])
    plans, left = write_receipts(POOL, SHOP, [first], {first.key}, [sale(2, "-14.00")])
    assert (plans, left) == ((), {"order/2"})


@pytest.mark.parametrize(
    ("key", "other", "are"),
    [
        ("qbc1/oak/day/2026-03-01.web..USD/1/0", "qbc1/oak/day/2026-03-01.web..USD.pine/1/0", True),
        ("qbc1/oak/day/2026-03-01.web..USD.pine/R2/1", "qbc1/oak/day/2026-03-01.web..USD/1/0", True),
        ("qbc1/oak/day/2026-03-01.web..USD.pine/1/0", "qbc1/oak/day/2026-03-01.web..USD.oak/1/0", False),
        ("qbc1/oak/day/2026-03-01.web..USD/1/0", "qbc1/oak/day/2026-03-01.web..USD/2/0", False),
        ("qbc1/oak/day/2026-03-01.web..USD/1/0", "qbc1/elm/day/2026-03-01.web..USD.pine/1/0", False),
        ("qbc1/oak/day/2026-03-01.web..USD/1/0", "qbc1/oak/day", False),
        ("qbc1/oak/order/12/1/0", "qbc1/oak/order/12.pine/1/0", False),
        ("", "", False),
    ],
)
def test_a_day_is_known_under_a_key_from_when_others_shared_the_shop(key, other, are):
    assert is_day_of_others(key, other) is are
