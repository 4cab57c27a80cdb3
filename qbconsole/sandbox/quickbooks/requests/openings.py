"""What a new record starts with: the balance of an account, the stock of an inventory item.

Posted against Opening Balance Equity by a document of its own, as QuickBooks does.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from qbconsole.sandbox.quickbooks.documents.headers import blank, file_in
from qbconsole.sandbox.quickbooks.file.kinds import DEBIT_TYPES
from qbconsole.sandbox.quickbooks.file.records import (
    Document,
    Entry,
    Line,
    Posting,
    Reference,
    StockMove,
    cents,
)
from qbconsole.sandbox.quickbooks.requests.answers import money, plain
from qbconsole.sandbox.quickbooks.requests.desk import Desk
from qbconsole.sandbox.quickbooks.requests.given import Given


class Opening(NamedTuple):
    """An opening balance about to be posted; quantity only for stock."""

    document: Document
    value: Decimal
    quantity: Decimal = Decimal(0)


def read_opening(desk: Desk, given: Given, family: str) -> Opening | None:
    """What a new record starts with; read and judged before the record exists."""
    if family == "Account" and (amount := given.amount("OpenBalance")):
        day = given.day("OpenBalanceDate") or desk.now.date()
        debit = given.text("AccountType") in DEBIT_TYPES
        return Opening(blank(desk, "JournalEntry", day), amount if debit else -amount)
    quantity = given.price("QuantityOnHand") if family == "ItemInventory" else None
    if not quantity:
        return None
    cost, total = given.price("PurchaseCost"), given.amount("TotalValue") or Decimal(0)
    day = given.day("InventoryDate") or desk.now.date()
    value = total if cost is None else cents(quantity * cost)
    return Opening(blank(desk, "InventoryAdjustment", day), value, quantity)


def post_opening(desk: Desk, entry: Entry, opening: Opening) -> None:
    """Post what a new record starts with against Opening Balance Equity."""
    account = entry.list_id
    document = opening.document
    if entry.stock is not None:
        account = entry.refers("AssetAccountRef")
        entry.stock.shift(opening.quantity, opening.value)
        entry.stock.unit = opening.value / opening.quantity
        document.lines = [_line(entry, opening, account)]
    document.memo = "Opening balance"
    equity = desk.file.special("OpeningBalanceEquity").list_id
    document.postings = [Posting(account, opening.value), Posting(equity, -opening.value)]
    file_in(desk, document)


def _line(entry: Entry, opening: Opening, account: str) -> Line:
    """The line of the adjustment that opens an item's stock: deleting it takes the stock away again."""
    line = Line(line_id="", sort="Count", amount=opening.value, item=entry.list_id, account=account)
    line.fields = {
        "ItemRef": Reference(entry.family, entry.list_id),
        "QuantityDifference": plain(opening.quantity),
        "ValueDifference": money(opening.value),
    }
    move = -opening.quantity, -opening.value
    line.stock = StockMove(entry.list_id, *move, entry.refers("COGSAccountRef"), account)
    return line
