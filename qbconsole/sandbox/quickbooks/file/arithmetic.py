"""The sums of a sales document and the double entry it makes, from its stored lines alone.

Sales tax is a rate on the sum of the taxable lines, rounded once for each tax item; a tax group is the sum of
its items (qbwc-protocol.md section 13).
"""

from __future__ import annotations

from decimal import Decimal

from qbconsole.sandbox.quickbooks.file.records import COST_OF_SALES, ZERO, Document, Posting, cents

#: +1 where lines are credited and the customer or deposit account is debited.
SIGNS = {"SalesReceipt": 1, "Invoice": 1, "CreditMemo": -1}
_HUNDRED = Decimal(100)


def add_up(document: Document) -> None:
    """Set subtotal, tax and total of a sales document from its lines."""
    document.subtotal = sum((line.amount for line in document.lines if line.counts), ZERO)
    base = sum((line.amount for line in document.lines if line.taxable and line.counts), ZERO)
    document.taxes = [tax._replace(amount=cents(base * tax.rate / _HUNDRED)) for tax in document.taxes]
    document.tax_total = sum((tax.amount for tax in document.taxes), ZERO)
    document.total = document.subtotal + document.tax_total


def sale_postings(document: Document) -> list[Posting]:
    """The double entry of a sales document; empty for a pending one, a sales order or an estimate."""
    if document.pending or document.kind not in SIGNS:
        return []
    sign = SIGNS[document.kind]
    postings = [Posting(document.account, sign * document.total, document.entity)]
    for line in document.lines:
        if line.account and line.counts and line.amount:
            postings.append(Posting(line.account, -sign * line.amount, line.entity))
        if line.stock is not None and line.stock.cost:
            postings.append(Posting(line.stock.cogs, line.stock.cost, own=COST_OF_SALES))
            postings.append(Posting(line.stock.asset, -line.stock.cost, own=COST_OF_SALES))
    postings += [Posting(document.tax_account, -sign * tax.amount, tax.agency) for tax in document.taxes]
    return [posting for posting in postings if posting.amount]
