"""Filling orders: a bill or item receipt that brings a purchase order, an invoice that brings a sales order.

LinkToTxnID brings every line that is still to come; LinkToTxn on a line brings that one, and the line then names
no item of its own. A closed order is not linked (570). Only when adding: there is no linking afterwards
(qbwc-protocol.md section 14; that an estimate cannot be linked: section 17).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from qbconsole.sandbox.quickbooks.file.documentkinds import DOCUMENTS
from qbconsole.sandbox.quickbooks.file.records import Document, Fill, Line, Reference, Refused, cents
from qbconsole.sandbox.quickbooks.requests.answers import plain
from qbconsole.sandbox.quickbooks.requests.desk import Desk
from qbconsole.sandbox.quickbooks.requests.given import Given

_CLOSED = "The link to the transaction {} was not made: it is already closed, nothing is left to receive or invoice."


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A line of an order that is to come with a document."""

    order: Document
    line: Line


def whole_orders(desk: Desk, given: Given, document: Document) -> Iterator[Brought]:
    """The lines LinkToTxnID brings. Codes 570, 3000, 3120, 3170, 3177."""
    asked = [one.text or "" for one in given.element.iterfind("LinkToTxnID")]
    if len(set(asked)) < len(asked):
        raise Refused(3177, "The same TxnID is given twice in LinkToTxnID.")
    by_line = {part.findtext("TxnID") for part in given.element.iterfind("*/LinkToTxn")}
    for txn_id in asked:
        if txn_id in by_line:
            raise Refused(3000, f'The TxnID "{txn_id}" is given in LinkToTxnID and in a LinkToTxn as well.')
        order = _order(desk, txn_id, document)
        if order.closed():
            desk.warn(570, _CLOSED.format(txn_id))
            continue
        for line in order.lines:
            if line.left() or not line.item:
                yield Brought(order=order, line=line)


def one_line(desk: Desk, part: Given, document: Document) -> Brought | None:
    """The line a LinkToTxn brings; None where the order is closed, with warning 570."""
    link = part.parts("LinkToTxn")[0]
    order = _order(desk, desk.txn_id(link), document)
    line_id = link.text("TxnLineID")
    found = next((line for line in order.lines if line.line_id == line_id), None)
    if found is None:
        raise _absent(line_id)
    if "ItemRef" in part:
        raise Refused(
            3180,
            f"There was an error when saving a {document.kind}.  QuickBooks error message: A line that links to "
            "another transaction cannot name an item.",
        )
    if order.closed():
        desk.warn(570, _CLOSED.format(order.txn_id))
        return None
    return Brought(order=order, line=found)


def bring(brought: Brought, units: Decimal | None = None) -> Line:
    """A line of an order as it comes: its item, account and price, with what is left or so many units of it."""
    ordered = brought.line
    line = Line(
        line_id="",
        sort=ordered.sort,
        amount=ordered.amount,
        account=ordered.account,
        item=ordered.item,
        entity=ordered.entity,
        taxable=ordered.taxable,
        counts=ordered.counts,
        fields=dict(ordered.fields),
    )
    if not ordered.item:
        return line
    came = ordered.left() if units is None else units
    if "Quantity" in ordered.fields:
        line.fields["Quantity"] = plain(came)
        if came != ordered.units():
            # A whole line comes at its stated amount; a part of it at its share, to the cent.
            line.amount = (
                cents(ordered.amount * came / ordered.units()) if ordered.units() else ordered.amount
            )
    item = ordered.fields.get("ItemRef")
    if not (isinstance(item, Reference) and item.family == "ItemSalesTax"):
        # A sales order with a tax item as a line stays open for ever (accounting.md section 3).
        line.fills = Fill(brought.order.txn_id, ordered.line_id, came)
    return line


def fill_orders(desk: Desk, document: Document) -> None:
    """Tell the orders what came, once the document is filed."""
    for line in document.lines:
        if line.fills is not None:
            desk.file.fill(line.fills, line.fills.units)
            desk.file.tie(document, desk.file.filed[line.fills.txn_id], desk.now)


def _order(desk: Desk, txn_id: str, document: Document) -> Document:
    order = desk.file.filed.get(txn_id)
    if order is None:
        raise _absent(txn_id)
    if document.kind not in DOCUMENTS[order.kind].filled_by:
        raise Refused(3170, f"A {document.kind} cannot be linked to the {order.kind} {txn_id}.")
    if order.entity != document.entity:
        raise Refused(
            3170,
            f"The {order.kind} {txn_id} belongs to another name than the {document.kind}; no link is made.",
        )
    return order


def _absent(identifier: str) -> Refused:
    return Refused(
        3120,
        f'Object "{identifier}" specified in the request cannot be found.  QuickBooks error message: '
        "Invalid argument.  The specified record does not exist in the list.",
    )
