"""Inventory transfers as JSON -> `shop` values: each shipment that arrived, as stock leaving and stock coming.

Only units that were accepted moved; a shipment without a day of receipt is still on its way.
Source: Admin API 2026-10, InventoryTransfer and InventoryShipment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qbconsole.errors import InputUnreadable
from qbconsole.shop.orders import Shop
from qbconsole.shop.stock import StockTransfer
from qbconsole.sources.shopify.reading_stock import read_stock_group

Json = Mapping[str, Any]


def read_transfer(raw: Json, shop: Shop) -> StockTransfer:
    """One InventoryTransfer. Raises InputUnreadable where an id, a time or a number is none."""
    transfer_id = _last(raw)
    if not transfer_id:
        raise InputUnreadable("a transfer without an id", where="inventory transfer ?")
    return StockTransfer(
        id=transfer_id,
        shipments=tuple(
            read_stock_group(group, shop) for group in _groups(raw, transfer_id) if group["changes"]
        ),
    )


def _groups(raw: Json, transfer_id: str) -> Iterator[dict[str, Any]]:
    """Each shipment in the shape of an adjustment group."""
    origin, destination = _place(raw.get("origin")), _place(raw.get("destination"))
    for shipment in _nodes(raw.get("shipments")):
        if shipment.get("dateReceived"):
            yield {
                "id": f"{transfer_id}-{_last(shipment)}",
                "createdAt": shipment["dateReceived"],
                "reason": "transfer",
                "changes": [
                    change
                    for line in _nodes(shipment.get("lineItems"))
                    for change in _changes(line, origin, destination)
                ],
            }


def _changes(line: Json, origin: Json, destination: Json) -> Iterator[dict[str, Any]]:
    units = line.get("acceptedQuantity")
    if not units:
        return
    if not isinstance(units, int) or isinstance(units, bool):
        raise InputUnreadable(f"acceptedQuantity {units!r} is no whole number", where="inventory transfer")
    item = {key: value for key, value in (line.get("inventoryItem") or {}).items() if key != "unitCost"}
    for place, delta in ((origin, -units), (destination, units)):
        yield {"name": "on_hand", "delta": delta, "item": item, "location": place}


def _place(snapshot: object) -> dict[str, Any]:
    """A location as the transfer remembers it, also where it is gone by now."""
    told = snapshot if isinstance(snapshot, Mapping) else {}
    location = told.get("location")
    now = location if isinstance(location, Mapping) else {}
    name = str(now.get("name") or told.get("name") or "")
    return {"id": str(now.get("id") or name), "name": name}


def _nodes(value: object) -> Iterator[Json]:
    rows = value.get("nodes") if isinstance(value, Mapping) else value
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping):
            yield row


def _last(raw: Json) -> str:
    return str(raw.get("legacyResourceId") or raw.get("id") or "").rsplit("/", 1)[-1].split("?", 1)[0]
