"""Whoever answers in the end, everybody who was asked before and said nothing is named with the answer."""

from __future__ import annotations

from qbconsole.shop.orders import Buyer

RULE = """[[merchants.oak.rules]]
when = { sku = "OTHER" }
%s = "%s"
"""


def test_an_item_named_by_its_sku_says_which_rules_and_tables_were_asked(world):
    text = (
        RULE % ("item", "No")
        + '[merchants.oak.items.sku]\n"OTHER" = "No"\n[defaults.items]\nproduct = "sku"\n'
    )
    choice = world.asking(text).item(world.line(), world.order())
    assert choice.value == "MUG-1"
    assert choice.by.place.startswith("mappings.toml:")
    assert choice.by.silent[:2] == ("[[merchants.oak.rules]]", "[merchants.oak.items.sku]")


def test_a_product_without_a_sku_says_so_too(world):
    text = RULE % ("item", "No")
    order = world.order(world.sale(sku=None))
    assert world.asking(text).item(world.line(), order).by.silent == ("[[merchants.oak.rules]]",)


def test_what_is_built_in_names_who_was_asked(world):
    text = RULE % ("document", "Invoice") + '[merchants.oak.customers.buyers]\n"a@b.com" = "A"\n'
    asking, order = world.asking(text), world.order(buyer=Buyer(email="other@b.com"))
    document, customer = asking.document(order), asking.customer(order)
    assert (document.value, document.by.place, document.by.silent) == (
        "SalesReceipt",
        "built in",
        ("[[merchants.oak.rules]]",),
    )
    assert (customer.by.place, customer.by.silent) == ("built in", ("[merchants.oak.customers.buyers]",))
    vendor = world.asking('[merchants.oak.vendors.names]\n"Fern" = "F"\n').vendor("Mill")
    assert (vendor.by.place, vendor.by.silent) == ("built in", ("[merchants.oak.vendors.names]",))


def test_a_role_that_stands_in_says_that_the_role_itself_was_asked_once(world):
    by = (
        world.asking('[defaults.accounts]\nsales_income = "Sales"\n')
        .account("shipping_income", None, world.order())
        .by
    )
    assert by.silent == ("[defaults.accounts]",)
