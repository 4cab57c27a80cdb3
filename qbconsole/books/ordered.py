"""What was ordered and does not count yet: a SalesOrder or an Estimate, where a merchant asks for it.

Only where a sale counts once it is fulfilled: until then an unpaid or partly paid order is written down without
posting anything, money taken for it waits on `customer_deposits`, and the invoice made on the day of shipping brings
the sales order's own lines, so that the order closes. A sale that is paid before it ships is a SalesReceipt on the
day it ships and needs no order. Source: features.md section (b), by financial and fulfilment status.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from qbconsole.books.booking.cents import in_cents
from qbconsole.books.booking.lines import sales_lines, sides
from qbconsole.books.booking.order import walk
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.identity import document_key
from qbconsole.books.plan import ORDERED, DocumentKind, Member, Plan
from qbconsole.books.policy import Modes, Policy
from qbconsole.money import exponent
from qbconsole.shop.events import OrderEvent, SaleEvent
from qbconsole.shop.orders import Order

ORDERS = (DocumentKind.SALES_ORDER, DocumentKind.ESTIMATE)
_KINDS = {"sales_order": DocumentKind.SALES_ORDER, "estimate": DocumentKind.ESTIMATE}
_SUFFIX = {DocumentKind.SALES_ORDER: "W", DocumentKind.ESTIMATE: "Q"}


def misfits(policy: Policy, modes: Modes) -> tuple[str, ...]:
    """Why `policy.orders` cannot be followed beside the other settings; empty where it can, or is off."""
    if policy.orders == "off":
        return ()
    said = f'policy.orders = "{policy.orders}"'
    found = []
    if policy.recognise_on != "fulfillment":
        found.append(
            f'{said} needs policy.recognise_on = "fulfillment": a sale that counts earlier has its document by then, '
            "and the order would be a second copy of it"
        )
    if modes.sales != "detailed":
        found.append(f'{said} needs modes.sales = "detailed": a journal entry cannot be made from an order')
    if policy.orders == "sales_order" and policy.tax == "tax_item_line":
        found.append(
            f'{said} does not go with policy.tax = "tax_item_line": a sales-tax item as a line keeps a sales order '
            'open for ever; use "liability_line", or orders = "estimate"'
        )
    return tuple(found)


def order_kind(policy: Policy, modes: Modes) -> DocumentKind | None:
    """What an order is written as; None where nothing is."""
    return None if misfits(policy, modes) else _KINDS.get(policy.orders)


def sales_orders(booked: Iterable[Plan]) -> dict[str, str]:
    """Event -> key of the sales order an invoice of it is made from."""
    return {
        member.event_key: plan.key
        for plan in booked
        if plan.kind is DocumentKind.SALES_ORDER
        for member in plan.members
    }


def draw_orders(
    kind: DocumentKind,
    order: Order,
    events: Sequence[OrderEvent],
    placed: Collection[str],
    booked: Sequence[Plan],
) -> tuple[Plan, ...]:
    """Orders of the sales that wait to be fulfilled, as long as money is owed for them."""
    if order.fulfilled_at is not None or order.cancelled_at is not None:
        return ()
    if kind is DocumentKind.SALES_ORDER and exponent(order.currency) > 2:
        return ()  # rounded once a document, so the invoice could not be the order's lines
    walked = walk(order, events)
    balance = walked[-1].balance if walked else None
    if balance is None or balance.amount <= 0:
        return ()
    there = [plan for plan in booked if plan.kind in ORDERS]
    known = {member.event_key for plan in there for member in plan.members} | set(placed)
    plans: list[Plan] = []
    for event in events:
        if isinstance(event, SaleEvent) and event.key not in known:
            plans += _order(kind, order, event, len(there) + len(plans) + 1)
    return tuple(plans)


def _order(kind: DocumentKind, order: Order, event: SaleEvent, number: int) -> list[Plan]:
    """One sale as an order; what gives something back is no order."""
    sold, back = sides(event.parts)
    lines = sales_lines(sold, credit=False) if sold and not back else ()
    if not lines:
        return []
    words = "Order" if kind is DocumentKind.SALES_ORDER else "Estimate of"
    plan = Plan(
        key=document_key(order.shop.handle, event.key, ORDERED),
        kind=kind,
        on=event.on,
        currency=order.currency,
        members=(Member(event_key=event.key, part=ORDERED),),
        postings=(),
        lines=lines,
        number=order.name,
        suffix=f"{_SUFFIX[kind]}{number}",
        memo=f"{words} {order.name}",
    )
    return [in_cents(plan)]


def left_open(order: Order, booked: Iterable[Plan], placed: Collection[str]) -> tuple[Hold, ...]:
    """Orders in QuickBooks that will never be invoiced: nothing posts them, but only a person can close them."""
    if order.cancelled_at is None:
        return ()
    return tuple(
        _left_open(order, plan)
        for plan in booked
        if plan.kind in ORDERS and not any(member.event_key in placed for member in plan.members)
    )


def _left_open(order: Order, plan: Plan) -> Hold:
    what = "sales order" if plan.kind is DocumentKind.SALES_ORDER else "estimate"
    return Hold(
        reason=Reason.ORDER_LEFT_OPEN,
        where=f"order {order.name}",
        sentence=f"It was cancelled; its {what} over {plan.total} stays open in QuickBooks.",
        next_step=f"Close or delete the {what} in QuickBooks, then release this flag.",
        subject=plan.members[0].event_key,
        cause=f"order_left_open:{plan.key}",
    )
