"""Holds what is unusual until somebody has looked: large orders, new SKUs, new taxes, the first run after a change.

For bookkeepers who let most orders pass and want to see what is not like the others before it is in QuickBooks.
A SKU, a tax or a province is new until an order with it was booked: release one, and at the next run those that waited
for the same go too. The same holds after a change of the mapping or of a plugin: release the first order whose
documents look right, and the rest follow.

    [merchants.oak-ember]
    plugins = ["hold_unusual"]
    [merchants.oak-ember.plugin.hold_unusual]
    from = 2026-12-01                      # orders before that day only teach what is usual
    amount = "5000"                        # left out: no amount is too large
    new_skus = true                        # *
    new_taxes = true                       # *
    new_provinces = false                  # *
    after_changes = true                   # *
"""

from qbconsole.plugin import Option, hookimpl

__version__ = "1.0"
HOOK_API = 1

OPTIONS = {
    "from": Option(kind="day", about="first shop day of orders that are looked at"),
    "amount": Option(kind="amount", about="order total, in the shop's currency, from which on it waits"),
    "new_skus": Option(kind="switch", default=True, about="wait for a SKU that was never booked"),
    "new_taxes": Option(kind="switch", default=True, about="wait for a tax that was never booked"),
    "new_provinces": Option(kind="switch", default=False, about="wait for a province never shipped to"),
    "after_changes": Option(kind="switch", default=True, about="wait after a change of mapping or plugins"),
}


@hookimpl
def hold_event(order, options, news):
    # The whole order waits, its money too; what happens to it once it is in the books was looked at with it.
    first_day = options["from"]
    if not news.order or (first_day and order.shop.day(order.at) < first_day):
        return None
    return list(_why(order, options, news)) or None


def _why(order, options, news):
    if options["amount"] is not None and order.total.shop.amount >= options["amount"]:
        yield f"{order.name} is {order.total.shop}, and {options['amount']} or more waits to be looked at."
    if options["new_skus"] and news.skus:
        yield f"Nothing with {_listed('SKU', news.skus)} was booked before."
    if options["new_taxes"] and news.taxes:
        yield f"Nothing with {_listed('tax', news.taxes)} was booked before."
    if options["new_provinces"] and news.provinces:
        yield f"Nothing was shipped to {', '.join(news.provinces)} before."
    if options["after_changes"] and news.mapping:
        yield "The mapping or a plugin was changed, and nothing was booked under it yet."


def _listed(what, names):
    return f"the {what} {', '.join(names)}"
