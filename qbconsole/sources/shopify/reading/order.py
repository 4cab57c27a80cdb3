"""One order, from Admin GraphQL JSON to a value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import InvalidOperation

from qbconsole.errors import InputUnreadable
from qbconsole.money import MoneyError
from qbconsole.shop.bag import Bag
from qbconsole.shop.orders import Buyer, Order, OrderLine, Shop
from qbconsole.sources.shopify.reading.agreements import agreement
from qbconsole.sources.shopify.reading.giving_back import refund, returned
from qbconsole.sources.shopify.reading.lines import additional_fee, order_lines, shipping_line
from qbconsole.sources.shopify.reading.paying import tender, terms
from qbconsole.sources.shopify.reading.reader import Reader
from qbconsole.sources.shopify.reading.told import Json, id_of, nodes, text_of


def read_order(raw: Json, shop: Shop) -> Order:
    """One order. Raises InputUnreadable where an amount or time is none."""
    name = str(raw.get("name") or f"#{id_of(raw)}")
    try:
        return _order(Reader(raw, shop), name)
    except (MoneyError, InvalidOperation, ValueError, TypeError, AttributeError, KeyError) as cause:
        raise InputUnreadable(
            f"order {name} cannot be read: {cause}",
            where=f"order {name}",
            next="Pull the order again; if it stays so, send its raw JSON with a report.",
        ) from cause


def _order(read: Reader, name: str) -> Order:
    raw = read.raw
    lines = order_lines(read)
    at = raw.get("processedAt") or raw.get("createdAt")
    total_tax = raw.get("totalTaxSet")
    total = read.bag(raw.get("totalPriceSet"))
    current = raw.get("currentTotalPriceSet")
    tip = read.bag(raw.get("totalTipReceivedSet"))
    return Order(
        id=id_of(raw),
        name=name,
        shop=read.shop,
        at=read.time(at or raw.get("updatedAt") or "1970-01-01T00:00:00Z"),
        updated_at=read.time(raw.get("updatedAt") or at or "1970-01-01T00:00:00Z"),
        currency=read.currency,
        presentment_currency=read.presentment,
        total=total,
        total_tax=None if total_tax is None else read.bag(total_tax),
        current_total=None if current is None else read.bag(current),
        current_tax=read.bag(raw["currentTotalTaxSet"]) if raw.get("currentTotalTaxSet") else None,
        taxes_included=bool(raw.get("taxesIncluded")),
        test=bool(raw.get("test")),
        cancelled_at=read.time(raw["cancelledAt"]) if raw.get("cancelledAt") else None,
        fulfilled_at=_fulfilled_at(read),
        financial_status=text_of(raw.get("displayFinancialStatus")),
        fulfillment_status=text_of(raw.get("displayFulfillmentStatus")),
        source=text_of(raw.get("sourceName")),
        location=text_of((raw.get("retailLocation") or {}).get("name")),
        staff=text_of((raw.get("staffMember") or {}).get("name")),
        province=_province(read),
        po_number=text_of(raw.get("poNumber")),
        note=text_of(raw.get("note")),
        tags=tuple(map(str, raw.get("tags") or ())),
        discount_codes=tuple(map(str, raw.get("discountCodes") or ())),
        buyer=_buyer(read),
        terms=terms(read),
        lines=lines,
        shipping=tuple(
            shipping_line(read, row, at) for at, row in enumerate(nodes(raw.get("shippingLines")))
        ),
        fees=tuple(additional_fee(read, row) for row in nodes(raw.get("additionalFees"))),
        tenders=tuple(tender(read, row, at) for at, row in enumerate(nodes(raw.get("transactions")))),
        refunds=tuple(refund(read, row) for row in nodes(raw.get("refunds"))),
        returns=tuple(returned(read, row) for row in nodes(raw.get("returns"))),
        agreements=tuple(agreement(read, row) for row in nodes(raw.get("agreements"))),
        tip=tip if tip else None,
        tip_line_ids=_tip_lines(read, tip),
        missing=_missing(read, lines),
    )


def _fulfilled_at(read: Reader) -> datetime | None:
    """The last fulfilment's moment; else when the order was closed, else when this was first seen."""
    raw = read.raw
    if raw.get("displayFulfillmentStatus") not in ("FULFILLED", "FULFILLMENT_NOT_REQUIRED"):
        return None
    rows = nodes(raw.get("fulfillments"))
    told = [row.get("createdAt") for row in rows if row.get("status") in (None, "SUCCESS")]
    given = [read.time(moment) for moment in told if moment]
    last = raw.get("closedAt") or raw.get("updatedAt")
    return max(given) if given else read.time(last) if last else None


def _missing(read: Reader, lines: Sequence[OrderLine]) -> tuple[str, ...]:
    """Fields without which the amounts cannot be known."""
    raw, missing = read.raw, []
    if raw.get("totalPriceSet") is None:
        missing.append("totalPriceSet")
    if raw.get("lineItems") is None and not lines and not nodes(raw.get("agreements")):
        missing.append("lineItems")
    if not (raw.get("processedAt") or raw.get("createdAt")):
        missing.append("processedAt")
    if not id_of(raw):
        missing.append("id")
    return tuple(missing)


def _tip_lines(read: Reader, tip: Bag) -> tuple[str, ...]:
    """Lines that are the tip (convention 8)."""
    if not tip:
        return ()
    return tuple(id_of(row) for row in nodes(read.raw.get("nonFulfillableLineItems")))


def _buyer(read: Reader) -> Buyer:
    """Who bought, as far as that is told."""
    customer = read.raw.get("customer") or {}
    entity = read.raw.get("purchasingEntity") or {}
    email = (customer.get("defaultEmailAddress") or {}).get("emailAddress") or customer.get("email")
    return Buyer(
        id=id_of(customer),
        name=text_of(customer.get("displayName")),
        email=text_of(email),
        company=text_of((entity.get("company") or {}).get("name")),
        company_location=text_of((entity.get("location") or {}).get("name")),
    )


def _province(read: Reader) -> tuple[str, ...]:
    """Where it goes: the province's code, and its name."""
    address = read.raw.get("shippingAddress") or {}
    return tuple(text for name in ("provinceCode", "province") if (text := text_of(address.get(name))))
