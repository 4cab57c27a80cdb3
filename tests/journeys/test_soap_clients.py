"""Three clients we did not write for the service, or wrote apart from it, run whole sessions over real HTTP."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from qbwc_kit.testing import FakeQuickBooks, FakeWebConnector

from qbconsole.sandbox.connector import Connector, Ending
from qbconsole.webconnector.conversation import Hello, Login, Opened
from qbconsole.webconnector.passwords import generate, hash_password, verify
from qbconsole.webconnector.service import soap_app
from qbconsole.webconnector.session import Call, Stage, follow, new_ticket

PASSWORD = generate()
HASH = hash_password(PASSWORD)
NAMES = ["Tea & Sons", "<Oak>", 'Ember "Q"', "Zoë 日本", "a &amp; b"]


def add(name: str) -> str:
    text = name.replace("&", "&amp;").replace("<", "&lt;")
    return (
        '<?xml version="1.0" encoding="utf-8"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">'
        f'<CustomerAddRq requestID="1"><CustomerAdd><Name>{text}</Name></CustomerAdd></CustomerAddRq>'
        "</QBXMLMsgsRq></QBXML>"
    )


@dataclass
class Desk:
    """Sends one customer a document and keeps what comes back."""

    waiting: list[str] = field(default_factory=lambda: [add(name) for name in NAMES])
    answers: list[str] = field(default_factory=list)
    hellos: list[Hello] = field(default_factory=list)
    walked: list[Stage | None] = field(default_factory=lambda: [Stage.OPEN])
    stage: Stage = Stage.OPEN
    ticket: str = ""

    def _walk(self, call: Call) -> None:
        after = follow(self.stage, call)
        self.walked.append(after)
        self.stage = after or self.stage

    def open(self, login: Login) -> Opened:
        if not verify(login.password, HASH if login.user == "oak" else None):
            return Opened(ticket="", word="nvu")
        self.ticket, self.stage = new_ticket(), Stage.OPEN
        return Opened(ticket=self.ticket, word="" if self.waiting else "none")

    def next(self, ticket: str, hello: Hello) -> str:
        assert ticket == self.ticket
        self._walk(Call.SEND)
        self.hellos.append(hello)
        return self.waiting[0] if self.waiting else ""

    def answer(self, ticket: str, chunks: Iterable[bytes | str], hresult: str, message: str) -> int:
        assert ticket == self.ticket
        self._walk(Call.RECEIVE)
        self.answers.append("".join(str(chunk) for chunk in chunks))
        del self.waiting[0]
        done = len(NAMES) - len(self.waiting)
        return 100 if not self.waiting else min(99, done * 100 // len(NAMES))

    def fail(self, ticket: str, hresult: str, message: str) -> str:
        self._walk(Call.CONNECTION_ERROR)
        return "done"

    def explain(self, ticket: str) -> str:
        self._walk(Call.LAST_ERROR)
        return "Nothing to send."

    def close(self, ticket: str) -> str:
        self._walk(Call.CLOSE)
        return "All is in QuickBooks."


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    """Serve the desk on a free port of this machine, in a thread, as `serve` will."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/qbwc"
        app: Any = soap_app(desk, url=address, limit_bytes=1_000_000)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join(60)
    assert not thread.is_alive()


@dataclass
class Said:
    response: str
    hresult: str = ""
    message: str = ""


class Books:
    """qbwc-kit's imitation of QuickBooks behind our client's doors."""

    def __init__(self) -> None:
        self.fake = FakeQuickBooks()

    def process(self, text: str) -> Said:
        return Said(self.fake(text))

    def hello(self) -> str:
        return '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><HostQueryRs requestID="0"/></QBXMLMsgsRs></QBXML>'

    def reopen(self) -> None:
        pass


def customers(fake: FakeQuickBooks) -> list[str]:
    return [record["Name"] for record in fake.entities.get("Customer", [])]


def test_zeep_reads_our_wsdl_and_runs_a_session(desk: Desk, url: str) -> None:
    from zeep import Client

    client = Client(f"{url}?wsdl")
    service, books = client.service, FakeQuickBooks()
    try:
        assert service.serverVersion() == "qbconsole"
        assert not service.clientVersion("2.3.0.215")
        assert service.authenticate("oak", "wrong")[1] == "nvu"
        ticket, word = service.authenticate(strUserName="oak", strPassword=PASSWORD)
        assert not word
        percent = 0
        while percent < 100:
            document = service.sendRequestXML(ticket, "", r"C:\a.qbw", "US", 13, 0)
            percent = service.receiveResponseXML(ticket, books(document), "", "")
            assert isinstance(percent, int)
        assert service.getLastError(ticket) == "Nothing to send."
        assert service.connectionError(ticket, "0x80040408", "no") == "done"
        assert service.closeConnection(ticket) == "All is in QuickBooks."
    finally:
        client.transport.session.close()
    assert customers(books) == NAMES
    assert len(desk.answers) == len(NAMES)
    operations = client.wsdl.services["QBWebConnectorSvc"].ports["QBWebConnectorSvcSoap"].binding._operations
    assert len(operations) == 8


def test_qbwc_kits_connector_runs_a_session(desk: Desk, url: str) -> None:
    books = FakeQuickBooks()
    with httpx.Client(trust_env=False) as http:

        def transport(body: str) -> str:
            answer = http.post(
                url, content=body.encode(), headers={"content-type": "text/xml; charset=utf-8"}
            )
            return answer.raise_for_status().text

        fake = FakeWebConnector(transport, username="oak", password=PASSWORD)
        update = fake.run_update(books)
        assert fake.server_version() == "qbconsole"
        assert fake.run_update(books).last_error == "none"
        fake.password = "wrong"
        assert fake.run_update(books).last_error == "nvu"
    assert update.authenticated
    assert update.progress == [20, 40, 60, 80, 100]
    assert update.close_message == "All is in QuickBooks."
    assert customers(books) == NAMES


def test_our_own_connector_runs_a_session(desk: Desk, url: str) -> None:
    books = Books()
    connector = Connector(url, "oak", PASSWORD, books)
    connector.visit()
    heard = connector.run_update()
    assert (heard.ending, heard.progress, heard.final) == (
        Ending.DONE,
        (20, 40, 60, 80, 100),
        "All is in QuickBooks.",
    )
    assert customers(books.fake) == NAMES
    assert desk.answers == list(heard.answers)
    assert [bool(hello.hcp) for hello in desk.hellos] == [True, False, False, False, False]
    assert None not in desk.walked
    assert connector.run_update().ending is Ending.NOTHING
    assert Connector(url, "nobody", PASSWORD, books).run_update().ending is Ending.REFUSED


def flood(megabytes: int) -> Iterator[bytes]:
    yield b"<s:Envelope xmlns:s='x'><s:Body><receiveResponseXML><response>"
    for _ in range(megabytes * 16):
        yield b"y" * 65_536


def test_a_chunked_body_over_the_cap_gets_the_fault(url: str) -> None:
    with httpx.Client(trust_env=False) as http:
        answer = http.post(url, content=flood(1), headers={"content-type": "text/xml"})
    assert (answer.status_code, b"larger" in answer.content) == (500, True)


def test_a_stated_length_over_the_cap_gets_the_fault_before_the_body_is_sent(url: str) -> None:
    host = httpx.URL(url)
    with socket.create_connection((host.host, host.port or 80), timeout=60) as wire:
        wire.sendall(
            b"POST /qbwc HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
            b"Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n"
        )
        assert wire.recv(4096).startswith(b"HTTP/1.1 500")


def test_the_service_outlives_a_flood(url: str) -> None:
    with httpx.Client(trust_env=False) as http:
        with contextlib.suppress(httpx.TransportError):  # closed on us while we were still sending
            http.post(url, content=flood(32), headers={"content-type": "text/xml"})
        assert http.get(url).status_code == 200
