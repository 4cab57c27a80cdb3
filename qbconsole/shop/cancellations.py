"""Sales that fell through: authorised and never taken, or cancelled without a record of what was given back.

It is the tenders that decide, not Shopify's financial status. Source: accounting.md section 13, conventions 16
and 32.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count

from qbconsole.money import total
from qbconsole.shop.events import EventKind, OrderEvent, SaleEvent
from qbconsole.shop.orders import Order, Tender
from qbconsole.shop.remaining import remaining_parts, reversed_parts

#: Kinds that move money, and in which direction (accounting.md section 0, rule 3; CHANGE: convention 21).
MONEY_KINDS = {"SALE": 1, "CAPTURE": 1, "REFUND": -1, "CHANGE": -1}
#: Kinds that only promise money.
PROMISE_KINDS = ("AUTHORIZATION", "EMV_AUTHORIZATION")
#: Shopify writes a cancellation and its agreement within this time of each other.
_AT_ONCE = timedelta(minutes=1)


class Promise(StrEnum):
    """What became of an authorisation no money was taken for."""

    NONE = "none"  # none was given, or money was taken
    OPEN = "open"
    LAPSED = "lapsed"  # voided, or past its expiry


def promise(order: Order) -> Promise:
    """Whether the order lives on a promise of money alone."""
    done = [tender for tender in order.tenders if tender.status == "SUCCESS"]
    promised = [tender for tender in done if tender.kind in PROMISE_KINDS]
    if not promised or any(tender.kind in ("SALE", "CAPTURE") for tender in done):
        return Promise.NONE
    return Promise.OPEN if any(_is_open(order, tender) for tender in promised) else Promise.LAPSED


def _is_open(order: Order, tender: Tender) -> bool:
    voids = (t for t in order.tenders if t.kind == "VOID" and t.status == "SUCCESS")
    voided = any(void.parent_id in (tender.id, None) for void in voids)
    expires = tender.expires_at
    return not voided and not (expires is not None and expires <= order.updated_at)


def _lapsed_at(order: Order) -> datetime:
    """When the last of its promises ended, each by its void or else by its expiry."""
    done = [tender for tender in order.tenders if tender.status == "SUCCESS"]
    voids = [tender for tender in done if tender.kind == "VOID"]
    ends = []
    for tender in done:
        if tender.kind in PROMISE_KINDS:
            own = [void.at for void in voids if void.parent_id in (tender.id, None)]
            ends += own or ([tender.expires_at] if tender.expires_at else [])
    return max(ends or [order.updated_at])


def fell_through_at(order: Order) -> datetime | None:
    """The moment from which nothing of the sale is left, though no record says what was given back."""
    if promise(order) is Promise.LAPSED:
        return _lapsed_at(order)
    if order.cancelled_at is None or order.refunds:
        return None
    told = any(a.reason != "ORDER" and a.at >= order.cancelled_at - _AT_ONCE for a in order.agreements)
    keeps_money = _received(order) and (order.current_total is None or order.current_total)
    return None if told or keeps_money else order.cancelled_at


def _received(order: Order) -> bool:
    moved = (
        tender.amount.presentment * MONEY_KINDS[tender.kind]
        for tender in order.tenders
        if tender.status == "SUCCESS" and tender.kind in MONEY_KINDS
    )
    return total(moved, order.presentment_currency).amount > 0


def is_taken_back(order: Order, keys: Collection[str]) -> bool:
    """Whether, by the keys of its events, the sale was given back as a whole and not put back since."""
    return _last_key(order, keys) in keys


def _last_key(order: Order, keys: Collection[str]) -> str:
    """The key under which the sale is, or would be, given back as a whole: the first after which it was not put back."""
    first = f"{EventKind.CANCEL}/{order.id}"
    every = (first if number == 1 else f"{first}.{number}" for number in count(1))
    return next(key for key in every if _revived(key) not in keys)


def _revived(key: str) -> str:
    """The key of what puts a sale back that was given back under `key`."""
    return f"{key}.revived"


def cancellation(order: Order, so_far: Sequence[SaleEvent]) -> SaleEvent | None:
    """Gives back everything still sold; None where nothing is, or where a record tells of it already."""
    at = fell_through_at(order) if order.cancelled_at or order.tenders else None
    keys = {event.key for event in so_far}
    key = _last_key(order, keys)
    if at is None or key in keys:
        return None
    lapsed = promise(order) is Promise.LAPSED
    # What was turned round before and put back again comes to nothing, and what came after the promise was none of it.
    sold = [e for e in so_far if e.kind is not EventKind.CANCEL and (e.at <= at or e.reason == "ORDER")]
    parts = reversed_parts(sold) if lapsed else remaining_parts(so_far)
    if not parts:
        return None
    reason = "VOID" if lapsed else "CANCEL"
    return SaleEvent(key=key, kind=EventKind.CANCEL, at=at, on=order.shop.day(at), parts=parts, reason=reason)


def standing_lapse(order: Order, events: Sequence[OrderEvent]) -> SaleEvent | None:
    """What turned the sale round because its promise of money lapsed; None where it was put back, or never was."""
    key = _last_key(order, {event.key for event in events})
    sales = (event for event in events if isinstance(event, SaleEvent))
    return next((event for event in sales if event.key == key and event.reason == "VOID"), None)


def revival(order: Order, so_far: Sequence[SaleEvent]) -> SaleEvent | None:
    """Puts a sale back that was reversed when its promise of money lapsed, and that was paid or promised anew."""
    lapse = standing_lapse(order, so_far)
    if lapse is None or promise(order) is Promise.LAPSED:
        return None
    kinds = (*PROMISE_KINDS, "SALE", "CAPTURE")
    later = [t.at for t in order.tenders if t.kind in kinds and t.status == "SUCCESS" and t.at > lapse.at]
    at = min(later, default=order.updated_at)
    return SaleEvent(
        key=_revived(lapse.key),
        kind=EventKind.CANCEL,
        at=at,
        on=order.shop.day(at),
        parts=reversed_parts([lapse]),
        reason="REVIVED",
    )
