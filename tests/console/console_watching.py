"""Watching the console in tests: what is painted, and waiting until it rests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.app import App
from textual.pilot import Pilot


def painted(app: App) -> str:
    """What a terminal without colours would show."""
    lines = ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]
    return "\n".join(line.rstrip() for line in lines) + "\n"


async def settle(pilot: Pilot) -> None:
    """Until every worker has ended and every message was handled; the poll sleeps in between."""
    for _ in range(2):
        await pilot.pause()
        async with asyncio.timeout(60):
            while any(not worker.is_finished for worker in pilot.app.workers):
                await pilot.pause(0.002)


async def until(pilot: Pilot, met: Callable[[], bool]) -> None:
    """Until something is so; a minute is a failure."""
    async with asyncio.timeout(60):
        while not met():
            await pilot.pause(0.03)
    await pilot.pause()
