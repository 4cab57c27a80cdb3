"""Goods: transfers between places, and what lies where now.

Lines and shipments that one answer does not hold are asked for by the transfer's id.
Source: reference/shopify-api.md section 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import (
    Batch,
    Raw,
    Unread,
    check_since,
    if_whole,
    moment,
    parted,
    stamp,
)
from qbconsole.sources.shopify.paging import rest

#: A transfer made this long ago and ended is not looked at again.
TRANSFER_MAY_CHANGE = timedelta(days=60)
_ENDED = frozenset({"TRANSFERRED", "CANCELED"})


def transfers(client: ShopifyClient, cursor: str | None, until: datetime) -> Iterator[Batch]:
    """Transfers by when they were made, each shipment with its lines."""
    query = None if cursor is None else f"created_at:>='{cursor}'"
    again = until - TRANSFER_MAY_CHANGE
    for page in client.pages("transfers", "inventoryTransfers", {"query": query}, first=20):
        found: list[Raw | Unread] = []
        made = until
        for transfer in page.nodes:
            made = moment(transfer.get("dateCreated"), "a transfer")
            check_since(made, cursor, "a transfer")
            number, name = str(transfer["id"]).rpartition("/")[2], f"Transfer {transfer['name']}"
            one = if_whole(name, number, partial(_whole, client, transfer))
            found.append(one)
            if isinstance(one, Unread) or transfer["status"] not in _ENDED:
                again = min(again, made)
        rows, unread = parted(found)
        mark = min(again, made) if page.has_next else again
        yield Batch(rows=rows, cursor=stamp(mark), unread=unread)


def _whole(client: ShopifyClient, transfer: Raw) -> Raw:
    """A transfer with all its lines, and all its shipments with theirs."""
    gid = str(transfer["id"])
    lines = rest(client, "transfer_lines", "inventoryTransfer.lineItems", transfer["lineItems"], gid)
    shipments = [
        {**shipment, "lineItems": {"nodes": shipment_lines(client, str(shipment["id"]))}}
        for shipment in shipments_of(client, transfer)
    ]
    return {**transfer, "lineItems": {"nodes": lines}, "shipments": {"nodes": shipments}}


def shipments_of(client: ShopifyClient, transfer: Raw) -> list[Raw]:
    """All shipments of a transfer, without their lines."""
    gid = str(transfer["id"])
    return rest(client, "transfer_shipments", "inventoryTransfer.shipments", transfer["shipments"], gid)


def shipment_lines(client: ShopifyClient, gid: str) -> list[Raw]:
    """All that a shipment brought or is to bring."""
    return [
        line
        for page in client.pages("shipment_lines", "inventoryShipment.lineItems", {"id": gid}, first=100)
        for line in page.nodes
    ]


def stock_levels(client: ShopifyClient) -> Iterator[Raw]:
    """Every tracked item with what is on hand and committed at each place, as of now."""
    for page in client.pages("stock_levels", "inventoryItems", {}, first=100):
        for item in page.nodes:
            if not item["tracked"]:
                continue
            levels = rest(
                client,
                "item_levels",
                "inventoryItem.inventoryLevels",
                item["inventoryLevels"],
                str(item["id"]),
            )
            yield {**item, "inventoryLevels": {"nodes": levels}}
