"""Running the console on fixed data, and its painted text as golden files (`QBCONSOLE_GOLDEN=write` makes them)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from console_desk import FixedSource, WrittenActions, desk
from console_watching import painted, settle, until
from textual.app import App
from textual.pilot import Pilot

from qbconsole.console.app import QbConsole

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def _no_motion(monkeypatch, tmp_path):
    for name in ("NO_COLOR", "TMUX", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def check_painted():
    """Hold a painted screen against its file."""

    def compare(name: str, app: App) -> None:
        path, shown = GOLDEN / f"{name}.txt", painted(app)
        if os.environ.get("QBCONSOLE_GOLDEN") == "write":
            path.parent.mkdir(exist_ok=True)
            path.write_text(shown, encoding="utf-8")
        assert shown == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def console():
    """`async with console(keys…) as pilot`: the app on fixed data, settled after each key."""

    @asynccontextmanager
    async def start(
        *keys: str,
        source: FixedSource | None = None,
        actions: WrittenActions | None = None,
        size: tuple[int, int] = (80, 24),
        **more: object,
    ) -> AsyncIterator[Pilot]:
        app = QbConsole(lambda: desk(source, actions), **more)
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: app.desk is not None)
            await settle(pilot)
            for key in keys:
                await pilot.press(key)
                await settle(pilot)
            yield pilot

    return start
