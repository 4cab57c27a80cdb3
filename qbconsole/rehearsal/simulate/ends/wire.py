"""HTTP without sockets: an httpx transport that hands a request to an ASGI app in this very thread.

Nothing waits and nothing is concurrent, so a run is the same whenever it is run.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One a process; our apps only need one to be there."""
    return asyncio.new_event_loop()


class Direct(httpx.BaseTransport):
    """Requests go straight to the app, as if they came from `peer`."""

    def __init__(self, app: ASGIApp, *, peer: str = "127.0.0.1") -> None:
        self._app = app
        self._peer = peer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Hand over and give back. What is raised inside goes through, our simulated deaths too."""
        said = _Said(request.read())
        _loop().run_until_complete(self._app(_scope(request, self._peer), said.receive, said.send))
        return httpx.Response(said.status, headers=said.headers, content=b"".join(said.body))


class _Said:
    """One exchange, both sides."""

    def __init__(self, body: bytes) -> None:
        self._asked = body
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []

    async def receive(self) -> Message:
        """The whole body at once."""
        return {"type": "http.request", "body": self._asked, "more_body": False}

    async def send(self, message: Message) -> None:
        """Note what the app says."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body.append(message.get("body", b""))


def _scope(request: httpx.Request, peer: str) -> Scope:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path,
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": (peer, 50000),
        "server": (url.host, url.port or 80),
    }
