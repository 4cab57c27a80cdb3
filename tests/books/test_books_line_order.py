"""A tax line's sign follows the line above it, so taxes stand after a line of their own sign."""

from __future__ import annotations

from qbconsole.books.naming.lines import SUBTOTAL, in_order, turned
from qbconsole.books.plan import LineKind, PlanLine
from qbconsole.money import Money
from qbconsole.value import replace


def _line(kind: LineKind, amount: str, role: str = "sales_income") -> PlanLine:
    return PlanLine(kind=kind, role=role, amount=Money.of(amount, "USD"), label=f"{kind} {amount}")


GOODS, OFF, TAX = _line(LineKind.PRODUCT, "20"), _line(LineKind.DISCOUNT, "-2"), _line(LineKind.TAX, "1.80")
SHIP, KEPT = _line(LineKind.CHARGE, "5"), _line(LineKind.CHARGE, "-3", "refund_discrepancy")
CARD, MINUS = _line(LineKind.TENDER, "-4"), _line(LineKind.TAX, "-0.20")


def test_taxes_come_after_goods_and_before_what_settles():
    assert in_order([GOODS, TAX, CARD, SHIP]) == (GOODS, SHIP, TAX, CARD)
    assert in_order([GOODS, CARD]) == (GOODS, CARD)


def test_a_line_of_the_taxes_sign_is_moved_before_them():
    assert in_order([GOODS, OFF, SHIP, KEPT, TAX]) == (GOODS, OFF, KEPT, SHIP, TAX)


def test_a_line_is_never_parted_from_its_discount():
    assert in_order([GOODS, OFF, TAX]) == (GOODS, OFF, SUBTOTAL, TAX)


def test_a_free_line_does_not_lend_its_sign():
    free = _line(LineKind.PRODUCT, "0")
    assert in_order([GOODS, free, TAX]) == (free, GOODS, TAX)


def test_taxes_of_both_signs_stand_each_after_its_own():
    assert in_order([GOODS, KEPT, TAX, MINUS]) == (GOODS, KEPT, MINUS, SUBTOTAL, TAX)


def test_a_subtotal_lends_what_it_comes_to_and_a_tax_it_cannot_lend_its_sign_is_told():
    """Simulated seed 6017: of a memo with a cent of one title and a cent less of another QuickBooks made two cents."""
    assert turned(in_order([GOODS, OFF, TAX])) == ()
    assert turned(in_order([GOODS, KEPT, TAX, MINUS])) == ()
    assert turned(in_order([TAX])) == ()
    both = in_order([TAX, MINUS])
    assert both == (SUBTOTAL, MINUS, SUBTOTAL, TAX)
    assert turned(both) == (MINUS,)
    assert turned(in_order([SHIP, TAX, MINUS])) == (MINUS,)
    charge = replace(MINUS, channel_liable=True)  # an item of another kind, which keeps its sign
    assert turned(in_order([SHIP, charge])) == ()
