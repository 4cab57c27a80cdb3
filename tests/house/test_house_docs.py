"""Docstrings: every module says what it is for, every public class and function has its sentence."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from house_reading import Function, Module, listing, package_modules


def _undocumented(module: Module) -> Iterator[str]:
    def within(node: ast.AST) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (*Function.__args__, ast.ClassDef)) and not child.name.startswith("_"):
                if ast.get_docstring(child) is None and not _overload(child):
                    yield f"{module.at(child)} {child.name}"
                if isinstance(child, ast.ClassDef):
                    yield from within(child)

    if ast.get_docstring(module.tree) is None:
        yield module.name
    yield from within(module.tree)


def _overload(node: ast.AST) -> bool:
    return any("overload" in ast.unparse(mark) for mark in node.decorator_list)


def test_every_module_and_public_name_has_a_docstring():
    rows = [row for module in package_modules() for row in _undocumented(module)]
    assert not rows, listing(
        rows, "Say in one sentence what it is for, or does; units, sign and source where it has them."
    )


def _loose(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for mark in node.decorator_list:
                text = ast.unparse(mark)
                is_loose = not ("frozen=True" in text and "slots=True" in text)
                if text.partition("(")[0] == "dataclass" and is_loose:
                    yield f"{module.at(node)} {node.name}: @{text}"
            for option in node.keywords:  # a Value is frozen and slotted by its base
                if ast.unparse(option) == "frozen=False":
                    yield f"{module.at(node)} {node.name}: frozen=False"


#: Dataclasses that change while they live, with the reason.
LIVING: dict[str, str] = {
    "OpenItems": "the running state of one order while it is booked; never leaves booking",
    "Drafting": "the plans of one order while they are drawn up; lives only inside shape",
    "Namer": "one document's naming in progress; lives only inside name_plan",
    "Names": "what one desk has worked out about names; grows like the desk",
    "Using": "names gathered for a Namer, or for one entry of Names",
    "Desk": "remembers the numbers given out and the entries rendered while cases are decided",
    "Workspace": "an open directory: opens its store when first asked for it",
    "Scheduler": "one process's part in the schedule: remembers what it began",
    "Leadership": "one process's part in a role: remembers the lease it holds",
    "Readiness": "how far a service is; one thread writes it, the health page reads it",
    "Gate": "shut until delivery is ready, then opened to it",
    "Starting": "one process on its way to ready; lives as long as the service",
    "Pull": "one pull of orders: remembers what is withheld, so that it is not asked for again",
    "TokenSource": "holds the token in use and renews it",
}


def test_dataclasses_are_frozen_and_slotted():
    rows = [
        row
        for module in package_modules()
        if module.package != "sandbox"  # a simulated company file is there to be changed
        and "/simulate/" not in module.name  # and so is a simulated world; what its judges get is frozen
        for row in _loose(module)
        if row.split(" ")[1].rstrip(":") not in LIVING
    ]
    assert not rows, listing(
        rows,
        "Make it a Value, or @dataclass(frozen=True, slots=True, kw_only=True); if it must change, enter it in LIVING with why.",
    )


def test_the_list_of_living_dataclasses_only_shrinks():
    loose = {row.split(" ")[1].rstrip(":") for module in package_modules() for row in _loose(module)}
    rows = sorted(set(LIVING) - loose)
    assert not rows, listing(rows, "It is frozen now, or gone: take it out of LIVING.")
