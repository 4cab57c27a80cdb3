"""One simulated update, from serverVersion to closeConnection.

It decides nothing about books: QuickBooks is whatever has `process`, `hello` and `reopen`. What nobody knows
about the real client (reference/qbwc-protocol.md section 19) it does in the plainest way: no HTTP retries of its
own, no closeConnection after `none`, `nvu`, `busy` or a connectionError that was answered by `done`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from xml.etree import ElementTree

import httpx

from qbconsole.sandbox.connector import wire
from qbconsole.sandbox.connector.transcript import Ending, Fault, FaultKind, Notes, Transcript

NOOP_SECONDS = 5.0
MAX_TRIALS = 10


class Answer(Protocol):
    """What QuickBooks says to a document: an answer, or an hresult with a message."""

    @property
    def response(self) -> str:
        """The qbXML answer, '' where there is an hresult."""
        ...

    @property
    def hresult(self) -> str:
        """Like '0x80040400', '' where there is an answer."""
        ...

    @property
    def message(self) -> str:
        """The words that come with an hresult."""
        ...


class QuickBooks(Protocol):
    """The company file behind the client."""

    def process(self, text: str, /) -> Answer:
        """Execute a qbXML document."""
        ...

    def hello(self) -> str:
        """Return the document with host, company and preferences of a session's first call."""
        ...

    def reopen(self) -> object:
        """A session begins: what lived in the last one (iterators) is gone."""
        ...


class OutOfRoundTrips(Exception):
    """The service kept the client busy beyond the bound: a loop."""


class _Over(Exception):
    """Ends the update from anywhere inside it."""

    def __init__(self, ending: Ending, error: str = "") -> None:
        super().__init__(error)
        self.ending = ending
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an update needs to know; `Connector` explains the fields."""

    url: str
    user: str
    password: str = field(repr=False)
    quickbooks: QuickBooks
    company_file: str
    quickbooks_open: bool
    client_version: str
    country: str
    qbxml_version: tuple[int, int]
    sleep: Callable[[float], object]
    max_round_trips: int
    keep_texts: bool


class Update:
    """One session, from the first call to the last."""

    def __init__(self, settings: Settings, http: httpx.Client, faults: Mapping[int, Fault]) -> None:
        self._s = settings
        self._http = http
        self._faults = dict(faults)
        self._notes = Notes(keep_texts=settings.keep_texts)
        self._hello = ""

    def run(self) -> Transcript:
        """Make all calls and return what happened."""
        notes = self._notes
        try:
            self._greet()
            self._log_in()
            self._open_quickbooks()
            ending = self._exchange_all()
            notes.final = self._say("closeConnection", ("ticket", notes.ticket))
        except _Over as over:
            ending, notes.error = over.ending, over.error
        except wire.Malformed as fault:
            ending, notes.error = Ending.MALFORMED, f"QBWC1042: {fault}"
        except httpx.HTTPError as fault:
            ending, notes.error = Ending.UNREACHABLE, f"{type(fault).__name__}: {fault}"
        return notes.transcript(ending)

    def _call(self, method: str, *parameters: tuple[str, str]) -> ElementTree.Element:
        self._notes.calls.append(method)
        answer = self._http.post(
            self._s.url, content=wire.envelope(method, parameters), headers=wire.headers(method)
        )
        return wire.result(method, answer)

    def _say(self, method: str, *parameters: tuple[str, str]) -> str:
        return wire.text(self._call(method, *parameters))

    def _greet(self) -> None:
        self._say("serverVersion")
        said = self._say("clientVersion", ("strVersion", self._s.client_version))
        if said.startswith(("E:", "W:")):
            raise _Over(Ending.TOO_OLD, said[2:])

    def _log_in(self) -> None:
        parameters = ("strUserName", self._s.user), ("strPassword", self._s.password)
        try:
            members = wire.strings(self._call("authenticate", *parameters))
        except wire.Malformed as fault:
            raise _Over(Ending.REFUSED, f"QBWC1012: {fault}") from fault
        if len(members) < 2:
            raise _Over(Ending.REFUSED, "QBWC1012: authenticate has to return two strings")
        notes = self._notes
        notes.ticket, notes.word = members[:2]
        if len(members) > 2 and members[2]:
            notes.wait_seconds = wire.whole(members[2])
            raise _Over(Ending.POSTPONED)
        endings = {"nvu": Ending.REFUSED, "none": Ending.NOTHING, "busy": Ending.BUSY}
        if ending := endings.get(notes.word.lower()):
            raise _Over(ending)

    def _open_quickbooks(self) -> None:
        """Try the file the service names; after a connectionError try what it names next."""
        wanted = self._notes.word
        for _ in range(MAX_TRIALS):
            problem = self._problem(wanted)
            if problem is None:
                self._s.quickbooks.reopen()
                self._hello = self._s.quickbooks.hello()
                return
            said = self._say(
                "connectionError",
                ("ticket", self._notes.ticket),
                ("hresult", problem.hresult),
                ("message", problem.message),
            )
            if said.lower() == "done":
                raise _Over(Ending.NOT_OPENED, f"{problem.hresult}: {problem.message}")
            wanted = said
        raise OutOfRoundTrips(f"the service asked for a company file {MAX_TRIALS} times")

    def _problem(self, wanted: str) -> Fault | None:
        """Tell why QuickBooks does not open, or None."""
        fault = self._faults.pop(0, None)
        if fault is not None:
            return fault
        if wanted and wanted.lower() != self._s.company_file.lower():
            text = "A different company file is already open."
            return Fault(kind=FaultKind.CANNOT_OPEN, hresult="0x8004040A", message=text)
        if not wanted and not self._s.quickbooks_open:
            text = "If QuickBooks is not running, a company file has to be named."
            return Fault(kind=FaultKind.CANNOT_OPEN, hresult="0x80040416", message=text)
        return None

    def _exchange_all(self) -> Ending:
        for number in range(1, self._s.max_round_trips + 1):
            document = self._next_document(self._faults.get(number))
            if document is None:
                return Ending.CLOSED
            percent = self._answer(document, self._faults.get(number))
            if percent < 0:
                self._notes.error = self._say("getLastError", ("ticket", self._notes.ticket))
                return Ending.FAILED
            if percent >= 100:
                return Ending.DONE
        raise OutOfRoundTrips(f"no end after {self._s.max_round_trips} exchanges")

    def _next_document(self, fault: Fault | None) -> str | None:
        """Ask for work until there is some; None when the service has no more."""
        if fault is not None and fault.kind is FaultKind.DIE_BEFORE_SEND:
            raise _Over(Ending.DIED)
        if fault is not None and fault.kind is FaultKind.REPEAT_SEND:
            self._ask()
        for _ in range(self._s.max_round_trips):
            document = self._ask()
            self._hello = ""  # only a session's first question carries it, however often that is put
            if document:
                self._notes.exchanges += 1
                self._notes.text(self._notes.requests, document)
                return document
            said = self._say("getLastError", ("ticket", self._notes.ticket))
            if said != "NoOp":
                self._notes.error = said
                return None
            self._s.sleep(NOOP_SECONDS)
        raise OutOfRoundTrips("the service said NoOp without end")

    def _ask(self) -> str:
        major, minor = self._s.qbxml_version
        return self._say(
            "sendRequestXML",
            ("ticket", self._notes.ticket),
            ("strHCPResponse", self._hello),
            ("strCompanyFileName", self._s.company_file),
            ("qbXMLCountry", self._s.country),
            ("qbXMLMajorVers", str(major)),
            ("qbXMLMinorVers", str(minor)),
        )

    def _answer(self, document: str, fault: Fault | None) -> int:
        """Let QuickBooks do the document and hand its answer over; return the progress said."""
        kind = fault.kind if fault is not None else None
        if kind is FaultKind.DIE_AFTER_SEND:
            raise _Over(Ending.DIED)
        if fault is not None and kind is FaultKind.HRESULT:
            return self._hand_over("", fault.hresult, fault.message)
        answer = self._s.quickbooks.process(document)
        if kind is FaultKind.LOSE_ANSWER:
            raise _Over(Ending.DIED)
        if fault is not None and kind is FaultKind.HRESULT_AFTER:
            return self._hand_over("", fault.hresult, fault.message)
        response = answer.response
        if kind is FaultKind.CUT_ANSWER:
            response = response[: len(response) // 2]
        if kind is FaultKind.ANSWER_TWICE:
            self._hand_over(response, answer.hresult, answer.message)
        return self._hand_over(response, answer.hresult, answer.message)

    def _hand_over(self, response: str, hresult: str, message: str) -> int:
        parameters = (
            ("ticket", self._notes.ticket),
            ("response", response),
            ("hresult", hresult),
            ("message", message),
        )
        percent = wire.integer(self._call("receiveResponseXML", *parameters))
        self._notes.text(self._notes.answers, response)
        self._notes.progress.append(percent)
        return percent
