"""A bulk import, from the file's bytes to snapshots with their cursor, against a bare loop that stores the same bytes.

The floor reads lines, joins children to their parents with msgspec and inserts them with sqlite3, as many a commit as we
do, everything durable. Ours downloads the file over the client, checks it whole, joins, compares with what is held and
moves the cursor. Run it as `importing.py [ORDERS]`; memory is a process's own highest mark over its imports.
"""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
from measure import Step, in_rounds, written

from qbconsole.bundled import bundled
from qbconsole.sandbox.shopify import Shop
from qbconsole.sandbox.shopify.bulk import run as run_bulk
from qbconsole.sandbox.shopify.execution import everything
from qbconsole.sources.shopify.bulk import bulk_text
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken
from qbconsole.sources.shopify.facts import Unread
from qbconsole.sync.enrolling import enrol
from qbconsole.sync.pull import bulk
from qbconsole.sync.pull.keep import Pulled
from qbconsole.sync.pull.shop import _keep
from qbconsole.workspace import Workspace

ORDERS, SEEDED = 4_000, 200
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOST = "storage.googleapis.com"
_DECODE, _ENCODE = msgspec.json.decode, msgspec.json.encode
SCHEMA = """
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE snapshots (id INTEGER PRIMARY KEY, source_id TEXT UNIQUE, updated_at TEXT, raw BLOB);
"""


def main() -> None:
    """Print orders a second of wall time, and the memory of one import in a process of its own."""
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bulk.jsonl")
        lines = write_file(path, orders)
        steps = {
            "bare msgspec + sqlite3": Step(orders, partial(bare, path), database, time.perf_counter),
            "ours, checked, with cursor": Step(
                orders, partial(ours, path, orders, lines), house, time.perf_counter
            ),
        }
        size = path.stat().st_size / 2**20
        sys.stdout.write(f"\nBulk import of {orders} orders, {lines} lines, {size:.0f} MiB, wall time:\n")
        sys.stdout.write(
            written(
                in_rounds(steps), floor="bare msgspec + sqlite3", peer="bare msgspec + sqlite3", unit="order"
            )
        )
        for step in ("nothing", "ours"):
            command = [sys.executable, __file__, "--memory", step, str(path), str(orders), str(lines)]
            told = subprocess.run(command, check=True, capture_output=True, text=True)
            sys.stdout.write(f"memory, {step:8} {told.stdout}")


def write_file(path: Path, orders: int) -> int:
    """A seeded shop's file, repeated under other numbers; gives how many lines it has."""
    shop = Shop.seeded(orders=SEEDED, days=10)
    run_bulk(
        shop,
        bulk_text("updated_at:<'2027-01-01T00:00:00Z'", shop.scopes),
        lambda text: everything(shop, text),
    )
    text = "".join(_alone(line) + "\n" for line in shop.bulks[0].lines)
    prefix = str(shop.orders[0]["legacyResourceId"])[:5]
    copies = orders // SEEDED
    with path.open("w", encoding="utf-8") as file:
        for copy in range(copies):
            file.write(text.replace(prefix, str(int(prefix) + copy)))
    return len(shop.bulks[0].lines) * copies


def _alone(line: str) -> str:
    """The same line, of an order that nothing more has to be asked of: the network is not what is measured."""
    row = _DECODE(line)
    if "refunds" in row:
        row |= {"refunds": [], "returnStatus": "NO_RETURN", "paymentTerms": None}
    return str(_ENCODE(row), "utf-8").replace("/", "\\/")


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """The least a store can be."""
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(f"{folder}/bare.db")) as db:
        db.executescript(SCHEMA)
        yield db


def bare(path: Path, db: sqlite3.Connection) -> None:
    """The loop anybody would write."""
    rows: list[tuple[str, str, bytes]] = []
    order: dict[str, Any] = {}
    homes: dict[str, dict[str, Any]] = {}

    def close() -> None:
        if order:
            rows.append((order["legacyResourceId"], order["updatedAt"], _ENCODE(order)))
        if len(rows) >= bulk.CHUNK or not line:
            with db:
                db.executemany("INSERT INTO snapshots (source_id, updated_at, raw) VALUES (?, ?, ?)", rows)
            rows.clear()

    with path.open("rb") as file:
        line = b""
        for line in file:
            row = _DECODE(line)
            parent = row.pop("__parentId", None)
            if parent is None:
                close()
                order, homes = row, {row["id"]: row}
            else:
                homes[parent].setdefault(row.get("__typename", "lines"), []).append(row)
                homes[row["id"]] = row
        line = b""
        close()


@contextmanager
def house() -> Iterator[Workspace]:
    """A workspace that has nothing yet."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mappings.toml").write_text(
            bundled("mappings.toml").read_text("utf-8"), encoding="utf-8"
        )
        with Workspace.open(Path(folder), environ={}) as workspace:
            enrol(workspace.means())
            yield workspace


def ours(path: Path, orders: int, lines: int, workspace: Workspace) -> None:
    """The import as `pull` does it, from an operation that is done."""
    means = workspace.means()
    pulled = Pulled(merchants=("oak-ember",))

    def keep(
        rows: list[dict[str, Any]],
        unread: tuple[Unread, ...],
        begun: bulk.Begun | None,
        cursor: datetime | None,
    ) -> None:
        nonlocal pulled
        others = {bulk.CURSOR: bulk.written(begun)}
        pulled = _keep(
            means, pulled, "oak-ember", rows, cursor, include_test=False, others=others, unread=unread
        )

    begun = bulk.Begun(operation="gid://shopify/BulkOperation/1", since=None, until=NOW.isoformat())
    bulk.note(means, "oak-ember", begun)
    with ShopifyClient(
        shop="oak-ember.myshopify.com",
        credentials=AccessToken(token="shpat_x"),
        transport=httpx.MockTransport(partial(_answer, path, orders, lines)),
        bulk_hosts=(HOST,),
    ) as client:
        bulk.pull_bulk(means, "oak-ember", client, begun, keep, lambda _count: None)
    if pulled.new != orders:
        raise SystemExit(f"{pulled.new} of {orders} orders were kept")


def _answer(path: Path, orders: int, lines: int, request: httpx.Request) -> httpx.Response:
    if request.url.host == HOST:
        return httpx.Response(200, content=_pieces(path))
    operation = {
        "status": "COMPLETED",
        "objectCount": str(lines),
        "rootObjectCount": str(orders),
        "fileSize": str(path.stat().st_size),
        "url": f"https://{HOST}/bulk.jsonl",
    }
    body = {"data": {"bulkOperation": operation}}
    return httpx.Response(200, json=body, headers={"X-Shopify-API-Version": "2026-10"})


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 16):
            yield piece


def memory(step: str, path: Path, orders: int, lines: int) -> None:
    """Print this process's highest mark after an import, or after everything was only loaded."""
    with house() as workspace:
        if step == "ours":
            ours(path, orders, lines, workspace)
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        memory(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
    else:
        main()
