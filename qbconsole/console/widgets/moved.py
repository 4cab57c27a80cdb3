"""FileMoved: somebody saved the file that is being edited: k keep mine, t take theirs, d see the difference."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from qbconsole.console.registry import bindings
from qbconsole.console.showing import text

_TOLD = """k  keep mine      your edits are put onto the new text
t  take theirs    your unsaved edits are gone
d  difference     between the file on disk and yours

esc leaves it for now; nothing is written."""


class FileMovedDialog(ModalScreen[str]):
    """Gives "mine", "theirs", "diff", or "" for none."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("disk")]

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def compose(self) -> ComposeResult:
        """Lay the choices out."""
        with Vertical(id="box") as box:
            box.border_title = text(f"{self._file} changed on disk")
            yield Static(Text(_TOLD), markup=False)

    def action_answer(self, word: str) -> None:
        """Close with the choice."""
        self.dismiss(word)
