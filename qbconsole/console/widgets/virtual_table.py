"""VirtualTable: a table that paints only what is seen, so that 100,000 rows cost what twenty do.

Textual's DataTable measures every cell of every row (100,000 rows: 18 s). Here the owner gives ids, and a page of
rows only when the table asked for it by RowsMissed. Cells are plain text, made harmless by `safe` on the way in and
cut by terminal cells, not characters, so that CJK and emoji keep the columns straight. It never reads markup.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from qbconsole.console.desk import RowId
from qbconsole.console.messages import CursorMoved, MarksChanged, RowOpened, RowsMissed, SortChosen
from qbconsole.console.registry import bindings
from qbconsole.visible import safe

#: Rows asked for at once; and how many are remembered.
PAGE = 64
KEPT = 1024
_EDGE = 3


class Tone(StrEnum):
    """What a row's colour repeats of its words."""

    PLAIN = "plain"
    PROBLEM = "problem"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. Widths in terminal cells."""

    title: str
    width: int
    right: bool = False
    #: Takes the room that is left, or its share of it.
    grows: bool = False
    #: What the rows are sorted by; "" where they cannot be.
    sort: str = ""
    #: Not shown on a narrower table.
    from_width: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as painted: a text for every column, shown or not."""

    cells: tuple[str, ...]
    tone: Tone = Tone.PLAIN


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """Give the text exactly `width` cells wide, with an ellipsis where it was cut."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 1 else set_cell_size(text, width)
    return " " * (width - length) + text if right else text + " " * (width - length)


class VirtualTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows by id, a cursor, marks; the owner fetches and sorts."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("table")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "virtual-table--header",
        "virtual-table--plain",
        "virtual-table--problem",
        "virtual-table--quiet",
        "virtual-table--cursor",
        "virtual-table--resting",
    }
    DEFAULT_CSS = """
    VirtualTable {
        height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
        & > .virtual-table--header { text-style: bold; color: $text-muted; }
        & > .virtual-table--problem { color: $text-error; }
        & > .virtual-table--quiet { color: $text-muted; }
        & > .virtual-table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
        & > .virtual-table--resting { background: $surface; }
    }
    """

    def __init__(
        self,
        *columns: Column,
        id: str,
        marking: bool = False,
        empty: str = "Nothing here.",
        heads: bool = True,
    ) -> None:
        super().__init__(id=id)
        self._columns = columns
        self._marking = marking
        self._empty = empty
        self._heads = heads
        self._ids: Sequence[RowId] = ()
        self._rows: OrderedDict[RowId, Row] = OrderedDict()
        #: Pages asked for and not here yet; pages here since the ids were given.
        self._pending: set[int] = set()
        self._fresh: set[int] = set()
        self._cursor = 0
        self._marked: set[RowId] = set()
        self._sorted: tuple[str, bool] = ("", False)
        self._painted: dict[tuple[int, bool], Strip] = {}

    # ---- what the owner gives

    def show_ids(
        self, ids: Sequence[RowId], *, rows: Mapping[RowId, Row] | None = None, keep: bool = False
    ) -> None:
        """Show these rows; `keep` leaves the cursor on its row and the marks that still exist.

        With `rows` the owner gives all of them at once and none is asked for.
        """
        before = self.cursor_id if keep else None
        self._ids = ids
        self._pending.clear()
        self._fresh.clear()
        self._marked = self._marked.intersection(ids) if keep and self._marked else set()
        if rows is not None:
            self._take(rows)
            self._fresh = set(range(len(ids) // PAGE + 1))
        self._cursor = self._place_of(before)
        self._forget()
        self.virtual_size = Size(self.size.width, len(ids) + self._top)
        self._follow()
        self._say(MarksChanged(len(self._marked)))
        self._tell()

    def put_cursor_on(self, row: RowId) -> None:
        """Put the cursor on a row; one that is not there leaves it where it is."""
        if row in self._ids:
            self._go(self._ids.index(row))

    def put_rows(self, rows: Mapping[RowId, Row]) -> None:
        """Take rows that were missed."""
        self._take(rows)
        self._forget()

    def show_sort(self, sort: str, reverse: bool) -> None:
        """Mark the column the rows are sorted by."""
        self._sorted = (sort, reverse)
        self._forget()

    def say_when_empty(self, sentence: str) -> None:
        """Set what stands where rows would be."""
        self._empty = sentence
        self._forget()

    @property
    def cursor_id(self) -> RowId | None:
        """The row under the cursor; None in an empty table."""
        return self._ids[self._cursor] if self._ids else None

    @property
    def targets(self) -> list[RowId]:
        """The marked rows in their order, else the one under the cursor."""
        if self._marked:
            return [row for row in self._ids if row in self._marked]
        return [self._ids[self._cursor]] if self._ids else []

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._ids)

    # ---- painting

    @property
    def _top(self) -> int:
        return 1 if self._heads else 0

    def render_line(self, y: int) -> Strip:
        """Paint one line of the window."""
        if self._heads and y == 0:
            return self._header()
        index = y - self._top + self.scroll_offset.y
        if not self._ids:
            said = self._empty if y == self._top else ""
            return self._plain(f"  {said}" if said else "", "virtual-table--quiet")
        if index >= len(self._ids):
            return self._plain("", "virtual-table--plain")
        key = (index, self.has_focus)
        if key not in self._painted:
            here = self._ids[index] in self._rows
            self._miss(index // PAGE, here)
            if not here:
                return self._plain("  …", "virtual-table--quiet")
            self._painted[key] = self._line(index, self._rows[self._ids[index]])
        return self._painted[key]

    def _plain(self, words: str, component: str) -> Strip:
        style = self._style(component)
        return Strip([Segment(fitted(words, self.size.width), style)], self.size.width)

    def _style(self, component: str) -> Style:
        return self.get_component_rich_style(component)

    def _header(self) -> Strip:
        titles = [self._title(column) for column in self._columns]
        return self._plain(" " * _EDGE + self._joined(titles), "virtual-table--header")

    def _title(self, column: Column) -> str:
        sort, reverse = self._sorted
        if not column.sort or column.sort != sort:
            return column.title
        return f"{column.title}{'▼' if reverse else '▲'}"

    def _line(self, index: int, row: Row) -> Strip:
        here = index == self._cursor
        marked = self._ids[index] in self._marked
        edge = f"{'>' if here else ' '}{'x' if marked else ' '} "
        words = fitted(edge + self._joined(row.cells), self.size.width)
        style = self._style(f"virtual-table--{row.tone}")
        if here:
            style += self._style("virtual-table--cursor" if self.has_focus else "virtual-table--resting")
        return Strip([Segment(words, style)], self.size.width)

    def _joined(self, cells: Iterable[str]) -> str:
        width = self.size.width
        shown = [column for column in self._columns if column.from_width <= width]
        taken = sum(column.width for column in shown) + len(shown) - 1 + _EDGE + 1
        room = max(0, width - taken)
        share = room // max(1, sum(column.grows for column in shown))
        parts = [
            fitted(cell, column.width + (share if column.grows else 0), right=column.right)
            for column, cell in zip(self._columns, cells, strict=False)
            if column.from_width <= width
        ]
        return " ".join(parts)

    def _miss(self, page: int, here: bool) -> None:
        """Ask for a page once; an old row is painted until the new one comes, so that nothing flickers."""
        if page not in self._pending and not (here and page in self._fresh):
            self._pending.add(page)
            self._say(RowsMissed(self._ids[page * PAGE : (page + 1) * PAGE]))

    def _say(self, message: Message) -> None:
        """Tell the owner. Painting and keys run as the screen's, and no message bubbles back to who sent it."""
        self.post_message(message.set_sender(self))

    def _take(self, rows: Mapping[RowId, Row]) -> None:
        for name, row in rows.items():
            self._rows[name] = Row(cells=tuple(safe(cell) for cell in row.cells), tone=row.tone)
            self._rows.move_to_end(name)
        while len(self._rows) > KEPT:
            self._rows.popitem(last=False)
        came = {page for page in self._pending if self._ids[page * PAGE] in rows}
        self._pending -= came
        self._fresh |= came

    def _forget(self) -> None:
        self._painted.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Paint anew in a new theme."""
        super().notify_style_update()
        self._painted.clear()

    def on_resize(self, event: Resize) -> None:
        """Lay the columns out anew."""
        self.virtual_size = Size(event.size.width, len(self._ids) + self._top)
        self._forget()
        self._follow()

    # ---- moving and marking

    def _place_of(self, row: RowId | None) -> int:
        if row is None or not self._ids:
            return 0
        try:
            return self._ids.index(row)
        except ValueError:
            return min(self._cursor, len(self._ids) - 1)

    def _tell(self) -> None:
        row = self.cursor_id
        if row is not None:
            self._say(CursorMoved(row))

    def _go(self, index: int) -> None:
        if not self._ids:
            return
        before, self._cursor = self._cursor, max(0, min(len(self._ids) - 1, index))
        if before == self._cursor:
            return
        self._repaint(before, self._cursor)
        self._follow()
        self._tell()

    def _repaint(self, *indexes: int) -> None:
        for index in indexes:
            for focus in (True, False):
                self._painted.pop((index, focus), None)
            self.refresh_lines(index + self._top)

    @property
    def _window(self) -> int:
        return max(1, self.size.height - self._top)

    def _follow(self) -> None:
        """Scroll so far that the cursor is seen."""
        top = self.scroll_offset.y
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True, immediate=True)
        elif self._cursor >= top + self._window:
            self.scroll_to(y=self._cursor - self._window + 1, animate=False, force=True, immediate=True)

    def action_move(self, by: int) -> None:
        """Step the cursor."""
        self._go(self._cursor + by)

    def action_page(self, by: int) -> None:
        """A window up or down."""
        self._go(self._cursor + by * self._window)

    def action_half(self, by: int) -> None:
        """Half a window up or down."""
        self._go(self._cursor + by * max(1, self._window // 2))

    def action_first(self) -> None:
        """To the first row."""
        self._go(0)

    def action_last(self) -> None:
        """To the last row."""
        self._go(len(self._ids) - 1)

    def action_open(self) -> None:
        """Tell the owner that the row is wanted."""
        row = self.cursor_id
        if row is not None:
            self._say(RowOpened(row))

    def action_mark(self) -> None:
        """Mark or unmark the row, and step on."""
        row = self.cursor_id
        if row is None:
            return
        self._marked ^= {row}
        self._repaint(self._cursor)
        self._say(MarksChanged(len(self._marked)))
        self._go(self._cursor + 1)

    def action_mark_all(self) -> None:
        """Mark all rows there are; when all are, none."""
        self._marked = set() if len(self._marked) == len(self._ids) else set(self._ids)
        self._forget()
        self._say(MarksChanged(len(self._marked)))

    def action_sort(self) -> None:
        """Ask for the order by the next column."""
        names = [column.sort for column in self._columns if column.sort]
        if names:
            now, reverse = self._sorted
            place = names.index(now) if now in names else -1
            self._say(SortChosen(names[(place + 1) % len(names)], reverse))

    def action_reverse(self) -> None:
        """Ask for the order turned round."""
        now, reverse = self._sorted
        if now:
            self._say(SortChosen(now, not reverse))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Marks and orders only where the owner acts on them."""
        if action in ("mark", "mark_all"):
            return self._marking
        if action in ("sort", "reverse"):
            return any(column.sort for column in self._columns)
        return True

    def on_click(self, event: Click) -> None:
        """Where the mouse is on: the row clicked."""
        self._go(event.y - self._top + self.scroll_offset.y)
