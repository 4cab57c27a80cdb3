"""The simulated Web Connector behaves as the facts say, towards a service scripted by hand."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from qbconsole.sandbox.connector import (
    Connector,
    Ending,
    Fault,
    FaultKind,
    OutOfRoundTrips,
    SessionRunning,
)

NS = "http://developer.intuit.com/"
URL = "http://books.test/qbwc"


@dataclass
class Answer:
    response: str = ""
    hresult: str = ""
    message: str = ""


@dataclass
class Books:
    """Answers each document with its own number."""

    done: list[str] = field(default_factory=list)
    opened: int = 0
    answer: Callable[[str], Answer] | None = None

    def process(self, text: str) -> Answer:
        self.done.append(text)
        if self.answer is not None:
            return self.answer(text)
        return Answer(
            response=f"\n<?xml version='1.0'?><QBXML><Rs n='{len(self.done)}' t='&quot;a&quot; &amp; b'/></QBXML>"
        )

    def hello(self) -> str:
        return "<QBXML>host</QBXML>"

    def reopen(self) -> None:
        self.opened += 1


class Service:
    """Gives the scripted values in order and keeps what it was asked, as bytes and as text."""

    def __init__(self, **said: list[Any]) -> None:
        self.said = {
            "serverVersion": ["test"], "clientVersion": [""], "authenticate": [["T", ""]],
            "connectionError": ["done"], "getLastError": ["Because."], "closeConnection": ["Bye."], **said,
        }  # fmt: skip
        self.requests: list[httpx.Request] = []
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, text="here")
        self.requests.append(request)
        call = ElementTree.fromstring(request.content)[0][0]
        method = call.tag.removeprefix(f"{{{NS}}}")
        self.asked.append((method, {child.tag.removeprefix(f"{{{NS}}}"): child.text or "" for child in call}))
        script = self.said[method]
        value = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(value, httpx.Response):
            return value
        if isinstance(value, Exception):
            raise value
        return answer(method, value)

    @property
    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]


def answer(method: str, value: Any, *, namespace: str = NS) -> httpx.Response:
    def escaped(text: Any) -> str:
        return str(text).replace("&", "&amp;").replace("<", "&lt;")

    inner = (
        "".join(f"<string>{escaped(v)}</string>" for v in value)
        if isinstance(value, list)
        else escaped(value)
    )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><soap:Envelope'
        ' xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{method}Response xmlns="{namespace}"><{method}Result>{inner}</{method}Result></{method}Response>'
        "</soap:Body></soap:Envelope>"
    )
    return httpx.Response(200, content=body.encode(), headers={"content-type": "text/xml; charset=utf-8"})


def connector(service: Service, books: Books | None = None, **options: Any) -> Connector:
    http = httpx.Client(transport=httpx.MockTransport(service))
    return Connector(URL, "oak", "pass & word", books or Books(), http=http, **options)


def test_a_normal_update_makes_the_calls_in_the_real_order() -> None:
    service, books = Service(sendRequestXML=["<A/>", "<B>&amp;</B>"], receiveResponseXML=[50, 100]), Books()
    heard = connector(service, books).run_update()
    assert service.methods == [
        "serverVersion", "clientVersion", "authenticate", "sendRequestXML", "receiveResponseXML",
        "sendRequestXML", "receiveResponseXML", "closeConnection",
    ]  # fmt: skip
    assert heard.calls == tuple(service.methods)
    assert (heard.ending, heard.progress, heard.final, heard.error) == (Ending.DONE, (50, 100), "Bye.", "")
    assert heard.requests == ("<A/>", "<B>&amp;</B>") == tuple(books.done)
    assert (heard.ticket, heard.exchanges, books.opened) == ("T", 2, 1)


def test_the_envelopes_look_like_captured_ones() -> None:
    service = Service(sendRequestXML=["<A/>"], receiveResponseXML=[100])
    connector(service).run_update()
    by_method = dict(zip(service.methods, service.requests, strict=True))
    start = (
        b'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
        b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
    )
    assert all(request.content.startswith(start) for request in service.requests)
    assert (
        b'<serverVersion xmlns="http://developer.intuit.com/" /></soap:Body></soap:Envelope>'
        in by_method["serverVersion"].content
    )
    received = by_method["receiveResponseXML"]
    assert b"<hresult /><message /></receiveResponseXML>" in received.content
    assert (
        b"""<response>\n&lt;?xml version='1.0'?&gt;&lt;QBXML&gt;&lt;Rs n='1' t='&amp;quot;a&amp;quot; &amp;amp; b'/&gt;"""
        in received.content
    )
    assert b"<strPassword>pass &amp; word</strPassword>" in by_method["authenticate"].content
    assert received.headers["soapaction"] == '"http://developer.intuit.com/receiveResponseXML"'
    assert received.headers["content-type"] == "text/xml; charset=utf-8"
    assert re.search(r"MS Web Services Client Protocol", received.headers["user-agent"])


def test_only_the_first_question_carries_the_company() -> None:
    service = Service(sendRequestXML=["<A/>", "<B/>"], receiveResponseXML=[1, 100])
    connector(service, company_file=r"D:\Oak.qbw", qbxml_version=(13, 0)).run_update()
    first, second = (values for method, values in service.asked if method == "sendRequestXML")
    assert first == {
        "ticket": "T", "strHCPResponse": "<QBXML>host</QBXML>", "strCompanyFileName": r"D:\Oak.qbw",
        "qbXMLCountry": "US", "qbXMLMajorVers": "13", "qbXMLMinorVers": "0",
    }  # fmt: skip
    assert second["strHCPResponse"] == ""


@pytest.mark.parametrize(
    ("members", "ending"),
    [
        (["T", "none"], Ending.NOTHING),
        (["", "nvu"], Ending.REFUSED),
        (["T", "BUSY"], Ending.BUSY),
        (["T", "none", "60"], Ending.POSTPONED),
        (["T"], Ending.REFUSED),
        ([], Ending.REFUSED),
    ],
)
def test_some_answers_to_authenticate_end_the_update_at_once(members: list[str], ending: Ending) -> None:
    service, books = Service(authenticate=[members]), Books()
    heard = connector(service, books).run_update()
    assert heard.ending is ending
    assert service.methods[-1] == "authenticate"
    assert books.opened == 0
    assert heard.wait_seconds == (60 if ending is Ending.POSTPONED else None)


def test_an_answer_in_another_namespace_looks_like_a_failed_login() -> None:
    service = Service(authenticate=[answer("authenticate", ["T", ""], namespace="http://other/")])
    heard = connector(service).run_update()
    assert heard.ending is Ending.REFUSED
    assert heard.error.startswith("QBWC1012")


@pytest.mark.parametrize("said", ["E:Too old.", "W:Please update."])
def test_a_version_complaint_stops_an_unattended_update(said: str) -> None:
    heard = connector(Service(clientVersion=[said])).run_update()
    assert (heard.ending, heard.error) == (Ending.TOO_OLD, said[2:])


def test_an_okay_with_a_remark_goes_on() -> None:
    service = Service(clientVersion=["O:3.0"], sendRequestXML=["<A/>"], receiveResponseXML=[100])
    assert connector(service).run_update().ending is Ending.DONE


def test_nothing_to_send_is_explained_and_closed() -> None:
    service = Service(sendRequestXML=[""])
    heard = connector(service).run_update()
    assert (heard.ending, heard.error, heard.final) == (Ending.CLOSED, "Because.", "Bye.")
    assert service.methods[-3:] == ["sendRequestXML", "getLastError", "closeConnection"]


def test_noop_waits_and_asks_again_without_the_company() -> None:
    waited: list[float] = []
    service = Service(sendRequestXML=["", "", "<A/>"], getLastError=["NoOp"], receiveResponseXML=[100])
    heard = connector(service, sleep=waited.append).run_update()
    assert (heard.ending, waited) == (Ending.DONE, [5.0, 5.0])
    hellos = [values["strHCPResponse"] for method, values in service.asked if method == "sendRequestXML"]
    assert hellos == ["<QBXML>host</QBXML>", "", ""]


def test_a_negative_number_is_explained_and_closed() -> None:
    service = Service(sendRequestXML=["<A/>"], receiveResponseXML=[-1])
    heard = connector(service).run_update()
    assert (heard.ending, heard.error, heard.final) == (Ending.FAILED, "Because.", "Bye.")


def test_an_hresult_comes_instead_of_an_answer() -> None:
    service = Service(sendRequestXML=["<A/>"], receiveResponseXML=[100])
    books = Books(answer=lambda _: Answer(hresult="0x80040400", message="QuickBooks found an error."))
    connector(service, books).run_update()
    values = dict(service.asked)["receiveResponseXML"]
    assert (values["response"], values["hresult"], values["message"]) == (
        "",
        "0x80040400",
        "QuickBooks found an error.",
    )


@pytest.mark.parametrize("value", ["33.3", "", "x", "１"])
def test_a_percentage_that_is_no_integer_breaks_the_client(value: str) -> None:
    heard = connector(Service(sendRequestXML=["<A/>"], receiveResponseXML=[value])).run_update()
    assert heard.ending is Ending.MALFORMED
    assert heard.error.startswith("QBWC1042")


@pytest.mark.parametrize(
    "broken",
    [
        httpx.Response(200, content=b"warning\n<a/>", headers={"content-type": "text/xml"}),
        httpx.Response(200, content=b"\n" + answer("sendRequestXML", "<A/>").content.split(b"?>")[1], headers={"content-type": "text/xml"}),
        httpx.Response(200, content=answer("sendRequestXML", "<A/>").content, headers={"content-type": "text/html"}),
        httpx.Response(502, text="Bad gateway"),
        httpx.Response(500, content=b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>'),
        answer("receiveResponseXML", "<A/>"),
    ],
    ids=["text before the XML", "blank before the XML", "html", "no XML", "fault", "other method"],
)  # fmt: skip
def test_an_answer_the_real_client_cannot_read_ends_the_update(broken: httpx.Response) -> None:
    heard = connector(Service(sendRequestXML=[broken])).run_update()
    assert heard.ending is Ending.MALFORMED


def test_a_service_that_is_gone_is_unreachable() -> None:
    heard = connector(
        Service(sendRequestXML=["<A/>"], receiveResponseXML=[httpx.ConnectError("refused")])
    ).run_update()
    assert heard.ending is Ending.UNREACHABLE
    assert "refused" in heard.error


def test_the_named_company_file_is_opened_and_another_is_not() -> None:
    service = Service(
        authenticate=[["T", r"C:\Other.qbw"]], connectionError=[r"c:\qb\SANDBOX.QBW"], sendRequestXML=["<A/>"], receiveResponseXML=[100],
    )  # fmt: skip
    heard = connector(service).run_update()
    assert heard.ending is Ending.DONE
    assert dict(service.asked)["connectionError"]["hresult"] == "0x8004040A"


def test_a_closed_quickbooks_needs_the_path() -> None:
    service = Service()
    heard = connector(service, quickbooks_open=False).run_update()
    assert heard.ending is Ending.NOT_OPENED
    assert "0x80040416" in heard.error
    assert service.methods[-1] == "connectionError"


def test_a_service_that_names_wrong_files_for_ever_is_stopped() -> None:
    with pytest.raises(OutOfRoundTrips):
        connector(Service(authenticate=[["T", "x"]], connectionError=["y"])).run_update()


def test_a_service_that_never_ends_is_stopped() -> None:
    with pytest.raises(OutOfRoundTrips):
        connector(Service(sendRequestXML=["<A/>"], receiveResponseXML=[99]), max_round_trips=7).run_update()
    with pytest.raises(OutOfRoundTrips):
        connector(
            Service(sendRequestXML=[""], getLastError=["NoOp"]), max_round_trips=7, sleep=lambda _: None
        ).run_update()


@pytest.mark.parametrize(
    ("kind", "sends", "done", "receives", "ending"),
    [
        (FaultKind.DIE_BEFORE_SEND, 1, 1, 1, Ending.DIED),
        (FaultKind.DIE_AFTER_SEND, 2, 1, 1, Ending.DIED),
        (FaultKind.LOSE_ANSWER, 2, 2, 1, Ending.DIED),
        (FaultKind.REPEAT_SEND, 3, 2, 2, Ending.DONE),
        (FaultKind.ANSWER_TWICE, 2, 2, 3, Ending.DONE),
        (FaultKind.CUT_ANSWER, 2, 2, 2, Ending.DONE),
        (FaultKind.HRESULT, 2, 1, 2, Ending.DONE),
        (FaultKind.HRESULT_AFTER, 2, 2, 2, Ending.DONE),
    ],
)
def test_each_fault_happens_where_it_was_put(
    kind: FaultKind, sends: int, done: int, receives: int, ending: Ending
) -> None:
    service, books = Service(sendRequestXML=["<A/>", "<B/>"], receiveResponseXML=[50, 100]), Books()
    heard = connector(service, books).run_update({2: Fault(kind=kind, hresult="0x80010105", message="COM")})
    counted = (
        service.methods.count("sendRequestXML"),
        len(books.done),
        service.methods.count("receiveResponseXML"),
    )
    assert (counted, heard.ending) == ((sends, done, receives), ending)
    assert ("closeConnection" in service.methods) is (ending is Ending.DONE)
    received = [values for method, values in service.asked if method == "receiveResponseXML"]
    if kind in (FaultKind.HRESULT, FaultKind.HRESULT_AFTER):
        assert (received[-1]["response"], received[-1]["hresult"]) == ("", "0x80010105")
    if kind is FaultKind.CUT_ANSWER:
        assert received[-1]["response"] == heard.answers[-1]
        assert not received[-1]["response"].endswith("</QBXML>")
    if kind is FaultKind.ANSWER_TWICE:
        assert received[-1] == received[-2]


def test_an_opening_that_fails_once_can_be_tried_again() -> None:
    fault = {0: Fault(kind=FaultKind.CANNOT_OPEN, hresult="0x80040414", message="A dialog is open.")}
    again = Service(connectionError=[""], sendRequestXML=["<A/>"], receiveResponseXML=[100])
    assert connector(again).run_update(fault).ending is Ending.DONE
    over = connector(Service(connectionError=["DONE"])).run_update(fault)
    assert (over.ending, over.error) == (Ending.NOT_OPENED, "0x80040414: A dialog is open.")


def test_only_one_update_runs_at_a_time() -> None:
    running, go = threading.Event(), threading.Event()

    def slow(_: str) -> Answer:
        running.set()
        go.wait(60)
        return Answer(response="<QBXML/>")

    one = connector(Service(sendRequestXML=["<A/>"], receiveResponseXML=[100]), Books(answer=slow))
    thread = threading.Thread(target=one.run_update)
    thread.start()
    assert running.wait(60)
    with pytest.raises(SessionRunning):
        one.run_update()
    go.set()
    thread.join(60)
    assert one.run_update().ending is Ending.DONE


def test_texts_are_kept_only_where_asked() -> None:
    service = Service(sendRequestXML=["<A/>"], receiveResponseXML=[100])
    heard = connector(service, keep_texts=False).run_update()
    assert (heard.requests, heard.answers, heard.exchanges) == ((), (), 1)


def test_the_password_is_in_no_representation() -> None:
    one = connector(Service())
    assert "pass & word" not in repr(one.settings) + repr(one)


def test_adding_the_application_fetches_its_url_and_wsdl() -> None:
    places: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        places.append(str(request.url))
        return httpx.Response(200 if len(places) < 4 else 404)

    one = Connector(URL, "u", "p", Books(), http=httpx.Client(transport=httpx.MockTransport(serve)))
    one.visit()
    assert places == [URL, f"{URL}?wsdl"]
    with pytest.raises(httpx.HTTPStatusError):
        one.visit()
