"""Sale events from order fields and refunds, for orders without agreements.

The sale is booked at `quantity`; what came back is told by refund records, and what an edit changed is the
difference between what the order's fields say now and what the events so far say. Deltas are taken against
known events, never against totals. Source: accounting.md section 4 and section 13, conventions 5 and 16.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qbconsole.shop.bag import Bag, bag_total
from qbconsole.shop.events import EventKind, Part, PartKind, SaleEvent
from qbconsole.shop.fields.taken_off import taken_off
from qbconsole.shop.orders import Order, Tender
from qbconsole.shop.refunds import refund_event
from qbconsole.shop.remaining import about, negated_taxes, summed
from qbconsole.shop.sold import sold
from qbconsole.value import replace

#: Events whose parts together say what was sold, before anything was given back.
_SOLD = (EventKind.ORDER, EventKind.EDIT)


def field_events(order: Order, known: Sequence[SaleEvent]) -> tuple[SaleEvent, ...]:
    """The sale, its refunds and an edit, as far as they are not known yet."""
    keys = {event.key for event in known}
    sale_key = f"{EventKind.ORDER}/{order.id}"
    is_new = sale_key not in keys
    events = [_sale(order, sale_key)] if is_new else []
    refunds = {f"{EventKind.REFUND}/{refund.id}": refund for refund in order.refunds}
    events += [refund_event(order, refund) for key, refund in refunds.items() if key not in keys]
    change = _edit(order, (*known, *events), is_new=is_new)
    return (*events, change) if change is not None else tuple(events)


def _sale(order: Order, key: str) -> SaleEvent:
    return SaleEvent(
        key=key, kind=EventKind.ORDER, at=order.at, on=order.shop.day(order.at), parts=sold(order)
    )


def _edit(order: Order, so_far: Sequence[SaleEvent], *, is_new: bool) -> SaleEvent | None:
    """What the fields now say beyond the events so far: new lines, discounts, units taken off."""
    if order.cancelled_at and (not order.refunds or any(e.kind is EventKind.CANCEL for e in so_far)):
        return None  # a cancellation gives back whatever is left
    parts = [] if is_new else _changes(order, so_far)
    parts += taken_off(order, so_far, parts)
    if not parts:
        return None
    count = sum(event.kind is EventKind.EDIT for event in so_far)
    at = _edited_at(order, so_far, bag_total([part.total for part in parts], order.total))
    return SaleEvent(
        key=f"{EventKind.EDIT}/{order.id}.{count + 1}",
        kind=EventKind.EDIT,
        at=at,
        on=order.shop.day(at),
        parts=tuple(parts),
        reason="ORDER_EDIT",
    )


def _edited_at(order: Order, so_far: Sequence[SaleEvent], owed: Bag) -> datetime:
    """No field tells when an edit happened: the snapshot that first shows it dates it, as the latest moment.

    Money that gives back just what the edit took off came after it, and a cancellation ended all editing.
    """
    explained = {tender_id for refund in order.refunds if refund.has_parts for tender_id in refund.tender_ids}
    bare = [t for t in order.tenders if t.status == "SUCCESS" and t.id not in explained]
    since = max((event.at for event in so_far if event.kind is EventKind.EDIT), default=order.at)
    paid_back = [t.at for t in bare if _gives_back(t) == -owed and t.at >= since]
    return min([order.updated_at, *([order.cancelled_at] if order.cancelled_at else []), *paid_back])


def _gives_back(tender: Tender) -> Bag | None:
    """What a tender gives the buyer: a refund, or a payment of less than nothing; None where it takes money in."""
    if tender.kind == "REFUND":
        return tender.amount
    return -tender.amount if tender.amount.shop.amount < 0 else None


def _changes(order: Order, so_far: Sequence[SaleEvent]) -> list[Part]:
    was_sold = summed([p for e in so_far if e.kind in _SOLD for p in e.parts if not p.returned])
    now_sold = summed(sold(order))
    both = ((now_sold.get(at), was_sold.get(at)) for at in dict.fromkeys((*now_sold, *was_sold)))
    return [change for now, was in both if (change := _changed(now, was)) is not None]


def _changed(now: Part | None, was: Part | None) -> Part | None:
    """The difference of one line between now and before; None when there is none."""
    if was is None:
        return now
    less = _less(was)
    if now is None:
        gone = replace(less, discount=was.net - was.net, returned=was.kind is PartKind.SHIPPING)
        return gone if was.net or was.taxes else None
    change = summed((now, replace(less, label=now.label)))[about(now)]
    return change if change.net or change.discount or change.taxes else None


def _less(part: Part) -> Part:
    return replace(
        part,
        net=-part.net,
        discount=-part.discount,
        taxes=negated_taxes(part.taxes),
        quantity=None if part.quantity is None else -part.quantity,
    )
