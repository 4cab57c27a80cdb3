"""News: what of an order was never in this merchant's books before, for whoever wants to look before it is booked.

What an order speaks of is remembered as words once something of it is booked, each with the order that brought it
first. For that order the word stays news for good, so that deciding it again gives the same answer.
"""

from __future__ import annotations

from collections.abc import Collection

from qbconsole.shop.orders import Order
from qbconsole.value import Value

SKU, TAX, PROVINCE, MAPPING = "sku", "tax", "province", "mapping"


class News(Value):
    """What nothing booked so far spoke of; empty where nobody keeps count."""

    #: SKUs of its lines, as Shopify has them.
    skus: tuple[str, ...] = ()
    #: Titles of its taxes.
    taxes: tuple[str, ...] = ()
    #: Code or name of the province it ships to.
    provinces: tuple[str, ...] = ()
    #: Nothing of the order itself was booked; once something is, nothing of it is news any more.
    order: bool = False
    #: Nothing was booked yet under the decisions in force for this merchant.
    mapping: bool = False


#: What is told where nobody keeps count.
NOTHING_NEW = News()


def words(order: Order, decisions: str) -> tuple[str, ...]:
    """What an order speaks of, each once: "sku:MUG-1", "tax:CA State Tax", "province:CA", "mapping:<decisions>"."""
    # Asked of every order, so each title is looked at once: dicts keep the order's own order.
    taxes = {
        tax.title: None
        for sold in (order.lines, order.shipping)
        for one in sold
        for tax in one.taxes
        if tax.amount.shop.amount
    }
    found = [f"{SKU}:{sku}" for sku in {line.sku: None for line in order.lines} if sku]
    found += [f"{TAX}:{title}" for title in taxes]
    if order.province:
        found.append(f"{PROVINCE}:{order.province[0]}")
    if decisions:
        found.append(f"{MAPPING}:{decisions}")
    return tuple(found)


def news(fresh: Collection[str]) -> News:
    """The new ones of an order's words as hooks are given them, while nothing of the order is booked."""

    def of(kind: str) -> tuple[str, ...]:
        return tuple(word.partition(":")[2] for word in fresh if word.startswith(f"{kind}:"))

    return News(order=True, skus=of(SKU), taxes=of(TAX), provinces=of(PROVINCE), mapping=bool(of(MAPPING)))
