"""The eight calls over ASGI: the protocol's answers, its refusals, and what the log may hold."""

from __future__ import annotations

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import pytest

from qbconsole.errors import StoreLocked
from qbconsole.webconnector.conversation import Hello, Login, Opened

NS = "http://developer.intuit.com/"
SECRETS = re.compile(r"Traceback|/work/|/home/|SELECT|File \"|site-packages|jane@example", re.IGNORECASE)


def result(answer: Any, method: str) -> str:
    assert answer.status == 200, answer.text
    found = ElementTree.fromstring(answer.body).find(f".//{{{NS}}}{method}Result")
    assert found is not None
    return found.text or ""


def sentence(answer: Any) -> str:
    assert answer.status == 500
    found = ElementTree.fromstring(answer.body).find(".//faultstring")
    assert found is not None
    assert found.text
    assert not SECRETS.search(found.text)
    return found.text


def test_a_whole_session_reaches_the_conversation_in_order(kit: Any) -> None:
    script = kit.Script(documents=["<?xml?><QBXML>a &amp; b</QBXML>"], percents=[40])
    app = kit.app(script)
    assert result(kit.call(app, "serverVersion"), "serverVersion") == "qbconsole"
    assert result(kit.call(app, "clientVersion", strVersion="2.3.0.215"), "clientVersion") == ""
    opened = kit.call(app, "authenticate", strUserName="oak", strPassword="pw")
    assert b"<string>ticket-1</string><string></string>" in opened.body
    sent = kit.call(
        app, "sendRequestXML", ticket="ticket-1", strHCPResponse="&lt;QBXML/&gt;", strCompanyFileName=r"C:\a.qbw",
        qbXMLCountry="US", qbXMLMajorVers="13", qbXMLMinorVers="0",
    )  # fmt: skip
    assert result(sent, "sendRequestXML") == "<?xml?><QBXML>a &amp; b</QBXML>"
    assert b"&amp;amp;" in sent.body
    received = kit.call(
        app, "receiveResponseXML", ticket="ticket-1", response="&lt;QBXML&gt;", hresult="", message=""
    )
    assert result(received, "receiveResponseXML") == "40"
    assert result(kit.call(app, "getLastError", ticket="ticket-1"), "getLastError") == "Nothing to send."
    assert (
        result(
            kit.call(app, "connectionError", ticket="t", hresult=" 0x80040408 ", message="m"),
            "connectionError",
        )
        == "done"
    )
    assert result(kit.call(app, "closeConnection", ticket="never seen"), "closeConnection") == "Ready."
    assert script.heard == [
        Login(user="oak", password="pw", peer="127.0.0.1", client_version="2.3.0.215"),
        ("ticket-1", Hello(hcp="<QBXML/>", company_file=r"C:\a.qbw", country="US", major=13, minor=0)),
        ("ticket-1", ["<QBXML>"], "", ""),
        ("t", "0x80040408", "m"),
    ]


def test_an_answer_is_typed_sized_and_starts_with_the_xml(kit: Any) -> None:
    answer = kit.call(kit.app(kit.Script()), "serverVersion")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.body.startswith(b"<?xml")


def test_server_version_takes_a_parameter_too(kit: Any) -> None:
    assert (
        result(kit.call(kit.app(kit.Script()), "serverVersion", strVersion="2.0"), "serverVersion")
        == "qbconsole"
    )


@pytest.mark.parametrize(
    ("version", "begins"),
    [("2.1.0.30", ""), ("2.1", "E:"), ("2.1.1", ""), ("2.1.0.29", "E:"), ("2.0.9", "E:"), ("10.0", ""), ("nurelmremote", ""), ("", ""),
     ("9" * 400, ""), ("2..1", ""), ("-1", ""), ("2.1.0.30 beta", "")],
)  # fmt: skip
def test_an_old_client_is_stopped_and_never_asked_by_dialog(kit: Any, version: str, begins: str) -> None:
    said = result(
        kit.call(kit.app(kit.Script(), client_minimum="2.1.0.30"), "clientVersion", strVersion=version),
        "clientVersion",
    )
    assert said[:2] == begins


@pytest.mark.parametrize("word", ["nvu", "NONE", "Busy"])
def test_the_words_of_authenticate_leave_in_lower_case(kit: Any, word: str) -> None:
    app = kit.app(kit.Script(opened=Opened(ticket="", word=word)))
    answer = kit.call(app, "authenticate", strUserName="u", strPassword="p")
    assert f"<string></string><string>{word.lower()}</string></authenticateResult>".encode() in answer.body


def test_a_company_file_and_a_delay_are_passed_on(kit: Any) -> None:
    app = kit.app(kit.Script(opened=Opened(ticket="T", word=r"C:\Oak & Ember.QBW", wait_seconds=60)))
    answer = kit.call(app, "authenticate", strUserName="u", strPassword="p")
    assert rb"<string>T</string><string>C:\Oak &amp; Ember.QBW</string><string>60</string>" in answer.body


@pytest.mark.parametrize(
    ("said", "sent"), [(0, "0"), (99, "99"), (100, "100"), (140, "100"), (-1, "-1"), (-7, "-1")]
)
def test_the_percentage_is_an_integer_within_bounds(kit: Any, said: int, sent: str) -> None:
    answer = kit.call(kit.app(kit.Script(percents=[said])), "receiveResponseXML", ticket="t")
    assert result(answer, "receiveResponseXML") == sent


FAILURES = [
    StoreLocked("/home/oak/state.db is locked for jane@example.com", where="/home/oak"),
    sqlite3.OperationalError("SELECT * FROM orders: disk I/O error"),
    KeyError("jane@example.com"),
    RuntimeError('File "/work/main/x.py"'),
]


@pytest.mark.parametrize("fault", FAILURES, ids=lambda fault: type(fault).__name__)
def test_a_failing_conversation_gives_the_protocols_own_refusal(kit: Any, fault: Exception) -> None:
    script = kit.Script(
        opened=fault, documents=[fault], percents=[fault], failed=fault, explained=fault, closed=fault
    )
    app = kit.app(script)
    opened = kit.call(app, "authenticate", strUserName="u", strPassword="p")
    assert re.search(rb"<string>[0-9a-f-]{36}</string><string>busy</string>", opened.body)
    assert result(kit.call(app, "sendRequestXML", ticket="t"), "sendRequestXML") == ""
    told = result(kit.call(app, "getLastError", ticket="t"), "getLastError")
    assert told.startswith("qbconsole could not go on (")
    assert result(kit.call(app, "receiveResponseXML", ticket="r"), "receiveResponseXML") == "-1"
    assert result(kit.call(app, "getLastError", ticket="r"), "getLastError") == told
    assert (
        result(kit.call(app, "getLastError", ticket="other"), "getLastError")
        == "qbconsole has nothing to add."
    )
    assert result(kit.call(app, "connectionError", ticket="t"), "connectionError") == "done"
    assert result(kit.call(app, "closeConnection", ticket="t"), "closeConnection") == "Closed."
    assert not SECRETS.search(told)
    failures = [line for line in kit.lines if line["event"] == "call_failed"]
    assert [line["call"] for line in failures] == [
        "authenticate", "sendRequestXML", "receiveResponseXML", "getLastError", "connectionError", "closeConnection",
    ]  # fmt: skip
    assert all(line["error"] == type(fault).__name__ and line["places"] for line in failures)


def test_after_a_call_that_worked_the_conversation_explains_again(kit: Any) -> None:
    app = kit.app(kit.Script(documents=[StoreLocked("locked"), ""]))
    kit.call(app, "sendRequestXML", ticket="t")
    assert "store_locked" in result(kit.call(app, "getLastError", ticket="t"), "getLastError")
    kit.call(app, "sendRequestXML", ticket="t")
    assert result(kit.call(app, "getLastError", ticket="t"), "getLastError") == "Nothing to send."


def test_neither_password_nor_ticket_nor_parameters_reach_the_log(kit: Any) -> None:
    fault = RuntimeError("login with hunter2-canary refused", {"parameter": "canary-2"})
    app = kit.app(kit.Script(opened=fault, documents=[fault]))
    kit.call(app, "authenticate", strUserName="oak", strPassword="hunter2-canary")
    kit.call(app, "sendRequestXML", ticket="ticket-canary", strHCPResponse="hcp-canary")
    kit.exchange(app, b"hunter2-canary")
    text = repr([line for line in kit.lines if line.get("call") != "sendRequestXML"])
    assert "hunter2-canary" not in text
    assert "[password]" in text
    assert not re.search("canary-2|ticket-canary|hcp-canary", repr(kit.lines))
    assert len(kit.lines) == 3


def test_a_login_is_logged_with_its_outcome_only(kit: Any) -> None:
    app = kit.app(kit.Script(opened=Opened(ticket="T", word=r"C:\private\a.qbw")))
    kit.call(app, "authenticate", strUserName="oak\x85\u202e", strPassword="p")
    assert kit.lines == [{"event": "login", "user": "oak\ufffd\ufffd", "peer": "127.0.0.1", "word": "opened"}]


def test_what_the_client_shows_is_one_short_harmless_line(kit: Any) -> None:
    app = kit.app(kit.Script(explained="a\nb\x1b[31m\x00\ufffe" + "x" * 900, closed="  Done.\r\n"))
    shown = result(kit.call(app, "getLastError", ticket="t"), "getLastError")
    assert shown.startswith("a b␛[31m␀")
    assert len(shown) <= 200
    assert result(kit.call(app, "closeConnection", ticket="t"), "closeConnection") == "Done."


def test_a_word_for_the_client_passes_unchanged(kit: Any) -> None:
    assert (
        result(kit.call(kit.app(kit.Script(explained="NoOp")), "getLastError", ticket="t"), "getLastError")
        == "NoOp"
    )


def test_a_document_that_xml_cannot_carry_is_not_sent(kit: Any) -> None:
    app = kit.app(kit.Script(documents=["<QBXML>\x0b</QBXML>", "<QBXML>\ud800</QBXML>"]))
    for _ in range(2):
        assert result(kit.call(app, "sendRequestXML", ticket="t"), "sendRequestXML") == ""
    assert "web_connector" in result(kit.call(app, "getLastError", ticket="t"), "getLastError")


def test_unknown_calls_and_bad_bodies_are_faults(kit: Any) -> None:
    app = kit.app(kit.Script())
    assert sentence(kit.call(app, "dropTables")) == "This service has no call of that name."
    for body in (b"", b"<", b"\x00\x01", b"<!DOCTYPE a><a/>", kit.soap("serverVersion")[:-9]):
        sentence(kit.exchange(app, body))


def test_a_fault_is_never_followed_by_a_call_on_the_same_connection(kit: Any) -> None:
    assert kit.exchange(kit.app(kit.Script()), b"<").headers["connection"] == "close"


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ],
)
def test_what_a_web_page_can_post_unasked_is_refused(kit: Any, kind: str) -> None:
    script = kit.Script()
    answer = kit.exchange(kit.app(script), kit.soap("authenticate"), content_type=kind)
    assert "text/xml" in sentence(answer)
    assert script.heard == []


@pytest.mark.parametrize(
    "kind", [None, "text/xml", "TEXT/XML;charset=UTF-8", "application/soap+xml; action=x", "application/xml"]
)
def test_content_types_of_soap_are_taken_with_or_without_an_action(kit: Any, kind: str | None) -> None:
    answer = kit.exchange(kit.app(kit.Script()), kit.soap("serverVersion"), content_type=kind)
    assert result(answer, "serverVersion") == "qbconsole"


def test_the_action_header_is_only_a_hint(kit: Any) -> None:
    answer = kit.exchange(
        kit.app(kit.Script()), kit.soap("serverVersion"), headers={"SOAPAction": '"x/closeConnection"'}
    )
    assert result(answer, "serverVersion") == "qbconsole"


def test_a_soap_12_envelope_is_answered_in_kind(kit: Any) -> None:
    app = kit.app(kit.Script())
    for method, status in (("serverVersion", 200), ("nothing", 500)):
        body = kit.soap(method).replace(
            b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"
        )
        answer = kit.exchange(app, body, content_type="application/soap+xml")
        assert answer.status == status
        assert ElementTree.fromstring(answer.body).tag == "{http://www.w3.org/2003/05/soap-envelope}Envelope"
        assert answer.headers["content-type"].startswith("application/soap+xml")


def test_a_compressed_body_is_refused(kit: Any) -> None:
    answer = kit.exchange(
        kit.app(kit.Script()), kit.soap("serverVersion"), headers={"Content-Encoding": "gzip"}
    )
    assert "uncompressed" in sentence(answer)


def test_a_body_over_the_cap_is_refused_stated_or_chunked(kit: Any) -> None:
    script = kit.Script()
    app = kit.app(script, limit_bytes=10_000)
    assert "larger" in sentence(kit.exchange(app, b"x", headers={"Content-Length": "10001"}))
    assert "larger" in sentence(kit.exchange(app, b"x", headers={"Content-Length": "9" * 5000}))
    chunked = [
        kit.soap("receiveResponseXML", response="y" * 20_000)[at : at + 1000] for at in range(0, 20_000, 1000)
    ]
    assert "larger" in sentence(kit.exchange(app, chunked))
    assert script.heard == []
    assert result(kit.call(app, "serverVersion"), "serverVersion") == "qbconsole"


def test_all_bodies_together_are_bounded_and_freed(kit: Any) -> None:
    app = kit.app(kit.Script(), limit_bytes=50_000, budget_bytes=20_000)
    assert "at once" in sentence(kit.call(app, "receiveResponseXML", response="y" * 30_000))
    assert result(kit.call(app, "serverVersion"), "serverVersion") == "qbconsole"


def test_a_body_that_never_ends_is_given_up(kit: Any) -> None:
    import asyncio

    app, sent = kit.app(kit.Script(), body_seconds=0.01), []

    async def never() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [],
        "client": None,
    }
    asyncio.run(app(scope, never, send))
    assert b"took too long" in sent[1]["body"]


def test_a_client_that_left_in_the_middle_changes_nothing(kit: Any) -> None:
    script = kit.Script()
    app = kit.app(script)

    async def go() -> list[Any]:
        sent: list[Any] = []
        messages = [{"type": "http.request", "body": kit.soap("authenticate")[:60], "more_body": True}]

        async def receive() -> Any:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "query_string": b"",
            "headers": [],
            "client": None,
        }
        await app(scope, receive, send)
        return sent

    import asyncio

    assert asyncio.run(go()) == []
    assert script.heard == []


def test_large_answers_go_to_the_executor_and_small_ones_do_not(kit: Any) -> None:
    import threading

    class Where(kit.Script):
        def answer(self, *_: Any) -> int:
            self.heard.append(threading.current_thread() is threading.main_thread())
            return 50

    script = Where()
    with ThreadPoolExecutor(1) as pool:
        app = kit.app(script, executor=pool, executor_from=1000)
        for size in (10, 5000):
            answer = kit.call(app, "receiveResponseXML", ticket="t", response="y" * size)
            assert result(answer, "receiveResponseXML") == "50"
    assert script.heard == [True, False]


@pytest.mark.parametrize("query", [b"wsdl", b"WSDL", b"x=1&wsdl", b"wsdl=1"])
def test_the_wsdl_is_served(kit: Any, query: bytes) -> None:
    answer = kit.exchange(kit.app(kit.Script()), method="GET", query=query)
    assert answer.status == 200
    root = ElementTree.fromstring(answer.body)
    service = root.find("{http://schemas.xmlsoap.org/wsdl/}service")
    assert service is not None
    assert service.get("name") == "QBWebConnectorSvc"
    assert b'location="http://localhost:8080/qbwc"' in answer.body
    assert (
        len(
            root.findall(
                ".//{http://schemas.xmlsoap.org/wsdl/}binding/{http://schemas.xmlsoap.org/wsdl/}operation"
            )
        )
        == 8
    )


def test_a_plain_visit_gets_a_short_text_and_other_methods_a_refusal(kit: Any) -> None:
    app = kit.app(kit.Script())
    visit = kit.exchange(app, method="GET")
    assert (visit.status, visit.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    head = kit.exchange(app, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["content-length"]) == len(visit.body)
    refused = kit.exchange(app, method="PUT")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD, POST")


def test_the_app_starts_and_stops_with_its_server(kit: Any) -> None:
    import asyncio

    events, sent = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}], []

    async def receive() -> Any:
        return events.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(kit.app(kit.Script())({"type": "lifespan"}, receive, send))
    asyncio.run(kit.app(kit.Script())({"type": "websocket"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]
