"""What happened beside the orders must come to: payouts, gift cards, store credit, drawers, goods bought.

Facts: reference/accounting.md sections 2 and 7; only what is PAID touches the bank.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from qbconsole.rehearsal.simulate.oracle.moves import Move
from qbconsole.rehearsal.simulate.oracle.orders import Raw, day_of
from qbconsole.sandbox.shopify import Shop

#: Beginning of a balance entry's type -> the account its amount comes off; the longest beginning counts.
_ENTRIES = {
    "CHARGE": "Shopify Payments Clearing",
    "REFUND": "Shopify Payments Clearing",
    "SHIPPING_LABEL": "Shipping Labels",
    "RESERVED_FUNDS": "Shopify Reserve",
    "DISPUTE": "Chargebacks",
    "TRANSFER_FAILURE": "Shopify Payouts in Transit",
}
_UNHEARD_OF = "Shopify Payout Adjustments"
_IN_TRANSIT = "Shopify Payouts in Transit"


def moves_beside(shop: Shop) -> Iterator[Move]:
    """Everything that is not an order's own."""
    zone = shop.world.zone
    yield from _paid_out(shop, zone)
    for card in shop.facts.gift_cards:
        if card["order"] is None:
            given = Decimal(card["initialValue"]["amount"])
            day = day_of(card["createdAt"], zone)
            yield from _moved(day, "Gift Cards Given Away", "Gift Cards Outstanding", given)
    for accounts in shop.facts.store_credit.values():
        for account in accounts:
            for row in account["transactions"]["nodes"]:
                amount, day = Decimal(row["amount"]["amount"]), day_of(row["createdAt"], zone)
                yield from _moved(day, "Store Credit Given Away", "Store Credit Outstanding", amount)
    for drawer in shop.facts.cash_sessions:
        if drawer["closingTime"]:
            found = Decimal(drawer["totalDiscrepancy"]["amount"])
            day = day_of(drawer["closingTime"], zone)
            yield from _moved(day, "Cash Drawer Clearing", "Cash Over or Short", found)
    for order in shop.facts.purchase_orders:
        yield from _received(order, zone)


def _moved(day: date, debit: str, credit: str, amount: Decimal) -> Iterator[Move]:
    yield Move("", day, debit, amount)
    yield Move("", day, credit, -amount)


def _paid_out(shop: Shop, zone: ZoneInfo) -> Iterator[Move]:
    issued = {payout["id"]: day_of(payout["issuedAt"], zone) for payout in shop.facts.payouts}
    for entry in shop.facts.entries:
        payout = entry["associatedPayout"]
        if payout["status"] not in ("PAID", "FAILED") or entry["type"] == "TRANSFER":
            continue
        day, kind = issued[payout["id"]], entry["type"]
        fees = "Chargeback Fees" if kind.startswith("DISPUTE") else "Merchant Fees"
        account = next((_ENTRIES[start] for start in _ENTRIES if kind.startswith(start)), _UNHEARD_OF)
        where = "Checking" if payout["status"] == "PAID" else _IN_TRANSIT
        yield Move("", day, where, Decimal(entry["net"]["amount"]))
        yield Move("", day, fees, Decimal(entry["fee"]["amount"]))
        yield Move("", day, account, -Decimal(entry["amount"]["amount"]))


def _received(order: Raw, zone: ZoneInfo) -> Iterator[Move]:
    cost = {
        row["inventoryItem"]["id"]: Decimal(row["unitCost"]["amount"]) for row in order["lineItems"]["nodes"]
    }
    for transfer in order["transfers"]["nodes"]:
        for shipment in transfer["shipments"]["nodes"]:
            if not shipment["dateReceived"]:
                continue
            day = day_of(shipment["dateReceived"], zone)
            for line in shipment["lineItems"]["nodes"]:
                amount = line["acceptedQuantity"] * cost[line["inventoryItem"]["id"]]
                yield from _moved(day, "Inventory Asset", "Accounts Payable", amount)
