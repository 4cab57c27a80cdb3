"""The shipped plugins: what each does, what it takes, and that none of them moves an amount between roles."""

from __future__ import annotations

import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from qbconsole.books.news import News
from qbconsole.books.plan import LineKind, PlanLine
from qbconsole.bundled import bundled
from qbconsole.company.snapshot import Company
from qbconsole.decide import Case, DeskSpec, decide, desk_of
from qbconsole.errors import PluginBroken
from qbconsole.money import Money
from qbconsole.rules.asking import Asking
from qbconsole.rules.mapping.read import read
from qbconsole.rules.registry import load_plugins, plugin_files
from qbconsole.sandbox.shopify import Shop as SandboxShop
from qbconsole.shop.bag import Bag
from qbconsole.shop.orders import Buyer, Shop, TaxLine
from qbconsole.sources.shopify.reading import read_order
from qbconsole.testing import assert_balanced
from qbconsole.value import replace

ROOT = Path(__file__).parents[2]
MAPPING = bundled("mappings.toml").read_text(encoding="utf-8")
#: Plugin -> what a merchant would say to it, as its own docstring shows.
SAID = {
    "b2b_companies": """
[merchants.oak-ember.plugin.b2b_companies]
po_always = ["Société*"]
by_location = true
[merchants.oak-ember.plugin.b2b_companies.terms]
"Main" = "Net 15"
""",
    "bundles": """
[merchants.oak-ember.plugin.bundles.components]
"BOX-VIP" = ["CNDL-SMA", "2 TEA-SEN"]
[merchants.oak-ember.plugin.bundles.items]
"THRW-*" = "Assemblies:Throw"
""",
    "class_by_place": "",
    "gift_cards": """
[merchants.oak-ember.plugin.gift_cards]
beside = "Gift Cards:Staff"
breakage = "Gift Card Breakage"
[merchants.oak-ember.plugin.gift_cards.accounts]
"Oak & Ember" = "Gift Cards:Oak"
"Hive & Wick" = "Gift Cards:Hive"
""",
    "hold_unusual": """
[merchants.oak-ember.plugin.hold_unusual]
amount = "400"
""",
    "marketplaces": """
[merchants.oak-ember.plugin.marketplaces.customers]
"Amazon*" = "Amazon Marketplace"
"8841734" = "Importer"
[merchants.oak-ember.plugin.marketplaces.clearing]
"Amazon*" = "Amazon Clearing"
"8841734" = "Importer Clearing"
""",
    "wholesale": """
[merchants.oak-ember.plugin.wholesale]
tags = ["wholesale", "trade-*"]
customer = "Wholesale Customers"
document = "Invoice"
class = "Wholesale"
[merchants.oak-ember.plugin.wholesale.accounts]
sales_income = "Sales:Wholesale"
[merchants.oak-ember.plugin.wholesale.exempt_accounts]
sales_income = "Sales:Exempt"
""",
}
#: The plugin that keeps orders out instead of naming something; the laws are asked of the others.
NAMING = sorted(SAID.keys() - {"hold_unusual"})


@pytest.fixture
def shipped(tmp_path) -> Path:
    """A copy that nobody else may write, whatever the checkout's umask was."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    for path in (ROOT / "plugins").glob("*.py"):
        shutil.copyfile(path, folder / path.name)
        (folder / path.name).chmod(0o644)
    return folder


@pytest.fixture
def tried(shipped, decided):
    """Decide an order with one shipped plugin and what is said to it."""

    def run(name, order, said=None):
        text = MAPPING + (SAID[name] if said is None else said)
        return decided(order, plugins=[name], folder=shipped, mapping=text)

    return run


def desk(folder: Path, said: str = "", *plugins: str):
    """The desk booking would decide at, with these plugins."""
    listed = ", ".join(f'"{name}"' for name in plugins)
    text = MAPPING.replace("plugins = []", f"plugins = [{listed}]", 1) + said
    templates = {path.name: path.read_text("utf-8") for path in bundled("templates").glob("*.j2")}
    return desk_of(
        DeskSpec(
            settings=read(text).settings("oak-ember"),
            mapping=read(text),
            plugin_folders=(str(folder),),
            templates=templates,
            shipped_templates=templates,
            company=Company(name="Sandbox"),
            taken={},
        )
    )


def bag(amount: str) -> Bag:
    money = Money.of(amount, "USD")
    return Bag(money, money)


def documents(decision):
    return [one.named.document for one in decision.documents]


def accounts(decision) -> dict[str, str]:
    """Role -> account, of every posting."""
    return {row.role: row.account for one in decision.documents for row in one.named.accounts}


def who(decision, field) -> str:
    """Who chose a field of the first document."""
    return next(choice.by.who for name, choice in decision.documents[0].named.why if name == field)


# -- all of them -------------------------------------------------------------------------------------------


def test_every_shipped_plugin_is_tested_and_told_of():
    files = set(plugin_files([ROOT / "plugins"]))
    assert files == SAID.keys()
    table = (ROOT / "plugins" / "README.md").read_text()
    page = (ROOT / "docs" / "plugins-shipped.md").read_text()
    for name in files:
        assert f"`{name}.py`" in table, name
        assert f"\n## {name}\n" in page, name


def test_every_option_of_a_shipped_plugin_is_told_of(shipped):
    page = (ROOT / "docs" / "plugins-shipped.md").read_text()
    for plugin in load_plugins(sorted(SAID), [shipped]):
        section = page.split(f"\n## {plugin.name}\n", 1)[1].split("\n## ", 1)[0]
        for name, option in getattr(plugin.module, "OPTIONS", {}).items():
            assert f"`{name}`" in section, f"{plugin.name}: {name}"
            assert option.about in section, f"{plugin.name}: {name}: {option.about}"


def test_the_example_at_the_top_of_a_shipped_plugin_is_a_mapping_it_takes(shipped):
    for plugin in load_plugins(sorted(SAID), [shipped]):
        lines = [line[4:] for line in plugin.module.__doc__.splitlines() if line.startswith("    ")]
        example = "\n".join(lines).replace("[merchants.oak-ember]\n", "")
        text = MAPPING.replace("plugins = []", "", 1) + "\n"
        head, _, rest = example.partition("\n")
        assert head == f'plugins = ["{plugin.name}"]'
        asked = Asking(mapping=read(f"{text}\n{rest}\n"), merchant="oak-ember", plugins=[plugin])
        assert asked.merchant == "oak-ember"


def raw_orders():
    shop = SandboxShop.seeded(orders=70, seed=5)
    told = Shop(domain=shop.domain, currency="USD", timezone="America/Los_Angeles", home_currency="USD")
    return [read_order(raw, told) for raw in shop.orders]


def by_role(decision) -> Counter:
    return Counter({key: total for key, total in _sums(decision).items() if total})


def _sums(decision):
    sums: Counter = Counter()
    for one in decision.documents:
        for row in one.named.accounts:
            sums[(row.on, row.role)] += row.amount.amount
    return sums


@pytest.mark.parametrize("name", NAMING)
def test_no_amount_changes_its_role_by_a_shipped_plugin(name, shipped):
    """Seventy orders of every kind: balanced, and day by day the same for each role as without the plugin."""
    plain, with_it = desk(shipped), desk(shipped, SAID[name], name)
    touched = 0
    for order in raw_orders():
        without, having = decide(Case(order=order), plain), decide(Case(order=order), with_it)
        asked = {hold.reason for hold in having.holds} - {hold.reason for hold in without.holds}
        assert asked <= {"plugin_hold"}, order.name
        assert_balanced(having)
        if not asked:
            assert by_role(having) == by_role(without), order.name
        told = [choice.by.who for one in having.documents for _, choice in one.named.why]
        touched += name in told or bool(asked)
    assert touched, "the seeded shop has nothing for it: say something to it that it uses"


@pytest.mark.parametrize(
    ("name", "said", "line", "words"),
    [
        ("hold_unusual", '[merchants.oak-ember.plugin.hold_unusual]\namount = "much"', 2, "is no amount"),
        ("hold_unusual", "[merchants.oak-ember.plugin.hold_unusual]\nnew_sku = true", 2, "new_skus"),
        ("gift_cards", '[merchants.oak-ember.plugin.gift_cards]\nbreakage = "Income"', 0, "is missing"),
        (
            "wholesale",
            '[merchants.oak-ember.plugin.wholesale.accounts]\nsales_incom = "Sales"',
            2,
            "sales_income",
        ),
        ("wholesale", '[merchants.oak-ember.plugin.wholesale]\ndocument = "Check"', 2, "SalesReceipt"),
        (
            "b2b_companies",
            '[merchants.oak-ember.plugin.b2b_companies.terms]\n"A" = "Net 15"\n"B" = "' + "x" * 32 + '"',
            3,
            "QuickBooks takes 31",
        ),
    ],
)
def test_what_is_wrong_in_its_options_is_said_with_the_line(tried, an_order, name, said, line, words):
    with pytest.raises(PluginBroken) as caught:
        tried(name, an_order(), "\n" + said)
    before = MAPPING.count("\n") + 1
    opted_in = (
        MAPPING.splitlines().index(next(row for row in MAPPING.splitlines() if row.startswith("plugins = ")))
        + 1
    )
    assert caught.value.where == f"mappings.toml:{before + line if line else opted_in}"
    assert words in caught.value.what
    assert name in caught.value.what


# -- gift_cards --------------------------------------------------------------------------------------------


def card(vendor):
    def of(order):
        return replace(
            order, lines=tuple(replace(line, vendor=vendor, is_gift_card=True) for line in order.lines)
        )

    return of


def test_a_card_that_is_sold_raises_the_liability_of_its_brand(tried, an_order):
    sold = card("Hive & Wick")(an_order(lines=[("CARD", 1, "25.00")]))
    assert accounts(tried("gift_cards", sold))["gift_card_liability"] == "Gift Cards:Hive"
    other = card("Nobody")(an_order(lines=[("CARD", 1, "25.00")]))
    assert accounts(tried("gift_cards", other))["gift_card_liability"] == "Gift Cards Outstanding"


def paid_by_card(an_order, *vendors):
    order = an_order(lines=[(f"S{n}", 1, "10.00") for n, _ in enumerate(vendors)], paid_by="gift_card")
    return replace(
        order,
        lines=tuple(replace(line, vendor=v) for line, v in zip(order.lines, vendors, strict=True)),
    )


def test_a_card_that_is_used_lowers_the_liability_of_the_brand_it_paid_for(tried, an_order):
    one = tried("gift_cards", paid_by_card(an_order, "Oak & Ember", "Oak & Ember"))
    assert accounts(one)["gift_card_liability"] == "Gift Cards:Oak"
    assert_balanced(one)
    mixed = tried("gift_cards", paid_by_card(an_order, "Oak & Ember", "Hive & Wick"))
    assert accounts(mixed)["gift_card_liability"] == "Gift Cards Outstanding"


def test_breakage_has_an_account_of_its_own(shipped, an_order):
    asking = Asking(
        mapping=read(MAPPING + SAID["gift_cards"]),
        merchant="oak-ember",
        plugins=load_plugins(["gift_cards"], [shipped]),
    )
    beside = replace(an_order(), lines=())
    assert asking.account("breakage_income", None, beside).value == "Gift Card Breakage"
    assert asking.account("gift_card_liability", None, beside).value == "Gift Cards:Staff"


# -- class_by_place ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "said", "wanted"),
    [
        ({"source": "web"}, "", "Online:Online Store"),
        ({"source": "pos", "location": "Leeds"}, "", "Retail:Leeds"),
        ({"source": "pos", "location": "A: shop with a name of forty letters"}, "", "Retail:A- shop wi"),
        ({"source": "pos", "location": "Leeds"}, 'tills = "Shops:{location}:{channel}"', "Shops:Leeds:POS"),
        ({"source": "580111"}, 'places = { "5801*" = "Social" }', "Social"),
        ({"source": "pos", "location": "Leeds"}, 'places = { "leeds" = "Shops:North" }', "Shops:North"),
    ],
)
def test_each_place_has_its_class(tried, an_order, facts, said, wanted):
    said = f"\n[merchants.oak-ember.plugin.class_by_place]\n{said}\n"
    (document,) = documents(tried("class_by_place", an_order(**facts), said))
    assert document.class_ref.startswith(wanted)
    assert all(len(level) <= 31 for level in document.class_ref.split(":"))
    assert {line.class_ref for line in document.lines} == {None}


# -- marketplaces ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facts", [{"source": "Amazon US"}, {"source": "web", "tags": ("amazon fba",)}])
def test_a_marketplace_has_its_customer_and_its_clearing_account(tried, an_order, facts):
    decision = tried("marketplaces", an_order(**facts))
    (document,) = documents(decision)
    assert document.customer_ref == "Amazon Marketplace"
    assert document.deposit_to_account_ref == "Amazon Clearing"
    assert accounts(decision)["clearing:shopify_payments"] == "Amazon Clearing"
    assert accounts(decision)["sales_income"] == "Sales:Shopify"
    assert_balanced(decision)


def test_orders_of_the_shop_itself_stay_where_they_were(tried, an_order):
    (document,) = documents(tried("marketplaces", an_order()))
    assert document.customer_ref == "Shopify Online Store"
    assert document.deposit_to_account_ref == "Shopify Payments Clearing"


# -- b2b_companies -----------------------------------------------------------------------------------------


def company(an_order, name="Acme", place="", **facts):
    return an_order(buyer=Buyer(name="Ann", company=name, company_location=place), paid_by=None, **facts)


def test_a_company_has_a_customer_for_each_location_and_terms_of_its_own(tried, an_order):
    (document,) = documents(tried("b2b_companies", company(an_order, place="Main", po_number="P1")))
    assert type(document).__name__ == "Invoice"
    assert (document.customer_ref, document.terms_ref, document.po_number) == ("Acme - Main", "Net 15", "P1")


def test_terms_and_names_may_be_the_companys(tried, an_order):
    said = """
[merchants.oak-ember.plugin.b2b_companies]
customers = { "Acme*" = "Acme Group" }
terms = { "acme*" = "Net 60", "Leeds" = "Net 7" }
"""
    (far,) = documents(tried("b2b_companies", company(an_order, "ACME Ltd", "York"), said))
    (near,) = documents(tried("b2b_companies", company(an_order, "ACME Ltd", "Leeds"), said))
    assert (far.customer_ref, far.terms_ref) == ("Acme Group", "Net 60")
    assert (near.customer_ref, near.terms_ref) == ("Acme Group", "Net 7")


def test_an_order_without_a_po_number_waits_where_one_is_asked_for(tried, an_order):
    always = tried("b2b_companies", company(an_order, "Société d'Étoiles"))
    assert [hold.reason for hold in always.holds] == ["plugin_hold"]
    assert not always.documents
    assert not tried("b2b_companies", company(an_order)).holds
    said = '\n[merchants.oak-ember.plugin.b2b_companies]\npo_from = "12"\n'
    (hold,) = tried("b2b_companies", company(an_order), said).holds
    assert hold.sentence == "#1001 for Acme, 12.00 USD, has no purchase order number."
    assert not tried("b2b_companies", company(an_order, po_number="P1"), said).holds


# -- wholesale ---------------------------------------------------------------------------------------------


def test_a_wholesale_order_goes_to_its_customer_account_class_and_document(tried, an_order):
    decision = tried("wholesale", an_order(tags=("Trade-Gold",)))
    invoice, payment = documents(decision)
    assert type(invoice).__name__ == "Invoice"
    assert {invoice.customer_ref, payment.customer_ref} == {"Wholesale Customers"}
    assert invoice.class_ref == "Wholesale"
    assert accounts(decision)["sales_income"] == "Sales:Wholesale"
    assert who(decision, "account of sales_income") == "wholesale"
    assert_balanced(decision)


def test_exempt_sales_have_their_account_and_wait_where_tax_was_charged(tried, an_order):
    exempt = tried("wholesale", an_order(tags=("tax-exempt", "wholesale")))
    assert accounts(exempt)["sales_income"] == "Sales:Exempt"
    held = tried("wholesale", taxed(an_order(tags=("tax-exempt",))))
    assert held.holds[0].sentence == "#1001 is tagged as tax-exempt, but Shopify charged 0.80 USD of tax."
    assert not tried("wholesale", taxed(an_order(tags=("wholesale",)))).holds


def taxed(order):
    """The order with 0.80 of tax, still unpaid of it."""
    (line,) = order.lines
    line = replace(line, taxes=(TaxLine(title="CA State Tax", amount=bag("0.80")),))
    total = order.total + bag("0.80")
    return replace(order, lines=(line,), total_tax=bag("0.80"), total=total, current_total=total)


def test_an_order_without_the_tags_is_left_alone(tried, an_order):
    decision = tried("wholesale", an_order(tags=("retail",)))
    (document,) = documents(decision)
    assert (type(document).__name__, document.class_ref) == ("SalesReceipt", None)
    assert accounts(decision)["sales_income"] == "Sales:Shopify"


# -- bundles -----------------------------------------------------------------------------------------------


def test_a_bundle_is_written_as_its_components_to_the_cent(tried, an_order):
    decision = tried("bundles", an_order(lines=[("BOX-VIP", 3, "33.34"), ("MUG", 1, "5.00")]))
    (document,) = documents(decision)
    rows = [
        (line.item_ref, line.quantity, line.amount.text(), line.override_item_account_ref)
        for line in document.lines
    ]
    assert rows == [
        ("CNDL-SMA", Decimal(3), "33.34", "Sales:Shopify"),
        ("TEA-SEN", Decimal(6), "66.68", "Sales:Shopify"),
        ("MUG", Decimal(1), "5.00", "Sales:Shopify"),
    ]
    assert "BOX-VIP" not in {need.full_name for need in decision.documents[0].needs}
    assert [by.who for by in decision.documents[0].amended_by] == ["bundles"]
    assert_balanced(decision)


def test_a_bundle_may_be_one_item_of_another_name(tried, an_order):
    (document,) = documents(tried("bundles", an_order(lines=[("THRW-GRE", 1, "129.00")])))
    assert [line.item_ref for line in document.lines] == ["Assemblies:Throw"]


BOXES = """
[merchants.oak-ember.plugin.bundles.components]
"BOX-S" = ["CNDL-SMA", "TEA-SEN"]
"BOX-L" = ["CNDL-SMA", "4 TEA-SEN"]
"""


def _titled(order, title):
    return replace(order, lines=tuple(replace(line, title=title) for line in order.lines))


@pytest.mark.parametrize("other", ["BOX-L", "CNDL-SMA"])
def test_lines_of_one_title_packed_differently_wait_for_a_person(tried, an_order, other):
    order = an_order(lines=[("BOX-S", 1, "20.00"), (other, 1, "50.00")])
    assert not tried("bundles", order, BOXES).holds
    decision = tried("bundles", _titled(order, "Gift Box"), BOXES)
    assert not decision.documents
    assert 'lines titled "Gift Box" that are packed from different items' in decision.holds[0].sentence


def test_lines_of_one_title_packed_alike_are_split(tried, an_order):
    order = an_order(lines=[("BOX-L", 1, "50.00"), ("BOX-L", 2, "50.00")])
    (document,) = documents(tried("bundles", _titled(order, "Gift Box"), BOXES))
    rows = [(line.item_ref, line.quantity) for line in document.lines]
    assert rows == [("CNDL-SMA", 1), ("TEA-SEN", 4), ("CNDL-SMA", 2), ("TEA-SEN", 8)]


@pytest.mark.parametrize(("restocked", "item"), [(True, "CNDL-SMA"), (False, "BOX-L")])
def test_a_bundle_that_is_not_put_back_is_not_written_as_its_components(shipped, an_order, restocked, item):
    order = an_order(lines=[("BOX-L", 1, "50.00")])
    plugins = load_plugins(["bundles"], [shipped])
    asking = Asking(mapping=read(MAPPING + BOXES), merchant="oak-ember", plugins=plugins)
    line = PlanLine(
        kind=LineKind.PRODUCT,
        role="returns",
        amount=Money.of("50.00", "USD"),
        line_id=order.lines[0].id,
        returned=True,
        restocked=restocked,
    )
    assert asking.item(line, order).value == item


# -- hold_unusual ------------------------------------------------------------------------------------------


def unusual(shipped, order, news, said=""):
    text = f"{MAPPING}\n[merchants.oak-ember.plugin.hold_unusual]\n{said}\n"
    plugins = load_plugins(["hold_unusual"], [shipped])
    asking = Asking(mapping=read(text), merchant="oak-ember", plugins=plugins)
    event = next(iter(decide(Case(order=order), desk(shipped)).events))
    return " ".join(hold.sentence for hold in asking.holds(event, order, news))


NEWS = News(order=True, skus=("MUG-1", "MUG-2"), taxes=("CA Tax",), provinces=("CA",), mapping=True)


@pytest.mark.parametrize(
    ("said", "news", "wanted"),
    [
        ("", News(order=True), ""),
        (
            "",
            NEWS,
            "SKU MUG-1, MUG-2 was booked before. Nothing with the tax CA Tax was booked before. The map",
        ),
        ("new_skus = false\nnew_taxes = false\nafter_changes = false", NEWS, ""),
        ("new_skus = false\nnew_taxes = false\nafter_changes = false\nnew_provinces = true", NEWS, "to CA"),
        ('amount = "12"', News(order=True), "#1001 is 12.00 USD, and 12 or more waits to be looked at."),
        ('amount = "12.01"', News(order=True), ""),
        ('amount = "12"', News(), ""),  # something of it is in the books: it was looked at
        ("from = 2026-03-03", NEWS, ""),
        ("from = 2026-03-02", NEWS, "MUG-1"),
    ],
)
def test_what_is_unusual_waits_with_its_reason(shipped, an_order, said, news, wanted):
    told = unusual(shipped, an_order(), news, said)
    assert wanted in told
    assert bool(told) == bool(wanted)
