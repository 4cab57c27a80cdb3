"""Void, delete, and fields of one's own in the simulated QuickBooks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from quickbooks_bench import (
    GUID,
    Bench,
    applied,
    credit_memo,
    invoice,
    journal,
    line,
    payment,
    receipt,
    refund,
    sale,
    set_credit,
    shop_bench,
    stock_item,
)

D = Decimal


@pytest.fixture
def bench() -> Bench:
    return shop_bench()


def void(kind: str, txn_id: str) -> str:
    return f"<TxnVoidRq><TxnVoidType>{kind}</TxnVoidType><TxnID>{txn_id}</TxnID></TxnVoidRq>"


def delete(kind: str, txn_id: str) -> str:
    return f"<TxnDelRq><TxnDelType>{kind}</TxnDelType><TxnID>{txn_id}</TxnID></TxnDelRq>"


def sold(bench: Bench) -> str:
    return bench.done(receipt(("Mug", "10.00"), memo="#1001")).text("TxnID")


def test_a_voided_document_stays_with_zero_amounts_and_says_so(bench):
    txn_id = sold(bench)
    reply = bench.done(void("SalesReceipt", txn_id))
    assert (reply.text("TxnID"), reply.text("RefNumber")) == (txn_id, "1001")
    filed = bench.document(txn_id)
    assert (filed.voided, filed.total, filed.memo) == (True, 0, "VOID: #1001")
    assert bench.file.trial_balance() == {}
    assert bench.code(void("SalesReceipt", txn_id)) == 0
    assert bench.document(txn_id).memo == "VOID: #1001"


def test_a_voided_journal_says_so_on_its_first_line():
    bench = shop_bench(xsd=None)
    txn_id = bench.done(journal(("Debit", "Rent Expense", "5.00", ""), ("Credit", "Checking", "5.00", "")))
    bench.done(void("JournalEntry", txn_id.text("TxnID")))
    shown = bench.done(
        "<JournalEntryQueryRq><RefNumber>J1</RefNumber><IncludeLineItems>1</IncludeLineItems></JournalEntryQueryRq>"
    )
    assert shown.texts("Memo") == ["VOID: by hand", "by hand"]


def test_a_deleted_document_is_gone_but_leaves_a_trace(bench):
    txn_id = sold(bench)
    bench.done(delete("SalesReceipt", txn_id))
    assert bench.file.documents() == []
    reply = bench.done("<TxnDeletedQueryRq><TxnDelType>SalesReceipt</TxnDelType></TxnDeletedQueryRq>")
    assert (reply.text("TxnDeletedRet/TxnID"), reply.text("TxnDeletedRet/RefNumber")) == (txn_id, "1001")
    assert bench.code(delete("SalesReceipt", txn_id)) == 3120


def test_traces_of_deleted_documents_fade_after_90_days(bench):
    bench.done(delete("SalesReceipt", sold(bench)))
    asked = "<TxnDeletedQueryRq><TxnDelType>SalesReceipt</TxnDelType></TxnDeletedQueryRq>"
    bench.later(days=89)
    assert bench.code(asked) == 0
    bench.later(days=2)
    assert bench.code(asked) == 1


@pytest.mark.parametrize("make", [void, delete])
def test_unknown_ids_and_other_kinds_are_3120(bench, make):
    txn_id = sold(bench)
    assert bench.code(make("SalesReceipt", "9-9")) == 3120
    assert bench.code(make("Invoice", txn_id)) == 3120


@pytest.mark.parametrize("make", [void, delete])
def test_a_closed_day_cannot_be_undone(bench, make):
    txn_id = sold(bench)
    bench.file.preferences.closing_date = date(2026, 3, 31)
    assert bench.code(make("SalesReceipt", txn_id)) == 3171


@pytest.mark.parametrize("make", [void, delete])
def test_a_document_someone_has_open_is_3175(bench, make):
    txn_id = sold(bench)
    bench.file.locked.add(txn_id)
    assert bench.code(make("SalesReceipt", txn_id)) == 3175
    bench.file.locked.clear()
    assert bench.code(make("SalesReceipt", txn_id)) == 0


@pytest.mark.parametrize("make", [void, delete])
def test_a_paid_invoice_must_lose_its_payment_first(bench, make):
    owed = bench.done(invoice(("Mug", "10.00"))).text("TxnID")
    paid = bench.done(payment("10.00", applied(owed, "10.00"))).text("TxnID")
    assert bench.code(make("Invoice", owed)) == 3160
    bench.done(delete("ReceivePayment", paid))
    assert bench.document(owed).open == D("10.00")
    assert bench.code(make("Invoice", owed)) == 0
    assert bench.file.trial_balance() == {}


def test_a_payment_cannot_be_voided():
    bench = shop_bench(xsd=None)
    paid = bench.done(payment("10.00", "<IsAutoApply>true</IsAutoApply>")).text("TxnID")
    assert bench.code(void("ReceivePayment", paid)) == 3210


def test_deleting_a_payment_of_nothing_frees_the_credit_it_used(bench):
    owed = bench.done(invoice(("Mug", "10.00"))).text("TxnID")
    memo = bench.done(credit_memo(("Mug", "4.00"))).text("TxnID")
    used = bench.done(payment("0.00", applied(owed, "", set_credit(memo, "4.00")))).text("TxnID")
    assert bench.code(void("CreditMemo", memo)) == 3160
    bench.done(delete("ReceivePayment", used))
    assert (bench.document(owed).open, bench.document(memo).open) == (D("10.00"), D("-4.00"))


def test_voiding_a_refund_frees_its_credit_memo(bench):
    memo = bench.done(credit_memo(("Mug", "4.00"))).text("TxnID")
    paid = bench.done(refund(memo, "4.00")).text("TxnID")
    bench.done(void("ARRefundCreditCard", paid))
    assert bench.document(memo).open == D("-4.00")
    assert bench.balance("Checking") == 0


def test_voiding_gives_stock_back_at_the_cost_it_left(bench):
    bench.done(stock_item("Bowl", "10", "4.00"))
    out = bench.done(sale("SalesReceipt", line("SalesReceipt", "Bowl", "30.00", quantity="3"))).text("TxnID")
    bench.done(void("SalesReceipt", out))
    assert (bench.file.on_hand("Bowl").quantity, bench.file.on_hand("Bowl").value) == (10, D("40.00"))
    assert bench.balance("Inventory Asset") == D("40.00")


# -- custom fields -------------------------------------------------------------------------------------


def define(name: str = "Marker", sort: str = "STR255TYPE", to: str = "Company") -> str:
    return (
        f"<DataExtDefAddRq><DataExtDefAdd><OwnerID>{GUID}</OwnerID><DataExtName>{name}</DataExtName>"
        f"<DataExtType>{sort}</DataExtType><AssignToObject>{to}</AssignToObject></DataExtDefAdd></DataExtDefAddRq>"
    )


def put(step: str, value: str, name: str = "Marker", to: str = "") -> str:
    target = to or "<OtherDataExtType>Company</OtherDataExtType>"
    return (
        f"<DataExt{step}Rq><DataExt{step}><OwnerID>{GUID}</OwnerID><DataExtName>{name}</DataExtName>{target}"
        f"<DataExtValue>{value}</DataExtValue></DataExt{step}></DataExt{step}Rq>"
    )


def test_a_marker_in_the_company_file_is_read_back_by_its_owner(bench):
    bench.done(define())
    bench.done(put("Add", "epoch 1"))
    bench.done(put("Mod", "epoch 2"))
    mine = bench.done(f"<CompanyQueryRq><OwnerID>{GUID}</OwnerID></CompanyQueryRq>")
    assert (mine.text("DataExtRet/DataExtName"), mine.text("DataExtRet/DataExtValue")) == (
        "Marker",
        "epoch 2",
    )
    assert bench.done("<CompanyQueryRq/>").text("DataExtRet/DataExtValue") == ""
    assert "epoch 2" in bench.qb.hello()


def test_a_field_must_be_defined_once_and_assigned_before_it_holds_a_value():
    bench = shop_bench(xsd=None)
    assert bench.code(put("Add", "x")) == 3120
    bench.done(define(to="Customer"))
    assert bench.code(define()) == 3100
    assert bench.code(put("Add", "x")) == 3351


def test_adding_twice_and_changing_nothing_are_refused(bench):
    bench.done(define())
    assert bench.code(put("Mod", "x")) == 3120
    bench.done(put("Add", "x"))
    assert bench.code(put("Add", "y")) == 3180


def test_values_must_fit_their_type():
    bench = shop_bench(xsd=None)
    bench.done(define())
    bench.done(define("Serial", "INTTYPE"))
    assert bench.code(put("Add", "x" * 256)) == 3070
    assert bench.code(put("Add", "many", "Serial")) == 3045
    assert bench.code(put("Add", "7", "Serial")) == 0


def test_an_owner_without_braces_is_3000():
    bench = shop_bench(xsd=None)
    assert bench.code(define().replace(GUID, GUID.strip("{}"))) == 3000


def test_customers_and_documents_can_carry_fields_too():
    bench = shop_bench(xsd=None)
    bench.done(define("Shop", to="Customer"))
    bench.done(define("Order", to="SalesReceipt"))
    on_list = "<ListDataExtType>Customer</ListDataExtType><ListObjRef><FullName>{}</FullName></ListObjRef>"
    bench.done(put("Add", "oak", "Shop", on_list.format("Ada")))
    assert bench.code(put("Add", "oak", "Shop", on_list.format("Nobody"))) == 3140
    txn_id = sold(bench)
    on_txn = f"<TxnDataExtType>SalesReceipt</TxnDataExtType><TxnID>{txn_id}</TxnID>"
    bench.done(put("Add", "gid", "Order", on_txn))
    assert bench.code(put("Add", "gid", "Order", on_txn.replace(txn_id, "9-9"))) == 3120
    shown = bench.done(
        f"<CustomerQueryRq><FullName>Ada</FullName><OwnerID>{GUID}</OwnerID></CustomerQueryRq>"
    )
    assert shown.text("DataExtValue") == "oak"
    shown = bench.done(
        f"<SalesReceiptQueryRq><TxnID>{txn_id}</TxnID><OwnerID>{GUID.upper()}</OwnerID></SalesReceiptQueryRq>"
    )
    assert shown.text("DataExtValue") == "gid"


def test_a_value_needs_something_to_hang_on():
    bench = shop_bench(xsd=None)
    bench.done(define())
    assert bench.code(put("Add", "x", to="<ListDataExtType>Horse</ListDataExtType>")) == 3150


def test_a_definition_needs_name_and_type():
    bench = shop_bench(xsd=None)
    assert bench.code(define(name="")) == 3150
    assert bench.code(define(sort="")) == 3150
