"""App: everything that listens, as one ASGI app: Web Connector, webhooks, health and metrics.

Until the service is ready the Web Connector hears `busy`, the health page says how far it is, and all else 503.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from qbconsole.books.lifecycle import RequestState
from qbconsole.rules.mapping.read import read
from qbconsole.serve.gate import Gate
from qbconsole.sources.shopify.webhooks import listening as webhooks
from qbconsole.sync.deciding import warm_renderer
from qbconsole.sync.deliver.asking import Asker
from qbconsole.sync.deliver.conversation import Delivery
from qbconsole.sync.deliver.planning import Planner
from qbconsole.sync.enrolling import enrol
from qbconsole.sync.pull.webhooks import Inbox
from qbconsole.sync.sharing.logins import Shared
from qbconsole.views.tally import company_counts
from qbconsole.webconnector.service import soap_app
from qbconsole.webconnector.throttle import Throttle
from qbconsole.workspace import MAPPING, Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

#: Path of the Web Connector's service; the AppURL of a .qwc ends with it.
QBWC_PATH = "/qbwc"
HEALTH_PATH = "/healthz"


def delivery_of(workspace: Workspace, *, is_shared: bool = False) -> Delivery:
    """The Web Connector's other side, wired for a workspace. `is_shared`: by several workers on one file, as simulated."""
    means = workspace.means()
    enrol(means)
    # Questions and the marker decide whether a request is sent once more: no merchant's template writes them.
    renderer = warm_renderer(means.shipped_templates, means.shipped_templates)
    store = workspace.store
    return Delivery(
        store=store,
        clock=workspace.clock,
        keys=workspace.keys,
        # On SQLite one process serves; workers on PostgreSQL count failed logins together.
        throttle=Throttle(time.monotonic) if store.path is not None else Shared(store=store),
        planner=Planner(asker=Asker(renderer), install_id=workspace.install_id),
        mapping=lambda: read(workspace.mapping_text(), MAPPING),
        started_at=workspace.clock(),
        is_shared=is_shared or store.path is None,
        means=workspace.means,
    )


def app_of(workspace: Workspace, gate: Gate, *, url: str) -> ASGIApp:
    """The whole service: the Web Connector's side through a gate, the pages once it is open. `url`: the AppURL."""
    soap = soap_app(gate, url=url, versions=gate)
    pages: list[ASGIApp] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        """The Web Connector's calls go straight to the SOAP service: it takes no redirect."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.rstrip("/") == QBWC_PATH:
            await soap(scope, receive, send)
        elif scope["type"] == "http" and (not gate.is_open or path.rstrip("/") == HEALTH_PATH):
            await _health(workspace, gate)(scope, receive, send)
        else:
            if not pages and gate.is_open:
                pages.append(_pages_of(workspace))
            await (pages[0] if pages else soap)(scope, receive, send)

    return app


def _health(workspace: Workspace, gate: Gate) -> Response:
    """Ready with its companies, or 503 with what keeps it."""
    why = gate.readiness.sentence if not gate.is_open else gate.may_begin()
    if why:
        state = gate.readiness.state if not gate.is_open else "no session begins"
        return PlainTextResponse(f"{state}: {why}\n", status_code=503, headers={"retry-after": "5"})
    return PlainTextResponse(f"ok {len(company_counts(workspace.store))} companies\n")


def _pages_of(workspace: Workspace) -> ASGIApp:
    """What needs the open database."""
    inbox = Inbox(store=workspace.store, clock=workspace.clock, keys=workspace.keys)
    hooks = webhooks.webhook_app(_taking(inbox))
    pages = Starlette(
        routes=[
            Route("/", _welcome),
            Route("/metrics", _metrics_of(workspace, inbox)),
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and scope["path"].startswith(webhooks.PATH)
        await (hooks if ours else pages)(scope, receive, send)

    return app


def _taking(inbox: Inbox) -> webhooks.Take:
    """Deliveries are kept on a thread: Shopify waits a second, and a session's call may take longer."""

    async def take(merchant: str, headers: Mapping[str, str], body: bytes) -> int:
        return await asyncio.to_thread(inbox.take, merchant, headers, body)

    return take


async def _welcome(_request: Request) -> Response:
    return PlainTextResponse("qbconsole is running. The Web Connector's address ends in /qbwc.\n")


def _metrics_of(workspace: Workspace, inbox: Inbox) -> Callable[[Request], Response]:
    """Counts of requests by company and state, and of webhooks by merchant and answer, for Prometheus."""

    def metrics(_request: Request) -> Response:
        registry = CollectorRegistry()
        gauge = Gauge("qbconsole_requests", "Requests by state", ["company", "state"], registry=registry)
        contact = Gauge(
            "qbconsole_last_contact_seconds", "Last Web Connector contact", ["company"], registry=registry
        )
        hooks = Counter(
            "qbconsole_webhooks", "Webhook deliveries answered", ["merchant", "status"], registry=registry
        )
        for (merchant, status), times in list(inbox.answered.items()):
            hooks.labels(merchant, str(status)).inc(times)
        Counter("qbconsole_scrapes", "Scrapes answered", registry=registry).inc()
        for company in company_counts(workspace.store):
            for state in RequestState:
                gauge.labels(company.company, state.value).set(company.requests.get(state, 0))
            if company.last_contact_at is not None:
                contact.labels(company.company).set(company.last_contact_at.timestamp())
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")

    return metrics
