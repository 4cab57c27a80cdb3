"""Reads one SOAP call from a body as its bytes arrive; hostile XML is refused, nothing is fetched.

The body is never held as a whole: expat is fed as it comes and only the text of the parameters is kept, in
pieces, un-escaped exactly once. Refused: any DOCTYPE (so there are no entities), any declared encoding but
UTF-8, deep nesting, many elements or attributes, markup inside a parameter, a token longer than TOKEN_BYTES
(expat before 2.6 scans an unfinished token again with every feed, CVE-2023-52425).
Every form of envelope of reference/qbwc-protocol.md section 1 is read: names count by their local part, in
any namespace or none; a missing parameter is '' and a missing integer is 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from qbconsole.errors import SoapUnreadable

SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
PIECE_CHARACTERS = 64 * 1024
TOKEN_BYTES = 256 * 1024
MAX_DEPTH = 12
MAX_ELEMENTS = 128
MAX_ATTRIBUTES = 64
#: Only these two carry a qbXML document; nothing else a client says is longer than PIECE_CHARACTERS.
LONG_PARAMETERS = frozenset({"response", "strhcpresponse"})

_NOT_UTF_8 = "The body is not well-formed XML in UTF-8."
_LEADING = b"\xef\xbb\xbf \t\r\n"
_INTEGER = re.compile(r"\s*([0-9]{1,6})\s*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapCall:
    """One call: the method's local name, and each parameter's text in pieces by lower-case local name."""

    method: str
    parameters: dict[str, list[str]] = field(repr=False)
    soap12: bool = False

    def text(self, name: str) -> str:
        """Return a parameter as one string, '' where it is missing."""
        return "".join(self.parameters.get(name.lower(), ()))

    def number(self, name: str) -> int:
        """Return a whole parameter, 0 where it is missing or no number."""
        match = _INTEGER.fullmatch(self.text(name))
        return int(match[1]) if match else 0

    def length(self, name: str) -> int:
        """Count the characters of a parameter."""
        return sum(map(len, self.parameters.get(name.lower(), ())))

    def drain(self, name: str) -> Iterator[str]:
        """Yield a parameter's pieces, giving each one up as the next is asked for."""
        pieces = self.parameters.pop(name.lower(), [])
        pieces.reverse()
        while pieces:
            yield pieces.pop()


class EnvelopeReader:
    """Takes a body bit by bit (`feed`) and gives the call (`finish`); raises SoapUnreadable."""

    __slots__ = (
        "_depth", "_elements", "_fed", "_in_body", "_in_method", "_method", "_parameters", "_parser",
        "_pieces", "_room", "_soap12", "_started",
    )  # fmt: skip

    def __init__(self) -> None:
        parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.buffer_size = PIECE_CHARACTERS
        parser.XmlDeclHandler = _declared
        parser.StartDoctypeDeclHandler = _doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._parser: expat.XMLParserType | None = parser
        self._fed = self._depth = self._elements = 0
        self._started = self._in_body = self._in_method = self._soap12 = False
        self._method: str | None = None
        self._parameters: dict[str, list[str]] = {}
        self._pieces: list[str] | None = None
        self._room: int | None = None

    def feed(self, data: bytes) -> None:
        """Take more of the body; blanks and a byte order mark before the XML are passed over."""
        if not self._started:
            data = data.lstrip(_LEADING)
            if not data:
                return
            self._started = True
            if data[0] in (0xFE, 0xFF):
                raise SoapUnreadable(_NOT_UTF_8)
        if 0 in data:  # with a mark or a zero byte expat reads UTF-16, whatever it was told
            raise SoapUnreadable(_NOT_UTF_8)
        view = memoryview(data)
        for at in range(0, len(view), PIECE_CHARACTERS):
            self._parse(view[at : at + PIECE_CHARACTERS], last=False)

    def finish(self) -> SoapCall:
        """Return the call of the body fed so far; a cut body is refused."""
        self._parse(b"", last=True)
        if self._method is None:
            raise SoapUnreadable("The envelope holds no call.")
        call = SoapCall(method=self._method, parameters=self._parameters, soap12=self._soap12)
        self.release()
        return call

    def release(self) -> None:
        """Let the parser go: it and its handlers refer to each other and would hold the text until a GC."""
        self._parser = self._pieces = None
        self._parameters = {}

    def _parse(self, data: bytes | memoryview, *, last: bool) -> None:
        parser = self._parser
        if parser is None:
            raise SoapUnreadable("The body was already read.")
        try:
            parser.Parse(data, last)
        except expat.ExpatError as fault:
            raise SoapUnreadable(_NOT_UTF_8, where=str(fault)) from fault
        self._fed += len(data)
        if self._fed - parser.CurrentByteIndex > TOKEN_BYTES:
            raise SoapUnreadable("The envelope holds a tag or comment that is too long.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS or len(attributes) > MAX_ATTRIBUTES:
            raise SoapUnreadable("The envelope holds more markup than any Web Connector sends.")
        local = name.rpartition(":")[2]
        if self._depth == 1:
            if local != "Envelope":
                raise SoapUnreadable("The body is XML but no SOAP envelope.")
            self._soap12 = SOAP_12 in attributes.values()
        elif self._depth == 2:
            self._in_body = local == "Body"
        elif self._depth == 3 and self._in_body:
            self._in_method = self._method is None
            if self._in_method:
                self._method = local
        elif self._in_method:
            self._open_parameter(local.lower())

    def _open_parameter(self, name: str) -> None:
        if self._depth > 4:
            raise SoapUnreadable("A parameter holds markup; qbXML has to be escaped inside it.")
        if name in self._parameters:
            raise SoapUnreadable("The call names a parameter twice.")
        self._pieces = self._parameters[name] = []
        self._room = None if name in LONG_PARAMETERS else PIECE_CHARACTERS

    def _text(self, piece: str) -> None:
        if self._pieces is None:
            return
        if self._room is not None:
            self._room -= len(piece)
            if self._room < 0:
                raise SoapUnreadable("A parameter is longer than any Web Connector sends.")
        self._pieces.append(piece)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._pieces = None
        if self._depth == 2:
            self._in_method = False


def _declared(version: str, encoding: str | None, standalone: int) -> None:
    """Refuse a declaration of any encoding but UTF-8; expat is told to read UTF-8 whatever it says."""
    if encoding is not None and encoding.lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise SoapUnreadable("The body declares an encoding other than UTF-8.")


def _doctype(name: str, system_id: str | None, public_id: str | None, internal: bool) -> None:
    """Refuse every document type: with it go entities, external files and billion laughs."""
    raise SoapUnreadable("The body declares a document type, which is refused.")
