"""Several workers on one PostgreSQL database, killed at random while many companies are served: nothing twice, nothing lost.

Each worker is a `serve` process of its own; each call of each session goes to any of them, as behind a load
balancer. Run as a program it is done-when 4 of exactly once: four workers, 40 companies, 3,000 documents.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import world as worlds
from loop import connector_of, wait_until_ready
from nursery import Nursery
from postgres import create_database, private_postgres

from qbconsole.rehearsal.stage import free_port
from qbconsole.serve import QBWC_PATH

#: How long a session that fell silent keeps its company here; ten minutes in the field.
LEASE_SECONDS = 2
_moment = threading.Event()


@dataclass(slots=True, kw_only=True)
class Crowd:
    """What came of it."""

    documents: int = 0
    effects: int = 0
    kills: int = 0
    sessions: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class AnyWorker(httpx.BaseTransport):
    """A load balancer: each call goes to one of the workers, dead or alive."""

    def __init__(self, ports: list[int], chance: random.Random) -> None:
        self._ports = ports
        self._chance = chance
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it on. Raises httpx.TransportError where that worker is dead, or dies of it."""
        request.url = request.url.copy_with(port=self._chance.choice(self._ports))
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@dataclass(slots=True, kw_only=True)
class Workers:
    """The `serve` processes; one that is killed is started again on its port."""

    nursery: Nursery
    world: worlds.World
    ports: list[int]
    pids: dict[int, int] = field(default_factory=dict)

    def start(self, port: int) -> None:
        self.pids[port] = self.nursery.start(
            "--workspace",
            str(self.world.root),
            "serve",
            "--no-schedule",
            "--port",
            str(port),
            environ=self.world.environ,
            log=self.world.root / "said.log",
        )

    def await_all(self) -> None:
        for port, pid in self.pids.items():
            wait_until_ready(self.nursery, pid, port)

    def kill(self, port: int) -> None:
        self.nursery.kill(self.pids[port])

    def stop(self) -> None:
        for port in self.pids:
            self.kill(port)


def updates(company: worlds.Company, ports: list[int], seed: int, go_on: Callable[[], bool]) -> int:
    """One company's Web Connector: updates until there is nothing to do and nobody is killed any more."""
    chance = random.Random(f"{seed}/{company.id}")
    sessions = 0
    with httpx.Client(transport=AnyWorker(ports, chance), timeout=60) as http:
        connector = connector_of(company, f"http://127.0.0.1:{ports[0]}{QBWC_PATH}", http)
        while True:
            transcript = connector.run_update()
            sessions += 1
            if transcript.word == "none" and not go_on():
                return sessions
            if transcript.word in ("none", "busy", ""):
                _moment.wait(chance.uniform(0.1, 0.4))


def run(*, companies: int, orders: int, workers: int, kills: int, seed: int, server: str) -> Crowd:
    """Serve them all, with so many kills; `orders` for each company."""
    crowd = Crowd()
    chance = random.Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="qbc-crowd-") as place,
        Nursery(lease_seconds=LEASE_SECONDS) as nursery,
        ThreadPoolExecutor(max_workers=companies) as pool,
    ):
        root = Path(place)
        shops = {"companies": companies, "orders": orders, "seed": seed, "facts": False}
        world = worlds.make(root / "world", database=create_database(server, f"crowd_{seed}"), **shops)
        twin = worlds.make(root / "twin", **shops)
        for one in (world, twin):
            worlds.pull_and_book(one)
        team = Workers(nursery=nursery, world=world, ports=[free_port() for _ in range(workers)])
        for port in team.ports:
            team.start(port)
        team.await_all()
        begun = time.monotonic()
        going = [
            pool.submit(updates, one, team.ports, seed, lambda: crowd.kills < kills)
            for one in world.companies
        ]
        for _ in range(kills):
            _moment.wait(chance.uniform(0.1, 1.0))
            port = chance.choice(team.ports)
            team.kill(port)
            crowd.kills += 1
            team.start(port)
        crowd.sessions = sum(each.result(timeout=900) for each in going)
        crowd.seconds = time.monotonic() - begun
        team.stop()
        crowd.documents = sum(len(worlds.keys_of(twin, one.id)) for one in twin.companies)
        crowd.effects = sum(worlds.effects(one).total() for one in world.companies)
        crowd.faults = worlds.faults(world, twin)
    return crowd


def main() -> int:
    """Run the whole crowd and print what came of it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--companies", type=int, default=40)
    asked.add_argument("--orders", type=int, default=75)
    asked.add_argument("--workers", type=int, default=4)
    asked.add_argument("--kills", type=int, default=20)
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    with private_postgres() as server:
        crowd = run(
            companies=told.companies,
            orders=told.orders,
            workers=told.workers,
            kills=told.kills,
            seed=told.seed,
            server=server,
        )
    sys.stdout.write(
        json.dumps(
            {
                "workers": told.workers,
                "companies": told.companies,
                "documents": crowd.documents,
                "effects": crowd.effects,
                "kills": crowd.kills,
                "sessions": crowd.sessions,
                "faults": crowd.faults,
                "seconds": round(crowd.seconds, 1),
            }
        )
        + "\n"
    )
    return 1 if crowd.faults else 0


if __name__ == "__main__":
    sys.exit(main())
