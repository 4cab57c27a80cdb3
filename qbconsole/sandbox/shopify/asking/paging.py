"""Connections: searched, sorted, and given a page at a time behind opaque cursors."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError

from qbconsole.sandbox.shopify.asking.search import SearchUnsupported, search
from qbconsole.sandbox.shopify.asking.visit import Raw, Visit

_SORTS = {
    "UPDATED_AT": "updatedAt",
    "CREATED_AT": "createdAt",
    "PROCESSED_AT": "processedAt",
    "ISSUED_AT": "issuedAt",
    "SKU": "sku",
}


def page(visit: Visit, nodes: Sequence[Raw], given: Mapping[str, Any], sort: str | None = None) -> Raw:
    """One page of a connection, behind opaque cursors that name the last record and its sort value."""
    keyed = [(str(node.get(sort) or "") if sort else f"{at:09d}", node) for at, node in enumerate(nodes)]
    after = given.get("after")
    if after is not None:
        last = _cursor_value(after)
        keyed = [(key, node) for key, node in keyed if (key, node["id"] if sort else "") > last]
    first = given.get("first")
    if first is not None and not 0 <= first <= 250:
        raise GraphQLError("first must be between 0 and 250", extensions={"code": "BAD_REQUEST"})
    page = keyed if first is None else keyed[:first]
    visit.points += 2 + len(page)
    end = None
    if page:
        key, node = page[-1]
        end = base64.b64encode(json.dumps([key, node["id"] if sort else ""]).encode()).decode()
    return {
        "nodes": [node for _, node in page],
        "pageInfo": {"hasNextPage": len(page) < len(keyed), "endCursor": end},
    }


def _cursor_value(cursor: str) -> tuple[str, str]:
    try:
        key, gid = json.loads(base64.b64decode(cursor, validate=True))
    except ValueError as cause:
        raise GraphQLError("Invalid cursor for current pagination sort.") from cause
    return str(key), str(gid)


def listed(visit: Visit, root: str, nodes: Sequence[Raw], given: Mapping[str, Any]) -> Raw:
    """A page of what a search finds, in the order asked for; what the search did not heed is noted down."""
    try:
        found, warning = search(root, given.get("query"), nodes)
    except SearchUnsupported as cause:
        raise GraphQLError(str(cause)) from cause
    if warning:
        visit.searches.append(warning)
    sort = _SORTS.get(given.get("sortKey") or "ID", "id")
    found.sort(key=lambda node: (str(node.get(sort) or ""), node["id"]))
    return page(visit, found, given, sort)


def by_id(nodes: Sequence[Raw], gid: str) -> Raw | None:
    """The record of an id, as GraphQL spells it."""
    return next((node for node in nodes if node["id"] == gid), None)
