"""Goods: transfers between places, purchase orders with what came of them, and what lies where now.

A purchase order says what was ordered, not what came: receipts are the shipments of its transfers. Only a shipment
that is RECEIVED makes a receipt; one received in part waits until it is closed, because its quantities still grow.
Source: reference/shopify-api.md sections 5 and 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from qbconsole.errors import ShopifyContradiction
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import Batch, Raw, check_since, cut_short, moment, stamp, whole

#: A transfer made this long ago and ended is not looked at again.
TRANSFER_MAY_CHANGE = timedelta(days=60)
#: A purchase order archived this long before the last pull is not looked at again.
ARCHIVED = timedelta(days=7)
_ENDED = frozenset({"TRANSFERRED", "CANCELED"})


def transfers(client: ShopifyClient, cursor: str | None, until: datetime) -> Iterator[Batch]:
    """Transfers by when they were made, each shipment with its lines."""
    query = None if cursor is None else f"created_at:>='{cursor}'"
    again = until - TRANSFER_MAY_CHANGE
    for page in client.pages("transfers", "inventoryTransfers", {"query": query}, first=20):
        rows, said = [], []
        made = until
        for transfer in page.nodes:
            made = moment(transfer.get("dateCreated"), "a transfer")
            check_since(made, cursor, "a transfer")
            if transfer["status"] not in _ENDED:
                again = min(again, made)
            if cut_short(transfer, "lineItems", "shipments"):
                said.append(f"Transfer {transfer['name']} is larger than one answer; it is not read")
            else:
                rows.append(_with_lines(client, transfer))
        mark = min(again, made) if page.has_next else again
        yield Batch(rows=tuple(rows), cursor=stamp(mark), said=tuple(said))


def _with_lines(client: ShopifyClient, transfer: Raw) -> Raw:
    row = whole(transfer, "lineItems", "shipments")
    for shipment in row["shipments"]["nodes"]:
        shipment["lineItems"] = {"nodes": _shipment_lines(client, str(shipment["id"]))}
    return row


def _shipment_lines(client: ShopifyClient, gid: str) -> list[Raw]:
    return [
        line
        for page in client.pages("shipment_lines", "inventoryShipment.lineItems", {"id": gid}, first=100)
        for line in page.nodes
    ]


def purchases(
    client: ShopifyClient, cursor: str | None, until: datetime, *, day: Callable[[datetime], date]
) -> Iterator[Batch]:
    """Purchase orders in the neutral shape: number, vendor, lines, receipts. `day` gives the shop's date.

    The cursor is when they were last looked through. Raises FieldUnknown where the shop's API has none yet.
    """
    old = None if cursor is None else datetime.fromisoformat(cursor) - ARCHIVED
    for page in client.pages("purchase_orders", "inventoryPurchaseOrders", {}, first=20):
        rows, said = [], []
        for order in page.nodes:
            archived = order.get("archivedAt")
            gone = archived is not None and old is not None and moment(archived, "a purchase order") < old
            if order["status"] == "DRAFT" or gone:
                continue
            shipments = [transfer["shipments"] for transfer in order["transfers"]["nodes"]]
            if cut_short(order, "lineItems", "transfers") or any(
                one["pageInfo"]["hasNextPage"] for one in shipments
            ):
                said.append(f"Purchase order {order['name']} is larger than one answer; it is not read")
                continue
            rows.append(_purchase(client, order, day))
        yield Batch(rows=tuple(rows), cursor=None if page.has_next else stamp(until), said=tuple(said))


def _purchase(client: ShopifyClient, order: Raw, day: Callable[[datetime], date]) -> Raw:
    lines = order["lineItems"]["nodes"]
    ordered = moment(order.get("orderedAt") or order.get("dateCreated"), "a purchase order")
    costs = {_item(line): _cost(line) for line in reversed(lines)}
    return {
        "number": str(order["name"]),
        "vendor": (order.get("origin") or {}).get("supplierName"),
        "orderedAt": day(ordered).isoformat(),
        "currencyCode": _currency(order, lines),
        "lines": [
            {"sku": _sku(line), "quantity": line["totalQuantity"], "unitCost": _cost(line)} for line in lines
        ],
        "receipts": [
            _receipt(client, shipment, costs, day)
            for transfer in order["transfers"]["nodes"]
            for shipment in transfer["shipments"]["nodes"]
            if shipment["status"] == "RECEIVED" and shipment["totalAcceptedQuantity"]
        ],
        "bills": [],
    }


def _receipt(
    client: ShopifyClient, shipment: Raw, costs: dict[str, str | None], day: Callable[[datetime], date]
) -> Raw:
    received = moment(shipment.get("dateReceived"), "a received shipment")
    return {
        "id": str(shipment["id"]).rpartition("/")[2],
        "receivedAt": day(received).isoformat(),
        "lines": [
            {"sku": _sku(line), "quantity": line["acceptedQuantity"], "unitCost": costs.get(_item(line))}
            for line in _shipment_lines(client, str(shipment["id"]))
            if line["acceptedQuantity"]
        ],
    }


def _item(line: Raw) -> str:
    return str((line.get("inventoryItem") or {}).get("id") or "")


def _sku(line: Raw) -> str:
    return str((line.get("inventoryItem") or {}).get("sku") or line.get("supplierSku") or "")


def _cost(line: Raw) -> str | None:
    cost = line.get("unitCost")
    return None if cost is None else str(cost["amount"])


def _currency(order: Raw, lines: list[Raw]) -> str | None:
    found = order.get("currency")
    if found is None:
        found = next((line["unitCost"]["currencyCode"] for line in lines if line.get("unitCost")), None)
    return None if found is None else str(found)


def stock_levels(client: ShopifyClient) -> Iterator[Raw]:
    """Every tracked item with what is on hand and committed at each place, as of now."""
    for page in client.pages("stock_levels", "inventoryItems", {}, first=100):
        for item in page.nodes:
            if not item["tracked"]:
                continue
            if cut_short(item, "inventoryLevels"):
                raise ShopifyContradiction(
                    f"the item {item['sku'] or item['id']} lies at more places than one answer holds"
                )
            yield whole(item, "inventoryLevels")
