"""BillAdd, ItemReceiptAdd, VendorCreditAdd: what vendors delivered and are owed, or owe us.

Each posts its lines against accounts payable, with the vendor. A bill cannot be made out of an item receipt by a
request; staff do that in QuickBooks (qbwc-protocol.md section 14).
"""

from __future__ import annotations

from qbconsole.sandbox.quickbooks.documents.buying.lines import expense_line, item_line, received
from qbconsole.sandbox.quickbooks.documents.headers import begin, file_in, payable, refuse_sites, reply
from qbconsole.sandbox.quickbooks.documents.linking import fill_orders, whole_orders
from qbconsole.sandbox.quickbooks.file.records import (
    COST_OF_SALES,
    ZERO,
    Document,
    Entry,
    Line,
    Posting,
    Reference,
    Refused,
    StockMove,
)
from qbconsole.sandbox.quickbooks.requests.answers import money
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply, inner
from qbconsole.sandbox.quickbooks.requests.given import Given

#: +1 where the vendor is owed.
_OWED = {"Bill": 1, "ItemReceipt": 1, "VendorCredit": -1}
_OWING = ("AccountsReceivable", "AccountsPayable")


def _buy(desk: Desk, request: Given, kind: str) -> Reply:
    given = inner(request)
    document, vendor = _header(desk, given, kind)
    document.lines = _lines(desk, given, document, vendor)
    _judge(desk, document)
    document.open = _OWED[kind] * document.total
    _post(desk, document)
    file_in(desk, document, given.attribute("defMacro"))
    fill_orders(desk, document)
    return reply(desk, request, document)


def _header(desk: Desk, given: Given, kind: str) -> tuple[Document, Entry]:
    if "IsTaxIncluded" in given and desk.file.country == "US":
        raise Refused(3250, f'The "IsTaxIncluded" in the {kind} is not supported in this edition.')
    refuse_sites(desk, given, kind)
    vendor = desk.required(given, "VendorRef", kind)
    account = payable(desk, given, kind)
    document = begin(desk, given, kind)
    document.entity, document.account, document.receivable = vendor.list_id, account.list_id, account.list_id
    document.fields["APAccountRef"] = Reference("Account", account.list_id)
    return document, vendor


def _lines(desk: Desk, given: Given, document: Document, vendor: Entry) -> list[Line]:
    if given.parts("ItemGroupLineAdd"):
        raise Refused(
            3140, f"There is an invalid reference to QuickBooks Item Group in the {document.kind} line."
        )
    lines = [expense_line(desk, part, vendor, document.kind) for part in given.parts("ExpenseLineAdd")]
    lines += [received(brought) for brought in whole_orders(desk, given, document)]
    read = [item_line(desk, part, document) for part in given.parts("ItemLineAdd")]
    return lines + [line for line in read if line is not None]


def _judge(desk: Desk, document: Document) -> None:
    """Code 3180 for an empty document, a total below zero, or a second line on what is owed."""
    said = f"There was an error when saving a {document.kind}.  QuickBooks error message: "
    document.total = sum((line.amount for line in document.lines), ZERO)
    if not document.lines:
        raise Refused(3180, said + "The transaction is empty.")
    if document.total < 0:
        raise Refused(
            3180, said + f"The total {money(document.total)} of the transaction must not be negative."
        )
    if any(desk.file.account_sort(line.account) in _OWING for line in document.lines if line.account):
        raise Refused(3180, said + "A transaction may have only one accounts receivable or payable line.")


def _post(desk: Desk, document: Document) -> None:
    sign = _OWED[document.kind]
    postings = [Posting(document.account, -sign * document.total, document.entity)]
    for line in document.lines:
        postings.append(Posting(line.account, sign * line.amount, line.entity))
        postings += _take_in(desk, line, sign)
    document.postings = [posting for posting in postings if posting.amount]


def _take_in(desk: Desk, line: Line, sign: int) -> list[Posting]:
    """Let stock come (or go back to the vendor) at the line's amount; answers QuickBooks' correction of cost.

    Units sold before they were there went at the last known cost; the difference to what they really cost is
    posted as cost of goods sold of its own accord.
    """
    item = desk.file.entries.get(line.item)
    if item is None or item.stock is None:
        return []
    # Without a quantity an inventory line changes only the value of what is there.
    units = sign * line.units() if "Quantity" in line.fields else ZERO
    late = item.stock.receive(units, sign * line.amount)
    cogs, asset = item.refers("COGSAccountRef"), item.refers("AssetAccountRef")
    line.stock = StockMove(item.list_id, -units, -(sign * line.amount - late), cogs, asset)
    desk.file.changed["entry", item.list_id] = None
    return [Posting(cogs, late, own=COST_OF_SALES), Posting(asset, -late, own=COST_OF_SALES)]


def _handler(kind: str) -> Handler:
    return lambda desk, request: _buy(desk, request, kind)


HANDLERS: dict[str, Handler] = {f"{kind}AddRq": _handler(kind) for kind in _OWED}
