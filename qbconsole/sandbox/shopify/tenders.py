"""Money of an order and what stands open: adds tenders, recomputes the totals that move.

Money in is SALE or CAPTURE with SUCCESS less CHANGE, money out is REFUND with SUCCESS; all amounts are positive
(shopify-api.md section 3). While an order is only authorised nothing is outstanding.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qbconsole.sandbox.shopify.amounts import ZERO, Pair, Tongue, read, total
from qbconsole.sandbox.shopify.composing import Ids, Raw, Sold, stamp, whole

_TITLES = {
    "shopify_payments": "Shopify Payments",
    "paypal": "PayPal",
    "cash": "Cash",
    "manual": "Bank Deposit",
    "gift_card": "Gift Card",
}


def tongue_of(order: Raw) -> Tongue:
    """The currencies the order is written in."""
    return Tongue(order["currencyCode"], order["presentmentCurrencyCode"])


def add_tender(
    order: Raw,
    ids: Ids,
    *,
    kind: str,
    gateway: str,
    amount: Pair,
    at: datetime,
    status: str = "SUCCESS",
    parent: str | None = None,
) -> Raw:
    """Append one tender; the caller settles the order afterwards."""
    tender: Raw = {
        "id": ids.take("OrderTransaction"),
        "kind": kind,
        "status": status,
        "gateway": gateway,
        "formattedGateway": _TITLES.get(gateway, gateway),
        "createdAt": stamp(at),
        "processedAt": stamp(at),
        "test": order["test"],
        "manualPaymentGateway": gateway in ("manual", "cash_on_delivery"),
        "amountSet": tongue_of(order).bag(amount),
        "amountRoundingSet": None,
        "parentTransaction": {"id": parent} if parent else None,
        "fees": [],
    }
    order["transactions"].append(tender)
    return tender


def money_of(order: Raw, *kinds: str) -> Pair:
    """The successful tenders of these kinds, added up."""
    return total(
        read(tender["amountSet"])
        for tender in order["transactions"]
        if tender["kind"] in kinds and tender["status"] == "SUCCESS"
    )


def taken(part: Sold, count: int, first: int, units: int) -> Sold:
    """What `units` of a line's `count` units amount to, after `first` others were taken off it."""
    from_, upto = first, first + units

    def piece(amount: Pair) -> Pair:
        return amount.times(upto, count) - amount.times(from_, count)

    return Sold(net=piece(part.net), discount=piece(part.discount), taxes=[piece(tax) for tax in part.taxes])


def settle(order: Raw, at: datetime) -> None:
    """Recompute everything that follows from lines, refunds and tenders, and move updatedAt."""
    subtotal, tax, tip = _standing_lines(order)
    shipping, shipping_tax = _standing_shipping(order)
    tax = tax + shipping_tax
    current = subtotal + shipping + tip + (ZERO if order["taxesIncluded"] else tax)
    received = money_of(order, "SALE", "CAPTURE") - money_of(order, "CHANGE")
    refunded = money_of(order, "REFUND")
    capturable = _capturable(order)
    outstanding = ZERO if capturable else current - received + refunded
    bag = tongue_of(order).bag
    order |= {
        "currentTotalPriceSet": bag(current),
        "currentSubtotalPriceSet": bag(subtotal),
        "currentTotalTaxSet": bag(tax),
        "totalReceivedSet": bag(received),
        "totalRefundedSet": bag(refunded),
        "netPaymentSet": bag(received - refunded),
        "totalOutstandingSet": bag(outstanding),
        "totalCapturableSet": bag(capturable),
        "refundDiscrepancySet": bag(ZERO),
        "totalCashRoundingAdjustment": {"paymentSet": bag(ZERO), "refundSet": bag(ZERO)},
        "paymentGatewayNames": list(dict.fromkeys(tender["gateway"] for tender in order["transactions"])),
        "updatedAt": max(order["updatedAt"], stamp(at)),
    }
    order["displayFinancialStatus"] = _status(order, current, received, refunded, capturable)
    _terms(order, outstanding, at)


def _standing_lines(order: Raw) -> tuple[Pair, Pair, Pair]:
    """Subtotal and tax of the units still sold, and the tip."""
    tips = {tip["id"] for tip in order["nonFulfillableLineItems"]["nodes"]}
    subtotal = tax = tip = ZERO
    for line in order["lineItems"]["nodes"]:
        count, left = line["quantity"], line["currentQuantity"]
        if line["id"] in tips:
            tip = tip + (read(line["originalTotalSet"]) if left else ZERO)
        elif left:
            rest = whole(line, "originalTotalSet")
            if left != count:
                rest = taken(rest, count, count - left, left)
            subtotal, tax = subtotal + rest.net, tax + total(rest.taxes)
    return subtotal, tax, tip


def _standing_shipping(order: Raw) -> tuple[Pair, Pair]:
    if order["cancelledAt"] and not order["refunds"]:
        return ZERO, ZERO  # an unpaid order may be cancelled without any record of it
    ships = order["shippingLines"]["nodes"]
    price = total(read(ship["discountedPriceSet"]) for ship in ships)
    tax = total(read(line["priceSet"]) for ship in ships for line in ship["taxLines"])
    for refund in order["refunds"]:
        for row in refund["refundShippingLines"]["nodes"]:
            price, tax = price - read(row["subtotalAmountSet"]), tax - read(row["taxAmountSet"])
    return price, tax


def _capturable(order: Raw) -> Pair:
    closed = {
        tender["parentTransaction"]["id"]
        for tender in order["transactions"]
        if tender["parentTransaction"]
        and tender["kind"] in ("CAPTURE", "VOID")
        and tender["status"] == "SUCCESS"
    }
    return total(
        read(tender["amountSet"])
        for tender in order["transactions"]
        if tender["kind"] == "AUTHORIZATION" and tender["status"] == "SUCCESS" and tender["id"] not in closed
    )


def _status(order: Raw, current: Pair, received: Pair, refunded: Pair, capturable: Pair) -> Any:
    if not received:
        voided = order["cancelledAt"] or any(tender["kind"] == "VOID" for tender in order["transactions"])
        if voided:
            return "VOIDED"
        if capturable:
            return "AUTHORIZED"
        # An order made through the API may have no status at all while it is unpaid.
        return order.get("displayFinancialStatus") if current else "PAID"
    if refunded:
        return "REFUNDED" if refunded.shop >= received.shop else "PARTIALLY_REFUNDED"
    return "PARTIALLY_PAID" if received.shop < current.shop else "PAID"


def _terms(order: Raw, outstanding: Pair, at: datetime) -> None:
    terms = order.get("paymentTerms")
    if not terms:
        return
    due = tongue_of(order).bag(outstanding)["presentmentMoney"]
    for schedule in terms["paymentSchedules"]["nodes"]:
        schedule["balanceDue"] = due
        if outstanding.buyer <= 0 and not schedule["completedAt"]:
            schedule["completedAt"] = stamp(at)
