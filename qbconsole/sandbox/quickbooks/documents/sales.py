"""SalesReceiptAdd, InvoiceAdd, CreditMemoAdd, SalesOrderAdd, EstimateAdd: one form filled five ways.

Sales orders and estimates post nothing and move no stock; QuickBooks Pro has no sales orders.

The tax of the document is QuickBooks' own sum; a sales-tax item as a line takes the sign of the line above
(qbwc-protocol.md section 13). Totals below zero are refused, zero is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass

from qbconsole.sandbox.quickbooks.documents.headers import begin, deposit_account, file_in, receivable, reply
from qbconsole.sandbox.quickbooks.documents.linking import fill_orders
from qbconsole.sandbox.quickbooks.documents.salelines import move_stock, percent, read_lines
from qbconsole.sandbox.quickbooks.documents.settling import credits_given, set_credits
from qbconsole.sandbox.quickbooks.file.arithmetic import SIGNS, add_up, sale_postings
from qbconsole.sandbox.quickbooks.file.records import Document, Entry, Reference, Refused, TaxShare
from qbconsole.sandbox.quickbooks.requests.answers import money
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply, inner, missing
from qbconsole.sandbox.quickbooks.requests.given import Given

#: In the schema, but not for the American desktop edition.
_NOT_HERE = ("DiscountLineAdd", "SalesTaxLineAdd", "ShippingLineAdd", "IsTaxIncluded")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    kind: str
    #: Owed by the customer (or to them) until paid; otherwise the money is there.
    on_account: bool = False
    #: Only an intention: no money account, nothing posted.
    intended: bool = False
    #: Editions that lack it.
    lacking: frozenset[str] = frozenset()


def _add_sale(desk: Desk, request: Given, form: _Form) -> Reply:
    given = inner(request)
    if desk.file.edition in form.lacking:
        raise Refused(3250, f"A {form.kind} is not supported in QuickBooks {desk.file.edition}.")
    document, customer = _header(desk, given, form)
    _set_tax(desk, given, document, customer)
    document.lines = read_lines(desk, given, document)
    if form.kind != "Invoice" and not document.lines:
        raise missing(f"{form.kind}LineAdd", form.kind)
    if desk.warned(570) and not document.lines:
        raise Refused(3180, "There was an error when saving an Invoice: the transaction is empty.")
    add_up(document)
    if document.total < 0:
        raise Refused(
            3180,
            f"There was an error when saving a {form.kind}.  QuickBooks error message: The total "
            f"{money(document.total)} of the transaction must not be negative.",
        )
    if form.on_account and not document.pending:
        document.open = SIGNS[form.kind] * document.total
        document.receivable = document.account
    credits = credits_given(desk, given.parts("SetCredit"), document.entity, document.receivable)
    if credits and sum(credit.amount for credit in credits) > document.open:
        raise Refused(3210, "The credits applied to the Invoice are more than its total.")
    if not document.pending and not form.intended:
        move_stock(desk.file, document)
    document.postings = sale_postings(document)
    file_in(desk, document, given.attribute("defMacro"))
    fill_orders(desk, document)
    set_credits(desk, document, credits, by=document.txn_id)
    return reply(desk, request, document)


def _header(desk: Desk, given: Given, form: _Form) -> tuple[Document, Entry | None]:
    for name in _NOT_HERE:
        if name in given and desk.file.country == "US":
            raise Refused(3250, f'The "{name}" in the {form.kind} is not supported in this edition.')
    document = begin(desk, given, form.kind)
    if form.intended:
        customer: Entry | None = desk.required(given, "CustomerRef", form.kind)
        document.entity = customer.list_id if customer else ""
        return document, customer
    if form.on_account:
        customer = desk.required(given, "CustomerRef", form.kind)
        account = receivable(desk, given, form.kind)
        document.fields["ARAccountRef"] = Reference("Account", account.list_id)
    else:
        customer = desk.entry(given, "CustomerRef", form.kind)
        account = deposit_account(desk, given, form.kind)
        document.fields["DepositToAccountRef"] = Reference("Account", account.list_id)
    document.account = account.list_id
    document.entity = customer.list_id if customer else ""
    return document, customer


def _set_tax(desk: Desk, given: Given, document: Document, customer: Entry | None) -> None:
    """Which tax item and rate the document has: its own, the customer's, else the company's default."""
    wishes, fields = desk.file.preferences, document.fields
    if not wishes.sales_tax:
        return
    default = customer.refers("ItemSalesTaxRef") if customer else ""
    item = desk.entry(given, "ItemSalesTaxRef", document.kind)
    item = item or desk.file.entries.get(default or wishes.tax_item)
    code_id = (customer.refers("SalesTaxCodeRef") if customer else "") or wishes.taxable_code
    code = desk.entry(given, "CustomerSalesTaxCodeRef", document.kind) or desk.file.entries[code_id]
    if customer or "CustomerSalesTaxCodeRef" in given:
        fields["CustomerSalesTaxCodeRef"] = Reference("SalesTaxCode", code.list_id)
    if item is None:
        return
    fields["ItemSalesTaxRef"] = Reference(item.family, item.list_id)
    document.tax_account = desk.file.special("SalesTaxPayable").list_id
    if code.text("IsTaxable") == "true":
        members = [desk.file.entries[one] for one in item.members()] or [item]
        document.taxes = [TaxShare(percent(one), one.refers("TaxVendorRef")) for one in members]


def _handler(form: _Form) -> Handler:
    return lambda desk, request: _add_sale(desk, request, form)


HANDLERS: dict[str, Handler] = {
    f"{form.kind}AddRq": _handler(form)
    for form in (
        _Form(kind="SalesReceipt"),
        _Form(kind="Invoice", on_account=True),
        _Form(kind="CreditMemo", on_account=True),
        _Form(kind="SalesOrder", intended=True, lacking=frozenset({"Pro"})),
        _Form(kind="Estimate", intended=True),
    )
}
