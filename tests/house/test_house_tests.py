"""The tests themselves: each one checks something, none sleeps, none replaces our own functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from house_reading import Function, called, imports, listing, test_modules

#: A call whose last name starts so is a check.
CHECKING = ("assert", "raises", "warns", "check", "expect", "fail", "snap_compare", "verify")


def _checks(function: ast.AST, checkers: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert | ast.Raise):
            return True
        if isinstance(node, ast.Call):
            name = called(node).rsplit(".", 1)[-1]
            if name.startswith(CHECKING) or name in checkers:
                return True
    return False


def _test_functions(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.name.startswith("test_"):
            yield node


def _unchecked() -> Iterator[str]:
    for module in test_modules():
        own = [
            node
            for node in module.tree.body
            if isinstance(node, Function) and not node.name.startswith("test_")
        ]
        checkers = {node.name for node in own if _checks(node, set())}
        for function in _test_functions(module.tree):
            if not _checks(function, checkers):
                yield f"{module.at(function)} {function.name}"


def test_every_test_checks_something():
    rows = [row for row in _unchecked() if "house_reading.py" not in row]
    assert not rows, listing(
        rows, "Assert what must hold afterwards; a test that only runs code proves nothing."
    )


def test_no_test_sleeps_or_replaces_our_functions():
    rows = [
        f"{module.at(node)} {called(node)}"
        for module in test_modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and called(node) == "time.sleep"
    ]
    rows += [
        f"{module.at(node)} {name}"
        for module in test_modules()
        for name, node in imports(module)
        if name in ("unittest.mock", "mock", "time.sleep")
    ]
    assert not rows, listing(
        rows, "Pass a clock in; give the function a real collaborator: the sandbox is there for it."
    )


def test_test_modules_have_names_of_their_own():
    names: dict[str, list[str]] = {}
    for module in test_modules():
        stem = module.name.rsplit("/", 1)[-1]
        if stem not in ("conftest.py", "provoke.py"):
            names.setdefault(stem, []).append(module.name)
    rows = [" and ".join(paths) for paths in names.values() if len(paths) > 1]
    assert not rows, listing(
        rows, "Put the package's name in front: tests/webconnector/test_webconnector_soap.py."
    )
