"""The eight calls: from a read SOAP call to its value, with the protocol's own refusal when we fail.

No exception leaves: the client gets '' or -1 or a word, asks getLastError, and hears one sentence without
details; the log gets the type, the place in our code and what the error says, never a password, a ticket or a
parameter. Source: reference/qbwc-protocol.md section 2; reference/reliability.md S5, S23.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import traceback
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol, TypeVar

from structlog.typing import FilteringBoundLogger

from qbconsole.errors import QbconsoleError, SoapUnreadable, WebConnectorError
from qbconsole.visible import safe
from qbconsole.webconnector.conversation import Conversation, Hello, Login
from qbconsole.webconnector.reply import Value, carries, one_line
from qbconsole.webconnector.session import new_ticket
from qbconsole.webconnector.soap import SoapCall

T = TypeVar("T")


class Versions(Protocol):
    """Remembers what version each address told: no ticket exists that early."""

    def keep(self, peer: str, version: str) -> None:
        """It told this version."""
        ...

    def of(self, peer: str) -> str:
        """The latest it told, or ''."""
        ...


class OwnVersions:
    """Remembered by this process alone."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        self._told: OrderedDict[str, str] = OrderedDict()

    def keep(self, peer: str, version: str) -> None:
        """It told this version; the oldest are forgotten."""
        _keep(self._told, peer, version)

    def of(self, peer: str) -> str:
        """The latest it told, or ''."""
        return self._told.get(peer, "")


_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,7}", re.ASCII)
_WORDS = frozenset({"none", "nvu", "busy"})
_REMEMBERED = 1_000


class EightCalls:
    """Answers calls for one Conversation. Holds nothing that matters: a restart loses only courtesy."""

    __slots__ = (
        "_by_name",
        "_conversation",
        "_log",
        "_minimum",
        "_server",
        "_tickets",
        "_troubles",
        "_versions",
    )

    def __init__(
        self,
        conversation: Conversation,
        *,
        server: str,
        client_minimum: str,
        log: FilteringBoundLogger,
        versions: Versions | None = None,
        tickets: Callable[[], str] = new_ticket,
    ) -> None:
        self._conversation = conversation
        self._server = server
        self._minimum = client_minimum
        self._log = log
        self._tickets = tickets
        self._troubles: OrderedDict[str, str] = OrderedDict()  # ticket -> sentence for getLastError
        self._versions: Versions = versions or OwnVersions()
        self._by_name: dict[str, Callable[[SoapCall, str], Value]] = {
            "serverVersion": self._server_version,
            "clientVersion": self._client_version,
            "authenticate": self._authenticate,
            "sendRequestXML": self._send_request,
            "receiveResponseXML": self._receive_response,
            "connectionError": self._connection_error,
            "getLastError": self._last_error,
            "closeConnection": self._close,
        }

    def value(self, call: SoapCall, peer: str) -> Value:
        """Return what the call's result element holds; SoapUnreadable for a call that does not exist."""
        handler = self._by_name.get(call.method)
        if handler is None:
            raise SoapUnreadable("This service has no call of that name.")
        return handler(call, peer)

    def _server_version(self, call: SoapCall, peer: str) -> Value:
        return self._server

    def _client_version(self, call: SoapCall, peer: str) -> Value:
        """Never `W:`: its dialog blocks an unattended machine."""
        version = call.text("strVersion").strip()
        told = safe(version, limit=40)
        self._tried(call.method, "", lambda: self._versions.keep(peer, told), None)
        if self._minimum and (0,) < _dotted(version) < _dotted(self._minimum):
            return f"E:This Web Connector is too old for qbconsole; install {self._minimum} or later."
        return ""

    def _authenticate(self, call: SoapCall, peer: str) -> Value:
        login = Login(
            user=call.text("strUserName"),
            password=call.text("strPassword"),
            peer=peer,
            client_version=self._tried(call.method, "", lambda: self._versions.of(peer), ""),
        )

        def opened() -> list[str]:
            answer = self._conversation.open(login)
            word = answer.word.lower() if answer.word.lower() in _WORDS else answer.word
            members = [answer.ticket, word]
            if answer.wait_seconds is not None:
                members.append(str(answer.wait_seconds))
            if not all(map(carries, members)):
                raise WebConnectorError("the answer to a login cannot be written as XML")
            self._log.info("login", user=safe(login.user, limit=60), peer=peer, word=_outcome(word))
            return members

        # 'busy' is the only word that is true then: 'nvu' would blame the password, 'none' hide the trouble
        return self._tried(call.method, "", opened, [self._tickets(), "busy"], secret=login.password)

    def _send_request(self, call: SoapCall, peer: str) -> Value:
        ticket = call.text("ticket")
        hello = Hello(
            hcp=call.text("strHCPResponse"),
            company_file=call.text("strCompanyFileName"),
            country=call.text("qbXMLCountry"),
            major=call.number("qbXMLMajorVers"),
            minor=call.number("qbXMLMinorVers"),
        )

        def document() -> str:
            text = self._conversation.next(ticket, hello)
            if not carries(text):
                raise WebConnectorError("a document for QuickBooks holds characters that XML cannot carry")
            return text

        return self._tried(call.method, ticket, document, "")

    def _receive_response(self, call: SoapCall, peer: str) -> Value:
        ticket = call.text("ticket")
        hresult, message = call.text("hresult").strip(), call.text("message")

        def percent() -> int:
            said = self._conversation.answer(ticket, call.drain("response"), hresult, message)
            return max(-1, min(100, int(said)))

        return self._tried(call.method, ticket, percent, -1)

    def _connection_error(self, call: SoapCall, peer: str) -> Value:
        ticket, hresult = call.text("ticket"), call.text("hresult").strip()

        def trial() -> str:
            path = self._conversation.fail(ticket, hresult, call.text("message"))
            if not carries(path):
                raise WebConnectorError("the path of a company file cannot be written as XML")
            return path

        return self._tried(call.method, ticket, trial, "done")

    def _last_error(self, call: SoapCall, peer: str) -> Value:
        ticket = call.text("ticket")
        if ticket in self._troubles:
            return self._troubles[ticket]
        sentence = self._tried(call.method, "", lambda: self._conversation.explain(ticket), "")
        return one_line(sentence) or "qbconsole has nothing to add."

    def _close(self, call: SoapCall, peer: str) -> Value:
        ticket = call.text("ticket")
        sentence = self._tried(call.method, "", lambda: self._conversation.close(ticket), "")
        self._troubles.pop(ticket, None)
        return one_line(sentence) or "Closed."

    def _tried(self, method: str, ticket: str, step: Callable[[], T], otherwise: T, *, secret: str = "") -> T:
        """Do a step of the conversation; where it fails, log it, remember a sentence, return `otherwise`."""
        try:
            value = step()
        except Exception as fault:  # noqa: BLE001  the edge of the house: a client on Windows waits for an answer
            self._log.error("call_failed", call=method, ticket=_fingerprint(ticket), **_told(fault, secret))
            if ticket:
                _keep(self._troubles, ticket, sentence_of(fault))
            return otherwise
        if ticket:
            self._troubles.pop(ticket, None)
        return value


def _dotted(version: str) -> tuple[int, ...]:
    """Read `2.3.0.215` as numbers, trailing zeros aside; (0,) for what is no version: then we let it pass."""
    if not _VERSION.fullmatch(version):
        return (0,)
    numbers = [int(part) for part in version.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _outcome(word: str) -> str:
    """Name a login's outcome for the log, without the path of a company file."""
    return word if word in _WORDS else "opened"


def _fingerprint(ticket: str) -> str:
    """Name a ticket in a log: whoever reads it cannot use it."""
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()[:8] if ticket else ""


def sentence_of(fault: Exception) -> str:
    """Say to the client that we failed, by code only; the fault's own words may hold paths or names."""
    if isinstance(fault, QbconsoleError):
        code = fault.code
    else:
        code = "store" if isinstance(fault, sqlite3.Error) else "internal"
    return f"qbconsole could not go on ({code}); its log says why."


def _told(fault: Exception, secret: str) -> dict[str, object]:
    """Describe a fault for the log: only its first argument (SQL errors add parameters), places without values."""
    said = str(fault) if isinstance(fault, QbconsoleError) else str(next(iter(fault.args), ""))
    if secret:
        said = said.replace(secret, "[password]")
    frames = traceback.extract_tb(fault.__traceback__)
    return {
        "error": type(fault).__name__,
        "said": safe(said, limit=300),
        "places": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _keep(table: OrderedDict[str, str], key: str, value: str) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > _REMEMBERED:
        table.popitem(last=False)
