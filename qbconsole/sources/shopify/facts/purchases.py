"""Purchase orders with what came of them.

A purchase order says what was ordered, not what came: receipts are the shipments of its transfers. Only a shipment
that is RECEIVED makes a receipt; one received in part waits until it is closed, because its quantities still grow.
Lines, transfers and shipments that one answer does not hold are asked for by id.
Source: reference/shopify-api.md section 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import Batch, Raw, Unread, if_whole, moment, parted, stamp
from qbconsole.sources.shopify.facts.goods import shipment_lines, shipments_of
from qbconsole.sources.shopify.paging import rest

#: A purchase order archived this long before the last pull is not looked at again.
ARCHIVED = timedelta(days=7)


def purchases(
    client: ShopifyClient, cursor: str | None, until: datetime, *, day: Callable[[datetime], date]
) -> Iterator[Batch]:
    """Purchase orders in the neutral shape: number, vendor, lines, receipts. `day` gives the shop's date.

    The cursor is when they were last looked through, and stays while one cannot be read whole. Raises FieldUnknown where the shop's API has none yet.
    """
    old = None if cursor is None else datetime.fromisoformat(cursor) - ARCHIVED
    is_whole = True
    for page in client.pages("purchase_orders", "inventoryPurchaseOrders", {}, first=20):
        found: list[Raw | Unread] = []
        for order in page.nodes:
            archived = order.get("archivedAt")
            gone = archived is not None and old is not None and moment(archived, "a purchase order") < old
            if order["status"] != "DRAFT" and not gone:
                number = str(order["name"])
                found.append(
                    if_whole(f"Purchase order {number}", number, partial(_purchase, client, order, day))
                )
        rows, unread = parted(found)
        is_whole &= not unread
        done = stamp(until) if is_whole and not page.has_next else None
        yield Batch(rows=rows, cursor=done, unread=unread)


def _purchase(client: ShopifyClient, order: Raw, day: Callable[[datetime], date]) -> Raw:
    gid = str(order["id"])
    lines = rest(client, "purchase_lines", "inventoryPurchaseOrder.lineItems", order["lineItems"], gid)
    ordered = moment(order.get("orderedAt") or order.get("dateCreated"), "a purchase order")
    costs = {_item(line): _cost(line) for line in reversed(lines)}
    transfers = rest(
        client, "purchase_transfers", "inventoryPurchaseOrder.transfers", order["transfers"], gid
    )
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
            for transfer in transfers
            for shipment in shipments_of(client, transfer)
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
            for line in shipment_lines(client, str(shipment["id"]))
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
