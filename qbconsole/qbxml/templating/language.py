"""The language of templates: the part of Jinja2 that lays out text, and nothing that computes or reaches.

Everything is listed that may stand in a template; whatever is not listed is refused before it ever runs, with its
line. So a trick nobody thought of is refused too. docs/templates.md shows these lists; a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from jinja2 import TemplateSyntaxError, nodes

#: What may stand in a template, by Jinja2's name of it.
_ALLOWED = frozenset(
    {
        *(
            "Template",
            "Output",
            "TemplateData",
            "Const",
            "Name",
            "Getattr",
            "Getitem",
            "Slice",
            "Tuple",
            "List",
        ),
        *("Concat", "Add", "Sub", "Neg", "Pos", "Not", "And", "Or", "Compare", "Operand", "CondExpr"),
        *("Test", "Filter", "Call", "Keyword", "If", "For", "With", "Assign", "Macro"),
        *("Include", "Import", "FromImport", "Scope", "ScopedEvalContextModifier"),
    }
)
#: How what is refused is called, where Jinja2's own name tells people nothing.
_CALLED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("Mul", "Div", "FloorDiv", "Mod", "Pow"), "arithmetic: amounts and counts are written already"
        ),
        **dict.fromkeys(("Extends", "Block"), "extends or block: include a template, or import its macros"),
        **dict.fromkeys(
            ("CallBlock", "FilterBlock"), "a call or filter block: write the filter where the text stands"
        ),
        **dict.fromkeys(("Dict", "Pair"), "a dict"),
        "AssignBlock": "a set block: set one value, or write a macro",
        "NSRef": "a namespace",
    }
)
#: Methods of text that may be called.
METHODS = frozenset({"startswith", "endswith", "strip", "lstrip", "rstrip", "split", "upper", "lower"})
#: Of the variable `loop`.
LOOP_METHODS = frozenset({"cycle", "changed"})
#: Tests after `is`.
TESTS = frozenset({"defined", "undefined", "none", "string", "number", "odd", "even", "true", "false", "in"})
#: So many characters one template may have, and so deep may it be nested.
MOST_SOURCE = 100_000
_DEEPEST_BLOCK = 15
_DEEPEST = 60
_BLOCKS = (nodes.For, nodes.If, nodes.With, nodes.Macro, nodes.Scope)


def require_allowed(
    tree: nodes.Template, filters: Mapping[str, object], name: str, filename: str | None
) -> None:
    """Refuse what templates may not use. Raises TemplateSyntaxError with the line of the first such thing."""
    for node, depth, blocks in _walk(tree):
        what = _refused(node, filters)
        if depth > _DEEPEST or blocks > _DEEPEST_BLOCK:
            what = "it is nested too deeply"
        if what:
            raise TemplateSyntaxError(what, node.lineno or 1, name, filename)


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int, int]]:
    """Every node in the order they stand, with how deep it stands; not by recursion, for depth is what is asked."""
    waiting = [(tree, 0, 0)]
    while waiting:
        node, depth, blocks = waiting.pop()
        yield node, depth, blocks
        inner = blocks + isinstance(node, _BLOCKS)
        # Blocks count apart: a template of few levels is deep enough as a tree.
        below = 0 if isinstance(node, _BLOCKS) else depth + 1
        waiting += [(child, below, inner) for child in reversed(list(node.iter_child_nodes()))]


def _refused(node: nodes.Node, filters: Mapping[str, object]) -> str:
    """Why a node may not stand in a template; "" when it may."""
    kind = type(node).__name__
    if kind not in _ALLOWED:
        return f"a template may not use {_CALLED.get(kind, kind)}"
    if isinstance(node, nodes.Filter) and node.name not in filters:
        return f"there is no filter {node.name!r}; there are {', '.join(sorted(filters))}"
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        return f"there is no test {node.name!r}; there are {', '.join(sorted(TESTS))}"
    if isinstance(node, nodes.For) and (node.recursive or node.test):
        return "a loop may not be recursive or filtered: write an if inside it"
    if isinstance(node, nodes.Include | nodes.Import | nodes.FromImport) and not isinstance(
        node.template, nodes.Const
    ):
        return "a template is included by its name in quotes"
    if isinstance(node, nodes.Call):
        return _refused_call(node)
    return _refused_name(node)


def _refused_call(node: nodes.Call) -> str:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        return "a call may not spread its arguments with *"
    called = node.node
    if isinstance(called, nodes.Name):
        return ""
    if isinstance(called, nodes.Getattr):
        # A macro of an imported template, a method of text or of the loop; which one is known when it runs.
        return "" if isinstance(called.node, nodes.Name) else _refused_method(called.attr)
    return "only macros and a few methods of text can be called"


def _refused_method(name: str) -> str:
    if name in METHODS:
        return ""
    return f"{name}() cannot be called; there are {', '.join(sorted(METHODS))}"


def _refused_name(node: nodes.Node) -> str:
    """Names beginning with an underscore lead into Python; letters beyond ASCII may read as others to it."""
    name = ""
    if isinstance(node, nodes.Getattr):
        name = node.attr
    elif isinstance(node, nodes.Name):
        name = node.name
    elif isinstance(node, nodes.Keyword):
        name = node.key
    elif isinstance(node, nodes.Macro):
        name = node.name
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        name = node.arg.value if isinstance(node.arg.value, str) else ""
    if name.startswith("_"):
        return f"{name!r} is out of a template's reach"
    return "" if name.isascii() else f"the name {name!r} has other letters than ASCII has"
