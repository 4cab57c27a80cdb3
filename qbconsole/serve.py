"""serve: everything that listens, as one ASGI app: Web Connector, webhooks and metrics.

The service books and fetches nothing. It listens on 127.0.0.1 unless TLS or a proxy is stated.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
import uvicorn
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from qbconsole.books.lifecycle import RequestState
from qbconsole.errors import ListenError, StoreBroken
from qbconsole.rules.mapping.read import read
from qbconsole.sources.shopify.webhooks import listening as webhooks
from qbconsole.sync.deciding import warm_renderer
from qbconsole.sync.deliver.asking import Asker
from qbconsole.sync.deliver.conversation import Delivery
from qbconsole.sync.deliver.planning import Planner
from qbconsole.sync.enrolling import enrol
from qbconsole.sync.pull.webhooks import Inbox
from qbconsole.views.tally import company_counts
from qbconsole.webconnector.listen import allowed_address
from qbconsole.webconnector.service import soap_app
from qbconsole.webconnector.throttle import Throttle
from qbconsole.workspace import MAPPING, Workspace, require_sound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

#: Path of the Web Connector's service; the AppURL of a .qwc ends with it.
QBWC_PATH = "/qbwc"
#: Below this much room on the disk no session begins.
ROOM_BYTES = 64 * 2**20
_LOG = structlog.get_logger("qbconsole.serve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where to listen and how clients reach it."""

    host: str = "127.0.0.1"
    port: int = 8321
    tls_cert: str = ""
    tls_key: str = ""
    behind_proxy: bool = False
    #: Address clients use; made from host and port where empty.
    url: str = ""

    @property
    def public_url(self) -> str:
        """The AppURL."""
        if self.url:
            return self.url
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://{'localhost' if self.host == '127.0.0.1' else self.host}:{self.port}{QBWC_PATH}"


def delivery_of(workspace: Workspace) -> Delivery:
    """The Web Connector's other side, wired for a workspace."""
    means = workspace.means()
    enrol(means)
    # Questions and the marker decide whether a request is sent once more: no merchant's template writes them.
    renderer = warm_renderer(means.shipped_templates, means.shipped_templates)
    return Delivery(
        store=workspace.store,
        clock=workspace.clock,
        keys=workspace.keys,
        throttle=Throttle(time.monotonic),
        planner=Planner(asker=Asker(renderer), install_id=workspace.install_id),
        mapping=lambda: read(workspace.mapping_text(), MAPPING),
        started_at=workspace.clock(),
        means=workspace.means,
    )


def app_of(workspace: Workspace, listening: Listening) -> ASGIApp:
    """The whole service."""
    soap = soap_app(delivery_of(workspace), url=listening.public_url)
    inbox = Inbox(store=workspace.store, clock=workspace.clock, keys=workspace.keys)
    hooks = webhooks.webhook_app(_taking(inbox))
    pages = Starlette(
        routes=[
            Route("/", _welcome),
            Route("/healthz", _health_of(workspace)),
            Route("/metrics", _metrics_of(workspace, inbox)),
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        """The Web Connector's calls go straight to the SOAP service: it takes no redirect."""
        path = scope["path"] if scope["type"] == "http" else ""
        chosen = soap if path.rstrip("/") == QBWC_PATH else hooks if path.startswith(webhooks.PATH) else pages
        await chosen(scope, receive, send)

    return app


def _taking(inbox: Inbox) -> webhooks.Take:
    """Deliveries are kept on a thread: Shopify waits a second, and a session's call may take longer."""

    async def take(merchant: str, headers: Mapping[str, str], body: bytes) -> int:
        return await asyncio.to_thread(inbox.take, merchant, headers, body)

    return take


async def _welcome(_request: Request) -> Response:
    return PlainTextResponse("qbconsole is running. The Web Connector's address ends in /qbwc.\n")


def _health_of(workspace: Workspace) -> Callable[[Request], Response]:
    def health(_request: Request) -> Response:
        return PlainTextResponse(f"ok {len(company_counts(workspace.store))} companies\n")

    return health


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


def serve(
    workspace: Workspace, listening: Listening, *, ready: Callable[[str], None] = lambda _url: None
) -> None:
    """Listen until told to stop; `ready` hears our address once the port is ours.

    Raises ListenError, StoreBroken or MappingInvalid before the first call.
    """
    host = allowed_address(
        listening.host,
        tls_cert=listening.tls_cert,
        tls_key=listening.tls_key,
        behind_proxy=listening.behind_proxy,
    )
    require_sound(workspace)
    if workspace.free_bytes() < ROOM_BYTES:
        raise StoreBroken(
            f"there is less than {ROOM_BYTES // 2**20} MiB left on the disk", where=str(workspace.own)
        )
    app = app_of(workspace, listening)
    bound = _bind(host, listening.port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=listening.behind_proxy,
        ssl_certfile=listening.tls_cert or None,
        ssl_keyfile=listening.tls_key or None,
        timeout_keep_alive=75,
    )
    _load(config, bound, listening)
    _LOG.info("listening", url=listening.public_url)
    ready(listening.public_url)
    uvicorn.Server(config).run(sockets=[bound])


def _load(config: uvicorn.Config, bound: socket.socket, listening: Listening) -> None:
    """Read certificate and key now: a wrong file is the operator's to mend, not a mistake of ours."""
    try:
        config.load()
    except OSError as cause:  # ssl.SSLError is one
        bound.close()
        raise ListenError(
            f"the certificate and its key cannot be used: {cause.strerror or cause}",
            where=f"{listening.tls_cert}, {listening.tls_key}",
            next="Give PEM files that this user may read and that belong together, the key without a password.",
        ) from cause


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as cause:
        bound.close()
        raise ListenError(
            f"cannot listen on {host}:{port}: {cause.strerror}", where=f"{host}:{port}"
        ) from cause
    bound.listen(128)
    return bound
