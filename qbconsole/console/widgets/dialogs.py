"""Dialogs: one of a few, a line of text, and a page to read. Each closes on esc with nothing done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from qbconsole.console.registry import bindings
from qbconsole.console.showing import block, text


class Chooser(ModalScreen[int | None]):
    """Gives the place of the chosen line, None for none."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog")]

    def __init__(self, title: str, options: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._options = options

    def compose(self) -> ComposeResult:
        """Lay the lines out."""
        with Vertical(id="box") as box:
            box.border_title = text(self._title)
            yield OptionList(*(Option(text(option)) for option in self._options), markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_close(self) -> None:
        """Choose none."""
        self.dismiss(None)


class Ask(ModalScreen[str]):
    """Gives a line of text, "" for none."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog")]

    def __init__(self, title: str, placeholder: str) -> None:
        super().__init__()
        self._title = title
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        """Lay the line out."""
        with Vertical(id="box") as box:
            box.border_title = text(self._title)
            yield Input(placeholder=self._placeholder, max_length=500)
            yield Static("enter  go on        esc  leave it", markup=False)

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value.strip())

    def action_close(self) -> None:
        """Give nothing."""
        self.dismiss("")


class Paper(ModalScreen[None]):
    """A page to read and scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("paper")]

    def __init__(self, title: str, body: str) -> None:
        super().__init__()
        self._title = title
        self._body = body

    def compose(self) -> ComposeResult:
        """Lay the page out."""
        with VerticalScroll(id="box", classes="tall") as box:
            box.border_title = text(self._title)
            box.border_subtitle = "esc closes"
            yield Static(Text(block(self._body)), markup=False)

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)
