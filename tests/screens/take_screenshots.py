"""docs/screenshots: the real console, headless, on a workspace of simulated shops; the same bytes each time.

`make screenshots` writes them. The clock stands still but where it is moved on, chance has a seed, and nothing listens.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import time_machine

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "console")]

from console_watching import painted, settle, until  # noqa: E402
from trip import SHOP, Trip  # noqa: E402

from qbconsole.care.logbook import keep_log  # noqa: E402
from qbconsole.cli.console import ConsoleActions  # noqa: E402
from qbconsole.cli.deciding import operator  # noqa: E402
from qbconsole.cli.given import Given  # noqa: E402
from qbconsole.console.app import QbConsole  # noqa: E402
from qbconsole.console.live import open_desk  # noqa: E402
from qbconsole.sandbox.shopify import Shop  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
#: Seven in the morning, when the operator looks.
NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)
START = date(2026, 11, 10)
#: What is pressed for a screen's picture, then words that are painted when it is ready.
SCREENS = {
    "dashboard": ((), "Needs you ("),
    "queue": (("2",), "Why"),
    "inspector": (("3", "slash", "1", "0", "3", "0", "enter"), "AddRq requestID"),
    "mapping": (("4", "enter", "right", "enter"), "documents change"),
    "logs": (("5",), "FOLLOW"),
}
SIZE = (80, 24)
#: Rich calls its styles after what is painted, with what is replaced here.
_MADE_OF = re.compile(r"terminal-\d+-")
#: How long a preview took is the machine's, not the picture's.
_TOOK = re.compile(r"(run,(?:&#160;| ))\d+\.\d")


@contextmanager
def standing_still():
    """No clock but the one handed in, and nothing of this machine's settings. Gives what moves the clock on."""
    os.environ |= {"TZ": "UTC", "TEXTUAL_ANIMATIONS": "none", "QBCONSOLE_NOW": NOW.isoformat()}
    for name in ("NO_COLOR", "TMUX", "COLORTERM", "QBCONSOLE_DATABASE_URL"):
        os.environ.pop(name, None)
    time.tzset()
    with time_machine.travel(NOW - timedelta(hours=1), tick=False) as clock:
        yield clock


def lived_in(root: Path, clock: time_machine.Traveller) -> None:
    """A workspace as it is found one morning: most is recorded, some is held, the last orders wait."""
    orders = Shop.seeded(domain=SHOP["myshopifyDomain"], seed=7, orders=64, start=START).orders
    trip = Trip(root)
    chance = random.Random(7)
    trip._delivery = replace(trip.delivery, tickets=lambda: f"{chance.getrandbits(128):032x}")
    keep_log(root / ".qbconsole" / "logs")

    def at(minutes: int) -> None:
        trip.now = NOW - timedelta(minutes=60 - minutes)
        clock.move_to(trip.now)

    for minute, some in ((0, orders[:56]), (40, orders[56:])):
        at(minute)
        trip.pull({"orders": some})
        at(minute + 1)
        trip.book()
        at(minute + 4)
        if not minute:
            trip.session()
            at(minute + 19)
            trip.session()
    trip.close()


async def take(root: Path, name: str, keys: tuple[str, ...], ready: str) -> str:
    """One screen as SVG."""
    home = str(root / "home")
    app = QbConsole(
        lambda: open_desk(
            root,
            environ={"QBCONSOLE_NOW": NOW.isoformat()},
            readonly=False,
            actions=lambda space: ConsoleActions(operator(Given(root=space.root), space), space),
        ),
        environ={"HOME": home, "TERM": "xterm-256color"},
    )
    try:
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await until(pilot, lambda: app.desk is not None)
            await settle(pilot)
            for key in keys:
                await pilot.press(key)
                await settle(pilot)
                await pilot.pause(0.3)  # a cursor rests before its row is read
                await settle(pilot)
            await until(pilot, lambda: ready in painted(app))
            await settle(pilot)
            return _MADE_OF.sub(
                f"terminal-{name}-", _TOOK.sub(r"\g<1>0.1", app.export_screenshot(simplify=True))
            )
    finally:
        if app.desk is not None:
            app.desk.close()


def pictures() -> dict[str, str]:
    """Screen -> its SVG."""
    with tempfile.TemporaryDirectory(prefix="qbconsole-screens-") as room, standing_still() as clock:
        root = Path(room) / "books"
        root.mkdir()
        lived_in(root, clock)
        clock.move_to(NOW)
        return {name: asyncio.run(take(root, name, *told)) for name, told in SCREENS.items()}


def main() -> None:
    """Write them all, each by a name that README and docs use."""
    FOLDER.mkdir(exist_ok=True)
    for name, svg in pictures().items():
        (FOLDER / f"{name}.svg").write_text(
            "\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8"
        )
        sys.stdout.write(f"docs/screenshots/{name}.svg\n")


if __name__ == "__main__":
    main()
