"""What a template sees of the order behind a document: `d.order`, and `line.sku`, `line.barcode` … on its lines.

Facts are words to print: nothing here posts. They are raw but for letters no XML can hold; what an element has no
room for is cut after rendering, and told (`render`). What the shop did not tell is None, and so is everything of a
document that no order is behind (a deposit, a shop day's summary).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from qbconsole.qbxml.flat import LINE_FACTS, View
from qbconsole.shop.orders import Order, OrderLine
from qbconsole.value import Value

#: Shopify's own limit of an order's note.
_LONGEST = 5_000
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class OrderFacts(View, msgspec.Struct, gc=False):
    """The order as `d.order`. Dates are YYYY-MM-DD on the shop's calendar."""

    #: "#1001".
    name: str | None = None
    #: Shopify's number of it: "8734".
    id: str | None = None
    #: The day it was made.
    date: str | None = None
    #: What the customer or the shop's staff wrote on it.
    note: str | None = None
    #: The buyer's own number for it.
    po_number: str | None = None
    #: "web", "pos", or the app's number.
    source: str | None = None
    #: Name of the counter it was sold at.
    location: str | None = None
    tags: tuple[str, ...] = ()
    discount_codes: tuple[str, ...] = ()
    #: Titles of the ways of shipping.
    shipping: tuple[str, ...] = ()
    #: Who bought it.
    customer: str | None = None
    email: str | None = None
    #: The buyer's company and its branch.
    company: str | None = None
    company_location: str | None = None


class LineFacts(View, msgspec.Struct, gc=False):
    """An order line, as fields of the document's line."""

    #: Title in the shop, without what the document's description adds.
    title: str | None = None
    sku: str | None = None
    barcode: str | None = None
    variant_id: str | None = None
    product_type: str | None = None
    #: The product's vendor in the shop.
    vendor: str | None = None


class Facts(Value):
    """What is behind one document."""

    order: OrderFacts
    #: For each of the document's lines; None where no order line is behind it.
    lines: tuple[LineFacts | None, ...] = ()


NO_ORDER = OrderFacts()
NO_LINE = LineFacts()


def facts_of(order: Order, lines: Sequence[OrderLine | None]) -> Facts:
    """The facts of an order and of the order line behind each line of a document."""
    buyer = order.buyer
    told = OrderFacts(
        name=_word(order.name),
        id=_word(order.id),
        date=order.shop.day(order.at).isoformat(),
        note=_word(order.note),
        po_number=_word(order.po_number),
        source=_word(order.source),
        location=_word(order.location),
        tags=_words(order.tags),
        discount_codes=_words(order.discount_codes),
        shipping=_words([one.title for one in order.shipping if not one.is_removed]),
        customer=_word(buyer.name),
        email=_word(buyer.email),
        company=_word(buyer.company),
        company_location=_word(buyer.company_location),
    )
    return Facts(order=told, lines=tuple(None if line is None else _line(line) for line in lines))


def _line(line: OrderLine) -> LineFacts:
    return LineFacts(
        title=_word(line.title),
        sku=_word(line.sku),
        barcode=_word(getattr(line, "barcode", None)),
        variant_id=_word(line.variant_id),
        product_type=_word(line.product_type),
        vendor=_word(line.vendor),
    )


def show_facts(view: Any, facts: Facts | None) -> None:
    """Put the facts where a template finds them."""
    view.order = facts.order if facts else NO_ORDER
    lines = getattr(view, "lines", None)
    if not isinstance(lines, tuple) or not lines or not hasattr(type(lines[0]), "barcode"):
        return
    told = facts.lines if facts and len(facts.lines) == len(lines) else ()
    for line, about in zip(lines, told, strict=False):
        for name in LINE_FACTS:
            setattr(line, name, getattr(about or NO_LINE, name))


def _word(text: str | None) -> str | None:
    """The text without what no XML can hold; None for none."""
    kept = _UNWRITABLE.sub("", text or "")[:_LONGEST].strip()
    return kept or None


def _words(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(kept for kept in map(_word, texts) if kept)
