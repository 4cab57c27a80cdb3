"""Wholesale and tax-exempt orders, told by their tags: accounts, customer, class and document of their own.

For shops that sell to trade through the same storefront and need wholesale and exempt sales apart, for the profit and
loss and for the sales-tax return. An order tagged as exempt on which Shopify charged tax all the same waits: either
the tag or the tax is wrong, and one of them is owed to somebody.

    [merchants.oak-ember]
    plugins = ["wholesale"]
    [merchants.oak-ember.plugin.wholesale]
    tags = ["wholesale", "trade-*"]
    exempt = ["tax-exempt", "resale"]
    customer = "Wholesale Customers"       # left out: as the mapping says
    document = "Invoice"
    class = "Wholesale"
    [merchants.oak-ember.plugin.wholesale.accounts]        # role -> account
    sales_income = "Sales:Wholesale"
    returns = "Sales:Wholesale"
    [merchants.oak-ember.plugin.wholesale.exempt_accounts]
    sales_income = "Sales:Exempt"
"""

from qbconsole.plugin import Lookup, Option, hookimpl

__version__ = "1.0"
HOOK_API = 1

OPTIONS = {
    "tags": Option(kind="texts", default=("wholesale",), about="tags of wholesale orders"),
    "exempt": Option(kind="texts", default=("tax-exempt",), about="tags of orders without sales tax"),
    "customer": Option(kind="customer", about="customer of all wholesale orders"),
    "document": Option(kind="document", about="what a wholesale order that is paid at once becomes"),
    "class": Option(kind="class", about="class of wholesale orders"),
    "accounts": Option(kind="account", by="role", about="accounts of wholesale orders' lines"),
    "exempt_accounts": Option(kind="account", by="role", about="accounts of exempt orders' lines"),
}


def _tagged(order, tags):
    """Whether the order has one of these tags."""
    return order is not None and Lookup(dict.fromkeys(tags, True)).first(*order.tags) is not None


@hookimpl
def choose_customer(order, options):
    return options["customer"] if _tagged(order, options["tags"]) else None


@hookimpl
def choose_document(order, options):
    return options["document"] if _tagged(order, options["tags"]) else None


@hookimpl
def choose_class(line, order, options):
    return options["class"] if line is None and _tagged(order, options["tags"]) else None


@hookimpl
def choose_account(role, line, order, options):
    if line is None:
        return None
    for tags, accounts in (("exempt", "exempt_accounts"), ("tags", "accounts")):
        if _tagged(order, options[tags]):
            named = options[accounts].first(role)
            if named:
                return named
    return None


@hookimpl
def hold_event(order, options):
    tax = order.total_tax.shop if order.total_tax else None
    if tax and _tagged(order, options["exempt"]):
        return f"{order.name} is tagged as tax-exempt, but Shopify charged {tax} of tax."
    return None
