"""Pages of a connection: what one holds, and the rest of a list that stands inside a record, by the record's id.

Every connection of the Admin API has `first` and `after` (shopify.dev, pagination); a cursor of the first answer goes on
in a query that asks for the one record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qbconsole.errors import ShopifyContradiction
from qbconsole.sources.shopify.answers import Answer, Denied, PartsDisagree

if TYPE_CHECKING:
    from qbconsole.sources.shopify.client import ShopifyClient

#: Rows on one further page.
A_PAGE = 50
Raw = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a connection: raw nodes, the cursor behind them, and what was withheld from them."""

    nodes: list[dict[str, Any]]
    cursor: str | None
    has_next: bool
    denied: tuple[Denied, ...] = ()
    #: False where the record that the connection stands in is not there (any more).
    is_there: bool = True


def read_page(answer: Answer, connection: str, name: str) -> Page:
    """The page of a connection in an answer to the query file `name`. Raises what `contradiction` gives where it is none."""
    root, *steps = connection.split(".")
    value = answer.need(root)
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    if value is None:
        return Page(nodes=[], cursor=None, has_next=False, denied=answer.denied, is_there=False)
    try:
        info = value["pageInfo"]
        return Page(
            nodes=list(value["nodes"]),
            cursor=info.get("endCursor"),
            has_next=bool(info["hasNextPage"]),
            denied=answer.denied,
        )
    except (KeyError, TypeError) as cause:
        raise contradiction(connection)(f"{connection} is no page of records", where=name) from cause


def contradiction(connection: str) -> type[ShopifyContradiction]:
    """The error of pages that do not go together: what stands inside a record says nothing of the other records."""
    return PartsDisagree if "." in connection else ShopifyContradiction


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
