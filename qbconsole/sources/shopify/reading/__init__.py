"""Admin GraphQL JSON -> `shop` values. The only place that knows Shopify's field names for orders.

Lenient about what is absent (a field left out equals null, convention 30), strict about amounts: a text that is
no amount is an error naming the order and field. What an amount needs and is not there is listed in
`Order.missing`, and the order is held for it.
"""

from qbconsole.sources.shopify.reading.order import read_order
from qbconsole.sources.shopify.reading.shop import read_shop
from qbconsole.sources.shopify.reading.withholding import ALTERNATIVES, PARTS_WITHHELD, WITHHELD

__all__ = ["ALTERNATIVES", "PARTS_WITHHELD", "WITHHELD", "read_order", "read_shop"]
