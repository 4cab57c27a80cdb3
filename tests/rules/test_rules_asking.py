"""For each choice: who wins, what stands in, what is remembered, and what it says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from qbconsole.books.holds import Reason
from qbconsole.books.plan import DocumentKind, LineKind
from qbconsole.company import Account, Chart, Company, Customer, Item, Items, Names
from qbconsole.rules.mapping.schema import OUTCOMES
from qbconsole.rules.registry import hook_arguments
from qbconsole.shop.orders import Terms


def company(accounts=(), items=(), customers=()) -> Company:
    return Company(
        name="Oak",
        chart=Chart(
            accounts=tuple(
                Account(
                    list_id=str(n),
                    full_name=name,
                    account_type="Income",
                    number=number,
                    special_account_type=special,
                )
                for n, (name, number, special) in enumerate(accounts)
            ),
            known=True,
        ),
        items=Items(items=tuple(items), known=True),
        names=Names(customers=tuple(customers), known=True),
    )


def item(name: str, **more) -> Item:
    return Item(kind="ItemInventory", list_id=name, full_name=name, name=name.rpartition(":")[2], **more)


def field(name: str):
    return lambda asking, world: asking.field(name, world.order(terms=Terms(name="Net 30")), INVOICE)


INVOICE = DocumentKind.INVOICE
#: What each choice is called in a rule: its hook, the table that names it, and how it is asked for.
CHOICES = {
    "document": (
        "choose_document",
        ("documents", "sale"),
        lambda asking, world: asking.document(world.order()),
    ),
    "customer": (
        "choose_customer",
        ("customers", "house"),
        lambda asking, world: asking.customer(world.order()),
    ),
    "vendor": ("choose_vendor", ("vendors.names", "Acme"), lambda asking, world: asking.vendor("Acme")),
    "item": (
        "choose_item",
        ("items.sku", '"MUG-1"'),
        lambda asking, world: asking.item(world.line(), world.order()),
    ),
    "account": (
        "choose_account",
        ("accounts", "sales_income"),
        lambda asking, world: asking.account("sales_income", world.line(), world.order()),
    ),
    "class": ("choose_class", ("classes", "sale"), lambda asking, world: asking.class_(None, world.order())),
    "tax": (
        "choose_tax",
        ("taxes", "GST"),
        lambda asking, world: asking.tax_item(world.tax("GST"), world.order()),
    ),
    "payment_method": (
        "choose_payment_method",
        ("payment_methods", "paypal"),
        lambda asking, world: asking.payment_method("paypal", world.order()),
    ),
    "terms": ("choose_field", ("terms.names", '"Net 30"'), field("terms")),
    "sales_rep": ("choose_field", ("sales_reps", "sale"), field("sales_rep")),
    "ship_method": (
        "choose_field",
        ("ship_methods", "Standard"),
        lambda asking, world: asking.field(
            "ship_method", world.order(shipping=world.shipping("Standard")), INVOICE
        ),
    ),
    "template": ("choose_field", ("templates", "Invoice"), field("template")),
    "customer_message": ("choose_field", ("messages", "Invoice"), field("customer_message")),
    "site": ("choose_field", ("sites", '"*"'), field("site")),
    "memo": ("choose_field", ("memos", "Invoice"), field("memo")),
}
#: Rung of the ladder -> what stands on it; "hold" below them is a test of its own (tests/books, tests/golden).
RUNGS = {
    ("merchants.oak", "rule"): "MR",
    ("merchants.oak", "table"): "MT",
    ("defaults", "rule"): "DR",
    ("defaults", "table"): "DT",
}


def said_by(choice: str, rung: tuple[str, str]) -> str:
    """A document can be one of two things: they take turns down the ladder."""
    if choice != "document":
        return RUNGS[rung]
    return "Invoice" if rung[1] == "rule" else "SalesReceipt"


def rungs(choice: str) -> list[tuple[tuple[str, str], str]]:
    """Every rung from the top, with its text."""
    table, key = CHOICES[choice][1]
    texts = []
    for rung in RUNGS:
        level, how = rung
        head = f"[[{level}.rules]]\n{choice}" if how == "rule" else f"[{level}.{table}]\n{key}"
        texts.append((rung, f'{head} = "{said_by(choice, rung)}"\n'))
    return texts


def test_no_choice_is_forgotten():
    """Whatever a rule can decide, and whatever a hook can choose, stands in the table above."""
    assert set(CHOICES) == set(OUTCOMES) - {"hold"}
    assert {hook for hook, _, _ in CHOICES.values()} == {
        name for name in hook_arguments() if name.startswith("choose_")
    }


@pytest.mark.parametrize("kind", CHOICES)
def test_each_rung_of_the_ladder_gives_way_to_those_above_it(world, kind):
    hook, _, ask = CHOICES[kind]
    below = rungs(kind)
    while below:
        choice = ask(world.asking("".join(text for _, text in below)), world)
        rung, _ = below.pop(0)
        assert choice.value == said_by(kind, rung)
        assert choice.explicit == (rung[1] == "rule")
        assert choice.by.who == "mappings.toml"
    said = "Invoice" if kind == "document" else "X"
    world.plugin(f"from qbconsole.plugin import hookimpl\n@hookimpl\ndef {hook}():\n    return '{said}'\n")
    plugged = world.asking("".join(text for _, text in rungs(kind)), plugins=["oak_plugin"])
    choice = ask(plugged, world)
    assert (choice.value, choice.explicit, choice.by.who, choice.by.hook) == (said, True, "oak_plugin", hook)


def test_a_choice_says_its_line_and_who_was_silent(world):
    tables = """[[merchants.oak.rules]]
when = { sku = "OTHER" }
account = "No"
[merchants.oak.accounts]
returns = "Returns"
[defaults.accounts]
sales_income = "Sales"
"""
    by = world.asking(tables).account("sales_income", world.line(), world.order()).by
    assert by.place == "mappings.toml:13"
    assert by.silent == ("[[merchants.oak.rules]]", "[merchants.oak.accounts]")


def test_a_silent_plugin_is_named(world):
    world.plugin(
        "from qbconsole.plugin import hookimpl\n@hookimpl\ndef choose_account(role):\n    return None\n"
    )
    asking = world.asking('[defaults.accounts]\ncogs = "Cost"\n', plugins=["oak_plugin"])
    assert asking.account("cogs", None, world.order()).by.silent == ("oak_plugin",)
    assert asking.account("bank", None, world.order()) is None


def test_a_plugins_choice_carries_place_version_and_hash(world):
    world.plugin(
        "from qbconsole.plugin import hookimpl\n__version__ = '2.1'\n\n@hookimpl\ndef choose_class(order):\n    return order.location\n"
    )
    by = world.asking(plugins=["oak_plugin"]).class_(None, world.order(location="Leeds")).by
    assert (by.who, by.place, by.version) == ("oak_plugin", "plugins/oak_plugin.py:4", "2.1")
    assert len(by.sha256) == 12


# -- accounts ---------------------------------------------------------------------------------------


def test_another_role_stands_in_where_one_is_unmapped(world):
    asking = world.asking('[defaults.accounts]\nsales_income = "Sales"\nreturns = "Returns"\n')
    assert asking.account("shipping_refunds", None, None).value == "Sales"
    assert asking.account("return_fees_income", None, None).value == "Returns"
    assert asking.account("merchant_fees", None, None) is None


def test_a_gateway_without_a_line_uses_the_other_clearing_account(world):
    asking = world.asking('[defaults.clearing]\npaypal = "PayPal"\nother = "Other"\n')
    assert asking.account("clearing:paypal", None, None).value == "PayPal"
    assert asking.account("clearing:bogus", None, None).value == "Other"
    assert world.asking().account("clearing:bogus", None, None) is None


@pytest.mark.parametrize(
    "written", ["4010", "4010 · Shopify", "4000 · Sales:4010 · Shopify", "sales:shopify"]
)
def test_an_account_is_known_by_number_and_name(world, written):
    known = company([("Sales:Shopify", "4010", "")])
    tables = f'[defaults.accounts]\nsales_income = "{written}"\n'
    wanted = None if written == "4010 · Shopify" else "Sales:Shopify"
    value = world.asking(tables, known).account("sales_income", None, None).value
    assert value == (wanted or "Shopify")
    unknown = world.asking(tables).account("sales_income", None, None).value
    assert unknown == {"4010": "4010", "4010 · Shopify": "Shopify", "sales:shopify": "sales:shopify"}.get(
        written, "Sales:Shopify"
    )


def test_quickbooks_own_accounts_are_found_by_their_purpose(world):
    known = company([("Debtors", "", "AccountsReceivable")])
    choice = world.asking(company=known).account("accounts_receivable", None, None)
    assert (choice.value, choice.by.who) == ("Debtors", "QuickBooks")


def test_a_plugin_may_name_an_account_by_its_number(world):
    world.plugin(
        "from qbconsole.plugin import hookimpl\n@hookimpl\ndef choose_account():\n    return '4010'\n"
    )
    asking = world.asking(company=company([("Sales:Shopify", "4010", "")]), plugins=["oak_plugin"])
    assert asking.account("bank", None, None).value == "Sales:Shopify"


# -- rules -------------------------------------------------------------------------------------------


def ruled(world, when: str, outcome: str = "account", value: str = "X"):
    return world.asking(f'[[merchants.oak.rules]]\nwhen = {{ {when} }}\n{outcome} = "{value}"\n')


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ('sku = "mug-1"', True),
        ('sku = "MUG-*"', True),
        ('sku = ["x", "MUG-?"]', False),
        ('product_type = "Mugs"', True),
        ('product_type = "Gift wrap"', False),
        ('vendor = "acme", product_type = "mugs"', True),
        ('vendor = "acme", product_type = "x"', False),
        ('title = "Mug"', True),
        ('location = "Leeds"', True),
        ('channel = "Online Store"', True),
        ('channel = "web"', True),
        ('tag = ["b2b", "VIP"]', True),
        ('customer = "ann@example.com"', True),
        ('customer = "Bob"', False),
        ('amount = { at_least = "10", below = "10.01" }', True),
        ('amount = { below = "10" }', False),
        ('role = "sales_*"', True),
        ('role = "discounts"', False),
    ],
)
def test_conditions_compare_as_people_write_them(world, when, fits):
    sale = world.sale(product_type="Mugs", vendor="Acme")
    order = world.order(sale, location="Leeds", tags=("vip",), buyer=world.buyer(email="Ann@Example.com"))
    choice = ruled(world, when).account("sales_income", world.line(), order)
    assert (choice is not None) == fits


def test_an_account_rule_about_a_place_never_moves_tax_or_clearing_money(world):
    asking = ruled(world, 'location = "Leeds"')
    order = world.order(location="Leeds")
    assert asking.account("sales_income", world.line(), order).value == "X"
    assert asking.account("returns", world.line("returns"), order).value == "X"
    assert asking.account("sales_tax_payable", world.tax("GST"), order) is None
    assert asking.account("clearing:paypal", None, order) is None
    assert asking.item(world.line("tips_payable", LineKind.CHARGE), order) is None


def test_an_account_rule_about_a_gateway_speaks_of_its_clearing_account(world):
    asking = ruled(world, 'gateway = "paypal", location = "Leeds"')
    order = world.order(location="Leeds")
    assert asking.account("clearing:paypal", None, order).value == "X"
    assert asking.account("clearing:cash", None, order) is None
    assert asking.account("clearing:paypal", None, world.order()) is None
    assert asking.account("sales_income", world.line(), order) is None


def test_a_rule_with_a_role_speaks_of_that_role(world):
    asking = ruled(world, 'role = "shipping_income"', "item", "Freight")
    assert asking.item(world.line("shipping_income", LineKind.CHARGE), world.order()).value == "Freight"
    assert asking.item(world.line(), world.order()).value == "MUG-1"


def test_a_class_rule_about_products_speaks_of_lines_and_others_of_the_sale(world):
    order = world.order(world.sale(product_type="Mugs"), location="Leeds")
    lines = ruled(world, 'product_type = "Mugs"', "class")
    assert lines.class_(world.line(), order).value == "X"
    assert lines.class_(None, order) is None
    sale = ruled(world, 'location = "Leeds"', "class")
    assert sale.class_(None, order).value == "X"
    assert sale.class_(world.line(), order) is None


def test_a_rule_about_a_whole_order_fits_when_one_line_has_all_its_line_facts(world):
    asking = ruled(world, 'product_type = "Mugs", vendor = "Acme"', "customer")
    mug, cup = (
        world.sale("1", product_type="Mugs", vendor="Bee"),
        world.sale("2", product_type="Cups", vendor="Acme"),
    )
    assert asking.customer(world.order(mug, cup)).value != "X"
    assert asking.customer(world.order(mug, world.sale("3", product_type="Mugs", vendor="Acme"))).value == "X"


def test_the_first_of_two_rules_that_fit_answers(world):
    rules = '[[merchants.oak.rules]]\nwhen = { sku = "MUG-*" }\nitem = "First"\n[[merchants.oak.rules]]\nitem = "Second"\n'
    asking = world.asking(rules)
    assert asking.item(world.line(), world.order()).value == "First"
    assert asking.item(world.line(), world.order(world.sale(sku="CUP"))).value == "Second"


def test_remembered_answers_do_not_leak_between_orders(world):
    asking = ruled(world, 'location = "Leeds", amount = { at_least = "5" }')
    for _ in range(2):
        assert asking.account("sales_income", world.line(), world.order(location="Leeds")).value == "X"
        assert asking.account("sales_income", world.line(), world.order()) is None
        assert asking.account("sales_income", world.line(amount="4"), world.order(location="Leeds")) is None


# -- dates -------------------------------------------------------------------------------------------

DATED = """[defaults.accounts]
sales_income = "Old"
[[defaults.rules]]
account = "New"
from = 2026-01-01
until = 2026-07-01
"""


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (date(2025, 12, 31), "Old"),
        (date(2026, 1, 1), "New"),
        (date(2026, 3, 8), "New"),
        (date(2026, 6, 30), "New"),
        (date(2026, 7, 1), "Old"),
    ],
)
def test_a_dated_rule_holds_from_and_until_the_events_day(world, day, wanted):
    asking = world.asking(DATED)
    for _ in range(2):
        assert asking.on(day).account("sales_income", world.line(), world.order()).value == wanted


@pytest.mark.parametrize(
    ("utc", "wanted"),
    [
        # Los Angeles: the year ends at 08:00 UTC; daylight saving moved the clock to UTC-7 in July.
        (datetime(2026, 1, 1, 7, 59, tzinfo=UTC), "Old"),
        (datetime(2026, 1, 1, 8, 0, tzinfo=UTC), "New"),
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), "New"),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), "Old"),
    ],
)
def test_without_a_day_the_orders_own_shop_date_counts(world, utc, wanted):
    order = world.order(at=utc)
    assert world.asking(DATED).account("sales_income", world.line(), order).value == wanted


def test_a_dated_rule_says_nothing_where_no_day_is_known(world):
    assert world.asking(DATED).account("sales_income", None, None).value == "Old"


def test_days_without_a_change_share_what_they_remember(world):
    asking = world.asking(DATED)
    assert asking.on(date(2026, 2, 1)) is asking.on(date(2026, 5, 1))
    assert asking.on(date(2026, 2, 1)) is not asking.on(date(2026, 8, 1))
    plain = world.asking()
    assert plain.on(date(2026, 2, 1)) is plain


# -- items -------------------------------------------------------------------------------------------


def test_products_find_their_item_by_variant_sku_or_misc(world):
    asking = world.asking(
        '[defaults.items]\nmisc = "Sundry"\n[defaults.items.sku]\n"mug-1" = "Mugs:Red"\n[defaults.items.variant]\n"55" = "Mugs:Blue"\n'
    )

    def named(**sale):
        return asking.item(world.line(), world.order(world.sale(**sale))).value

    assert named() == "Mugs:Red"
    assert named(variant_id="55") == "Mugs:Blue"
    assert named(sku="CUP-9") == "CUP-9"
    assert named(sku=None) == "Sundry"
    assert named(sku="  ") == "Sundry"
    assert asking.item(world.line(line_id="gone"), world.order()).value == "Sundry"
    assert world.asking().fixed_item("misc").value == "Shopify misc"


def test_single_writes_every_product_with_one_item(world):
    asking = world.asking('[defaults.items]\nproduct = "single"\nsales_income = "All sales"\n')
    assert asking.item(world.line(), world.order()).value == "All sales"


@pytest.mark.parametrize(
    ("sku", "name"),
    [
        ("A:B", "A-B-"),
        ("Łódź", "Lódz-"),
        ("x" * 40, "x" * 24 + "-"),
        ("MUG\x1b[31m", "MUG[31m-"),
    ],
)
def test_a_sku_quickbooks_cannot_keep_gets_a_mark_of_its_own(world, sku, name):
    value = world.asking().item(world.line(), world.order(world.sale(sku=sku))).value
    assert value.startswith(name)
    assert len(value) <= 31
    assert value == world.asking().item(world.line(), world.order(world.sale(sku=sku))).value


def test_skus_are_looked_up_in_the_fields_the_merchant_chose(world):
    known = company(
        items=[
            item("Mugs:Red", manufacturer_part_number="MUG-1"),
            item("B1", barcode="CUP"),
            item("B2", barcode="CUP"),
        ]
    )
    asking = world.asking('[defaults.items]\nmatch = ["manufacturer_part_number", "barcode"]\n', known)
    assert asking.item(world.line(), world.order()).value == "Mugs:Red"
    assert asking.item(world.line(), world.order(world.sale(sku="NEW"))).value == "NEW"
    assert asking.item(world.line(), world.order(world.sale(sku="CUP"))) is None
    assert world.asking(company=known).item(world.line(), world.order()).value == "MUG-1"


def test_counted_goods_that_are_not_put_back_use_the_returns_item(world):
    asking = world.asking('[defaults.items]\nreturns = "Return"\n')
    order = world.order(world.sale(tracked=True))
    kept_out = world.line("returns", returned=True)
    assert asking.item(kept_out, order).value == "Return"
    assert asking.item(replace(kept_out, restocked=True), order).value == "MUG-1"
    assert asking.item(kept_out, world.order()).value == "MUG-1"
    summary = world.asking('[defaults.items]\nreturns = "Return"\n[defaults.modes]\ninventory = "summary"\n')
    assert summary.item(kept_out, order).value == "MUG-1"


def test_another_roles_item_stands_in_only_where_both_post_to_one_account(world):
    line = world.line("shipping_discounts", LineKind.DISCOUNT, line_id=None)
    same = '[defaults.items]\ndiscounts = "Discount"\n[defaults.accounts]\ndiscounts = "Discounts"\n'
    assert world.asking(same).item(line, world.order()).value == "Discount"
    other = same + 'shipping_discounts = "Elsewhere"\n'
    assert world.asking(other).item(line, world.order()) is None


# -- taxes -------------------------------------------------------------------------------------------

TAXES = """[defaults.taxes]
"CA State Tax" = { item = "CA", agency = "CDTFA", charge = "CA Charge" }
California = "CA all"
"California Special" = "CA special"
"""


def test_a_tax_finds_its_item_by_title_and_its_agency(world):
    asking = world.asking(TAXES)
    assert asking.tax_item(world.tax("ca state tax"), world.order()).value == "CA"
    assert asking.tax_item(world.tax("NY State Tax"), world.order()) is None
    assert asking.agency("CA").value == "CDTFA"
    assert asking.agency("CA all") is None


def test_a_star_takes_every_other_tax(world):
    asking = world.asking(TAXES + '"*" = "Any"\n')
    assert asking.tax_item(world.tax("NY State Tax"), world.order()).value == "Any"
    single = world.asking(TAXES + '"*" = "Any"\n[defaults.policy]\ntax_by = "single"\n')
    assert single.tax_item(world.tax("CA State Tax"), world.order()).value == "Any"


def test_by_province_the_longest_beginning_of_the_title_counts(world):
    asking = world.asking(TAXES + '[defaults.policy]\ntax_by = "province"\n')
    assert asking.tax_item(world.tax("California State Tax"), world.order()).value == "CA all"
    assert asking.tax_item(world.tax("California Special Tax"), world.order()).value == "CA special"


def test_as_a_liability_line_a_tax_is_an_other_charge(world):
    tables = (
        TAXES
        + '[defaults.policy]\ntax = "liability_line"\n[defaults.items]\nsales_tax_payable = "Tax charge"\n'
    )
    asking = world.asking(tables)
    assert asking.tax_item(world.tax("CA State Tax"), world.order()).value == "CA Charge"
    assert asking.tax_item(world.tax("GST"), world.order()).value == "Tax charge"


def test_a_marketplaces_tax_has_an_item_of_its_own(world):
    asking = world.asking(TAXES + '[defaults.items]\nmarketplace_tax = "Market"\n')
    assert asking.tax_item(world.tax("CA State Tax", "marketplace_tax"), world.order()).value == "Market"


# -- customers, vendors, classes, channels --------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("web", "Shopify Online Store"),
        ("pos", "Shopify POS"),
        ("shopify_draft_order", "Shopify Draft Orders"),
        ("580111", "Shopify TikTok"),
        ("12345", "Shopify 12345"),
        ("", "Shopify Other"),
        ("a:b", "Shopify a-b"),
    ],
)
def test_the_house_customer_is_named_after_the_channel(world, source, name):
    asking = world.asking('[defaults.channels]\n"580111" = "TikTok"\n')
    assert asking.customer(world.order(source=source)).value == name


def test_in_detail_the_customer_is_the_buyer(world):
    asking = world.asking('[defaults.modes]\ncustomers = "detailed"\n')

    def named(**buyer):
        return asking.customer(world.order(buyer=world.buyer(**buyer))).value

    assert named(name="Ann Lee", email="ann@example.com") == "Ann Lee"
    assert named(email="ann@example.com") == "ann@example.com"
    assert named() == "Shopify Online Store"
    assert named(name="Bob: Sons") == "Bob- Sons"
    assert len(named(name="é" * 60)) == 41


def test_a_known_e_mail_finds_its_customer(world):
    known = company(
        customers=[Customer(list_id="1", full_name="Lee, Ann", name="Lee, Ann", email="ann@example.com")]
    )
    asking = world.asking('[defaults.modes]\ncustomers = "detailed"\n', known)
    order = world.order(buyer=world.buyer(name="Ann Lee", email="ANN@example.com"))
    assert asking.customer(order).value == "Lee, Ann"


def test_buyers_and_companies_can_be_named(world):
    asking = world.asking(
        '[defaults.customers]\nbuyers = { "ann@example.com" = "Ann", "77" = "Bob" }\ncompanies = { Acme = "Acme Inc" }\n'
    )
    assert asking.customer(world.order(buyer=world.buyer(email="Ann@example.com"))).value == "Ann"
    assert asking.customer(world.order(buyer=world.buyer(id="77"))).value == "Bob"
    assert asking.customer(world.order(buyer=world.buyer(company="ACME"))).value == "Acme Inc"
    assert asking.customer(world.order()).value == "Shopify Online Store"


def test_vendors_are_the_shops_own_or_the_house_vendor(world):
    tables = '[defaults.vendors]\nnames = { acme = "Acme Supply" }\n'
    assert world.asking(tables).vendor("ACME").value == "Acme Supply"
    assert world.asking(tables).vendor("Bee & Co").value == "Bee & Co"
    assert world.asking(tables).vendor("").value == "Shopify Suppliers"
    summary = world.asking(tables + '[defaults.modes]\nvendors = "summary"\n')
    assert summary.vendor("Bee & Co").value == "Shopify Suppliers"


def test_a_sales_class_comes_by_location_then_channel(world):
    asking = world.asking(
        '[defaults.classes]\nsale = "All"\nlocations = { leeds = "L" }\nchannels = { POS = "P", web = "W" }\n'
    )
    assert asking.class_(None, world.order(location="Leeds", source="pos")).value == "L"
    assert asking.class_(None, world.order(source="pos")).value == "P"
    assert asking.class_(None, world.order()).value == "W"
    assert asking.class_(None, world.order(source="9")).value == "All"
    assert asking.class_(world.line(), world.order()) is None


def test_a_payment_method_falls_back_to_the_star(world):
    asking = world.asking('[defaults.payment_methods]\npaypal = "PayPal"\n"*" = "Other"\n')
    assert asking.payment_method("PayPal (Express)", world.order()).value == "PayPal"
    assert asking.payment_method("bogus", world.order()).value == "Other"
    assert world.asking().payment_method("bogus", world.order()) is None


# -- holds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ('value = { at_least = "20" }', "its total is 10.00 USD"),
        ('location = "Leeds"', "its location is York, not Leeds"),
        ('channel = { except = "Online*" }', "its channel is Online Store, web"),
        ('tag = { except = ["vip"] }', "its tag is vip"),
        ('status = ["PAID"]', "its status is PENDING, not PAID"),
        ("date = { from = 2026-06-01 }", "its date is 2026-05-01"),
    ],
)
def test_what_a_filter_leaves_out_is_held_with_its_reason(world, filters, sentence):
    order = world.order(location="York", tags=("vip",), financial_status="PENDING")
    (hold,) = world.asking(f"[merchants.oak.filters]\n{filters}\n").holds(world.event(), order)
    assert hold.reason is Reason.FILTERED
    assert sentence in hold.sentence
    assert "mappings.toml:8" in hold.sentence
    assert hold.subject == "order/7"


def test_an_order_that_passes_every_filter_is_not_held(world):
    filters = '[merchants.oak.filters]\nvalue = { at_least = "10", below = "10.01" }\nchannel = "web"\ntag = { except = "x" }\ndate = { until = 2026-05-02 }\n'
    assert world.asking(filters).holds(world.event(), world.order()) == ()


def test_hold_rules_ask_to_wait_on_their_days(world):
    rules = '[[merchants.oak.rules]]\nwhen = { amount = { at_least = "10" } }\nhold = "Large"\nfrom = 2026-05-01\n[[defaults.rules]]\nwhen = { sku = "mug*" }\nhold = "Mugs!"\n'
    asking = world.asking(rules)
    holds = asking.holds(world.event(), world.order())
    assert [hold.sentence for hold in holds] == ["Large.", "Mugs!"]
    assert {hold.reason for hold in holds} == {Reason.PLUGIN_HOLD}
    assert [hold.sentence for hold in asking.holds(world.event(date(2026, 4, 30)), world.order())] == [
        "Mugs!"
    ]


def test_without_filters_rules_and_plugins_nothing_is_held(world):
    assert world.asking().holds(world.event(), world.order()) == ()
