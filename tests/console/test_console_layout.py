"""What the screens look like, as text: without any colour everything must still be told."""

from __future__ import annotations

import pytest
from console_watching import painted, settle, until
from rich.cells import cell_len

from qbconsole.console.registry import BY_ID, FOOTERS
from qbconsole.console.widgets.dialogs import Chooser

BANNER = "Demo: a simulated shop and QuickBooks; nothing leaves this computer."


async def look_up(pilot, asked: str) -> None:
    pilot.app.inspect(asked)
    await until(pilot, lambda: "10341" in painted(pilot.app))


async def test_the_dashboard_on_80x24(console, check_painted):
    async with console(banner=BANNER) as pilot:
        check_painted("dashboard", pilot.app)


async def test_the_queue_on_80x24(console, check_painted):
    async with console("2") as pilot:
        await until(pilot, lambda: "Why" in painted(pilot.app))
        check_painted("queue", pilot.app)


async def test_the_inspector_on_80x24(console, check_painted):
    async with console() as pilot:
        await look_up(pilot, "#10341")
        check_painted("inspector", pilot.app)


async def test_each_paper_of_the_inspector_on_80x24(console, check_painted):
    async with console() as pilot:
        await look_up(pilot, "#10341")
        await pilot.press("z")
        for name in ("answer", "why", "history", "raw"):
            await pilot.press("full_stop")
            await settle(pilot)
            check_painted(f"inspector_{name}", pilot.app)


async def test_panes_stand_beside_each_other_from_100_columns_on(console, check_painted):
    async with console(size=(120, 30)) as pilot:
        await look_up(pilot, "#10341")
        check_painted("inspector_wide", pilot.app)


async def test_help_shows_every_key(console, check_painted):
    async with console("question_mark", size=(80, 126)) as pilot:
        check_painted("help", pilot.app)


async def test_every_footer_is_whole_on_80_columns(console):
    async with console() as pilot:
        for name, commands in FOOTERS.items():
            pilot.app.action_show(name)
            await settle(pilot)
            last = painted(pilot.app).rstrip("\n").splitlines()[-1]
            assert 6 <= len(commands) <= 7
            assert all(BY_ID[command].title in last for command in commands), last


async def test_on_60_columns_no_key_of_a_footer_is_cut_and_help_is_there(console):
    async with console(size=(60, 20)) as pilot:
        for name, commands in FOOTERS.items():
            pilot.app.action_show(name)
            await settle(pilot)
            last = painted(pilot.app).rstrip("\n").splitlines()[-1]
            assert "? Help" in last, last
            assert "…" not in last
            assert sum(f" {BY_ID[command].title} " in f"{last} " for command in commands) >= 4, last


async def test_the_first_screen_is_whole_on_60x20(console):
    async with console(size=(60, 20)) as pilot:
        await settle(pilot)
        shown = painted(pilot.app)
        assert not pilot.app.screen.max_scroll_y
        assert "Health" in shown.splitlines()[2]
        assert "QuickBooks" in shown
        for word in ("approval", "refused", "flagged", "Needs you", "->"):
            assert word in shown
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "Recent Web Connector sessions" in painted(pilot.app)


async def test_no_line_is_wider_than_the_terminal(console):
    async with console("2") as pilot:
        for size in ((60, 20), (132, 43), (40, 10), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            assert all(cell_len(line) <= size[0] for line in painted(pilot.app).splitlines()), size


@pytest.mark.parametrize("terminal", ["linux", "xterm-256color"])
async def test_the_words_are_the_same_without_colour(console, monkeypatch, terminal):
    monkeypatch.setenv("NO_COLOR", "1")
    async with console("2", environ={"TERM": terminal}) as pilot:
        shown = painted(pilot.app)
        styles = {
            color.name
            for strip in pilot.app.screen._compositor.render_strips()
            for segment in strip
            for color in (segment.style.color, segment.style.bgcolor)
            if color and color.triplet and len(set(color.triplet)) > 1
        }
    assert "! HELD" in shown
    assert "? IN_DOUBT" in shown
    assert "[Exceptions]" in shown
    assert terminal == "linux" or not styles


async def test_of_many_merchants_one_is_chosen_by_typing():
    from textual.app import App
    from textual.widgets import OptionList

    chosen = []

    class Host(App):
        def on_mount(self):
            names = [f"shop-{number:03d}" for number in range(200)]
            self.push_screen(Chooser("Merchant", names), chosen.append)

    async with Host().run_test(size=(80, 24)) as pilot:
        await pilot.press(*"137x")
        await pilot.pause()
        assert "Nothing has these letters" in painted(pilot.app)
        await pilot.press("backspace")
        await pilot.pause()
        assert pilot.app.screen.query_one(OptionList).option_count == 1
        await pilot.press("enter")
        await pilot.pause()
    assert chosen == [137]
