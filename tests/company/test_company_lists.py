"""Lists are looked up as QuickBooks would: without case, inactive records hold their names."""

import pytest

from qbconsole.company import (
    Account,
    Chart,
    Company,
    Customer,
    Entries,
    Entry,
    Item,
    Items,
    Names,
    Ref,
    Vendor,
)


def account(full_name, **kw):
    return Account(list_id=f"id-{full_name}", full_name=full_name, account_type="Income", **kw)


def item(full_name, **kw):
    name = full_name.rpartition(":")[2]
    return Item(kind="ItemService", list_id=f"id-{full_name}", full_name=full_name, name=name, **kw)


CHART = Chart(
    (
        account("Sales", number="4000"),
        account("Sales:Shopify", number="4010"),
        account("Old", number="4010", is_active=False),
        account("*Undeposited Funds", special_account_type="UndepositedFunds"),
    ),
    known=True,
)


@pytest.mark.parametrize(
    "text",
    ["sales:SHOPIFY", "Sales : Shopify", " 4010 ", "4000 · Sales:4010 · Shopify", "Sales:4010 · Shopify"],
)
def test_a_mapping_may_name_an_account_in_every_usual_way(text):
    assert CHART.find(text).full_name == "Sales:Shopify"


@pytest.mark.parametrize("text", ["Nowhere", "9999", "4000 · Shopify", "4099 · Sales", "", "·", " · "])
def test_a_name_that_is_not_there_finds_nothing(text):
    assert CHART.find(text) is None


def test_special_accounts_are_found_by_type_whatever_their_name():
    assert CHART.by_special("UndepositedFunds").full_name == "*Undeposited Funds"
    assert CHART.by_special("SalesTaxPayable") is None


def test_an_active_account_wins_its_number_over_an_inactive_one():
    assert CHART.by_number("4010").full_name == "Sales:Shopify"
    assert Chart((account("Old", number="1", is_active=False),)).by_number("1").full_name == "Old"


def test_accounts_are_found_by_id_and_counted():
    assert CHART.by_id("id-Sales").full_name == "Sales"
    assert CHART.by_id("x") is None
    assert len(CHART) == len(list(CHART)) == 4


def test_a_sku_is_matched_against_the_field_the_merchant_chose():
    items = Items(
        (
            item("Goods:MUG", manufacturer_part_number="M-1", barcode="400"),
            item("Sale:Mug", manufacturer_part_number="m-1", is_active=False),
            item("CUP"),
        )
    )
    assert [one.full_name for one in items.by_sku("mug", "name")] == ["Goods:MUG", "Sale:Mug"]
    assert [one.full_name for one in items.by_sku("sale:mug", "name")] == ["Sale:Mug"]
    assert [one.full_name for one in items.by_sku("M-1", "manufacturer_part_number")] == [
        "Goods:MUG",
        "Sale:Mug",
    ]
    assert [one.full_name for one in items.by_sku("400", "barcode")] == ["Goods:MUG"]
    assert items.by_sku("", "barcode") == ()
    assert items.by_name("cup").full_name == "CUP"
    assert items.by_id("id-CUP").full_name == "CUP"
    assert len(items) == len(list(items)) == 3


NAMES = Names(
    (
        Customer(list_id="1", full_name="Ann", name="Ann", email="ann@x.org", is_active=False),
        Customer(list_id="2", full_name="Ann 2", name="Ann 2", email="ANN@x.org "),
    ),
    (Vendor(list_id="3", full_name="Bolt"),),
    (Entry(kind="Employee", list_id="4", full_name="Cy"),),
    known=True,
)


def test_a_name_is_taken_by_customers_vendors_employees_and_inactive_ones():
    assert NAMES.holder("ANN").list_id == "1"
    assert NAMES.holder("bolt").list_id == "3"
    assert NAMES.holder("cy").list_id == "4"
    assert NAMES.holder("Dan") is None
    assert NAMES.customer("bolt") is None
    assert NAMES.vendor("bolt").list_id == "3"
    assert NAMES.vendor("ann") is None
    assert NAMES.customer("ann").list_id == "1"
    assert NAMES.by_id("4").full_name == "Cy"
    assert len(NAMES) == 4


def test_customers_with_one_address_come_active_ones_first():
    assert [one.list_id for one in NAMES.by_email("ann@X.org")] == ["2", "1"]
    assert NAMES.by_email("") == ()


def test_short_lists_are_looked_up_by_name_and_id():
    codes = Entries((Entry(kind="SalesTaxCode", list_id="1", full_name="Non", is_taxable=False),), known=True)
    assert codes.by_name("NON").is_taxable is False
    assert codes.by_id("1").full_name == "Non"
    assert codes.by_name("Tax") is None
    assert len(codes) == len(list(codes)) == 1


def test_a_list_that_was_never_read_says_so():
    company = Company(name="Oak")
    assert not company.chart.known
    assert not company.items.known
    assert not company.names.known
    assert not company.classes.known
    assert company.fiscal_first_month == 1
    assert company.fullness() == ()


def test_equal_lists_are_equal():
    assert Chart(CHART.accounts, known=True) == CHART
    assert Chart(CHART.accounts) != CHART


def test_an_empty_reference_is_falsy_and_shows_nothing():
    assert not Ref()
    assert str(Ref()) == ""
    assert str(Ref("80-1", "Sales")) == "Sales"
    assert str(Ref("80-1")) == "80-1"
