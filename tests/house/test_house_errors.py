"""The tree of errors: drawn whole, each with a code of its own and a next step of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from house_reading import Module, called, listing, package_modules

from qbconsole import errors
from qbconsole.errors import QbconsoleError

#: Kinds that only gather others.
GATHERING = ("QbconsoleError", "ShopifyError")
#: Codes defined outside errors.py. May only shrink.
ELSEWHERE = {"DecideFailed", "DocumentConflict", "LeaseLost", "MoveRefused", "RequestConflict", "SetConflict"}


def _tree() -> list[type[QbconsoleError]]:
    return [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, QbconsoleError)
    ]


def _own_code(node: ast.AST) -> bool:
    """Whether a class gives itself a `code` and is an error of ours by its other marks."""
    if not isinstance(node, ast.ClassDef) or not node.bases:
        return False
    names = {
        target.id
        for line in node.body
        for target in ([line.target] if isinstance(line, ast.AnnAssign) else getattr(line, "targets", []))
        if isinstance(target, ast.Name)
    }
    return "code" in names and bool({"next_step", "exit_status"} & names)


def test_the_drawing_shows_the_whole_tree():
    drawn = errors.__doc__ or ""
    rows = [kind.__name__ for kind in _tree() if f" {kind.__name__}" not in drawn]
    assert not rows, listing(rows, "Draw it into the docstring of errors.py: that is where people look.")


def test_every_code_is_used_once():
    codes = [kind.code for kind in _tree()]
    rows = sorted({code for code in codes if codes.count(code) > 1})
    assert not rows, listing(rows, "Give each error a code of its own; scripts tell errors apart by it.")


def test_every_error_has_a_next_step_of_its_own():
    gathering = {*GATHERING, "StoreError", "WebConnectorError"}
    rows = [
        kind.__name__
        for kind in _tree()
        if not kind.next_step.endswith(".")
        or ("next_step" not in vars(kind) and kind.__name__ not in gathering)
    ]
    assert not rows, listing(
        rows, "Say in a sentence what the user can do; `doctor` is no answer to everything."
    )


def test_nobody_raises_an_error_that_only_gathers_others():
    rows = [
        f"{module.at(node)} {name}"
        for module in package_modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        for name in (called(node.exc).rsplit(".", 1)[-1],)
        if name in GATHERING
    ]
    assert not rows, listing(rows, "Raise the kind that says what happened, with its own code and next step.")


def _outside(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if _own_code(node) and node.name not in ELSEWHERE:
            yield f"{module.at(node)} {node.name}"


def test_the_list_of_codes_defined_elsewhere_only_shrinks():
    found = {node.name for module in package_modules() for node in ast.walk(module.tree) if _own_code(node)}
    rows = sorted(ELSEWHERE - (found - {kind.__name__ for kind in _tree()}))
    assert not rows, listing(rows, "It lives in errors.py now, or is gone: take it out of ELSEWHERE.")


def test_codes_are_defined_in_one_place():
    rows = [
        row
        for module in package_modules()
        if module.name != "qbconsole/errors.py"
        for row in _outside(module)
    ]
    assert not rows, listing(
        rows, "Define it in errors.py and draw it; elsewhere a subclass keeps its parent's code."
    )
