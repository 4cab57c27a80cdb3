"""The desk over a real workspace: it reads through views, sees what is written, and lets go of the store."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from console_watching import painted, settle, until
from trip import Trip

from qbconsole.console.app import QbConsole
from qbconsole.console.desk import QueueQuestion
from qbconsole.console.live import open_desk
from qbconsole.errors import UsageError, WorkspaceError

ROOT = Path(__file__).parents[2]
ENV = {"QBCONSOLE_NOW": "2026-11-21T10:26:00Z"}


@pytest.fixture
def place(tmp_path):
    shutil.copy(ROOT / "mappings.toml", tmp_path / "mappings.toml")
    return tmp_path


@pytest.fixture
def live(place):
    found = open_desk(place, environ=ENV, readonly=False, actions=None)
    yield found
    found.close()


def test_an_empty_workspace_has_a_status_and_an_empty_queue(live):
    assert live.source.merchants()
    status = live.source.status(None)
    assert [one.id for one in status.merchants] == list(live.source.merchants())
    assert status.held_by_cause == ()
    for view in ("exceptions", "queued", "recorded", "all"):
        assert list(live.source.ids(QueueQuestion(view=view))) == []
    assert live.source.rows([]) == {}
    assert live.source.now().isoformat().startswith("2026-11-21T")


def test_an_unknown_order_is_told_with_a_next_step(live):
    with pytest.raises(UsageError, match="#1"):
        live.source.journey("#1")


def test_what_is_written_is_noticed(live, place):
    before = live.source.changes()
    assert live.source.changes() == before
    text = (place / "mappings.toml").read_text()
    (place / "mappings.toml").write_text(text + "\n# looked at\n")
    assert live.source.changes() != before


async def test_a_disk_without_room_for_a_session_is_told_on_the_first_screen_as_status_tells(
    place, monkeypatch
):
    app = QbConsole(lambda: open_desk(place, environ=ENV, readonly=False, actions=None))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "all well" in painted(app))
        monkeypatch.setattr("qbconsole.workspace.ROOM_BYTES", 2**60)
        await until(pilot, lambda: "No session begins: " in painted(app))
        assert "1 thing for you" in painted(app)
        monkeypatch.undo()
        await until(pilot, lambda: "all well" in painted(app))
    app.desk.close()


def test_a_directory_that_is_no_workspace_is_refused(tmp_path):
    with pytest.raises(WorkspaceError):
        open_desk(tmp_path, environ={}, readonly=False, actions=None)


async def test_the_console_opens_on_an_empty_workspace(place):
    app = QbConsole(lambda: open_desk(place, environ=ENV, readonly=False, actions=None))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "Nothing needs you." in painted(app))
        assert "all well" in painted(app)
        await pilot.press("2")
        await until(pilot, lambda: "Nothing here." in painted(app))
        assert "Retry" not in painted(app), "without actions nothing can be changed"
    assert app.desk is not None
    app.desk.close()


@pytest.fixture
def shop(tmp_path):
    """A workspace in summary with an order, a payout, a gift card and stock that was counted."""
    trip = Trip(
        tmp_path,
        settings={"policy": {"cogs": "off"}, "modes": {"sales": "summary", "inventory": "summary"}},
    )
    golden = ROOT / "tests" / "golden"
    for case in (
        "gift_cards_issued_by_staff_and_sold",
        "payout_paid_then_failed",
        "stock_counts_damage_and_transfers",
    ):
        for path in sorted((golden / case).glob("input*.json")):
            facts = json.loads(path.read_text(encoding="utf-8"))
            facts.pop("now", None)
            trip.pull(facts)
            trip.book()
    trip.close()
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("#2212", "#2212"),
        ("payout 8809", "payout 8809"),
        ("gift card 31", "gift card 31"),
        ("stock group 1", "inventory group 1"),
        ("day/2026-03-02", "2026-03-02, Online Store"),
    ],
)
async def test_the_inspector_follows_facts_and_days_too(shop, asked, shown):
    app = QbConsole(lambda: open_desk(shop, environ=ENV, readonly=False, actions=None))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await until(pilot, lambda: app.desk is not None)
        app.inspect(asked)
        await until(pilot, lambda: f"{shown} oak-ember" in painted(app))
        for key in ("right_square_bracket", "full_stop", "full_stop"):
            await pilot.press(key)
        await until(pilot, lambda: "On 2 March" in painted(app) or "2026-03-" in painted(app))
        await pilot.press("enter")
        await pilot.press("escape", "full_stop", "full_stop", "y")
        await settle(pilot)
        assert app.current_mode == "inspect"
    app.desk.close()
