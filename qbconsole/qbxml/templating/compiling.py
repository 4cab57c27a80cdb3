"""The sandbox a merchant's templates run in, and what it writes.

Jinja2's immutable sandbox with strict undefined names, cut down to the language of `language`. Every output is
escaped, whatever a template says about autoescaping. Templates compile to slightly other Python than Jinja2's own,
because a field is read and written hundreds of thousands of times a day: fields of our flat values are read directly,
`is none` is an identity test, and an output is one call. Anything else goes the sandbox's own way.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Hashable
from functools import lru_cache
from types import CodeType
from typing import Any, ClassVar, cast
from xml.sax.saxutils import escape

from jinja2 import FunctionLoader, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from qbconsole.qbxml.flat import View, written
from qbconsole.qbxml.templating.filters import FILTERS
from qbconsole.qbxml.templating.heads import require_api
from qbconsole.qbxml.templating.language import LOOP_METHODS, METHODS, MOST_SOURCE, TESTS, require_allowed
from qbconsole.qbxml.templating.shortcuts import document_name, optional_element

_QUOTE = {'"': "&quot;"}


class Code(CodeGenerator):
    """Compiles templates; see the module."""

    #: Every output must be counted, so that none may be written together with another.
    counts: ClassVar[bool] = False

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """Read a field of a flat value directly; hand everything else to the sandbox."""
        if not isinstance(node.node, nodes.Name) or not _is_plain_name(node.attr):
            super().visit_Getattr(node, frame)
            return
        if document := document_name(node.node, frame):
            self.write(f"{document}.{node.attr}")
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f".{node.attr} if isinstance(")
        self.visit(node.node, frame)
        self.write(", environment.view) else ")
        super().visit_Getattr(node, frame)
        self.write(")")

    def visit_If(self, node: nodes.If, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """Write an element that may be absent as one output."""
        parts = optional_element(node)
        if parts is None or self.counts or frame.buffer is not None:
            super().visit_If(node, frame)
            return
        before, field, after = parts
        value = self.temporary_identifier()
        self.writeline(f"{value} = ", node)
        self.visit(field, frame)
        self.writeline(f"if {value} is not None:")
        self.indent()
        self.writeline(f"yield {before!r} + environment.xml_text({value}) + {after!r}")
        self.outdent()

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


def _is_plain_name(name: str) -> bool:
    """Whether Python reads a name as it stands: it takes full-width letters for ASCII, and `class` for its own."""
    return name.isascii() and not name.startswith("_") and not keyword.iskeyword(name)


class Sandbox(ImmutableSandboxedEnvironment):
    """Compiles and runs templates found by `load`; only for shipped ones, see `guarded` for all others."""

    code_generator_class = Code
    #: Compiled templates read these values' fields directly: their slots hold text and nothing else.
    view = View
    intercepted_binops: ClassVar[frozenset[str]] = frozenset({"+", "-"})  # type: ignore[misc]

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
        self.filters = dict(FILTERS)
        self.tests = {name: test for name, test in self.tests.items() if name in TESTS}

    def compile(
        self,
        source: Any,
        name: str | None = None,
        filename: str | None = None,
        raw: bool = False,
        defer_init: bool = False,
    ) -> Any:
        """The code of a template, once a process for each text: compiling costs more than a hundred orders."""
        return _code(cast("Hashable", type(self)), source, name, filename)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """The template's tree, with nothing in it that is not in the language."""
        if len(source) > MOST_SOURCE:
            words = f"it has {len(source)} characters; a template may have {MOST_SOURCE}"
            raise TemplateSyntaxError(words, 1, name, filename)
        require_api(source, name or "", filename)
        parser = Parser(self, source, name, filename)
        try:
            tree = parser.parse()
        except RecursionError as cause:
            line = parser.stream.current.lineno
            raise TemplateSyntaxError("it is nested too deeply", line, name, filename) from cause
        require_allowed(tree, self.filters, name or "", filename)
        return tree

    def is_safe_callable(self, obj: Any) -> bool:
        """Only macros, a few methods of text, and two of the loop."""
        if isinstance(obj, Macro):
            return True
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(owner, str):
            return name in METHODS
        return isinstance(owner, LoopContext) and name in LOOP_METHODS

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - Jinja2's names
        """Call a macro or method. Raises SecurityError for anything else, naming it without showing it."""
        if isinstance(__obj, StrictUndefined):
            return __obj()  # raises, naming what is undefined
        if not __self.is_safe_callable(__obj):
            raise SecurityError(
                f"{getattr(__obj, '__name__', type(__obj).__name__)} cannot be called in a template"
            )
        return __context.call(__obj, *args, **kwargs)

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
        if value is None:
            return ""
        if isinstance(value, StrictUndefined):
            str(value)  # raises, naming what is undefined
        if not isinstance(value, str | int):
            raise SecurityError(f"a {type(value).__name__} is no text: write its parts, or call it with ()")
        return escape(written(value), _QUOTE)


@lru_cache(maxsize=512)
def _code(kind: Any, source: str, name: str | None, filename: str | None) -> CodeType:
    """Compile for every sandbox of a kind: the code holds nothing of the environment it came from."""
    code: CodeType = ImmutableSandboxedEnvironment.compile(kind(lambda _: None), source, name, filename)
    return code
