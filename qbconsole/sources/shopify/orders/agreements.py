"""All sales agreements of an order with all their sales."""

from __future__ import annotations

from collections.abc import Iterator

from qbconsole.sources.shopify.answers import PartsDisagree
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.orders.pulling import Raw
from qbconsole.sources.shopify.paging import check_once, rest


def all_agreements(client: ShopifyClient, connection: Raw, gid: str) -> list[Raw]:
    """All sales agreements with all their sales.

    Sales that do not fit are read again, one agreement at a time and its sales page by page.
    """
    agreements = rest(client, "order_agreements", "order.agreements", connection, gid, sales=50)
    if any(row["sales"]["pageInfo"]["hasNextPage"] for row in agreements):
        many = [row["id"] for row in agreements]
        agreements = list(_one_by_one(client, gid))
        if not {*many} <= {row["id"] for row in agreements}:
            raise PartsDisagree("its agreements are not there any more when they are read again", where=gid)
        check_once(agreements, "order.agreements", gid)
    return [{**row, "sales": {"nodes": row["sales"]["nodes"]}} for row in agreements]


def _one_by_one(client: ShopifyClient, gid: str) -> Iterator[Raw]:
    before: str | None = None
    for page in client.pages("order_sales", "order.agreements", {"id": gid}, first=1):
        for row in page.nodes:
            yield {**row, "sales": {"nodes": _sales(client, row, gid, before)}}
        before = page.cursor


def _sales(client: ShopifyClient, agreement: Raw, gid: str, before: str | None) -> list[Raw]:
    """All sales of the agreement that stands behind `before`. An agreement cannot be asked for by its id."""
    nodes, info = list(agreement["sales"]["nodes"]), agreement["sales"]["pageInfo"]
    behind: set[str | None] = {None}
    while info["hasNextPage"]:
        more = info["endCursor"]
        if more in behind:
            raise PartsDisagree("the pages of an agreement's sales do not go on", where=gid)
        behind.add(more)
        asked = {"id": gid, "first": 1, "after": before, "more": more}
        order = client.query("order_sales", asked).need("order")
        found = order["agreements"]["nodes"] if order is not None else []
        if [row["id"] for row in found] != [agreement["id"]]:
            raise PartsDisagree("an agreement was gone before all of its sales came", where=gid)
        nodes += found[0]["sales"]["nodes"]
        info = found[0]["sales"]["pageInfo"]
    check_once(nodes, "the sales of an agreement", gid)
    return nodes
