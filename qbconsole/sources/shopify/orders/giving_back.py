"""Refunds and returns of an order, whole."""

from __future__ import annotations

from qbconsole.sources.shopify.answers import PartsDisagree, Withheld
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.orders.pulling import FIELDS, RETURNS, Pull, Raw, mark
from qbconsole.sources.shopify.paging import check_once, rest

#: Lists inside a refund -> the query file of their further pages.
_OF_A_REFUND = {
    "refundShippingLines": "refund_shipping",
    "orderAdjustments": "refund_adjustments",
    "transactions": "refund_tenders",
}
#: Returns on one page; each comes with what it is exchanged for.
_RETURNS_A_PAGE = 20


def whole_refund(client: ShopifyClient, gid: str, where: str) -> Raw:
    """One refund, whole."""
    whole: Raw = {}
    lines: list[Raw] = []
    after: str | None = None
    behind: set[str | None] = set()
    while True:
        answer, _ = client.fitting("refund_full", {"id": gid, "after": after}, {"first": 50})
        whole = answer.need("refund")
        if whole is None:
            raise PartsDisagree(f"the refund {gid} of the order is gone", where=where)
        lines += whole["refundLineItems"]["nodes"]
        info = whole["refundLineItems"]["pageInfo"]
        if not info["hasNextPage"]:
            break
        if info["endCursor"] in (None, *behind):
            raise PartsDisagree("the pages of a refund do not go on", where=where)
        after = info["endCursor"]
        behind.add(after)
    check_once(lines, "refund.refundLineItems", gid)
    for name, query in _OF_A_REFUND.items():
        whole[name] = {"nodes": rest(client, query, f"refund.{name}", whole[name], gid)}
    whole["refundLineItems"] = {"nodes": lines}
    return whole


def add_returns(pull: Pull, order: Raw, gid: str) -> None:
    """Add all returns; only that they are withheld where they are. Raises PartsDisagree where some are gone."""
    if RETURNS in pull.closed:
        mark(order, FIELDS[RETURNS], pull.closed[RETURNS])
        return
    client, rows = pull.client, []
    try:
        for page in client.pages(RETURNS, "order.returns", {"id": gid}, first=_RETURNS_A_PAGE):
            pull.note(page.denied)
            mark(order, FIELDS[RETURNS], page.denied)
            if not page.is_there and not page.denied:
                raise PartsDisagree("it was gone before all of its returns came", where=gid)
            rows += [{**row, "exchangeLineItems": _exchanged(client, row)} for row in page.nodes]
    except Withheld as refused:
        pull.close(RETURNS, refused.denied)
        mark(order, FIELDS[RETURNS], refused.denied)
        return
    order["returns"] = {"nodes": rows}


def _exchanged(client: ShopifyClient, row: Raw) -> Raw:
    """All that a return is exchanged for."""
    lines = row["exchangeLineItems"]
    return {"nodes": rest(client, "return_exchanges", "return.exchangeLineItems", lines, str(row["id"]))}
