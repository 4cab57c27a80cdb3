"""What came back: refunds and returns."""

from __future__ import annotations

from qbconsole.shop.orders import OrderAdjustment, Refund, RefundLine, RefundShipping, Return
from qbconsole.sources.shopify.reading.reader import Reader
from qbconsole.sources.shopify.reading.told import Json, id_of, nodes, text_of


def refund(read: Reader, row: Json) -> Refund:
    """What one refund gave back."""
    moment = row.get("processedAt") or row.get("createdAt") or read.raw.get("updatedAt")
    total = row.get("totalRefundedSet")
    tenders = (id_of(tender) for tender in nodes(row.get("transactions")))
    return Refund(
        id=id_of(row),
        at=read.time(moment),
        lines=tuple(_refund_line(read, line) for line in nodes(row.get("refundLineItems"))),
        shipping=tuple(_refund_shipping(read, line) for line in nodes(row.get("refundShippingLines"))),
        adjustments=tuple(_adjustment(read, line) for line in nodes(row.get("orderAdjustments"))),
        duties=tuple(read.bag(duty.get("amountSet")) for duty in nodes(row.get("duties"))),
        tender_ids=tuple(filter(None, tenders)),
        total=None if total is None else read.bag(total),
        note=text_of(row.get("note")),
        return_id=id_of(row.get("return") or {}) or None,
    )


def _refund_line(read: Reader, row: Json) -> RefundLine:
    return RefundLine(
        id=id_of(row),
        line_id=id_of(row.get("lineItem") or {}),
        quantity=int(row.get("quantity") or 0),
        restock_type=text_of(row.get("restockType")),
        subtotal=read.bag(row.get("subtotalSet")),
        tax=read.bag(row.get("totalTaxSet")),
        restocked=bool(row.get("restocked")),
    )


def _refund_shipping(read: Reader, row: Json) -> RefundShipping:
    return RefundShipping(
        id=id_of(row),
        subtotal=read.bag(row.get("subtotalAmountSet")),
        tax=read.bag(row.get("taxAmountSet")),
        shipping_line_id=id_of(row.get("shippingLine") or {}) or None,
    )


def _adjustment(read: Reader, row: Json) -> OrderAdjustment:
    return OrderAdjustment(
        id=id_of(row),
        amount=read.bag(row.get("amountSet")),
        tax=read.bag(row.get("taxAmountSet")),
        reason=text_of(row.get("reason")),
    )


def returned(read: Reader, row: Json) -> Return:
    """One return and what is kept of it."""
    fees = [fee.get("amountSet") for fee in nodes(row.get("returnShippingFees"))]
    lines = nodes(row.get("returnLineItems"))
    fees += [(line.get("restockingFee") or {}).get("amountSet") for line in lines]
    return Return(
        id=id_of(row),
        at=read.time(row.get("createdAt") or read.raw.get("updatedAt")),
        status=text_of(row.get("status")),
        fees=tuple(read.bag(fee) for fee in fees if fee),
    )
