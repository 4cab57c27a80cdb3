"""Sizes: a module, a function and a package stay small enough to be read in one go (design.md, section 3)."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

from house_reading import functions, listing, package_modules

MODULE_LINES = 500
FUNCTION_LINES = 70
PACKAGE_MODULES = 12
#: Packages whose modules are a list by nature: one a command group, one a screen.
LISTS = ("qbconsole/cli", "qbconsole/console/screens")
#: Known offenders with their size: may only shrink, both the list and the numbers.
LARGE: dict[str, int] = {}


def _beyond(sizes: dict[str, int], limit: int) -> list[str]:
    return [f"{name}: {size}" for name, size in sizes.items() if size > LARGE.get(name, limit)]


def _module_sizes() -> dict[str, int]:
    return {module.name: module.lines for module in package_modules()}


def _function_sizes() -> dict[str, int]:
    return {
        f"{module.name}:{name}": function.end_lineno - function.lineno + 1
        for module in package_modules()
        for name, function in functions(module)
    }


def _package_sizes() -> dict[str, int]:
    paths = [PurePosixPath(module.name) for module in package_modules()]
    counts = Counter(str(path.parent) for path in paths if path.name != "__init__.py")
    return {name: size for name, size in counts.items() if name not in LISTS}


def test_no_module_is_longer_than_500_lines():
    rows = _beyond(_module_sizes(), MODULE_LINES)
    assert not rows, listing(rows, "Split it along what it does; 120 lines is the aim.")


def test_no_function_is_longer_than_70_lines():
    rows = _beyond(_function_sizes(), FUNCTION_LINES)
    assert not rows, listing(
        rows, "Take steps out into functions with names of their own; 15 lines is the aim."
    )


def test_no_package_holds_more_than_12_modules():
    rows = _beyond(_package_sizes(), PACKAGE_MODULES)
    assert not rows, listing(rows, "Find the two subjects in it and make each a package.")


def test_the_list_of_large_ones_only_shrinks():
    sizes = _module_sizes() | _function_sizes() | _package_sizes()
    rows = [name for name, known in LARGE.items() if sizes.get(name, 0) < known]
    assert not rows, listing(rows, "It has shrunk: lower its number in LARGE, or take it out.")
