"""A list of 14,500 customers over real HTTP SOAP: ours beside qbwc-kit, in interleaved rounds.

`python listing.py [--customers 14500] [--rounds 3]`. Read once in pages of 500, as our sessions ask for them, and once
in a single answer, as a Web Connector may send it. Told are wall time and CPU of the server from the first page to the
last acknowledgement, and what its memory grew by. Ours keeps answers and customers in its database meanwhile, in a
commit a page; qbwc-kit keeps the names in memory. Reading the same envelopes alone, in a process of its own, is told
too: that is what reference/performance.md W3 measured and what the targets of design.md section 12 are of.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from statistics import median

from backlog import copied, workspace_with
from drain import Server, escaped, logged_in
from processes import cpu_of, environ, forget_peak, memory_of, serving
from servers import PASSWORD
from trip import COMPANY

from qbconsole.rehearsal.stage import requests_xsd
from qbconsole.sandbox.connector import wire
from qbconsole.sandbox.quickbooks import QuickBooks

PAGE = 500
_ASKED = re.compile(r"&lt;CustomerQueryRq ([^;]*?)&gt;")
_REQUEST = re.compile(r'requestID=(?:"|&quot;)([^"&]*)')
_ANSWERED = re.compile(r"(<CustomerQueryRs [^>]*?)(?:/>|>.*?</CustomerQueryRs>)", re.S)
#: One customer as QuickBooks tells it, about 1.1 KB.
_CUSTOMER = (
    "<CustomerRet><ListID>8000{n:04X}-1795332565</ListID><TimeCreated>2025-03-02T08:00:00-08:00</TimeCreated>"
    "<TimeModified>2026-03-02T08:00:00-08:00</TimeModified><EditSequence>1795332{n:05}</EditSequence>"
    "<Name>Ann Lee {n:05}</Name><FullName>Ann Lee {n:05}</FullName><IsActive>true</IsActive><Sublevel>0</Sublevel>"
    "<Salutation>Ms</Salutation><FirstName>Ann</FirstName><LastName>Lee {n:05}</LastName>"
    "<BillAddress><Addr1>Ann Lee {n:05}</Addr1><Addr2>{n} Harbor Street &amp; Pier</Addr2><City>Portland</City>"
    "<State>OR</State><PostalCode>97201</PostalCode><Country>USA</Country></BillAddress>"
    "<ShipAddress><Addr1>Ann Lee {n:05}</Addr1><Addr2>{n} Harbor Street &amp; Pier</Addr2><City>Portland</City>"
    "<State>OR</State><PostalCode>97201</PostalCode><Country>USA</Country></ShipAddress>"
    "<Phone>503-555-{n:05}</Phone><Email>ann.lee.{n}@example.com</Email><TermsRef><ListID>80000003-1</ListID>"
    "<FullName>Due on receipt</FullName></TermsRef><Balance>0.00</Balance><TotalBalance>0.00</TotalBalance>"
    "<SalesTaxCodeRef><ListID>80000001-1</ListID><FullName>Tax</FullName></SalesTaxCodeRef>"
    "<JobStatus>None</JobStatus></CustomerRet>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One reading of the whole list."""

    seconds: float
    cpu: float
    #: MB over what the server had before the first page.
    grown: float
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """The envelopes read and nothing kept (`reading.py`)."""

    rows: int
    #: Seconds.
    cpu: float
    #: MB of the whole process, with the bytes of an envelope.
    peak: float


@dataclass(slots=True, kw_only=True)
class Pages:
    """The list as QuickBooks gives it, a page for each question; pieces are escaped beforehand."""

    rows: list[str]
    page: int
    given: int = 0
    began: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0))

    def answer(self, given: str, pid: int) -> str:
        """The next page, where customers are asked for; else nothing."""
        asked = _ASKED.search(given)
        if asked is None or "iterator" not in asked[1]:
            return ""
        if not self.given:
            forget_peak(pid)
            self.began = (time.perf_counter(), cpu_of(pid), memory_of(pid, "VmRSS"))
        rows = self.rows[self.given : self.given + self.page]
        self.given += len(rows)
        request = _REQUEST.search(asked[1])
        left = len(self.rows) - self.given
        head = (
            f'<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><CustomerQueryRs requestID="{request[1] if request else ""}"'
            f' statusCode="0" statusSeverity="Info" statusMessage="Status OK" iteratorRemainingCount="{left}"'
            ' iteratorID="{7B61A7AE-0E4B-4E5F-9D5B-0123456789AB}">'
        )
        return "".join((escaped(head), *rows, escaped("</CustomerQueryRs></QBXMLMsgsRs></QBXML>")))

    def among_others(self, answer: str) -> str:
        """QuickBooks' answer to several questions, its customers those of the list: a page of them, so that more follow."""
        told = "".join(unescape(row) for row in self.rows[:PAGE])
        return _ANSWERED.sub(lambda found: f"{found[1]}>{told}</CustomerQueryRs>", answer)

    def taken(self, pid: int) -> Taken:
        """What it took since the first page was asked for."""
        began, cpu, memory = self.began
        return Taken(
            seconds=time.perf_counter() - began,
            cpu=cpu_of(pid) - cpu,
            grown=memory_of(pid, "VmHWM") - memory,
            customers=self.given,
        )


def main() -> None:
    """Two tables: by pages, and all at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=14_500)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rows = [escaped(_CUSTOMER.format(n=number)) for number in range(1, asked.customers + 1)]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), rows)
        for page in (PAGE, asked.customers):
            bench.table(page, asked.rounds)


class Bench:
    """A workspace whose lists are due to be read, copied each time."""

    def __init__(self, folder: Path, rows: list[str]) -> None:
        self.folder, self.rows = folder, rows
        self.trip, self.password = workspace_with(folder / "books", 1)
        self._round = 0

    def table(self, page: int, rounds: int) -> None:
        """Rounds of both servers in turn, and of reading alone."""
        taken: dict[str, list[Taken]] = {"qbwc-kit": [], "ours": []}
        alone: dict[str, list[Alone]] = {"qbwc-kit": [], "ours": []}
        envelopes = self._envelopes(page)
        for _ in range(rounds):
            taken["qbwc-kit"].append(self._kit(page))
            taken["ours"].append(self._ours(page))
            for name, reads in alone.items():
                reads.append(_alone(name, envelopes))
        size = sum(map(len, self.rows)) / 1e6
        sys.stdout.write(
            f"\n{len(self.rows)} customers ({size:.0f} MB as they travel), {page} an answer, {rounds} rounds,"
            f" load {os.getloadavg()[0]:.1f}\n{'server':24} {'s':>4} {'CPU s':>6} {'x kit':>6} {'MB':>7} {'x kit':>6}  read\n"
        )
        cpu, grown = (
            _middle(taken["qbwc-kit"], lambda one: one.cpu),
            max(one.grown for one in taken["qbwc-kit"]),
        )
        for name, times in taken.items():
            spent, most = _middle(times, lambda one: one.cpu), max(one.grown for one in times)
            sys.stdout.write(
                f"{name:24} {_middle(times, lambda one: one.seconds):4.1f} {spent:6.2f} {spent / cpu:6.2f} {most:7.1f}"
                f" {most / grown:6.2f}  {sorted({one.customers for one in times})}\n"
            )
        whole = median(one.cpu for one in alone["qbwc-kit"]), max(one.peak for one in alone["qbwc-kit"])
        for name, read in alone.items():
            middle, peak = median(one.cpu for one in read), max(one.peak for one in read)
            sys.stdout.write(
                f"{name + ', reading alone':24} {'':4} {middle:6.2f} {middle / whole[0]:6.2f} {peak:7.1f}"
                f" {peak / whole[1]:6.2f}  {sorted({one.rows for one in read})}\n"
            )
        sys.stdout.flush()

    def _kit(self, page: int) -> Taken:
        with serving("kit_list", self.folder, page) as (port, pid):
            return _read(Server(port=port, user="oak", password=PASSWORD, asks=str), pid, self._pages(page))

    def _ours(self, page: int) -> Taken:
        self._round += 1
        root = copied(self.trip, self.folder / f"list{self._round}")
        quickbooks = QuickBooks(
            copy.deepcopy(self.trip.company_file),
            requests_xsd=requests_xsd(),
            clock=lambda: datetime.now(UTC),
        )
        with serving("ours", root, 1) as (port, pid):
            server = Server(
                port=port,
                user=COMPANY,
                password=self.password,
                asks=lambda text: quickbooks.process(text).response,
                hello=quickbooks.hello(),
            )
            return _read(server, pid, self._pages(page))

    def _pages(self, page: int) -> Pages:
        return Pages(rows=self.rows, page=page)

    def _envelopes(self, page: int) -> Path:
        """The calls that carry the list, a file each."""
        folder, pages = self.folder / f"envelopes{page}", self._pages(page)
        folder.mkdir()
        while pages.given < len(self.rows):
            answer = pages.answer('&lt;CustomerQueryRq requestID="1" iterator="Start"&gt;', os.getpid())
            body = wire.envelope("receiveResponseXML", (("ticket", "t"), ("response", "@")))
            body = body.replace(b">@</response>", f">{answer}</response>".encode(), 1)
            (folder / f"{pages.given:08}.xml").write_bytes(body)
        return folder


def _middle(taken: list[Taken], of: Callable[[Taken], float]) -> float:
    return median(map(of, taken))


def _read(server: Server, pid: int, pages: Pages) -> Taken:
    """One session until the last customer was taken in."""
    ticket, hello = logged_in(server), server.hello
    while pages.given < len(pages.rows):
        given = server.call("sendRequestXML", ticket=ticket, strHCPResponse=hello, qbXMLCountry="US")
        assert given, server.call("getLastError", ticket=ticket)
        hello = ""
        answer = pages.answer(given, pid) or escaped(pages.among_others(server.asks(unescape(given))))
        percent = server.call(
            "receiveResponseXML", answer=answer, ticket=ticket, response="@", hresult="", message=""
        )
        assert int(percent) >= 0, server.call("getLastError", ticket=ticket)
    return pages.taken(pid)


def _alone(which: str, folder: Path) -> Alone:
    """A process of its own reads the envelopes of a folder."""
    command = [sys.executable, str(Path(__file__).with_name("reading.py")), which, str(folder)]
    told = subprocess.run(command, env=environ(), check=True, capture_output=True, text=True)
    return Alone(**json.loads(told.stdout))


if __name__ == "__main__":
    main()
