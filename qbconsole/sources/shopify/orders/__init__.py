"""Pulls whole raw orders: which changed in a window, and each with every page of its parts.

An assembled order has the JSON shape of `pull --from-file` (accounting.md section 13, "Shapes"). Parts behind their
own scopes (customer, terms, company, returns) come by queries of their own: a missing scope leaves them null and is
reported, the order itself stays. What was withheld the order says itself, of its lines (`WITHHELD`), for a product of
which nothing is told is not one whose stock nobody counts, and of these parts (`PARTS_WITHHELD`). An order is read by
id, so that it is newer than the index rather than older; so are the parts of one that search does not find, for it may
not know a new one yet.
"""

from qbconsole.sources.shopify.orders.completing import Completion
from qbconsole.sources.shopify.orders.one import order_by_id, order_by_name, order_or_why
from qbconsole.sources.shopify.orders.pages import OrderPage, orders_updated, window

__all__ = [
    "Completion",
    "OrderPage",
    "order_by_id",
    "order_by_name",
    "order_or_why",
    "orders_updated",
    "window",
]
