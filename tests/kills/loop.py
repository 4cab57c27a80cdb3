"""The kill loop: `make kills`. Real processes over loopback HTTP, killed with -9, started again, until it is N kills.

Each world is a workspace with a shop and a company file: `pull`, `book` and `serve` are killed at named failpoints
and at random moments, and go on where they were. At its end nothing stands twice in QuickBooks, nothing is missing,
and the ledgers are equal. Prints one JSON object; exit 1 where something does not hold.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import world as worlds
from nursery import Nursery
from postgres import Missing, create_database, private_postgres

from qbconsole.rehearsal.stage import free_port, shops_listening
from qbconsole.sandbox.connector import Connector
from qbconsole.serve import QBWC_PATH

SERVE = (
    "before_sent_commit",
    "after_sent_commit",
    "after_answer_received",
    "before_settled_commit",
    "after_settled_commit",
)
PULL = ("before_pulled_commit", "after_pulled_commit")
BOOK = ("before_booked_commit", "after_booked_commit")
RANDOM = "at random"
#: Kills in one world before the next one begins.
PER_WORLD = 10
ORDERS = 30
#: Never set: lets time pass.
_moment = threading.Event()


@dataclass(slots=True, kw_only=True)
class Loop:
    """What is used and counted over all worlds."""

    nursery: Nursery
    chance: random.Random
    wanted: int
    kills: Counter[str] = field(default_factory=Counter)
    ready: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    worlds: int = 0

    @property
    def done(self) -> int:
        return sum(self.kills.values())

    def places(self, names: tuple[str, ...]) -> str:
        return self.chance.choice((*names, RANDOM))

    def command(
        self, world: worlds.World, what: str, places: tuple[str, ...], environ: dict[str, str]
    ) -> None:
        """Run a command to its end, killed up to twice on the way."""
        for armed in (True, True, False):
            place = self.places(places) if armed and self.done < self.wanted else ""
            status = self._command(world, what, place, environ)
            if status == -9:
                self.kills[f"{what} {place}"] += 1
            elif not armed and status != 0:
                self.faults.append(f"{what} ended with {status}: {_tail(world)}")

    def _command(self, world: worlds.World, what: str, place: str, environ: dict[str, str]) -> int:
        armed = {
            "QBCONSOLE_FAILPOINTS": f"{place}:{self.chance.randint(1, 4)}" if place in (*PULL, *BOOK) else ""
        }
        pid = self.nursery.start(
            "--workspace", str(world.root), what, environ=world.environ | environ | armed, log=_log(world)
        )
        if place == RANDOM:
            _moment.wait(self.chance.uniform(0.05, 0.8))
            return self.nursery.kill(pid)
        return self.nursery.wait(pid)

    def deliver(self, world: worlds.World, until: int) -> None:
        """Sessions with `serve`, killed until so many kills are done, then to the end."""
        while self.done < until and self._served(world, self.places(SERVE)):
            pass
        self._served(world, "")

    def _served(self, world: worlds.World, place: str) -> bool:
        """One life of `serve`; True when it was killed."""
        armed = f"{place}:{self.chance.randint(1, 9)}" if place in SERVE else ""
        with serving(self.nursery, world, {"QBCONSOLE_FAILPOINTS": armed}) as (pid, url, seconds):
            self.ready.append(seconds)
            timer = threading.Timer(self.chance.uniform(0.01, 0.5), self.nursery.kill, (pid,))
            if place == RANDOM:
                timer.start()
            idle = _updates(self, world, pid, url)
            timer.cancel()
            killed = self.nursery.over(pid) == -9
            if not killed and not place and not idle:
                self.faults.append(f"sessions found no end: {_tail(world)}")
        if killed:
            self.kills[f"serve {place}"] += 1
        return killed


def _updates(loop: Loop, world: worlds.World, pid: int, url: str, limit: int = 60) -> bool:
    """Web Connector updates until there is nothing to do; False where the service died or there is no end."""
    (company,) = world.companies
    connector = connector_of(company, url)
    for _ in range(limit):
        transcript = connector.run_update()
        if transcript.word == "none":
            return True
        if loop.nursery.over(pid) is not None:
            return False
    return False


def connector_of(company: worlds.Company, url: str, http: httpx.Client | None = None) -> Connector:
    """The Web Connector of a company's PC."""
    return Connector(
        url,
        company.id,
        company.password,
        company.quickbooks,
        company_file=company.path,
        keep_texts=False,
        http=http,
    )


@contextmanager
def serving(
    nursery: Nursery, world: worlds.World, environ: dict[str, str]
) -> Iterator[tuple[int, str, float]]:
    """`serve` in a process of its own: its pid, its address, and how many seconds it took to be ready."""
    port = free_port()
    begun = time.monotonic()
    pid = nursery.start(
        "--workspace",
        str(world.root),
        "serve",
        "--no-schedule",
        "--port",
        str(port),
        environ=world.environ | environ,
        log=_log(world),
    )
    try:
        wait_until_ready(nursery, pid, port)
        yield pid, f"http://127.0.0.1:{port}{QBWC_PATH}", time.monotonic() - begun
    finally:
        nursery.kill(pid)


def wait_until_ready(nursery: Nursery, pid: int, port: int, seconds: float = 60) -> None:
    """Ask the health page until it says ready. Raises RuntimeError where it never does."""
    deadline = time.monotonic() + seconds
    with httpx.Client(trust_env=False, timeout=5, verify=False) as http:
        while time.monotonic() < deadline and nursery.over(pid) is None:
            try:
                if http.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                _moment.wait(0.01)
    raise RuntimeError(f"serve on port {port} did not become ready")


def _log(world: worlds.World) -> Path:
    return world.root / "said.log"


def _tail(world: worlds.World) -> str:
    return _log(world).read_text(encoding="utf-8", errors="replace")[-600:] if _log(world).exists() else ""


def run(
    kills: int, engine: str, seed: int, *, orders: int = ORDERS, server: str = "", per_world: int = PER_WORLD
) -> Loop:
    """Kill until it is enough; `server` is the PostgreSQL to use."""
    with Nursery() as nursery, tempfile.TemporaryDirectory(prefix="qbc-kills-", dir=_memory()) as place:
        loop = Loop(nursery=nursery, chance=random.Random(seed), wanted=kills)
        while loop.done < kills and not loop.faults:
            number = loop.worlds
            root = Path(place) / f"world{number}"
            database = create_database(server, f"kills_{seed}_{number}") if engine == "postgres" else ""
            world = worlds.make(root, companies=1, orders=orders, seed=seed + number, database=database)
            twin = worlds.make(root / "twin", companies=1, orders=orders, seed=seed + number)
            worlds.pull_and_book(twin)
            with shops_listening(world.shops) as url:
                loop.command(world, "pull", PULL, {"QBCONSOLE_SHOPIFY_URL": url})
            loop.command(world, "book", BOOK, {})
            loop.deliver(world, min(kills, (number + 1) * per_world))
            loop.faults += [f"world {number}: {told}" for told in worlds.faults(world, twin)]
            loop.worlds += 1
            sys.stderr.write(f"world {number}: {loop.done} kills, {len(loop.faults)} faults\n")
    return loop


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _summary(engine: str, loop: Loop, seconds: float) -> dict[str, Any]:
    ready = sorted(loop.ready)
    return {
        "engine": engine,
        "kills": loop.done,
        "worlds": loop.worlds,
        "faults": loop.faults,
        "places": dict(sorted(loop.kills.items())),
        "ready_seconds": {"median": round(ready[len(ready) // 2], 2), "most": round(ready[-1], 2)},
        "seconds": round(seconds),
    }


def main() -> int:
    """Read the command line, kill, print what came of it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=30)
    asked.add_argument("--engine", choices=["sqlite", "postgres", "both"], default="both")
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    engines = ["sqlite", "postgres"] if told.engine == "both" else [told.engine]
    bad = False
    for engine in engines:
        begun = time.monotonic()
        try:
            with private_postgres() if engine == "postgres" else nullcontext("") as server:
                loop = run(told.kills // len(engines), engine, told.seed, server=server)
        except Missing as why:
            sys.stderr.write(f"NOT RUN ON POSTGRESQL: {why}\n")
            continue
        sys.stdout.write(json.dumps(_summary(engine, loop, time.monotonic() - begun)) + "\n")
        sys.stdout.flush()
        bad = bad or bool(loop.faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
