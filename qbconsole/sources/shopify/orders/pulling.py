"""One pull of orders: what was withheld of them so far, and how an order says so itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qbconsole.sources.shopify.answers import Denied
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.reading import ALTERNATIVES, PARTS_WITHHELD

#: Query file -> the fields it adds to an order.
PARTS: Mapping[str, tuple[str, ...]] = {
    "order_customer": ("email", "customer", "shippingAddress"),
    "order_terms": ("paymentTerms",),
    "order_b2b": ("purchasingEntity",),
}
#: The query file of an order's returns.
RETURNS = "order_returns"
#: The same with returns, which are asked for by themselves.
FIELDS: Mapping[str, tuple[str, ...]] = {**PARTS, RETURNS: ("returns",)}
Raw = dict[str, Any]


@dataclass(slots=True)
class Pull:
    """One pull: what is known to be withheld is not asked for again."""

    client: ShopifyClient
    denied: dict[str, Denied] = field(default_factory=dict)
    #: Parts of which nothing is granted, and what was said of them.
    closed: dict[str, tuple[Denied, ...]] = field(default_factory=dict)

    def note(self, denied: tuple[Denied, ...], part: str = "") -> None:
        """Remember what was withheld; a part of which nothing is granted is not asked for again."""
        for found in denied:
            self.denied.setdefault(found.field, found)
        if part and {found.field.rpartition(".")[2] for found in denied} >= set(PARTS[part]):
            self.close(part, denied)

    def close(self, part: str, denied: tuple[Denied, ...]) -> None:
        """A part is withheld as a whole."""
        self.note(denied)
        self.closed[part] = denied


def mark(order: Raw, fields: Iterable[str], denied: Iterable[Denied]) -> None:
    """Have an order say what of these fields was withheld, and for want of what; all of them where that is not said."""
    lacking = {str(name): set(needs) for name, *needs in order.get(PARTS_WITHHELD, ())}
    for one in denied:
        named = [name for name in one.field.split(".") if name in fields]
        for name in named[:1] or fields:
            lacking.setdefault(name, set()).update(ALTERNATIVES.join(need) for need in one.needs())
    if lacking:
        order[PARTS_WITHHELD] = [[name, *sorted(needs)] for name, needs in sorted(lacking.items())]
