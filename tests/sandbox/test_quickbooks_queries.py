"""Queries of the simulated QuickBooks: filters, what is missing, iterators, dates."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from quickbooks_bench import (
    Bench,
    account,
    applied,
    credit_memo,
    customer,
    invoice,
    item,
    payment,
    receipt,
    shop_bench,
)


@pytest.fixture
def bench() -> Bench:
    return shop_bench()


@pytest.fixture
def free() -> Bench:
    """Without a schema: for what our own requests never ask."""
    return shop_bench(xsd=None)


# -- lists ---------------------------------------------------------------------------------------------


def test_records_asked_for_by_name_are_found_in_any_case_and_state(bench):
    bench.file.set_active("Customer", "Bob", active=False, now=bench.now)
    asked = "<FullName>ADA</FullName><FullName>bob</FullName>"
    reply = bench.done(f"<CustomerQueryRq>{asked}</CustomerQueryRq>")
    assert reply.texts("CustomerRet/FullName") == ["Ada", "Bob"]
    assert reply.texts("CustomerRet/IsActive") == ["true", "false"]


def test_a_missing_name_is_a_warning_500_with_the_found_ones(bench):
    reply = bench.one("<CustomerQueryRq><FullName>Ada</FullName><FullName>Zoe</FullName></CustomerQueryRq>")
    assert (reply.code, reply.severity) == (500, "Warn")
    assert '("Zoe")' in reply.message
    assert reply.texts("CustomerRet/FullName") == ["Ada"]


def test_a_query_that_matches_nothing_is_status_1_without_data(bench):
    reply = bench.one("<ClassQueryRq/>")
    assert (reply.code, reply.severity, len(reply.element)) == (1, "Info", 0)


def test_inactive_records_come_only_when_asked_for(bench):
    bench.file.set_active("Customer", "Bob", active=False, now=bench.now)
    shown = {
        status: bench.one(f"<CustomerQueryRq><ActiveStatus>{status}</ActiveStatus></CustomerQueryRq>").texts(
            "CustomerRet/FullName"
        )
        for status in ("ActiveOnly", "InactiveOnly", "All")
    }
    assert shown == {"ActiveOnly": ["Ada"], "InactiveOnly": ["Bob"], "All": ["Ada", "Bob"]}
    assert bench.one("<CustomerQueryRq/>").texts("CustomerRet/FullName") == ["Ada"]


def test_names_are_filtered_by_part_and_by_range(free):
    free.ask(customer("Anna") + customer("Zoe"))
    part = "<NameFilter><MatchCriterion>StartsWith</MatchCriterion><Name>a</Name></NameFilter>"
    span = "<NameRangeFilter><FromName>B</FromName><ToName>Z</ToName></NameRangeFilter>"
    assert set(free.done(f"<CustomerQueryRq>{part}</CustomerQueryRq>").texts("CustomerRet/Name")) == {
        "Ada",
        "Anna",
    }
    assert free.done(f"<CustomerQueryRq>{span}</CustomerQueryRq>").texts("CustomerRet/Name") == ["Bob"]


def test_accounts_are_filtered_by_type_and_show_special_types_and_balances(bench):
    bench.ask(account("Till", "Bank", "Checking") + receipt(("Mug", "5.00"), deposit="Checking:Till"))
    reply = bench.done("<AccountQueryRq><AccountType>Bank</AccountType></AccountQueryRq>")
    assert reply.texts("AccountRet/Name") == ["Checking", "Savings", "Till"]
    assert reply.texts("AccountRet/Balance") == ["0.00", "0.00", "5.00"]
    assert reply.texts("AccountRet/TotalBalance") == ["5.00", "0.00", "5.00"]
    funds = bench.done("<AccountQueryRq><FullName>Undeposited Funds</FullName></AccountQueryRq>")
    assert funds.text("SpecialAccountType") == "UndepositedFunds"


def test_all_kinds_of_items_come_in_one_query(bench):
    reply = bench.done("<ItemQueryRq/>")
    kinds = {one.tag for one in reply.element}
    assert {
        "ItemNonInventoryRet",
        "ItemSalesTaxRet",
        "ItemSubtotalRet",
        "ItemPaymentRet",
        "ItemDiscountRet",
    } <= kinds


def test_changed_records_are_found_by_their_time(free):
    bench = free
    bench.later(hours=2)
    bench.done(customer("Grace"))
    asked = "<CustomerQueryRq><FromModifiedDate>2026-03-02T13:00:00</FromModifiedDate></CustomerQueryRq>"
    assert bench.done(asked).texts("CustomerRet/Name") == ["Grace"]
    until = "<CustomerQueryRq><ToModifiedDate>2026-03-02T13:00:00</ToModifiedDate></CustomerQueryRq>"
    assert bench.done(until).texts("CustomerRet/Name") == ["Ada", "Bob"]
    day = "<CustomerQueryRq><FromModifiedDate>2026-03-02</FromModifiedDate><ToModifiedDate>2026-03-02</ToModifiedDate></CustomerQueryRq>"
    assert len(bench.done(day).texts("CustomerRet/Name")) == 3


@pytest.mark.parametrize(("text", "code"), [("yesterday", 3020), ("2026-02-30", 3020), ("1969-12-31", 3030)])
def test_a_bad_date_in_a_filter_is_refused(free, text, code):
    assert (
        free.code(f"<CustomerQueryRq><FromModifiedDate>{text}</FromModifiedDate></CustomerQueryRq>") == code
    )


def test_during_daylight_saving_the_offset_shown_is_wrong_and_sending_it_back_misses_an_hour():
    bench = Bench()
    bench.now = datetime(2026, 7, 1, 10, 0, tzinfo=ZoneInfo("America/New_York"))
    shown = bench.done(customer("Ada")).text("TimeModified")
    assert shown == "2026-07-01T10:00:00-05:00"
    asked = "<CustomerQueryRq><FromModifiedDate>{}</FromModifiedDate></CustomerQueryRq>"
    assert bench.code(asked.format(shown)) == 1
    assert bench.code(asked.format(shown[:19])) == 0


def test_elements_asked_for_are_all_that_comes(bench):
    reply = bench.done(
        "<CustomerQueryRq><FullName>Ada</FullName><IncludeRetElement>ListID</IncludeRetElement>"
        "<IncludeRetElement>name</IncludeRetElement></CustomerQueryRq>"
    )
    assert [one.tag for one in reply.element[0]] == ["ListID"]


def test_a_deleted_record_is_listed(bench):
    bench.file.delete_record("Customer", "Bob", bench.now)
    reply = bench.done("<ListDeletedQueryRq><ListDelType>Customer</ListDelType></ListDeletedQueryRq>")
    assert reply.text("ListDeletedRet/FullName") == "Bob"
    assert bench.code("<CustomerQueryRq><FullName>Bob</FullName></CustomerQueryRq>") == 500
    assert bench.code("<ListDeletedQueryRq><ListDelType>Vendor</ListDelType></ListDeletedQueryRq>") == 1


def test_what_is_not_simulated_says_so(free):
    asked = "<CustomerQueryRq><TotalBalanceFilter><Operator>Equal</Operator></TotalBalanceFilter></CustomerQueryRq>"
    assert free.code(asked) == 1030
    macro = "<TxnDateRangeFilter><DateMacro>LastYear</DateMacro></TxnDateRangeFilter>"
    assert free.code(f"<SalesReceiptQueryRq>{macro}</SalesReceiptQueryRq>") == 1030


def test_meta_data_counts(free):
    reply = free.done('<CustomerQueryRq metaData="MetaDataOnly"/>')
    assert (reply.element.get("retCount"), len(reply.element)) == ("2", 0)


# -- iterators -----------------------------------------------------------------------------------------


def step(bench: Bench, how: str, iterator: str = "", most: int = 2):
    known = f' iteratorID="{iterator}"' if iterator else ""
    return bench.one(
        f'<CustomerQueryRq iterator="{how}"{known}><MaxReturned>{most}</MaxReturned></CustomerQueryRq>'
    )


def test_an_iterator_gives_all_records_in_pages(bench):
    bench.ask("".join(customer(f"C{number}") for number in range(3)))
    first = step(bench, "Start")
    iterator = first.element.get("iteratorID", "")
    assert first.element.get("iteratorRemainingCount") == "3"
    second, third = step(bench, "Continue", iterator), step(bench, "Continue", iterator)
    assert third.element.get("iteratorRemainingCount") == "0"
    found = [name for reply in (first, second, third) for name in reply.texts("CustomerRet/Name")]
    assert found == ["Ada", "Bob", "C0", "C1", "C2"]


def test_an_iterator_dies_with_the_session_and_by_stop(bench):
    iterator = step(bench, "Start", most=1).element.get("iteratorID", "")
    bench.qb.reopen()
    assert step(bench, "Continue", iterator).code == 3000
    iterator = step(bench, "Start", most=1).element.get("iteratorID", "")
    assert step(bench, "Stop", iterator).code == 0
    assert step(bench, "Continue", iterator).code == 3000


def test_an_iterator_belongs_to_its_query_and_needs_a_page_size(free):
    iterator = step(free, "Start", most=1).element.get("iteratorID", "")
    other = f'<VendorQueryRq iterator="Continue" iteratorID="{iterator}"><MaxReturned>1</MaxReturned></VendorQueryRq>'
    assert free.code(other) == 3000
    assert free.code('<CustomerQueryRq iterator="Start"/>') == 3150


# -- documents -----------------------------------------------------------------------------------------


def filed(bench: Bench) -> dict[str, str]:
    """Ids by number: a receipt and an invoice of Ada, an invoice of Bob paid."""
    texts = (
        receipt(("Mug", "5.00"), ref="A1", memo="one"),
        invoice(("Mug", "6.00"), ref="a1", day="2026-03-05"),
        invoice(("Mug", "7.00"), ref="B2", name="Bob"),
    )
    ids = {key: bench.done(text).text("TxnID") for key, text in zip(("A1", "a1", "B2"), texts, strict=True)}
    ids["P"] = bench.done(payment("7.00", applied(ids["B2"], "7.00"), name="Bob")).text("TxnID")
    return ids


def refs(bench: Bench, kind: str, inside: str) -> list[str]:
    return bench.one(f"<{kind}QueryRq>{inside}</{kind}QueryRq>").texts(f"{kind}Ret/RefNumber")


def test_documents_are_found_by_id_and_number(bench):
    ids = filed(bench)
    assert refs(bench, "SalesReceipt", f"<TxnID>{ids['A1']}</TxnID>") == ["A1"]
    assert refs(bench, "SalesReceipt", "<RefNumber>a1</RefNumber>") == ["A1"]
    exact = "<RefNumberCaseSensitive>{}</RefNumberCaseSensitive>"
    assert bench.code(f"<SalesReceiptQueryRq>{exact.format('a1')}</SalesReceiptQueryRq>") == 500
    assert refs(bench, "SalesReceipt", exact.format("A1")) == ["A1"]
    assert bench.code(f"<InvoiceQueryRq><TxnID>{ids['A1']}</TxnID></InvoiceQueryRq>") == 500


def test_a_number_is_not_unique(bench):
    bench.done(receipt(("Mug", "1.00"), ref="A1"))
    bench.done(receipt(("Mug", "2.00"), ref="A1"))
    assert refs(bench, "SalesReceipt", "<RefNumber>A1</RefNumber>") == ["A1", "A1"]


def test_lines_come_only_when_asked_for(bench):
    ids = filed(bench)
    bare = bench.done(f"<SalesReceiptQueryRq><TxnID>{ids['A1']}</TxnID></SalesReceiptQueryRq>")
    assert bare.texts("TxnLineID") == []
    whole = bench.done(
        f"<SalesReceiptQueryRq><TxnID>{ids['A1']}</TxnID><IncludeLineItems>true</IncludeLineItems></SalesReceiptQueryRq>"
    )
    assert len(whole.texts("TxnLineID")) == 1


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<TxnDateRangeFilter><FromTxnDate>2026-03-03</FromTxnDate></TxnDateRangeFilter>", ["a1"]),
        ("<TxnDateRangeFilter><ToTxnDate>2026-03-03</ToTxnDate></TxnDateRangeFilter>", ["B2"]),
        ("<TxnDateRangeFilter><DateMacro>Today</DateMacro></TxnDateRangeFilter>", ["B2"]),
        ("<EntityFilter><FullName>Bob</FullName></EntityFilter>", ["B2"]),
        ("<AccountFilter><FullName>Merchandise Sales</FullName></AccountFilter>", ["a1", "B2"]),
        (
            "<RefNumberFilter><MatchCriterion>EndsWith</MatchCriterion><RefNumber>2</RefNumber></RefNumberFilter>",
            ["B2"],
        ),
        ("<RefNumberRangeFilter><FromRefNumber>B</FromRefNumber></RefNumberRangeFilter>", ["B2"]),
        ("<PaidStatus>NotPaidOnly</PaidStatus>", ["a1"]),
        ("<PaidStatus>PaidOnly</PaidStatus>", ["B2"]),
        ("<MaxReturned>1</MaxReturned>", ["a1"]),
        (
            "<ModifiedDateRangeFilter><FromModifiedDate>2026-03-02T12:30:00</FromModifiedDate>"
            "</ModifiedDateRangeFilter>",
            [],
        ),
    ],
)
def test_documents_are_filtered(free, inside, expected):
    filed(free)
    assert refs(free, "Invoice", inside) == expected


def test_an_unknown_name_in_a_filter_is_3120(free):
    asked = "<InvoiceQueryRq><EntityFilter><FullName>Zoe</FullName></EntityFilter></InvoiceQueryRq>"
    assert free.code(asked) == 3120


def test_children_can_be_asked_for_with_their_parent(free):
    free.ask(
        account("Shopify", "Income", "Merchandise Sales")
        + item("Service", "Kit", "Merchandise Sales:Shopify", "Non")
    )
    free.done(invoice(("Kit", "3.00"), ref="K1"))
    asked = "<AccountFilter><{0}>Merchandise Sales</{0}></AccountFilter>"
    assert refs(free, "Invoice", asked.format("FullName")) == []
    assert refs(free, "Invoice", asked.format("FullNameWithChildren")) == ["K1"]


def test_one_query_finds_documents_of_all_kinds(bench):
    ids = filed(bench)
    bench.done(credit_memo(("Mug", "2.00"), ref="C1"))
    reply = bench.done("<TransactionQueryRq/>")
    assert reply.texts("TxnType") == ["SalesReceipt", "Invoice", "Invoice", "ReceivePayment", "CreditMemo"]
    assert reply.texts("Amount") == ["5.00", "6.00", "7.00", "7.00", "-2.00"]
    assert reply.texts("Memo") == ["one"]
    by_ref = "<TransactionQueryRq><RefNumber>A1</RefNumber></TransactionQueryRq>"
    assert bench.done(by_ref).texts("TxnID") == [ids["A1"], ids["a1"]]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<TxnTypeFilter>Invoice</TxnTypeFilter>", 2),
        ("<TxnTypeFilter>All</TxnTypeFilter>", 4),
    ],
)
def test_all_kinds_are_filtered_by_kind(free, inside, expected):
    filed(free)
    kinds = f"<TransactionTypeFilter>{inside}</TransactionTypeFilter>"
    reply = free.done(f"<TransactionQueryRq>{kinds}</TransactionQueryRq>")
    assert len(reply.texts("TxnID")) == expected


def test_all_kinds_can_be_seen_posting_by_posting(free):
    filed(free)
    level = "<TransactionDetailLevelFilter>All</TransactionDetailLevelFilter>"
    name = "<TransactionEntityFilter><FullName>Ada</FullName></TransactionEntityFilter>"
    amounts = free.done(f"<TransactionQueryRq>{name}{level}</TransactionQueryRq>").texts("Amount")
    assert sum(map(Decimal, amounts)) == 0
    assert len(amounts) == 4


def test_paid_and_posting_states_filter_all_kinds(free):
    filed(free)
    free.done(
        receipt(("Mug", "5.00"), ref="N1").replace("</RefNumber>", "</RefNumber><IsPending>true</IsPending>")
    )
    paid = "<TransactionQueryRq><TransactionPaidStatusFilter>Open</TransactionPaidStatusFilter></TransactionQueryRq>"
    assert free.done(paid).texts("RefNumber") == ["a1"]
    state = (
        "<TransactionQueryRq><TransactionPostingStatusFilter>NonPosting</TransactionPostingStatusFilter>"
        "</TransactionQueryRq>"
    )
    assert free.done(state).texts("RefNumber") == ["N1"]


# -- about itself --------------------------------------------------------------------------------------


def test_restore_and_condense_times_start_in_1970(bench):
    reply = bench.done("<CompanyActivityQueryRq/>")
    assert reply.text("LastRestoreTime").startswith("1970-01-01")
    assert reply.text("LastCondenseTime").startswith("1970-01-01")


def test_preferences_tell_classes_taxes_and_the_closing_date(bench):
    bench.file.preferences.closing_date = bench.now.date()
    reply = bench.done("<PreferencesQueryRq/>")
    assert reply.text("ClosingDate") == "2026-03-02"
    assert reply.text("IsUsingClassTracking") == "false"
    assert reply.text("DefaultItemSalesTaxRef/FullName") == "Tax Calculated On Invoice"
    bench.file.preferences.sales_tax = False
    assert bench.done("<PreferencesQueryRq/>").text("SalesTaxPreferences/PaySalesTax") == ""


def test_a_reference_to_a_renamed_account_shows_its_new_name(bench):
    txn_id = bench.done(receipt(("Mug", "5.00"), deposit="Checking")).text("TxnID")
    bench.file.rename_account("Checking", "Main bank", bench.now)
    reply = bench.done(f"<SalesReceiptQueryRq><TxnID>{txn_id}</TxnID></SalesReceiptQueryRq>")
    assert reply.text("DepositToAccountRef/FullName") == "Main bank"
    assert bench.code(receipt(("Mug", "5.00"), deposit="Checking")) == 3140
