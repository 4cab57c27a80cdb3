"""Orders of business customers: an invoice to the company, on its terms, not a receipt for whoever pressed the button.

For shops that sell B2B beside retail. A company's orders become Invoices on one QuickBooks customer that bears the
company's name, so that statements and open balances are by company; or one for each of its locations. Large ones
without a purchase order number wait, because the customer's bookkeeper will ask for it. All of it has a default:

    [merchants.oak-ember]
    plugins = ["b2b_companies"]
    [merchants.oak-ember.plugin.b2b_companies]
    po_from = "2500"                       # from this total on a PO number is asked for
    po_always = ["Acme*"]                  # of these companies or locations always
    by_location = true                     # a customer for each location: "Acme - Leeds"
    [merchants.oak-ember.plugin.b2b_companies.customers]
    "Harbor Café & Roastery LLC" = "Harbor Cafe"
    [merchants.oak-ember.plugin.b2b_companies.terms]
    "Leeds" = "Net 15"                     # the location's terms, before the company's
    "Acme*" = "2% 10 Net 30"
"""

from decimal import Decimal

from qbconsole.plugin import Lookup, Option, hookimpl, party_name

__version__ = "2.0"
HOOK_API = 1

OPTIONS = {
    "po_from": Option(
        kind="amount", default=Decimal(1000), about="order total from which on a PO number is asked for"
    ),
    "po_always": Option(
        kind="texts", default=(), about="companies or locations whose every order needs a PO number"
    ),
    "by_location": Option(kind="switch", default=False, about="a customer for each location of a company"),
    "customers": Option(
        kind="customer", by="company or location", about="customers that are called otherwise"
    ),
    "terms": Option(
        kind="terms", by="company or location", about="terms agreed with a company or a location"
    ),
}


def _names(order):
    """What a table may know the buyer by, the nearest first."""
    return order.buyer.company_location, order.buyer.company


@hookimpl
def choose_customer(order, options):
    company, place = order.buyer.company, order.buyer.company_location
    if not company:
        return None
    named = options["customers"].first(*_names(order))
    if named:
        return named
    return party_name(f"{company} - {place}" if options["by_location"] and place else company)


@hookimpl
def choose_document(order):
    return "Invoice" if order.buyer.company else None


@hookimpl
def choose_field(field, order, options):
    return options["terms"].first(*_names(order)) if field == "terms" and order.buyer.company else None


@hookimpl
def hold_event(order, options):
    if not order.buyer.company or order.po_number:
        return None
    always = Lookup(dict.fromkeys(options["po_always"], True)).first(*_names(order))
    if always or order.total.shop.amount >= options["po_from"]:
        return f"{order.name} for {order.buyer.company}, {order.total.shop}, has no purchase order number."
    return None
