"""Queue: what waits, failed or went, with why and what mends it; and what an operator decides about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from qbconsole.console.desk import VIEWS, QueueQuestion, RowId
from qbconsole.console.messages import (
    CursorMoved,
    DetailMissed,
    DetailRead,
    MarksChanged,
    QueueRead,
    ReadingFailed,
    RowOpened,
    RowsMissed,
    RowsRead,
    SortChosen,
)
from qbconsole.console.registry import bindings
from qbconsole.console.screens.deciding import Deciding
from qbconsole.console.screens.log_words import about
from qbconsole.console.showing import PROBLEMS, QUIET, age, amount, plural, sign, with_currency
from qbconsole.console.widgets.dialogs import Paper
from qbconsole.console.widgets.virtual_table import Column, Row, Tone, VirtualTable
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.views.queue import QueueDetail, QueueRow

#: Seconds of no typing, or of no moving, before the store is asked.
PAUSE = 0.08
COLUMNS = (
    Column(title="#", width=9, sort="number"),
    Column(title="Date", width=5, sort="date"),
    Column(title="Type", width=14, sort="kind", from_width=72),
    Column(title="Customer", width=10, grows=True),
    Column(title="Merchant", width=12, sort="merchant", from_width=100),
    Column(title="Reason", width=20, from_width=120),
    Column(title="Total", width=10, right=True, sort="total"),
    Column(title="Status", width=10, sort="state"),
    Column(title="Try", width=3, right=True, from_width=72),
    Column(title="Age", width=4, right=True, sort="since"),
)
#: Characters of a reason beside which what mends it is seen too, on 80x24; `h` shows all.
WHY = 140
#: What is longer than its column, said shorter; the filter knows these words too.
SHORT = {
    "AWAITING_APPROVAL": "APPROVAL",
    "QUARANTINED": "QUARANT.",
    "DELETED_IN_QUICKBOOKS": "DELETED",
    "LOST_BY_RESTORE": "LOST",
    "SUPERSEDED": "REPLACED",
}
_GONE = Row(cells=("(gone)",), tone=Tone.QUIET)


class QueueScreen(Deciding):
    """The list and, below it, the row under the cursor."""

    MODE: ClassVar[str] = "queue"
    SCOPE: ClassVar[str] = "queue"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("queue")]
    AUTO_FOCUS = "#rows"

    def __init__(self) -> None:
        super().__init__()
        self._question = QueueQuestion()
        self._shown: QueueQuestion | None = None
        self._rows: dict[RowId, QueueRow] = {}
        self._detail: QueueDetail | None = None
        self._typing: Timer | None = None
        self._resting: Timer | None = None
        self._marked = 0
        self._count = 0
        #: (view, merchant) -> rows without a filter, as last seen.
        self._totals: dict[tuple[str, str | None], int] = {}

    def body(self) -> Iterable[Widget]:
        """Lay views, filter, list and detail out."""
        yield Horizontal(
            Static("", id="views", markup=False),
            Input(id="filter", placeholder="/ filter", compact=True),
            id="line",
        )
        yield VirtualTable(*COLUMNS, id="rows", marking=True, empty="…")
        yield Static("", id="detail", classes="panel", markup=False)

    # ---- asking

    def reload(self) -> None:
        """Ask for the rows of the view again."""
        console = self.console
        self._question = replace(self._question, merchant=console.merchant)
        self._show_views()
        if console.desk is not None:
            console.read_queue(self, console.desk, self._question)

    def choose(self, view: str, filter_text: str = "") -> None:
        """Show a saved view with a filter."""
        self._question = replace(self._question, view=view, text=filter_text)
        if self.is_mounted:
            with self.prevent(Input.Changed):
                self.query_one("#filter", Input).value = filter_text
            self.reload()

    def on_mount(self) -> None:
        """Take over what was chosen before there was a screen."""
        with self.prevent(Input.Changed):
            self.query_one("#filter", Input).value = self._question.text

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(PAUSE, partial(self._ask, event.value.strip()))

    def _ask(self, words: str) -> None:
        self._question = replace(self._question, text=words)
        self.reload()

    @on(Input.Submitted, "#filter")
    def _submitted(self) -> None:
        self.query_one(VirtualTable).focus()

    @on(SortChosen)
    def _sorted(self, event: SortChosen) -> None:
        self._question = replace(self._question, sort=event.sort, reverse=event.reverse)
        self.reload()

    @on(RowsMissed)
    def _missed(self, event: RowsMissed) -> None:
        if self.console.desk is not None:
            self.console.read_rows(self, self.console.desk, event.ids)

    @on(CursorMoved)
    def _moved(self, event: CursorMoved) -> None:
        """Ask for the detail once the cursor rests."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(PAUSE, partial(self._ask_detail, event.row))

    def _ask_detail(self, row: RowId) -> None:
        found = self._rows.get(row)
        if found is not None and self.console.desk is not None:
            self.console.read_detail(self, self.console.desk, found.called)

    # ---- answers

    @on(QueueRead)
    def _read(self, event: QueueRead) -> None:
        same = self._shown == event.question
        self._shown = event.question
        self._count = len(event.ids)
        if not event.question.text:
            self._totals[event.question.view, event.question.merchant] = self._count
        table = self.query_one(VirtualTable)
        filtered = "No row has these words; esc, then / to change them."
        table.say_when_empty(filtered if event.question.text else "Nothing here.")
        table.show_sort(event.question.sort, event.question.reverse)
        table.show_ids(event.ids, keep=same)
        if not event.ids:
            self._detail = None
            self._show_detail()
        self.head()

    @on(RowsRead)
    def _rows_read(self, event: RowsRead) -> None:
        desk = self.console.desk
        if desk is None:
            return
        now = desk.source.now()
        if len(self._rows) > 4096:
            self._rows.clear()
        self._rows.update({name: row for name, row in event.rows.items() if row is not None})
        table = self.query_one(VirtualTable)
        table.put_rows({name: queue_row(row, now) if row else _GONE for name, row in event.rows.items()})
        here = table.cursor_id
        if here in event.rows:
            self._ask_detail(here)

    @on(DetailRead)
    def _detail_read(self, event: DetailRead) -> None:
        here = self._rows.get(self.query_one(VirtualTable).cursor_id)
        if here is not None and here.called == event.detail.row.called:
            self._detail = event.detail
            self._show_detail()

    @on(DetailMissed)
    def _detail_missed(self, event: DetailMissed) -> None:
        """It was decided about, here or elsewhere: the rows follow."""
        if self._detail is not None and self._detail.row.called == event.key:
            self._detail = None
            self._show_detail()

    @on(ReadingFailed)
    def _filter_refused(self, event: ReadingFailed) -> None:
        """A filter half typed is no trouble: it is told where rows would be."""
        if self.query_one("#filter", Input).has_focus:
            table = self.query_one(VirtualTable)
            table.say_when_empty(event.what)
            table.show_ids(())
            event.prevent_default()

    @on(MarksChanged)
    def _marks(self, event: MarksChanged) -> None:
        self._marked = event.count
        self._show_detail()

    # ---- showing

    def right(self) -> str:
        """Give how many rows are shown of how many."""
        if self._shown is None:
            return ""
        total = self._totals.get((self._shown.view, self._shown.merchant))
        known = self._shown.text and total is not None
        return f"{self._count:,} of {total:,}" if known else plural(self._count, "row")

    def _show_views(self) -> None:
        line = Text("View ", no_wrap=True)
        for name, title in VIEWS.items():
            here = name == self._question.view
            line.append(f"[{title}]" if here else f" {title} ", style="bold" if here else "")
        self.query_one("#views", Static).update(line)

    def _show_detail(self) -> None:
        panel = self.query_one("#detail", Static)
        detail = self._detail
        if detail is None:
            panel.border_title = panel.border_subtitle = None
            panel.update("")
            return
        row = detail.row
        panel.border_title = Text(safe(f"{row.number} {row.kind}", limit=50))
        panel.border_subtitle = Text(f"{self._marked:,} marked") if self._marked else None
        panel.update(detail_text(detail))

    # ---- actions

    def action_view(self, by: int) -> None:
        """The next saved view."""
        names = list(VIEWS)
        place = names.index(self._question.view) + by
        self.choose(names[place % len(names)], self._question.text)

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one("#filter", Input).focus()

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        row = self._rows.get(event.row)
        if row is not None:
            self.console.inspect(row.called)

    def action_lines(self) -> None:
        """The lines of the log about the row."""
        if self._detail is not None:
            self.console.show_log(about(self._detail.row.key))

    def action_history(self) -> None:
        """Why the row stands where it stands and what mends it, uncut; then what happened to it."""
        if self._detail is not None:
            happened = "\n".join(self._detail.history) or "Nothing was written down about it yet."
            told = (("Why", self._detail.why), ("Fix", self._detail.fix))
            body = "".join(f"{word}: {said}\n\n" for word, said in told if said) + happened
            self.console.push_screen(Paper(f"{self._detail.row.number} {self._detail.row.kind}", body))

    def action_fix(self) -> None:
        """The mapping, at the name the row waits for."""
        detail = self._detail
        if detail is None or not detail.cause:
            self.console.tell("Nothing holds this row, so there is nothing to map.")
        else:
            self.console.fix(detail.cause)

    def action_copy(self) -> None:
        """Copy a part of the row."""
        if self._detail is not None:
            row = self._detail.row
            parts = {
                "key": row.called,
                "number": row.number,
                "why": self._detail.why,
                "fix": self._detail.fix,
            }
            self.console.offer_copy(parts)

    def gather(self, action: str) -> None:
        """Read the marked rows, else the one under the cursor."""
        targets = self.query_one(VirtualTable).targets
        if targets and self.console.desk is not None:
            self.console.read_targets(self, self.console.desk, action, targets)

    def whose_batch(self) -> str | None:
        """Give the merchant of the row under the cursor."""
        row = self._rows.get(self.query_one(VirtualTable).cursor_id)
        return row.merchant or None if row else None


def queue_row(row: QueueRow, now: datetime) -> Row:
    """Give one row as the list shows it."""
    tone = Tone.PROBLEM if row.state in PROBLEMS else Tone.QUIET if row.state in QUIET else Tone.PLAIN
    tries = str(row.attempt) if row.attempt else ""
    cells = (
        row.number,
        f"{row.date:%m-%d}",
        row.kind,
        row.customer,
        row.merchant,
        row.reason,
        amount(row.total),
        f"{sign(row.state)} {SHORT.get(row.state, row.state)}",
        tries,
        age(row.since, now),
    )
    return Row(cells=cells, tone=tone)


def detail_text(detail: QueueDetail) -> Text:
    """Give why, fix and history as labelled lines."""
    total = with_currency(detail.row.total) if detail.row.total is not None else ""
    also = f"Fixing this also clears {detail.also:,} more." if detail.also else ""
    told = (
        ("What", ", ".join(filter(None, (detail.row.source, total, detail.row.merchant)))),
        ("Why", safe(detail.why, limit=WHY) or "Nothing is in its way."),
        ("Fix", detail.fix or "-"),
        ("", also),
        ("Hist", " > ".join(detail.history[-3:])),
    )
    line = Text()
    for label, words in told:
        if words:
            line.append(f"{label:<6}", style="bold")
            line.append(f"{safe(words)}\n")
    line.rstrip()
    return line
