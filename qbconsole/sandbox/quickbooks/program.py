"""QuickBooks itself: takes a qbXML message set, gives the answer or a Windows error code.

Strict where the real one is: a set that cannot be parsed runs nothing; every request is done whole or not at
all; under stopOnError what follows a refusal comes back as 3231. Tests switch faults on by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from lxml import etree

from qbconsole.sandbox.quickbooks import envelope, recovery
from qbconsole.sandbox.quickbooks.file.companyfile import CompanyFile
from qbconsole.sandbox.quickbooks.file.records import Refused, stamp
from qbconsole.sandbox.quickbooks.requests.answers import attribute
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Iterator, Reply
from qbconsole.sandbox.quickbooks.requests.given import Given
from qbconsole.sandbox.quickbooks.requests.table import HANDLERS

DIALOG_OPEN = "0x80040414"
_LONGEST_REQUEST_ID = 50
_WARNINGS = range(500, 1000)
_HELLO = (
    '<?xml version="1.0" encoding="utf-8"?><?qbxml version="{version}"?><QBXML>'
    '<QBXMLMsgsRq onError="continueOnError"><HostQueryRq requestID="0"/><CompanyQueryRq requestID="1">{owners}'
    '</CompanyQueryRq><PreferencesQueryRq requestID="2"/></QBXMLMsgsRq></QBXML>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the Web Connector is given: an answer, or an HRESULT with its message."""

    response: str = ""
    hresult: str = ""
    message: str = ""


class Unreachable(Exception):
    """QuickBooks cannot be used at all; carries the HRESULT the Web Connector would report."""

    def __init__(self, hresult: str, message: str) -> None:
        super().__init__(message)
        self.hresult = hresult
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    hresult: str
    message: str
    ran: int
    remembered: bool


@dataclass(slots=True)
class QuickBooks:
    """A running QuickBooks with one company file open."""

    file: CompanyFile
    requests_xsd: Path | None = None
    clock: Callable[[], datetime] = field(kw_only=True)
    retention: recovery.Retention = "all"
    #: Single-user or multi-user mode, as HostQuery reports it.
    mode: Literal["single", "multi"] = "single"
    #: A payment that only uses credits ties them to what they settle and is no document, as Intuit tells of it.
    bare_credits: bool = False
    #: A modal dialog blocks everything.
    dialog_open: bool = False
    #: An HRESULT everything ends with until it is cleared, such as 0x8004040A: another file is open.
    down: str = ""
    _schema: etree.XMLSchema | None = field(init=False, default=None)
    _iterators: dict[str, Iterator] = field(init=False, default_factory=dict)
    _last_dates: dict[str, date] = field(init=False, default_factory=dict)
    _failures: list[_Failure] = field(init=False, default_factory=list)
    _refusals: list[tuple[str, int, str]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        if self.requests_xsd is not None:
            self._schema = envelope.schema_at(self.requests_xsd, self.requests_xsd.stat().st_mtime_ns)

    # -- faults ----------------------------------------------------------------------------------------

    def fail_next(self, hresult: str, message: str = "", *, ran: int = 0, remembered: bool = False) -> None:
        """The next set ends with this HRESULT after `ran` requests were done (-1: all of them).

        `remembered`: the answer was lost on the way, but QuickBooks kept it under the message-set id.
        """
        said = message or "QuickBooks ended unexpectedly."
        self._failures.append(_Failure(hresult=hresult, message=said, ran=ran, remembered=remembered))

    def refuse_next(self, tag: str, code: int, message: str) -> None:
        """The next request of that name (such as InvoiceAddRq) comes back with this status code, not done."""
        self._refusals.append((tag, code, message))

    def _blocked(self) -> tuple[str, str] | None:
        if self.dialog_open:
            return DIALOG_OPEN, "A modal dialog box is showing in the QuickBooks user interface."
        return (self.down, "QuickBooks cannot be used now.") if self.down else None

    # -- the two doors ---------------------------------------------------------------------------------

    def require_reachable(self) -> None:
        """Raises Unreachable while a dialog is open or QuickBooks is down."""
        if blocked := self._blocked():
            raise Unreachable(*blocked)

    def hello(self) -> str:
        """What the Web Connector hands over in its first call: host, company, preferences.

        Raises Unreachable while a dialog is open or QuickBooks is down.
        """
        self.require_reachable()
        owners = dict.fromkeys(one.owner for one in self.file.definitions.values())
        asked = "".join(f"<OwnerID>{owner}</OwnerID>" for owner in owners)
        message_set = _asking(self.file.qbxml, asked)
        return self._run(message_set, len(message_set.requests))

    def reopen(self) -> None:
        """A new session: iterators are gone, and so is the date last used."""
        self._iterators.clear()
        self._last_dates.clear()

    def process(self, qbxml_text: str) -> Answer:
        """Work on one message set."""
        if blocked := self._blocked():
            return Answer(hresult=blocked[0], message=blocked[1])
        try:
            message_set = envelope.read(qbxml_text, self.file.qbxml, self._schema)
        except envelope.Unreadable as cause:
            return Answer(hresult=envelope.PARSE_ERROR, message=str(cause))
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None and failure.ran == 0:
            return Answer(hresult=failure.hresult, message=failure.message)
        response = self._answered(message_set, qbxml_text, failure)
        if failure is not None:
            return Answer(hresult=failure.hresult, message=failure.message)
        return Answer(response=response)

    def _answered(self, message_set: envelope.MessageSet, text: str, failure: _Failure | None) -> str:
        old_id, new_id = message_set.old_id, message_set.new_id
        known = recovery.recalled(self.file, old_id, new_id, text)
        if isinstance(known, str):
            return known
        if isinstance(known, int):
            return _wrap("", new_id, known)
        recovery.forget(self.file, old_id)
        most = failure.ran if failure is not None and failure.ran > 0 else len(message_set.requests)
        response = self._run(message_set, most)
        if new_id and (failure is None or failure.remembered):
            recovery.remember(self.file, new_id, text, response, self.retention)
        return response

    # -- running ---------------------------------------------------------------------------------------

    def _run(self, message_set: envelope.MessageSet, most: int) -> str:
        now = self.clock()
        desk = Desk(
            file=self.file,
            now=now,
            stamp=stamp(now),
            mode=self.mode,
            bare_credits=self.bare_credits,
            iterators=self._iterators,
            last_dates=self._last_dates,
        )
        stopped = False
        out: list[str] = []
        for request in message_set.requests[:most]:
            if stopped:
                reply = Reply(code=3231, message="The request has not been processed.")
            elif message_set.on_error == "rollbackOnError":
                reply = Reply(code=1030, message="rollbackOnError is not supported.")
            else:
                reply = self._reply(desk, Given(request))
                stopped = reply.code >= 1000 and message_set.on_error == "stopOnError"
            out.append(_written(request, reply, with_data=message_set.with_data))
        recoverable = message_set.new_id or message_set.old_id
        return _wrap("".join(out), message_set.new_id, 0 if recoverable else None)

    def _reply(self, desk: Desk, request: Given) -> Reply:
        desk.warnings = []
        try:
            self._refuse_if_told(request)
            handler = HANDLERS.get(request.tag)
            if handler is None:
                raise Refused(1030, f"The request {request.tag} is not supported.")
            reply = handler(desk, request)
        except Refused as refusal:
            return Reply(code=refusal.code, message=refusal.message)
        if desk.warnings and not reply.code:
            reply.code, reply.message = desk.warnings[0]
        return reply

    def _refuse_if_told(self, request: Given) -> None:
        if len(request.attribute("requestID")) > _LONGEST_REQUEST_ID:
            raise Refused(1060, "The requestID is longer than 50 characters.")
        for refusal in self._refusals:
            tag, code, message = refusal
            if tag == request.tag:
                self._refusals.remove(refusal)
                raise Refused(code, message)


@lru_cache(maxsize=64)
def _asking(version: str, owners: str) -> envelope.MessageSet:
    """What a session's first call asks of every company file; read once, for nobody changes it."""
    return envelope.read(_HELLO.format(version=version, owners=owners), version, None)


def _written(request: etree._Element, reply: Reply, *, with_data: bool) -> str:
    tag = str(request.tag).removesuffix("Rq") + "Rs"
    severity = "Warn" if reply.code in _WARNINGS else "Error" if reply.code >= 1000 else "Info"
    request_id = request.get("requestID")
    attributes = {} if request_id is None else {"requestID": request_id}
    attributes["statusCode"] = str(reply.code)
    attributes["statusSeverity"] = severity
    attributes["statusMessage"] = reply.message
    attributes |= reply.extra
    shown = " ".join(f'{name}="{attribute(value)}"' for name, value in attributes.items())
    body = reply.body if with_data else ""
    return f"<{tag} {shown}>\n{body}</{tag}>\n" if body else f"<{tag} {shown} />\n"


def _wrap(body: str, new_id: str, status: int | None) -> str:
    attributes = f' newMessageSetID="{attribute(new_id)}"' if new_id else ""
    if status is not None:
        attributes += f' messageSetStatusCode="{status}"'
    inside = f"\n{body}" if body else ""
    return f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs{attributes}>{inside}</QBXMLMsgsRs>\n</QBXML>\n'
