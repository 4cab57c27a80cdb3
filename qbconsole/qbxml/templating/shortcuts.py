"""What most of every template is made of, recognised, so that it compiles to one line of Python."""

from __future__ import annotations

from jinja2 import nodes
from jinja2.compiler import Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE


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
