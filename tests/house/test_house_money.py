"""No float near money: not as a type, a literal or a call, and no built-in rounding (it rounds half to even).

And no rounding without a role: what a rounded amount leaves over has an owner, named here.
"""

from __future__ import annotations

import ast

from house_reading import PURE, Module, listing, package_modules

NEAR_MONEY = ("money", *PURE, "rules", "sync", "views")
#: Numbers that are no amounts, in modules of those packages.
NO_MONEY = {"qbconsole/rules/nearest.py": "how alike two words are"}
#: Where sources read amounts; the rest of them counts seconds and points.
READING = "qbconsole/sources/shopify/reading"
#: Module -> who owns what rounding leaves over there.
ROUNDS = {
    "qbconsole/money.py": "the one place that knows how; the last part of an allocation takes the rest",
    "qbconsole/books/booking/cents.py": "role rounding: three decimals in a QuickBooks of two (convention 22)",
    "qbconsole/books/booking/order.py": "refund_discrepancy in shop money, the rest stays owed (convention 19)",
    "qbconsole/books/facts/purchase/buying.py": "the last line of goods takes the rest (convention 22)",
    "qbconsole/books/facts/stock.py": "the last line with a cost takes the rest (convention 22)",
    "qbconsole/books/naming/taxes.py": "nobody: a forecast of what QuickBooks charges, never posted",
    "qbconsole/decide/facts.py": "nobody: the cost of one unit as a word of an item's description",
    "qbconsole/qbxml/flat.py": "nobody: rates and quantities are written with five places, amounts never",
    "qbconsole/shop/sold.py": "the last or largest line takes the rest (section 4, conventions 33 and 34)",
    "qbconsole/shop/stock.py": "role inventory_asset: all units at once, so that nothing is left unit by unit",
    "qbconsole/sources/shopify/reading/reader.py": "nobody: a unit cost in finer steps than the currency's, as first booked",
}


def _floats(module: Module) -> list[str]:
    refusing = {
        id(name)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance"
        for name in ast.walk(node)
    }
    rows = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)):
            rows.append(f"{module.at(node)} {node.value!r}")
        if isinstance(node, ast.Name) and node.id in ("float", "round") and id(node) not in refusing:
            rows.append(f"{module.at(node)} {node.id}")
    return rows


def _near_money() -> list[Module]:
    reading = [module for module in package_modules("sources") if module.name.startswith(READING)]
    return [module for module in package_modules(*NEAR_MONEY) + reading if module.name not in NO_MONEY]


def test_no_float_comes_near_money():
    rows = [row for module in _near_money() for row in _floats(module)]
    assert not rows, listing(
        rows, "Use Money or Decimal from text, and Money.rounded where a remainder has an owner."
    )


def test_no_column_of_the_store_is_a_float():
    kinds = {"Float", "REAL", "Double", "FLOAT", "DOUBLE", "Numeric"}
    rows = [
        f"{module.at(node)} {name}"
        for module in package_modules("store")
        for node in ast.walk(module.tree)
        for name in (getattr(node, "id", None), getattr(node, "attr", None))
        if name in kinds
    ]
    assert not rows, listing(rows, "Store the smallest unit as an integer, or the amount as text.")


def _rounds(module: Module) -> list[str]:
    names = {"quantize", "rounded", "to_integral_value", "to_integral"}  # `round` is the test above's
    return [
        f"{module.at(node)} {name}"
        for node in ast.walk(module.tree)
        if isinstance(node, (ast.Attribute, ast.Name))
        for name in (node.attr if isinstance(node, ast.Attribute) else node.id,)
        if name in names or name.startswith("ROUND_")
    ]


def test_nothing_is_rounded_without_an_owner_of_the_rest():
    found = {module.name: rows for module in package_modules() if (rows := _rounds(module))}
    # QuickBooks' and Shopify's own arithmetic; widths of columns.
    simulated = ("qbconsole/sandbox/", "qbconsole/console/")
    rows = [
        row
        for name, places in found.items()
        if name not in ROUNDS and not name.startswith(simulated)
        for row in places
    ]
    assert not rows, listing(rows, "Give the rest to a role, or say in ROUNDS who owns it.")
    gone = sorted(ROUNDS.keys() - found.keys())
    assert not gone, listing(gone, "Nothing is rounded there any more: take it off ROUNDS.")
