"""LogView: the virtual table for lines of a log: it follows what is written, and wraps long lines where asked.

Rows are lines by number; only those seen are ever fetched. With wrapping a line takes as many rows as it needs;
where the window begins is still a line, so that nothing has to be measured that is not seen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from rich.cells import chop_cells
from rich.segment import Segment
from textual.events import Click, Resize
from textual.geometry import Size
from textual.strip import Strip

from qbconsole.console.desk import RowId
from qbconsole.console.messages import FollowChanged
from qbconsole.console.widgets.virtual_table import Column, Row, VirtualTable, fitted

COLUMNS = (
    Column(title="Time", width=13),
    Column(title="Level", width=5),
    Column(title="Source", width=8),
    Column(title="What", width=20, grows=True),
)
#: Columns before what was told: the edge, and the others with a space behind each.
INDENT = 3 + sum(column.width + 1 for column in COLUMNS[:-1])
#: A wrapped line takes no more rows than this.
MOST_ROWS = 12


class LogView(VirtualTable):
    """Lines by number, a cursor; the owner fetches."""

    def __init__(self, *, id: str, empty: str) -> None:
        super().__init__(*COLUMNS, id=id, empty=empty, heads=False)
        #: Whether the newest line is kept in sight.
        self.following = True
        self.wrapping = False
        self._epoch = -1
        #: With wrapping: for each row of the window its line and which part of it.
        self._laid: list[tuple[int, int]] = []

    # ---- what the owner gives

    def show_numbers(self, numbers: Sequence[int], *, epoch: int) -> None:
        """Show these lines; the cursor stays on its line, or goes to the newest while following."""
        from_end = len(self._ids) - self._cursor
        anew, was_tail = epoch != self._epoch, self._epoch == 0
        if anew:
            self._epoch = epoch
            self._rows.clear()
        self.show_ids(numbers, keep=not anew)
        self._extend()
        if self.following:
            self._go(len(numbers) - 1)
        elif anew and was_tail:
            self._go(len(numbers) - from_end)
        self._follow()

    def show_following(self, on: bool) -> None:
        """Follow, or stay; following goes to the newest line."""
        if self.following != on:
            self.following = on
            self.post_message(FollowChanged(on))
        if on:
            self._go(len(self._ids) - 1)

    def show_wrapping(self, on: bool) -> None:
        """Show long lines whole, or cut."""
        self.wrapping = on
        self._extend()
        self._forget()
        self._follow()

    def go_to(self, number: int) -> None:
        """Put the cursor on a line, or on the one after it where it is not shown."""
        self.show_following(False)
        self._go(self._place_of(number))

    def _extend(self) -> None:
        """With wrapping the last line may stand on top of the window, alone."""
        more = self._window - 1 if self.wrapping else 0
        self.virtual_size = Size(self.size.width, len(self._ids) + more)

    def _place_of(self, row: RowId | None) -> int:
        """Numbers rise, so that a line is found without looking at all."""
        if not isinstance(row, int) or not self._ids:
            return 0
        ids: Sequence[int] = self._ids  # type: ignore[assignment]
        return min(bisect_left(ids, row), len(ids) - 1)

    # ---- painting

    def _forget(self) -> None:
        self._laid = []
        super()._forget()

    def render_line(self, y: int) -> Strip:
        """Paint one row of the window."""
        if not self.wrapping or not self._ids:
            return super().render_line(y)
        if y == 0 or not self._laid:
            self._laid = self._lay_out()
        if y >= len(self._laid):
            return self._plain("", "virtual-table--plain")
        index, part = self._laid[y]
        strip = super().render_line(index - self.scroll_offset.y) if part == 0 else None
        return strip or self._continued(index, part)

    def _lay_out(self) -> list[tuple[int, int]]:
        laid: list[tuple[int, int]] = []
        for index in range(self.scroll_offset.y, len(self._ids)):
            laid += [(index, part) for part in range(len(self._parts(index)))]
            if len(laid) >= self._window:
                break
        return laid

    def _parts(self, index: int) -> list[str]:
        """What one line tells, in pieces as wide as the room there is."""
        row = self._rows.get(self._ids[index])
        told = row.cells[-1] if row is not None else ""
        room = max(8, self.size.width - INDENT - 1)
        return chop_cells(told, room)[:MOST_ROWS] or [""]

    def _continued(self, index: int, part: int) -> Strip:
        row = self._rows[self._ids[index]]
        style = self._style(f"virtual-table--{row.tone}")
        if index == self._cursor:
            style += self._style("virtual-table--cursor" if self.has_focus else "virtual-table--resting")
        words = " " * INDENT + self._parts(index)[part]
        return Strip([Segment(fitted(words, self.size.width), style)], self.size.width)

    def _line(self, index: int, row: Row) -> Strip:
        if not self.wrapping:
            return super()._line(index, row)
        return super()._line(index, Row(cells=(*row.cells[:-1], self._parts(index)[0]), tone=row.tone))

    def _repaint(self, *indexes: int) -> None:
        super()._repaint(*indexes)
        if self.wrapping:
            self.refresh()

    def _follow(self) -> None:
        """Scroll so far that the cursor is seen; with wrapping, the whole of its line."""
        if not self.wrapping or not self._ids:
            super()._follow()
            return
        top, rows = self._cursor, 0
        while top >= 0 and (rows := rows + len(self._parts(top))) <= self._window:
            top -= 1
        lowest = min(self._cursor, top + 1)
        here = max(lowest, min(self.scroll_offset.y, self._cursor))
        if here != self.scroll_offset.y:
            self.scroll_to(y=here, animate=False, force=True, immediate=True)
        self._laid = []

    def put_rows(self, rows: dict[RowId, Row]) -> None:  # type: ignore[override]
        """Take lines that were missed; wrapped ones may need more room than was thought."""
        super().put_rows(rows)
        if self.wrapping:
            self._follow()

    def on_resize(self, event: Resize) -> None:
        """Lay everything out anew."""
        super().on_resize(event)
        self._extend()
        self._follow()

    # ---- moving

    def action_move(self, by: int) -> None:
        """Step the cursor; going up ends following."""
        self._moves(by)
        super().action_move(by)

    def action_page(self, by: int) -> None:
        """A window up or down."""
        self._moves(by)
        super().action_page(by)

    def action_half(self, by: int) -> None:
        """Half a window up or down."""
        self._moves(by)
        super().action_half(by)

    def action_first(self) -> None:
        """To the oldest line."""
        self._moves(-1)
        super().action_first()

    def action_last(self) -> None:
        """To the newest line, and follow."""
        self.show_following(True)

    def _moves(self, by: int) -> None:
        if by < 0:
            self.show_following(False)

    def on_click(self, event: Click) -> None:
        """Where the mouse is on: the line clicked."""
        self.show_following(False)
        if self.wrapping and event.y < len(self._laid):
            self._go(self._laid[event.y][0])
        else:
            super().on_click(event)
