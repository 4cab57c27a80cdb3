"""Parts behind scopes of their own: who bought, terms, company. A page of orders at a time, or one by id."""

from __future__ import annotations

from collections.abc import Mapping

from qbconsole.sources.shopify.answers import Denied, Withheld
from qbconsole.sources.shopify.orders.pulling import FIELDS, Pull, Raw, mark

#: The same parts of one order.
_OF_ONE = {"order_customer": "one_customer", "order_terms": "one_terms", "order_b2b": "one_b2b"}


def add_part(pull: Pull, name: str, orders: Mapping[str, Raw], window: Mapping[str, object] | None) -> None:
    """Add a restricted part to a page of orders; one that is not on the page (any more, or yet) is asked for by id."""
    missing = set(orders)
    nodes, denied = _slice(pull, name, window) if window is not None else ([], ())
    for node in nodes:
        if node["id"] in missing:
            missing.discard(node["id"])
            orders[node["id"]].update(tidy(node))
            mark(orders[node["id"]], FIELDS[name], denied)
    for gid in sorted(missing):
        add_of_one(pull, name, gid, orders[gid])


def add_of_one(pull: Pull, name: str, gid: str, order: Raw) -> None:
    """Add a restricted part to one order; only that it is withheld where it is."""
    if name not in pull.closed:
        try:
            answer = pull.client.query(_OF_ONE[name], {"id": gid})
            found: Raw | None = answer.need("order")
        except Withheld as refused:
            pull.close(name, refused.denied)
        else:
            pull.note(answer.denied, name)
            order |= tidy(found) if found is not None else {}
            mark(order, FIELDS[name], answer.denied)
            return
    mark(order, FIELDS[name], pull.closed[name])


def _slice(pull: Pull, name: str, window: Mapping[str, object]) -> tuple[list[Raw], tuple[Denied, ...]]:
    """As many nodes as the window asks for, and what was withheld of them; none when the whole part is withheld."""
    size = int(str(window["first"]))
    nodes: list[Raw] = []
    denied: tuple[Denied, ...] = ()
    if name in pull.closed:
        return [], ()
    try:
        for page in pull.client.pages(name, "orders", window, first=size):
            pull.note(page.denied, name)
            nodes += page.nodes
            denied += page.denied
            if len(nodes) >= size:
                break
    except Withheld as refused:
        pull.close(name, refused.denied)
        return [], ()
    return nodes, denied


def tidy(node: Raw) -> Raw:
    """The part in the shape of `pull --from-file`."""
    part = {key: value for key, value in node.items() if key != "id"}
    customer = part.get("customer")
    if customer is not None:
        address = customer.pop("defaultEmailAddress", None)
        customer["email"] = address["emailAddress"] if address else None
    buyer = part.get("purchasingEntity")
    if buyer is not None and buyer["__typename"] != "PurchasingCompany":
        part["purchasingEntity"] = None
    return part
