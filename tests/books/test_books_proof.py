"""The proof must be able to fail: each law is broken on purpose in a plan that was right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from builders import Back, Line, Pay, an_order, booked

from qbconsole.books.plan import DocumentKind, Plan, PlanLine
from qbconsole.books.proof import expand, prove
from qbconsole.errors import BooksDoNotBalance
from qbconsole.money import Money

CENT = Money.of("0.01", "USD")


@pytest.fixture
def books():
    return booked(
        an_order(
            [Line(price="20.00", off="2.00", taxes={"CA": "1.80"})],
            pays=[Pay(amount="19.80"), Pay(amount="9.00", kind="REFUND", at="03-05")],
            refunds=[Back(lines=[(1, 1, "9.00", "0")], pays=[2])],
        )
    )


def _fails(books, *plans: Plan, match: str) -> None:
    with pytest.raises(BooksDoNotBalance, match=match):
        prove(books.entries, plans, "USD")


def _more(line: PlanLine) -> PlanLine:
    return replace(line, amount=line.amount + CENT)


def test_what_was_drawn_up_is_proved(books):
    prove(books.entries, books.plans, "USD")
    assert [expand(plan) for plan in books.plans] == [plan.postings for plan in books.plans]


def test_postings_that_do_not_come_to_nothing_are_refused(books):
    first, *rest = books.plans
    _fails(books, replace(first, postings=first.postings[1:]), *rest, match="instead of nothing")


def test_an_event_that_does_not_come_to_nothing_is_refused(books):
    entry = replace(books.entries[0], postings=books.entries[0].postings[1:])
    with pytest.raises(BooksDoNotBalance, match="instead of nothing"):
        prove((entry, *books.entries[1:]), books.plans, "USD")


@pytest.mark.parametrize("at", range(3))
def test_a_line_a_cent_off_is_refused(books, at):
    first, *rest = books.plans
    lines = tuple(_more(line) if n == at else line for n, line in enumerate(first.lines))
    _fails(books, replace(first, lines=lines), *rest, match="events against lines differ")


def test_a_line_of_another_role_is_refused(books):
    first, *rest = books.plans
    lines = (replace(first.lines[0], role="shipping_income"), *first.lines[1:])
    _fails(books, replace(first, lines=lines), *rest, match="shipping_income")


def test_a_tax_line_of_another_title_is_refused(books):
    first, *rest = books.plans
    lines = tuple(replace(line, tax_title="NY") if line.tax_title else line for line in first.lines)
    _fails(books, replace(first, lines=lines), *rest, match="sales_tax_payable")


def test_money_a_cent_off_is_refused(books):
    first, *rest = books.plans
    _fails(books, replace(first, money=first.money + CENT), *rest, match="clearing:shopify_payments")


def test_a_document_left_out_is_refused(books):
    _fails(books, *books.plans[:-1], match="events against documents differ")


def test_a_document_twice_is_refused(books):
    _fails(books, *books.plans, books.plans[-1], match="two documents")


def test_two_documents_for_one_event_are_refused_though_their_sums_agree(books):
    first, *rest = books.plans
    empty = replace(first, kind=DocumentKind.JOURNAL_ENTRY, postings=(), lines=(), money=None)
    _fails(books, first, empty, *rest, match="two documents")


def test_a_part_beside_the_whole_of_an_event_is_refused(books):
    first, *rest = books.plans
    part = replace(first.members[0], part="memo")
    empty = replace(
        first, kind=DocumentKind.JOURNAL_ENTRY, postings=(), lines=(), money=None, members=(part,)
    )
    _fails(books, first, empty, *rest, match="two documents")


def test_postings_of_another_day_are_refused(books):
    first, *rest = books.plans
    _fails(books, replace(first, on=date(2026, 3, 3)), *rest, match="differ")


def test_a_negative_document_is_refused():
    books = booked(an_order([Line(price="5.00")]))
    plan = books.plans[0]
    lines = tuple(replace(line, amount=-line.amount) for line in plan.lines)
    postings = tuple(replace(posting, amount=-posting.amount) for posting in plan.postings)
    _fails(books, replace(plan, lines=lines, postings=postings), match="negative total -5.00 USD")


def test_three_decimals_may_differ_by_half_a_hundredth_and_no_more():
    books = booked(an_order([Line(price="1.005")], currency="KWD"))
    plan = books.plans[0]
    prove(books.entries, books.plans, "KWD")
    off = Money.of("0.010", "KWD")
    moved = replace(plan, lines=tuple(replace(line, amount=line.amount + off) for line in plan.lines))
    with pytest.raises(BooksDoNotBalance):
        prove(books.entries, [replace(moved, postings=expand(moved))], "KWD")
