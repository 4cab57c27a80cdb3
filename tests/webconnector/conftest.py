"""A small Conversation and a way to call the service without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog

from qbconsole.webconnector.conversation import Hello, Login, Opened
from qbconsole.webconnector.service import soap_app

NS = "http://developer.intuit.com/"


@dataclass
class Script:
    """Says what it is told to say and remembers what it heard; an exception in a slot is raised."""

    opened: Any = None
    documents: list[Any] = field(default_factory=list)
    percents: list[Any] = field(default_factory=list)
    failed: Any = "done"
    explained: Any = "Nothing to send."
    closed: Any = "Ready."
    heard: list[Any] = field(default_factory=list)

    def _say(self, value: Any) -> Any:
        if isinstance(value, Exception):
            raise value
        return value

    def open(self, login: Login) -> Opened:
        self.heard.append(login)
        return self._say(self.opened or Opened(ticket="ticket-1", word=""))

    def next(self, ticket: str, hello: Hello) -> str:
        self.heard.append((ticket, hello))
        return self._say(self.documents.pop(0) if self.documents else "")

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        self.heard.append((ticket, list(chunks), hresult, message))
        return self._say(self.percents.pop(0) if self.percents else 100)

    def fail(self, ticket: str, hresult: str, message: str) -> str:
        self.heard.append((ticket, hresult, message))
        return self._say(self.failed)

    def explain(self, ticket: str) -> str:
        return self._say(self.explained)

    def close(self, ticket: str) -> str:
        return self._say(self.closed)


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def exchange(
    app: Any,
    body: bytes | list[bytes] = b"",
    *,
    method: str = "POST",
    query: bytes = b"",
    headers: dict[str, str] | None = None,
    content_type: str | None = "text/xml; charset=utf-8",
    peer: str = "127.0.0.1",
) -> Reply:
    """Call an ASGI app once; a list is a chunked body."""
    pieces = body if isinstance(body, list) else [body]
    given = dict(headers or {})
    if content_type is not None:
        given["content-type"] = content_type
    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": query,
        "headers": [(k.lower().encode(), v.encode()) for k, v in given.items()],
        "client": (peer, 50000),
    }
    queue = [
        {"type": "http.request", "body": piece, "more_body": at + 1 < len(pieces)}
        for at, piece in enumerate(pieces)
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return queue.pop(0) if queue else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    if not sent:
        return Reply(0, {}, b"")
    start, *rest = sent
    return Reply(
        start["status"],
        {k.decode(): v.decode() for k, v in start["headers"]},
        b"".join(part["body"] for part in rest),
    )


def soap(method: str, /, **parameters: str) -> bytes:
    """A call as the real client writes it; values are put in as they are."""
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in parameters.items())
    return (
        '<?xml version="1.0" encoding="utf-8"?><soap:Envelope'
        ' xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{method} xmlns="{NS}">{inner}</{method}></soap:Body></soap:Envelope>'
    ).encode()


class Kit:
    """What the tests of this folder share."""

    Script = Script
    exchange = staticmethod(exchange)
    soap = staticmethod(soap)

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def app(self, script: Any, **options: Any) -> Any:
        def keep(_logger: Any, _name: str, event: Any) -> Any:
            self.lines.append(dict(event))
            raise structlog.DropEvent

        log = structlog.wrap_logger(
            None, processors=[keep], wrapper_class=structlog.make_filtering_bound_logger(0)
        )
        return soap_app(script, url="http://localhost:8080/qbwc", log=log, **options)

    def call(self, app: Any, method: str, /, **parameters: str) -> Reply:
        return exchange(app, soap(method, **parameters))


@pytest.fixture
def kit() -> Kit:
    return Kit()
