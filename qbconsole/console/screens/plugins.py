"""Plugins: each of the merchants' plugins with its version, hash, hooks, merchants and state; what is broken comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from qbconsole.console.desk import PluginState, RowId
from qbconsole.console.messages import CursorMoved, PluginsRead, ReadingFailed
from qbconsole.console.registry import bindings
from qbconsole.console.widgets.virtual_table import Column, Row, Tone, VirtualTable
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.console.app import QbConsole

#: States in which nothing has to be done.
_WELL = frozenset({"ok", "not enabled"})
COLUMNS = (
    Column(title="Plugin", width=14, grows=True),
    Column(title="Version", width=7),
    Column(title="State", width=13),
    Column(title="Merchants", width=16),
    Column(title="ms", width=5, right=True),
    Column(title="sha256", width=8, from_width=90),
)


class PluginsDialog(ModalScreen[None]):
    """The list and, below it, the plugin under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("paper")]
    AUTO_FOCUS = "#plugin_rows"

    def __init__(self) -> None:
        super().__init__()
        self._plugins: tuple[PluginState, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay list and detail out."""
        with Vertical(id="box", classes="wide") as box:
            box.border_title = "Plugins"
            box.border_subtitle = "esc closes"
            yield VirtualTable(*COLUMNS, id="plugin_rows", empty="Each is being loaded …")
            yield Static("", id="plugin", markup=False)

    def on_mount(self) -> None:
        """Ask for them: each is loaded in a process of its own, which takes a moment."""
        console = cast("QbConsole", self.app)
        if console.desk is not None:
            console.read_plugins(self, console.desk)

    @on(PluginsRead)
    def _read(self, event: PluginsRead) -> None:
        self._plugins = tuple(sorted(event.plugins, key=lambda one: (one.state in _WELL, one.name)))
        table = self.query_one(VirtualTable)
        table.say_when_empty("There is no plugin: `qbconsole plugins new NAME` writes one.")
        rows: dict[RowId, Row] = {place: plugin_row(one) for place, one in enumerate(self._plugins)}
        table.show_ids(list(rows), rows=rows)
        self._show(table.cursor_id)

    @on(ReadingFailed)
    def _not_read(self, event: ReadingFailed) -> None:
        self.query_one(VirtualTable).say_when_empty(event.what)
        self.query_one("#plugin", Static).update(Text(event.next_step))

    @on(CursorMoved)
    def _moved(self, event: CursorMoved) -> None:
        self._show(event.row)

    def _show(self, row: object) -> None:
        if isinstance(row, int) and row < len(self._plugins):
            self.query_one("#plugin", Static).update(plugin_text(self._plugins[row]))

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)


def plugin_row(one: PluginState) -> Row:
    """Give one row; its state is said in words."""
    tone = Tone.PLAIN if one.state == "ok" else Tone.QUIET if one.state in _WELL else Tone.PROBLEM
    sign = "" if one.state in _WELL else "! "
    cells = (
        one.name,
        _told(one, "version"),
        f"{sign}{one.state}",
        ", ".join(one.merchants),
        _told(one, "load_ms"),
        one.sha256[:8],
    )
    return Row(cells=cells, tone=tone)


def plugin_text(one: PluginState) -> Text:
    """Give one plugin in labelled lines: what is wrong with it stands first."""
    force, where = _told(one, "sha256_in_force"), _told(one, "where")
    told: Sequence[tuple[str, str]] = (
        ("Trouble", one.trouble),
        ("Where", where if one.trouble and where not in one.trouble else ""),
        ("Do", one.next_step if one.trouble else ""),
        ("Path", one.path or "there is no such file"),
        ("Hooks", ", ".join(one.hooks) or "-"),
        ("For", ", ".join(one.merchants) or "nobody: it is never run"),
        ("sha256", one.sha256),
        ("Decides", f"another version: {force}" if force not in ("", one.sha256) else ""),
        ("Tests", _told(one, "passed")),
    )
    line = Text()
    for label, words in told:
        if words:
            line.append(f"{label:<8}", style="bold").append(f"{safe(words, limit=600)}\n")
    line.rstrip()
    return line


def _told(one: PluginState, name: str) -> str:
    """Give what not every kind of plugin has; loading takes whole milliseconds."""
    value = getattr(one, name, None)
    return "" if value is None else str(round(value) if isinstance(value, float) else value)
