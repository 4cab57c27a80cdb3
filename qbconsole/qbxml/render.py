"""Renders documents to qbXML requests through the templates a merchant may change.

A template sees one variable, `d`: the document as flat text (`qbxml.flat`). It runs in Jinja2's sandbox, with
undefined names refused and everything escaped; what comes out is plain ASCII, checked by requests.xsd and read
again against its document. A shipped template that only lays out is put together with its document's class, and
writes the same without `d` (`qbxml.generated.straight`). What is wrong with the merchant's data comes back as
faults, for a hold; what is wrong with a template is raised with its file and line. Never here: files, envelopes,
names of accounts.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from typing import ClassVar, Protocol
from xml.sax.saxutils import escape

from lxml import etree

from qbconsole.books.documents.purchasing import line_key
from qbconsole.qbxml.agreement import Agreement
from qbconsole.qbxml.flat import Flattener, Loss
from qbconsole.qbxml.generated.straight import Straight, straight
from qbconsole.qbxml.schema import Fault, Schema
from qbconsole.qbxml.templating import Facts, Sandbox
from qbconsole.qbxml.templating.facts import show_facts
from qbconsole.qbxml.templating.fitting import fit_words
from qbconsole.qbxml.templating.sources import Chosen, Templates, in_ascii
from qbconsole.value import Value

_SLOT = re.compile(
    r"<(TxnID|CreditTxnID|PaymentTxnID|LinkToTxnID|TxnLineID)>(@slot:[a-z2-7]{20}@)</\1>",
)

#: What names a list entry, however a merchant's template breaks its lines.
_NAME = re.compile(r"<Name>([^<]*)</Name>")
_PARENT = re.compile(r"<ParentRef>\s*<FullName>([^<]*)</FullName>")
#: Ways to write the same XML that slots and names are not looked for in: comments, CDATA, blanks inside a tag.
_ODD = re.compile(r"<!|</?\w+\s+/?>")


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
    #: Path below templates/ of the one that wrote it, the sha256 of its text, and whether that is the shipped text.
    template: str = ""
    sha256: str = ""
    shipped: bool = False


def slot_token(key: str) -> str:
    """Stand in for the TxnID of the document with this key: the same each time, 27 characters.

    Of a line's key (`purchasing.line_key`) it stands in for the TxnLineID.
    """
    # Fifteen bytes make the 24 digits that 20 are taken of.
    digest = base64.b32encode(hashlib.sha256(key.encode()).digest()[:15]).decode().lower()
    return f"@slot:{digest[:20]}@"


def line_slot_token(document_key: str, place: int) -> str:
    """Stand in for the TxnLineID of a line of the document with this key; the first line is 1."""
    return slot_token(line_key(document_key, place))


def slots_of(fragment: str) -> tuple[str, ...]:
    """List the slot tokens a fragment waits for, each once."""
    return tuple(dict.fromkeys(match[2] for match in _SLOT.finditer(fragment)))


def entry_name(fragment: str) -> str:
    """Full name of the list entry a fragment adds: its parent's name in front; "" where it adds none."""
    name = _words_of(_NAME, fragment)
    parent = _words_of(_PARENT, fragment)
    return f"{parent}:{name}" if parent and name else name


def _words_of(element: re.Pattern[str], fragment: str) -> str:
    found = element.search(fragment)
    return unescape(found[1]) if found else ""


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
        self._templates = Templates(sources, proven or {})
        self._schema = schema
        self._flattener = Flattener(schema)
        self._agreement = Agreement(schema)
        self._written: dict[tuple[type, str], Straight | None] = {}

    def is_shipped(self, document: Renderable, merchant: str | None) -> bool:
        """Whether the very text that ships would write this."""
        return self._templates.chosen(merchant, document.template).proven

    def render(
        self,
        document: Renderable,
        *,
        request_id: str,
        merchant: str | None = None,
        include_ret_elements: Sequence[str] = (),
        facts: Callable[[], Facts | None] | None = None,
    ) -> Fragment:
        """Render one request, fit, check and re-read it.

        `include_ret_elements` trims QuickBooks' answer to these elements. `facts` tells of the order behind the
        document; it is asked only where the template is not the shipped one. Raises TemplateBroken with the
        template's file and line when it does not run; what it says wrongly is in the fragment's faults.
        """
        name, templates = document.template, self._templates
        chosen = templates.chosen(merchant, name)
        folder, proven = chosen.folder, chosen.proven
        losses: list[Loss] = []
        text = self._text(document, chosen, request_id, tuple(include_ret_elements), losses, facts)
        faults, tree = self._schema.check(text)
        if not proven and (instruction := _instruction(text)):
            faults = [instruction]
        elif tree is None and not faults:
            faults = [Fault("", 1, f"the template writes no request, not one {document.request}Rq")]
        elif tree is not None and not proven:
            fitted = fit_words(tree, document.request, self._schema, losses)
            # A second request would be lost in writing it anew, and is refused below.
            if (fitted or _ODD.search(text)) and tree.getnext() is None:
                text = etree.tostring(tree, encoding="ascii", with_tail=False).decode("ascii")
                faults, tree = self._schema.check(text)
            if tree is not None and not faults:
                faults = _strayed(tree, document.request, request_id, include_ret_elements)
                faults = faults or self._agreement.disagreements(document, tree)
        return Fragment(
            request=document.request,
            text=text,
            losses=tuple(losses),
            slots=slots_of(text) if "@slot:" in text else (),
            faults=tuple([templates.placed(fault, folder, name) for fault in faults]) if faults else (),
            template=chosen.path,
            sha256=chosen.sha256,
            shipped=proven,
        )

    def _text(
        self,
        document: Renderable,
        chosen: Chosen,
        request_id: str,
        wanted: tuple[str, ...],
        losses: list[Loss],
        facts: Callable[[], Facts | None] | None,
    ) -> str:
        """What the template writes: straight from the document where it can, else by way of `d`."""
        if chosen.proven and (write := self._straight(document)):
            return in_ascii(write(document, request_id, wanted, losses))
        view = self._flattener.view(document, request_id, wanted, losses)
        if not chosen.proven:
            show_facts(view, facts() if facts else None)
        return self._templates.run(chosen.folder, document.template, view)

    def _straight(self, document: Renderable) -> Straight | None:
        """What writes such documents as the shipped template would, where that is all layout; made once a class."""
        key = (type(document), document.template)
        if key not in self._written:
            tree, ways = self._templates.tree(document.template), self._flattener.ways
            self._written[key] = straight(tree, type(document), ways, Sandbox.xml_text)
        return self._written[key]


def _instruction(text: str) -> Fault | None:
    """Refuse processing instructions: the text around one is split, and only what stands before it is read again."""
    if "<?" not in text:  # data is escaped
        return None
    what = "the template writes a processing instruction (<?), which has no place in a request"
    return Fault("", 1 + text[: text.index("<?")].count("\n"), what)


def _strayed(tree: etree._Element, request: str, request_id: str, wanted: Sequence[str]) -> list[Fault]:
    """Refuse a template that writes another request than it stands for, a second one, or asks for less in return."""
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
    asked = [node.text for node in tree.iterchildren("IncludeRetElement")]
    lacking = [name for name in wanted if name not in asked] if asked else []
    if lacking:
        what = f"the template does not ask QuickBooks for {lacking[0]}, which we need to know"
        return [Fault("IncludeRetElement", 1, what)]
    return []
