"""A kept order as Shopify told it, read for showing only: whatever is missing is left out.

Booking never reads through here; its own reading is strict. Source: reference/shopify-api.md, Order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from qbconsole.money import Money, MoneyError


@dataclass(frozen=True, slots=True, kw_only=True)
class RawOrder:
    """The few facts a screen shows of an order."""

    name: str
    on: date | None
    customer: str
    total: Money | None
    #: (label, value)
    facts: tuple[tuple[str, str], ...]
    #: (title, quantity, amount); discounts, shipping and taxes after the products.
    lines: tuple[tuple[str, str, str], ...]


def raw_order(raw: bytes) -> RawOrder:
    """Read what there is; a body that is no object gives an empty order."""
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    row: Mapping[str, Any] = body if isinstance(body, dict) else {}
    return RawOrder(
        name=str(row.get("name") or ""),
        on=_day(row.get("processedAt") or row.get("createdAt")),
        customer=_customer(row),
        total=_money(row.get("totalPriceSet")),
        facts=tuple(_facts(row)),
        lines=tuple(_lines(row)),
    )


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _money(bag: object) -> Money | None:
    """The shop's own currency of a bag, or None."""
    given = bag.get("shopMoney") if isinstance(bag, dict) else None
    if not isinstance(given, dict):
        return None
    try:
        return Money.of(str(given.get("amount")), str(given.get("currencyCode") or "USD"))
    except MoneyError:
        return None


def _amount(bag: object) -> str:
    money = _money(bag)
    return "" if money is None else money.text()


def _inside(row: Mapping[str, Any], *path: str) -> Any:
    held: Any = row
    for part in path:
        held = held.get(part) if isinstance(held, dict) else None
    return held


def _customer(row: Mapping[str, Any]) -> str:
    for path in (("customer", "displayName"), ("billingAddress", "name"), ("shippingAddress", "name")):
        if found := _inside(row, *path):
            return str(found)
    names = (_inside(row, "customer", "firstName"), _inside(row, "customer", "lastName"))
    return " ".join(str(name) for name in names if name) or str(row.get("email") or "")


def _nodes(held: object) -> Iterator[Mapping[str, Any]]:
    rows = held.get("nodes") if isinstance(held, dict) else held
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield row


def _facts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    told = (
        ("Order", row.get("name")),
        ("Customer", _customer(row)),
        ("Date", row.get("processedAt") or row.get("createdAt")),
        ("Channel", row.get("sourceName")),
        ("Payment", row.get("displayFinancialStatus")),
        ("Fulfillment", row.get("displayFulfillmentStatus")),
        ("Total", _amount(row.get("totalPriceSet"))),
        ("Current total", _amount(row.get("currentTotalPriceSet"))),
        ("Cancelled", row.get("cancelledAt")),
        ("Test order", "yes" if row.get("test") else ""),
        ("Tags", ", ".join(map(str, row.get("tags") or ())) if isinstance(row.get("tags"), list) else ""),
        ("Note", row.get("note")),
    )
    for label, value in told:
        if value:
            yield label, str(value)
    for tender in _nodes(row.get("transactions")):
        words = (tender.get("kind"), tender.get("gateway"), tender.get("status"))
        yield "Tender", f"{' '.join(str(word) for word in words if word)} {_amount(tender.get('amountSet'))}"


def _lines(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for line in _nodes(row.get("lineItems")):
        title = str(line.get("title") or line.get("name") or "")
        sku = f" [{line['sku']}]" if line.get("sku") else ""
        amount = _amount(line.get("originalTotalSet")) or _amount(line.get("originalUnitPriceSet"))
        yield title + sku, str(line.get("quantity") or ""), amount
    discount = _money(row.get("totalDiscountsSet"))
    if discount:
        yield "Discounts", "", (-discount).text()
    for line in _nodes(row.get("shippingLines")):
        yield str(line.get("title") or "Shipping"), "", _amount(line.get("originalPriceSet"))
    for tax in _nodes(row.get("taxLines")):
        yield str(tax.get("title") or "Tax"), "", _amount(tax.get("priceSet"))
    for refund in _nodes(row.get("refunds")):
        given = _money(refund.get("totalRefundedSet"))
        if given:
            yield "Refund", "", (-given).text()
