"""The outside of a message set: what must hold before QuickBooks looks at a single request.

One breach anywhere and the whole set is refused with 0x80040400, nothing run (qbwc-protocol.md section 6).
Order, lengths and types come from the schema handed over; without one only well-formedness is checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree

from qbconsole.sandbox.quickbooks.requests.about import spoken
from qbconsole.sandbox.quickbooks.requests.queries import ITERABLE

PARSE_ERROR = "0x80040400"
_SAID = "QuickBooks found an error when parsing the provided XML text stream."
_VERSION = re.compile(r"""\s*version\s*=\s*["']([0-9.]+)["']\s*""")
_PARSER = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True)
_ON_ERROR = ("stopOnError", "continueOnError", "rollbackOnError")


class Unreadable(Exception):
    """The set cannot be parsed; the text is for whoever debugs, QuickBooks itself says less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSet:
    """A readable set."""

    requests: list[etree._Element]
    on_error: str
    old_id: str
    new_id: str
    with_data: bool


@cache
def schema_at(path: Path, _changed: int) -> etree.XMLSchema:
    """The compiled schema of a file; compiled again when the file has changed."""
    return etree.XMLSchema(etree.parse(str(path)))


def read(text: str, highest: str, schema: etree.XMLSchema | None) -> MessageSet:
    """Read a set for a host whose highest qbXML version is given. Raises Unreadable."""
    root = _parse(text)
    _check_version(root, highest)
    if schema is not None:
        try:
            schema.assertValid(root)
        except etree.DocumentInvalid as cause:
            raise Unreadable(f"{_SAID} {cause}") from cause
    found = root.find("QBXMLMsgsRq")
    if root.tag != "QBXML" or found is None:
        raise Unreadable(f"{_SAID} There is no QBXML with QBXMLMsgsRq.")
    on_error = found.get("onError") or ""
    if on_error not in _ON_ERROR:
        raise Unreadable(f"{_SAID} onError is missing.")
    requests = [one for one in found if isinstance(one.tag, str)]
    for one in requests:
        if one.get("iterator") and one.tag not in ITERABLE:
            raise Unreadable(f"{_SAID} {one.tag} has no iterator.")
    return MessageSet(
        requests=requests,
        on_error=on_error,
        old_id=found.get("oldMessageSetID") or "",
        new_id=found.get("newMessageSetID") or "",
        with_data=found.get("responseData") != "includeNone",
    )


def _parse(text: str) -> etree._Element:
    text = text.lstrip("\ufeff \t\r\n")
    try:
        if not text.isascii():
            text.encode("cp1252")  # raw letters beyond Windows-1252 break the real parser
        raw = text.encode()
    except UnicodeEncodeError as cause:
        raise Unreadable(f"{_SAID} Raw character {text[cause.start]!a}.") from cause
    try:
        root = etree.fromstring(raw, _PARSER)
    except etree.XMLSyntaxError as cause:
        raise Unreadable(f"{_SAID} {cause}") from cause
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise Unreadable(f"{_SAID} A DOCTYPE is not allowed.")
    return root


def _check_version(root: etree._Element, highest: str) -> None:
    before = root.getprevious()
    while before is not None:
        if isinstance(before, etree._ProcessingInstruction) and before.target == "qbxml":
            found = _VERSION.fullmatch(before.text or "")
            if found is None or found[1] not in spoken(highest):
                raise Unreadable(f"{_SAID} The qbXML version is not one this QuickBooks speaks.")
            return
        before = before.getprevious()
    raise Unreadable(f"{_SAID} The qbxml processing instruction is missing.")
