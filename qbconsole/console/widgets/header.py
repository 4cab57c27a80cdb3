"""Header: where we are and whose books these are, in two lines; the mode is said in words."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from qbconsole.visible import safe

#: Digit, mode and name of each screen.
TABS = (
    ("1", "dash", "Dash"),
    ("2", "queue", "Queue"),
    ("3", "inspect", "Inspect"),
    ("4", "mapping", "Mapping"),
    ("5", "logs", "Logs"),
)


class Header(Vertical):
    """The two lines on top of every screen."""

    DEFAULT_CSS = """
    Header { height: auto; dock: top; }
    Header > Static { height: 1; }
    Header > #title { background: $panel; color: $text; text-style: bold; }
    Header > #banner { background: $warning; color: $text; display: none; }
    Header > #banner.shown { display: block; }
    """

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode

    def compose(self) -> ComposeResult:
        """Lay the lines out."""
        yield Static("", id="title", markup=False)
        yield Static(self._tabs(), id="tabs", markup=False)
        yield Static("", id="banner", markup=False)

    def _tabs(self) -> Text:
        line = Text(no_wrap=True)
        for digit, mode, name in TABS:
            here = mode == self._mode
            line.append(f"[{digit} {name}]" if here else f" {digit} {name} ", style="bold" if here else "")
            line.append(" ")
        return line

    def tell(self, *, whose: str, mode: str, right: str = "", banner: str = "") -> None:
        """Show whose books, LIVE or READ-ONLY or DEMO, and what stands at the right end."""
        title = self.query_one("#title", Static)
        left = Text(f"qbconsole  {safe(whose, limit=40)}  {mode}", no_wrap=True, overflow="ellipsis")
        room = max(1, (title.size.width or 80) - left.cell_len)
        left.append(safe(right, limit=room).rjust(room))
        title.update(left)
        line = self.query_one("#banner", Static)
        line.update(Text(safe(banner), no_wrap=True, overflow="ellipsis"))
        line.set_class(bool(banner), "shown")
