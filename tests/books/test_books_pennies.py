"""Pennies of tax: what a document posts once QuickBooks charged otherwise, what follows it, and what settles both."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import Back, Line, Pay, an_order, booked

from qbconsole.books.booking.open_items import OpenItems
from qbconsole.books.naming.taxes import PENNIES, forecast, is_beyond, own_tax
from qbconsole.books.pennies import charged, follow_ups, settled_anew
from qbconsole.books.plan import DocumentKind, tally
from qbconsole.books.proof import prove_plans
from qbconsole.company.lists import Items
from qbconsole.company.records import Item, Ref
from qbconsole.money import Money

TAXED = (Line(price="10.00", taxes={"State": "0.70", "Local": "0.10"}), Line(price="4.00"))
PAID_LATER = Pay(amount="14.80", at="03-04 10:00")
BACK = Back(lines=[(1, 1, "10.00", "0.80"), (2, 1, "4.00", "0")], pays=[2])


def usd(text):
    return Money.of(text, "USD")


def plans_of(*pays, refunds=()):
    return booked(an_order(TAXED, pays=pays, refunds=refunds)).plans


def plan_of(plans, kind):
    return next(plan for plan in plans if plan.kind == kind)


def by_role(*plans):
    sums = {}
    for plan in plans:
        for (_, role, _), amount in tally(plan.postings).items():
            sums[role] = sums.get(role, Decimal(0)) + amount
    return {role: amount for role, amount in sums.items() if amount}


def test_lines_say_which_taxes_were_charged_on_them():
    (receipt,) = plans_of(Pay(amount="14.80"))
    assert [line.taxed for line in receipt.lines] == [("State", "Local"), (), (), ()]


@pytest.mark.parametrize("more", ["0.01", "-0.02", "0.05"])
@pytest.mark.parametrize("pays", [(Pay(amount="14.80"),), (PAID_LATER,)])
def test_what_follows_up_brings_the_total_back(pays, more):
    plans = plans_of(*pays)
    sale = plans[0]
    posted = charged(sale, usd(more))
    moved = follow_ups(posted, usd(more), plans)
    prove_plans([posted])
    prove_plans(moved)
    assert posted.total == sale.total + usd(more)
    after, before = by_role(posted, *moved), by_role(sale)
    assert after.pop("rounding") == Decimal(more)
    assert after.pop("sales_tax_payable") == before.pop("sales_tax_payable") - Decimal(more)
    assert after == before
    assert moved[0].key == f"{sale.key}/penny"
    assert moved[0].kind is DocumentKind.JOURNAL_ENTRY


def test_the_difference_stands_on_the_largest_tax():
    (receipt,) = plans_of(Pay(amount="14.80"))
    taxes = {line.tax_title: line.amount for line in charged(receipt, usd("0.02")).lines if line.tax_title}
    assert taxes == {"State": usd("0.72"), "Local": usd("0.10")}


def test_a_memo_that_came_out_smaller_is_followed_by_a_memo():
    pays = (Pay(amount="14.80"), Pay(amount="14.80", kind="REFUND", at="03-05 10:01"))
    plans = plans_of(*pays, refunds=[BACK])
    memo = plan_of(plans, DocumentKind.CREDIT_MEMO)
    posted = charged(memo, usd("-0.01"))
    (moved,) = follow_ups(posted, usd("-0.01"), plans)
    prove_plans([posted, moved])
    assert moved.kind is DocumentKind.CREDIT_MEMO
    assert by_role(moved) == {"rounding": Decimal("0.01"), "accounts_receivable": Decimal("-0.01")}
    every = (*(posted if plan == memo else plan for plan in plans), moved)
    refund = plan_of(plans, DocumentKind.AR_REFUND_CREDIT_CARD)
    (anew,) = settled_anew(every, memo.key, frozenset({refund.key}))
    assert [(row.document_key, row.amount.text()) for row in anew.applied] == [
        (memo.key, "14.79"),
        (moved.key, "0.01"),
    ]


@pytest.mark.parametrize("more", ["0.03", "-0.03"])
def test_open_items_come_to_nothing_once_all_is_settled(more):
    plans = plans_of(PAID_LATER)
    invoice, payment = plans
    posted = charged(invoice, usd(more))
    moved = follow_ups(posted, usd(more), plans)
    every = [posted, payment, *moved]
    for plan in settled_anew(every, invoice.key, frozenset({payment.key})):
        every[every.index(payment)] = plan
    items = OpenItems.of([posted, *moved, every[1]])
    assert items.are_settled


def test_what_was_sent_already_is_left_alone():
    plans = plans_of(PAID_LATER)
    posted = charged(plans[0], usd("-0.01"))
    every = [posted, plans[1], *follow_ups(posted, usd("-0.01"), plans)]
    assert settled_anew(every, posted.key, frozenset()) == ()


# -- what QuickBooks will charge -----------------------------------------------------------------------


def item(name, rate=None, *members):
    return Item(
        kind="ItemSalesTaxGroup" if members else "ItemSalesTax",
        list_id=f"ID-{name}",
        full_name=name,
        name=name,
        tax_rate=None if rate is None else Decimal(rate),
        members=tuple(Ref(f"ID-{one}", one) for one in members),
    )


ITEMS = Items(
    (item("State", "7.25"), item("Local", "1"), item("No rate"), item("Both", None, "State", "Local")),
    known=True,
)


@pytest.mark.parametrize(
    ("name", "told"), [("State", "0.73"), ("Both", "0.83"), ("No rate", None), ("Unknown", None)]
)
def test_each_item_is_rounded_once_on_what_the_shop_taxed(name, told):
    (receipt,) = plans_of(Pay(amount="14.80"))
    found = forecast(receipt, name, ITEMS)
    assert (found and found.text()) == told


def test_nothing_is_forecast_before_the_items_are_known():
    (receipt,) = plans_of(Pay(amount="14.80"))
    assert forecast(receipt, "State", Items()) is None


def test_pennies_end_at_five():
    (receipt,) = plans_of(Pay(amount="14.80"))
    own = own_tax(receipt)
    pennies = Money(PENNIES, "USD")
    assert not is_beyond(receipt, own + pennies)
    assert is_beyond(receipt, own + pennies + usd("0.01"))
    assert is_beyond(receipt, own - pennies - usd("0.01"))
