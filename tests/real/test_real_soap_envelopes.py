"""Envelopes that real Web Connectors sent are answered, and their text arrives as QuickBooks wrote it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from qbconsole.webconnector.conversation import Hello, Login, Opened
from qbconsole.webconnector.service import soap_app

SAMPLES = Path(__file__).parents[2] / "../shared/samples/qbwc"
CAPTURED = sorted(path.name for path in SAMPLES.glob("*.xml") if b"Envelope" in path.read_bytes()) or [
    "(absent)"
]
NS = "http://developer.intuit.com/"


class Listener:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.hello: Hello | None = None
        self.ticket = self.text = self.hresult = self.message = ""

    def open(self, login: Login) -> Opened:
        return Opened(ticket="t", word="")

    def next(self, ticket: str, hello: Hello) -> str:
        self.ticket, self.hello = ticket, hello
        return "<QBXML/>"

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        self.ticket, self.hresult, self.message = ticket, hresult, message
        self.text = "".join(str(chunk) for chunk in chunks)
        return 50

    def fail(self, ticket: str, hresult: str, message: str) -> str:
        return "done"

    def explain(self, ticket: str) -> str:
        return "nothing"

    def close(self, ticket: str) -> str:
        return "bye"


def captured(name: str) -> bytes:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the captured envelopes of ../shared/samples/qbwc are absent")
    return path.read_bytes()


def post(listener: Listener, body: bytes) -> httpx.Response:
    async def call() -> httpx.Response:
        transport: Any = httpx.ASGITransport(app=soap_app(listener, url="http://localhost/qbwc"))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            return await http.post("/qbwc", content=body, headers={"content-type": "text/xml"})

    return asyncio.run(call())


def soap_text(body: bytes, name: str) -> str:
    return next(
        node.text or "" for node in ElementTree.fromstring(body.lstrip()).iter() if node.tag.endswith(name)
    )


@pytest.mark.parametrize("name", CAPTURED)
def test_every_captured_envelope_gets_a_well_formed_answer(name: str) -> None:
    answer = post(Listener(), captured(name))
    assert answer.status_code == 200
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "{http://schemas.xmlsoap.org/soap/envelope/}Envelope"
    assert root[0][0].tag.startswith(f"{{{NS}}}")
    assert root[0][0].tag.endswith("Response")


@pytest.mark.parametrize("name", ["flowlink_invoice_add_rs.xml", "flowlink_receive_payment_add_rs.xml"])
def test_an_answer_arrives_unescaped_once_and_is_xml_itself(name: str) -> None:
    body, listener = captured(name), Listener()
    post(listener, body)
    assert listener.text == soap_text(body, "}response")
    assert ElementTree.fromstring(listener.text.strip()).tag == "QBXML"


def test_the_hello_of_a_real_first_call_is_read_whole() -> None:
    body, listener = captured("qbwcgem_sendRequestXML_first_call.xml"), Listener()
    post(listener, body)
    assert listener.hello is not None
    assert listener.hello.hcp == soap_text(body, "}strHCPResponse")
    assert (listener.hello.company_file, listener.hello.country) == (r"c:\QuickBooks\MyFile.QBW", "US")
    assert (listener.hello.major, listener.hello.minor) == (13, 0)


def test_a_prefixed_call_is_read() -> None:
    listener = Listener()
    post(listener, captured("php_sendRequestXML_prefixed.xml"))
    assert listener.ticket == "eda2daf8-6482-11e0-aea8-0030487fb92c"
    assert listener.hello is not None
    assert (listener.hello.major, listener.hello.hcp) == (6, "")


def test_a_refused_document_comes_as_an_hresult() -> None:
    listener = Listener()
    post(listener, captured("qbwcgem_receiveResponseXML_parse_error.xml"))
    assert (listener.text, listener.hresult) == ("", "0x80040400")
    assert listener.message.startswith("QuickBooks found an error")
