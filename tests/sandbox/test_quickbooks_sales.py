"""Sales documents of the simulated QuickBooks: amounts, signs, tax, stock, and the ledger they make."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from quickbooks_bench import (
    GUID,
    Bench,
    credit_memo,
    customer,
    discount_item,
    invoice,
    line,
    named,
    receipt,
    sale,
    shop_bench,
    stock_item,
)

D = Decimal


@pytest.fixture
def bench() -> Bench:
    return shop_bench()


def receipt_of(*lines: str, **options: str) -> str:
    return sale("SalesReceipt", "".join(lines), **options)


def one(item: str, amount: str = "", **options: str) -> str:
    return line("SalesReceipt", item, amount, **options)


# -- references and roles ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{"name": "Nobody"}, {"tax": "No such tax"}, {"code": "Xyz"}, {"deposit": "Nowhere"}],
)
def test_an_unknown_reference_in_the_header_is_3140(bench, options):
    assert bench.code(receipt(("Mug", "5.00"), **options)) == 3140
    assert bench.file.documents() == []


def test_an_unknown_item_is_3140_in_quickbooks_words(bench):
    reply = bench.one(receipt(("Cup", "5.00")))
    assert reply.code == 3140
    assert reply.message == (
        'There is an invalid reference to QuickBooks Item "Cup" in the SalesReceipt line.  QuickBooks error '
        "message: Invalid argument.  The specified record does not exist in the list."
    )


def test_a_vendor_is_no_customer(bench):
    assert bench.code(receipt(("Mug", "5.00"), name="State Board of Equalization")) == 3140


@pytest.mark.parametrize("where", ["Merchandise Sales", "Accounts Receivable", "Customer Deposits"])
def test_money_cannot_be_deposited_to_an_account_of_another_type(bench, where):
    assert bench.code(receipt(("Mug", "5.00"), deposit=where)) == 3210


def test_an_invoice_needs_a_receivable_account(bench):
    text = invoice(("Mug", "5.00")).replace("<TxnDate>", named("ARAccountRef", "Checking") + "<TxnDate>")
    assert bench.code(text) == 3210


def test_an_override_account_follows_the_rules_of_items(bench):
    assert bench.code(receipt_of(one("Mug", "5.00", override="Sales Tax Payable"))) == 3210
    assert bench.code(receipt_of(one("Mug", "5.00"), one("State", "1.00", override="Service Income"))) == 3210
    bench.done(receipt_of(one("Mug", "5.00", override="Service Income")))
    assert bench.balance("Service Income") == D("-5.00")


def test_an_amount_without_item_is_3150_and_a_text_line_is_fine(bench):
    assert bench.code(receipt_of(one("", "5.00"))) == 3150
    reply = bench.done(receipt_of(one("Mug", "5.00"), one("", desc="Thank you")))
    assert reply.texts("SalesReceiptLineRet/Desc") == ["Thank you"]


def test_a_closed_day_is_3171_and_the_day_after_is_open(bench):
    bench.file.preferences.closing_date = date(2026, 2, 28)
    assert bench.code(receipt(("Mug", "5.00"), day="2026-02-28")) == 3171
    assert bench.code(receipt(("Mug", "5.00"), day="2026-03-01")) == 0


def test_a_total_below_zero_is_3180_and_zero_is_allowed(bench):
    for make in (receipt, invoice, credit_memo):
        assert bench.code(make(("Mug", "-0.01"))) == 3180
        assert bench.code(make(("Mug", "0.00"))) == 0
    assert [one.total for one in bench.file.documents()] == [D("0.00")] * 3


def test_fields_that_the_american_edition_lacks_are_3250():
    bench = shop_bench(xsd=None)
    text = receipt(("Mug", "5.00"))
    tail = "<ShippingLineAdd><Amount>1.00</Amount></ShippingLineAdd></SalesReceiptAdd>"
    assert bench.code(text.replace("</SalesReceiptAdd>", tail)) == 3250
    assert bench.code(text.replace("</Amount>", "</Amount><TaxAmount>1.00</TaxAmount>")) == 3250


# -- amounts -------------------------------------------------------------------------------------------


def test_an_amount_gives_the_rate_and_quantity_times_rate_the_amount(bench):
    reply = bench.done(
        receipt_of(
            one("Mug", "10.00", quantity="3"),
            one("Mug", quantity="3", rate="3.335"),
            one("Mug", quantity="2"),
        )
    )
    assert reply.texts("SalesReceiptLineRet/Amount") == ["10.00", "10.01", "10.00"]
    assert reply.texts("SalesReceiptLineRet/Rate") == ["3.33333", "3.335", "5.00"]


def test_an_amount_wins_over_a_rate_with_a_warning(bench):
    reply = bench.one(receipt_of(one("Mug", "9.00", quantity="2", rate="5.00")))
    assert (reply.code, reply.severity) == (530, "Warn")
    assert reply.text("SalesReceiptLineRet/Amount") == "9.00"
    assert bench.balance("Merchandise Sales") == D("-9.00")


def test_a_receipt_posts_item_by_item_and_the_total_where_it_is_deposited(bench):
    bench.done(receipt(("Mug", "10.00"), ("Shipping", "4.50"), deposit="Checking"))
    assert bench.file.trial_balance() == {
        "Checking": D("14.50"),
        "Merchandise Sales": D("-10.00"),
        "Shipping and Delivery Income": D("-4.50"),
    }


def test_money_goes_to_undeposited_funds_unless_stated(bench):
    bench.done(receipt(("Mug", "10.00")))
    assert bench.balance("Undeposited Funds") == D("10.00")


def test_an_invoice_is_owed_and_a_credit_memo_owes(bench):
    bench.done(invoice(("Mug", "10.00")))
    reply = bench.done(credit_memo(("Mug", "4.00")))
    assert reply.text("CreditRemaining") == "4.00"
    assert bench.balance("Accounts Receivable") == D("6.00")
    shown = bench.done("<CustomerQueryRq><FullName>Ada</FullName></CustomerQueryRq>")
    assert shown.text("Balance") == "6.00"


def test_a_discount_lowers_the_total_whatever_sign_was_sent(bench):
    reply = bench.done(receipt(("Mug", "10.00"), ("Discount", "-2.00"), ("Discount", "1.00")))
    assert reply.texts("SalesReceiptLineRet/Amount") == ["10.00", "-2.00", "-1.00"]
    assert reply.text("TotalAmount") == "7.00"
    assert bench.balance("Sales Discounts") == D("3.00")


def test_a_discount_in_percent_is_taken_of_the_line_above(bench):
    bench.done(discount_item("Ten", "<DiscountRatePercent>10</DiscountRatePercent>"))
    reply = bench.done(receipt_of(one("Mug", "10.00"), one("Mug", "20.00"), one("Subtotal"), one("Ten")))
    assert reply.texts("SalesReceiptLineRet/Amount") == ["10.00", "20.00", "30.00", "-3.00"]


def test_a_quantity_on_a_discount_is_3210(bench):
    assert bench.code(receipt_of(one("Mug", "10.00"), one("Discount", "-2.00", quantity="1"))) == 3210


def test_a_payment_item_is_money_received(bench):
    bench.done(sale("Invoice", line("Invoice", "Mug", "10.00") + line("Invoice", "Gift card paid", "4.00")))
    assert bench.balance("Undeposited Funds") == D("4.00")
    assert bench.balance("Accounts Receivable") == D("6.00")


# -- tax -----------------------------------------------------------------------------------------------


def test_tax_is_one_rate_on_the_taxable_sum_rounded_once(bench):
    reply = bench.done(receipt(("Taxed mug", "0.07"), ("Taxed mug", "0.07"), ("Mug", "50.00"), tax="State"))
    assert reply.text("SalesTaxTotal") == "0.01"
    assert reply.text("TotalAmount") == "50.15"
    assert bench.document(reply.text("TxnID")).postings[-1] == (
        "Sales Tax Payable",
        D("-0.01"),
        "State Board of Equalization",
    )


def test_without_a_stated_tax_item_the_customers_then_the_companys_default_taxes(bench):
    bench.file.preferences.tax_item = bench.file.find("ItemSalesTax", "", "State").list_id
    bench.done(customer("Eve", named("ItemSalesTaxRef", "City")))
    stated = bench.done(receipt(("Taxed mug", "100.00"), tax="Tax Calculated On Invoice"))
    assert stated.text("SalesTaxTotal") == "0.00"
    assert bench.done(receipt(("Taxed mug", "100.00"))).text("SalesTaxTotal") == "7.25"
    assert bench.done(receipt(("Taxed mug", "100.00"), name="Eve")).text("SalesTaxTotal") == "1.00"


def test_a_customer_who_is_not_taxed_pays_none(bench):
    reply = bench.done(receipt(("Taxed mug", "100.00"), tax="State", code="Non"))
    assert reply.text("SalesTaxTotal") == "0.00"


def test_an_item_without_a_stated_code_is_taxed_by_default(bench):
    bench.done(discount_item("D2").replace(named("SalesTaxCodeRef", "Non"), ""))
    reply = bench.done(receipt(("Taxed mug", "100.00"), ("D2", "-10.00"), tax="State"))
    assert reply.text("SalesTaxTotal") == "6.53"


def test_with_sales_tax_off_stating_a_tax_is_3250(bench):
    bench.file.preferences.sales_tax = False
    assert bench.code(receipt(("Mug", "5.00"), tax="Tax Calculated On Invoice")) == 3250
    assert bench.code(receipt(("Mug", "5.00"), code="Non")) == 3250
    assert bench.code(receipt_of(one("Mug", "5.00", code="Non"))) == 3250
    assert bench.done(receipt(("Taxed mug", "5.00"))).text("SalesTaxTotal") == "0.00"


def test_a_tax_line_posts_to_sales_tax_payable_by_agency(bench):
    reply = bench.done(receipt(("Mug", "10.00"), ("State", "0.73"), ("City", "0.10")))
    assert reply.text("TotalAmount") == "10.83"
    rows = [row for row in bench.document(reply.text("TxnID")).postings if row[0] == "Sales Tax Payable"]
    assert rows == [
        ("Sales Tax Payable", D("-0.73"), "State Board of Equalization"),
        ("Sales Tax Payable", D("-0.10"), "City Department of Revenue"),
    ]


@pytest.mark.parametrize(
    ("above", "sent", "booked"),
    [
        ("10.00", "-0.73", "0.73"),
        ("10.00", "0.73", "0.73"),
        ("-3.00", "0.73", "-0.73"),
        ("0.00", "-0.73", "0.73"),
    ],
)
def test_a_tax_line_takes_the_sign_of_the_line_directly_above(bench, above, sent, booked):
    reply = bench.done(receipt(("Mug", "20.00"), ("Mug", above), ("State", sent)))
    assert reply.texts("SalesReceiptLineRet/Amount")[-1] == booked


def test_a_second_tax_line_takes_the_sign_of_the_first(bench):
    reply = bench.done(receipt(("Mug", "20.00"), ("Discount", "-3.00"), ("State", "0.73"), ("City", "0.10")))
    assert reply.texts("SalesReceiptLineRet/Amount")[-2:] == ["-0.73", "-0.10"]


def test_a_subtotal_line_counts_with_the_sign_of_its_sum(bench):
    reply = bench.done(
        receipt_of(one("Mug", "20.00"), one("Discount", "-3.00"), one("Subtotal"), one("State", "1.23"))
    )
    assert reply.texts("SalesReceiptLineRet/Amount") == ["20.00", "-3.00", "17.00", "1.23"]
    assert reply.text("TotalAmount") == "18.23"


def test_a_text_line_between_does_not_hide_the_sign_above(bench):
    reply = bench.done(
        receipt_of(one("Mug", "20.00"), one("Discount", "-3.00"), one("", desc="tax"), one("State", "1.23"))
    )
    assert reply.texts("SalesReceiptLineRet/Amount")[-1] == "-1.23"


def test_a_tax_line_without_amount_computes_by_itself_once(bench):
    lines = one("Mug", "100.00") + one("Subtotal") + one("State")
    assert bench.done(receipt_of(lines)).texts("SalesReceiptLineRet/Amount")[-1] == "7.25"
    assert bench.code(receipt_of(lines, one("City"))) == 3180


def test_a_credit_memo_gives_the_tax_back(bench):
    bench.done(credit_memo(("Mug", "10.00"), ("State", "0.73")))
    assert bench.balance("Sales Tax Payable") == D("0.73")
    assert bench.balance("Accounts Receivable") == D("-10.73")


# -- stock ---------------------------------------------------------------------------------------------


def test_selling_stock_posts_its_average_cost_by_itself(bench):
    bench.done(stock_item("Bowl", "10", "4.00"))
    bench.done(receipt_of(one("Bowl", "30.00", quantity="3")))
    assert bench.balance("Cost of Goods Sold") == D("12.00")
    assert bench.balance("Inventory Asset") == D("28.00")
    assert bench.file.on_hand("Bowl").quantity == 7


def test_a_credit_memo_brings_stock_back_at_average_cost(bench):
    bench.done(stock_item("Bowl", "10", "4.00"))
    bench.done(sale("CreditMemo", line("CreditMemo", "Bowl", "10.00", quantity="1")))
    assert bench.balance("Cost of Goods Sold") == D("-4.00")
    assert bench.file.on_hand("Bowl").quantity == 11


def test_stock_may_go_below_zero_at_the_last_known_cost(bench):
    bench.done(stock_item("Bowl", "", "4.00"))
    bench.done(receipt_of(one("Bowl", "20.00", quantity="2")))
    assert bench.balance("Inventory Asset") == D("-8.00")
    assert bench.file.on_hand("Bowl").quantity == -2


def test_selling_everything_leaves_no_cents_in_the_asset(bench):
    text = stock_item("Bowl", "3").replace("<PurchaseCost>4.00</PurchaseCost>", "")
    bench.done(text.replace("</QuantityOnHand>", "</QuantityOnHand><TotalValue>10.00</TotalValue>"))
    for _ in range(3):
        bench.done(receipt_of(one("Bowl", "5.00", quantity="1")))
    assert bench.balance("Inventory Asset") == 0
    assert bench.balance("Cost of Goods Sold") == D("10.00")


# -- headers -------------------------------------------------------------------------------------------


def test_a_document_is_echoed_whole(bench):
    reply = bench.done(
        receipt(
            ("Mug", "5.00"),
            memo="#1001 [qbc1/oak/agreement/1/1/0]",
            inside=f"<ExternalGUID>{GUID}</ExternalGUID>",
        )
    )
    filed = bench.document(reply.text("TxnID"))
    assert (filed.ref_number, filed.memo, filed.external_guid) == (
        "1001",
        "#1001 [qbc1/oak/agreement/1/1/0]",
        GUID,
    )
    assert reply.text("ExternalGUID") == GUID
    assert reply.text("CustomerRef/FullName") == filed.customer == "Ada"
    assert reply.text("TxnNumber") == "1"
    assert reply.text("TimeCreated") == "2026-03-02T12:00:00+00:00"


def test_without_a_number_quickbooks_counts_on_and_an_empty_one_stays_empty(bench):
    bench.done(receipt(("Mug", "5.00"), ref="41"))
    assert bench.done(receipt(("Mug", "5.00"), ref="")).text("RefNumber") == "42"
    blank = receipt(("Mug", "5.00"), ref="").replace("</TxnDate>", "</TxnDate><RefNumber></RefNumber>")
    assert bench.document(bench.done(blank).text("TxnID")).ref_number == ""
    assert bench.done(invoice(("Mug", "5.00"), ref="")).text("RefNumber") == "1"


def test_without_a_date_the_last_one_used_is_taken_until_the_session_ends(bench):
    bench.done(receipt(("Mug", "5.00"), day="2026-01-15"))
    assert bench.done(receipt(("Mug", "5.00"), day="")).text("TxnDate") == "2026-01-15"
    bench.qb.reopen()
    assert bench.done(receipt(("Mug", "5.00"), day="")).text("TxnDate") == "2026-03-02"


def test_the_class_of_the_header_holds_for_its_lines(bench):
    bench.file.preferences.class_tracking = True
    bench.done("<ClassAddRq><ClassAdd><Name>Web</Name></ClassAdd></ClassAddRq>")
    text = receipt(("Mug", "5.00")).replace("<TxnDate>", named("ClassRef", "Web") + "<TxnDate>")
    assert bench.done(text).text("SalesReceiptLineRet/ClassRef/FullName") == "Web"


def test_a_class_on_a_line_is_dropped_with_a_warning_while_classes_are_off(bench):
    text = receipt(("Mug", "5.00")).replace("<Amount>", named("ClassRef", "Web") + "<Amount>")
    reply = bench.one(text)
    assert reply.code == 530
    assert bench.document(reply.text("TxnID")).total == D("5.00")


def test_a_pending_sale_posts_nothing(bench):
    text = receipt(("Mug", "5.00"), inside="").replace(
        "</RefNumber>", "</RefNumber><IsPending>true</IsPending>"
    )
    bench.done(text)
    assert bench.file.trial_balance() == {}


def test_a_credit_can_be_used_while_invoicing():
    bench = shop_bench(xsd=None)
    memo = bench.done(credit_memo(("Mug", "4.00"))).text("TxnID")
    used = f"<SetCredit><CreditTxnID>{memo}</CreditTxnID><AppliedAmount>{{}}</AppliedAmount></SetCredit>"
    assert bench.code(invoice(("Mug", "3.00"), inside=used.format("4.00"))) == 3210
    reply = bench.done(invoice(("Mug", "10.00"), inside=used.format("4.00")))
    assert reply.text("BalanceRemaining") == "6.00"
    assert bench.document(memo).open == 0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<Amount>5.00", "<Amount>5.0", 3040),
        ("2026-03-02", "2026-02-30", 3020),
        ("<SalesReceiptLineAdd>", "<Nothing>", 3150),
        ("<RefNumber>", "<LinkToTxnID>1-1</LinkToTxnID><RefNumber>", 3120),
        (
            "<SalesReceiptLineAdd>",
            "<SalesReceiptLineGroupAdd></SalesReceiptLineGroupAdd><SalesReceiptLineAdd>",
            3140,
        ),
        ("<CustomerRef><FullName>Ada</FullName></CustomerRef>", "<CustomerRef><FullName/></CustomerRef>", 0),
    ],
)
def test_without_a_schema_sales_are_still_checked(old, new, code):
    bench = shop_bench(xsd=None)
    text = receipt(("Mug", "5.00")).replace(old, new)
    assert (
        bench.code(text.replace("</SalesReceiptLineAdd>", "</Nothing>") if new == "<Nothing>" else text)
        == code
    )


def test_a_company_without_a_default_tax_item_taxes_nothing_unstated(bench):
    bench.file.preferences.tax_item = ""
    reply = bench.done(receipt(("Taxed mug", "5.00")))
    assert reply.text("SalesTaxTotal") == "0.00"
    assert reply.text("ItemSalesTaxRef/FullName") == ""


def test_an_invoice_without_customer_is_3150():
    assert shop_bench(xsd=None).code(invoice(("Mug", "5.00"), name="")) == 3150
