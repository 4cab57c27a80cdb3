"""Keys: one table of actions makes bindings, footer, palette, help and the read-only rule; every key can be changed."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest
from console_desk import FixedSource, WrittenActions
from console_watching import painted, settle, until
from rich.cells import cell_len
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Input

import qbconsole.console
from qbconsole.console.registry import BY_ID, COMMANDS, DIALOGS, changing, commands, read_keymap, scopes_of
from qbconsole.console.screens.help import help_page
from qbconsole.errors import UsageError


def own_nodes() -> list[type[DOMNode]]:
    """Every screen, widget and app of ours."""
    found: list[type[DOMNode]] = []
    for module in pkgutil.walk_packages(qbconsole.console.__path__, "qbconsole.console."):
        for _, one in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(one, DOMNode) and one.__module__.startswith("qbconsole.console"):
                found.append(one)
    return list(dict.fromkeys(found))


def own_bindings() -> list[tuple[str, Binding]]:
    return [(node.__name__, binding) for node in own_nodes() for binding in node.__dict__.get("BINDINGS", ())]


def test_every_binding_is_in_the_registry_under_its_id():
    bound = own_bindings()
    assert len(bound) >= len(COMMANDS) - 5
    for where, binding in bound:
        assert isinstance(binding, Binding), where
        assert binding.id in BY_ID, f"{where}: {binding.key}"


def test_every_command_is_bound_somewhere():
    assert {binding.id for _, binding in own_bindings()} == set(BY_ID)


def test_ids_are_unique_and_no_key_is_bound_twice_in_one_place():
    assert len(BY_ID) == len(COMMANDS)
    for scope in {command.scope for command in COMMANDS}:
        for over in ({"app", scope}, {"app", "table", scope}):
            if scope not in DIALOGS:
                keys = [key for command in commands(*over) for key in command.keys.split(",")]
                assert len(keys) == len(set(keys)), f"{over}: {sorted(keys)}"


def test_no_key_is_one_that_terminals_or_tmux_keep_for_themselves():
    taken = {"ctrl+a", "ctrl+b", "ctrl+i", "ctrl+m", "ctrl+j", "ctrl+h", "ctrl+z"}
    for command in COMMANDS:
        keys = command.keys.split(",")
        assert not taken & set(keys), command.id
        assert keys != ["ctrl+s"], (
            f"{command.id}: some terminals keep it for flow control, so it needs another beside"
        )
        assert not all(key.startswith("f") and key[1:].isdigit() for key in keys), command.id


def test_the_help_lists_every_binding_and_fits_on_80_columns():
    page = help_page({})
    for command in COMMANDS:
        assert command.id in page
        assert command.help in page
    assert max(cell_len(line) for line in page.splitlines()) <= 74


def test_every_changing_action_has_a_command_twin():
    changing_ids = [command.id for command in COMMANDS if command.changes]
    assert changing_ids == [
        "queue.retry",
        "queue.ignore",
        "inspect.retry",
        "inspect.ignore",
        "decide.hold",
        "decide.release",
        "decide.approve",
        *(f"mapping.{name}" for name in ("add", "delete", "up", "down", "save", "editor", "revisions")),
    ]
    assert all(command.twin for command in COMMANDS if command.changes)
    assert changing("retry")
    assert not changing("filter")


@pytest.mark.parametrize(
    "command",
    [command for command in COMMANDS if command.changes and command.scope == "queue"],
    ids=lambda one: one.id,
)
@pytest.mark.parametrize("readonly", [True, False])
async def test_what_changes_anything_is_switched_off_by_readonly(console, command, readonly):
    actions = WrittenActions()
    async with console("2", actions=actions, readonly=readonly) as pilot:
        app = pilot.app
        await until(pilot, lambda: "Why" in painted(app))
        offered = {entry.title for entry in app.get_system_commands(app.screen)}
        assert (command.title in offered) is not readonly
        assert (f"{command.keys} {command.title}" in painted(app)) is not readonly
        assert ("READ-ONLY" in painted(app)) is readonly
        before = app.screen
        await pilot.press(command.keys)
        await settle(pilot)
        assert (app.screen is before) is readonly
        if readonly:
            await app.run_action(command.action, before)
            await settle(pilot)
            assert app.screen is before
        assert actions.done == []


async def test_every_action_of_a_screen_is_in_the_palette(console):
    async with console() as pilot:
        for mode, scope in (
            ("dash", "app"),
            *((one, one) for one in ("queue", "inspect", "mapping", "logs")),
        ):
            pilot.app.action_show(mode)
            await settle(pilot)
            offered = [entry.title for entry in pilot.app.get_system_commands(pilot.app.screen)]
            assert sorted(offered) == sorted(
                command.title for command in commands("app", "table", *scopes_of(scope))
            )


async def test_an_action_chosen_in_the_palette_is_done(console):
    async with console("2", "ctrl+p") as pilot:
        pilot.app.screen.query_one(Input).value = "last"
        await until(pilot, lambda: "Last row  (G end)" in painted(pilot.app))
        await pilot.press("enter")
        await until(pilot, lambda: "#10340" in painted(pilot.app))
        assert ">  #10340" in painted(pilot.app)


async def test_a_colon_opens_the_palette_but_is_typed_into_a_field(console):
    async with console("2", "slash", "colon") as pilot:
        assert pilot.app.screen.query_one("#filter").value == ":"
        await pilot.press("escape", "colon")
        await settle(pilot)
        assert type(pilot.app.screen).__name__ == "CommandPalette"


async def test_digits_and_letters_are_typed_into_a_field(console):
    async with console("2", "slash", *"1q3M") as pilot:
        assert pilot.app.screen.query_one("#filter").value == "1q3M"
        assert pilot.app.current_mode == "queue"


async def test_a_key_can_be_changed_by_its_id(console):
    async with console("2", keymap={"queue.retry": "R", "app.dash": "ctrl+g"}) as pilot:
        await until(pilot, lambda: "Why" in painted(pilot.app))
        assert "R Retry" in painted(pilot.app)
        await pilot.press("r")
        await settle(pilot)
        assert pilot.app.screen.query("#rows")
        await pilot.press("R")
        await until(pilot, lambda: "Retry 1 document?" in painted(pilot.app))
        await pilot.press("n", "ctrl+g")
        await settle(pilot)
        assert pilot.app.current_mode == "dash"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.id)
def test_every_id_is_understood_in_keys_toml(tmp_path, command):
    path = tmp_path / "keys.toml"
    path.write_text(f'"{command.id}" = "ctrl+g"\n')
    assert read_keymap(path) == {command.id: "ctrl+g"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('"queue.retri" = "R"', "did you mean 'queue.retry'"),
        ('"queue.retry" = "R,i"', "'i' would do two things: queue.retry and queue.ignore"),
        ('"confirm.yes" = "n"', "confirm.yes and confirm.no"),
        ('"queue.retry" = 3', "no text"),
        ('"queue.retry" = ""', "no text"),
        ("queue.retry =", "cannot be read"),
    ],
)
def test_keys_toml_that_cannot_be_meant_is_refused(tmp_path, text, what):
    path = tmp_path / "keys.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=what):
        read_keymap(path)


def test_no_keys_toml_changes_nothing(tmp_path):
    assert read_keymap(tmp_path / "keys.toml") == {}


async def test_esc_and_q_go_back_and_q_leaves_from_the_first_screen(console):
    async with console("2", "3") as pilot:
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.current_mode == "queue"
        await pilot.press("q")
        await settle(pilot)
        assert pilot.app.current_mode == "dash"
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.is_running
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app.return_code == 0


async def test_every_theme_is_gone_through_and_painted(console):
    async with console() as pilot:
        seen = []
        for _ in range(5):
            await pilot.press("T")
            await settle(pilot)
            seen.append(pilot.app.theme)
            assert "Needs you" in painted(pilot.app)
        assert {"ansi-dark", "ansi-light", "textual-light"} <= set(seen)
        assert pilot.app.theme == "textual-dark"


async def test_the_first_screen_forgets_the_way_there(console):
    async with console("2", "3", "2", "1") as pilot:
        assert pilot.app.current_mode == "dash"
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app.return_code == 0


async def test_a_mistake_of_ours_in_a_worker_is_told_and_the_console_stays(console):
    class Broken(FixedSource):
        def detail(self, key):
            raise RuntimeError(f"on purpose {key}")

    async with console("2", source=Broken()) as pilot:
        await until(pilot, lambda: "Our mistake" in painted(pilot.app))
        assert pilot.app.is_running
