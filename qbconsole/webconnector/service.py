"""The Web Connector service as a plain ASGI app: POST is one SOAP call, GET the WSDL or a short text.

Bodies are parsed while they arrive (`soap.EnvelopeReader`) and never held twice; a size cap, a time limit and a
common budget bound what strangers can make us hold. Calls run on the event loop, one after the other, so a
Conversation needs no locks; with an `executor`, answers above `executor_from` characters run there instead.
Never: a traceback in an answer, a byte before the XML, a password in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from qbconsole.errors import SoapUnreadable
from qbconsole.webconnector import reply
from qbconsole.webconnector.calls import EightCalls, Versions
from qbconsole.webconnector.conversation import Conversation
from qbconsole.webconnector.session import new_ticket
from qbconsole.webconnector.soap import EnvelopeReader, SoapCall
from qbconsole.webconnector.wsdl import wsdl

MIB = 1024 * 1024
_XML = b"text/xml; charset=utf-8"
_XML_12 = b"application/soap+xml; charset=utf-8"
_TEXT = b"text/plain; charset=utf-8"
#: What a browser form or script can send to a loopback port without asking first is not among them.
_BODY_TYPES = frozenset({b"", b"text/xml", b"application/xml", b"application/soap+xml"})
_TOO_LARGE = "The body is larger than this service takes."
_GREETING = b"qbconsole listens here for the QuickBooks Web Connector.\n"


def soap_app(
    conversation: Conversation,
    *,
    url: str,
    limit_bytes: int = 64 * MIB,
    budget_bytes: int = 256 * MIB,
    body_seconds: float = 300.0,
    client_minimum: str = "",
    server: str = "qbconsole",
    executor: Executor | None = None,
    executor_from: int = MIB,
    log: FilteringBoundLogger | None = None,
    versions: Versions | None = None,
    tickets: Callable[[], str] = new_ticket,
) -> ASGIApp:
    """Return the service for one Conversation, reached by clients at `url`.

    `limit_bytes` bounds one body, `budget_bytes` all bodies being read at once, `body_seconds` the time one
    may take; `client_minimum` is the oldest Web Connector let in, as dotted numbers. `versions` is what several
    workers remember together; `tickets` makes the ticket of a login that could not be looked at.
    """
    chosen: FilteringBoundLogger = log if log is not None else structlog.get_logger("qbconsole.webconnector")
    return _Service(
        EightCalls(
            conversation,
            server=server,
            client_minimum=client_minimum,
            log=chosen,
            versions=versions,
            tickets=tickets,
        ),
        description=wsdl(url),
        limits=(limit_bytes, budget_bytes, body_seconds),
        executor=executor,
        executor_from=executor_from,
        log=chosen,
    )


class _Service:
    """The app itself; its state is the number of body bytes being held."""

    def __init__(
        self,
        calls: EightCalls,
        *,
        description: bytes,
        limits: tuple[int, int, float],
        executor: Executor | None,
        executor_from: int,
        log: FilteringBoundLogger,
    ) -> None:
        self._calls = calls
        self._wsdl = description
        self._limit, self._budget, self._seconds = limits
        self._executor = executor
        self._executor_from = executor_from
        self._log = log
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request, or the server's own start and stop."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1003})
        elif scope["method"] == "POST":
            await self._post(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            asked = any(part.startswith(b"wsdl") for part in scope["query_string"].lower().split(b"&"))
            body, kind = (self._wsdl, _XML) if asked else (_GREETING, _TEXT)
            await _respond(send, 200, body, kind, bodiless=scope["method"] == "HEAD")
        else:
            await _respond(
                send,
                405,
                b"This service takes GET and POST.\n",
                _TEXT,
                extra=[(b"allow", b"GET, HEAD, POST")],
            )

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer = scope["client"][0] if scope.get("client") else ""
        soap12 = False
        try:
            call = await self._read(scope, receive)
            soap12 = call.soap12
            value = await self._value(call, peer)
        except ClientDisconnect:
            return  # nothing was asked in full, so nothing was done
        except SoapUnreadable as fault:
            self._log.warning("soap_refused", what=fault.what, where=fault.where, peer=peer)
            body = reply.fault(fault.what, theirs=True, soap12=soap12)
            await _respond(send, 500, body, _XML_12 if soap12 else _XML, extra=[(b"connection", b"close")])
            return
        await _respond(
            send, 200, reply.result(call.method, value, soap12=soap12), _XML_12 if soap12 else _XML
        )

    async def _value(self, call: SoapCall, peer: str) -> reply.Value:
        if self._executor is None or call.length("response") < self._executor_from:
            return self._calls.value(call, peer)
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._calls.value, call, peer)

    async def _read(self, scope: Scope, receive: Receive) -> SoapCall:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        refused = _unwelcome(headers, self._limit)
        if refused is not None and b"expect" in headers:
            raise refused  # the client has not sent the body yet and need not
        reader = EnvelopeReader()
        try:
            async with asyncio.timeout(self._seconds):
                return await self._fed(reader, receive, refused)
        except TimeoutError as late:
            raise SoapUnreadable("The body took too long to arrive.") from late
        finally:
            reader.release()

    async def _fed(
        self, reader: EnvelopeReader, receive: Receive, refused: SoapUnreadable | None
    ) -> SoapCall:
        """Feed the body as it comes; after a refusal read on for a while and throw away what comes.

        A client still sending when the answer arrives would see a broken connection instead of the fault.
        """
        size = held = 0
        try:
            async for data in _pieces(receive):
                size += len(data)
                if refused is None:
                    held += len(data)
                    self._held += len(data)
                    refused = self._taken(reader, data, size)
                elif size > 2 * self._limit:
                    break
        finally:
            self._held -= held
        if refused is not None:
            raise refused
        return reader.finish()

    def _taken(self, reader: EnvelopeReader, data: bytes, size: int) -> SoapUnreadable | None:
        """Feed one piece; return why the body is refused, or None."""
        if size > self._limit:
            return SoapUnreadable(_TOO_LARGE)
        if self._held > self._budget:
            return SoapUnreadable("Too much arrives at once; try again later.")
        try:
            reader.feed(data)
        except SoapUnreadable as fault:
            reader.release()
            return fault
        return None


def _unwelcome(headers: Mapping[bytes, bytes], limit: int) -> SoapUnreadable | None:
    """Tell from the headers alone why a body is refused, or None."""
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() not in _BODY_TYPES:
        return SoapUnreadable("The body has to be sent as text/xml.")
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        return SoapUnreadable("The body has to be sent uncompressed.")
    stated = headers.get(b"content-length", b"0")
    if stated.isdigit() and int(stated[:18]) > limit:
        return SoapUnreadable(_TOO_LARGE)
    return None


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def _respond(
    send: Send,
    status: int,
    body: bytes,
    kind: bytes,
    *,
    bodiless: bool = False,
    extra: list[tuple[bytes, bytes]] | None = None,
) -> None:
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *(extra or ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if bodiless else body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
