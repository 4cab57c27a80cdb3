"""The client's side of the delivery bench: plays a Web Connector against any of the servers and counts what they gave.

It opens a connection a call, as the real one may, and answers each SalesReceiptAdd with what its IncludeRetElement
asks for; questions of any other kind are answered by a simulated QuickBooks. One process, no threads. Sets of receipts
are neither unescaped nor parsed and their answers are made of pieces that are escaped already: some 10 us a receipt, so
that servers are told apart, and not one slow client from another.
"""

from __future__ import annotations

import re
import select
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

from qbconsole.sandbox.connector import wire

#: As they stand escaped in a SOAP answer; some escape quotes too.
_REQUEST = re.compile(r'&lt;SalesReceiptAddRq [^;]*?requestID=(?:"|&quot;)([^"&]*)')
_SET_ID = re.compile(r'newMessageSetID=(?:"|&quot;)([^"&]*)')
_STRINGS = re.compile(r"<string>(.*?)</string>|<string ?/>", re.S)
#: What QuickBooks tells of a receipt that was trimmed by IncludeRetElement, and of one that was not (about 2.9 KB).
TRIMMED = (
    "<TxnID>{id}</TxnID><EditSequence>1795332565</EditSequence><RefNumber>1002</RefNumber><Subtotal>191.49</Subtotal>"
    "<SalesTaxTotal>15.30</SalesTaxTotal><TotalAmount>206.79</TotalAmount>"
)
_LINE = (
    "<SalesReceiptLineRet><TxnLineID>{id}-{n}</TxnLineID><ItemRef><ListID>80000001-1</ListID>"
    "<FullName>SKU-{n}</FullName></ItemRef><Desc>A product with a name of ordinary length</Desc><Quantity>1</Quantity>"
    "<Rate>20.00</Rate><Amount>20.00</Amount><SalesTaxCodeRef><ListID>80000001-1</ListID><FullName>Tax</FullName>"
    "</SalesTaxCodeRef></SalesReceiptLineRet>"
)
FULL = (
    "<TxnID>{id}</TxnID><TimeCreated>2026-11-22T08:00:00-08:00</TimeCreated><TimeModified>2026-11-22T08:00:00-08:00"
    "</TimeModified><EditSequence>1795332565</EditSequence><TxnNumber>7</TxnNumber><CustomerRef><ListID>80000001-1"
    "</ListID><FullName>Shopify</FullName></CustomerRef><TxnDate>2026-03-02</TxnDate><RefNumber>1002</RefNumber>"
    "<Subtotal>191.49</Subtotal><SalesTaxTotal>15.30</SalesTaxTotal><TotalAmount>206.79</TotalAmount>"
    "<Memo>" + "Shopify order " * 24 + "</Memo>" + "".join(_LINE.replace("{n}", str(n)) for n in range(6))
)


_NO_ANSWER = "@"


def escaped(text: str) -> str:
    """As a text stands in an envelope."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_HEAD = escaped('<?xml version="1.0" ?><QBXML><QBXMLMsgsRs{known}>')
_ROW = escaped(
    '<SalesReceiptAddRs requestID="{request}" statusCode="0" statusSeverity="Info" statusMessage="Status OK">'
    "<SalesReceiptRet>{told}</SalesReceiptRet></SalesReceiptAddRs>"
)
_TAIL = escaped("</QBXMLMsgsRs></QBXML>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What one drain came to."""

    documents: int
    seconds: float
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where to call and as whom; `asks` answers what is no receipt, by QuickBooks' side."""

    port: int
    user: str
    password: str
    asks: Callable[[str], str]
    hello: str = ""
    #: Told of a receipt whose request wants everything back.
    full: str = FULL

    def call(self, method: str, *, answer: str = "", **parameters: str) -> str:
        """One call on a connection of its own; its result as it stands in the envelope, escaped.

        `answer` is put in the place of a response that is "@": it is escaped already.
        """
        body = wire.envelope(method, tuple(parameters.items()))
        if answer:
            body = body.replace(b">@</response>", f">{answer}</response>".encode(), 1)
        head = (
            f"POST /qbwc HTTP/1.1\r\nHost: localhost:{self.port}\r\nContent-Type: text/xml; charset=utf-8\r\n"
            f'SOAPAction: "http://developer.intuit.com/{method}"\r\nConnection: close\r\n'
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall(head.encode() + body)
            with line.makefile("rb") as told:
                text = told.read().partition(b"\r\n\r\n")[2].decode()
        opening, _, rest = text.partition(f"{method}Result")
        if not rest or rest.startswith((" />", "/>")):
            return ""
        return rest[rest.index(">") + 1 : rest.rindex(f"</{opening.rpartition('<')[2]}{method}Result")]


def drain(server: Server, wanted: int, begun: Callable[[], object] = lambda: None) -> Drained:
    """One session until so many receipts were acknowledged, or the server has no more; `begun` as the first ones come."""
    ticket = logged_in(server)
    hello, documents, calls, began = server.hello, 0, 0, 0.0
    while documents < wanted:
        given = server.call(
            "sendRequestXML",
            ticket=ticket,
            strHCPResponse=hello,
            strCompanyFileName="",
            qbXMLCountry="US",
            qbXMLMajorVers="16",
            qbXMLMinorVers="0",
        )
        hello = ""
        ids = _REQUEST.findall(given)
        if not given:
            break
        if ids and not began:
            begun()
            began, calls = time.perf_counter(), 0  # identity and lists are asked once, whatever the backlog
        answer = (
            _answered(given, ids, server.full, documents) if ids else escaped(server.asks(unescape(given)))
        )
        told = server.call(
            "receiveResponseXML", answer=answer, ticket=ticket, response=_NO_ANSWER, hresult="", message=""
        )
        percent = int(told or -1)
        calls += 2
        documents += len(ids)
        if percent < 0 or percent >= 100:
            break
    seconds = time.perf_counter() - (began or time.perf_counter())
    if documents < wanted:
        sys.stderr.write(f"{documents} of {wanted}: {server.call('getLastError', ticket=ticket)}\n")
    server.call("closeConnection", ticket=ticket)
    return Drained(documents=documents, seconds=seconds, calls=calls)


def logged_in(server: Server) -> str:
    """The ticket; a server that has just begun may ask to come again."""
    server.call("clientVersion", strVersion="2.3.0.215")
    word = "busy"
    while word == "busy":
        said = _STRINGS.findall(
            server.call("authenticate", strUserName=server.user, strPassword=server.password)
        )
        ticket, word = str(said[0]), str(said[1])
        if word == "busy":
            select.select([], [], [], 0.2)
    assert word not in ("nvu", "none"), word
    return ticket


def _answered(given: str, ids: list[str], full: str, before: int) -> str:
    """All receipts of a set, done."""
    told = escaped(TRIMMED if "&lt;IncludeRetElement&gt;" in given else full)
    row = _ROW.replace("{told}", told)
    set_id = _SET_ID.search(given)
    known = f' newMessageSetID="{set_id[1]}" messageSetStatusCode="0"' if set_id else ""
    rows = [
        row.replace("{request}", one).replace("{id}", f"{before + place:X}-1795332565")
        for place, one in enumerate(ids, 1)
    ]
    return "".join((_HEAD.replace("{known}", known), *rows, _TAIL))
