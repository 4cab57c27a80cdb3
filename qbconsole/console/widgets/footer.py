"""Footer: the few keys of a screen that matter most, whole on 80 columns; `?` has the others.

Textual's own cuts what does not fit without a word. On fewer columns the last are left out whole, `?` never.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Static

from qbconsole.console.registry import BY_ID, FOOTERS, key_names

HELP = "app.help"


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
        shown = [BY_ID[name] for name in FOOTERS[self._mode]]
        told = {
            one.id: (f" {key_names(one, keymap)[0]}", f" {one.title} ")
            for one in shown
            if may_change or not one.changes
        }
        room = self.size.width or 80
        while sum(cell_len(key + title) for key, title in told.values()) > room and len(told) > 1:
            del told[[name for name in told if name != HELP][-1]]
        line = Text(no_wrap=True)
        for key, title in told.values():
            line.append(key, style="bold")
            line.append(title)
        self.update(line)
