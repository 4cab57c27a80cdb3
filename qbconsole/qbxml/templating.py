"""The sandbox a merchant's templates run in, and what it writes.

Jinja2's immutable sandbox with strict undefined names. Every output is escaped, whatever a template says about
autoescaping. Templates compile to slightly other Python than Jinja2's own, because a field is read and written
hundreds of thousands of times a day: fields of our flat values are read directly, `is none` is an identity
test, and an output is one call. Anything else, and every name that starts with an underscore, goes the
sandbox's own way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any
from xml.sax.saxutils import escape

from jinja2 import FunctionLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from qbconsole.qbxml.flat import View, written

_QUOTE = {'"': "&quot;"}


class _Code(CodeGenerator):
    """Compiles templates; see the module."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """Read a field of a flat value directly; hand everything else to the sandbox."""
        if not isinstance(node.node, nodes.Name) or node.attr.startswith("_"):
            super().visit_Getattr(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f".{node.attr} if isinstance(")
        self.visit(node.node, frame)
        self.write(", environment.view) else ")
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


class Sandbox(ImmutableSandboxedEnvironment):
    """Compiles and runs templates found by `load`."""

    code_generator_class = _Code
    #: Compiled templates read these values' fields directly: their slots hold text and nothing else.
    view = View

    def __init__(self, load: Callable[[str], tuple[str, str, None] | None]) -> None:
        super().__init__(
            loader=FunctionLoader(load),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        # A template has its document and nothing else.
        self.globals.clear()

    def compile(
        self,
        source: Any,
        name: str | None = None,
        filename: str | None = None,
        raw: bool = False,
        defer_init: bool = False,
    ) -> Any:
        """The code of a template, once a process for each text: compiling costs more than a hundred orders."""
        return _code(source, name, filename)

    def runner(self, name: str) -> Callable[[View], str]:
        """Compile a template; the result runs it over one flat value. Raises what Jinja2 raises."""
        template = self.get_template(name)
        write = template.root_render_func

        def run(view: View) -> str:
            try:
                return "".join(write(template.new_context({"d": view}, shared=True)))
            except Exception:  # noqa: BLE001 - raised again, with the template's lines in its traceback
                return self.handle_exception()

        return run

    @staticmethod
    def xml_text(value: Any) -> str:
        """Write one output: text escaped, nothing for None, the rest as qbXML wants it."""
        if type(value) is str:
            # Most texts hold nothing to escape, and looking is much cheaper than making Markup of them.
            if "&" in value or "<" in value or ">" in value or '"' in value:
                return escape(value, _QUOTE)
            return value
        if type(value) is Markup:
            return value
        return "" if value is None else escape(written(value), _QUOTE)


@lru_cache(maxsize=512)
def _code(source: str, name: str | None, filename: str | None) -> CodeType:
    """Compile for every sandbox: the code holds nothing of the environment it came from."""
    code: CodeType = ImmutableSandboxedEnvironment.compile(Sandbox(lambda _: None), source, name, filename)
    return code
