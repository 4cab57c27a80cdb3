"""Orders of counted goods for tests that pull several at once: ids of their own, and products Shopify tracks."""

from __future__ import annotations

import json
import re
from typing import Any

from builders import an_order
from trip import Trip

from qbconsole.store import books

_ID = re.compile(r"(gid://shopify/(?!Order/|Variant/|Item/)\w+/)(\d+)")


def counted(
    *lines: Any, number: int = 1, cost: str = "4.00", tracked: bool = True, **more: Any
) -> dict[str, Any]:
    """An order whose lines Shopify counts; its parts have ids that no other order's parts have."""
    order = an_order(lines, number=number, **more) if lines else an_order(number=number, **more)
    for line in order["lineItems"]["nodes"]:
        unit = {"amount": cost, "currencyCode": order["currencyCode"]}
        own = line["id"].rpartition("/")[2]
        line["variant"] = {
            "id": f"gid://shopify/Variant/{own}",
            "inventoryItem": {"id": f"gid://shopify/Item/{own}", "tracked": tracked, "unitCost": unit},
        }
    text = _ID.sub(lambda found: f"{found[1]}{number:03}{found[2]}", json.dumps(order))
    return json.loads(text)


def documents_of(trip: Trip, kind: str) -> list[books.Document]:
    """The documents of a kind, oldest first."""
    with trip.workspace.store.reading() as tx:
        rows = books.documents(tx, kind=kind, limit=100)
        return [books.document(tx, row.key) for row in rows]
