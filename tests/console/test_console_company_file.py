"""The company file in the console: the dashboard says that it stopped, F shows why, and a word is asked back."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from console_watching import painted, settle, until
from trip import COMPANY, NOW, Trip

from qbconsole.care.attention import Operator
from qbconsole.cli.console import ConsoleActions
from qbconsole.console.app import QbConsole
from qbconsole.console.live import open_desk
from qbconsole.console.screens.company_file import told
from qbconsole.sandbox.quickbooks import CompanyFile
from qbconsole.views.company_file import file_state

HOSTILE = "Elm \x1b]0;x\x07[red] Ltd"


@pytest.fixture
def stopped(tmp_path):
    """A workspace whose sessions stop: another company file is open, and its name is not kind to terminals."""
    trip = Trip(tmp_path)
    trip.session()
    trip.quickbooks.file = CompanyFile.create(name=HOSTILE.replace("\x1b", "").replace("\x07", ""), now=NOW)
    with trip.workspace.store.atomic() as tx:
        from qbconsole.store import lists

        lists.read_again(tx, COMPANY)
    assert "Nothing was written" in trip.session()
    trip.close()
    return tmp_path


def actions_of(workspace):
    return ConsoleActions(
        Operator(store=workspace.store, clock=workspace.clock, who="operator:ann"), workspace
    )


def console_on(root, *, readonly=False):
    return QbConsole(
        lambda: open_desk(root, environ={}, readonly=readonly, actions=actions_of), readonly=readonly
    )


@pytest.mark.parametrize("answer", ["y", "n"])
async def test_a_stopped_company_file_is_told_and_decided_with_a_confirm(stopped, answer):
    app = console_on(stopped)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "oak stopped: The open company file is" in painted(app))
        assert "F: decide" in painted(app)
        await pilot.press("F")
        await until(pilot, lambda: "relink" in painted(app))
        assert "other_file" in painted(app)
        assert "stop" in painted(app)
        await pilot.press("enter")
        await until(pilot, lambda: "Say stop of oak?" in painted(app))
        await pilot.press(answer)
        await settle(pilot)
        state = file_state(app.desk.source._store, COMPANY, "Oak")
        assert state.said == ("stop" if answer == "y" else "")
        if answer == "y":
            assert state.said_by == "operator:ann"
            await until(pilot, lambda: "F: decide" not in painted(app))


async def test_under_readonly_it_is_shown_and_nothing_may_be_said(stopped):
    app = console_on(stopped, readonly=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "oak stopped" in painted(app))
        await pilot.press("F")
        await until(pilot, lambda: "other_file" in painted(app))
        assert "relink   " not in painted(app)
        await pilot.press("enter")
        await settle(pilot)
        assert "Say" not in painted(app)


def test_of_many_files_those_that_need_somebody_are_told_first_and_the_others_counted(stopped):
    with open_desk_of(stopped) as desk:
        store = desk.source._store
        wrong = file_state(store, COMPANY, "Oak")
        new = [file_state(store, f"c{number}", f"Elm {number}") for number in range(20)]
    lines = list(told([*new, wrong]))
    assert lines[0] == "  0 are well, 20 had no session yet: `qbconsole company status`"
    assert lines[1].startswith("! oak: other_file")
    assert not any("Elm 7" in line for line in lines)
    assert "  c7: ok, Elm 7 (not linked yet)" in list(told(new[5:9]))


@contextmanager
def open_desk_of(root):
    desk = open_desk(root, environ={}, readonly=False, actions=None)
    try:
        yield desk
    finally:
        desk.close()
