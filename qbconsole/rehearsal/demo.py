"""The demo: one whole trip, simulated Shopify to simulated QuickBooks, over loopback HTTP.

`serve` runs as a process of its own, as it does in real life; pull and book are the real verbs; the simulated Web
Connector polls it. The result compares our postings with the ledger the simulation built from qbXML alone.
"""

from __future__ import annotations

import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from qbconsole.books.lifecycle import RequestState
from qbconsole.books.plan import DocumentKind
from qbconsole.care.attention import Operator
from qbconsole.errors import ListenError
from qbconsole.rehearsal.asked import Asked
from qbconsole.rehearsal.stage import (
    COMPANY,
    TOKEN,
    Stage,
    free_port,
    set_stage,
    shops_listening,
    write_workspace,
)
from qbconsole.sandbox.connector import Connector
from qbconsole.sandbox.quickbooks import CompanyFile
from qbconsole.serve import QBWC_PATH
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken
from qbconsole.sync.book import book
from qbconsole.sync.enrolling import enrol, give_password
from qbconsole.sync.pull import pull_shop
from qbconsole.views.plan import batch_plan
from qbconsole.views.tally import Tally, tally
from qbconsole.workspace import Workspace

#: QuickBooks values these by itself, at its own average cost, as it does the cost of what is sold.
VALUED_THERE = (DocumentKind.INVENTORY_ADJUSTMENT,)
#: Step, done, of how many (0: unknown).
Progress = Callable[[str, int, int], None]
_SESSIONS_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What the trip came to. Counts are documents; a held order counts as the document it would become."""

    orders: int
    events: int
    documents: int
    sessions: int
    recorded: int
    held: tuple[dict[str, str], ...]
    #: Between our postings and QuickBooks' ledger, over all accounts, QuickBooks' own cost apart. What is held
    #: before it was sent is not counted.
    difference: Decimal
    #: QuickBooks' ledger with the cost it posted by itself, debit positive.
    ledger: dict[str, str]
    merchants: dict[str, dict[str, int]]

    def as_json(self) -> dict[str, Any]:
        """As `demo --headless --json` prints it."""
        return {
            "orders": self.orders,
            "events": self.events,
            "documents": self.documents,
            "sessions": self.sessions,
            "recorded": self.recorded,
            "held": list(self.held),
            "difference": f"{self.difference:.2f}",
            "ledger": self.ledger,
            "merchants": self.merchants,
        }


def _quiet(_step: str, _done: int, _of: int) -> None:
    """Say nothing."""


def demo(
    root: Path,
    *,
    orders: int = 200,
    seed: int = 7,
    asked: Asked | None = None,
    progress: Progress = _quiet,
) -> DemoResult:
    """Run the whole trip in a workspace of its own and compare both ends. Raises MappingFaults, UsageError."""
    write_workspace(root, asked, decided=True)
    with Workspace.open(root, environ={}) as workspace:
        progress("seed", 0, 0)
        stage = set_stage(root, orders=orders, seed=seed, now=workspace.clock(), decided=True)
        password = prepare(workspace)
        pull(workspace, stage, progress)
        stage.count_shelves()
        pull_and_book(workspace, stage, progress)
        sessions = deliver(workspace, stage, password, progress)
        return result(workspace, stage, sessions)


def prepare(workspace: Workspace) -> str:
    """Enrol the companies and give the Web Connector its password."""
    enrol(workspace.means())
    return give_password(workspace.store, workspace.keys, COMPANY, workspace.clock())


def pull(workspace: Workspace, stage: Stage, progress: Progress = _quiet) -> None:
    """Shopify over HTTP into snapshots: orders, and what happened beside them."""
    means = workspace.means()
    with shops_listening(stage.shops) as url:
        for merchant in means.mapping.merchants.values():
            if merchant.shop not in {shop.domain for shop in stage.shops}:
                continue
            with ShopifyClient(
                shop=merchant.shop, credentials=AccessToken(token=TOKEN), base_url=url
            ) as client:
                pull_shop(
                    means,
                    merchant,
                    client,
                    progress=_pulling(progress, merchant.id),
                )


def pull_and_book(workspace: Workspace, stage: Stage, progress: Progress = _quiet) -> None:
    """Shopify over HTTP into snapshots, snapshots into documents."""
    pull(workspace, stage, progress)
    means = workspace.means()
    book(means, means.merchants(), progress=_booking(progress))


def _pulling(progress: Progress, merchant: str) -> Callable[[int], None]:
    def pulled(done: int) -> None:
        progress(f"pull {merchant}", done, 0)

    return pulled


def _booking(progress: Progress) -> Callable[[int, int], None]:
    def booked(done: int, of: int) -> None:
        progress("book", done, of)

    return booked


def deliver(workspace: Workspace, stage: Stage, password: str, progress: Progress = _quiet) -> int:
    """Start `serve` and let the simulated Web Connector poll until there is nothing to do; gives sessions.

    Where batches wait for an operator, the operator of a rehearsal agrees to each.
    """
    sessions = 0
    with serving(workspace.root) as url:
        connector = polling(workspace, stage, url, password)
        while sessions < _SESSIONS_MAX:
            transcript = connector.run_update()
            if transcript.word == "none" and not agree(workspace):
                break
            sessions += transcript.word != "none"
            progress("deliver", sessions, 0)
    return sessions


def agree(workspace: Workspace) -> bool:
    """Approve what waits for an operator; False when nothing does."""
    plan = batch_plan(workspace.store, COMPANY)
    states = {*(one.state for one in plan.documents), *(one.state for one in plan.entries)}
    if RequestState.AWAITING_APPROVAL not in states:
        return False
    operator = Operator(store=workspace.store, clock=workspace.clock, who="operator:rehearsal")
    operator.approve(COMPANY, plan.hash)
    return True


def polling(workspace: Workspace, stage: Stage, url: str, password: str) -> Connector:
    """The simulated Web Connector on the PC where the mapping's company file lies."""
    file = workspace.means().mapping.companies[COMPANY].file
    return Connector(url, COMPANY, password, stage.quickbooks, company_file=file, keep_texts=False)


@contextmanager
def serving(root: Path, *, environ: dict[str, str] | None = None, port: int | None = None) -> Iterator[str]:
    """`qbconsole serve` as a process of its own; gives the Web Connector's address."""
    chosen = port or free_port()
    with start_serving(root, chosen, environ) as process:
        wait_until_up(process, chosen)
        try:
            yield f"http://localhost:{chosen}{QBWC_PATH}"
        finally:
            process.terminate()
            process.wait(timeout=10)


def start_serving(root: Path, port: int, environ: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start the service; its log goes to the workspace."""
    command: Sequence[str] = (
        sys.executable,
        "-m",
        "qbconsole",
        "--workspace",
        str(root),
        "serve",
        "--port",
        str(port),
    )
    return subprocess.Popen(  # noqa: S603 - our own program with our own arguments
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environ
    )


def wait_until_up(process: subprocess.Popen[bytes], port: int, *, seconds: float = 30.0) -> None:
    """Wait for the service's health page. Raises ListenError when it does not come up."""
    deadline = time.monotonic() + seconds
    # One client for all the asking, which loads no certificates: the service needs the processor to come up.
    with httpx.Client(trust_env=False, timeout=2, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)) as http:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if http.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
    raise ListenError(
        "the service did not come up", where=f"port {port}", next="Run `qbconsole serve` to see why."
    )


def result(workspace: Workspace, stage: Stage, sessions: int) -> DemoResult:
    """Count, and compare our postings with QuickBooks' own ledger."""
    counted = tally(workspace.store, COMPANY, without=VALUED_THERE)
    theirs = {name: value for name, value in stage.company_file.trial_balance().items() if value}
    shops = {shop.domain: len(shop.orders) for shop in stage.shops}
    return DemoResult(
        orders=sum(shops.values()),
        events=counted.events,
        documents=counted.documents + sum(one.is_order for one in counted.waiting),
        sessions=sessions,
        recorded=counted.recorded,
        held=tuple(
            {"reason": w.reason, "source": w.source, "message": w.message, "merchant": w.merchant}
            for w in counted.waiting
        ),
        difference=difference(counted.ledger, stage.company_file),
        ledger={name: f"{value:.2f}" for name, value in sorted(theirs.items())},
        merchants=_by_merchant(workspace, counted, shops),
    )


def _by_merchant(workspace: Workspace, counted: Tally, shops: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """The same counts for each merchant; they add up to those of all."""
    found = {}
    for merchant in workspace.means().mapping.merchants.values():
        own = counted.merchants.get(merchant.id)
        waiting = [one for one in counted.waiting if one.merchant == merchant.id]
        found[merchant.id] = {
            "orders": shops.get(merchant.shop, 0),
            "documents": (own.documents if own else 0) + sum(one.is_order for one in waiting),
            "recorded": own.recorded if own else 0,
            "held": len(waiting),
        }
    return found


def difference(ours: Mapping[str, Decimal], file: CompanyFile) -> Decimal:
    """How far our postings and what requests made of QuickBooks' ledger are apart, account by account."""
    theirs = file.trial_balance(own_cost=False, own_value=False)
    zero = Decimal(0)
    return sum((abs(ours.get(name, zero) - theirs.get(name, zero)) for name in {*ours, *theirs}), zero)
