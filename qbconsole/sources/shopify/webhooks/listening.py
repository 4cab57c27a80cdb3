"""The webhook service as a plain ASGI app: POST /webhooks/<merchant> is one delivery.

It bounds size, time and what may be held at once, hands the raw bytes on, and answers with a status alone: 200 kept,
400 not to be understood, 401 not signed by us, 503 not now. Shopify wants an answer within five seconds and sends again
what was not answered with 200 (reference/shopify-api.md section 11).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/webhooks/"
#: A delivery of an order with hundreds of lines is below one.
BODY_MOST = 4 * 1024 * 1024
_HELD_MOST = 8 * BODY_MOST
_BODY_SECONDS = 4.0
KEPT, UNREADABLE, UNSIGNED, LATER = 200, 400, 401, 503
#: (merchant, headers by their names in lower case, raw body) -> one of the four.
Take = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
_LOG = structlog.get_logger("qbconsole.webhooks")


class _TooMuch(Exception):
    """A body beyond what is taken; the status says whose fault it is."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def webhook_app(take: Take) -> ASGIApp:
    """The service; `take` keeps one delivery."""
    return _Service(take)


class _Service:
    """The app; its state is the number of body bytes being held."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["method"] != "POST":
            await _answer(send, 405, [(b"allow", b"POST")])
            return
        merchant = scope["path"].removeprefix(PATH).rstrip("/")
        try:
            status = await self._delivery(scope, receive, merchant)
        except ClientDisconnect:
            return  # nothing was kept, so it comes again
        if status != KEPT:
            _LOG.warning("webhook_refused", status=status, merchant=merchant[:60])
        await _answer(send, status, [(b"retry-after", b"60")] if status == LATER else [])

    async def _delivery(self, scope: Scope, receive: Receive, merchant: str) -> int:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        stated = headers.get("content-length", "0")
        if not stated.isdigit() or int(stated[:18]) > BODY_MOST:
            return UNREADABLE
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await self._read(receive)
        except TimeoutError:
            return UNREADABLE
        except _TooMuch as refused:
            return refused.status
        return await self._take(merchant, headers, body)

    async def _read(self, receive: Receive) -> bytes:
        pieces: list[bytes] = []
        size, more = 0, True
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                piece = message.get("body", b"")
                size += len(piece)
                self._held += len(piece)
                if size > BODY_MOST:
                    raise _TooMuch(UNREADABLE)
                if self._held > _HELD_MOST:
                    raise _TooMuch(LATER)
                pieces.append(piece)
                more = message.get("more_body", False)
        finally:
            self._held -= size
        return b"".join(pieces)


async def _answer(send: Send, status: int, extra: list[tuple[bytes, bytes]]) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store"), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
