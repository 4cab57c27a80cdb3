"""The lines of purchase documents: expense lines by account, item lines by item, quantity and cost.

An explicit Amount wins over Cost and Quantity. An inventory item's line is stock, at what was paid for it; any
other item posts to the account it is bought with (qbwc-protocol.md section 14).
"""

from __future__ import annotations

from decimal import Decimal

from qbconsole.sandbox.quickbooks.documents.headers import party, refuse_sites
from qbconsole.sandbox.quickbooks.documents.linking import Brought, bring, one_line
from qbconsole.sandbox.quickbooks.file.records import (
    ZERO,
    Block,
    Document,
    Entry,
    Line,
    Reference,
    Refused,
    cents,
)
from qbconsole.sandbox.quickbooks.requests.answers import plain, price
from qbconsole.sandbox.quickbooks.requests.desk import Desk, missing
from qbconsole.sandbox.quickbooks.requests.given import Given
from qbconsole.sandbox.quickbooks.requests.lists import item_account

_ECHOED = (
    "Desc",
    "ManufacturerPartNumber",
    "UnitOfMeasure",
    "ServiceDate",
    "BillableStatus",
    "Other1",
    "Other2",
)
#: Items that are sold only, or only show sums.
_NOT_BOUGHT = frozenset({"ItemSalesTax", "ItemSalesTaxGroup", "ItemPayment", "ItemSubtotal", "ItemDiscount"})


def expense_line(desk: Desk, part: Given, payee: Entry | None, kind: str) -> Line:
    """A line by account; the name on it is its customer, else who is paid."""
    where = f"{kind} expense line"
    _untaxed(desk, part, where)
    account = desk.required(part, "AccountRef", where)
    customer = desk.entry(part, "CustomerRef", where)
    line = Line(line_id="", sort="Expense", amount=part.amount("Amount") or ZERO, account=account.list_id)
    line.entity = party(account, customer or payee, where)
    line.fields["AccountRef"] = Reference("Account", account.list_id)
    for key in ("CustomerRef", "ClassRef"):
        if (reference := desk.reference(part, key, where)) is not None:
            line.fields[key] = reference
    if memo := part.text("Memo"):
        line.fields["Memo"] = memo
    return line


def item_line(desk: Desk, part: Given, document: Document, *, cost: str = "Cost") -> Line | None:
    """A line by item, or one that brings a purchase order's; None where that order is closed.

    `cost`: what the price of one is called, Cost on a bill and Rate on a purchase order.
    """
    where = f"{document.kind} line"
    refuse_sites(desk, part, where)
    _untaxed(desk, part, where)
    if "LinkToTxn" in part:
        brought = one_line(desk, part, document)
        if brought is None:
            return None
        line = _stated(desk, part, received(brought, part.price("Quantity")), where)
        if part.named("OverrideItemAccountRef") is not None:
            line.account = _bought_with(desk, part, desk.file.entries[line.item], where)
        return _priced(part, line, cost)
    item = desk.entry(part, "ItemRef", where)
    line = _stated(desk, part, Line(line_id="", sort="Item" if item else "Text", amount=ZERO), where)
    if item is None:
        if part.text("Amount") or part.text(cost):
            raise missing("ItemRef", where)
        return line
    line.item = item.list_id
    line.fields["ItemRef"] = Reference(item.family, item.list_id)
    line.account = _bought_with(desk, part, item, where)
    if (quantity := part.price("Quantity")) is not None:
        line.fields["Quantity"] = plain(quantity)
    if part.price(cost) is None and part.amount("Amount") is None:
        line.fields[cost] = price(_own_cost(item))
        line.amount = cents(_own_cost(item) * line.units())
    return _priced(part, line, cost)


def _stated(desk: Desk, part: Given, line: Line, where: str) -> Line:
    """The line with the texts and names the request gives it."""
    for name in _ECHOED:
        if text := part.text(name):
            line.fields[name] = text
    for key in ("CustomerRef", "ClassRef"):
        if (reference := desk.reference(part, key, where)) is not None:
            line.fields[key] = reference
    return line


def _untaxed(desk: Desk, part: Given, where: str) -> None:
    if "TaxAmount" in part and desk.file.country == "US":
        raise Refused(3250, f'The "TaxAmount" in the {where} is not supported in this edition.')


def received(brought: Brought, units: Decimal | None = None) -> Line:
    """A purchase order's line as it is received: its Rate is the Cost."""
    line = bring(brought, units)
    if (rate := line.fields.pop("Rate", None)) is not None:
        line.fields["Cost"] = rate
    return line


def _priced(part: Given, line: Line, cost: str) -> Line:
    """Cost and Amount as stated; an Amount wins, and gives the cost where there is a quantity."""
    rate, amount = part.price(cost), part.amount("Amount")
    if rate is not None:
        line.fields[cost], line.amount = price(rate), cents(rate * line.units())
    if amount is not None:
        line.amount = amount
        if line.units():
            line.fields[cost] = price(round(amount / line.units(), 5))
    return line


def _bought_with(desk: Desk, part: Given, item: Entry, where: str) -> str:
    """The account a bought item is posted to: the asset account of stock, the expense account of the rest."""
    if item.family in _NOT_BOUGHT:
        raise Refused(3210, f'The item "{item.full_name}" cannot be bought.')
    if part.named("OverrideItemAccountRef") is not None:
        if item.stock is not None:
            raise Refused(
                3210,
                f'The "OverrideItemAccountRef" is not allowed for the inventory item "{item.full_name}".',
            )
        return item_account(desk, part, "OverrideItemAccountRef", where).list_id
    if item.stock is not None:
        return item.refers("AssetAccountRef")
    account = _side(item).get("ExpenseAccountRef") or _side(item).get("AccountRef")
    if not isinstance(account, Reference):
        # An item that is bought and sold must say with which account it is bought.
        raise Refused(3180, f'The item "{item.full_name}" has no account to be bought with.')
    return account.list_id


def _own_cost(item: Entry) -> Decimal:
    """What the item says one of it costs."""
    text = _side(item).get("PurchaseCost") or _side(item).get("Price") or item.text("PurchaseCost")
    return Decimal(text) if isinstance(text, str) and text else Decimal(0)


def _side(item: Entry) -> dict[str, object]:
    side = item.fields.get("SalesOrPurchase") or item.fields.get("SalesAndPurchase")
    return dict(side.parts) if isinstance(side, Block) else {}
