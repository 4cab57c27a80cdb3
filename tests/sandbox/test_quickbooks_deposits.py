"""Deposits of the simulated QuickBooks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from quickbooks_bench import Bench, applied, invoice, payment, receipt, shop_bench
from quickbooks_papers import GONE, VOIDED, deposit, put

D = Decimal


@pytest.fixture
def bench() -> Bench:
    return shop_bench()


def test_a_deposit_takes_from_its_lines_accounts_and_gives_to_the_bank(bench):
    reply = bench.done(deposit(put("Savings", "100.00"), put("Merchant Account Fees", "-3.20")))
    assert reply.text("DepositTotal") == "96.80"
    assert reply.texts("DepositLineRet/Amount") == ["100.00", "-3.20"]
    assert bench.file.trial_balance() == {
        "Checking": D("96.80"),
        "Savings": D("-100.00"),
        "Merchant Account Fees": D("3.20"),
    }


def test_a_deposit_of_nothing_is_allowed_one_below_zero_is_3180(bench):
    bench.done(deposit(put("Savings", "3.20"), put("Merchant Account Fees", "-3.20")))
    reply = bench.one(deposit(put("Savings", "3.20"), put("Merchant Account Fees", "-3.21")))
    assert reply.code == 3180
    assert "-0.01" in reply.message
    assert bench.code(deposit()) == 3180
    assert len(bench.file.documents()) == 1


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("Checking", 0),
        ("Prepaid Expenses", 0),
        ("Business Credit Card", 3210),
        ("Merchandise Sales", 3210),
        ("Accounts Receivable", 3210),
        ("Customer Deposits", 3210),
        ("Nowhere", 3140),
    ],
)
def test_money_goes_to_bank_and_other_current_asset_accounts_only(bench, where, code):
    assert bench.code(deposit(put("Service Income", "1.00"), where=where)) == code


@pytest.mark.parametrize(
    ("account", "who", "code"),
    [
        ("Checking", "", 3210),  # the account deposited to
        ("Purchase Orders", "", 3210),
        ("Accounts Receivable", "", 3180),
        ("Accounts Receivable", "Ada", 0),
        ("Accounts Payable", "Ada", 3180),
        ("Sales Tax Payable", "", 3180),
        ("Sales Tax Payable", "State Board of Equalization", 0),
        ("Service Income", "Nobody", 3140),
    ],
)
def test_a_line_follows_the_rules_of_its_account(bench, account, who, code):
    assert bench.code(deposit(put(account, "5.00", who=who))) == code


def test_a_line_on_receivables_is_a_credit_of_the_customer_and_there_is_one_at_most(bench):
    twice = put("Accounts Receivable", "5.00", who="Ada"), put("Accounts Receivable", "5.00", who="Ada")
    assert bench.code(deposit(*twice)) == 3180
    txn_id = bench.done(deposit(twice[0])).text("TxnID")
    assert bench.document(txn_id).open == D("-5.00")
    assert bench.balance("Accounts Receivable") == D("-5.00")


def test_a_deposit_is_found_by_its_dates_and_shows_its_memo(bench):
    for day in ("2026-03-04", "2026-03-05", "2026-03-06"):
        bench.done(deposit(put("Savings", "1.00"), day=day, memo=f"Payout {day} [qbc1/oak/payout/1/1/0]"))
    reply = bench.done(
        "<DepositQueryRq><TxnDateRangeFilter><FromTxnDate>2026-03-05</FromTxnDate><ToTxnDate>2026-03-05</ToTxnDate>"
        "</TxnDateRangeFilter></DepositQueryRq>"
    )
    assert reply.texts("DepositRet/Memo") == ["Payout 2026-03-05 [qbc1/oak/payout/1/1/0]"]
    assert reply.texts("DepositRet/RefNumber") == []
    assert reply.texts("DepositLineRet") == []


def test_lines_come_when_asked_for_and_elements_as_asked(bench):
    bench.done(deposit(put("Savings", "1.00", memo="net"), memo="Payout"))
    whole = bench.done("<DepositQueryRq><IncludeLineItems>true</IncludeLineItems></DepositQueryRq>")
    assert (whole.text("DepositLineRet/AccountRef/FullName"), whole.text("DepositLineRet/Memo")) == (
        "Savings",
        "net",
    )
    slim = bench.done("<DepositQueryRq><IncludeRetElement>Memo</IncludeRetElement></DepositQueryRq>")
    assert [one.tag for one in slim.element[0]] == ["Memo"]


def test_a_closed_day_is_3171_and_a_repeated_set_is_not_done_twice(bench):
    bench.file.preferences.closing_date = date(2026, 3, 5)
    assert bench.code(deposit(put("Savings", "1.00"))) == 3171
    text = deposit(put("Savings", "1.00"), day="2026-03-06")
    for _ in range(2):
        assert bench.one(text, ids=' newMessageSetID="AAAA"').code == 0
    assert len(bench.file.documents("Deposit")) == 1


def test_waiting_payments_are_deposited_once():
    bench = shop_bench()
    sold = bench.done(invoice(("Mug", "10.00"))).text("TxnID")
    paid = bench.done(payment("10.00", applied(sold, "10.00"))).text("TxnID")
    rung = bench.done(receipt(("Mug", "4.00"))).text("TxnID")
    lines = [f"<DepositLineAdd><PaymentTxnID>{one}</PaymentTxnID></DepositLineAdd>" for one in (paid, rung)]
    reply = bench.done(deposit(*lines, put("Merchant Account Fees", "-1.00")))
    assert reply.text("DepositTotal") == "13.00"
    assert reply.texts("DepositLineRet/TxnID") == [paid, rung]
    assert bench.balance("Undeposited Funds") == 0
    assert bench.code(deposit(lines[0])) == 3210
    assert bench.code(deposit(lines[0], lines[0])) == 3210
    assert bench.code(deposit(lines[0].replace(paid, "9-9"))) == 3120
    assert bench.code(GONE.format("ReceivePayment", paid)) == 3160
    bench.done(GONE.format("Deposit", reply.text("TxnID")))
    assert bench.balance("Undeposited Funds") == D("14.00")
    bench.done(GONE.format("ReceivePayment", paid))


def test_a_payment_still_shows_only_what_it_was_applied_to(bench):
    sold = bench.done(invoice(("Mug", "10.00"))).text("TxnID")
    paid = bench.done(payment("10.00", applied(sold, "10.00"))).text("TxnID")
    line = f"<PaymentTxnID>{paid}</PaymentTxnID><OverrideMemo>by card</OverrideMemo>"
    put_in = bench.done(deposit(f"<DepositLineAdd>{line}</DepositLineAdd>"))
    assert put_in.text("DepositLineRet/Memo") == "by card"
    reply = bench.done(
        f"<ReceivePaymentQueryRq><TxnID>{paid}</TxnID><IncludeLineItems>true</IncludeLineItems>"
        "</ReceivePaymentQueryRq>"
    )
    assert reply.texts("AppliedToTxnRet/TxnID") == [sold]


def test_cash_back_lowers_what_the_bank_gets(bench):
    text = deposit(put("Service Income", "10.00"), back="4.00")
    reply = bench.done(text.replace("<Amount>4.00", "<Memo>till</Memo><Amount>4.00"))
    assert reply.text("CashBackInfoRet/Memo") == "till"
    assert reply.text("DepositTotal") == "6.00"
    assert bench.file.trial_balance() == {
        "Checking": D("6.00"),
        "Savings": D("4.00"),
        "Service Income": D("-10.00"),
    }


def test_a_deposit_is_voided_and_deleted(bench):
    for words in (VOIDED, GONE):
        txn_id = bench.done(deposit(put("Savings", "1.00"), memo="Payout")).text("TxnID")
        bench.done(words.format("Deposit", txn_id))
        assert bench.file.trial_balance() == {}
    gone = bench.done("<TxnDeletedQueryRq><TxnDelType>Deposit</TxnDelType></TxnDeletedQueryRq>")
    assert gone.text("TxnDeletedRet/TxnID") == txn_id


def test_a_deposit_is_among_all_documents(bench):
    bench.done(deposit(put("Savings", "1.00"), memo="Payout"))
    reply = bench.done(
        "<TransactionQueryRq><TransactionTypeFilter><TxnTypeFilter>Deposit</TxnTypeFilter></TransactionTypeFilter>"
        "</TransactionQueryRq>"
    )
    assert (reply.text("TransactionRet/TxnType"), reply.text("TransactionRet/Memo")) == ("Deposit", "Payout")
