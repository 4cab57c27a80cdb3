"""Templates: refused with a sentence, or what they write is valid and says the plan's own amounts."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

from jinja2 import TemplateError
from properties.desks import TEMPLATES, desk, spec

from fuzz.door import Door, told
from fuzz.orders import SHOP, orders
from qbconsole.bundled import bundled
from qbconsole.decide import Case, decide, renderer_of
from qbconsole.errors import QbconsoleError
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.sources.shopify.reading import read_order, read_shop

NAME = "sales_receipt_add.xml.j2"
_COUNTED = ("Amount", "Rate", "Quantity", "TotalAmount")


def tries(raw: bytes) -> None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return
    renderer = renderer_of(replace(spec(), templates={**TEMPLATES, f"oak-ember/{NAME}": text}))
    for document, plain in _receipts():
        try:
            fragment = renderer.render(document, request_id="f", merchant="oak-ember")
        except (QbconsoleError, TemplateError) as refused:
            told(refused)
            continue
        if fragment.faults:  # the document is held, each fault with its line
            continue
        faults, _ = shipped_schema().check(fragment.text)
        assert not faults
        assert _amounts(fragment.text) == _amounts(plain)


@cache
def _receipts() -> tuple[tuple[Any, str], ...]:
    told = [read_order(json.loads(raw), read_shop(SHOP)) for raw in orders()]
    return tuple(
        (each.named.document, each.text)
        for one in told
        for each in decide(Case(order=one), desk()).documents
        if "<SalesReceiptAdd>" in each.text
    )


def _amounts(text: str) -> list[tuple[str, str]]:
    """Every amount, rate and quantity, in order."""
    _, tree = shipped_schema().check(text)
    assert tree is not None
    return [(str(one.tag), one.text or "") for one in tree.iter() if one.tag in _COUNTED]


def door() -> Door:
    return Door(examples=(bundled("templates").joinpath(NAME).read_bytes(),), tries=tries)
