"""No float near money: not as a type, a literal or a call, and no built-in rounding (it rounds half to even)."""

from __future__ import annotations

import ast

from house_reading import PURE, Module, listing, package_modules

NEAR_MONEY = ("money", *PURE)


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


def test_no_float_comes_near_money():
    rows = [row for module in package_modules(*NEAR_MONEY) for row in _floats(module)]
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
