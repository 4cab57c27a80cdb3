"""Dialogs: one of a few, a line of text, and a page to read. Each closes on esc with nothing done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from qbconsole.console.registry import bindings
from qbconsole.console.showing import block, text

#: A longer choice is narrowed by typing: of two hundred merchants nobody wants to scroll to one.
SHORT = 15


class Chooser(ModalScreen[int | None]):
    """Gives the place of the chosen line, None for none."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog")]

    def __init__(self, title: str, options: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._options = options
        self._typed = ""

    def compose(self) -> ComposeResult:
        """Lay the lines out."""
        with Vertical(id="box") as box:
            box.border_title = text(self._title)
            box.border_subtitle = self._hint()
            yield OptionList(*self._fitting(), markup=False)

    def _fitting(self) -> list[Option]:
        """The lines with what was typed in them, each under its place among all."""
        typed = self._typed.casefold()
        return [
            Option(text(option), id=str(place))
            for place, option in enumerate(self._options)
            if typed in option.casefold()
        ]

    def _hint(self) -> Text:
        if len(self._options) <= SHORT:
            return Text("")
        return text(f"with {self._typed}" if self._typed else "type to narrow", style="bold")

    def on_key(self, event: Key) -> None:
        """Letters narrow a long choice, backspace takes the last one back."""
        typed = self._typed[:-1] if event.key == "backspace" else self._typed + (event.character or "")
        if len(self._options) <= SHORT or not (event.key == "backspace" or event.is_printable):
            return
        event.stop()
        self._typed = typed
        fitting = self._fitting()
        lines = self.query_one(OptionList)
        lines.clear_options()
        lines.add_options(fitting or [Option("Nothing has these letters; backspace.", disabled=True)])
        lines.highlighted = 0 if fitting else None
        self.query_one("#box").border_subtitle = self._hint()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        if event.option_id is not None:
            self.dismiss(int(event.option_id))

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
