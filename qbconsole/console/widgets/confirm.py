"""Confirm: y or n, where no is what happens by itself and Enter does nothing.

Ten documents or more: the count has to be typed, then y. A slip of one key never sends or drops anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from qbconsole.console.registry import bindings
from qbconsole.console.showing import block

#: From here on the count is typed.
MANY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: what, how many, how much, in which company file."""

    title: str
    lines: tuple[str, ...]
    count: int


class Confirm(ModalScreen[bool]):
    """Gives True only on a deliberate y."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("confirm")]
    AUTO_FOCUS = "#count"

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    @property
    def _counted(self) -> bool:
        return self._question.count >= MANY

    def compose(self) -> ComposeResult:
        """Lay the question out."""
        with Vertical(id="box") as box:
            box.border_title = Text(block(self._question.title))
            yield Static(Text("\n".join(block(line) for line in self._question.lines)), markup=False)
            if self._counted:
                yield Input(
                    placeholder=f"type {self._question.count}, then enter, then y", id="count", type="integer"
                )
            yield Static(Text("y  yes        n  no (default)", style="bold"), id="keys", markup=False)

    @on(Input.Submitted)
    def _typed(self) -> None:
        """Enter ends the typing; it answers nothing."""
        if self._enough():
            self.set_focus(None)

    def _enough(self) -> bool:
        return not self._counted or self.query_one("#count", Input).value == str(self._question.count)

    def action_answer(self, yes: bool) -> None:
        """Close with the answer; a yes without the count stays."""
        if yes and not self._enough():
            self.query_one("#keys", Static).update(Text(f"Type {self._question.count} first, or n for no."))
            return
        self.dismiss(yes)
