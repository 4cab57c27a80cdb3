"""Stock: what lay where at the start, what moved between places, what was bought and has come.

Levels are not kept but reckoned when asked for: the opening stock, less what the orders hold or took away.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from qbconsole.sandbox.shopify.composing import Ids, Raw, stamp
from qbconsole.sandbox.shopify.seeding import World

Places = dict[tuple[str, str], int]


def opening_stock(world: World, chance: random.Random) -> Places:
    """Units of each tracked item at each place before anything was sold."""
    return {
        (item["id"], place["id"]): chance.randrange(400, 900)
        for item in _tracked(world)
        for place in world.locations
    }


def _tracked(world: World) -> list[Raw]:
    return [row["inventoryItem"] for row in world.variants if row["inventoryItem"]["tracked"]]


def stocked_items(world: World, orders: Sequence[Raw], opening: Mapping[tuple[str, str], int]) -> list[Raw]:
    """All inventory items with their levels as they are now."""
    gone: Places = {}
    held: Places = {}
    for order in orders:
        place = (order.get("retailLocation") or world.locations[0])["id"]
        waits = order["displayFulfillmentStatus"] == "UNFULFILLED"
        for item, units in units_out(order).items():
            side = held if waits else gone
            side[item, place] = side.get((item, place), 0) + units
    at = stamp(world.end)
    return [
        {
            **item,
            "inventoryLevels": {
                "nodes": [
                    _level(item["id"], place, opening.get((item["id"], place["id"]), 0), gone, held, at)
                    for place in world.locations
                    if item["tracked"]
                ]
            },
        }
        for item in (row["inventoryItem"] for row in world.variants)
    ]


def _level(item: str, place: Raw, opening: int, gone: Places, held: Places, at: str) -> Raw:
    key = (item, place["id"])
    on_hand, committed = opening - gone.get(key, 0), held.get(key, 0)
    counts = {"on_hand": on_hand, "committed": committed, "available": on_hand - committed}
    tail = f"{place['id'].rpartition('/')[2]}?inventory_item_id={item.rpartition('/')[2]}"
    return {
        "id": f"gid://shopify/InventoryLevel/{tail}",
        "isActive": True,
        "updatedAt": at,
        "location": {"id": place["id"], "name": place["name"]},
        "quantities": [
            {"name": name, "quantity": count, "updatedAt": None} for name, count in counts.items()
        ],
    }


def units_out(order: Raw) -> dict[str, int]:
    """Units an order took for good, by inventory item: sold, less what was removed or put back on the shelf."""
    kept: dict[str, int] = {}
    for refund in order["refunds"]:
        for row in refund["refundLineItems"]["nodes"]:
            if not row["restocked"]:
                line = row["lineItem"]["id"]
                kept[line] = kept.get(line, 0) + row["quantity"]
    out: dict[str, int] = {}
    for line in order["lineItems"]["nodes"]:
        item = ((line.get("variant") or {}).get("inventoryItem") or {}).get("id")
        if item:
            out[item] = out.get(item, 0) + line["currentQuantity"] + kept.get(line["id"], 0)
    return out


def transfers(world: World, ids: Ids) -> list[Raw]:
    """Two moves from the warehouse to the shop: one has arrived, one is on its way."""
    here, there = world.locations[0], world.locations[1]
    items = _tracked(world)
    morning = datetime.combine(world.start, time(10), world.zone)
    arrived = _transfer(ids, "#T0001", here, there, morning)
    _ship(ids, arrived, [(items[0], 12), (items[3], 6)], received=morning + timedelta(days=2))
    moving = _transfer(ids, "#T0002", here, there, morning + timedelta(days=3))
    _ship(ids, moving, [(items[4], 10)], received=None)
    return [arrived, moving]


def _transfer(ids: Ids, name: str, origin: Raw | None, destination: Raw, at: datetime) -> Raw:
    def snapshot(place: Raw) -> Raw:
        location = {"id": place["id"], "name": place["name"]}
        return {"name": place["name"], "snapshottedAt": stamp(at), "location": location}

    return {
        "id": ids.take("InventoryTransfer"),
        "name": name,
        "referenceName": None,
        "status": "IN_PROGRESS",
        "dateCreated": stamp(at),
        "createdAt": stamp(at),  # what the search calls it
        "note": None,
        "tags": [],
        "totalQuantity": 0,
        "receivedQuantity": 0,
        "origin": snapshot(origin) if origin else None,
        "destination": snapshot(destination),
        "lineItems": {"nodes": []},
        "shipments": {"nodes": []},
    }


def _ship(ids: Ids, transfer: Raw, goods: Sequence[tuple[Raw, int]], *, received: datetime | None) -> None:
    """One shipment of a transfer; received whole, or still on its way."""
    total = sum(units for _, units in goods)
    taken = total if received else 0
    sent = transfer["dateCreated"]
    transfer["lineItems"]["nodes"] += [
        {
            "id": ids.take("InventoryTransferLineItem"),
            "title": item["sku"],
            "totalQuantity": units,
            "shippedQuantity": units,
            "inventoryItem": item,
        }
        for item, units in goods
    ]
    lines = [
        {
            "id": ids.take("InventoryShipmentLineItem"),
            "quantity": units,
            "acceptedQuantity": units if received else 0,
            "rejectedQuantity": 0,
            "unreceivedQuantity": 0 if received else units,
            "inventoryItem": item,
        }
        for item, units in goods
    ]
    number = len(transfer["shipments"]["nodes"]) + 1
    transfer["shipments"]["nodes"].append(
        {
            "id": ids.take("InventoryShipment"),
            "name": f"{transfer['name']}-S{number}",
            "status": "RECEIVED" if received else "IN_TRANSIT",
            "dateShipped": sent,
            "dateReceived": stamp(received) if received else None,
            "totalAcceptedQuantity": taken,
            "totalReceivedQuantity": taken,
            "totalRejectedQuantity": 0,
            "lineItems": {"nodes": lines},
        }
    )
    transfer["totalQuantity"] += total
    transfer["receivedQuantity"] += taken
    arrived = transfer["receivedQuantity"] == transfer["totalQuantity"]
    transfer["status"] = "TRANSFERRED" if arrived else "IN_PROGRESS"


def purchases(world: World, ids: Ids) -> tuple[list[Raw], list[Raw]]:
    """Purchase orders and the transfers that fill them: one come whole, one in part, one only drafted."""
    items = [item for item in _tracked(world) if item["sku"] and item["unitCost"]]
    morning = datetime.combine(world.start, time(9), world.zone)
    orders, moved = [], []
    for number, (supplier, lines, come) in enumerate(
        (
            ("Hive & Wick", ((items[0], 40), (items[1], 24)), 2),
            ("Kiln Nº 9", ((items[6], 30), (items[7], 18)), 1),
            ("Fjord Textiles", ((items[3], 15),), 0),
        ),
        1,
    ):
        at = morning + timedelta(days=number - 1)
        coming = _transfer(ids, f"#T01{number:02d}", None, world.locations[0], at)
        if come:
            _ship(ids, coming, lines[:1], received=at + timedelta(days=2, hours=6))
            later = at + timedelta(days=4, hours=5)
            _ship(ids, coming, lines[1:], received=later if come > 1 else None)
            moved.append(coming)
        orders.append(_purchase(ids, number, supplier, lines, coming if come else None, at, world))
    return orders, moved


def _purchase(
    ids: Ids,
    number: int,
    supplier: str,
    lines: Sequence[tuple[Raw, int]],
    coming: Raw | None,
    at: datetime,
    world: World,
) -> Raw:
    place = world.locations[0]
    return {
        "id": ids.take("InventoryPurchaseOrder"),
        "name": f"#PO{number}",
        "status": "ORDERED" if coming else "DRAFT",
        "currency": world.currency,
        "dateCreated": stamp(at),
        "orderedAt": stamp(at) if coming else None,
        "archivedAt": None,
        "origin": {"supplierName": supplier},
        "destination": {"name": place["name"], "snapshottedAt": stamp(at), "location": place},
        "lineItems": {
            "nodes": [
                {
                    "id": ids.take("InventoryPurchaseOrderLineItem"),
                    "supplierSku": None,
                    "title": item["sku"],
                    "variantTitle": None,
                    "totalQuantity": units,
                    "taxPercent": None,
                    "unitCost": item["unitCost"],
                    "subtotal": None,
                    "totalCost": None,
                    "inventoryItem": item,
                }
                for item, units in lines
            ]
        },
        "transfers": {"nodes": [coming] if coming else []},
    }
