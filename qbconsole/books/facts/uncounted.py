"""Goods whose item QuickBooks does not count, taken out of a stock document: they never hold up the others.

QuickBooks takes an adjustment or a move of stock whole or not at all, and refuses it for one item that is no
inventory item. So what may be such an item stands in a document of its own, a product each, and waits there alone.
Source: qbwc-protocol.md section 9 (3140); accounting.md section 2.
"""

from __future__ import annotations

from collections.abc import Callable

from qbconsole.books.facts.drawn import posted
from qbconsole.books.identity import document_key
from qbconsole.books.plan import DocumentKind, Plan, PlanLine
from qbconsole.money import total
from qbconsole.shop.orders import Shop
from qbconsole.value import replace

#: Documents that QuickBooks takes for inventory items alone.
STOCK_ONLY = frozenset({DocumentKind.INVENTORY_ADJUSTMENT, DocumentKind.TRANSFER_INVENTORY})


def apart(plan: Plan, shop: Shop, counts: Callable[[PlanLine], bool]) -> tuple[Plan, ...]:
    """The plan with the goods that `counts` vouches for, then one each of the others; itself where all are alike.


    A product's document bears the product's place in the whole, in its key and in its membership:
    "qbc1/oak/stock/55/1.3/0".
    """
    if plan.kind not in STOCK_ONLY:
        return (plan,)
    products: dict[str, list[PlanLine]] = {}
    for line in plan.lines:
        products.setdefault(goods_id(line), []).append(line)
    sure, rest = list[PlanLine](), list[Plan]()
    for place, lines in enumerate(products.values(), 1):
        if all(counts(line) for line in lines):
            sure += lines
        else:
            rest.append(_alone(plan, shop, place, lines))
    if not rest or len(products) == 1:
        return (plan,)
    return (_part(_with(plan, sure), "1"), *rest) if sure else tuple(rest)


def goods_id(line: PlanLine) -> str:
    """What the goods of a line are known by: its SKU, its inventory item."""
    return line.line_id or line.sku or line.label


def _part(plan: Plan, part: str) -> Plan:
    """The plan as a part of its event: where an event stands in parts, none of them is the whole."""
    (member,) = plan.members
    return replace(plan, members=(replace(member, part=member.part or part),))


def _alone(plan: Plan, shop: Shop, place: int, lines: list[PlanLine]) -> Plan:
    (member,) = plan.members
    part = f"{member.part or '1'}.{place}"
    found = _with(plan, lines)
    return replace(
        found,
        key=document_key(shop.handle, member.event_key, part),
        members=(replace(member, part=part),),
    )


def _with(plan: Plan, lines: list[PlanLine]) -> Plan:
    """The plan with these lines alone, and what they post."""
    if plan.kind is DocumentKind.TRANSFER_INVENTORY:
        return replace(plan, lines=tuple(lines))
    value = total((line.amount for line in lines), plan.currency)
    amounts = [(lines[0].role, value), (plan.money_role, -value)]
    return replace(plan, lines=tuple(lines), postings=posted(plan.on, plan.currency, amounts))
