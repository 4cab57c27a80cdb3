"""The sums of a sales document and the double entry it makes, from its stored lines alone.

Sales tax is one rate on the sum of the taxable lines, rounded once (qbwc-protocol.md section 13).
"""

from __future__ import annotations

from decimal import Decimal

from qbconsole.sandbox.quickbooks.file.records import ZERO, Document, Posting, cents

#: +1 where lines are credited and the customer or deposit account is debited.
SIGNS = {"SalesReceipt": 1, "Invoice": 1, "CreditMemo": -1}
_HUNDRED = Decimal(100)


def add_up(document: Document) -> None:
    """Set subtotal, tax and total of a sales document from its lines."""
    document.subtotal = sum((line.amount for line in document.lines if line.counts), ZERO)
    base = sum((line.amount for line in document.lines if line.taxable and line.counts), ZERO)
    document.tax_total = cents(base * document.tax_rate / _HUNDRED) if document.tax_rate else ZERO
    document.total = document.subtotal + document.tax_total


def sale_postings(document: Document) -> list[Posting]:
    """The double entry of a sales document; empty for a pending one."""
    if document.pending:
        return []
    sign = SIGNS[document.kind]
    postings = [Posting(document.account, sign * document.total, document.entity)]
    for line in document.lines:
        if line.account and line.counts and line.amount:
            postings.append(Posting(line.account, -sign * line.amount, line.entity))
        if line.stock is not None and line.stock.cost:
            postings.append(Posting(line.stock.cogs, line.stock.cost))
            postings.append(Posting(line.stock.asset, -line.stock.cost))
    if document.tax_total:
        postings.append(Posting(document.tax_account, -sign * document.tax_total, document.tax_agency))
    return [posting for posting in postings if posting.amount]
