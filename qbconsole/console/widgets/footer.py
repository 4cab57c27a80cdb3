"""Footer: the few keys of a screen that matter most, whole on 80 columns; `?` has the others.

Textual's own cuts what does not fit without a word.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text
from textual.widgets import Static

from qbconsole.console.registry import BY_ID, FOOTERS, key_names


class Footer(Static):
    """One line of keys, from the registry."""

    DEFAULT_CSS = (
        "Footer { dock: bottom; height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }"
    )

    def __init__(self, mode: str) -> None:
        super().__init__("", markup=False)
        self._mode = mode

    def tell(self, keymap: Mapping[str, str], *, may_change: bool) -> None:
        """Show the keys as they are mapped now, without those that are switched off."""
        line = Text(no_wrap=True)
        for name in FOOTERS[self._mode]:
            command = BY_ID[name]
            if may_change or not command.changes:
                line.append(f" {key_names(command, keymap)[0]}", style="bold")
                line.append(f" {command.title} ")
        self.update(line)
