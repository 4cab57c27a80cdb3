"""Orders of business customers: an invoice to the company, not a receipt for whoever pressed the button.

For shops that sell B2B beside retail. A company's orders become Invoices on one QuickBooks customer that bears
the company's name, so that statements and open balances are by company. Large ones without a purchase order
number wait, because the customer's bookkeeper will ask for it.

Enable it with `plugins = ["b2b_companies"]` below the merchant in mappings.toml.
"""

from decimal import Decimal

from qbconsole.plugin import hookimpl, party_name

__version__ = "1.0"
HOOK_API = 1

#: From this order total on (shop's currency) a purchase order number is asked for.
ASK_FOR_PO_FROM = Decimal(1000)


@hookimpl
def choose_customer(order):
    if order.buyer.company:
        return party_name(order.buyer.company)
    return None


@hookimpl
def choose_document(order):
    return "Invoice" if order.buyer.company else None


@hookimpl
def hold_event(order):
    if order.buyer.company and not order.po_number and order.total.shop.amount >= ASK_FOR_PO_FROM:
        return f"{order.name} for {order.buyer.company}, {order.total.shop}, has no purchase order number."
    return None
