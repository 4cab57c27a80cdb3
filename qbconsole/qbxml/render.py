"""Renders documents to qbXML requests through the templates a merchant may change.

A template sees one variable, `d`: the document as flat text (`qbxml.flat`). It runs in Jinja2's sandbox, with
undefined names refused and everything escaped; what comes out is plain ASCII, checked by requests.xsd and read
again against its document. What is wrong with the merchant's data comes back as faults, for a hold; what is
wrong with a template is raised with its file and line. Never here: files, envelopes, names of accounts.
"""

from __future__ import annotations

import base64
import hashlib
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from typing import ClassVar, Protocol
from xml.sax.saxutils import escape

from jinja2 import TemplateNotFound, TemplateSyntaxError
from lxml import etree

from qbconsole.books.documents.purchasing import line_key
from qbconsole.errors import TemplateBroken
from qbconsole.qbxml.agreement import Agreement
from qbconsole.qbxml.flat import Flattener, Loss, View
from qbconsole.qbxml.schema import Fault, Schema
from qbconsole.qbxml.templating import Sandbox
from qbconsole.value import Value, replace

_SLOT = re.compile(
    r"<(TxnID|CreditTxnID|PaymentTxnID|LinkToTxnID|TxnLineID)>(@slot:[a-z2-7]{20}@)</\1>",
)


class Renderable(Protocol):
    """A document, list entry or question of `books`: it names its request and its template."""

    request: ClassVar[str]
    template: ClassVar[str]


class Fragment(Value):
    """One request for QuickBooks without its envelope, and what is to be known about it."""

    #: "SalesReceiptAdd".
    request: str
    #: One `<…Rq>` element in ASCII.
    text: str
    losses: tuple[Loss, ...] = ()
    #: Slot tokens still to be filled; while there are any, the request waits.
    slots: tuple[str, ...] = ()
    #: Why QuickBooks would refuse it, or where the template strayed; it may become ready only without any.
    faults: tuple[Fault, ...] = ()


def slot_token(key: str) -> str:
    """Stand in for the TxnID of the document with this key: the same each time, 27 characters.

    Of a line's key (`purchasing.line_key`) it stands in for the TxnLineID.
    """
    digest = base64.b32encode(hashlib.sha256(key.encode()).digest()).decode().lower()
    return f"@slot:{digest[:20]}@"


def line_slot_token(document_key: str, place: int) -> str:
    """Stand in for the TxnLineID of a line of the document with this key; the first line is 1."""
    return slot_token(line_key(document_key, place))


def slots_of(fragment: str) -> tuple[str, ...]:
    """List the slot tokens a fragment waits for, each once."""
    return tuple(dict.fromkeys(match[2] for match in _SLOT.finditer(fragment)))


def entry_name(fragment: str) -> str:
    """Full name of the list entry a fragment adds: its parent's name in front; "" where it adds none."""
    name = _between(fragment, "<Name>", "</Name>")
    parent = _between(fragment, "<ParentRef><FullName>", "</FullName>")
    return f"{parent}:{name}" if parent and name else name


def _between(text: str, start: str, end: str) -> str:
    _, found, rest = text.partition(start)
    return unescape(rest.partition(end)[0]) if found else ""


def fill(fragment: str, txn_ids: Mapping[str, str]) -> str:
    """Put TxnIDs and TxnLineIDs in the place of slot tokens. Raises KeyError naming the first token nobody gave.

    Only whole id elements are slots: a shopper's text is escaped and can never look like one.
    """
    return _SLOT.sub(lambda match: f"<{match[1]}>{escape(txn_ids[match[2]])}</{match[1]}>", fragment)


class Renderer:
    """All templates of a workspace, compiled when first used.

    `sources` holds the text of each by its path below `templates/`: "sales_receipt_add.xml.j2", and
    "oak-ember/sales_receipt_add.xml.j2" for the one that merchant's documents use instead. `proven` are the
    shipped templates, which our own tests prove faithful: a request written by the very same text is not read
    again. Every other one is.
    """

    def __init__(
        self, sources: Mapping[str, str], schema: Schema, *, proven: Mapping[str, str] | None = None
    ) -> None:
        self._sources = sources
        self._proven = {name for name, text in (proven or {}).items() if sources.get(name) == text}
        self._schema = schema
        self._flattener = Flattener(schema)
        self._agreement = Agreement(schema.numbers)
        self._templates: dict[tuple[str, str], Callable[[View], str]] = {}
        self._sandboxes: dict[str, Sandbox] = {}
        self._own = {name.partition("/")[0] for name in sources if "/" in name}

    def render(
        self,
        document: Renderable,
        *,
        request_id: str,
        merchant: str | None = None,
        include_ret_elements: Sequence[str] = (),
    ) -> Fragment:
        """Render one request, fit, check and re-read it.

        `include_ret_elements` trims QuickBooks' answer to these elements. Raises TemplateBroken with the
        template's file and line when it does not run; what it says wrongly is in the fragment's faults.
        """
        name = document.template
        folder = merchant if merchant in self._own and merchant is not None else ""
        losses: list[Loss] = []
        view = self._flattener.view(document, request_id, tuple(include_ret_elements), losses)
        text = self._run(folder, name, view)
        faults, tree = self._schema.check(text)
        if tree is not None and not faults and not self._is_proven(folder, name):
            faults = _strayed(tree, document.request, request_id)
            faults = faults or self._agreement.disagreements(document, tree)
        return Fragment(
            request=document.request,
            text=text,
            losses=tuple(losses),
            slots=slots_of(text) if "@slot:" in text else (),
            faults=tuple(self._placed(fault, folder, name) for fault in faults),
        )

    def _is_proven(self, folder: str, name: str) -> bool:
        return name in self._proven and f"{folder}/{name}" not in self._sources

    def _run(self, folder: str, name: str, view: View) -> str:
        try:
            text = self._template(folder, name)(view).strip()
        except Exception as cause:  # a template is a merchant's program: it may raise anything
            raise _broken(name, cause) from cause
        return text if text.isascii() else text.encode("ascii", "xmlcharrefreplace").decode("ascii")

    def _placed(self, fault: Fault, folder: str, name: str) -> Fault:
        """Add the template's line that writes the faulty element."""
        path = next((path for path in (f"{folder}/{name}", name) if path in self._sources), name)
        lines = self._sources.get(path, "").splitlines()
        tag = f"<{fault.element}>"
        line = next((number for number, text in enumerate(lines, 1) if fault.element and tag in text), 0)
        return replace(fault, where=f"templates/{path}:{line}" if line else f"templates/{path}")

    def _template(self, folder: str, name: str) -> Callable[[View], str]:
        template = self._templates.get((folder, name))
        if template is None:
            sandbox = self._sandboxes.get(folder)
            if sandbox is None:
                sandbox = self._sandboxes[folder] = self._sandbox(folder)
            template = self._templates[folder, name] = sandbox.runner(name)
        return template

    def _sandbox(self, folder: str) -> Sandbox:
        def load(name: str) -> tuple[str, str, None] | None:
            for path in (f"{folder}/{name}", name) if folder else (name,):
                if path in self._sources:
                    return self._sources[path], f"templates/{path}", None
            return None

        return Sandbox(load)


def _broken(name: str, cause: Exception) -> TemplateBroken:
    """Name the template's line where it stopped."""
    if isinstance(cause, TemplateNotFound):
        return TemplateBroken(f"there is no template {cause.name}", where=f"templates/{name}")
    if isinstance(cause, TemplateSyntaxError):
        place = f"{cause.filename or f'templates/{name}'}:{cause.lineno}"
        return TemplateBroken(cause.message or "a syntax error", where=place)
    lines = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(cause.__traceback__)
        if frame.filename.startswith("templates/")
    ]
    return TemplateBroken(f"{cause}", where=lines[-1] if lines else f"templates/{name}")


def _strayed(tree: etree._Element, request: str, request_id: str) -> list[Fault]:
    """Refuse a template that writes another request than it stands for, or a second one beside it."""
    parent = tree.getparent()
    count = len(parent) if parent is not None else 1
    if tree.tag != f"{request}Rq" or count != 1:
        return [
            Fault(
                str(tree.tag),
                1,
                f"the template writes {count} requests, the first {tree.tag}, not one {request}Rq",
            )
        ]
    if tree.get("requestID") != request_id:
        return [Fault(str(tree.tag), 1, "the template does not carry the requestID it was given")]
    return []
