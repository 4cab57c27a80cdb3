"""Reads the rest of a list that stands inside a record and is longer than one answer, by the record's id.

Every connection of the Admin API has `first` and `after` (shopify.dev, pagination); a cursor of the first answer goes on
in a query that asks for the one record.
"""

from __future__ import annotations

from typing import Any

from qbconsole.sources.shopify.answers import PartsDisagree
from qbconsole.sources.shopify.client import ShopifyClient

#: Rows on one further page.
A_PAGE = 50
Raw = dict[str, Any]


def rest(
    client: ShopifyClient, name: str, path: str, connection: Raw, gid: str, **variables: object
) -> list[Raw]:
    """The nodes of a connection with those of all its further pages, which the query file `name` asks for.

    `path` is where they stand in its answer ("order.lineItems"). Raises PartsDisagree where the record
    is gone before its last page came, or its pages do not agree: half of it is never kept.
    """
    nodes = list(connection["nodes"])
    info = connection["pageInfo"]
    if not info["hasNextPage"]:
        return nodes
    if info["endCursor"] is None:  # without one the first page would come once more
        raise PartsDisagree(f"the pages of {path} do not go on", where=gid)
    for page in client.pages(name, path, {"id": gid, "after": info["endCursor"], **variables}, first=A_PAGE):
        if not page.is_there:
            raise PartsDisagree(f"it was gone before all of its {path} came", where=gid)
        nodes += page.nodes
    check_once(nodes, path, gid)
    return nodes


def check_once(nodes: list[Raw], path: str, gid: str) -> None:
    """Refuse a list in which a row stands twice. Raises PartsDisagree: what moved between pages may be missing too."""
    ids = [str(node["id"]) for node in nodes if node.get("id")]
    if len(ids) != len(set(ids)):
        raise PartsDisagree(f"the pages of {path} give the same row twice", where=gid)
