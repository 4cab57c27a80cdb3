"""Several workers on one port and one PostgreSQL database: each may die, all end together, SQLite has one."""

import os
import signal
from pathlib import Path

import httpx
import pytest
from loop import wait_until_ready
from nursery import Nursery
from postgres import create_database, postgres_server
from world import make

from qbconsole.rehearsal.stage import free_port

__all__ = ["postgres_server"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found in /proc"),
]


@pytest.fixture(scope="module")
def nursery():
    with Nursery() as made:
        yield made


def children(pid: int) -> set[int]:
    """Its processes that live."""
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return set()
    return {int(one) for one in told.split()}


def until(holds, what: str):
    """Ask until it holds; each asking costs a few milliseconds, so that no test sleeps."""
    for _ in range(5000):
        if found := holds():
            return found
        httpx.Client(trust_env=False).close()
    raise AssertionError(what)


def start(nursery, world, port: int, workers: int) -> int:
    arguments = ("serve", "--no-schedule", "--port", str(port), "--workers", str(workers))
    return nursery.start(
        "--workspace", str(world.root), *arguments, environ=world.environ, log=world.root / "said.log"
    )


@pytest.fixture
def served(nursery, tmp_path, postgres_server):
    """Two workers: the world, their parent, its port."""
    name = f"workers_{os.getpid()}_{abs(hash(tmp_path)) % 10**9}"
    world = make(
        tmp_path / "w",
        companies=1,
        orders=2,
        seed=1,
        facts=False,
        database=create_database(postgres_server, name),
    )
    port = free_port()
    parent = start(nursery, world, port, workers=2)
    wait_until_ready(nursery, parent, port)
    yield world, parent, port
    nursery.kill(parent)


def test_a_killed_worker_is_replaced_and_a_stop_ends_all(nursery, served):
    world, parent, port = served
    first = until(lambda: len(children(parent)) == 2 and children(parent), "two workers")
    victim = min(first)
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(children(parent)) == 2 and victim not in children(parent), "another takes its place")
    wait_until_ready(nursery, parent, port)
    assert f"Worker {victim} was ended by signal 9" in (world.root / "said.log").read_text(encoding="utf-8")
    last = children(parent)
    os.kill(parent, signal.SIGTERM)
    assert nursery.wait(parent) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in last)


def test_workers_end_with_a_parent_that_was_killed(nursery, served):
    _, parent, _ = served
    crew = until(lambda: len(children(parent)) == 2 and children(parent), "two workers")
    assert nursery.kill(parent) == -9
    until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in crew), "the workers end")


def test_sqlite_is_served_by_one(nursery, tmp_path):
    world = make(tmp_path / "w", companies=1, orders=1, seed=1, facts=False)
    assert nursery.wait(start(nursery, world, free_port(), workers=2)) == 2
    assert "several workers need PostgreSQL" in (world.root / "said.log").read_text(encoding="utf-8")
