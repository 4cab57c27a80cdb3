"""PurchaseOrderAdd: what is ordered from a vendor. It posts nothing; bills and item receipts fill it.

It closes when everything came; more than was ordered may come.
"""

from __future__ import annotations

from qbconsole.sandbox.quickbooks.documents.buying.lines import item_line
from qbconsole.sandbox.quickbooks.documents.headers import begin, file_in, refuse_sites, reply
from qbconsole.sandbox.quickbooks.file.records import ZERO, Refused
from qbconsole.sandbox.quickbooks.requests.answers import money
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply, inner, missing
from qbconsole.sandbox.quickbooks.requests.given import Given


def _purchase_order(desk: Desk, request: Given) -> Reply:
    given = inner(request)
    refuse_sites(desk, given, "PurchaseOrder")
    vendor = desk.required(given, "VendorRef", "PurchaseOrder")
    document = begin(desk, given, "PurchaseOrder")
    document.entity = vendor.list_id
    document.account = desk.file.special("PurchaseOrders").list_id
    if given.parts("PurchaseOrderLineGroupAdd"):
        raise Refused(
            3140, "There is an invalid reference to QuickBooks Item Group in the PurchaseOrder line."
        )
    for part in given.parts("PurchaseOrderLineAdd"):
        line = item_line(desk, part, document, cost="Rate")
        if line is not None:
            document.lines.append(line)
    if not any(line.item for line in document.lines):
        raise missing("PurchaseOrderLineAdd", "PurchaseOrder")
    document.total = sum((line.amount for line in document.lines), ZERO)
    if document.total < 0:
        raise Refused(
            3180,
            "There was an error when saving a PurchaseOrder.  QuickBooks error message: The total "
            f"{money(document.total)} of the transaction must not be negative.",
        )
    file_in(desk, document, given.attribute("defMacro"))
    return reply(desk, request, document)


HANDLERS: dict[str, Handler] = {"PurchaseOrderAddRq": _purchase_order}
