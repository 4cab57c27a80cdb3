"""The table of all requests; a new one is added in its own module's table and appears here."""

from __future__ import annotations

from qbconsole.sandbox.quickbooks.documents import deposits, journals, sales, settling, stock
from qbconsole.sandbox.quickbooks.documents.buying import bills, orders
from qbconsole.sandbox.quickbooks.requests import about, changing, lists, queries
from qbconsole.sandbox.quickbooks.requests.desk import Handler

HANDLERS: dict[str, Handler] = {
    **about.HANDLERS,
    **lists.HANDLERS,
    **sales.HANDLERS,
    **settling.HANDLERS,
    **journals.HANDLERS,
    **deposits.HANDLERS,
    **orders.HANDLERS,
    **bills.HANDLERS,
    **stock.HANDLERS,
    **changing.HANDLERS,
    **queries.HANDLERS,
}
