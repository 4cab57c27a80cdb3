"""Stock of variants without a SKU: what their goods are called, and the SKU that one was given since.

An item's levels do not tell whose they are, so the variants of items that changed are looked for once and remembered
with what the item's shelves held.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from qbconsole.errors import ShopifyContradiction, ShopifyRefused
from qbconsole.sources.shopify import lists
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sync.pull.stopped import EVERYWHERE

_log = logging.getLogger("qbconsole.pull")
Raw = Mapping[str, Any]
#: What the item of a group tells of its variant, as the Admin API names it.
VARIANT = "variant"


def variants_of(client: ShopifyClient, items: Collection[str]) -> dict[str, dict[str, Any]]:
    """The variants of these inventory items, as far as Shopify tells of any: it has no other way from one to the other.

    Without them the items go by their ids: what their stock did is told all the same.
    """
    found: dict[str, dict[str, Any]] = {}
    if not items:
        return found
    try:
        _look(client, items, found)
    except EVERYWHERE:
        raise
    except (ShopifyRefused, ShopifyContradiction) as cause:
        _log.warning("variants were not read", extra={"what": str(cause)})
    return found


def _look(client: ShopifyClient, items: Collection[str], found: dict[str, dict[str, Any]]) -> None:
    for page in lists.variants(client, None):
        for row in page.nodes:
            item = str((row.get("inventoryItem") or {}).get("id"))
            if item in items:
                found[item] = {name: row.get(name) for name in ("id", "displayName", "barcode")} | {
                    "product": {"productType": (row.get("product") or {}).get("productType")}
                }
        if len(found) == len(items):
            return


def named_since(items: Iterable[Raw], known: Mapping[str, Raw]) -> dict[str, str]:
    """SKUs by item of those that had none when their shelves were looked at the last time."""
    return {
        str(item["id"]): str(item["sku"])
        for item in items
        if (item.get("sku") or "").strip() and not (known.get(str(item["id"]), item).get("sku") or "").strip()
    }


def told_anew(groups: Iterable[Raw], skus: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The groups that told of these items without a SKU, with it: what waits for it is found by it."""
    for group in groups:
        changes = [_with_sku(change, skus) for change in group.get("changes") or ()]
        if changes != group.get("changes"):
            yield {**group, "changes": changes}


def _with_sku(change: Raw, skus: Mapping[str, str]) -> Raw:
    item = change["item"]
    sku = skus.get(str(item["id"]))
    return change if sku is None or item.get("sku") else {**change, "item": {**item, "sku": sku}}
