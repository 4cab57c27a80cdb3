"""SOAP bodies: a valid reply or a fault, well-formed, without a trace of our insides."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any
from xml.etree import ElementTree

from fuzz.door import Door
from qbconsole.sandbox.connector import wire
from qbconsole.webconnector.conversation import Hello, Login, Opened
from qbconsole.webconnector.service import soap_app


class _Silent:
    """A conversation that answers everything and remembers nothing."""

    def open(self, login: Login) -> Opened:
        return Opened(ticket="t", word="none")

    def next(self, ticket: str, hello: Hello) -> str:
        return ""

    def answer(self, ticket: str, chunks: Any, hresult: str, message: str) -> int:
        return sum(len(piece) for piece in chunks) and 50

    def fail(self, ticket: str, hresult: str, message: str) -> str:
        return "done"

    def explain(self, ticket: str) -> str:
        return "nothing"

    def close(self, ticket: str) -> str:
        return "OK"


_CALLS = (
    ("authenticate", (("strUserName", "oak"), ("strPassword", "x"))),
    ("sendRequestXML", (("ticket", "t"), ("strHCPResponse", "<QBXML/>"), ("qbXMLMajorVers", "16"))),
    (
        "receiveResponseXML",
        (("ticket", "t"), ("response", "<QBXML>&amp;</QBXML>"), ("hresult", ""), ("message", "")),
    ),
    ("closeConnection", (("ticket", "t"),)),
)


def tries(body: bytes) -> None:
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", b"text/xml")],
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(_soap()(scope, receive, send))
    answer = b"".join(message.get("body", b"") for message in told)
    assert told[0]["status"] in (200, 500)
    assert (told[0]["status"] == 500) == (b"Fault>" in answer)
    assert b"Traceback" not in answer
    ElementTree.fromstring(answer)


@cache
def _soap() -> Any:
    return soap_app(_Silent(), url="http://localhost/qbwc")


def door() -> Door:
    return Door(examples=tuple(wire.envelope(*call) for call in _CALLS), tries=tries)
