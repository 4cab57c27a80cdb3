"""Logs: what was written down, as it is written: followed, narrowed by words, level and source, and one line whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from qbconsole.console.desk import RowId
from qbconsole.console.messages import (
    CursorMoved,
    FollowChanged,
    LogErrorFound,
    LogLineRead,
    LogLinesRead,
    LogRead,
    LogRefused,
    RowOpened,
    RowsMissed,
)
from qbconsole.console.registry import bindings
from qbconsole.console.screens.framed import Framed
from qbconsole.console.screens.log_lines import entry_text, log_row, whole_line
from qbconsole.console.screens.log_words import kin
from qbconsole.console.showing import plural
from qbconsole.console.widgets.dialogs import Chooser, Paper
from qbconsole.console.widgets.log_view import LogView
from qbconsole.console.widgets.virtual_table import Row
from qbconsole.views.logs.lines import LEVELS, SOURCES
from qbconsole.views.logs.wanted import LogQuestion
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.views.logs.book import LogBook, LogFound
    from qbconsole.views.logs.lines import LogLine
    from qbconsole.views.logs.pulse import Pulse

#: Seconds of no typing before the log is asked, and between looks for what was written.
PAUSE = 0.1
LOOK = 0.5
#: Lines before and after each that was found.
CONTEXT = 3
_MEGABYTE = 1_000_000


class LogsScreen(Framed):
    """The lines and, below them, the one under the cursor."""

    MODE: ClassVar[str] = "logs"
    SCOPE: ClassVar[str] = "logs"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("logs")]
    AUTO_FOCUS = "#lines"

    def __init__(self) -> None:
        super().__init__()
        self._question = LogQuestion()
        self._found: LogFound | None = None
        self._lines: dict[int, LogLine] = {}
        self._relative = False
        #: Why the words typed are no question; "" while they are one.
        self._refused = ""
        #: A question is being answered: nothing is asked meanwhile by looking.
        self._asking = False
        #: The newest line when following ended.
        self._left_at = -1
        self._typing: Timer | None = None

    def body(self) -> Iterable[Widget]:
        """Lay the bar, the lines, the line under the cursor and the sources out."""
        yield Horizontal(
            Static("", id="state", markup=False),
            Input(id="words", placeholder="/ words, !not, field:words, field=text", compact=True),
            id="line",
        )
        yield LogView(id="lines", empty="…")
        entry = Static("", id="entry", classes="panel", markup=False)
        entry.border_title = "Entry"
        yield entry
        yield Static("", id="sources", markup=False)
        yield Static("", id="pulse", markup=False)

    @property
    def _view(self) -> LogView:
        return self.query_one(LogView)

    @property
    def _book(self) -> LogBook | None:
        return self.console.desk.log if self.console.desk is not None else None

    # ---- asking

    def on_mount(self) -> None:
        """Look for new lines as long as this screen is on top."""
        with self.prevent(Input.Changed):
            self.query_one("#words", Input).value = self._question.text
        self.set_interval(LOOK, self._look)

    def reload(self) -> None:
        """Ask for the lines again."""
        self._question = replace(self._question, merchant=self.console.merchant)
        self._show_bar()
        if self._book is not None:
            self._asking = True
            self.console.read_log(self, self._book, self._question, tail_first=self._found is None)

    def _look(self) -> None:
        if self.is_current and not self._asking:
            self.reload()

    def choose(self, words: str) -> None:
        """Show the lines with these words, of all levels and sources."""
        self._question = LogQuestion(text=words)
        if self.is_mounted:
            with self.prevent(Input.Changed):
                self.query_one("#words", Input).value = words
            self._ask(self._question)

    def _ask(self, question: LogQuestion) -> None:
        self._refused = ""
        self._question = question
        self.reload()

    @on(Input.Changed, "#words")
    def _typed(self, event: Input.Changed) -> None:
        if self._typing is not None:
            self._typing.stop()
        question = replace(self._question, text=event.value.strip())
        self._typing = self.set_timer(PAUSE, partial(self._ask, question))

    @on(Input.Submitted, "#words")
    def _submitted(self) -> None:
        self._view.focus()

    @on(RowsMissed)
    def _missed(self, event: RowsMissed) -> None:
        numbers = [number for number in event.ids if isinstance(number, int)]
        if self._book is not None and self._found is not None and self._found.epoch:
            self.console.read_log_lines(self, self._book, self._found.epoch, numbers)

    # ---- answers

    @on(LogRead)
    def _read(self, event: LogRead) -> None:
        found, before = event.found, self._found
        self._asking = False
        if found.question != self._question:
            return
        self._found = found
        if before is None or before.epoch != found.epoch:
            self._lines = {}
            self._left_at = min(self._left_at, 0)
        view = self._view
        view.say_when_empty(_empty(found))
        if before is not found:
            view.show_numbers(found.numbers, epoch=found.epoch)
        self._take(event.lines)
        if event.pulse is not None:
            self.query_one("#pulse", Static).update(_pulse(event.pulse, found))
        self._show_bar()
        self.head()
        if found.is_partial or not found.epoch:
            self.reload()

    @on(LogRefused)
    def _not_asked(self, event: LogRefused) -> None:
        self._asking = False
        self._refused = event.what
        self._show_bar()

    @on(LogLinesRead)
    def _lines_read(self, event: LogLinesRead) -> None:
        if self._found is not None and event.epoch == self._found.epoch:
            if len(self._lines) > 4096:
                self._lines.clear()
            self._take(event.lines)

    def _take(self, lines: dict[int, LogLine]) -> None:
        self._lines.update(lines)
        self._show_lines(lines)
        self._show_entry()

    @on(FollowChanged)
    def _follows(self, event: FollowChanged) -> None:
        numbers = self._found.numbers if self._found is not None else ()
        self._left_at = numbers[-1] if numbers and not event.on else -1
        self._show_bar()

    @on(CursorMoved)
    def _moved(self) -> None:
        self._show_entry()

    # ---- showing

    def right(self) -> str:
        """Give how many lines are shown of how many."""
        if self._found is None:
            return ""
        found = self._found
        if found.is_partial:
            return f"{len(found.hits):,} so far, {found.looked * 100 // max(1, found.total)} % looked at"
        same = len(found.hits) == found.total
        return plural(found.total, "line") if same else f"{len(found.hits):,} of {found.total:,}"

    def _show_lines(self, lines: Iterable[int]) -> None:
        desk, found = self.console.desk, self._found
        if desk is None or found is None:
            return
        now = desk.source.now()
        rows: dict[RowId, Row] = {
            number: log_row(
                self._lines[number], now, relative=self._relative, beside=not found.is_hit(number)
            )
            for number in lines
            if number in self._lines
        }
        self._view.put_rows(rows)

    def _show_bar(self) -> None:
        """FOLLOW or how many are new below, the level, context and wrapping; or why the words are no question."""
        state = self.query_one("#state", Static)
        if self._refused:
            state.update(Text(f" ! {safe(self._refused, limit=60)} ", style="bold"))
            return
        view, question = self._view, self._question
        words = ["FOLLOW" if view.following else self._below(), f"level>={question.level.upper()}"]
        words += [f"±{question.context}"] if question.context else []
        words += ["wrap"] if view.wrapping else []
        state.update(Text(f" {'  '.join(words)}  ", style="bold"))
        shown = (f"[{' ' if name in question.without else 'x'}]{name}" for name in SOURCES)
        self.query_one("#sources", Static).update(Text(f" Sources {' '.join(shown)}", no_wrap=True))

    def _below(self) -> str:
        numbers = self._found.numbers if self._found is not None else ()
        new = sum(1 for _ in _beyond(numbers, self._left_at)) if self._left_at >= 0 else 0
        return f"{new:,} new below (G)" if new else "stopped (f)"

    def _show_entry(self) -> None:
        number = self._view.cursor_id
        line = self._lines.get(number) if isinstance(number, int) else None
        panel = self.query_one("#entry", Static)
        panel.border_subtitle = "enter shows it whole" if line is not None else None
        panel.update(entry_text(line, max(20, panel.size.width or 76)) if line is not None else "")

    # ---- actions

    def action_follow(self) -> None:
        """Follow what is written, or stay."""
        self._view.show_following(not self._view.following)
        self._show_bar()

    def action_filter(self) -> None:
        """Type words to narrow by."""
        self.query_one("#words", Input).focus()

    def action_level(self, by: int) -> None:
        """Only graver lines, or milder ones too."""
        place = LEVELS.index(self._question.level) + by
        self._ask(replace(self._question, level=LEVELS[max(0, min(len(LEVELS) - 1, place))]))

    def action_context(self) -> None:
        """Lines around those found, or not."""
        self._ask(replace(self._question, context=0 if self._question.context else CONTEXT))

    def action_time(self) -> None:
        """The time of day, or how long ago."""
        self._relative = not self._relative
        self._show_lines(list(self._lines))

    def action_wrap(self) -> None:
        """Long lines whole, or cut."""
        self._view.show_wrapping(not self._view.wrapping)
        self._show_bar()

    def action_sources(self) -> None:
        """Choose the parts of qbconsole whose lines are shown."""
        without = self._question.without

        def chosen(place: int | None) -> None:
            if place is not None:
                self._ask(replace(self._question, without=without ^ {SOURCES[place]}))
                self.action_sources()

        shown = [f"[{' ' if name in without else 'x'}] {name}" for name in SOURCES]
        self.console.push_screen(Chooser("Sources: enter changes one, esc closes", shown), chosen)

    def action_error(self, by: int) -> None:
        """To the next error among the lines shown, or the one before."""
        number = self._view.cursor_id
        if self._book is not None and self._found is not None and isinstance(number, int):
            self.console.find_log_error(self, self._book, self._found, number, by)

    @on(LogErrorFound)
    def _error_found(self, event: LogErrorFound) -> None:
        if event.number is not None:
            self._view.go_to(event.number)
        else:
            self.console.tell("No further error among these lines.")

    @on(RowOpened)
    def _opened(self) -> None:
        self._whole("open")

    def action_copy(self) -> None:
        """Copy a part of the line."""
        self._whole("copy")

    def _whole(self, purpose: str) -> None:
        number = self._view.cursor_id
        if self._book is not None and isinstance(number, int) and number in self._lines:
            self.console.read_log_line(self, self._book, number, purpose)

    @on(LogLineRead)
    def _line_read(self, event: LogLineRead) -> None:
        line = self._lines.get(event.number)
        if line is None:
            return
        if event.purpose == "open":
            self.console.push_screen(Paper(line.event, whole_line(event.raw, line)))
        else:
            parts = {"line": event.raw.decode("utf-8", "replace"), "told": line.told}
            self.console.offer_copy(parts | dict(line.fields))

    def action_same(self) -> None:
        """All lines of the same order, document, session or merchant."""
        number = self._view.cursor_id
        line = self._lines.get(number) if isinstance(number, int) else None
        found = kin(line) if line is not None else []
        if not found:
            self.console.tell("This line names no order, document, session or merchant.")
            return

        def chosen(place: int | None) -> None:
            if place is not None:
                self.choose(found[place])

        self.console.push_screen(Chooser("All lines with", found), chosen)

    def action_export(self) -> None:
        """Write all lines shown into a file."""
        if self._book is not None and self._found is not None:
            self.console.export_log(self, self._book, self._found, self.console.exported)


def _beyond(numbers: Iterable[int], left_at: int) -> Iterable[int]:
    return (number for number in numbers if number > left_at)


def _empty(found: LogFound) -> str:
    if not found.total:
        return "Nothing was written yet: `qbconsole serve`, `pull` and `book` write here."
    return "Looking …" if found.is_partial else "No line has these words, level and sources."


def _pulse(pulse: Pulse, found: LogFound) -> Text:
    size = f"{found.size // 1000:,} kB" if found.size < 10 * _MEGABYTE else f"{found.size // _MEGABYTE:,} MB"
    words = f" {pulse.bars or '-'}  errors/min {pulse.errors}   file qbconsole.jsonl {size}"
    return Text(words, no_wrap=True, overflow="ellipsis")
