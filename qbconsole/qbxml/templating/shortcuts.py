"""What most of every template is made of, recognised, so that it compiles to one line of Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from jinja2 import nodes
from jinja2.compiler import Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE

#: Text that stands in the template, or a value.
Piece: TypeAlias = str | nodes.Expr


def pieces(node: nodes.Node) -> Sequence[Piece]:
    """What an output, or an element that may be absent, is made of; () for any other node.

    Only text and values by name: what is computed keeps Jinja2's own way, which folds constants.
    """
    if isinstance(node, nodes.If):
        return optional_element(node) or ()
    if not isinstance(node, nodes.Output):
        return ()
    found: list[Piece] = []
    for one in node.nodes:
        if isinstance(one, nodes.TemplateData):
            found.append(one.data)
        elif isinstance(one, nodes.Name) or (
            isinstance(one, nodes.Getattr) and isinstance(one.node, nodes.Name)
        ):
            found.append(one)
        else:
            return ()
    return found


def loop_variable(node: nodes.For) -> str:
    """The name a loop gives its rounds' values; "" where it has several, or gives the name to something else too."""
    if not isinstance(node.target, nodes.Name):
        return ""
    name = node.target.name
    inner = (one for part in (*node.body, *node.else_) for one in _stored(part))
    return "" if name in inner else name


def _stored(node: nodes.Node) -> set[str]:
    """Every name that something below is given."""
    names = {one.name for one in node.find_all(nodes.Name) if one.ctx != "load"}
    if isinstance(node, nodes.Name) and node.ctx != "load":
        names.add(node.name)
    kinds = (nodes.Macro, nodes.Import, nodes.FromImport)
    if isinstance(node, kinds) or any(node.find_all(kinds)):
        # Each gives names in a way of its own: rare enough to ask about every field.
        names |= {one.name for one in node.find_all(nodes.Name)}
    return names


def document_name(node: nodes.Name, frame: Frame) -> str | None:
    """The Python name of the template's own `d`, which is always there and always a flat value; else None."""
    ref = frame.symbols.ref(node.name)
    return ref if frame.symbols.find_load(ref) == (VAR_LOAD_RESOLVE, "d") else None


def optional_element(node: nodes.If) -> tuple[str, nodes.Getattr, str] | None:
    """Text, field and text of `{% if d.x is not none %}<X>{{ d.x }}</X>{% endif %}`; None for any other `if`."""
    if node.elif_ or node.else_ or len(node.body) != 1 or not isinstance(node.body[0], nodes.Output):
        return None
    test, inside = node.test, node.body[0].nodes
    if not (isinstance(test, nodes.Not) and isinstance(test.node, nodes.Test) and test.node.name == "none"):
        return None
    match inside:
        case [nodes.TemplateData(data=before), nodes.Getattr() as field, nodes.TemplateData(data=after)]:
            # Reading a field has no effect, so reading it once is the same.
            return (before, field, after) if field == test.node.node else None
    return None
