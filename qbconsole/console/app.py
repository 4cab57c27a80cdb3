"""QbConsole: the app. Screens on digits, the palette, whose books are shown, and a clean way out.

It holds what all screens share (the desk, the merchant shown, the mode); screens hold the rest. It never syncs:
that is `serve`'s, and goes on when this ends. `run` is the only entry.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import ModalScreen, Screen
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from qbconsole.console.clipboard import copy, folder
from qbconsole.console.desk import Actions, Desk
from qbconsole.console.loading import Loading
from qbconsole.console.messages import BooksChanged, OpeningFailed, WorkspaceOpened
from qbconsole.console.palette import entries
from qbconsole.console.registry import bindings, read_keymap
from qbconsole.console.screens.company_file import CompanyFileDialog
from qbconsole.console.screens.dashboard import DashboardScreen
from qbconsole.console.screens.framed import Framed
from qbconsole.console.screens.help import help_page
from qbconsole.console.screens.inspector import InspectorScreen
from qbconsole.console.screens.logs import LogsScreen
from qbconsole.console.screens.mapping import MappingScreen
from qbconsole.console.screens.plugins import PluginsDialog
from qbconsole.console.screens.queue import QueueScreen
from qbconsole.console.showing import block, plural
from qbconsole.console.terminal import end_on_signals, poor, require_terminal
from qbconsole.console.widgets.confirm import Confirm, Question
from qbconsole.console.widgets.dialogs import Chooser, Paper
from qbconsole.errors import QbconsoleError
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.workspace import Workspace

#: In the order `T` goes through them.
THEMES = ("textual-dark", "textual-light", "ansi-dark", "ansi-light", "nord")
#: Seconds between looks for changes.
POLL = 1.0


class QbConsole(Loading, inherit_bindings=False):
    """The console over one workspace."""

    TITLE = "qbconsole"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "dash": DashboardScreen,
        "queue": QueueScreen,
        "inspect": InspectorScreen,
        "mapping": MappingScreen,
        "logs": LogsScreen,
    }
    DEFAULT_MODE = "dash"
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (72, "-narrow"), (100, "-wide")]  # noqa: RUF012  Textual declares it so

    def __init__(
        self,
        opener: Callable[[], Desk],
        *,
        readonly: bool = False,
        merchant: str | None = None,
        banner: str = "",
        keymap: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._opener = opener
        self._environ = os.environ if environ is None else environ
        #: Id of an action -> its keys, as keys.toml says.
        self.keymap = dict(keymap or {})
        self._visited: list[str] = []
        self._undo_signals: Callable[[], None] | None = None
        self.readonly = readonly
        self.merchant = merchant
        #: One line on top of every screen; the demo says here that nothing is real.
        self.banner = banner
        self.merchant_ids: tuple[str, ...] = ()
        #: Why there was nothing to show; `run` raises it once the terminal is given back.
        self.trouble: QbconsoleError | None = None

    # ---- beginning and ending

    def on_mount(self) -> None:
        """Paint first, open afterwards."""
        if poor(self._environ):
            self.theme = "ansi-dark"
        if self.keymap:
            self.set_keymap(self.keymap)
        if not self.is_headless:
            self._undo_signals = end_on_signals(self._end)
        self.call_after_refresh(self.open_desk, self._opener)

    def on_unmount(self) -> None:
        """Give the signals back."""
        if self._undo_signals is not None:
            self._undo_signals()

    def _end(self, code: int) -> None:
        self.exit(return_code=code)

    @on(WorkspaceOpened)
    def _opened(self, event: WorkspaceOpened) -> None:
        self.desk = event.desk
        self.merchant_ids = event.merchants
        self.action_reload()
        self.look_for_changes(event.desk)
        self.set_interval(POLL, partial(self.look_for_changes, event.desk))

    @on(OpeningFailed)
    def _not_opened(self, event: OpeningFailed) -> None:
        self.trouble = event.error
        self.exit(return_code=event.error.exit_status)

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        """A worker that fell over is our mistake: say so, and stay."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            if event.worker.group == "open" and error is not None:
                raise error
            self.tell(f"Our mistake, in {event.worker.name}: {error!r}. ctrl+r reads again.", wrong=True)

    # ---- what screens ask of the app

    @property
    def may_change(self) -> bool:
        """Whether retry and ignore are there at all."""
        return not self.readonly and self.desk is not None and self.desk.actions is not None

    @property
    def mode_word(self) -> str:
        """DEMO, READ-ONLY or LIVE."""
        if self.readonly:
            return "READ-ONLY"
        return "DEMO" if self.banner else "LIVE"

    @property
    def whose(self) -> str:
        """The merchant shown."""
        return self.merchant or "All merchants"

    def tell(self, sentence: str, *, wrong: bool = False) -> None:
        """Show a toast; what it says is never markup and never acts on the terminal."""
        self.notify(block(sentence), severity="error" if wrong else "information", markup=False, timeout=8)

    def offer_copy(self, parts: Mapping[str, str]) -> None:
        """Let the operator choose what to copy, then tell truthfully where it went."""
        names = [name for name, value in parts.items() if value]

        def chosen(place: int | None) -> None:
            if place is not None:
                what = names[place]
                value = block(parts[what], limit=50_000_000)
                self.tell(copy(what, value, offer=self.copy_to_clipboard, environ=self._environ))

        shown = [f"{name:<14}{safe(parts[name], limit=48)}" for name in names]
        self.push_screen(Chooser("Copy", shown), chosen)

    def inspect(self, asked: str) -> None:
        """Show an order or document in the inspector."""
        self.action_show("inspect")
        screen = self.get_screen_stack("inspect")[0]
        if isinstance(screen, InspectorScreen):
            screen.look_up(asked)

    def show_queue(self, *, view: str, text: str = "") -> None:
        """Show a saved view of the queue with a filter."""
        self.action_show("queue")
        screen = self.get_screen_stack("queue")[0]
        if isinstance(screen, QueueScreen):
            screen.choose(view, text)

    def fix(self, cause: str) -> None:
        """Show the mapping at the name that a held document lacks."""
        self.action_show("mapping")
        screen = self.get_screen_stack("mapping")[0]
        if isinstance(screen, MappingScreen):
            screen.fix(cause)

    @property
    def unsaved(self) -> int:
        """How many edits of the mapping would be lost."""
        for screen in self.get_screen_stack("mapping") if "mapping" in self._screen_stacks else ():
            if isinstance(screen, MappingScreen):
                return screen.unsaved
        return 0

    def leave(self) -> None:
        """Quit; with unsaved edits only after a yes."""
        if not self.unsaved:
            self.exit()
        elif not isinstance(self.screen, Confirm):
            lines = ("They are nowhere but here: go to 4 and save them with ctrl+s, or quit without.",)
            asked = Question(title=f"Quit and lose {plural(self.unsaved, 'edit')}?", lines=lines, count=1)
            self.push_screen(Confirm(asked), lambda yes: self.exit() if yes else None)

    def show_log(self, words: str) -> None:
        """Show the lines of the log with these words."""
        self.action_show("logs")
        screen = self.get_screen_stack("logs")[0]
        if isinstance(screen, LogsScreen):
            screen.choose(words)

    @property
    def exported(self) -> Path:
        """Where lines of the log are written to."""
        return folder(self._environ) / "exported.jsonl"

    # ---- actions

    def action_plugins(self) -> None:
        """The merchants' plugins and their states."""
        self.push_screen(PluginsDialog())

    def action_file(self) -> None:
        """How the company files stand, and the word on one that stopped."""
        self.push_screen(CompanyFileDialog())

    def action_show(self, mode: str) -> None:
        """Go to a screen; the first one forgets the way that led there."""
        if mode == self.current_mode:
            return
        way = [one for one in (*self._visited, self.current_mode) if one != mode]
        self._visited = [] if mode == self.DEFAULT_MODE else list(dict.fromkeys(way))
        self.switch_mode(mode)

    async def action_back(self) -> None:
        """Out of a field first, then to the screen before; never quits."""
        if isinstance(self.focused, Input):
            self.screen.focus_next()
            return
        if self._visited:
            self.switch_mode(self._visited.pop())

    def action_leave(self) -> None:
        """To the screen before; from the first one, quit."""
        if self._visited:
            self.switch_mode(self._visited.pop())
        else:
            self.leave()

    async def action_quit(self) -> None:
        """Leave the console; unsaved edits are asked about."""
        self.leave()

    def action_exceptions(self) -> None:
        """The queue's exceptions."""
        self.show_queue(view="exceptions")

    def action_merchant(self) -> None:
        """Choose whose books are shown."""
        names: list[str | None] = [None, *self.merchant_ids]

        def chosen(place: int | None) -> None:
            if place is not None:
                self.merchant = names[place]
                self.action_reload()

        self.push_screen(Chooser("Merchant", [name or "All merchants" for name in names]), chosen)

    @on(BooksChanged)
    def action_reload(self) -> None:
        """Read what the present screen shows again."""
        for screen in self.screen_stack:
            if isinstance(screen, Framed):
                screen.reload()

    def action_theme(self) -> None:
        """The next theme."""
        place = THEMES.index(self.theme) + 1 if self.theme in THEMES else 0
        self.theme = THEMES[place % len(THEMES)]
        self.tell(f"Theme {self.theme}")

    def action_redraw(self) -> None:
        """Paint all of it anew."""
        self.refresh(repaint=True, layout=True)

    def action_help(self) -> None:
        """All keys as they are now."""
        self.push_screen(Paper("Keys", help_page(self.keymap)))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Give the palette every action that works here, by the registry."""
        yield from entries(self, screen)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Under a dialog only quitting works."""
        beneath = action in ("show", "help", "merchant", "plugins", "file", "leave", "back")
        return not (beneath and isinstance(self.screen, ModalScreen))


def run(
    workspace: Path | None = None,
    *,
    readonly: bool = False,
    merchant: str | None = None,
    banner: str = "",
    actions: Callable[[Workspace], Actions] | None = None,
    environ: Mapping[str, str] | None = None,
) -> int:
    """Open the console on a workspace's directory; gives the exit status.

    `actions` makes what retry and ignore do; without it nothing can be changed. Raises UsageError where there is no
    terminal or a key is unknown, and what opening the workspace raised, once the terminal is given back.
    """
    env = os.environ if environ is None else environ
    require_terminal(env)

    def opener() -> Desk:
        from qbconsole.console.live import open_desk

        return open_desk(workspace, environ=env, readonly=readonly, actions=actions)

    app = QbConsole(
        opener,
        readonly=readonly,
        merchant=merchant,
        banner=banner,
        keymap=read_keymap(folder(env, "XDG_CONFIG_HOME", ".config") / "keys.toml"),
        environ=env,
    )
    try:
        app.run(mouse=False)
    finally:
        if app.desk is not None:
            app.desk.close()
    if app.trouble is not None:
        raise app.trouble
    return app.return_code or 0
