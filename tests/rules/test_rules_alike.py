"""What the names of a line depend on: where nobody looks further it can be told, else each line is asked about."""

from __future__ import annotations

import pytest

from qbconsole.books.plan import LineKind
from qbconsole.shop.orders import Terms

PLUGIN = """
from qbconsole.plugin import hookimpl
@hookimpl
def {hook}({argument}):
    return None
"""
RULE = '[[merchants.oak.rules]]\nwhen = { tag = "vip" }\n'
#: A choice of a line, the hook behind it, an argument of it, and the kinds of line it may speak of.
CHOICES = {
    "item": ("choose_item", "line", {LineKind.PRODUCT, LineKind.CHARGE}),
    "account": ("choose_account", "role", {LineKind.PRODUCT, LineKind.CHARGE, LineKind.TAX}),
    "class": ("choose_class", "line", {LineKind.PRODUCT, LineKind.CHARGE, LineKind.TAX}),
    "tax": ("choose_tax", "line", {LineKind.TAX}),
}
#: Of rules without a role, those for items and accounts speak of goods alone.
GOODS = {"item": {LineKind.PRODUCT}, "account": {LineKind.PRODUCT}}


def told(world, asking, **sold) -> dict[LineKind, object]:
    """What decides a product line, a charge and a tax."""
    sale = world.sale(**sold)
    order = world.order(sale)
    lines = {
        LineKind.PRODUCT: world.line(),
        LineKind.CHARGE: world.line("shipping_income", LineKind.CHARGE),
        LineKind.TAX: world.tax("GST"),
    }
    return {kind: asking.alike(line, sale if line.line_id else None, order) for kind, line in lines.items()}


def test_a_mapping_without_rules_tells_it_of_every_line(world):
    assert None not in told(world, world.asking()).values()
    assert world.asking().alike_sale(world.order()) is not None


@pytest.mark.parametrize("choice", CHOICES)
def test_a_plugin_that_may_speak_is_asked_for_every_line(world, choice):
    hook, argument, kinds = CHOICES[choice]
    name = world.plugin(PLUGIN.format(hook=hook, argument=argument))
    head = world.head.replace('company = "oak"', f'company = "oak"\nplugins = ["{name}"]')
    found = told(world, world.asking(head=head, plugins=[name]))
    assert {kind for kind, key in found.items() if key is None} == kinds


@pytest.mark.parametrize("choice", CHOICES)
def test_a_rule_that_may_speak_is_looked_at_for_every_line(world, choice):
    found = told(world, world.asking(f'{RULE}{choice} = "X"\n'))
    assert {kind for kind, key in found.items() if key is None} == GOODS.get(choice, CHOICES[choice][2])


@pytest.mark.parametrize(
    "sold", [{"sku": "MUG-2"}, {"variant_id": "9"}, {"barcode": "4"}, {"product_type": "Cup"}]
)
def test_another_product_is_not_alike(world, sold):
    asking = world.asking()
    assert told(world, asking)[LineKind.PRODUCT] != told(world, asking, **sold)[LineKind.PRODUCT]


def test_taxes_of_another_province_are_not_alike(world):
    asking, tax = world.asking(), world.tax("GST")
    here, there = world.order(province=("Ontario",)), world.order(province=("Quebec",))
    assert asking.alike(tax, None, here) != asking.alike(tax, None, there)


def test_days_between_which_a_rule_begins_to_hold_are_not_alike(world):
    asking = world.asking(f'{RULE}from = 2026-06-01\nmemo = "X"\n')
    order = world.order()
    before, after = (asking.on(world.event().on.replace(month=month)) for month in (5, 7))
    assert before.alike(world.line(), world.sale(), order) != after.alike(world.line(), world.sale(), order)
    assert asking.alike(world.line(), world.sale(), order) is None


@pytest.mark.parametrize(
    "tables",
    [
        '[merchants.oak.memos]\nSalesReceipt = "{order}"\n',
        f'{RULE}customer = "X"\n',
        f'{RULE}payment_method = "X"\n',
        '[merchants.oak.modes]\ncustomers = "detailed"\n',
    ],
)
def test_the_head_of_a_sale_is_asked_about_where_the_order_itself_has_a_say(world, tables):
    assert world.asking(tables).alike_sale(world.order()) is None


def test_a_sale_on_terms_is_asked_about(world):
    assert world.asking().alike_sale(world.order(terms=Terms(name="Net 30"))) is None
