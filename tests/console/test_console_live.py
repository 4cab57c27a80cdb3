"""The desk over a real workspace: it reads through views, sees what is written, and lets go of the store."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from console_watching import painted, until

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
