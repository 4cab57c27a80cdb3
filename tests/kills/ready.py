"""How soon `serve` is ready again after kill -9, with many documents stored: from the start of Python to a ready health page.

`python tests/kills/ready.py DIR [--orders N]` makes the world in DIR where it is missing (minutes), then starts,
kills and starts again; warm cache. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import world as worlds

from qbconsole.rehearsal.stage import free_port
from qbconsole.store import books
from qbconsole.workspace import Workspace

_moment = threading.Event()


def start(root: Path, port: int) -> subprocess.Popen[bytes]:
    """The real command, as a system starts it."""
    command = [sys.executable, "-m", "qbconsole", "--workspace", str(root), "serve", "--port", str(port)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def seconds_until(port: int, since: float, wanted: int) -> float:
    """Seconds since then until the health page answers so."""
    with httpx.Client(trust_env=False, timeout=60, verify=False) as http:
        while True:
            try:
                if http.get(f"http://127.0.0.1:{port}/healthz").status_code == wanted:
                    return time.monotonic() - since
            except httpx.TransportError:
                pass
            _moment.wait(0.01)


def once(root: Path) -> float:
    """Start, wait until ready, kill."""
    port = free_port()
    begun = time.monotonic()
    process = start(root, port)
    try:
        return seconds_until(port, begun, 200)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def main() -> int:
    """Make the world, measure, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("place", type=Path)
    asked.add_argument("--orders", type=int, default=86_000)
    asked.add_argument("--rounds", type=int, default=7)
    told = asked.parse_args()
    root: Path = told.place
    if not (root / "mappings.toml").exists():
        worlds.pull_and_book(worlds.make(root, companies=1, orders=told.orders, seed=1))
    with Workspace.open(root, environ={}) as workspace, workspace.store.reading() as tx:
        documents = len(books.documents(tx, company="oak", limit=10_000_000))
        size = (root / ".qbconsole" / "state.db").stat().st_size
    seconds = sorted(once(root) for _ in range(told.rounds))
    found = {
        "documents": documents,
        "megabytes": size // 2**20,
        "ready_seconds": {"median": round(seconds[len(seconds) // 2], 2), "most": round(seconds[-1], 2)},
    }
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
