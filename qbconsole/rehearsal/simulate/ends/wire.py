"""HTTP without sockets: requests are handed to an ASGI app in this very thread.

Nothing waits and nothing is concurrent, so a run is the same whenever it is run. What an HTTP library and an event
loop do for real sockets took more time than the services behind them: here is only what both sides use of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

import httpx
import msgspec

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request."""

    url: str
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes = field(repr=False, default=b"")
    method: str = "POST"


@dataclass(slots=True, kw_only=True)
class Said:
    """Its answer, with what our clients read of an `httpx.Response`."""

    status_code: int
    #: Names in lower case.
    headers: dict[str, str]
    content: bytes = field(repr=False)

    def iter_bytes(self, size: int) -> Iterator[bytes]:
        """The body in pieces."""
        for at in range(0, len(self.content), size):
            yield self.content[at : at + size]


class Near:
    """What our clients use of an `httpx.Client`; `carry` takes each request to the other end and brings the answer."""

    def __init__(self, base_url: str, headers: Mapping[str, str], carry: Callable[[Asked], Said]) -> None:
        self.base_url = httpx.URL(base_url)
        self._base = base_url
        self._headers = dict(headers)
        self._carry = carry

    def post(
        self, url: str, *, headers: Mapping[str, str], content: bytes | None = None, json: object = None
    ) -> Said:
        """Send a body."""
        given = {name.lower(): value for name, value in headers.items()}
        if content is None:
            content = msgspec.json.encode(json)
            given["content-type"] = "application/json"
        whole = url if "://" in url else self._base + url
        return self._carry(Asked(url=whole, headers=self._headers | given, body=content))

    @contextmanager
    def stream(self, method: str, url: str) -> Iterator[Said]:
        """Fetch a file."""
        yield self._carry(Asked(url=url, headers=self._headers, method=method))

    def close(self) -> None:
        """Nothing is open."""


def direct(app: ASGIApp, asked: Asked, *, peer: str = "127.0.0.1") -> Said:
    """Hand a request to an app as if it came from `peer`. What is raised inside goes through, our simulated deaths too."""
    said = _Exchange(asked.body)
    _loop().run_until_complete(app(_scope(asked, peer), said.receive, said.send))
    return Said(status_code=said.status, headers=said.headers, content=b"".join(said.body))


class _Exchange:
    """One exchange, both sides."""

    def __init__(self, body: bytes) -> None:
        self._asked = body
        self.status = 500
        self.headers: dict[str, str] = {}
        self.body: list[bytes] = []

    async def receive(self) -> Message:
        """The whole body at once."""
        return {"type": "http.request", "body": self._asked, "more_body": False}

    async def send(self, message: Message) -> None:
        """Note what the app says."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            self.body.append(message.get("body", b""))


def _scope(asked: Asked, peer: str) -> Scope:
    headers = [(name.encode(), value.encode()) for name, value in asked.headers.items()]
    headers.append((b"content-length", b"%d" % len(asked.body)))
    return {
        **_place(asked.url),
        "method": asked.method,
        "headers": [*headers, *_place(asked.url)["headers"]],
        "client": (peer, 50000),
    }


@lru_cache(maxsize=256)
def _place(url: str) -> dict[str, Any]:
    """What an address says of a scope."""
    read = httpx.URL(url)
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": read.scheme,
        "path": read.path,
        "raw_path": read.raw_path,
        "query_string": read.query,
        "root_path": "",
        "headers": [(b"host", read.netloc)],
        "server": (read.host, read.port or 80),
    }


@cache
def _loop() -> _Loop:
    """One a process."""
    return _Loop()


class _Loop:
    """As much of an event loop as apps need that never wait: tasks go on at once, deadlines never come."""

    def __init__(self) -> None:
        self._ready: deque[asyncio.Handle] = deque()

    def run_until_complete(self, future: Any) -> Any:
        """Run a coroutine to its end. Raises what it raises, and RuntimeError where it waits for something."""
        loop = cast("asyncio.AbstractEventLoop", self)
        asyncio._set_running_loop(loop)
        try:
            task = asyncio.Task(future, loop=loop)
            while self._ready:
                self._ready.popleft()._run()
        finally:
            asyncio._set_running_loop(None)
        if not task.done():
            raise RuntimeError("an app waits, and here is nothing to wait for")
        return task.result()

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run a callback next."""
        handle = asyncio.Handle(callback, args, cast("asyncio.AbstractEventLoop", self), context)
        self._ready.append(handle)
        return handle

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Never: no time passes while an app works."""
        return asyncio.TimerHandle(when, callback, args, cast("asyncio.AbstractEventLoop", self), context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It was never waited for."""

    def time(self) -> float:
        """It stands still."""
        return 0.0

    def get_debug(self) -> bool:
        """Off."""
        return False

    def is_closed(self) -> bool:
        """It stays open as long as the process."""
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """What nobody heard of is told by whoever asks for the result."""
