"""Numbers that a document may bear in QuickBooks beside the one it was given."""

from __future__ import annotations

from qbconsole.books.identity import made_number, other_numbers, ref_number
from qbconsole.books.plan import DocumentKind

KEY = "qbc1/cedar-lane/order/4/1/0"
RECEIPT = DocumentKind.SALES_RECEIPT


def test_who_came_second_may_have_been_first_in_days_that_were_lost():
    first = ref_number(RECEIPT, "#1004", "", KEY, {})
    second = ref_number(RECEIPT, "#1004", "", KEY, {"1004": "qbc1/oak-ember/order/9/1/0"})
    assert (first, second) == ("1004", made_number(RECEIPT, KEY))
    assert other_numbers(RECEIPT, "#1004", "", KEY, first) == (second,)
    assert other_numbers(RECEIPT, "#1004", "", KEY, second) == (first,)


def test_a_number_of_another_style_leaves_both():
    assert other_numbers(RECEIPT, "#1004", "C1", KEY, "OE-1004C1") == ("1004C1", made_number(RECEIPT, KEY))


def test_what_has_no_number_of_its_own_has_one_that_is_made():
    assert other_numbers(RECEIPT, "", "", KEY, made_number(RECEIPT, KEY)) == ()
