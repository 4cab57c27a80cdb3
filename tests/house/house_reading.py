"""The tree as the house tests read it: every module parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: No clock, files, environment, network or log in here (design.md, section 3).
PURE = ("shop", "company", "books", "qbxml", "decide")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: where it lies, its text, and what it parses to."""

    #: Relative to the repository's root, with slashes: "qbconsole/money.py".
    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def package(self) -> str:
        """The first name under qbconsole: "books", "money"."""
        return self.name.split("/")[1].removesuffix(".py")

    def at(self, node: ast.AST) -> str:
        return f"{self.name}:{node.lineno}"


@cache
def _modules(folder: str) -> tuple[Module, ...]:
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "_bundled" not in path.parts:
            text = path.read_text(encoding="utf-8")
            found.append(Module(path.relative_to(ROOT).as_posix(), text, ast.parse(text, str(path))))
    return tuple(found)


def package_modules(*packages: str) -> list[Module]:
    """The modules of qbconsole, or only those of the packages named."""
    return [module for module in _modules("qbconsole") if not packages or module.package in packages]


def test_modules() -> tuple[Module, ...]:
    """Every Python file under tests."""
    return _modules("tests")


test_modules.__test__ = False


def functions(module: Module) -> Iterator[tuple[str, Function]]:
    """Every function with its dotted name inside the module: "Money.of", "allocate"."""

    def within(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function):
                yield prefix + child.name, child
            named = isinstance(child, (*Function.__args__, ast.ClassDef))
            yield from within(child, f"{prefix}{child.name}." if named else prefix)

    return within(module.tree, "")


def imports(module: Module) -> Iterator[tuple[str, ast.stmt]]:
    """Every module imported, dotted; of `from a import b` both "a" and "a.b"."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield base, node
            for alias in node.names:
                yield f"{base}.{alias.name}", node


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call with what is called, as written: "round", "datetime.now", "now" of anything else."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield called(node), node


def called(node: ast.Call) -> str:
    """What a call calls, as far as it is plain names: "Path.open", ".open" behind an expression."""
    parts, target = [], node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    parts.append(target.id if isinstance(target, ast.Name) else "")
    return ".".join(reversed(parts))


def listing(rows: list[str], what_to_do: str) -> str:
    """A failure message: every place, then what to do about it."""
    return "\n  ".join(["", *rows]) + f"\n-> {what_to_do}"
