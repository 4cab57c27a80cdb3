"""What an order must come to in the books, added up from the shop's raw facts by a road of our own.

Sales are read from the order's agreements, day by day; an order that keeps none tells its first totals and its
refunds, and what else changed shows in its current totals only, without a day. Money is the tenders that reached
SUCCESS. Facts: reference/shopify-api.md section 3, reference/accounting.md sections 2 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from qbconsole.rehearsal.simulate.oracle.moves import ZERO, Move

Raw = Mapping[str, Any]
#: Gateway -> where its money waits, in the mapping that every simulated workspace begins with.
CLEARING = {
    "shopify_payments": "Shopify Payments Clearing",
    "paypal": "PayPal Clearing",
    "cash": "Cash Drawer Clearing",
    "manual": "Manual Payments Clearing",
    "gift_card": "Gift Cards Outstanding",
}
_TAX, _TIPS, _CARDS, _OWED = (
    "Sales Tax Payable",
    "Tips Payable",
    "Gift Cards Outstanding",
    "Accounts Receivable",
)
_INCOME = "Sales:Shopify"
_SIGNS = {"SALE": 1, "CAPTURE": 1, "REFUND": -1, "CHANGE": -1}


def stays_out(order: Raw) -> bool:
    """Test orders, and money that was promised and never taken, are not booked."""
    ended = {(tender["kind"], tender["status"]) for tender in order["transactions"]}
    promised = ("AUTHORIZATION", "SUCCESS") in ended
    return bool(order["test"] or (promised and not ended & {("SALE", "SUCCESS"), ("CAPTURE", "SUCCESS")}))


def day_of(stamp: str, zone: ZoneInfo) -> date:
    """The shop's day of a moment."""
    return datetime.fromisoformat(stamp).astimezone(zone).date()


def money(bag: Raw | None) -> Decimal:
    """A MoneyBag's amount in the shop's currency; an absent one is zero."""
    return Decimal(bag["shopMoney"]["amount"]) if bag else ZERO


def moves_of(order: Raw, zone: ZoneInfo, subject: str) -> Iterator[Move]:
    """Everything the order moved; nothing for one that stays out of the books."""
    if stays_out(order):
        return
    sold = list(_sold(order, zone, subject))
    yield from sold
    yield from _untold(order, sold, subject)
    for tender in order["transactions"]:
        sign = _SIGNS.get(tender["kind"], 0)
        if tender["status"] == "SUCCESS" and sign:
            day, amount = day_of(tender["processedAt"], zone), sign * money(tender["amountSet"])
            yield Move(subject, day, _OWED, -amount)
            yield Move(subject, day, CLEARING.get(tender["gateway"], "Other Payments Clearing"), amount)


def _sold(order: Raw, zone: ZoneInfo, subject: str) -> Iterator[Move]:
    """Sales and what was taken back, each on its day."""
    for agreement in order["agreements"]["nodes"]:
        day = day_of(agreement["happenedAt"], zone)
        for sale in agreement["sales"]["nodes"]:
            yield from _sale(
                subject,
                day,
                gross=money(sale["totalAmount"]),
                tax=money(sale["totalTaxAmount"]),
                kind=sale["lineType"],
            )
    if order["agreements"]["nodes"]:
        return
    first = day_of(order["processedAt"], zone)
    cards, tips = (
        sum((_first(line) for line in order["lineItems"]["nodes"] if has(line)), ZERO)
        for has in (_is_card, lambda line: line["id"] in _tip_lines(order))
    )
    tax = money(order["totalTaxSet"])
    yield from _sale(subject, first, gross=cards, tax=ZERO, kind="GIFT_CARD")
    yield from _sale(subject, first, gross=tips, tax=ZERO, kind="TIP")
    rest = money(order["originalTotalPriceSet"]) - cards - tips
    yield from _sale(subject, first, gross=rest, tax=tax, kind="PRODUCT")
    for refund in order["refunds"]:
        yield from _taken_back(order, refund, day_of(refund["createdAt"], zone), subject)


def _taken_back(order: Raw, refund: Raw, day: date, subject: str) -> Iterator[Move]:
    lines = {line["id"]: line for line in order["lineItems"]["nodes"]}
    for row in refund["refundLineItems"]["nodes"]:
        line, tax = lines[row["lineItem"]["id"]], money(row["totalTaxSet"])
        gross = money(row["subtotalSet"]) + (ZERO if order["taxesIncluded"] else tax)
        kind = "GIFT_CARD" if _is_card(line) else "TIP" if line["id"] in _tip_lines(order) else "PRODUCT"
        yield from _sale(subject, day, gross=-gross, tax=-tax, kind=kind)
    for row in refund["refundShippingLines"]["nodes"]:
        tax = money(row["taxAmountSet"])
        gross = money(row["subtotalAmountSet"]) + (ZERO if order["taxesIncluded"] else tax)
        yield from _sale(subject, day, gross=-gross, tax=-tax, kind="SHIPPING")


def _sale(subject: str, day: date | None, *, gross: Decimal, tax: Decimal, kind: str) -> Iterator[Move]:
    earned = {"GIFT_CARD": _CARDS, "TIP": _TIPS}.get(kind, _INCOME)
    yield Move(subject, day, _OWED, gross)
    yield Move(subject, day, _TAX, -tax)
    yield Move(subject, day, earned, tax - gross)


def _untold(order: Raw, sold: list[Move], subject: str) -> Iterator[Move]:
    """What the current totals say beyond what was told with a day."""
    owed = sum((move.amount for move in sold if move.account == _OWED), ZERO)
    tax = -sum((move.amount for move in sold if move.account == _TAX), ZERO)
    more, more_tax = money(order["currentTotalPriceSet"]) - owed, money(order["currentTotalTaxSet"]) - tax
    if more or more_tax:
        yield from _sale(subject, None, gross=more, tax=more_tax, kind="PRODUCT")


def _first(line: Raw) -> Decimal:
    off = sum((money(part["allocatedAmountSet"]) for part in line["discountAllocations"]), ZERO)
    return money(line["originalTotalSet"]) - off


def _is_card(line: Raw) -> bool:
    return bool(line["isGiftCard"])


def _tip_lines(order: Raw) -> set[str]:
    return {line["id"] for line in order["nonFulfillableLineItems"]["nodes"]}
