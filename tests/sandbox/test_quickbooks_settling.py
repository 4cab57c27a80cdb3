"""Payments, refunds, checks and journals of the simulated QuickBooks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from quickbooks_bench import (
    Bench,
    applied,
    credit_memo,
    invoice,
    journal,
    named,
    payment,
    receipt,
    refund,
    set_credit,
    shop_bench,
)

D = Decimal


@pytest.fixture
def bench() -> Bench:
    return shop_bench()


def owed(bench: Bench, amount: str = "10.00", **options: str) -> str:
    return bench.done(invoice(("Mug", amount), **options)).text("TxnID")


def credit(bench: Bench, amount: str = "10.00", **options: str) -> str:
    return bench.done(credit_memo(("Mug", amount), **options)).text("TxnID")


# -- payments ------------------------------------------------------------------------------------------


def test_a_payment_settles_an_invoice(bench):
    sold = owed(bench)
    reply = bench.done(payment("10.00", applied(sold, "10.00"), deposit="Checking"))
    assert reply.text("UnusedPayment") == "0.00"
    assert reply.text("AppliedToTxnRet/Amount") == "10.00"
    assert bench.document(sold).open == 0
    assert bench.file.trial_balance() == {"Checking": D("10.00"), "Merchandise Sales": D("-10.00")}


def test_the_rest_of_a_payment_stays_with_the_customer(bench):
    sold = owed(bench)
    reply = bench.done(payment("12.00", applied(sold, "10.00")))
    assert reply.text("UnusedPayment") == "2.00"
    assert bench.balance("Accounts Receivable") == D("-2.00")


@pytest.mark.parametrize(("total", "amount"), [("20.00", "10.01"), ("9.00", "10.00"), ("10.00", "-1.00")])
def test_paying_more_than_is_open_or_received_is_3210(bench, total, amount):
    sold = owed(bench)
    assert bench.code(payment(total, applied(sold, amount))) == 3210
    assert bench.document(sold).open == D("10.00")


def test_the_same_invoice_named_twice_counts_together(bench):
    sold = owed(bench)
    assert bench.code(payment("20.00", applied(sold, "6.00") + applied(sold, "6.00"))) == 3210


def test_an_unknown_invoice_is_3120_and_another_customers_3210(bench):
    sold = owed(bench, name="Bob")
    assert bench.code(payment("10.00", applied("1-1", "10.00"))) == 3120
    assert bench.code(payment("10.00", applied(sold, "10.00"))) == 3210


def test_a_receipt_cannot_take_a_payment(bench):
    sold = bench.done(receipt(("Mug", "10.00"))).text("TxnID")
    assert bench.code(payment("10.00", applied(sold, "10.00"))) == 3210


def test_a_payment_without_application_is_3150():
    bench = shop_bench(xsd=None)
    assert bench.code(payment("10.00", "")) == 3150
    assert bench.code(payment("10.00", applied(owed(bench)))) == 3150
    assert bench.code(payment("10.00", "<IsAutoApply>false</IsAutoApply>")) == 0


def test_automatic_application_takes_an_exact_amount_else_the_oldest(bench):
    old, new = owed(bench, "10.00", day="2026-03-01"), owed(bench, "7.00", day="2026-03-02")
    bench.done(payment("7.00", "<IsAutoApply>true</IsAutoApply>"))
    assert (bench.document(old).open, bench.document(new).open) == (D("10.00"), 0)
    bench.done(payment("4.00", "<IsAutoApply>true</IsAutoApply>"))
    assert bench.document(old).open == D("6.00")


def test_a_payment_goes_only_to_money_accounts(bench):
    text = payment("10.00", applied(owed(bench), "10.00"), deposit="Customer Deposits")
    assert bench.code(text) == 3210


def test_a_credit_is_used_by_a_payment_of_nothing(bench):
    sold, memo = owed(bench), credit(bench, "4.00")
    reply = bench.done(payment("0.00", applied(sold, "", set_credit(memo, "4.00"))))
    assert bench.document(sold).open == D("6.00")
    assert bench.document(memo).open == 0
    assert reply.text("AppliedToTxnRet/LinkedTxn/TxnID") == memo
    assert bench.balance("Accounts Receivable") == D("6.00")


def test_more_credit_than_is_left_is_3210(bench):
    sold, memo = owed(bench), credit(bench, "4.00")
    assert bench.code(payment("0.00", applied(sold, "", set_credit(memo, "4.01")))) == 3210
    other = owed(bench)
    twice = applied(sold, "", set_credit(memo, "3.00")) + applied(other, "", set_credit(memo, "3.00"))
    assert bench.code(payment("0.00", twice)) == 3210
    assert bench.code(payment("0.00", applied(sold, "", set_credit("9-9", "1.00")))) == 3120


def test_payment_and_credit_together_may_not_exceed_the_invoice(bench):
    sold, memo = owed(bench), credit(bench, "4.00")
    assert bench.code(payment("7.00", applied(sold, "7.00", set_credit(memo, "4.00")))) == 3210
    assert bench.code(payment("6.00", applied(sold, "6.00", set_credit(memo, "4.00")))) == 0


def test_a_settlement_discount_needs_an_account_and_is_posted():
    bench = shop_bench(xsd=None)
    sold = owed(bench)
    cut = "<DiscountAmount>1.00</DiscountAmount>"
    assert bench.code(payment("9.00", applied(sold, "9.00", cut))) == 3150
    bench.done(payment("9.00", applied(sold, "9.00", cut + named("DiscountAccountRef", "Sales Discounts"))))
    assert bench.document(sold).open == 0
    assert bench.balance("Sales Discounts") == D("1.00")
    assert bench.balance("Accounts Receivable") == 0


def test_applying_a_payment_changes_the_invoices_edit_sequence(bench):
    sold = owed(bench)
    before = bench.document(sold).edit_sequence
    bench.done(payment("10.00", applied(sold, "10.00")))
    assert bench.document(sold).edit_sequence > before


def test_an_invoice_shows_what_was_applied_to_it(bench):
    sold = owed(bench)
    paid = bench.done(payment("4.00", applied(sold, "4.00"))).text("TxnID")
    reply = bench.done(
        f"<InvoiceQueryRq><TxnID>{sold}</TxnID><IncludeLinkedTxns>true</IncludeLinkedTxns></InvoiceQueryRq>"
    )
    assert (reply.text("AppliedAmount"), reply.text("BalanceRemaining")) == ("-4.00", "6.00")
    assert (reply.text("LinkedTxn/TxnID"), reply.text("LinkedTxn/Amount")) == (paid, "-4.00")


def test_unused_credits_of_a_customer_are_summed(bench):
    credit(bench, "4.00")
    reply = bench.done(payment("12.00", applied(owed(bench), "10.00")))
    assert (reply.text("UnusedPayment"), reply.text("UnusedCredits")) == ("2.00", "4.00")


# -- refunds -------------------------------------------------------------------------------------------


def test_a_refund_pays_a_credit_memo_out(bench):
    memo = credit(bench)
    reply = bench.done(refund(memo, "6.00"))
    assert reply.text("TotalAmount") == "6.00"
    assert reply.text("RefundAppliedToTxnRet/CreditRemaining") == "4.00"
    assert bench.balance("Checking") == D("-6.00")
    assert bench.balance("Accounts Receivable") == D("-4.00")


def test_refunding_more_than_is_left_is_3210(bench):
    memo = credit(bench)
    bench.done(refund(memo, "6.00"))
    assert bench.code(refund(memo, "4.01")) == 3210


def test_only_a_credit_memo_of_the_same_customer_is_refunded(bench):
    assert bench.code(refund(owed(bench), "1.00")) == 3210
    assert bench.code(refund(credit(bench, name="Bob"), "1.00")) == 3210
    assert bench.code(refund("9-9", "1.00")) == 3120


def test_a_refund_comes_from_a_money_account_and_is_more_than_nothing(bench):
    memo = credit(bench)
    assert bench.code(refund(memo, "1.00", source="Merchandise Sales")) == 3210
    assert bench.code(refund(memo, "0.00")) == 3180


# -- checks --------------------------------------------------------------------------------------------


def check(*lines: tuple[str, str, str], bank: str = "Checking", payee: str = "", links: str = "") -> str:
    """Lines: account, amount, customer."""
    parts = "".join(
        f"<ExpenseLineAdd>{named('AccountRef', where)}<Amount>{amount}</Amount>{named('CustomerRef', who)}"
        "</ExpenseLineAdd>"
        for where, amount, who in lines
    )
    return (
        f"<CheckAddRq><CheckAdd>{named('AccountRef', bank)}{named('PayeeEntityRef', payee)}"
        f"<RefNumber>501</RefNumber><TxnDate>2026-03-05</TxnDate>{links}{parts}</CheckAdd></CheckAddRq>"
    )


def linked(txn_id: str, amount: str = "") -> str:
    stated = f"<Amount>{amount}</Amount>" if amount else ""
    return f"<ApplyCheckToTxnAdd><TxnID>{txn_id}</TxnID>{stated}</ApplyCheckToTxnAdd>"


def test_a_check_posts_its_expenses(bench):
    reply = bench.done(check(("Office Supplies", "8.00", ""), ("Rent Expense", "2.00", "")))
    assert reply.text("Amount") == "10.00"
    assert bench.file.trial_balance() == {
        "Checking": D("-10.00"),
        "Office Supplies": D("8.00"),
        "Rent Expense": D("2.00"),
    }


def test_a_check_pays_a_credit_memo_out(bench):
    memo = credit(bench)
    bench.done(check(("Accounts Receivable", "10.00", "Ada"), payee="Ada", links=linked(memo, "10.00")))
    assert bench.document(memo).open == 0
    assert bench.balance("Accounts Receivable") == 0


def test_a_check_applies_what_is_left_when_no_amount_is_stated(bench):
    memo = credit(bench)
    bench.done(check(("Accounts Receivable", "10.00", "Ada"), links=linked(memo)))
    assert bench.document(memo).open == 0


def test_a_check_without_link_leaves_a_charge_that_a_credit_can_settle_later(bench):
    memo = credit(bench)
    paid = bench.done(check(("Accounts Receivable", "10.00", "Ada"))).text("TxnID")
    bench.done(payment("0.00", applied(paid, "", set_credit(memo, "10.00"))))
    assert (bench.document(paid).open, bench.document(memo).open) == (0, 0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (check(("Office Supplies", "8.00", ""), bank="Undeposited Funds"), 3210),
        (check(("Nowhere", "8.00", "")), 3140),
        (check(("Office Supplies", "8.00", ""), payee="Nobody"), 3140),
        (check(("Accounts Receivable", "8.00", "")), 3180),
        (check(("Accounts Receivable", "8.00", "Ada"), ("Accounts Receivable", "1.00", "Ada")), 3180),
        (check(("Sales Tax Payable", "8.00", "")), 3180),
        (check(("Office Supplies", "-8.00", "")), 3180),
        (check(), 3180),
    ],
)
def test_a_check_that_cannot_be_is_refused(bench, text, code):
    assert bench.code(text) == code
    assert bench.file.documents() == []


def test_a_check_is_not_applied_beyond_its_receivable_line_or_the_memo(bench):
    memo = credit(bench)
    assert bench.code(check(("Office Supplies", "10.00", ""), links=linked(memo, "10.00"))) == 3210
    assert bench.code(check(("Accounts Receivable", "9.00", "Ada"), links=linked(memo, "10.00"))) == 3210
    assert bench.code(check(("Accounts Receivable", "11.00", "Ada"), links=linked(memo, "11.00"))) == 3210


def test_item_lines_on_checks_are_not_simulated():
    bench = shop_bench(xsd=None)
    lines = "<ItemLineAdd><Amount>1.00</Amount></ItemLineAdd></CheckAdd>"
    assert bench.code(check(("Office Supplies", "8.00", "")).replace("</CheckAdd>", lines)) == 1030


# -- journals ------------------------------------------------------------------------------------------


def plain_journal(
    debit: str = "5.00", credit: str = "5.00", where: str = "Rent Expense", who: str = ""
) -> str:
    return journal(("Debit", where, debit, who), ("Credit", "Checking", credit, ""))


@pytest.fixture
def books() -> Bench:
    return shop_bench(xsd=None)


def test_a_journal_posts_both_sides(books):
    reply = books.done(plain_journal())
    assert reply.text("JournalDebitLine/Memo") == "by hand"
    assert books.file.trial_balance() == {"Rent Expense": D("5.00"), "Checking": D("-5.00")}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (plain_journal("5.00", "5.01"), 3180),
        (plain_journal("-5.00", "-5.00"), 3210),
        (plain_journal(where="Nowhere"), 3140),
        (plain_journal(where="Purchase Orders"), 3210),
        (plain_journal(where="Accounts Receivable"), 3180),
        (plain_journal(where="Accounts Receivable", who="City Department of Revenue"), 3180),
        (plain_journal(where="Accounts Payable", who="Ada"), 3180),
        (plain_journal(where="Sales Tax Payable"), 3180),
        (plain_journal(where="Sales Tax Payable", who="Ada"), 3180),
        (journal(), 3150),
        (
            journal(
                ("Debit", "Accounts Receivable", "5.00", "Ada"),
                ("Credit", "Accounts Receivable", "5.00", "Bob"),
            ),
            3180,
        ),
        (
            journal(
                ("Debit", "Accounts Receivable", "5.00", "Ada"),
                ("Credit", "Accounts Payable", "5.00", "City Department of Revenue"),
            ),
            3180,
        ),
    ],
)
def test_a_journal_that_cannot_be_is_refused(books, text, code):
    assert books.code(text) == code
    assert books.file.documents() == []


def test_names_make_receivable_payable_and_tax_lines_good(books):
    for where, who in (
        ("Accounts Receivable", "Ada"),
        ("Accounts Payable", "City Department of Revenue"),
        ("Sales Tax Payable", "City Department of Revenue"),
    ):
        assert books.code(plain_journal(where=where, who=who)) == 0


def test_a_journal_on_receivables_is_settled_by_a_credit(books):
    memo = credit(books, "5.00")
    entry = books.done(
        journal(("Debit", "Accounts Receivable", "5.00", "Ada"), ("Credit", "Customer Deposits", "5.00", ""))
    ).text("TxnID")
    books.done(payment("0.00", applied(entry, "", set_credit(memo, "5.00"))))
    assert (books.document(entry).open, books.document(memo).open) == (0, 0)


def test_a_memo_in_the_head_of_a_journal_is_dropped_with_a_warning(books):
    text = plain_journal().replace("</RefNumber>", "</RefNumber><Memo>head</Memo>")
    assert books.code(text) == 530


def test_a_macro_names_a_document_of_the_same_set(books):
    text = invoice(("Mug", "10.00"), attributes=' defMacro="TxnID:sold"')
    paid = payment("10.00", applied("", "10.00").replace("<TxnID></TxnID>", '<TxnID useMacro="TxnID:sold"/>'))
    assert [one.code for one in books.ask(text + paid)] == [0, 0]
    assert books.code(paid) == 9100


def test_a_credit_without_amount_and_a_refund_of_nothing_named_are_3150(books):
    sold, memo = owed(books), credit(books)
    empty = set_credit(memo, "4.00").replace("<AppliedAmount>4.00</AppliedAmount>", "")
    assert books.code(payment("0.00", applied(sold, "", empty))) == 3150
    start = refund(memo, "4.00").split("<RefundAppliedToTxnAdd>")[0]
    assert books.code(f"{start}</ARRefundCreditCardAdd></ARRefundCreditCardAddRq>") == 3150
