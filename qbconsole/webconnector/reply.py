"""Writes SOAP answers and faults: escaped once, well-formed whatever the text holds.

Nothing precedes the XML (QBWC1042 otherwise), every element stands in Intuit's namespace, and the empty second
`<string></string>` of authenticate is really there: a client that misses either reports a failed login.
Source: reference/qbwc-protocol.md section 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.visible import safe

NAMESPACE = "http://developer.intuit.com/"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SENTENCE_CHARACTERS = 200

_CONTROLS = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})

Value = str | int | Sequence[str]


def escape(text: str) -> bytes:
    """Escape as the real service does: `&`, `<`, `>`, nothing else. In bytes: a set is a few hundred KB."""
    return text.encode().replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def carries(text: str) -> bool:
    """Tell whether XML 1.0 can hold this text at all; a control character or lone surrogate it cannot."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        return False
    if len(raw.translate(None, _CONTROLS)) != len(raw):
        return False
    return text.isascii() or ("\ufffe" not in text and "\uffff" not in text)


def one_line(text: str) -> str:
    """Return a short line for the client's window, harmless and without line breaks."""
    return safe(" ".join(text.split()), limit=SENTENCE_CHARACTERS).replace("\ufffe", "").replace("\uffff", "")


def result(method: str, value: Value, *, soap12: bool = False) -> bytes:
    """Wrap a call's value. `method` is one of the eight names, never text from outside."""
    if isinstance(value, str):
        inner = escape(value)
    elif isinstance(value, int):
        inner = b"%d" % value
    else:
        inner = b"".join(b"<string>%b</string>" % escape(member) for member in value)
    opening = f'<{method}Response xmlns="{NAMESPACE}"><{method}Result>'
    closing = f"</{method}Result></{method}Response>"
    return _envelope(opening, inner, closing, soap12=soap12)


def fault(sentence: str, *, theirs: bool, soap12: bool = False) -> bytes:
    """Wrap a refusal in one safe sentence; `theirs` says whether the caller or we are at fault."""
    words = escape(one_line(sentence))
    if soap12:
        code = "Sender" if theirs else "Receiver"
        opening = (
            f"<soap:Fault><soap:Code><soap:Value>soap:{code}</soap:Value></soap:Code><soap:Reason>"
            '<soap:Text xml:lang="en">'
        )
        return _envelope(opening, words, "</soap:Text></soap:Reason></soap:Fault>", soap12=True)
    code = "Client" if theirs else "Server"
    opening = f"<soap:Fault><faultcode>soap:{code}</faultcode><faultstring>"
    return _envelope(opening, words, "</faultstring></soap:Fault>", soap12=False)


def _envelope(opening: str, inner: bytes, closing: str, *, soap12: bool) -> bytes:
    namespace = SOAP_12 if soap12 else SOAP_11
    head = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soap:Envelope xmlns:soap="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>{opening}'
    )
    return b"".join((head.encode(), inner, f"{closing}</soap:Body></soap:Envelope>".encode()))
