"""The logs' screen: follows, narrows, jumps to errors, shows one line whole; whatever a line may hold."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
from console_desk import HOSTILE, NOW, FixedSource, WrittenActions
from console_desk import desk as fixed_desk
from console_watching import painted, settle, until
from rich.cells import cell_len
from textual.screen import ModalScreen
from textual.widgets import Input

from qbconsole.console.app import QbConsole
from qbconsole.console.desk import Desk
from qbconsole.console.screens.log_lines import entry_text, log_row, whole_line
from qbconsole.console.screens.log_words import about, about_order, kin
from qbconsole.console.widgets.log_view import LogView
from qbconsole.views.logs.book import LogBook
from qbconsole.views.logs.lines import read_line
from qbconsole.views.logs.pages import FILE

STORY = (
    ("qbconsole.deliver", "info", "session open", {"company": "oak", "ticket": "3f2a90b1"}),
    ("qbconsole.book", "info", "booked", {"document": "qbc1/oak/order/47/1/0", "order": "#10347", "total": "208.95 USD"}),
    ("qbconsole.book", "warning", "held", {"code": "unmapped", "order": "#10347", "what": 'Tax "CA-ORANGE" has no item', "next": "Map it, then retry."}),
    ("qbconsole.deliver", "error", "refused", {"document": "qbc1/oak/order/41/1/0", "order": "#10341", "merchant": "oak-ember", "ticket": "3f2a90b1", "said": "There is an invalid reference."}),
    ("qbconsole.deliver", "info", "recorded", {"document": "qbc1/oak/order/42/1/0", "order": "#10342", "ref_number": "10342", "ticket": "3f2a90b1"}),
    ("qbconsole.webconnector", "info", "login", {"user": "oak", "peer": "127.0.0.1", "word": "opened"}),
    ("qbconsole.serve", "debug", "ask", {"where": "/healthz"}),
)  # fmt: skip


def told(place: int, row: tuple) -> str:
    logger, level, event, more = row
    at = f"2026-11-21T10:{place // 60 % 26:02d}:{place % 60:02d}.114000Z"
    return json.dumps({**more, "event": event, "level": level, "logger": logger, "timestamp": at}) + "\n"


def story(count: int = 7) -> str:
    return "".join(told(place, STORY[place % len(STORY)]) for place in range(count))


@pytest.fixture
def log(tmp_path):
    path = tmp_path / FILE
    path.write_text(story())
    return path


@pytest.fixture
def logs(log):
    """`async with logs(keys…) as pilot`: the screen on a log of seven lines, every line of it there."""

    @asynccontextmanager
    async def start(*keys: str, size=(80, 24), source=None, shows="of", **more):
        book = LogBook(log.parent)
        desk = fixed_desk(source, WrittenActions())
        app = QbConsole(
            lambda: Desk(
                source=desk.source, actions=desk.actions, log=book, plugins=more.pop("plugins", tuple)
            ),
            **more,
        )
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: app.desk is not None)
            await pilot.press("5")
            await until(pilot, lambda: app.screen.query(LogView) and app.screen._found is not None)
            await until(pilot, lambda: app.screen._found.epoch > 0 and not app.screen._found.is_partial)
            await rested(pilot)
            for key in keys:
                await pilot.press(key)
                await rested(pilot)
            yield pilot

    return start


async def rested(pilot) -> None:
    await settle(pilot)
    await until(pilot, lambda: "  …" not in painted(pilot.app))


async def expect(pilot, words: str) -> None:
    await until(pilot, lambda: words in painted(pilot.app))


async def type_words(pilot, words: str) -> None:
    screen = pilot.app.screen
    await pilot.press("slash")
    screen.query_one("#words", Input).value = words
    await until(pilot, lambda: screen._question.text == words.strip() and _told(screen))
    await rested(pilot)


def _told(screen) -> bool:
    """The question has its answer, whole, or was refused."""
    found = screen._found
    return bool(screen._refused) or (found.question == screen._question and not found.is_partial)


def shown(pilot) -> list[str]:
    """The lines of the log on the screen."""
    view = pilot.app.screen.query_one(LogView)
    rows = painted(pilot.app).splitlines()[view.region.y : view.region.bottom]
    return [row for row in rows if row.strip()]


async def test_the_logs_on_80x24(logs, check_painted):
    async with logs() as pilot:
        await expect(pilot, "bytes")
        check_painted("logs", pilot.app)


async def test_the_logs_narrowed_with_context_on_80x24(logs, check_painted):
    async with logs("c") as pilot:
        await type_words(pilot, "order=#10341")
        await pilot.press("enter")
        await rested(pilot)
        await expect(pilot, "1 of 7")
        check_painted("logs_context", pilot.app)


async def test_new_lines_come_by_themselves_and_the_newest_is_seen(logs, log):
    async with logs() as pilot:
        with log.open("a") as out:
            out.write(told(30, ("qbconsole.book", "info", "brand new", {})))
        await expect(pilot, "brand new")
        assert "8 lines" in painted(pilot.app)
        assert "> 10:00:30.114" in painted(pilot.app).replace(">  ", "> ")


async def test_going_up_ends_following_and_tells_how_many_are_new(logs, log):
    async with logs("k") as pilot:
        assert "stopped (f)" in painted(pilot.app)
        with log.open("a") as out:
            out.write(story(12))
        await expect(pilot, "12 new below (G)")
        await pilot.press("G")
        await expect(pilot, "FOLLOW")
        assert "new below" not in painted(pilot.app)
        await pilot.press("f")
        await expect(pilot, "stopped (f)")


async def test_words_narrow_while_following_and_while_not(logs, log):
    async with logs() as pilot:
        await type_words(pilot, "order=#10347")
        assert len(shown(pilot)) == 2
        assert "2 of 7" in painted(pilot.app)
        with log.open("a") as out:
            out.write(told(40, STORY[1]) + told(41, STORY[3]))
        await expect(pilot, "3 of 9")
        await pilot.press("enter", "k")
        await type_words(pilot, "!order:. source:qbwc")
        assert [("session open" in row or "login" in row) for row in shown(pilot)] == [True, True]


async def test_a_word_that_is_no_regular_expression_is_told_in_the_bar(logs):
    async with logs() as pilot:
        await type_words(pilot, "booked(")
        await expect(pilot, "! 'booked(' is no regular expression")
        assert len(shown(pilot)) == 7, "the lines of before stay"
        await type_words(pilot, "booked")
        await expect(pilot, "1 of 7")
        assert "regular expression" not in painted(pilot.app)


@pytest.mark.parametrize(("keys", "level", "count"), [
    (("plus",), "INFO", 6), (("plus", "plus"), "WARNING", 2), (("plus",) * 5, "ERROR", 1), (("plus", "minus"), "DEBUG", 7),
])  # fmt: skip
async def test_the_level_goes_up_and_down(logs, keys, level, count):
    async with logs(*keys) as pilot:
        await expect(pilot, f"level>={level}")
        assert len(shown(pilot)) == count


async def test_brackets_go_from_error_to_error(logs, log):
    log.write_text(story(70))
    async with logs("left_square_bracket") as pilot:
        assert pilot.app.screen.query_one(LogView).cursor_id == 66
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: pilot.app.screen.query_one(LogView).cursor_id == 59)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: pilot.app.screen.query_one(LogView).cursor_id == 66)
        await pilot.press("right_square_bracket")
        await expect(pilot, "No further error")


async def test_enter_shows_the_line_whole_as_json(logs):
    async with logs("k", "k", "k", "enter") as pilot:
        await expect(pilot, '"said": "There is an invalid reference."')
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.current_mode == "logs"


async def test_time_is_told_by_the_clock_or_as_an_age(logs):
    async with logs() as pilot:
        assert "10:00:06.114" in painted(pilot.app)
        await pilot.press("t")
        await rested(pilot)
        assert ["10:00:06.114" in row for row in shown(pilot)] == [False] * 7
        assert "25m" in shown(pilot)[-1]


async def test_a_long_line_is_wrapped_whole_and_the_next_one_stands_below(logs, log):
    log.write_text(
        told(0, ("qbconsole.book", "info", "long", {"what": "word " * 60 + "END"})) + told(1, STORY[0])
    )
    async with logs("g", "w") as pilot:
        rows = shown(pilot)
        assert len(rows) >= 8
        (last,) = [place for place, row in enumerate(rows) if "END" in row]
        assert "session open" in rows[last + 1]
        await pilot.press("j", "k", "G", "pageup", "w")
        await rested(pilot)
        assert len(shown(pilot)) == 2


async def test_wrapped_lines_scroll_so_that_the_line_under_the_cursor_is_whole(logs, log):
    log.write_text(
        "".join(told(n, ("qbconsole.book", "info", f"event{n}", {"what": "word " * 40})) for n in range(50))
    )
    async with logs("w") as pilot:
        assert any("event49" in row for row in shown(pilot))
        for _ in range(6):
            await pilot.press("k")
            await rested(pilot)
        assert any(row.startswith(">") and "event43" in row for row in shown(pilot))
        await pilot.press("g")
        await rested(pilot)
        assert "event0 " in shown(pilot)[0]


async def test_sources_are_switched_off_and_on(logs):
    async with logs("o") as pilot:
        await expect(pilot, "[x] qbwc")
        await pilot.press("enter")
        await expect(pilot, "[ ] qbwc")
        await pilot.press("escape")
        await rested(pilot)
        assert "3 of 7" in painted(pilot.app)
        assert "[ ]qbwc [x]book" in painted(pilot.app)


async def test_all_lines_of_a_kind_are_one_key_away(logs):
    async with logs("k", "k", "k", "l") as pilot:
        await expect(pilot, "ticket=3f2a90b1")
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: "3 of 7" in painted(pilot.app))
        assert pilot.app.screen.query_one("#words", Input).value == "ticket=3f2a90b1"
        await pilot.press("escape", "g", "j", "j")
        await rested(pilot)


async def test_a_line_without_kin_says_so(logs):
    async with logs("l") as pilot:
        await expect(pilot, "names no order")


async def test_lines_are_exported_where_it_says(logs, tmp_path):
    async with logs("plus", "x") as pilot:
        await expect(pilot, "6 lines written to")
        path = tmp_path / "cache" / "qbconsole" / "exported.jsonl"
        assert len(path.read_text().splitlines()) == 6


async def test_a_part_of_the_line_is_copied(logs, tmp_path):
    async with logs("k", "k", "k", "y") as pilot:
        await expect(pilot, "ticket")
        await pilot.press("enter")
        await expect(pilot, "line, ")
        assert json.loads((tmp_path / "cache" / "qbconsole" / "copied.txt").read_text())["event"] == "refused"


async def test_the_log_of_a_queue_row_and_of_an_order_is_one_key_away(logs):
    async with logs("2") as pilot:
        await expect(pilot, "Why")
        await pilot.press("l")
        await expect(pilot, "No line has these words")
        assert pilot.app.screen.query_one("#words", Input).value.startswith("document=qbc1/oak-ember/sale/")
        pilot.app.inspect("#10341")
        await expect(pilot, "Debit")
        await pilot.press("l")
        await expect(pilot, "1 of 7")
        assert pilot.app.screen.query_one("#words", Input).value == "order=#10341 merchant=oak-ember"


async def test_another_merchant_s_lines_are_left_out(logs):
    async with logs() as pilot:
        pilot.app.merchant = "oak-outlet"
        pilot.app.action_reload()
        await expect(pilot, "6 of 7")


async def test_a_page_that_is_turned_or_cut_goes_on(logs, log):
    async with logs() as pilot:
        log.rename(log.with_name(f"{FILE}.1"))
        log.write_text(told(50, ("qbconsole.serve", "info", "on a new page", {})))
        await expect(pilot, "on a new page")
        assert "8 lines" in painted(pilot.app)
        log.with_name(f"{FILE}.1").unlink()
        log.write_text(told(51, ("qbconsole.serve", "info", "begun anew", {})))
        await expect(pilot, "begun anew")
        await expect(pilot, "1 line")


async def test_no_log_yet_is_told_and_noticed_when_it_comes(logs, log):
    log.unlink()
    async with logs() as pilot:
        await expect(pilot, "Nothing was written yet")
        log.write_text(story(1))
        await expect(pilot, "session open")


async def test_hostile_lines_are_text(logs, log):
    hostile = [
        told(0, ("qbconsole.book", "error", f"event {HOSTILE}", {"order": HOSTILE, f"field {HOSTILE}": HOSTILE, "document": HOSTILE})),
        f"no json {HOSTILE}\n", "[" * 4000 + "\n", '{"level": {"a": [1]}, "timestamp": 7, "event": null, "logger": []}\n',
        '{"event": "x", "level": "info", "timestamp": "9999-99-99T00:00:00Z"}\n', "x" * 6_000_000 + "\n", "\x00\n",
    ]  # fmt: skip
    log.write_text("".join(hostile), encoding="utf-8")
    async with logs() as pilot:
        for _ in hostile:
            assert "\x1b" not in painted(pilot.app)
            await pilot.press("enter")
            await rested(pilot)
            assert "\x1b" not in painted(pilot.app)
            for key in ("escape", "w", "t", "l"):
                await pilot.press(key)
                await rested(pilot)
            if isinstance(pilot.app.screen, ModalScreen):
                await pilot.press("escape")
            await pilot.press("k")
            await rested(pilot)
        assert "[/b] [VIP]" in painted(pilot.app)
        await type_words(pilot, HOSTILE)
        assert pilot.app.is_running


@pytest.mark.parametrize("readonly", [True, False])
async def test_everything_here_may_be_done_under_readonly(logs, readonly):
    async with logs("plus", "x", readonly=readonly) as pilot:
        await expect(pilot, "lines written to")
        assert ("READ-ONLY" in painted(pilot.app)) is readonly


async def test_without_colour_level_and_context_are_told_in_signs(logs, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with logs("c") as pilot:
        await type_words(pilot, "order=#10341")
        rows = shown(pilot)
        assert [row[15] for row in rows] == ["-", "-", "-", " ", "-", "-", "-"]
        assert "ERROR" in rows[3]


async def test_no_line_is_wider_than_the_terminal(logs):
    async with logs() as pilot:
        for size in ((60, 20), (132, 43), (40, 12), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            assert all(cell_len(line) <= size[0] for line in painted(pilot.app).splitlines()), size


async def test_of_100_000_lines_only_those_seen_are_parsed(logs, log):
    log.write_text(story(100_000))
    async with logs() as pilot:
        assert "100,000 lines" in painted(pilot.app)
        book = pilot.app.desk.log
        assert book.lines_read < 300
        await pilot.press("g")
        await rested(pilot)
        await pilot.press("pagedown")
        await rested(pilot)
        assert book.lines_read < 600
        await type_words(pilot, "ticket:nobody")
        await expect(pilot, "0 of 100,000")
        assert book.lines_read < 700, "a plain word spares reading what cannot have it"


# ---- parts


def test_a_row_says_day_where_it_is_another():
    line = read_line(b'{"event": "x", "level": "critical", "timestamp": "2026-11-20T10:00:00Z"}')
    row = log_row(line, NOW, relative=False, beside=False)
    assert row.cells[:2] == ("11-20 10:00 ", "CRIT")
    assert log_row(read_line(b"text"), NOW, relative=True, beside=True).cells[:3] == (" " * 12 + "-", "", "")


def test_an_entry_with_many_fields_tells_how_many_more():
    line = read_line(json.dumps({f"name{n}": f"value {n} " * 5 for n in range(20)}).encode())
    rows = entry_text(line, 76).plain.splitlines()
    assert len(rows) == 5
    assert "more rows: enter" in rows[-1]


def test_a_line_too_long_to_be_shown_whole_tells_its_size():
    raw = b"x" * 2_000_000
    assert "2,000,000 bytes" in whole_line(raw[:1_000_000], read_line(raw))


def test_words_for_what_belongs_together():
    assert about("qbc1/oak/order/1/1/0") == "document=qbc1/oak/order/1/1/0"
    assert about("item/Gift wrap") == 'subject="item/Gift wrap"'
    assert about_order("#1001", "oak", ["k"]) == "order=#1001 merchant=oak"
    assert about_order("payout 987", "oak", ["a", "b"]) == "document:a|b"
    assert kin(read_line(b'{"order": "#1", "company": "Oak & Co", "x": 1}')) == [
        "order=#1",
        'company="Oak & Co"',
    ]
    assert kin(read_line(b'{"order": "#1", "merchant": "oak"}'))[0] == "order=#1 merchant=oak"


async def test_the_source_of_a_desk_without_a_log_says_nothing(console):
    async with console("5", source=FixedSource()) as pilot:
        assert "Sources" in painted(pilot.app)
