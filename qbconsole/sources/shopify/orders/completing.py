"""Orders of a bulk file, made whole."""

from __future__ import annotations

from qbconsole.sources.shopify.answers import Denied, PartsDisagree
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import Unread
from qbconsole.sources.shopify.orders.assembling import no_whole, tip_lines
from qbconsole.sources.shopify.orders.giving_back import add_returns, whole_refund
from qbconsole.sources.shopify.orders.parts import add_of_one, tidy
from qbconsole.sources.shopify.orders.pulling import Pull, Raw, mark

#: What the bulk query leaves out where the app lacks its scope.
_LEFT_OUT = {
    "email": "read_customers",
    "customer": "read_customers",
    "shippingAddress": "read_customers",
    "paymentTerms": "read_payment_terms",
    "purchasingEntity": "read_customers",
}


class Completion:
    """Adds to orders of a bulk file what no bulk query can ask for: refunds, returns, terms, lines of tips."""

    def __init__(self, client: ShopifyClient) -> None:
        self._pull = Pull(client)

    @property
    def denied(self) -> tuple[Denied, ...]:
        """What was withheld so far."""
        return tuple(self._pull.denied.values())

    def of(self, order: Raw) -> Raw | Unread:
        """The order as pages give it, or why it is none. Asks Shopify only where there is something to ask for."""
        try:
            return self._completed(order)
        except PartsDisagree as cause:
            return no_whole(order, cause)

    def _completed(self, order: Raw) -> Raw:
        left_out = [name for name in _LEFT_OUT if name not in order]
        restricted = {name: order.pop(name, None) for name in _LEFT_OUT}
        gid = str(order["id"])
        order["nonFulfillableLineItems"] = {"nodes": tip_lines(order["lineItems"]["nodes"])}
        if order["refunds"]:
            told = str(order["name"])
            order["refunds"] = [
                whole_refund(self._pull.client, str(one["id"]), told) for one in order["refunds"]
            ]
        order["returns"] = {"nodes": []}
        if order["returnStatus"] != "NO_RETURN":
            add_returns(self._pull, order, gid)
        order |= tidy(restricted)
        if restricted["paymentTerms"] is not None:
            order["paymentTerms"] = None
            add_of_one(self._pull, "order_terms", gid, order)
        for name in left_out:
            denied = Denied(field=f"orders.{name}", scopes=(_LEFT_OUT[name],))
            self._pull.note((denied,))
            mark(order, (name,), (denied,))
        return order
