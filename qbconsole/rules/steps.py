"""Steps: the tables and keys of a level in which a choice may be named, nearest first.

Source of the order: docs/mapping.md, "Who wins".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qbconsole.rules.facts import Facts
from qbconsole.rules.mapping.values import folded
from qbconsole.shop.orders import Order

#: A step of a level: table and key.
Steps = Sequence[tuple[str, str]]
#: Fields that a table names by kind of document.
_BY_KIND = {"template": "templates", "customer_message": "messages", "memo": "memos"}
#: Field -> the tables it may be named in.
TABLES_OF: Mapping[str, tuple[str, ...]] = {
    "terms": ("terms.names", "terms.companies", "terms.buyers"),
    "sales_rep": ("sales_reps", "sales_reps.staff", "sales_reps.locations", "sales_reps.channels"),
    "ship_method": ("ship_methods",),
    "site": ("sites",),
    **{name: (table,) for name, table in _BY_KIND.items()},
}


def by_place(table: str, facts: Facts) -> Steps:
    """A table with `locations`, `channels` and `sale`."""
    order = facts.order
    told = (
        ("locations", order.location if order else ""),
        ("channels", facts.channel),
        ("channels", order.source if order else ""),
    )
    return [*((f"{table}.{part}", folded(name)) for part, name in told), (table, "sale")]


def steps_of(field: str, facts: Facts) -> Steps:
    """The tables of a field of `books.documents.fields`."""
    order = facts.order
    if field in _BY_KIND:
        return [(_BY_KIND[field], facts.document)]
    if order is None:
        return []
    if field == "terms":
        return _terms(order)
    if field == "sales_rep":
        return [("sales_reps.staff", folded(order.staff)), *by_place("sales_reps", facts)]
    if field == "ship_method":
        told = [("ship_methods", folded(line.title)) for line in order.shipping if not line.is_removed]
        return [*told, ("ship_methods", "*")] if told else []
    return [("sites", folded(order.location)), ("sites", "*")]


def _terms(order: Order) -> Steps:
    """The buyer's own, those of the buying company's location or of the company, then by Shopify's name for them."""
    buyer = order.buyer
    owners = (
        ("buyers", buyer.email),
        ("buyers", buyer.id),
        ("companies", buyer.company_location),
        ("companies", buyer.company),
    )
    steps = [(f"terms.{table}", folded(text)) for table, text in owners if text]
    if order.terms is None:
        return steps
    return [*steps, ("terms.names", folded(order.terms.name)), ("terms.names", "*")]
