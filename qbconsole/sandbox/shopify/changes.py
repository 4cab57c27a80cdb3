"""What happens to an order later: refunds, cancellations, edits of a quantity, payments, notes.

Each change appends (refund record, tenders, sales agreement) and settles the order; what was first sold stays as
it was, as in the real shop (reference/shopify-api.md section 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from qbconsole.sandbox.shopify.amounts import ZERO, Pair, read, total
from qbconsole.sandbox.shopify.composing import Ids, Raw, Sold, line_kind, sale, stamp, whole
from qbconsole.sandbox.shopify.tenders import add_tender, money_of, settle, taken, tongue_of


class ImpossibleChange(ValueError):
    """The shop would not allow this: more units than there are, money that was never paid."""


def pay(
    order: Raw,
    ids: Ids,
    at: datetime,
    *,
    gateway: str = "shopify_payments",
    amount: Pair | None = None,
    kind: str = "SALE",
    parent: str | None = None,
) -> Raw:
    """Money comes in, by default all that is outstanding."""
    due = read(order["totalOutstandingSet"]) if amount is None else amount
    tender = add_tender(order, ids, kind=kind, gateway=gateway, amount=due, at=at, parent=parent)
    settle(order, at)
    return tender


def refund(
    order: Raw,
    ids: Ids,
    at: datetime,
    *,
    quantities: Mapping[str, int],
    shipping: int = 0,
    restock: str = "RETURN",
    location: Raw | None = None,
    money: bool = True,
    note: str | None = None,
) -> Raw:
    """Take units back and give their money back.

    `quantities` are units by line id; `shipping` is 0 (none), 1 (all that is left of it) or 2 (half of it);
    `restock` is RETURN, CANCEL or NO_RESTOCK; without `money` only the goods come back.
    """
    lines, line_sales = _refund_lines(order, ids, quantities, restock, location)
    ships, ship_sales = _refund_shipping(order, ids, shipping)
    parts = [row for rows in (lines, ships) for row in rows]
    due = total(_money_of_part(order, row) for row in parts)
    record: Raw = {
        "id": ids.take("Refund"),
        "createdAt": stamp(at),
        "processedAt": stamp(at),
        "updatedAt": stamp(at),
        "note": note,
        "return": None,
        "duties": [],
        "refundLineItems": {"nodes": lines},
        "refundShippingLines": {"nodes": ships},
        "orderAdjustments": {"nodes": []},
    }
    tenders = _pay_back(order, ids, due, at) if money else []
    record["transactions"] = {"nodes": tenders}
    record["totalRefundedSet"] = tongue_of(order).bag(total(read(tender["amountSet"]) for tender in tenders))
    order["refunds"].append(record)
    _agree(
        order, ids, at, "RefundAgreement", "REFUND", [*line_sales, *ship_sales], refund={"id": record["id"]}
    )
    settle(order, at)
    return record


def _refund_lines(
    order: Raw, ids: Ids, quantities: Mapping[str, int], restock: str, location: Raw | None
) -> tuple[list[Raw], list[Raw]]:
    bag, rows, sales = tongue_of(order).bag, [], []
    for line in order["lineItems"]["nodes"]:
        count = quantities.get(line["id"], 0)
        if not count:
            continue
        sold = _take(line, count)
        restocked = restock != "NO_RESTOCK"
        rows.append(
            {
                "id": ids.take("RefundLineItem"),
                "lineItem": {"id": line["id"], "title": line["title"], "sku": line["sku"]},
                "quantity": count,
                "restockType": restock,
                "restocked": restocked,
                "location": location if restocked else None,
                "priceSet": line["originalUnitPriceSet"],
                "subtotalSet": bag(sold.net),
                "totalTaxSet": bag(total(sold.taxes)),
            }
        )
        sales.append(_returned(order, line, line_kind(order, line), -count, sold, ids))
    return rows, sales


def _take(line: Raw, count: int) -> Sold:
    """Take units off a line and say what they amounted to."""
    if not 0 < count <= line["currentQuantity"]:
        raise ImpossibleChange(f"{line['currentQuantity']} of {line['title']!r} are left, not {count}")
    gone = line["quantity"] - line["currentQuantity"]
    sold = taken(whole(line, "originalTotalSet"), line["quantity"], gone, count)
    line["currentQuantity"] -= count
    line["nonFulfillableQuantity"] += count
    return sold


def _refund_shipping(order: Raw, ids: Ids, how: int) -> tuple[list[Raw], list[Raw]]:
    if not how:
        return [], []
    bag, rows, sales = tongue_of(order).bag, [], []
    for ship in order["shippingLines"]["nodes"]:
        sold = _shipping_left(order, ship)
        if how > 1:
            sold = taken(sold, how, 0, 1)
        if not sold.net:
            continue
        rows.append(
            {
                "id": ids.take("RefundShippingLine"),
                "shippingLine": {"id": ship["id"], "title": ship["title"]},
                "subtotalAmountSet": bag(sold.net),
                "taxAmountSet": bag(total(sold.taxes)),
            }
        )
        sales.append(_returned(order, ship, "SHIPPING", None, sold, ids))
    return rows, sales


def _shipping_left(order: Raw, ship: Raw) -> Sold:
    """What no earlier refund gave back; after one that gave back the half, the other half."""
    sold = whole(ship, "originalPriceSet")
    earlier = [
        row
        for refund in order["refunds"]
        for row in refund["refundShippingLines"]["nodes"]
        if row["shippingLine"]["id"] == ship["id"]
    ]
    if not earlier:
        return sold
    if total(read(row["subtotalAmountSet"]) for row in earlier) == sold.net:
        return Sold(net=ZERO, discount=ZERO, taxes=[ZERO for _ in sold.taxes])
    return taken(sold, 2, 1, 1)


def _returned(order: Raw, part: Raw, kind: str, quantity: int | None, sold: Sold, ids: Ids) -> Raw:
    back = Sold(net=-sold.net, discount=-sold.discount, taxes=[-tax for tax in sold.taxes])
    agreements = order["agreements"]["nodes"]
    listed = any(row["taxes"] for agreement in agreements for row in agreement["sales"]["nodes"])
    return sale(order, part, kind, "RETURN", quantity, back, ids, listed=listed)


def _money_of_part(order: Raw, row: Raw) -> Pair:
    net, tax = (
        ("subtotalSet", "totalTaxSet") if "subtotalSet" in row else ("subtotalAmountSet", "taxAmountSet")
    )
    return read(row[net]) + (ZERO if order["taxesIncluded"] else read(row[tax]))


def _pay_back(order: Raw, ids: Ids, due: Pair, at: datetime) -> list[Raw]:
    """Give money back by the tenders it came in by, first come first."""
    if due.shop > (money_of(order, "SALE", "CAPTURE") - money_of(order, "REFUND")).shop:
        raise ImpossibleChange("more would be given back than was paid")
    given: list[Raw] = []
    for paid in list(order["transactions"]):
        if not due or paid["kind"] not in ("SALE", "CAPTURE") or paid["status"] != "SUCCESS":
            continue
        left = read(paid["amountSet"]) - total(
            read(back["amountSet"])
            for back in order["transactions"]
            if back["kind"] == "REFUND" and back["parentTransaction"]["id"] == paid["id"]
        )
        amount = due.least(left)
        if amount:
            due = due - amount
            given.append(
                add_tender(
                    order,
                    ids,
                    kind="REFUND",
                    gateway=paid["gateway"],
                    amount=amount,
                    at=at,
                    parent=paid["id"],
                )
            )
    return given


def _agree(
    order: Raw, ids: Ids, at: datetime, typename: str, reason: str, sales: Sequence[Raw], **link: Any
) -> None:
    """Append a sales agreement where this order keeps them at all."""
    agreements = order["agreements"]["nodes"]
    if agreements and sales:
        agreements.append(
            {
                "__typename": typename,
                "id": ids.take("SalesAgreement"),
                "happenedAt": stamp(at),
                "reason": reason,
                "sales": {"nodes": list(sales)},
                **link,
            }
        )


def cancel(order: Raw, ids: Ids, at: datetime, *, reason: str = "CUSTOMER", record: bool = True) -> None:
    """Cancel the whole order: money is given back, an open authorisation is voided.

    An unpaid order leaves a refund record without money, or (without `record`, where it keeps no agreements)
    nothing but cancelledAt.
    """
    order |= {"cancelledAt": stamp(at), "closedAt": stamp(at), "cancelReason": reason}
    order["displayFulfillmentStatus"] = "UNFULFILLED"
    for tender in list(order["transactions"]):
        if tender["kind"] == "AUTHORIZATION":
            add_tender(
                order, ids, kind="VOID", gateway=tender["gateway"], amount=ZERO, at=at, parent=tender["id"]
            )
    left = {line["id"]: line["currentQuantity"] for line in order["lineItems"]["nodes"]}
    paid = bool(money_of(order, "SALE", "CAPTURE"))
    if paid or record or order["agreements"]["nodes"]:
        refund(order, ids, at, quantities=left, shipping=1, restock="CANCEL", money=paid)
    else:
        for line in order["lineItems"]["nodes"]:
            _take(line, line["currentQuantity"])
    settle(order, at)


def edit_quantity(order: Raw, ids: Ids, at: datetime, line_id: str, quantity: int) -> None:
    """Lower a line's quantity by an order edit: totals stay, current totals fall, no refund is made."""
    line = next((line for line in order["lineItems"]["nodes"] if line["id"] == line_id), None)
    if line is None:
        raise ImpossibleChange(f"no line {line_id}")
    removed = line["currentQuantity"] - quantity
    sold = _take(line, removed)
    order["edited"] = True
    row = _returned(order, line, line_kind(order, line), -removed, sold, ids)
    _agree(order, ids, at, "OrderEditAgreement", "ORDER_EDIT", [row])
    settle(order, at)


def annotate(order: Raw, at: datetime, note: str) -> None:
    """Change the note: updatedAt moves, no money does."""
    order["note"] = note
    settle(order, at)
