"""Facts: what a rule, a filter or a plugin can look at, gathered for one question.

Texts compare without case and `*` stands for anything, because that is how people write lists of products.
Line facts (product_type, sku, barcode, vendor, title) belong to one line; asked about a whole sale, they hold when
any one line of the order has them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache

from qbconsole.books.plan import PlanLine
from qbconsole.books.roles import CLEARING, gateway_handle
from qbconsole.shop.orders import Order, OrderLine
from qbconsole.value import Value

LINE_FACTS = frozenset({"product_type", "sku", "barcode", "vendor", "title"})


class Facts(Value):
    """All that is known when a name is asked for."""

    order: Order | None = None
    line: PlanLine | None = None
    sale: OrderLine | None = None
    role: str = ""
    gateway: str = ""
    #: The channel's label: "Online Store".
    channel: str = ""
    #: Of a purchase: the vendor as the shop calls it.
    vendor: str = ""
    #: Kind of document a field is asked for: "Invoice".
    document: str = ""

    @property
    def amount(self) -> Decimal | None:
        """The line's amount without sign, else the order's total; None where there is neither."""
        if self.line is not None:
            return abs(self.line.amount.amount)
        return abs(self.order.total.shop.amount) if self.order is not None else None


def _gateways(facts: Facts) -> tuple[str, ...]:
    if facts.gateway:
        return (facts.gateway, gateway_handle(facts.gateway))
    if facts.role.startswith(CLEARING):
        return (facts.role.removeprefix(CLEARING),)
    if facts.order is None:
        return ()
    return tuple(name for one in facts.order.tenders for name in (one.gateway, gateway_handle(one.gateway)))


def _titles(facts: Facts) -> tuple[str, ...]:
    if facts.line is not None and facts.line.tax_title:
        return (facts.line.tax_title,)
    titles = (facts.sale.title if facts.sale else "", facts.line.label if facts.line else "")
    return tuple(title for title in titles if title)


def _channels(facts: Facts) -> tuple[str, ...]:
    return (facts.channel, facts.order.source) if facts.order else (facts.channel,)


def _customers(facts: Facts) -> tuple[str, ...]:
    buyer = facts.order.buyer if facts.order else None
    return (buyer.name, buyer.email, buyer.id, buyer.company) if buyer else ()


def _orders(facts: Facts) -> tuple[str, ...]:
    """An order's name with and without its "#", and its id."""
    order = facts.order
    return (order.name, order.name.removeprefix("#"), order.id) if order else ()


#: Condition -> the texts of which one must be wanted.
READ: Mapping[str, Callable[[Facts], tuple[str, ...]]] = {
    "role": lambda facts: (facts.role,),
    "product_type": lambda facts: ((facts.sale.product_type or ""),) if facts.sale else (),
    "sku": lambda facts: ((facts.sale.sku or ""),) if facts.sale else (),
    "barcode": lambda facts: ((facts.sale.barcode or ""),) if facts.sale else (),
    "vendor": lambda facts: ((facts.sale.vendor or ""),) if facts.sale else (facts.vendor,),
    "title": _titles,
    "location": lambda facts: (facts.order.location,) if facts.order else (),
    "channel": _channels,
    "gateway": _gateways,
    "tag": lambda facts: facts.order.tags if facts.order else (),
    "customer": _customers,
    "status": lambda facts: (facts.order.financial_status,) if facts.order else (),
    "order": _orders,
    "province": lambda facts: facts.order.province if facts.order else (),
    "shipping": lambda facts: tuple(one.title for one in facts.order.shipping) if facts.order else (),
    "terms": lambda facts: (facts.order.terms.name,) if facts.order and facts.order.terms else (),
    "staff": lambda facts: (facts.order.staff,) if facts.order else (),
    "document": lambda facts: (facts.document,),
}


@lru_cache(maxsize=4096)
def _pattern(wanted: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in wanted.casefold().split("*")), re.DOTALL)


def fits(wanted: tuple[str, ...], given: tuple[str, ...]) -> bool:
    """True when any given text is any wanted one; empty texts fit nothing."""
    folded = [text.strip().casefold() for text in given if text]
    for want in wanted:
        if "*" in want:
            pattern = _pattern(want)
            if any(pattern.fullmatch(text) for text in folded):
                return True
        elif want.casefold() in folded:
            return True
    return False
