"""The sandbox for every template that is not the shipped one: it also counts what a template does.

Work is counted in steps, text in characters, and macros may not call one another for ever, so a template ends
within seconds whatever it says, and always at the same place: no clock decides. The counting costs about half as
much again, which is why shipped templates, whose texts our own tests know, run without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import nodes
from jinja2.compiler import Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, Macro, markup_join

from qbconsole.qbxml.flat import View
from qbconsole.qbxml.templating.code import Code
from qbconsole.qbxml.templating.compiling import Sandbox
from qbconsole.qbxml.templating.filters import bounded

#: Steps one document may take: those of 5,000 lines with every field, some twenty times as many as people post. They
#: take about half a second, so that a template which never ends is told before the plugin host's deadline.
MOST_STEPS = 2_000_000
#: Characters one document may write: as many as those lines have.
MOST_WRITTEN = 4_000_000
#: Macros inside macros.
MOST_DEEP = 40
#: Steps of what may look through a whole text.
_HEAVY = 20
_HEAVY_NODES = (nodes.Filter, nodes.Call, nodes.Compare, nodes.Test, nodes.Concat, nodes.Add, nodes.Slice)
_BODIES = (nodes.For, nodes.If, nodes.With, nodes.Macro, nodes.Scope)


def _steps(body: Sequence[nodes.Node]) -> int:
    """What running these nodes once costs at most, without the blocks inside them: those count for themselves."""
    waiting, steps = list(body), 1
    while waiting:
        node = waiting.pop()
        steps += _HEAVY if isinstance(node, _HEAVY_NODES) else 1
        inner = set(map(id, getattr(node, "body", ()))) if isinstance(node, _BODIES) else set()
        waiting += [child for child in node.iter_child_nodes() if id(child) not in inner]
    return steps


class _GuardedCode(Code):
    """The same Python, with a line that counts at the head of every block."""

    counts = True

    def blockvisit(self, nodes: Any, frame: Frame) -> None:
        """Count a block's steps each time it runs."""
        body = list(nodes)
        if body:
            self.writeline(f"environment.spend({_steps(body)})", body[0])
        super().blockvisit(body, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """Texts put together with ~ have a length."""
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def _output_const_repr(self, group: Any) -> str:
        return f"environment.counted({super()._output_const_repr(group)})"

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("environment.counted(environment.xml_text(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("))")


class GuardedSandbox(Sandbox):
    """Runs templates nobody of us has read."""

    code_generator_class = _GuardedCode

    def __init__(self, load: Callable[[str], tuple[str, str, None] | None]) -> None:
        super().__init__(load)
        self._begin()

    def _begin(self) -> None:
        self._steps, self._room, self._deep = MOST_STEPS, MOST_WRITTEN, 0

    def runner(self, name: str) -> Callable[[View], str]:
        """As `Sandbox.runner`; each run has the whole allowance."""
        run = super().runner(name)

        def guarded(view: View) -> str:
            self._begin()
            return run(view)

        return guarded

    def spend(self, steps: int) -> None:
        """Count work. Raises SecurityError where there is no end to it."""
        self._steps -= steps
        if self._steps < 0:
            raise SecurityError("it does not come to an end: it loops far more often than any document needs")

    def counted(self, text: str) -> str:
        """Count what is written. Raises SecurityError beyond any request's size."""
        self._room -= len(text)
        if self._room < 0:
            raise SecurityError(f"it writes more than {MOST_WRITTEN} characters")
        return text

    def joined(self, parts: Sequence[Any]) -> str:
        """Texts put together. Raises SecurityError beyond what `bounded` allows."""
        texts = ["" if part is None else part for part in parts]
        bounded(sum(len(str(text)) for text in texts))
        return markup_join(texts)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Plus and minus, where the result stays small."""
        if operator == "+" and hasattr(left, "__len__") and hasattr(right, "__len__"):
            bounded(len(left) + len(right))
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - Jinja2's names
        """Macros and methods, not too deep and not too long."""
        if not isinstance(__obj, Macro):
            return super().call(__context, __obj, *args, **kwargs)
        __self._deep += 1
        if __self._deep > MOST_DEEP:
            raise SecurityError(f"macros call one another more than {MOST_DEEP} deep")
        try:
            written = super().call(__context, __obj, *args, **kwargs)
        finally:
            __self._deep -= 1
        if __self._deep:
            bounded(len(written))
        return written
