"""Terms, reps, ways of shipping, forms, messages, sites, memos: who names them, on which documents and days."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from qbconsole.books.documents.fields import FIELDS, HEAD, NAMED_KINDS
from qbconsole.books.plan import DocumentKind
from qbconsole.rules.mapping.read import faults_of
from qbconsole.shop.orders import Terms

RECEIPT, INVOICE = DocumentKind.SALES_RECEIPT, DocumentKind.INVOICE


def test_the_kinds_with_a_form_and_a_message_are_those_that_have_the_fields():
    assert {kind.value for kind in FIELDS["template"].kinds} == set(NAMED_KINDS)
    assert [field.name for field in HEAD[DocumentKind.ESTIMATE]] == [
        "terms",
        "sales_rep",
        "template",
        "customer_message",
    ]
    assert HEAD[DocumentKind.DEPOSIT] == ()


def test_a_merchant_that_names_nothing_says_nothing(world):
    asking = world.asking()
    assert [asking.field(name, world.order(), INVOICE) for name in FIELDS] == [None] * len(FIELDS)


# -- terms -------------------------------------------------------------------------------------------

TERMS = """[defaults.terms]
names = { "net 30" = "Net 30 Days", "*" = "As agreed" }
companies = { Acme = "Net 45", "Acme Leeds" = "Net 10" }
buyers = { "ann@example.com" = "Net 15", "77" = "Net 7" }
"""


def test_terms_are_the_buyers_the_companys_or_shopifys_by_another_name(world):
    asking = world.asking(TERMS)

    def named(terms: str | None, **buyer):
        order = world.order(terms=Terms(name=terms) if terms else None, buyer=world.buyer(**buyer))
        choice = asking.field("terms", order, INVOICE)
        return choice.value if choice else None

    assert named("Net 30") == "Net 30 Days"
    assert named("Net 60") == "As agreed"
    assert named("Net 30", company="ACME") == "Net 45"
    assert named("Net 30", company="Acme", company_location="Acme Leeds") == "Net 10"
    assert named("Net 30", company="Acme", email="Ann@example.com") == "Net 15"
    assert named(None, id="77") == "Net 7"
    assert named(None) is None


def test_where_nobody_names_terms_shopifys_own_stand_and_say_so(world):
    choice = world.asking().field("terms", world.order(terms=Terms(name="Net 30")), INVOICE)
    assert (choice.value, choice.by.place) == ("Net 30", "the order's own terms")
    assert world.asking().field("terms", world.order(terms=Terms(name="")), INVOICE) is None


# -- reps, ways of shipping, sites, documents -----------------------------------------------------------


def test_a_sales_rep_comes_by_staff_location_channel_or_the_one_for_all(world):
    asking = world.asking(
        """[defaults.sales_reps]
sale = "WEB"
staff = { "Jo Doe" = "JD" }
locations = { leeds = "LD" }
channels = { POS = "ST" }
[[merchants.oak.rules]]
when = { tag = "vip" }
sales_rep = "VIP"
"""
    )

    def named(**order):
        return asking.field("sales_rep", world.order(**order), RECEIPT).value

    assert named(staff="Jo Doe", location="Leeds", source="pos", tags=("VIP",)) == "VIP"
    assert named(staff="Jo Doe", location="Leeds", source="pos") == "JD"
    assert named(location="Leeds", source="pos") == "LD"
    assert named(source="pos") == "ST"
    assert named() == "WEB"


def test_a_ship_method_comes_by_the_title_of_a_line_that_still_stands(world):
    asking = world.asking('[defaults.ship_methods]\nStandard = "UPS"\n"*" = "USPS"\n')

    def named(*titles):
        choice = asking.field("ship_method", world.order(shipping=world.shipping(*titles)), RECEIPT)
        return choice.value if choice else None

    assert named("standard") == "UPS"
    assert named("Overnight", "Standard") == "UPS"
    assert named("Overnight") == "USPS"
    assert named() is None


def test_a_site_comes_by_location(world):
    asking = world.asking('[defaults.sites]\nLeeds = "Leeds Store"\n"*" = "Main"\n')
    assert asking.field("site", world.order(location="LEEDS"), RECEIPT).value == "Leeds Store"
    assert asking.field("site", world.order(), RECEIPT).value == "Main"


def test_what_a_sale_becomes_may_go_by_place(world):
    asking = world.asking('[defaults.documents]\nchannels = { POS = "SalesReceipt" }\nsale = "Invoice"\n')
    assert asking.document(world.order()).value == "Invoice"
    assert asking.document(world.order(source="pos")).value == "SalesReceipt"
    assert world.asking().document(world.order()).value == "SalesReceipt"


# -- by kind of document ------------------------------------------------------------------------------


def test_a_form_message_and_memo_are_named_for_each_kind_of_document(world):
    asking = world.asking(
        """[defaults.templates]
Invoice = "Intuit Product Invoice"
[defaults.messages]
SalesReceipt = "Thank you."
[defaults.memos]
CreditMemo = "{what} at {location}"
"""
    )
    assert asking.field("template", world.order(), INVOICE).value == "Intuit Product Invoice"
    assert asking.field("template", world.order(), RECEIPT) is None
    assert asking.field("customer_message", world.order(), RECEIPT).value == "Thank you."
    assert asking.field("memo", world.order(), DocumentKind.CREDIT_MEMO).value == "{what} at {location}"


def test_a_rule_may_ask_for_the_kind_of_document_where_that_is_known(world):
    asking = world.asking('[[defaults.rules]]\nwhen = { document = "Invoice" }\ntemplate = "Form"\n')
    assert asking.field("template", world.order(), INVOICE).value == "Form"
    assert asking.field("template", world.order(), RECEIPT) is None
    text = world.head + '[[defaults.rules]]\nwhen = { document = "Invoice" }\naccount = "Sales"\n'
    (fault,) = faults_of(text)
    assert (fault.line, fault.sentence) == (
        7,
        "asks for the kind of document, which is not known yet where account is decided",
    )


def test_a_plugin_is_told_which_field_and_which_kind(world):
    world.plugin(
        "from qbconsole.plugin import hookimpl\n@hookimpl\ndef choose_field(field, kind, day):\n"
        "    return f'{kind}-{day:%d}' if field == 'template' else None\n"
    )
    asking = world.asking('[defaults.sales_reps]\nsale = "WEB"\n', plugins=["oak_plugin"])
    assert asking.field("template", world.order(), INVOICE).value == "Invoice-01"
    rep = asking.field("sales_rep", world.order(), INVOICE)
    assert (rep.value, rep.by.silent) == ("WEB", ("oak_plugin",))


# -- conditions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ('order = "1007"', True),
        ('order = "#10*"', True),
        ('order = "1008"', False),
        ('province = "ca"', True),
        ('province = ["TX", "California"]', True),
        ('province = "TX"', False),
        ('status = "paid"', True),
        ('shipping = "Express*"', True),
        ('shipping = "Standard"', False),
        ('terms = "Net *"', True),
        ('staff = "Jo Doe"', True),
        ('barcode = "5012345678900"', True),
        ('barcode = "1"', False),
        ('customer = "Acme"', True),
    ],
)
def test_each_condition_reads_its_fact(world, when, fits):
    order = world.order(
        world.sale(barcode="5012345678900"),
        province=("CA", "California"),
        financial_status="PAID",
        shipping=world.shipping("Express 24h"),
        terms=Terms(name="Net 30"),
        staff="Jo Doe",
        buyer=world.buyer(company="Acme"),
    )
    asking = world.asking(f'[[merchants.oak.rules]]\nwhen = {{ {when} }}\nsales_rep = "X"\n')
    assert (asking.field("sales_rep", order, RECEIPT) is not None) == fits


def test_a_vendor_rule_speaks_of_purchases_by_the_shops_vendor(world):
    asking = world.asking(
        '[[merchants.oak.rules]]\nwhen = { vendor = "ac*" }\nvendor = "Acme Supply"\nfrom = 2026-02-01\n'
    )
    assert asking.on(date(2026, 2, 1)).vendor("Acme").value == "Acme Supply"
    assert asking.on(date(2026, 1, 31)).vendor("Acme").value == "Acme"
    assert asking.on(date(2026, 2, 1)).vendor("Bee").value == "Bee"


def test_products_find_their_item_by_bar_code_and_product_type_after_the_sku(world):
    asking = world.asking(
        """[defaults.items.sku]
"MUG-1" = "By SKU"
[defaults.items.barcode]
"501" = "By bar code"
[defaults.items.product_type]
Candles = "By type"
"""
    )

    def named(**sale):
        return asking.item(world.line(), world.order(world.sale(**sale))).value

    assert named(barcode="501", product_type="Candles") == "By SKU"
    assert named(sku="X", barcode="501", product_type="Candles") == "By bar code"
    assert named(sku="X", product_type="candles") == "By type"
    assert named(sku=None, product_type="Candles") == "By type"
    assert named(sku="X", product_type="Soap") == "X"


# -- days ------------------------------------------------------------------------------------------------

DATED = """[[defaults.rules]]
{choice} = "{said}"
from = 2026-01-01
until = 2026-11-01
"""
#: Los Angeles: 2026 begins at 08:00 UTC; clocks change on 8 March and, the day the rule ends, on 1 November.
MOMENTS = [
    (datetime(2026, 1, 1, 7, 59, tzinfo=UTC), False),
    (datetime(2026, 1, 1, 8, 0, tzinfo=UTC), True),
    (datetime(2026, 3, 8, 9, 59, tzinfo=UTC), True),
    (datetime(2026, 3, 9, 6, 59, tzinfo=UTC), True),
    (datetime(2026, 11, 1, 6, 59, tzinfo=UTC), True),
    (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), False),
]


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize(("at", "holds"), MOMENTS)
def test_a_dated_rule_about_a_field_holds_by_the_shops_days(world, name, at, holds):
    asking = world.asking(DATED.format(choice=name, said="X"))
    order = world.order(at=at)
    assert (asking.field(name, order, INVOICE) is not None) == holds
    assert (asking.on(order.shop.day(at)).field(name, order, INVOICE) is not None) == holds


# -- registrations ---------------------------------------------------------------------------------------

REGISTERED = """[defaults.registered]
CA = true
"New York" = { from = 2026-03-08, until = 2027-01-01 }
TX = false
"""


@pytest.mark.parametrize(
    ("province", "day", "owed"),
    [
        (("CA", "California"), date(2026, 1, 1), True),
        (("ca", ""), date(2026, 1, 1), True),
        (("NY", "New York"), date(2026, 3, 7), False),
        (("NY", "New York"), date(2026, 3, 8), True),
        (("NY", "New York"), date(2026, 12, 31), True),
        (("NY", "New York"), date(2027, 1, 1), False),
        (("TX", "Texas"), date(2026, 1, 1), False),
        (("WA", "Washington"), date(2026, 1, 1), False),
        ((), date(2026, 1, 1), True),
    ],
)
def test_tax_is_owed_where_and_when_the_merchant_is_registered(world, province, day, owed):
    order = world.order(province=province)
    assert (world.asking(REGISTERED).on(day).unregistered(order) is None) == owed
    assert world.asking().on(day).unregistered(order) is None


def test_a_merchants_own_registration_goes_before_the_defaults_and_says_its_line(world):
    asking = world.asking(REGISTERED + "[merchants.oak.registered]\nTX = true\nCA = false\n")
    assert asking.unregistered(world.order(province=("TX", "Texas"))) is None
    choice = asking.unregistered(world.order(province=("CA", "California")))
    assert (choice.value, choice.by.place) == ("California", "mappings.toml:13")
    other = asking.unregistered(world.order(province=("WA", "Washington")))
    assert other.by.place == "[merchants.oak.registered] of mappings.toml"


def test_without_a_day_a_registration_counts_by_the_orders_own(world):
    asking = world.asking(REGISTERED)
    before = world.order(province=("NY", "New York"), at=datetime(2026, 3, 8, 7, 59, tzinfo=UTC))
    after = world.order(province=("NY", "New York"), at=datetime(2026, 3, 8, 8, 0, tzinfo=UTC))
    assert asking.unregistered(before) is not None
    assert asking.unregistered(after) is None
