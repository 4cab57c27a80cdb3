"""InventoryAdjustmentAdd and TransferInventoryAdd: stock counted, revalued, moved.

A quantity adjustment is valued by QuickBooks at average cost; a value adjustment posts exactly the difference it
states. (The published schemas 13.0 and 16.0 leave no room for NewValue and ValueDifference: whoever hands over such
a schema cannot send one.) Moving between sites posts nothing; it needs Enterprise with Advanced Inventory.
"""

from __future__ import annotations

from decimal import Decimal

from qbconsole.sandbox.quickbooks.documents.headers import begin, file_in, refuse_sites, reply, wrong_role
from qbconsole.sandbox.quickbooks.file.records import (
    COUNT_VALUE,
    ZERO,
    Document,
    Entry,
    Line,
    Posting,
    Reference,
    Refused,
    Stock,
    StockMove,
)
from qbconsole.sandbox.quickbooks.requests.answers import money, plain
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply, inner, missing
from qbconsole.sandbox.quickbooks.requests.given import Given

_ADJUSTMENT, _TRANSFER = "InventoryAdjustment", "TransferInventory"
_NOT_HERE = frozenset({"AccountsReceivable", "AccountsPayable", "NonPosting"})


# -- adjustments ---------------------------------------------------------------------------------------


def _adjust(desk: Desk, request: Given) -> Reply:
    given = inner(request)
    if desk.mode == "multi" and desk.file.edition != "Enterprise":
        raise Refused(
            3180,
            "There was an error when saving an InventoryAdjustment.  QuickBooks error message: "
            "This can be done in single-user mode only.",
        )
    refuse_sites(desk, given, _ADJUSTMENT)
    account = desk.required(given, "AccountRef", _ADJUSTMENT)
    if account.text("AccountType") in _NOT_HERE:
        raise wrong_role(account, "AccountRef", _ADJUSTMENT)
    document = begin(desk, given, _ADJUSTMENT)
    document.account = account.list_id
    parts = given.parts("InventoryAdjustmentLineAdd")
    if not parts:
        raise missing("InventoryAdjustmentLineAdd", _ADJUSTMENT)
    counted = {item.list_id: _copied(item) for item, _ in (_read(desk, part) for part in parts)}
    document.lines = [_counted(desk, part, counted) for part in parts]
    for line in document.lines:
        _post(desk, document, line)
    file_in(desk, document, given.attribute("defMacro"))
    return reply(desk, request, document)


def _read(desk: Desk, part: Given) -> tuple[Entry, Given]:
    """The inventory item of a line, and what is to be done with it. Codes 3140, 3150, 3250."""
    item = desk.required(part, "ItemRef", f"{_ADJUSTMENT} line")
    if item.stock is None:
        raise Refused(
            3140,
            f'There is an invalid reference to QuickBooks Inventory Item "{item.full_name}" in the {_ADJUSTMENT} '
            "line: only inventory items have a quantity.",
        )
    if part.parts("SerialNumberAdjustment", "LotNumberAdjustment"):
        raise Refused(3250, "Serial and lot numbers are not in use in this company.")
    for name in ("QuantityAdjustment", "ValueAdjustment"):
        if (change := part.part(name)) is not None:
            return item, change
    raise missing("QuantityAdjustment", f"{_ADJUSTMENT} line")


def _copied(item: Entry) -> Stock:
    held = item.stock or Stock()
    return Stock(quantity=held.quantity, value=held.value, unit=held.unit)


def _counted(desk: Desk, part: Given, counted: dict[str, Stock]) -> Line:
    """A line with its differences; the item's own stock is untouched until everything is known to be right."""
    item, change = _read(desk, part)
    stock = counted[item.list_id]
    new, more = change.price("NewQuantity"), change.price("QuantityDifference")
    value, worth = change.amount("NewValue"), change.amount("ValueDifference")
    valued = change.tag == "ValueAdjustment"
    if new is None and more is None and not valued:
        raise missing("QuantityDifference", "QuantityAdjustment")
    if valued and value is None and worth is None:
        raise missing("ValueDifference", "ValueAdjustment")
    units = new - stock.quantity if new is not None else more or Decimal(0)
    if valued:
        amount = value - stock.value if value is not None else worth or ZERO
        stock.shift(units, amount)
    else:
        amount = -stock.take(-units)
    line = Line(
        line_id="", sort="Count", amount=amount, item=item.list_id, account=item.refers("AssetAccountRef")
    )
    line.fields |= {
        "ItemRef": Reference(item.family, item.list_id),
        "QuantityDifference": plain(units),
        "ValueDifference": money(amount),
    }
    accounts = item.refers("COGSAccountRef"), item.refers("AssetAccountRef")
    line.stock = StockMove(item.list_id, -units, -amount, *accounts)
    line.counts = valued
    return line


def _post(desk: Desk, document: Document, line: Line) -> None:
    item = desk.file.entries[line.item]
    if item.stock is not None and line.stock is not None:
        item.stock.unit = item.stock.unit_cost()
        item.stock.shift(-line.stock.units, -line.stock.cost)
    desk.file.changed["entry", item.list_id] = None
    if line.amount:
        own = "" if line.counts else COUNT_VALUE
        document.postings.append(Posting(line.account, line.amount, own=own))
        document.postings.append(Posting(document.account, -line.amount, own=own))


# -- transfers -----------------------------------------------------------------------------------------


def _transfer(desk: Desk, request: Given) -> Reply:
    given = inner(request)
    if not desk.file.has_sites():
        raise Refused(
            3250, f"A {_TRANSFER} is not supported: it needs Advanced Inventory with more than one site."
        )
    source = desk.required(given, "FromInventorySiteRef", _TRANSFER)
    target = desk.required(given, "ToInventorySiteRef", _TRANSFER)
    if source is target:
        raise Refused(3210, f'The "ToInventorySiteRef" field has an invalid value "{target.full_name}".')
    document = begin(desk, given, _TRANSFER)
    document.lines = [_moved(desk, part) for part in given.parts("TransferInventoryLineAdd")]
    if not document.lines:
        raise missing("TransferInventoryLineAdd", _TRANSFER)
    file_in(desk, document, given.attribute("defMacro"))
    return reply(desk, request, document)


def _moved(desk: Desk, part: Given) -> Line:
    item = desk.required(part, "ItemRef", f"{_TRANSFER} line")
    if item.stock is None:
        raise Refused(
            3140,
            f'There is an invalid reference to QuickBooks Inventory Item "{item.full_name}" in the line.',
        )
    units = part.price("QuantityToTransfer") or Decimal(0)
    if units <= 0:
        raise Refused(3210, f'The "QuantityToTransfer" field has an invalid value "{plain(units)}".')
    line = Line(line_id="", sort="Move", amount=ZERO, item=item.list_id)
    line.fields |= {"ItemRef": Reference(item.family, item.list_id), "QuantityTransferred": plain(units)}
    return line


HANDLERS: dict[str, Handler] = {"InventoryAdjustmentAddRq": _adjust, "TransferInventoryAddRq": _transfer}
