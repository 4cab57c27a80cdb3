"""Sales orders and estimates by name, and the invoice that is made from a sales order.

Such an invoice names only what its order lacks: its other lines come along from the order, as QuickBooks keeps them
there, and post to their items' own accounts (qbXML has no place for another one on a sales order's line).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qbconsole.books.documents import Estimate, EstimateLine, SalesLine, SalesOrder, SalesOrderLine
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.naming.lines import AccountPosting
from qbconsole.books.naming.namer import Namer
from qbconsole.books.plan import DocumentKind, LineKind, PlanLine

Row = tuple[SalesLine, AccountPosting | None]


def order_document(namer: Namer, common: Mapping[str, Any]) -> object:
    """A sales order or an estimate of these header fields and lines; neither posts anything."""
    lines: Sequence[SalesLine] = common["lines"]
    header = {name: value for name, value in common.items() if name != "lines"}
    header["po_number"] = namer.order.po_number or None
    if namer.plan.kind is DocumentKind.ESTIMATE:
        estimated = tuple(
            EstimateLine(override_item_account_ref=line.override_item_account_ref, **_shared(line))
            for line in lines
        )
        return Estimate(lines=estimated, **header)
    _may_order(namer)
    return SalesOrder(lines=tuple(SalesOrderLine(**_shared(line)) for line in lines), **header)


def _shared(line: SalesLine) -> dict[str, Any]:
    return {
        "item_ref": line.item_ref,
        "desc": line.desc,
        "quantity": line.quantity,
        "class_ref": line.class_ref,
        "amount": line.amount,
        "sales_tax_code_ref": line.sales_tax_code_ref,
    }


def from_order(namer: Namer, lines: Sequence[PlanLine], rows: Sequence[Row]) -> dict[str, Any]:
    """The fields of an invoice that is made from a sales order; empty where it stands by itself.

    `rows` are the plan's lines as they would be written, in the same order.
    """
    fills = namer.plan.fills
    if not fills or namer.plan.kind is not DocumentKind.INVOICE or not _may_order(namer):
        return {}
    own = []
    for line, (written, _) in zip(lines, rows, strict=True):
        if line.kind is LineKind.TENDER:
            own.append(written)
        else:
            _require_own_account(namer, written)
    return {"link_to_txn_ids": (namer.slot(fills),), "lines": tuple(own)}


def _may_order(namer: Namer) -> bool:
    """Pro has no sales orders; while the edition is not known, delivery waits until QuickBooks told it."""
    host = namer.company.host
    if host is not None and not _is_pro(host.product):
        return True
    what = "It is not known yet whether this QuickBooks has sales orders."
    step = "Run the Web Connector once; the document goes out after the next booking."
    if host is not None:
        what = f"{host.product} has no sales orders: they need Premier or Enterprise."
        step = 'Set policy.orders to "estimate" or "off", or move the company file to Premier.'
        if namer.plan.kind is DocumentKind.INVOICE:
            return False
    namer.holds.append(
        Hold(
            reason=Reason.EDITION,
            where=f"{namer.plan.kind} of {namer.plan.number}",
            sentence=what,
            next_step=step,
            subject=namer.plan.key,
            cause="edition:sales_order",
        )
    )
    return host is None


def _is_pro(product: str) -> bool:
    words = product.casefold().split()
    return "pro" in words and "premier" not in words and "enterprise" not in words


def _require_own_account(namer: Namer, written: SalesLine) -> None:
    """Hold delivery where the line would have to post elsewhere than its item does."""
    wanted = written.override_item_account_ref
    items = namer.company.items
    found = items.by_name(written.item_ref) if items.known and written.item_ref else None
    if wanted is None or found is None:
        return
    own = str(found.income_account)
    if own.casefold() == wanted.casefold():
        return
    namer.holds.append(
        Hold(
            reason=Reason.UNMAPPED,
            where=f'item "{written.item_ref}"',
            sentence=f'An invoice made from a sales order posts "{written.item_ref}" to {own}, '
            f"the mapping says {wanted}.",
            next_step="Give the item that account in QuickBooks, map another item, or set policy.orders to off.",
            subject=namer.plan.key,
            cause=f"ordered_account:{written.item_ref}",
        )
    )
