"""Orders of marketplaces: to a customer of their own, and their money to a clearing account of their own.

For shops that pull Amazon, eBay or TikTok orders into Shopify. The marketplace took the money and pays it out later,
less its fees, so it must not stand in the clearing account of Shopify Payments: there it would never come to nothing.
An order is a marketplace's when its channel, its source or one of its tags is named; * stands for anything. Apps come
as their number: give it a name in [channels], or write the number here.

    [merchants.oak-ember]
    plugins = ["marketplaces"]
    [merchants.oak-ember.plugin.marketplaces.customers]
    "Amazon*" = "Amazon Marketplace"
    "580111" = "TikTok Shop"
    [merchants.oak-ember.plugin.marketplaces.clearing]
    "Amazon*" = "Amazon Clearing"
    "580111" = "TikTok Clearing"
"""

from qbconsole.plugin import Option, hookimpl

__version__ = "1.0"
HOOK_API = 1

OPTIONS = {
    "customers": Option(kind="customer", by="marketplace", about="each marketplace's customer"),
    "clearing": Option(
        kind="account", by="marketplace", required=True, about="each marketplace's clearing account"
    ),
}


def _its(table, order, channel):
    """What a table says of the order's marketplace; None for an order of the shop's own."""
    return table.first(channel, order.source, *order.tags)


@hookimpl
def choose_customer(order, channel, options):
    return _its(options["customers"], order, channel)


@hookimpl
def choose_account(role, order, channel, options):
    if order is not None and role.startswith("clearing:"):
        return _its(options["clearing"], order, channel)
    return None
