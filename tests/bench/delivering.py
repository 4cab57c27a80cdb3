"""Delivery over real HTTP SOAP: ours beside qbwc-kit with a durable queue and two limits, in interleaved rounds.

One limit is a bare echo, the other (`bare`) keeps of each document what we keep and does nothing else; `--limits` adds
those of `limits.py`.

`python delivering.py [--documents 10000] [--rounds 3] [--batches 1,50,100] [--backlog 100000] [--limits]`. Told are documents a
second of wall time, CPU a document and what memory grew by, of the server's process; and how many documents arrived.
"""

from __future__ import annotations

import argparse
import copy
import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

from backlog import copied, workspace_with
from drain import Drained, Server, drain
from processes import cpu_of, memory_of, serving
from servers import PASSWORD, SCHEMA
from trip import COMPANY

from qbconsole.rehearsal.stage import requests_xsd
from qbconsole.sandbox.quickbooks import QuickBooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One round of one server."""

    drained: Drained
    #: Seconds of the server's CPU, and what its memory grew by over idle, in MB.
    cpu: float
    grown: float

    @property
    def rate(self) -> float:
        return self.drained.documents / (self.drained.seconds or 1)

    @property
    def cpu_ms(self) -> float:
        return self.cpu * 1e3 / max(1, self.drained.documents)


def main() -> None:
    """Print one table a batch size."""
    asked = _asked()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), asked.documents)
        for batch in (int(one) for one in asked.batches.split(",")):
            bench.table(batch, asked.rounds, limits=asked.limits)
        if asked.backlog:
            bench.backlog(asked.backlog)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", default="1,50,100")
    parser.add_argument("--backlog", type=int, default=100_000)
    parser.add_argument("--limits", action="store_true")
    return parser.parse_args()


class Bench:
    """What every round begins with: a workspace with a backlog, copied each time, and the text of its receipts."""

    def __init__(self, folder: Path, documents: int) -> None:
        self.folder, self.documents = folder, documents
        self.trip, self.password = workspace_with(folder / "books", documents)
        self.bodies = _bodies(folder / "books")
        self._round = 0

    def table(self, batch: int, rounds: int, *, limits: bool = False) -> None:
        """Rounds of all servers in turn."""
        servers = {"echo": self._echo, "bare rows": self._bare, "qbwc-kit": self._kit, "ours": self._ours}
        if limits:
            servers |= {name: partial(self._bare, which=name) for name in ("front", "elsewhere", "folded")}
        taken: dict[str, list[Taken]] = {name: [] for name in servers}
        for _ in range(rounds):
            for name, server in servers.items():
                taken[name].append(server(batch))
        sys.stdout.write(
            f"\n{self.documents} receipts, {batch} a request, {rounds} rounds, load {os.getloadavg()[0]:.1f}\n"
        )
        sys.stdout.write(
            f"{'server':10} {'docs/s':>8} {'x echo':>7} {'x kit':>6} {'CPU ms/doc':>11} {'MB':>6}  delivered\n"
        )
        middle = {name: median(one.rate for one in times) for name, times in taken.items()}
        for name, times in taken.items():
            sys.stdout.write(
                f"{name:10} {middle[name]:8.0f} {middle[name] / middle['echo']:7.2f} {middle[name] / middle['qbwc-kit']:6.2f}"
                f" {median(one.cpu_ms for one in times):11.3f} {max(one.grown for one in times):6.1f}"
                f"  {sorted({one.drained.documents for one in times})}\n"
            )
        sys.stdout.flush()

    def backlog(self, long: int) -> None:
        """The rate and CPU of the first thousand of a long backlog beside those of a short one, in turn."""
        benches = {one: Bench(self.folder / f"backlog{one}", one) for one in (1_000, long)}
        taken: dict[int, list[Taken]] = {one: [] for one in benches}
        for _ in range(5):
            for size, bench in benches.items():
                bench.documents = 1_000
                taken[size].append(bench._ours(20))
                shutil.rmtree(bench.folder / f"round{bench._round}")
        sys.stdout.write(f"\nFirst 1,000 of a backlog, 20 a request, load {os.getloadavg()[0]:.1f}\n")
        for size, times in taken.items():
            sys.stdout.write(
                f"{size:>9,}: {median(one.rate for one in times):6.0f} docs/s,"
                f" {median(one.cpu_ms for one in times):.3f} ms CPU a document\n"
            )

    def _ours(self, batch: int) -> Taken:
        self._round += 1
        root = copied(self.trip, self.folder / f"round{self._round}")
        # As new a company file as the copy of the store: a store that is older than its file is refused.
        file = copy.deepcopy(self.trip.company_file)
        quickbooks = QuickBooks(file, requests_xsd=requests_xsd(), clock=lambda: datetime.now(UTC))
        with serving("ours", root, batch) as (port, pid):
            server = Server(
                port=port,
                user=COMPANY,
                password=self.password,
                asks=lambda text: quickbooks.process(text).response,
                hello=quickbooks.hello(),
            )
            return _measured(server, pid, self.documents)

    def _bare(self, batch: int, which: str = "bare") -> Taken:
        self._round += 1
        root = copied(self.trip, self.folder / f"round{self._round}")
        with serving(which, root, batch) as (port, pid):
            return _measured(_plain(port), pid, self.documents)

    def _kit(self, batch: int) -> Taken:
        self._round += 1
        path = self.folder / f"kit{self._round}.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as store:
            store.executescript(SCHEMA)
            rows = [
                (number, "ready", "", body) for number, body in enumerate(self.bodies[: self.documents], 1)
            ]
            store.execute("BEGIN")
            store.executemany("INSERT INTO queue VALUES (?, ?, ?, ?)", rows)
            store.execute("COMMIT")
        with serving("kit", path, batch) as (port, pid):
            return _measured(_plain(port), pid, self.documents)

    def _echo(self, batch: int) -> Taken:
        path = self.folder / "echo.xml"
        path.write_text(self.bodies[0], encoding="utf-8")
        with serving("echo", path, batch) as (port, pid):
            return _measured(_plain(port), pid, self.documents)


def _plain(port: int) -> Server:
    return Server(port=port, user="oak", password=PASSWORD, asks=lambda _text: "")


def _bodies(root: Path) -> list[str]:
    """The receipts as they wait, without what asks QuickBooks to tell less: a peer does not ask that."""
    trimmed = "<IncludeRetElement>"
    with closing(sqlite3.connect(root / ".qbconsole" / "state.db")) as store:
        question = "SELECT body FROM request_bodies JOIN requests ON id = request_id WHERE state = 'ready' ORDER BY id"
        found = [body for (body,) in store.execute(question)]
    return [
        body[: body.index(trimmed)] + "</SalesReceiptAddRq>" if trimmed in body else body for body in found
    ]


def _measured(server: Server, pid: int, documents: int) -> Taken:
    """CPU as the rate: from the first receipts on. Memory from before the session."""
    idle, began = memory_of(pid, "VmRSS"), [cpu_of(pid)]
    drained = drain(server, documents, lambda: began.append(cpu_of(pid)))
    return Taken(drained=drained, cpu=cpu_of(pid) - began[-1], grown=memory_of(pid, "VmHWM") - idle)


if __name__ == "__main__":
    main()
