"""The sandbox a merchant's templates run in, and what it writes.

Jinja2's immutable sandbox with strict undefined names, cut down to the language of `language`. Every output is
escaped, whatever a template says about autoescaping. Templates compile to slightly other Python than Jinja2's own;
see `code`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from types import CodeType
from typing import Any, ClassVar, cast
from xml.sax.saxutils import escape

from jinja2 import FunctionLoader, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from qbconsole.qbxml.flat import View, written
from qbconsole.qbxml.templating.code import Code
from qbconsole.qbxml.templating.filters import FILTERS
from qbconsole.qbxml.templating.heads import require_api
from qbconsole.qbxml.templating.language import LOOP_METHODS, METHODS, MOST_SOURCE, TESTS, require_allowed

_QUOTE = {'"': "&quot;"}
#: Texts shorter than this are remembered, so many of them; then all are forgotten, which only costs time. A document's
#: GUID and its memo with its key are longer: they come once.
_SHORT, _REMEMBERED = 38, 8_192


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
        #: Texts that came before, escaped; see `text_of`.
        self.known: dict[str, str] = {}

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

    def tree(self, name: str) -> nodes.Template:
        """A template's tree, to be read only. Raises what Jinja2 raises."""
        source, filename, _ = cast("FunctionLoader", self.loader).get_source(self, name)
        return _tree(cast("Hashable", type(self)), source, name, filename)

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
        write, blocks = template.root_render_func, template.blocks

        def run(view: View) -> str:
            try:
                # As `template.new_context` does, which first looks through globals that are none.
                return "".join(write(self.context_class(self, {"d": view}, name, blocks)))
            except Exception:  # noqa: BLE001 - raised again, with the template's lines in its traceback
                return self.handle_exception()

        return run

    def text_of(self, value: Any) -> str:
        """As `xml_text`; short texts are remembered, for they come again."""
        text = self.xml_text(value)
        if type(value) is str and len(value) < _SHORT:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            self.known[value] = text
        return text

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


@lru_cache(maxsize=64)
def _tree(kind: Any, source: str, name: str | None, filename: str | None) -> nodes.Template:
    """Read for every sandbox of a kind, as `_code` compiles."""
    tree: nodes.Template = kind(lambda _: None)._parse(source, name, filename)
    return tree


@lru_cache(maxsize=512)
def _code(kind: Any, source: str, name: str | None, filename: str | None) -> CodeType:
    """Compile for every sandbox of a kind: the code holds nothing of the environment it came from."""
    code: CodeType = ImmutableSandboxedEnvironment.compile(kind(lambda _: None), source, name, filename)
    return code
