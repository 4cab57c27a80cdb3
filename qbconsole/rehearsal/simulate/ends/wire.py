"""HTTP without sockets: requests are handed to an ASGI app in this very thread.

Nothing waits and nothing is concurrent, so a run is the same whenever it is run. What an HTTP library and an event
loop do for real sockets took more time than the services behind them: here is only what both sides use of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

import httpx
import msgspec

from qbconsole.value import Value

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope


class Asked(Value):
    """One request."""

    url: str
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes = b""
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
        given = {_lower(name): value for name, value in headers.items()}
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
    _loop().run_until_complete(
        cast("Coroutine[Any, Any, Any]", app(_scope(asked, peer), said.receive, said.send))
    )
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
            self.headers = {_name(name): value.decode() for name, value in message["headers"]}
        else:
            self.body.append(message.get("body", b""))


def _scope(asked: Asked, peer: str) -> Scope:
    place = _place(asked.url)
    headers = [_raw(pair) for pair in asked.headers.items()]
    headers.append((b"content-length", b"%d" % len(asked.body)))
    headers += place["headers"]
    return {**place, "method": asked.method, "headers": headers, "client": (peer, 50000)}


_lower = lru_cache(maxsize=256)(str.lower)


@lru_cache(maxsize=256)
def _name(raw: bytes) -> str:
    """A header's name in lower case."""
    return raw.decode().lower()


@lru_cache(maxsize=256)
def _raw(pair: tuple[str, str]) -> tuple[bytes, bytes]:
    """A header as it travels; most are those of the request before."""
    return pair[0].encode(), pair[1].encode()


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


class _Running:
    """Stands where a task would: deadlines ask it only whether somebody called the request off."""

    def cancelling(self) -> int:
        """Nobody does."""
        return 0


class _Loop:
    """As much of an event loop as apps need that never wait: they run to their end at once, deadlines never come."""

    def __init__(self) -> None:
        self._running = cast("asyncio.Task[Any]", _Running())

    def run_until_complete(self, app: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end. Raises what it raises, and RuntimeError where it waits for something."""
        loop = cast("asyncio.AbstractEventLoop", self)
        asyncio._set_running_loop(loop)
        asyncio._enter_task(loop, self._running)
        try:
            context = copy_context()
            while context.run(app.send, None) is None:
                pass  # it lets others go first, of which there are none
        except StopIteration as ended:
            return ended.value
        finally:
            asyncio._leave_task(loop, self._running)
            asyncio._set_running_loop(None)
        app.close()
        raise RuntimeError("an app waits, and here is nothing to wait for")

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
