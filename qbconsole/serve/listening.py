"""Listening: the address, the port and its certificate, and the service's life on it from start to stop."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog
import uvicorn

from qbconsole.errors import ListenError
from qbconsole.serve.app import QBWC_PATH, app_of
from qbconsole.serve.gate import Gate, why_not
from qbconsole.serve.readiness import Readiness
from qbconsole.serve.starting import Starting
from qbconsole.serve.workers import become_worker, may_be_several
from qbconsole.webconnector.listen import allowed_address
from qbconsole.workspace import Workspace

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
    #: Syncs by schedule beside listening.
    schedules: bool = True
    #: Processes that answer on the port together; more than one needs PostgreSQL.
    workers: int = 1

    @property
    def public_url(self) -> str:
        """The AppURL."""
        if self.url:
            return self.url
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://{'localhost' if self.host == '127.0.0.1' else self.host}:{self.port}{QBWC_PATH}"


def serve(
    workspace: Workspace,
    listening: Listening,
    *,
    ready: Callable[[str], None] = lambda _url: None,
    told: Callable[[str], None] = lambda _sentence: None,
) -> None:
    """Listen until told to stop; `ready` hears our address once the port is ours, `told` what keeps us from work.

    Raises ListenError before the first call, StoreBroken or MappingInvalid where the workspace cannot be served.
    """
    host = allowed_address(
        listening.host,
        tls_cert=listening.tls_cert,
        tls_key=listening.tls_key,
        behind_proxy=listening.behind_proxy,
    )
    if listening.workers > 1:
        may_be_several(workspace)
    gate = Gate(readiness=Readiness(), may_begin=lambda: why_not(workspace))
    starting = Starting(workspace=workspace, gate=gate, told=told, schedules=listening.schedules)
    bound = _port(starting, host, listening.port)
    if listening.workers > 1:
        ready(listening.public_url)
        workspace.close()  # what is open cannot be shared with a fork
        if not become_worker(listening.workers, told):
            bound.close()
            return
    config = uvicorn.Config(
        app_of(workspace, gate, url=listening.public_url),
        log_config=None,
        access_log=False,
        proxy_headers=listening.behind_proxy,
        ssl_certfile=listening.tls_cert or None,
        ssl_keyfile=listening.tls_key or None,
        timeout_keep_alive=75,
    )
    _load(config, bound, listening)
    _LOG.info("listening", url=listening.public_url)
    if listening.workers == 1:
        ready(listening.public_url)
    _run(uvicorn.Server(config), bound, starting)


def _run(server: uvicorn.Server, bound: socket.socket, starting: Starting) -> None:
    """Answer calls while another thread gets ready; what it cannot mend ends the service."""

    def stop() -> None:
        server.should_exit = True

    getting_ready = threading.Thread(target=starting.run, args=(stop,), name="starting", daemon=True)
    getting_ready.start()
    try:
        server.run(sockets=[bound])
    finally:
        starting.stopping.set()
        getting_ready.join(timeout=10)
    if starting.failure is not None:
        raise starting.failure


def _port(starting: Starting, host: str, port: int) -> socket.socket:
    """Our port; where the process that serves this database has it, we wait for both."""
    try:
        return _bind(host, port)
    except ListenError as taken:
        cause = taken.__cause__
        if not isinstance(cause, OSError) or cause.errno != errno.EADDRINUSE or starting.try_alone():
            raise
        starting.stand_by()
        return _bind(host, port)


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
