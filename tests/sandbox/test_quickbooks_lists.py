"""List records: names, limits, references and account roles of the simulated QuickBooks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from quickbooks_bench import (
    Bench,
    account,
    customer,
    discount_item,
    item,
    named,
    receipt,
    shop_bench,
    stock_item,
    tax_item,
    vendor,
)


def test_an_added_record_answers_with_its_ids():
    reply = Bench().done(customer("Ada"))
    assert reply.text("ListID").startswith("8000")
    assert reply.text("EditSequence") == "1772452800"
    assert reply.text("TimeCreated") == "2026-03-02T12:00:00+00:00"


def test_names_are_shared_by_customers_vendors_and_employees_in_any_case():
    bench = Bench()
    bench.done(customer("Ada"))
    bench.file.add_name("Employee", "Grace", bench.now)
    assert bench.code(vendor("ADA")) == 3100
    assert bench.code(customer("grace")) == 3100


def test_an_inactive_record_still_blocks_its_name():
    bench = Bench()
    bench.done(customer("Ada"))
    bench.file.set_active("Customer", "Ada", active=False, now=bench.now)
    assert bench.code(vendor("Ada")) == 3100


def test_items_of_all_kinds_share_their_names_and_not_with_people():
    bench = Bench()
    bench.done(item("Service", "Mug", "Merchandise Sales"))
    assert bench.code(discount_item("mug")) == 3100
    assert bench.code(customer("Mug")) == 0


def test_names_are_trimmed():
    bench = Bench()
    bench.done(customer("  Ada "))
    assert bench.code(customer("Ada")) == 3100


def test_a_colon_in_a_name_is_3090():
    assert Bench().code(customer("Ada: Job")) == 3090


def test_a_blank_name_is_3150():
    assert Bench().code(customer("  ")) == 3150


def test_children_are_named_by_their_parents():
    bench = Bench()
    bench.done(account("Sales", "Income"))
    reply = bench.done(account("Shopify", "Income", "Sales"))
    assert reply.text("FullName") == "Sales:Shopify"
    assert reply.text("Sublevel") == "1"
    assert bench.code(account("Shopify", "Income")) == 0


def test_an_unknown_parent_is_3140():
    assert Bench().code(account("Shopify", "Income", "Nowhere")) == 3140


def test_a_parent_of_another_type_is_3210():
    assert Bench().code(account("Shopify", "Income", "Checking")) == 3210


def test_an_account_number_of_8_digits_is_3070_and_a_used_one_3100():
    bench = Bench(xsd=None)
    text = account("A", "Income").replace("</AccountType>", "</AccountType><AccountNumber>{}</AccountNumber>")
    assert bench.code(text.format("12345678")) == 3070
    assert bench.code(text.format("4000")) == 0
    assert bench.code(text.replace("<Name>A<", "<Name>B<").format("4000")) == 3100


@pytest.mark.parametrize(
    "where",
    ["Accounts Receivable", "Accounts Payable", "Sales Tax Payable", "Undeposited Funds", "Purchase Orders"],
)
def test_an_item_may_not_post_to_accounts_quickbooks_keeps(where):
    assert Bench().code(item("OtherCharge", "Tip", where)) == 3210


def test_an_item_may_post_to_an_ordinary_liability():
    assert Bench().code(item("OtherCharge", "Tip", "Customer Deposits")) == 0


def test_an_item_with_an_unknown_account_is_3140_in_quickbooks_words():
    reply = Bench().one(item("Service", "Mug", "Nowhere"))
    assert reply.code == 3140
    assert reply.message.startswith('There is an invalid reference to QuickBooks Account "Nowhere" in the')


def test_an_item_without_account_is_3150():
    assert Bench().code(item("Service", "Mug", "")) == 3150
    assert Bench().code(discount_item("D").replace(named("AccountRef", "Sales Discounts"), "")) == 3150


@pytest.mark.parametrize(
    ("tag", "name", "code"),
    [
        ("AssetAccountRef", "Inventory Asset", 3180),
        ("COGSAccountRef", "Cost of Goods Sold", 3150),
        ("IncomeAccountRef", "Merchandise Sales", 3150),
    ],
)
def test_an_inventory_item_needs_all_three_accounts_of_the_right_type(tag, name, code):
    text = stock_item("Mug")
    assert Bench().code(text.replace(named(tag, name), "")) == code
    assert Bench().code(text.replace(named(tag, name), named(tag, "Checking"))) == 3210


def test_opening_stock_is_posted_against_opening_balance_equity():
    bench = Bench()
    bench.done(stock_item("Mug", "10"))
    assert bench.file.on_hand("Mug").quantity == 10
    assert bench.balance("Inventory Asset") == Decimal("40.00")
    assert bench.balance("Opening Balance Equity") == Decimal("-40.00")


def test_an_opening_balance_of_an_account_is_posted_in_its_natural_sign():
    bench = Bench(xsd=None)
    text = account("Loan", "LongTermLiability").replace(
        "</AccountType>", "</AccountType><OpenBalance>90.00</OpenBalance>"
    )
    bench.done(text)
    assert bench.balance("Loan") == Decimal("-90.00")
    assert bench.done("<AccountQueryRq><FullName>Loan</FullName></AccountQueryRq>").text("Balance") == "90.00"


def test_a_tax_item_with_a_rate_needs_an_agency():
    bench = Bench()
    assert bench.code(tax_item("State", "7.25", "")) == 3150
    assert bench.code(tax_item("Zero", "0", "")) == 0
    assert bench.code(tax_item("State", "7.25", "Nobody")) == 3140


def test_a_vendor_becomes_a_tax_agency_by_its_tax_item():
    bench = Bench()
    bench.ask(vendor("Province") + tax_item("P", "5", "Province"))
    reply = bench.done("<VendorQueryRq><FullName>Province</FullName></VendorQueryRq>")
    assert reply.text("IsTaxAgency") == "true"


def test_with_sales_tax_off_tax_items_and_tax_references_are_3250():
    bench = Bench()
    bench.file.preferences.sales_tax = False
    assert bench.code(tax_item("State", "7.25")) == 3250
    assert bench.code(item("Service", "Mug", "Merchandise Sales", "Non")) == 3250
    assert bench.code(customer("Ada", named("SalesTaxCodeRef", "Tax"))) == 3250
    assert bench.code(customer("Ada")) == 0


def test_a_tax_code_has_three_letters_and_says_whether_it_taxes():
    bench = Bench(xsd=None)
    text = "<SalesTaxCodeAddRq><SalesTaxCodeAdd><Name>{}</Name>{}</SalesTaxCodeAdd></SalesTaxCodeAddRq>"
    assert bench.code(text.format("Free", "<IsTaxable>0</IsTaxable>")) == 3070
    assert bench.code(text.format("Fre", "")) == 3150
    assert bench.done(text.format("Fre", "<IsTaxable>0</IsTaxable>")).text("IsTaxable") == "false"


def test_a_class_reference_is_dropped_with_a_warning_while_classes_are_off():
    bench = Bench()
    bench.done("<ClassAddRq><ClassAdd><Name>Web</Name></ClassAdd></ClassAddRq>")
    reply = bench.one(customer("Ada", named("ClassRef", "Web")))
    assert (reply.code, reply.severity) == (530, "Warn")
    assert reply.text("ClassRef/FullName") == ""
    bench.file.preferences.class_tracking = True
    assert bench.done(customer("Bob", named("ClassRef", "Web"))).text("ClassRef/FullName") == "Web"
    assert bench.code(customer("Eve", named("ClassRef", "Nowhere"))) == 3140


def test_a_reference_by_id_wins_over_its_name():
    bench = Bench()
    bench.ask(customer("Ada") + customer("Bob"))
    found = bench.done("<CustomerQueryRq><FullName>Bob</FullName></CustomerQueryRq>").text("ListID")
    bench.done(item("Service", "Mug", "Merchandise Sales", "Non"))
    text = receipt(("Mug", "5.00"))
    both = f"<CustomerRef><ListID>{found}</ListID><FullName>Ada</FullName></CustomerRef>"
    assert bench.done(text.replace(named("CustomerRef", "Ada"), both)).text("CustomerRef/FullName") == "Bob"


def test_the_edition_limits_the_names_of_all_lists_together():
    bench = Bench()
    assert bench.file.limits["Entity"] == 14_500
    assert Bench(edition="Enterprise").file.limits["Entity"] == 1_000_000
    bench.file.limits["Entity"] = len(bench.file.listed("Entity")) + 1
    bench.done(vendor("Ada"))
    reply = bench.one(customer("Bob"))
    assert reply.code == 3180
    assert "maximum number" in reply.message


def test_adds_answer_with_the_elements_asked_for():
    text = customer("Ada").replace(
        "</CustomerAdd>", "</CustomerAdd><IncludeRetElement>ListID</IncludeRetElement>"
    )
    reply = Bench().done(text)
    assert [one.tag for one in reply.element[0]] == ["ListID"]


def test_terms_and_payment_methods_are_lists_of_their_own():
    bench = Bench()
    terms = (
        "<StandardTermsAddRq><StandardTermsAdd><Name>Visa</Name><StdDueDays>7</StdDueDays></StandardTermsAdd>"
        "</StandardTermsAddRq>"
    )
    method = "<PaymentMethodAddRq><PaymentMethodAdd><Name>{}</Name></PaymentMethodAdd></PaymentMethodAddRq>"
    assert bench.done(terms).text("StdDueDays") == "7"
    assert bench.code(method.format("Visa")) == 3100
    assert bench.code(method.format("PayPal")) == 0


def test_the_almost_empty_file_has_only_the_accounts_quickbooks_makes():
    bench = Bench(bare=True)
    assert "Checking" not in bench.file.listed("Account")
    assert {"Accounts Receivable", "Undeposited Funds", "Sales Tax Payable"} < set(
        bench.file.listed("Account")
    )
    assert bench.file.listed("Item") == {}


def test_a_new_file_has_what_a_shop_needs():
    file = shop_bench().file
    assert {"Checking", "Merchandise Sales", "Inventory Asset"} < set(file.listed("Account"))
    assert "Tax Calculated On Invoice" in file.listed("ItemSalesTax")
    assert list(file.listed("Vendor")) == ["State Board of Equalization", "City Department of Revenue"]


def test_an_opening_balance_in_a_closed_period_leaves_no_record_behind():
    bench = Bench()
    bench.file.preferences.closing_date = bench.now.date()
    assert bench.code(stock_item("Mug", "10")) == 3171
    assert bench.file.listed("ItemInventory") == {}
    assert bench.code(stock_item("Mug")) == 0


def test_an_item_may_be_bought_as_well_as_sold():
    both = (
        "<ItemNonInventoryAddRq><ItemNonInventoryAdd><Name>Mug</Name><SalesAndPurchase><SalesDesc>A mug</SalesDesc>"
        f"<SalesPrice>9</SalesPrice>{named('IncomeAccountRef', 'Merchandise Sales')}<PurchaseCost>4.5</PurchaseCost>"
        f"{named('ExpenseAccountRef', 'Purchases')}{{}}</SalesAndPurchase></ItemNonInventoryAdd></ItemNonInventoryAddRq>"
    )
    bench = Bench()
    assert bench.code(both.format(named("PrefVendorRef", "Nobody"))) == 3140
    assert bench.code(both.format("").replace(named("IncomeAccountRef", "Merchandise Sales"), "")) == 3150
    reply = bench.done(both.format(named("PrefVendorRef", "City Department of Revenue")))
    assert (reply.text("SalesPrice"), reply.text("PurchaseCost")) == ("9.00", "4.50")
    bench.done(customer("Ada"))
    sold = bench.done(receipt(("Mug", "5.00")))
    assert sold.text("SalesReceiptLineRet/Desc") == "A mug"


def test_a_payment_item_deposits_to_a_money_account():
    text = "<ItemPaymentAddRq><ItemPaymentAdd><Name>Cash paid</Name>{}</ItemPaymentAdd></ItemPaymentAddRq>"
    bench = Bench()
    assert bench.code(text.format(named("DepositToAccountRef", "Merchandise Sales"))) == 3210
    assert bench.code(text.format(named("DepositToAccountRef", "Checking"))) == 0


def test_a_bar_code_is_kept():
    code = "<BarCode><BarCodeValue>4006381333931</BarCodeValue></BarCode>"
    reply = Bench().done(item("Service", "Mug", "Merchandise Sales").replace("</Name>", f"</Name>{code}"))
    assert reply.text("BarCodeValue") == "4006381333931"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<IsActive>true", "<IsActive>perhaps", 3010),
        ("<Price>5.00", "<Price>five", 3045),
        ("<SalesOrPurchase>", "<Nothing>", 3150),
        ("ItemServiceAdd>", "Other>", 3150),
    ],
)
def test_without_a_schema_types_are_still_checked(old, new, code):
    text = item("Service", "Mug", "Merchandise Sales").replace("</Name>", "</Name><IsActive>true</IsActive>")
    text = text.replace(old, new).replace(old.replace("<", "</"), new.replace("<", "</"))
    bench = Bench(xsd=None)
    assert bench.code(text) == code
    assert bench.file.listed("ItemService") == {}


def test_an_account_without_type_and_a_customer_with_opening_balance():
    bench = Bench(xsd=None)
    assert bench.code(account("A", "")) == 3150
    assert bench.code(customer("Ada", "<OpenBalance>5.00</OpenBalance>")) == 530
