"""Running the console on fixed data, and its painted text as golden files (`QBCONSOLE_GOLDEN=write` makes them)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from console_desk import FixedSource, WrittenActions, desk
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


def painted(app: App) -> str:
    """What a terminal without colours would show."""
    lines = ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]
    return "\n".join(line.rstrip() for line in lines) + "\n"


async def settle(pilot: Pilot) -> None:
    """Until every worker has ended and every message was handled; the poll sleeps in between."""
    for _ in range(2):
        await pilot.pause()
        async with asyncio.timeout(10):
            while any(not worker.is_finished for worker in pilot.app.workers):
                await pilot.pause(0.002)


async def until(pilot: Pilot, met: Callable[[], bool]) -> None:
    """Until something is so; ten seconds are a failure."""
    async with asyncio.timeout(10):
        while not met():
            await pilot.pause(0.01)
    await pilot.pause()


@pytest.fixture
def golden():
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
            for key in keys:
                await pilot.press(key)
                await settle(pilot)
            yield pilot

    return start
