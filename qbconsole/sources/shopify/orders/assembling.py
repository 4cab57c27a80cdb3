"""Whole orders: each by id with all pages of its parts."""

from __future__ import annotations

from collections.abc import Mapping

from qbconsole.sources.shopify.answers import SOMEWHERE, Denied, PartsDisagree
from qbconsole.sources.shopify.facts.batch import Unread
from qbconsole.sources.shopify.orders.agreements import all_agreements
from qbconsole.sources.shopify.orders.giving_back import add_returns, whole_refund
from qbconsole.sources.shopify.orders.parts import add_part
from qbconsole.sources.shopify.orders.pulling import PARTS, Pull, Raw
from qbconsole.sources.shopify.paging import rest
from qbconsole.sources.shopify.reading import ALTERNATIVES, WITHHELD
from qbconsole.visible import safe

_SIZES = {"lines": 50, "agreements": 10, "sales": 50}
_LINES = "order.lineItems."


def assemble(
    pull: Pull, wanted: list[str], window: Mapping[str, object] | None
) -> tuple[list[Raw], tuple[Unread, ...]]:
    """Whole orders, and those that are none; `window` is the page of the index that they stand on, if they come from one."""
    found = [_whole(pull, gid) for gid in wanted]
    unread = tuple(one for one in found if isinstance(one, Unread))
    orders = [one for one in found if isinstance(one, dict)]
    by_id = {str(order["id"]): order for order in orders}
    for name, fields in PARTS.items():
        for order in orders:
            order |= dict.fromkeys(fields)
        if orders:
            add_part(pull, name, by_id, window)
    return orders, unread


def _whole(pull: Pull, gid: str) -> Raw | Unread | None:
    """An order by id with all pages of its unrestricted parts."""
    answer, _ = pull.client.fitting("order_full", {"id": gid}, dict(_SIZES))
    order: Raw | None = answer.need("order")
    pull.note(answer.denied)
    if order is None:
        return None
    try:
        _complete(pull, order, gid, answer.denied)
    except PartsDisagree as cause:
        return no_whole(order, cause)
    return order


def no_whole(order: Raw, cause: PartsDisagree) -> Unread:
    """What there is to say of an order whose parts disagree."""
    number = str(order["id"]).rpartition("/")[2]
    return Unread(
        number=number,
        name=safe(f"Order {order.get('name')}", limit=80),
        why=str(cause),
        updated_at=str(order["updatedAt"]),
    )


def _complete(pull: Pull, order: Raw, gid: str, withheld: tuple[Denied, ...]) -> None:
    """Add all further pages to the order. Raises PartsDisagree where they make no whole."""
    client, where = pull.client, str(order.get("name"))
    order["lineItems"] = {"nodes": rest(client, "order_lines", "order.lineItems", order["lineItems"], gid)}
    denied = [one for one in withheld if one.field.startswith(_LINES) or one.field == SOMEWHERE]
    if denied:
        order[WITHHELD] = sorted({ALTERNATIVES.join(need) for one in denied for need in one.needs()})
    shipping = rest(client, "order_shipping", "order.shippingLines", order["shippingLines"], gid)
    order["shippingLines"] = {"nodes": shipping}
    order["nonFulfillableLineItems"] = {"nodes": tip_lines(order["lineItems"]["nodes"])}
    order["agreements"] = {"nodes": all_agreements(client, order["agreements"], gid)}
    order["refunds"] = [whole_refund(client, str(refund["id"]), where) for refund in order["refunds"]]
    order["returns"] = {"nodes": []}
    if order["returnStatus"] != "NO_RETURN":
        add_returns(pull, order, gid)


def tip_lines(lines: list[Raw]) -> list[Raw]:
    """Lines that can never be fulfilled: nothing was taken off them, they are no variant and are not sent.

    The API names them in no field of our schema subset; this is what shopify-api.md section 4 tells them by.
    """
    return [
        {"id": line["id"], "title": line["title"]}
        for line in lines
        if line["nonFulfillableQuantity"] > 0
        and line["currentQuantity"] == line["quantity"]
        and line["variant"] is None
        and not line["requiresShipping"]
    ]
