"""A shipped template and the class it writes, put together as one function: from a document straight to its text.

Most of a template is layout: elements around fields, left out where a field is None, once for each line. Where it is
nothing else, nobody can tell whether a field was made flat before the template read it or while it did. So the two
walks become one: each value is fitted and escaped where it is written, and what came before is one look-up. Any other
template, and every one a merchant wrote, goes by way of the flat value `d`; tests/qbxml/test_qbxml_plain_road.py holds
the two beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from jinja2 import nodes

from qbconsole.qbxml.generated.unrolled import Rule, Way, made
from qbconsole.qbxml.templating.shortcuts import optional_element, pieces

#: Document, requestID, names to ask QuickBooks for, losses (which it adds to) -> text.
Straight: TypeAlias = Callable[[Any, str, tuple[str, ...], list[Any]], str]
#: A class, its request and the path above its fields -> how each is written.
WaysOf: TypeAlias = Callable[[type, str, str], Mapping[str, Way]]
#: So many texts of one field are remembered; then all are forgotten, which only costs time.
_REMEMBERED = 4_096


class _NotLayout(Exception):
    """The template does more than lay out; the plain road writes it."""


class _Bound(NamedTuple):
    """What a name of the template stands for."""

    python: str
    #: The fields of a value; None for a text.
    ways: Mapping[str, Way] | None
    #: How a text is written.
    way: Way | None = None
    #: It may be None, and nobody has asked yet.
    maybe: bool = False


def straight(
    tree: nodes.Template, kind: type, ways_of: WaysOf, escape: Callable[[Any], str]
) -> Straight | None:
    """The function that writes a document of this class as the template would; None where it is not all layout."""
    fields = set(getattr(kind, "__struct_fields__", ()))
    if not fields or fields & {"request_id", "include_ret_elements"}:
        return None
    written = _Writing(kind, ways_of, escape)
    try:
        written.body(tree.body, {"d": _Bound("d", ways_of(kind, written.request, ""))})
    except _NotLayout:
        return None
    return written.function()


class _Writing:
    """The function in the making."""

    def __init__(self, kind: type, ways_of: WaysOf, escape: Callable[[Any], str]) -> None:
        self.request: str = kind.request  # type: ignore[attr-defined]
        self._name = kind.__name__
        self._ways_of, self._escape = ways_of, escape
        self._given: dict[str, Any] = {"escape": escape}
        self._lines = ["def write(d, request_id, wanted, losses):", "    text = ''"]
        self._depth, self._count, self._into = 1, 0, "text"
        #: Parts of an f-string that are not written yet.
        self._waiting: list[str] = []

    def function(self) -> Straight:
        """Compile what was written."""
        self._flush()
        self._line("return text")
        return made(self._lines, f"<straight {self._name}>", self._given)

    def body(self, body: Iterable[nodes.Node], scope: Mapping[str, _Bound]) -> None:
        """Write the nodes of a block."""
        for node in body:
            if isinstance(node, nodes.If) and (optional := optional_element(node)):
                self._optional(*optional, scope)
            elif isinstance(node, nodes.If):
                self._if(node, scope)
            elif isinstance(node, nodes.For):
                self._for(node, scope)
            elif isinstance(node, nodes.With):
                self._with(node, scope)
            elif isinstance(node, nodes.Output) and (found := pieces(node)):
                self._output(found, scope)
            else:
                raise _NotLayout

    def _output(self, found: Sequence[str | nodes.Expr], scope: Mapping[str, _Bound]) -> None:
        for one in found:
            if isinstance(one, str):
                self._waiting.append(_literal(one))
            elif isinstance(one, nodes.Name):
                bound = scope.get(one.name)
                if bound is None or bound.way is None:
                    raise _NotLayout
                self._waiting.append(f"{{{self._value(bound.way, bound.python)}}}")
                self._flush()
            else:
                self._always(one, scope)

    def _always(self, field: nodes.Expr, scope: Mapping[str, _Bound]) -> None:
        """A field that stands for nothing where it is None."""
        if isinstance(field, nodes.Getattr) and _is_document(field, scope) and field.attr == "request_id":
            self._waiting.append("{escape(request_id)}")
            return
        value, way = self._fetched(field, scope)
        self._waiting.append(f'{{"" if {value} is None else {self._value(way, value)}}}')
        self._flush()

    def _optional(self, before: str, field: nodes.Getattr, after: str, scope: Mapping[str, _Bound]) -> None:
        self._flush()
        value, way = self._fetched(field, scope)
        self._line(f"if {value} is not None:")
        written = f"{_literal(before)}{{{self._value(way, value)}}}{_literal(after)}"
        self._line(f"    {self._into} += f'{written}'")

    def _fetched(self, field: nodes.Expr, scope: Mapping[str, _Bound]) -> tuple[str, Way]:
        way, source = self._field(field, scope)
        if way.many or way.inner:
            raise _NotLayout
        value = self._new("value")
        self._line(f"{value} = {source}")
        return value, way

    def _field(self, field: nodes.Node, scope: Mapping[str, _Bound]) -> tuple[Way, str]:
        """How a field is written, and where it stands in Python."""
        if isinstance(field, nodes.Getattr) and isinstance(field.node, nodes.Name):
            bound = scope.get(field.node.name)
            if bound is not None and bound.ways and not bound.maybe and field.attr in bound.ways:
                return bound.ways[field.attr], f"{bound.python}.{field.attr}"
        raise _NotLayout

    def _if(self, node: nodes.If, scope: Mapping[str, _Bound]) -> None:
        """`{% if a is not none %}` around what a nested value says."""
        test = node.test
        if (
            node.elif_
            or node.else_
            or not isinstance(test, nodes.Not)
            or not isinstance(test.node, nodes.Test)
        ):
            raise _NotLayout
        asked = test.node.node
        bound = scope.get(asked.name) if isinstance(asked, nodes.Name) else None
        if test.node.name != "none" or bound is None or not bound.maybe or not isinstance(asked, nodes.Name):
            raise _NotLayout
        self._block(
            f"if {bound.python} is not None:", node.body, {**scope, asked.name: bound._replace(maybe=False)}
        )

    def _with(self, node: nodes.With, scope: Mapping[str, _Bound]) -> None:
        if len(node.targets) != 1 or not isinstance(node.targets[0], nodes.Name):
            raise _NotLayout
        way, source = self._field(node.values[0], scope)
        if way.many or not way.inner:
            raise _NotLayout
        inner = _Bound(self._new("part"), self._ways_of(way.inner[0], self.request, way.inner[1]), maybe=True)
        self._flush()
        self._line(f"{inner.python} = {source}")
        self.body(node.body, {**scope, node.targets[0].name: inner})

    def _for(self, node: nodes.For, scope: Mapping[str, _Bound]) -> None:
        if node.else_ or node.test or node.recursive or not isinstance(node.target, nodes.Name):
            raise _NotLayout
        each = self._new("each")
        if (
            isinstance(node.iter, nodes.Getattr)
            and _is_document(node.iter, scope)
            and node.iter.attr == "include_ret_elements"
        ):
            source, bound = "wanted", _Bound(each, None, Way(None))
        else:
            way, source = self._field(node.iter, scope)
            if way.each is None:
                raise _NotLayout
            inner = way.each.inner
            bound = (
                _Bound(each, self._ways_of(inner[0], self.request, inner[1]))
                if inner
                else _Bound(each, None, way.each)
            )
        self._flush()
        # A round is put together apart: a text of a line's length grows faster than one of a document's.
        outer, self._into = self._into, self._new("row")
        inside = {name: one for name, one in scope.items() if name != "loop"} | {node.target.name: bound}
        self._block(
            f"for {each} in {source}:",
            node.body,
            inside,
            first=f"{self._into} = ''",
            last=f"{outer} += {self._into}",
        )
        self._into = outer

    def _block(
        self,
        head: str,
        body: Sequence[nodes.Node],
        scope: Mapping[str, _Bound],
        *,
        first: str = "",
        last: str = "",
    ) -> None:
        self._flush()
        self._line(head)
        self._depth += 1
        self._line(first or "pass")
        self.body(body, scope)
        self._flush()
        if last:
            self._line(last)
        self._depth -= 1

    def _value(self, way: Way, value: str) -> str:
        """The expression for a value's text, escaped."""
        write, seen = self._new("write"), self._new("seen")
        if way.bare and way.rule is not None:
            self._given[write] = way.rule
            return f"{write}({value}, losses)"
        known: dict[Any, str] | None = None if way.known is None else {}
        self._given[seen] = known
        self._given[write] = _escaping(way, self._escape, known)
        # An empty text is none that is worth remembering, so `or` asks for it anew.
        remembered = f"{seen}.get({value}) or " if known is not None else ""
        return f"{remembered}{write}({value}, losses)"

    def _flush(self) -> None:
        if self._waiting:
            self._line(f"{self._into} += f'{''.join(self._waiting)}'")
            self._waiting = []

    def _new(self, word: str) -> str:
        self._count += 1
        return f"{word}_{self._count}"

    def _line(self, code: str) -> None:
        self._lines.append("    " * self._depth + code)


def _is_document(field: nodes.Getattr, scope: Mapping[str, _Bound]) -> bool:
    return isinstance(field.node, nodes.Name) and field.node.name == "d" and scope["d"].python == "d"


def _escaping(way: Way, escape: Callable[[Any], str], seen: dict[Any, str] | None) -> Rule:
    """The rule of a field, and escaped; what nothing is lost of is remembered in `seen`."""
    rule, known = way.rule, way.known

    def write(value: Any, losses: list[Any]) -> str:
        text = escape(value if rule is None else rule(value, losses))
        if seen is not None and known is not None and value in known:
            if len(seen) >= _REMEMBERED:
                seen.clear()
            seen[value] = text
        return text

    return write


def _literal(text: str) -> str:
    """A text as it stands in an f-string between single quotes."""
    return repr('"' + text)[2:-1].replace("{", "{{").replace("}", "}}")
