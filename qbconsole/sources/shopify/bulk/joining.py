"""Lines of a checked file into whole orders, one at a time, in the shape that pages give.

The order of the keys is that of pages too: an order that both roads bring is the same bytes, hence no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

Raw = dict[str, Any]
_DECODE = msgspec.json.Decoder(Raw).decode
#: Parts that stand behind the connections; the last three come from queries of their own on the other road.
_BEHIND = ("transactions", "refunds")
_RESTRICTED = ("email", "customer", "shippingAddress", "paymentTerms", "purchasingEntity")


def orders_in(lines: Iterable[bytes]) -> Iterator[Raw]:
    """Orders with lines, shipping, tenders and agreements; refunds are ids yet, and terms too.

    What the query left out for want of a scope is not there.
    """
    order: Raw | None = None
    homes: dict[str, Raw] = {}
    for line in lines:
        row = _DECODE(line)
        parent = row.pop("__parentId", None)
        if parent is None:
            if order is not None:
                yield order
            order = _opened(row)
            homes = {row["id"]: order}
            continue
        home = homes[parent]
        home[_place(home, row)]["nodes"].append(row)
        if "happenedAt" in row:  # an agreement: sales follow
            row["sales"] = {"nodes": []}
            homes[row["id"]] = row
    if order is not None:
        yield order


def _opened(row: Raw) -> Raw:
    """An order whose connections are still empty."""
    behind = {name: row.pop(name) for name in _BEHIND}
    restricted = {name: row.pop(name) for name in _RESTRICTED if name in row}
    row["lineItems"] = {"nodes": []}
    row["shippingLines"] = {"nodes": []}
    row |= behind
    row["agreements"] = {"nodes": []}
    return row | restricted


def _place(home: Raw, row: Raw) -> str:
    if "sales" in home:
        return "sales"
    if "happenedAt" in row:
        return "agreements"
    return "shippingLines" if "isRemoved" in row else "lineItems"
