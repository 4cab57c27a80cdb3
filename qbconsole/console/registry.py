"""Registry: every action of the console once: its id, keys, words, command-line twin, and whether it changes anything.

Bindings, footer, palette, help and the read-only rule are all made from this table, so that none can forget one.
Keys never used: ctrl+a and ctrl+b (screen, tmux), ctrl+i, m, j, h (tab, enter, newline, backspace), F-keys alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from qbconsole.errors import UsageError

if TYPE_CHECKING:
    from textual.binding import Binding


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing the operator can do."""

    #: "queue.retry": the name in keys.toml.
    id: str
    keys: str
    #: The Textual action, without its namespace.
    action: str
    title: str
    help: str
    #: The command that does the same without a screen; "" where it only moves about.
    twin: str = ""
    #: True when it writes: switched off by --readonly.
    changes: bool = False

    @property
    def scope(self) -> str:
        """Where it works: "app", or the screen or widget that has the action."""
        return self.id.partition(".")[0]


def _command(
    id: str,
    keys: str,
    action: str,
    title: str,
    help: str,
    *,
    twin: str = "",
    changes: bool = False,
) -> Command:
    return Command(
        id=id,
        keys=keys,
        action=action,
        title=title,
        help=help,
        twin=twin,
        changes=changes,
    )


COMMANDS: tuple[Command, ...] = (
    _command("app.dash", "1", "show('dash')", "Dashboard", "Health, counts, what needs you", twin="qbconsole status"),
    _command("app.queue", "2", "show('queue')", "Queue", "Documents that wait or failed", twin="qbconsole queue list"),
    _command("app.inspect", "3", "show('inspect')", "Inspector", "One order into QuickBooks", twin="qbconsole show ID"),
    _command("app.mapping", "4", "show('mapping')", "Mapping", "What becomes what: accounts, items, taxes, rules",
             twin="qbconsole mapping check"),
    _command("app.logs", "5", "show('logs')", "Logs", "What was written down, as it is written", twin="qbconsole logs"),
    _command("app.plugins", "ctrl+o", "plugins", "Plugins", "The merchants' plugins and their states",
             twin="qbconsole plugins list"),
    _command("app.file", "F", "file", "Company file", "Is the right file open; your word where one stopped",
             twin="qbconsole company status"),
    _command("app.exceptions", "!", "exceptions", "Exceptions", "The queue, exceptions only",
             twin="qbconsole queue list --view exceptions"),
    _command("app.merchant", "M", "merchant", "Merchant", "Show one merchant, or all",
             twin="qbconsole --merchant ID …"),
    _command("app.palette", "ctrl+p", "command_palette", "Palette", "Every action by name"),
    _command("app.colon", "colon", "command_palette", "Palette, as in vi", "Every action by name, while not typing"),
    _command("app.reload", "ctrl+r", "reload", "Reload", "Read everything again"),
    _command("app.theme", "T", "theme", "Theme", "Next theme: dark, light, the terminal's own"),
    _command("app.redraw", "ctrl+l", "redraw", "Redraw", "Paint the screen anew"),
    _command("app.back", "escape", "back", "Back", "To the screen before"),
    _command("app.leave", "q", "leave", "Quit", "To the screen before; from the first one, quit"),
    _command("app.quit", "ctrl+q", "quit", "Quit", "Leave the console; syncing goes on without it"),
    _command("app.help", "question_mark,f1", "help", "Help", "All keys"),
    _command("table.open", "enter", "open", "Open", "Open the row"),
    _command("table.mark", "space", "mark", "Mark", "Mark or unmark the row"),
    _command("table.mark_all", "a", "mark_all", "Mark all", "Mark all filtered rows, or none"),
    _command("table.down", "j,down", "move(1)", "Down", "Next row"),
    _command("table.up", "k,up", "move(-1)", "Up", "Row before"),
    _command("table.first", "g,home", "first", "First", "First row"),
    _command("table.last", "G,end", "last", "Last", "Last row"),
    _command("table.half_down", "ctrl+d", "half(1)", "Half a page down", "Half a page down"),
    _command("table.half_up", "ctrl+u", "half(-1)", "Half a page up", "Half a page up"),
    _command("table.page_down", "pagedown,ctrl+f", "page(1)", "Page down", "A page down"),
    _command("table.page_up", "pageup", "page(-1)", "Page up", "A page up"),
    _command("table.sort", "s", "sort", "Sort", "Sort by the next column"),
    _command("table.reverse", "S", "reverse", "Reverse", "Turn the order round"),
    _command("queue.retry", "r", "retry", "Retry", "Try again; what may be in QuickBooks is probed first",
             twin="qbconsole queue retry KEY…", changes=True),
    _command("queue.ignore", "i", "ignore", "Ignore", "Take marked rows out for good, with a reason",
             twin="qbconsole queue ignore KEY… --reason TEXT", changes=True),
    _command("queue.fix", "e", "fix", "Fix", "The mapping, at the name this row waits for"),
    _command("queue.filter", "slash", "filter", "Filter", "Only rows with these words"),
    _command("queue.next_view", "right_square_bracket", "view(1)", "Next view", "Next saved view"),
    _command("queue.last_view", "left_square_bracket", "view(-1)", "View before", "Saved view before"),
    _command("queue.history", "h", "history", "History", "This row whole: why, what mends it, what happened", twin="qbconsole show KEY"),
    _command("queue.lines", "l", "lines", "Log", "The lines of the log about this row",
             twin="qbconsole logs --document KEY"),
    _command("queue.copy", "y", "copy", "Copy", "Copy a part of this row"),
    _command("inspect.find", "slash", "find", "Find", "Look up an order or document",
             twin="qbconsole show ID"),
    _command("inspect.next", "right_square_bracket", "turn(1)", "Document", "The order's next document"),
    _command("inspect.before", "left_square_bracket", "turn(-1)", "Document before", "The order's document before"),
    _command("inspect.paper_next", "full_stop", "paper(1)", "Paper", "Next of qbXML, Answer, Why, History, Raw"),
    _command("inspect.paper_before", "comma", "paper(-1)", "Paper before", "The paper before"),
    _command("inspect.zoom", "z", "zoom", "Zoom", "The papers over the whole screen, and back"),
    _command("inspect.held", "h", "held", "Held", "All of what holds this order, and what mends it",
             twin="qbconsole show ID"),
    _command("inspect.fix", "e", "fix", "Fix", "The mapping, at the name this document waits for"),
    _command("inspect.lines", "l", "lines", "Log", "The lines of the log about this order",
             twin="qbconsole logs --order ID"),
    _command("inspect.copy", "y", "copy", "Copy", "Copy a part of this document"),
    _command("inspect.retry", "r", "retry", "Retry", "Try again; what may be in QuickBooks is probed first",
             twin="qbconsole queue retry KEY", changes=True),
    _command("inspect.ignore", "i", "ignore", "Ignore", "Take this document out for good, with a reason",
             twin="qbconsole queue ignore KEY --reason TEXT", changes=True),
    _command("decide.hold", "H", "hold", "Hold", "Keep back what has not left yet, with a reason",
             twin="qbconsole hold KEY… --reason TEXT", changes=True),
    _command("decide.release", "L", "release", "Release", "Let go what you hold, a flag, what was refused",
             twin="qbconsole release KEY…", changes=True),
    _command("decide.approve", "A", "approve", "Approve", "Let the company file's batch go, after a look",
             twin="qbconsole approve", changes=True),
    _command("mapping.sections", "left,shift+tab", "pane('map_sections')", "Sections", "To the sections"),
    _command("mapping.rows", "right,tab", "pane('map_entries')", "Rows", "To the section's rows"),
    _command("mapping.add", "A", "add", "Add", "A new entry in this section, or a new rule",
             twin="qbconsole mapping set PATH VALUE", changes=True),
    _command("mapping.delete", "D", "delete", "Delete", "Take the entry or rule out; u brings it back",
             twin="qbconsole mapping unset PATH", changes=True),
    _command("mapping.up", "K", "shift(-1)", "Rule up", "Move the rule up: the first that fits answers",
             twin="qbconsole mapping move PATH FROM TO", changes=True),
    _command("mapping.down", "J", "shift(1)", "Rule down", "Move the rule down",
             twin="qbconsole mapping move PATH FROM TO", changes=True),
    _command("mapping.undo", "u", "undo", "Undo", "Take the last edit back"),
    _command("mapping.redo", "ctrl+y", "redo", "Redo", "Make the edit again that was taken back"),
    _command("mapping.preview", "P", "preview", "Preview", "All that the edits would change in the last 30 days",
             twin="qbconsole mapping preview --since 30d"),
    _command("mapping.save", "ctrl+s,W", "save", "Save", "Save, after a look at the text change",
             twin="qbconsole mapping set PATH VALUE", changes=True),
    _command("mapping.editor", "E", "editor", "$EDITOR", "The whole text in $EDITOR, else vi or nano",
             twin="$EDITOR mappings.toml", changes=True),
    _command("mapping.check", "c", "check", "Check", "Every error and warning at its line",
             twin="qbconsole mapping check"),
    _command("mapping.revisions", "R", "revisions", "Revert", "Back to the text of an earlier revision",
             twin="qbconsole mapping revert NUMBER", changes=True),
    _command("mapping.disk", "X", "disk", "Changed on disk", "Keep mine, take theirs, or see the difference"),
    _command("mapping.inactive", "I", "inactive", "Inactive names", "Show inactive names in the picker, or not"),
    _command("picker.down", "down", "step(1)", "Next name", "Next name"),
    _command("picker.up", "up", "step(-1)", "Name before", "Name before"),
    _command("picker.page_down", "pagedown", "leaf(1)", "Names down", "A page of names down"),
    _command("picker.page_up", "pageup", "leaf(-1)", "Names up", "A page of names up"),
    _command("picker.close", "escape", "leave_it", "Close", "Choose nothing"),
    _command("disk.mine", "k", "answer('mine')", "Keep mine", "My edits onto the text on disk"),
    _command("disk.theirs", "t", "answer('theirs')", "Take theirs", "The text on disk; my edits are gone"),
    _command("disk.diff", "d", "answer('diff')", "Difference", "Between the text on disk and mine"),
    _command("disk.close", "escape", "answer('')", "Close", "Leave it for now"),
    _command("logs.follow", "f", "follow", "Follow", "Keep the newest line in sight, or stay",
             twin="qbconsole logs -f"),
    _command("logs.filter", "slash", "filter", "Filter", "Words, regular expressions, !not, field:word, field=text",
             twin="qbconsole logs --grep WORDS"),
    _command("logs.graver", "plus", "level(1)", "Level", "Only graver lines", twin="qbconsole logs --level LEVEL"),
    _command("logs.milder", "minus", "level(-1)", "Level down", "Milder lines too"),
    _command("logs.context", "c", "context", "Context", "Three lines before and after each found, or not",
             twin="qbconsole logs --context 3"),
    _command("logs.error", "right_square_bracket", "error(1)", "Error", "The next error among these lines"),
    _command("logs.error_before", "left_square_bracket", "error(-1)", "Error before", "The error before"),
    _command("logs.same", "l", "same", "Of a kind", "All lines of the same order, document, session or merchant",
             twin="qbconsole logs --order ID"),
    _command("logs.sources", "o", "sources", "Sources", "Choose the parts of qbconsole whose lines are shown"),
    _command("logs.time", "t", "time", "Time", "The time of day, or how long ago"),
    _command("logs.wrap", "w", "wrap", "Wrap", "Long lines whole, or cut"),
    _command("logs.copy", "y", "copy", "Copy", "Copy a part of the line"),
    _command("logs.export", "x", "export", "Export", "Write all lines shown into a file",
             twin="qbconsole --json logs --grep WORDS > FILE"),
    _command("confirm.yes", "y", "answer(True)", "Yes", "Do it"),
    _command("confirm.no", "n,escape,q", "answer(False)", "No", "Leave everything as it is"),
    _command("dialog.close", "escape", "close", "Close", "Leave everything as it is"),
    _command("paper.close", "escape,q,question_mark,enter", "close", "Close", "Back to the screen"),
)  # fmt: skip
BY_ID = {command.id: command for command in COMMANDS}
#: Where a dialog waits, its own keys are the only ones; they are no entries of the palette.
DIALOGS = frozenset({"picker", "disk", "confirm", "dialog", "paper"})
#: Screens that have the keys of "decide" beside their own.
DECIDING = frozenset({"queue", "inspect"})
#: These reach the app before a field that is typed into.
EVEN_WHILE_TYPING = frozenset({"app.quit", "app.palette"})
#: What the footer of each screen shows, seven at most: all of it has to fit on 80 columns.
FOOTERS: dict[str, tuple[str, ...]] = {
    "dash": (
        "table.open",
        "app.exceptions",
        "app.merchant",
        "app.theme",
        "app.palette",
        "app.help",
        "app.leave",
    ),
    "queue": (
        "table.open",
        "table.mark",
        "queue.retry",
        "queue.fix",
        "queue.ignore",
        "queue.filter",
        "app.help",
    ),
    "inspect": (
        *(
            "inspect.find",
            "inspect.next",
            "inspect.paper_next",
            "inspect.zoom",
            "inspect.copy",
            "app.back",
            "app.help",
        ),
    ),
    "mapping": (
        "table.open",
        "mapping.add",
        "mapping.delete",
        "mapping.undo",
        "mapping.preview",
        "mapping.save",
        "app.help",
    ),
    "logs": (
        "logs.follow",
        "logs.filter",
        "logs.graver",
        "logs.context",
        "logs.error",
        "logs.copy",
        "app.help",
    ),
}
_SIGNS = {
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "colon": ":",
    "comma": ",",
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
}


def key_names(command: Command, keymap: Mapping[str, str]) -> list[str]:
    """Give a command's keys as an operator reads them, remapped where keys.toml says so."""
    keys = keymap.get(command.id, command.keys).split(",")
    return [_SIGNS.get(key, key).replace("ctrl+", "^") for key in (key.strip() for key in keys)]


def commands(*scopes: str) -> Iterator[Command]:
    """Give the commands of these scopes, in the order of the table."""
    return (command for command in COMMANDS if command.scope in scopes)


def scopes_of(screen: str) -> tuple[str, ...]:
    """Give the scopes of a screen's own keys."""
    return (screen, "decide") if screen in DECIDING else (screen,)


def bindings(scope: str) -> list[Binding]:
    """Give the bindings of one screen or widget, each with its id, so that each can be remapped."""
    from textual.binding import Binding

    return [
        Binding(
            command.keys,
            command.action,
            command.title,
            show=False,  # the footer is our own
            id=command.id,
            tooltip=command.help,
            priority=command.id in EVEN_WHILE_TYPING,
        )
        for command in commands(*scopes_of(scope))
    ]


def changing(action: str) -> bool:
    """Whether an action, as Textual names it, writes anything."""
    return any(command.changes and command.action.partition("(")[0] == action for command in COMMANDS)


def read_keymap(path: Path) -> dict[str, str]:
    """Read keys.toml: lines `"queue.retry" = "R"`. Raises UsageError for an unknown id or a key with two actions."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise UsageError(f"the keys cannot be read: {cause}", where=str(path)) from cause
    for name, keys in found.items():
        if name not in BY_ID:
            near = get_close_matches(name, BY_ID, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageError(
                f"there is no action {name!r}{hint}", where=str(path), next="`?` lists every id."
            )
        if not isinstance(keys, str) or not keys:
            raise UsageError(
                f"the keys of {name!r} are no text", where=str(path), next='Write "ctrl+g" or "R,f5".'
            )
    for key, names in _clashes(found):
        raise UsageError(f"{key!r} would do two things: {' and '.join(names)}", where=str(path))
    return found


def _clashes(keymap: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Keys that two actions of one place would have."""
    for scope in {command.scope for command in COMMANDS}:
        places = {scope} if scope in DIALOGS else {"app", "table", *scopes_of(scope)}
        taken: dict[str, list[str]] = {}
        for command in commands(*places):
            for key in keymap.get(command.id, command.keys).split(","):
                taken.setdefault(key.strip(), []).append(command.id)
        yield from ((key, names) for key, names in taken.items() if len(names) > 1)
