"""From an order to its events.

Sales come from the order's agreements where it has any, else from its fields and refunds; an order once read
one way stays that way, so that a scope granted or lost in between cannot book a sale twice. Money comes from
tenders only. Deriving again from a later snapshot yields the events already known and the new ones.
Source: accounting.md sections 0, 4 and 13.
"""

from __future__ import annotations

from collections.abc import Sequence

from qbconsole.shop.agreements import agreement_events
from qbconsole.shop.bag import Bag
from qbconsole.shop.events import Event, EventKind, SaleEvent, TenderEvent
from qbconsole.shop.fields import field_events
from qbconsole.shop.orders import Order

#: Kinds that move money, and in which direction (accounting.md section 0, rule 3; CHANGE: convention 21).
MONEY_KINDS = {"SALE": 1, "CAPTURE": 1, "REFUND": -1, "CHANGE": -1}


def timeline(order: Order, known: Sequence[Event] = ()) -> tuple[Event, ...]:
    """All events of the order, oldest first; what is owed comes before money of the same instant.

    An event already known stays as it was; what Shopify tells differently now is listed by `changed`.
    """
    merged: dict[str, Event] = {event.key: event for event in (*_derived(order, known), *known)}
    return tuple(sorted(merged.values(), key=_when))


def changed(order: Order, known: Sequence[Event]) -> tuple[str, ...]:
    """Keys of known events whose amounts Shopify now tells differently."""
    now: dict[str, Event] = {event.key: event for event in _derived(order, known)}
    return tuple(
        event.key for event in known if event.key in now and _amounts(now[event.key]) != _amounts(event)
    )


def _derived(order: Order, known: Sequence[Event]) -> tuple[Event, ...]:
    sales = tuple(event for event in known if isinstance(event, SaleEvent))
    if _reads_agreements(order, sales):
        return (*agreement_events(order, sales), *tender_events(order))
    return (*field_events(order, sales), *tender_events(order))


def _amounts(event: Event) -> tuple[object, ...]:
    if isinstance(event, TenderEvent):
        return (event.amount, event.rounding, event.gateway)
    return tuple((part.kind, part.line_id, part.net, part.discount, part.tax) for part in event.parts)


def _reads_agreements(order: Order, known: Sequence[SaleEvent]) -> bool:
    """An order stays on the road it was first read on."""
    if any(event.kind is EventKind.AGREEMENT for event in known):
        return True
    return bool(order.agreements) and not known


def _when(event: Event) -> tuple[object, ...]:
    rank = 2 if isinstance(event, TenderEvent) else int(event.reason != "ORDER")
    return (event.at, rank, event.key)


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
        events.append(
            TenderEvent(
                key=f"{EventKind.TENDER}/{tender.id}",
                at=tender.at,
                on=order.shop.day(tender.at),
                gateway=tender.gateway,
                tender=tender.kind,
                amount=tender.amount * direction,
                rounding=(tender.rounding or zero) * direction,
                manual=tender.manual,
                refund_key=f"{EventKind.REFUND}/{refund_id}" if refund_id else None,
            )
        )
    return tuple(events)


def tenders_marked_test(order: Order) -> tuple[str, ...]:
    """Ids of test money in an order that is not a test itself; they post nothing and are listed."""
    return tuple(
        tender.id
        for tender in order.tenders
        if tender.test and not order.test and tender.status == "SUCCESS" and tender.kind in MONEY_KINDS
    )
