"""The virtual table: paints what is seen, asks for what it misses, keeps columns straight."""

from __future__ import annotations

import asyncio

import pytest
from console_watching import painted
from rich.cells import cell_len
from textual.app import App, ComposeResult

from qbconsole.console.messages import CursorMoved, RowOpened, RowsMissed, SortChosen
from qbconsole.console.widgets.virtual_table import PAGE, Column, Row, VirtualTable, fitted

COLUMNS = (
    Column(title="Name", width=10, grows=True, sort="name"),
    Column(title="Total", width=8, right=True, sort="total"),
    Column(title="Far", width=6, from_width=100),
)


class Bench(App[None]):
    """Answers at once, and counts what it was asked."""

    CSS = "VirtualTable { height: 1fr; }"

    def __init__(self, count: int, name: str = "row") -> None:
        super().__init__()
        self.count = count
        self.named = name
        self.fetched = 0
        self.opened: list[object] = []
        self.sorts: list[tuple[str, bool]] = []
        self.moved: list[object] = []

    def compose(self) -> ComposeResult:
        yield VirtualTable(*COLUMNS, id="rows", marking=True)

    def on_ready(self) -> None:
        self.table.show_ids(range(self.count))

    @property
    def table(self) -> VirtualTable:
        return self.query_one(VirtualTable)

    def on_rows_missed(self, event: RowsMissed) -> None:
        self.fetched += len(event.ids)
        self.table.put_rows({n: Row(cells=(f"{self.named} {n}", f"{n}.00", "far")) for n in event.ids})

    def on_row_opened(self, event: RowOpened) -> None:
        self.opened.append(event.row)

    def on_sort_chosen(self, event: SortChosen) -> None:
        self.sorts.append((event.sort, event.reverse))

    def on_cursor_moved(self, event: CursorMoved) -> None:
        self.moved.append(event.row)


async def test_of_100_000_rows_only_the_seen_pages_are_fetched():
    app = Bench(100_000)
    async with app.run_test(size=(80, 24)) as pilot:
        await painted_out(pilot)
        assert app.fetched == PAGE
        await pilot.press("G")
        await painted_out(pilot)
        assert "row 99999" in painted(app)
        assert app.fetched <= 3 * PAGE
        await pilot.press("g")
        await painted_out(pilot)
        assert "> row 0" in painted(app).replace(">  ", "> ")
        assert app.fetched <= 3 * PAGE


async def painted_out(pilot) -> None:
    """A row missed while painting is asked for, given, and painted."""
    async with asyncio.timeout(60):
        await pilot.pause(0.01)
        while "  …" in painted(pilot.app):
            await pilot.pause(0.01)


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (("j", "j", "k"), 1),
        (("down", "down", "up"), 1),
        (("pagedown",), 23),
        (("pagedown", "pageup"), 0),
        (("ctrl+d",), 11),
        (("ctrl+d", "ctrl+u"), 0),
        (("G",), 499),
        (("G", "g"), 0),
        (("k",), 0),
        (("end", "j"), 499),
    ],
)
async def test_keys_move_the_cursor_and_the_cursor_is_seen(keys, row):
    app = Bench(500)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await painted_out(pilot)
        assert app.table.cursor_id == row
        assert f">  row {row} " in painted(app)


async def test_marks_stay_with_their_rows():
    app = Bench(50)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space", "j", "space")
        assert app.table.targets == [0, 2]
        app.table.show_ids([5, 2, 1], keep=True)
        assert app.table.targets == [2]
        await pilot.press("a")
        assert app.table.targets == [5, 2, 1]
        await pilot.press("a")
        assert app.table.targets == [app.table.cursor_id]


async def test_the_cursor_stays_on_its_row_when_the_rows_come_anew():
    app = Bench(50)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j", "j")
        app.table.show_ids([9, 8, 3], keep=True)
        assert app.table.cursor_id == 3
        app.table.show_ids([9, 8], keep=True)
        assert app.table.cursor_id == 8
        app.table.show_ids([])
        assert app.table.cursor_id is None
        await pilot.press("j", "enter", "space", "G")
        assert app.table.targets == []


async def test_rows_come_anew_without_flicker():
    app = Bench(10)
    async with app.run_test(size=(80, 24)) as pilot:
        await painted_out(pilot)
        app.named = "new"
        app.table.show_ids(range(10), keep=True)
        assert "row 5" in painted(app), "the old row stands until the new one comes"
        async with asyncio.timeout(60):
            while "new 5" not in painted(app):
                await pilot.pause(0.01)
        assert app.fetched == 20


async def test_wide_characters_keep_the_columns_straight():
    app = Bench(3, name="日本語 👩👧 ｶﾅ é" * 9)
    async with app.run_test(size=(80, 24)) as pilot:
        await painted_out(pilot)
        lines = painted(app).splitlines()[1:4]
        assert {cell_len(line) for line in lines} == {79}
        assert all("…" in line for line in lines)


@pytest.mark.parametrize("width", range(1, 12))
@pytest.mark.parametrize("text", ["日本語", "abc", "👩‍👩‍👧x", "", "é́"])
def test_a_cell_is_exactly_as_wide_as_its_column(text, width):
    assert cell_len(fitted(text, width)) == width
    assert cell_len(fitted(text, width, right=True)) == width


async def test_enter_opens_and_s_sorts():
    app = Bench(5)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "enter", "s")
        app.table.show_sort("name", False)
        await pilot.press("s", "S")
        await painted_out(pilot)
        assert app.opened == [1]
        assert app.sorts == [("name", False), ("total", False), ("name", True)]
        assert "Name▲" in painted(app)


async def test_a_narrow_table_leaves_columns_out():
    app = Bench(5)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Far" not in painted(app)
        await pilot.resize_terminal(120, 24)
        await painted_out(pilot)
        assert "Far" in painted(app)
