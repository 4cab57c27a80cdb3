"""Our own requests.xsd at work: checks what we are about to send and tells the length of every field.

QuickBooks refuses a whole message set, unprocessed, for one element out of order or one character too many, so
nothing becomes ready before it passed here. Pure: the text of the XSD is an argument. Facts: protocol notes,
sections 6, 12 and 18; they are written down in requests.xsd and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import cast

from lxml import etree

from qbconsole.value import Value

_XS = "{http://www.w3.org/2001/XMLSchema}"
_OPEN = '<QBXML><QBXMLMsgsRq onError="continueOnError">'
_CLOSE = "</QBXMLMsgsRq></QBXML>"
_NUMBERS = frozenset({"Amount", "Price", "Quantity", "Percent", "Factor"})
_POSITION = re.compile(r"\[\d+\]")
_ALLOWED_LENGTH = re.compile(r"length of '(\d+)'.*allowed maximum length of '(\d+)'")
_VALUE = re.compile(r"(?:The value|^Element '\w+':|attribute '\w+':) '(.*?)' is not", re.DOTALL)
_ATTRIBUTE = re.compile(r"^Element '\w+', attribute '(\w+)'")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*?) \)")


class Fault(Value, kw_only=False):
    """One reason why QuickBooks would refuse a request."""

    #: "SalesReceiptAddRq/SalesReceiptAdd/Memo".
    path: str
    #: Line of the text that was checked, from 1.
    line: int
    sentence: str
    #: The line of the template that wrote it, where one did: "templates/invoice_add.xml.j2:12".
    where: str = ""

    @property
    def element(self) -> str:
        """The last name of the path."""
        return self.path.rpartition("/")[2]


class Field(Value, kw_only=False):
    """What requests.xsd says of one element without children."""

    #: Name of its type there: "Amount", "Id", "Text41", "AccountType" …
    kind: str
    #: Most characters, or None where there is no limit.
    limit: int | None
    required: bool

    @property
    def is_text(self) -> bool:
        """True for words, which may be rewritten and cut; false for keys, amounts, dates and choices."""
        return self.kind.startswith("Text")

    @property
    def is_number(self) -> bool:
        """True for money, rates, percentages and counts."""
        return self.kind in _NUMBERS


@dataclass(frozen=True, slots=True)
class Schema:
    """The compiled XSD and what it says of every field."""

    #: By request ("SalesReceiptAdd") and path below it ("SalesReceiptLineAdd/Desc").
    fields: Mapping[tuple[str, str], Field]
    #: Names of the elements that hold money, rates and counts.
    numbers: frozenset[str]
    _compiled: etree.XMLSchema
    _parser: etree.XMLParser

    @classmethod
    def of(cls, xsd: bytes) -> Schema:
        """Compile the text of requests.xsd."""
        fields = _fields(xsd)
        numbers = frozenset(path.rpartition("/")[2] for (_, path), field in fields.items() if field.is_number)
        return cls(fields, numbers, etree.XMLSchema(etree.fromstring(xsd, _hardened())), _hardened())

    @property
    def limits(self) -> dict[tuple[str, str], int]:
        """The most characters of each field that has a limit, by request and path."""
        return {place: field.limit for place, field in self.fields.items() if field.limit is not None}

    @property
    def requests(self) -> frozenset[str]:
        """All requests that may be sent, by name: SalesReceiptAdd, HostQuery and so on."""
        return frozenset(request for request, _ in self.fields)

    def check(self, request: str) -> tuple[list[Fault], etree._Element | None]:
        """Check one request without its envelope; return its faults and, if it is XML at all, its tree."""
        faults, tree = self._checked(f"{_OPEN}{request}{_CLOSE}")
        return faults, (tree[0][0] if tree is not None and len(tree) and len(tree[0]) else None)

    def check_document(self, text: str) -> list[Fault]:
        """Check a whole QBXML document, envelope and all; empty when QuickBooks would process it."""
        faults, tree = self._checked(text)
        if tree is not None and tree.getroottree().docinfo.internalDTD is not None:
            return [Fault("", 1, "a DOCTYPE has no place in a request")]
        return faults

    def _checked(self, document: str) -> tuple[list[Fault], etree._Element | None]:
        try:
            tree = etree.fromstring(document.encode(), self._parser)
        except (etree.XMLSyntaxError, UnicodeEncodeError) as cause:
            line = getattr(cause, "lineno", None) or 1
            return [Fault("", line, f"this is no well-formed XML: {getattr(cause, 'msg', cause)}")], None
        if self._compiled.validate(tree):
            return [], tree
        # libxml2's log is the only place that names what is wrong; the stubs do not know it can be walked.
        log = cast("Iterable[etree._LogEntry]", self._compiled.error_log)
        return [_fault(entry) for entry in log], tree


def shipped_schema() -> Schema:
    """Compile the requests.xsd of this package: read once, at an edge (about 30 ms), then handed on."""
    # Package data is part of the program, not of the world it must not look at.
    return Schema.of(resources.files("qbconsole.qbxml").joinpath("requests.xsd").read_bytes())


def _hardened() -> etree.XMLParser:
    """Make a parser that follows nothing a document points to."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )


def _fault(entry: etree._LogEntry) -> Fault:
    path = _POSITION.sub("", entry.path or "").removeprefix("/QBXML/QBXMLMsgsRq").lstrip("/")
    element = path.rpartition("/")[2] or "the request"
    if attribute := _ATTRIBUTE.search(entry.message):
        element = f"{attribute[1]} of {element}"
    return Fault(path, entry.line, _sentence(element, entry.message))


def _sentence(element: str, message: str) -> str:
    """Say in our words what libxml2 found."""
    if long := _ALLOWED_LENGTH.search(message):
        return f"{element} has {long[1]} characters; QuickBooks takes {long[2]}"
    expected = _EXPECTED.search(message)
    if "Missing child element" in message:
        return f"{element} lacks {_choice(expected)}"
    if "This element is not expected" in message:
        wanted = f"; here may stand {_choice(expected)}" if expected else ""
        return f"{element} is unknown to QuickBooks, or does not belong here{wanted}"
    if value := _VALUE.search(message):
        return f"{element} is written '{value[1]}', which QuickBooks does not take"
    return f"{element}: {message.partition(': ')[2] or message}"


def _choice(expected: re.Match[str] | None) -> str:
    names = expected[1].split(", ") if expected else ["something"]
    shown = names if len(names) <= 6 else [*names[:6], "…"]
    return " or ".join(shown)


class _Reading:
    """Reads the fields out of the XSD's own text."""

    def __init__(self, root: etree._Element) -> None:
        self._types = {node.get("name"): node for node in root if node.get("name")}
        self._groups = {node.get("name"): node for node in root.iterfind(f"{_XS}group")}
        self._root = root

    def fields(self) -> Iterator[tuple[tuple[str, str], Field]]:
        """Every field of every request, by request and path."""
        for element in self._types["Requests"].iter(f"{_XS}element"):
            name = element.get("name", "")
            if not name.endswith("Rq"):
                continue
            request = name.removesuffix("Rq")
            for path, field in self._members(self._type_of(element), ""):
                yield (request, path.removeprefix(f"{request}/")), field

    def _members(self, kind: etree._Element | None, above: str) -> Iterator[tuple[str, Field]]:
        if kind is None:
            return
        for node in kind.iterchildren(f"{_XS}sequence", f"{_XS}choice", f"{_XS}element", f"{_XS}group"):
            if node.tag == f"{_XS}group":
                yield from self._members(self._groups[node.get("ref")], above)
            elif node.tag != f"{_XS}element":
                yield from self._members(node, above)
            else:
                yield from self._element(node, above)

    def _element(self, node: etree._Element, above: str) -> Iterator[tuple[str, Field]]:
        path = f"{above}{node.get('name')}"
        kind = self._type_of(node)
        if kind is not None and kind.tag == f"{_XS}complexType":
            yield from self._members(kind, f"{path}/")
        else:
            required = node.get("minOccurs") != "0"
            yield path, Field(node.get("type", ""), _limit(kind), required)

    def _type_of(self, node: etree._Element) -> etree._Element | None:
        own = node.find(f"{_XS}complexType")
        return own if own is not None else self._types.get(node.get("type"))


@lru_cache(maxsize=4)
def _fields(xsd: bytes) -> Mapping[tuple[str, str], Field]:
    """Every field of an XSD, by request and path; read once a process."""
    return MappingProxyType(dict(_Reading(etree.fromstring(xsd, _hardened())).fields()))


def _limit(kind: etree._Element | None) -> int | None:
    found = kind.find(f"{_XS}restriction/{_XS}maxLength") if kind is not None else None
    return int(found.get("value", "0")) if found is not None else None
