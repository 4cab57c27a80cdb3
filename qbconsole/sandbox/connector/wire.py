"""The client's side of the wire: envelopes as captured, answers read as strictly as the real client does.

One line, prefix `soap`, `& < >` escaped and nothing else, empty parameters as empty elements. An answer counts
only with status 200, as XML from its first byte, in Intuit's namespace; anything else is what the real client
reports as QBWC1042, and for authenticate as QBWC1012.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from xml.etree import ElementTree

import httpx

NAMESPACE = "http://developer.intuit.com/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
USER_AGENT = "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 2.0.50727.8009)"

_OPENING = (
    f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{SOAP}"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
    "<soap:Body>"
)
_ENVELOPE, _BODY, _FAULT = f"{{{SOAP}}}Envelope", f"{{{SOAP}}}Body", f"{{{SOAP}}}Fault"
_CLOSING = "</soap:Body></soap:Envelope>"
_INTEGER = re.compile(r"-?[0-9]{1,9}", re.ASCII)
#: Bytes of an answer that holds a word, a number or a ticket, and no document.
_SHORT = 1024


class Malformed(Exception):
    """An answer the real client would not read."""


def envelope(method: str, parameters: Sequence[tuple[str, str]]) -> bytes:
    """Return the body of one call."""
    inner = "".join(_parameter(name, value) for name, value in parameters)
    call = f'<{method} xmlns="{NAMESPACE}"'
    return (
        f"{_OPENING}{call}>{inner}</{method}>{_CLOSING}".encode()
        if inner
        else f"{_OPENING}{call} />{_CLOSING}".encode()
    )


def headers(method: str) -> dict[str, str]:
    """Return the headers that come with it; the SOAPAction is quoted."""
    return {
        "User-Agent": USER_AGENT,
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"{NAMESPACE}{method}"',
    }


def result(method: str, answer: httpx.Response) -> ElementTree.Element:
    """Return the result element of an answer, or raise Malformed."""
    body = answer.content
    try:
        root = _short(body) if len(body) < _SHORT else ElementTree.fromstring(body)
    except ElementTree.ParseError as fault:
        raise Malformed(f"{method}: HTTP {answer.status_code}, not well-formed XML: {fault}") from fault
    body_element = root.find(_BODY)
    fault_element = None if body_element is None else body_element.find(_FAULT)
    words = None if fault_element is None else fault_element.find("faultstring")
    if words is not None:
        raise Malformed(f"{method}: HTTP {answer.status_code}, SOAP fault: {words.text}")
    if answer.status_code != 200 or not answer.headers.get("content-type", "").startswith("text/xml"):
        raise Malformed(f"{method}: HTTP {answer.status_code} {answer.headers.get('content-type', '')}")
    if not body.startswith(b"<"):
        raise Malformed(f"{method}: something precedes the XML")
    said = None if body_element is None else body_element.find(f"{{{NAMESPACE}}}{method}Response")
    found = None if said is None else said.find(f"{{{NAMESPACE}}}{method}Result")
    if root.tag != _ENVELOPE or found is None:
        raise Malformed(f"{method}: no {method}Result in Intuit's namespace")
    return found


@lru_cache(maxsize=256)
def _short(body: bytes) -> ElementTree.Element:
    """An answer that says little, as most do: in the very bytes of many before. Nobody changes what is read."""
    return ElementTree.fromstring(body)


def text(element: ElementTree.Element) -> str:
    """Return a string result."""
    if len(element):
        raise Malformed(f"{element.tag}: markup in a string")
    return element.text or ""


def integer(element: ElementTree.Element) -> int:
    """Return an int result; decimals break the real client."""
    return whole(text(element))


def whole(said: str) -> int:
    """Read an integer."""
    if not _INTEGER.fullmatch(said):
        raise Malformed(f"{said[:40]!r} is no integer")
    return int(said)


def strings(element: ElementTree.Element) -> list[str]:
    """Return an ArrayOfString; its members stand in Intuit's namespace."""
    return [text(member) for member in element.findall(f"{{{NAMESPACE}}}string")]


def _parameter(name: str, value: str) -> str:
    if not value:
        return f"<{name} />"
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<{name}>{escaped}</{name}>"
