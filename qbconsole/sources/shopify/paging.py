"""Reads the rest of a list that stands inside a record and is longer than one answer, by the record's id.

Every connection of the Admin API has `first` and `after` (shopify.dev, pagination); a cursor of the first answer goes on
in a query that asks for the one record.
"""

from __future__ import annotations

from typing import Any

from qbconsole.errors import ShopifyContradiction
from qbconsole.sources.shopify.client import ShopifyClient

#: Rows on one further page.
A_PAGE = 50
Raw = dict[str, Any]


def rest(
    client: ShopifyClient, name: str, path: str, connection: Raw, gid: str, **variables: object
) -> list[Raw]:
    """The nodes of a connection with those of all its further pages, which the query file `name` asks for.

    `path` is where they stand in its answer ("order.lineItems"). Raises ShopifyContradiction where the record
    is gone before its last page came: half of it is never kept.
    """
    nodes = list(connection["nodes"])
    info = connection["pageInfo"]
    if not info["hasNextPage"]:
        return nodes
    for page in client.pages(name, path, {"id": gid, "after": info["endCursor"], **variables}, first=A_PAGE):
        if not page.is_there:
            raise ShopifyContradiction(f"it was gone before all of its {path} came", where=gid)
        nodes += page.nodes
    return nodes
