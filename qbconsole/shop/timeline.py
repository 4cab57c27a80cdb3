"""From an order to its events.

Sales come from the order's agreements where it has any, else from its fields and refunds; an order once read
one way stays that way, so that a scope granted or lost in between cannot book a sale twice. Money comes from
tenders only. Deriving again from a later snapshot yields the events already known and the new ones.
Source: accounting.md sections 0, 4 and 13.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from qbconsole.shop.agreements import agreement_events
from qbconsole.shop.bag import Bag
from qbconsole.shop.cancellations import MONEY_KINDS, cancellation, revival
from qbconsole.shop.events import EventKind, OrderEvent, SaleEvent, TenderEvent
from qbconsole.shop.fields import field_events
from qbconsole.shop.orders import Order, Refund
from qbconsole.shop.refunds import refund_event

#: Shopify writes a refund and the agreement about it within this time of each other.
_AT_ONCE = timedelta(minutes=1)


def timeline(order: Order, known: Sequence[OrderEvent] = ()) -> tuple[OrderEvent, ...]:
    """All events of the order, the sale first, then oldest first; what is owed comes before money.

    An event already known stays as it was; what Shopify tells differently now is listed by `changed`.
    """
    # A refund record that had no parts yet posted nothing, so what it says now counts.
    known = [event for event in known if not isinstance(event, SaleEvent) or event.parts]
    merged: dict[str, OrderEvent] = {event.key: event for event in (*_derived(order, known), *known)}
    follows = {f"{EventKind.REFUND}/{refund.id}": _parts_at(order, refund) for refund in order.refunds}
    return tuple(sorted(merged.values(), key=lambda event: _when(event, follows)))


def changed(order: Order, known: Sequence[OrderEvent]) -> tuple[str, ...]:
    """Keys of known events whose amounts Shopify now tells differently."""
    if not known:
        return ()
    now: dict[str, OrderEvent] = {event.key: event for event in _derived(order, known)}
    keys = {event.key for event in known}
    refunds = {f"{EventKind.REFUND}/{refund.id}": refund for refund in order.refunds}
    now |= {key: refund_event(order, refund) for key, refund in refunds.items() if key in keys}
    no_money = {f"{EventKind.TENDER}/{tender.id}" for tender in order.tenders} - now.keys()
    return tuple(
        event.key
        for event in known
        if event.key in no_money or (event.key in now and _amounts(now[event.key]) != _amounts(event))
    )


def is_untold(order: Order, known: Sequence[OrderEvent]) -> bool:
    """Whether an order that was read by its sales agreements is told without any: what is new of it stands in those."""
    return not order.agreements and any(event.kind is EventKind.AGREEMENT for event in known)


def _derived(order: Order, known: Sequence[OrderEvent]) -> Iterator[OrderEvent]:
    sales = tuple(event for event in known if isinstance(event, SaleEvent))
    new = agreement_events(order) if _reads_agreements(order, sales) else field_events(order, sales)
    yield from new
    so_far = {event.key: event for event in (*new, *sales)}
    last = cancellation(order, tuple(so_far.values()))
    if last is not None:
        yield last
    anew = revival(order, tuple(so_far.values()))
    if anew is not None:
        yield anew
    yield from tender_events(order)


def _amounts(event: OrderEvent) -> tuple[object, ...]:
    if isinstance(event, TenderEvent):
        return (event.amount, event.rounding, event.gateway)
    return tuple((part.kind, part.line_id, part.net, part.discount, part.tax) for part in event.parts)


def _reads_agreements(order: Order, known: Sequence[SaleEvent]) -> bool:
    """An order stays on the road it was first read on."""
    if any(event.kind is EventKind.AGREEMENT for event in known):
        return True
    return bool(order.agreements) and not known


def _when(event: OrderEvent, follows: dict[str, datetime]) -> tuple[object, ...]:
    """The order itself comes first, and a refund's money after the refund's parts (convention 18)."""
    number = (len(event.key), event.key)
    if isinstance(event, SaleEvent):
        return (event.reason != "ORDER", event.at, 0, number)
    after = follows.get(event.refund_key or "", event.at)
    return (True, max(event.at, after), 1 if event.tender in ("SALE", "CAPTURE") else 2, number)


def _parts_at(order: Order, refund: Refund) -> datetime:
    """When a refund's parts are on record: its own moment, or that of the agreement about it."""
    agreed = (a.at for a in order.agreements if a.reason == "REFUND" and abs(a.at - refund.at) <= _AT_ONCE)
    return max((refund.at, *agreed))


def tender_events(order: Order) -> tuple[TenderEvent, ...]:
    """Money that moved, once per id; test money only in test orders."""
    refund_of = {tender_id: refund.id for refund in order.refunds for tender_id in refund.tender_ids}
    zero = Bag.zero(order.currency, order.presentment_currency)
    events = []
    for tender in {tender.id: tender for tender in order.tenders}.values():
        direction = MONEY_KINDS.get(tender.kind, 0) if tender.status == "SUCCESS" else 0
        if not direction or (tender.test and not order.test):
            continue
        refund_id = refund_of.get(tender.id)
        rounding = tender.rounding or zero
        events.append(
            TenderEvent(
                key=f"{EventKind.TENDER}/{tender.id}",
                at=tender.at,
                on=order.shop.day(tender.at),
                gateway=tender.gateway,
                tender=tender.kind,
                amount=tender.amount if direction > 0 else -tender.amount,
                rounding=rounding if direction > 0 else -rounding,
                manual=tender.manual,
                refund_key=f"{EventKind.REFUND}/{refund_id}" if refund_id else None,
            )
        )
    return tuple(events)


def tenders_marked_test(order: Order) -> tuple[str, ...]:
    """Ids of test money in an order that is not a test itself; it posts nothing and is listed."""
    return tuple(
        tender.id
        for tender in order.tenders
        if tender.test and not order.test and tender.status == "SUCCESS" and tender.kind in MONEY_KINDS
    )
