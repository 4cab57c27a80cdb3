"""Orders as Shopify tells them: what becomes ready is balanced and valid; the rest is refused with a sentence, or held."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from builders import Back, Line, Pay, Ship, an_order
from properties.desks import desk

from fuzz.door import Door
from fuzz.door import told as told_why
from fuzz.mutating import mutated_json
from qbconsole.decide import Case, Desk, decide
from qbconsole.errors import QbconsoleError
from qbconsole.money import Money
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.sources.shopify.reading import read_order, read_shop

SHOP = {
    "myshopifyDomain": "oak-ember.myshopify.com",
    "currencyCode": "USD",
    "homeCurrency": "USD",
    "ianaTimezone": "America/Los_Angeles",
    "taxesIncluded": False,
}


def orders() -> tuple[bytes, ...]:
    """Ordinary orders: taxed, shipped and refunded, tipped."""
    told = (
        an_order(
            (Line(price="20.00", taxes={"LA": "1.65"}), Line(price="3.10")), pays=(Pay(amount="24.75"),)
        ),
        an_order(
            (Line(price="20.00"),),
            shipping=(Ship(price="6.00"),),
            pays=(Pay(amount="26.00"), Pay(amount="20.00", kind="REFUND", parent=1)),
            refunds=(Back(lines=((1, 1, "20.00", "0"),), pays=(2,)),),
            number=2,
        ),
        an_order((Line(price="20.00", off="5.00"),), tip="2.00", pays=(Pay(amount="17.00"),), number=3),
    )
    return tuple(json.dumps(renumbered(one, step=n)).encode() for n, one in enumerate(told))


def renumbered(raw: dict[str, Any], step: int = 100) -> dict[str, Any]:
    """The same order under other ids: a transaction belongs to one order."""
    text = (
        json.dumps(raw)
        .replace("OrderTransaction/", f"OrderTransaction/{step}9")
        .replace("LineItem/", f"LineItem/{step}9")
    )
    told: dict[str, Any] = json.loads(text)
    number = int(told["id"].rpartition("/")[2]) + step
    return told | {"id": f"gid://shopify/Order/{number}", "name": f"#{1000 + number}"}


def tries(raw: bytes) -> None:
    try:
        told = json.loads(raw)
    except ValueError:
        return
    if not isinstance(told, Mapping):
        return
    try:
        one = read_order(told, read_shop(SHOP))
        decision = decide(Case(order=one), _desk())
    except QbconsoleError as refused:
        told_why(refused)
        return
    for document in decision.documents:
        sums: dict[str, Money] = {}
        for posting in document.named.plan.postings:
            currency = posting.amount.currency
            sums[currency] = sums.get(currency, posting.amount * 0) + posting.amount
        assert not any(sums.values()), document.named.plan.key
        if document.text and not document.slots:
            faults, _ = shipped_schema().check(document.text)
            assert not faults, faults
    assert decision.documents or decision.holds or decision.ignored or not decision.events


@cache
def _desk() -> Desk:
    return desk()


def door() -> Door:
    return Door(examples=orders(), tries=tries, mutates=mutated_json)
