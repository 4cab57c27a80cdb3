"""A shopper named `[/b] [VIP] ESC]0;x ESC\\ …`: nothing crashes, nothing is read as markup, nothing acts on the terminal."""

from __future__ import annotations

import unicodedata

from console_desk import HOSTILE, FixedSource, WrittenActions
from console_watching import painted, settle, until
from textual.screen import ModalScreen

from qbconsole.console.clipboard import copy


def harmless(pilot) -> str:
    """The painted screen, after looking for anything that would act on a terminal."""
    shown = painted(pilot.app)
    acting = [char for char in shown if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs")]
    assert acting == [], f"{acting!r} reached the screen"
    return shown


async def test_every_screen_shows_a_hostile_name_as_text(console):
    async with console(source=FixedSource(name=HOSTILE), banner=HOSTILE, size=(160, 50)) as pilot:
        assert "[/b] [VIP] ␛]0;x␛\\ 日本語" in harmless(pilot)
        await pilot.press("2")
        await until(pilot, lambda: "Why" in painted(pilot.app))
        assert "[/b] [VIP]" in harmless(pilot)
        pilot.app.inspect("#10341")
        await until(pilot, lambda: "Debit" in painted(pilot.app))
        for _ in range(5):
            assert "[/b] [VIP]" in harmless(pilot)
            await pilot.press("full_stop")
            await settle(pilot)


async def test_every_dialog_shows_a_hostile_name_as_text(console):
    async with console("2", source=FixedSource(name=HOSTILE)) as pilot:
        await until(pilot, lambda: "Why" in painted(pilot.app))
        for key in ("M", "h", "y", "r", "i"):
            await pilot.press(key)
            await settle(pilot)
            assert isinstance(pilot.app.screen, ModalScreen), key
            harmless(pilot)
            pilot.app.pop_screen()
            await settle(pilot)
        pilot.app.inspect("nowhere")
        await until(pilot, lambda: "nothing here is called" in painted(pilot.app))
        assert "[/b]" in harmless(pilot)


async def test_a_toast_shows_a_hostile_sentence_as_text(console):
    actions = WrittenActions(says=HOSTILE)
    async with console("2", source=FixedSource(name=HOSTILE), actions=actions) as pilot:
        await until(pilot, lambda: "Why" in painted(pilot.app))
        await pilot.press("r")
        await settle(pilot)
        await pilot.press("y")
        await until(pilot, lambda: bool(actions.done))
        await until(pilot, lambda: "1 ready again" in painted(pilot.app))
        assert "[/b] [VIP]" in harmless(pilot)


async def test_a_hostile_reason_and_merchant_pass_through_the_dialogs(console):
    async with console("M", source=FixedSource(name=HOSTILE)) as pilot:
        await pilot.press("end", "enter")
        await settle(pilot)
        assert pilot.app.merchant == HOSTILE
        assert "[/b]" in harmless(pilot).splitlines()[0]


def test_what_is_copied_is_kept_readable_by_its_owner_only(tmp_path):
    offered: list[str] = []
    told = copy("key", "qbc1/a", offer=offered.append, environ={"XDG_CACHE_HOME": str(tmp_path)})
    kept = tmp_path / "qbconsole" / "copied.txt"
    assert offered == ["qbc1/a"]
    assert kept.read_text() == "qbc1/a"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "OSC 52 gives no answer" in told
    assert str(kept) in told


def test_a_text_too_long_for_the_terminal_goes_to_the_file_alone(tmp_path):
    offered: list[str] = []
    told = copy("qbXML", "x" * 80_000, offer=offered.append, environ={"XDG_CACHE_HOME": str(tmp_path)})
    assert offered == []
    assert "OSC" not in told
    assert "saved to" in told


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "qbconsole").write_text("in the way")
    told = copy("key", "x", offer=lambda text: None, environ={"XDG_CACHE_HOME": str(tmp_path)})
    assert "not saved" in told
