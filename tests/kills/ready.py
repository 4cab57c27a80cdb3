"""How soon `serve` is ready again after kill -9, with many documents stored: from the start of Python to a ready health page.

`python tests/kills/ready.py DIR [--documents N]` makes the world in DIR where it is missing, then starts, kills and
starts again; warm cache. The documents are requests with bodies of the usual 2 KB. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import world as worlds

from qbconsole.rehearsal.stage import free_port
from qbconsole.store import requests
from qbconsole.store.requests import NewRequest, Purpose
from qbconsole.workspace import Workspace

_moment = threading.Event()
BODY = "<SalesReceiptAddRq>" + "x" * 2_040 + "</SalesReceiptAddRq>"


def fill(root: Path, documents: int) -> None:
    """A workspace with so many requests."""
    worlds.make(root, companies=1, orders=1, seed=1, facts=False)
    with Workspace.open(root, environ={}) as workspace:
        for first in range(0, documents, 1000):
            with workspace.store.atomic() as tx:
                rows = [_request(number) for number in range(first, min(first + 1000, documents))]
                requests.put_requests(tx, rows, at=workspace.clock())


def _request(number: int) -> NewRequest:
    key = f"doc/{number}"
    return NewRequest(
        company="oak",
        merchant="oak-ember",
        subject_key=key,
        purpose=Purpose.ADD,
        name="SalesReceiptAdd",
        body=BODY,
        document_key=key,
    )


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
    asked.add_argument("--documents", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=7)
    told = asked.parse_args()
    root: Path = told.place
    if not (root / "mappings.toml").exists():
        fill(root, told.documents)
    with Workspace.open(root, environ={}) as workspace, workspace.store.reading() as tx:
        documents = sum(requests.counts(tx, "oak").values())
        size = (root / ".qbconsole" / "state.db").stat().st_size
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = sorted(once(root) for _ in range(told.rounds))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = {
        "documents": documents,
        "megabytes": size // 2**20,
        "ready_seconds": {"median": round(seconds[len(seconds) // 2], 2), "most": round(seconds[-1], 2)},
        # What a start costs where nothing else runs; the seconds above are of the machine as it is.
        "processor_seconds": round(used / told.rounds, 2),
    }
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
