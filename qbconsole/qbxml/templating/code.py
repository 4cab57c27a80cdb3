"""The Python that templates compile to: Jinja2's own, but for what most of every template is made of.

A field is read and written hundreds of thousands of times a day, so fields of our flat values are read directly,
`is none` is an identity test, and what stands between two blocks is put together as one text before it is handed on:
Jinja2 would hand on every piece of it. Anything else goes the sandbox's own way.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

from qbconsole.qbxml.templating.shortcuts import Piece, document_name, loop_variable, optional_element, pieces


class Code(CodeGenerator):
    """Compiles templates; see the module."""

    #: Every output must be counted, so that none may be written together with another.
    counts: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Bodies of loops -> the name of their variable.
        self._loops: dict[int, str] = {}
        #: A loop's variable -> the Python name that says whether it is a flat value.
        self._flat: dict[str, str] = {}

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """Read a field of a flat value directly; hand everything else to the sandbox."""
        if not isinstance(node.node, nodes.Name) or not _is_plain_name(node.attr):
            super().visit_Getattr(node, frame)
            return
        if document := document_name(node.node, frame):
            self.write(f"{document}.{node.attr}")
            return
        name = frame.symbols.ref(node.node.name)
        asked = self._flat.get(name) or f"isinstance({name}, environment.view)"
        self.write(f"({name}.{node.attr} if {asked} else ")
        super().visit_Getattr(node, frame)
        self.write(")")

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """Write `is none` as Python does."""
        if node.name != "none":
            super().visit_Test(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(" is None)")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("environment.xml_text(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write(")")

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """Ask once a round whether the loop's variable is a flat value, not once a field."""
        if name := loop_variable(node):
            self._loops[id(node.body)] = name
        super().visit_For(node, frame)

    def blockvisit(self, body: Iterable[nodes.Node], frame: Frame) -> None:
        """Write neighbouring outputs, and elements that may be absent among them, as one text."""
        variable = self._loops.pop(id(body), None)
        name = frame.symbols.ref(variable) if variable else ""
        if name:
            self._flat[name] = self.temporary_identifier()
            self.writeline(f"{self._flat[name]} = isinstance({name}, environment.view)")
        if self.counts or frame.buffer is not None or frame.require_output_check:
            super().blockvisit(body, frame)
        else:
            self._in_runs(body, frame)
        self._flat.pop(name, None)

    def _in_runs(self, body: Iterable[nodes.Node], frame: Frame) -> None:
        opened = "text_of, known = environment.text_of, environment.known"
        self.writeline(opened if frame.rootlevel else "pass")
        run: list[tuple[nodes.Node, Sequence[Piece]]] = []
        for node in body:
            if found := pieces(node):
                run.append((node, found))
                continue
            self._write_run(run, frame)
            run = []
            self.visit(node, frame)
        self._write_run(run, frame)

    def _write_run(self, run: Sequence[tuple[nodes.Node, Sequence[Piece]]], frame: Frame) -> None:
        if not run:
            return
        text = self.temporary_identifier()
        started = False
        waiting: list[str] = []
        for node, found in run:
            optional = optional_element(node) if isinstance(node, nodes.If) else None
            if optional is None:
                waiting += self._always(node, found, frame)
                continue
            if waiting or not started:
                self.writeline(f"{text} {'+=' if started else '='} f'{''.join(waiting)}'")
                started, waiting = True, []
            self._maybe(node, optional, text, frame)
        if waiting:
            self.writeline(f"{text} {'+=' if started else '='} f'{''.join(waiting)}'")
        self.writeline(f"yield {text}")

    def _always(self, node: nodes.Node, found: Sequence[Piece], frame: Frame) -> Iterator[str]:
        """What stands in an f-string for outputs; a value is fetched before, on a line that errors can name."""
        for piece in found:
            if isinstance(piece, str):
                yield _literal(piece)
                continue
            value = self.temporary_identifier()
            self.writeline(f"{value} = text_of(", piece)
            self.visit(piece, frame)
            self.write(")")
            yield f"{{{value}}}"

    def _maybe(
        self, node: nodes.Node, optional: tuple[str, nodes.Getattr, str], text: str, frame: Frame
    ) -> None:
        before, field, after = optional
        value = self.temporary_identifier()
        self.writeline(f"{value} = ", node)
        self.visit(field, frame)
        self.writeline(f"if {value} is not None:")
        self.indent()
        # Only a plain str is looked up: a Markup equals one that was escaped.
        written = f"(known.get({value}) if type({value}) is str else None) or text_of({value})"
        self.writeline(f"{text} += f'{_literal(before)}{{{written}}}{_literal(after)}'")
        self.outdent()


def _literal(text: str) -> str:
    """A text as it stands in an f-string between single quotes."""
    return repr('"' + text)[2:-1].replace("{", "{{").replace("}", "}}")


def _is_plain_name(name: str) -> bool:
    """Whether Python reads a name as it stands: it takes full-width letters for ASCII, and `class` for its own."""
    return name.isascii() and not name.startswith("_") and not keyword.iskeyword(name)
