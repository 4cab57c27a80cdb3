"""Sales that fell through: authorised and never taken, or cancelled without a record of what was given back.

It is the tenders that decide, not Shopify's financial status. Source: accounting.md section 13, conventions 16
and 32.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from qbconsole.money import total
from qbconsole.shop.events import EventKind, SaleEvent
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
    voids = [t.at for t in order.tenders if t.kind == "VOID" and t.status == "SUCCESS"]
    ends = [t.expires_at for t in order.tenders if t.kind in PROMISE_KINDS and t.expires_at]
    return max(voids or ends or [order.updated_at])


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


def cancellation(order: Order, so_far: Sequence[SaleEvent]) -> SaleEvent | None:
    """Gives back everything still sold; None where nothing is, or where a record tells of it already."""
    at = fell_through_at(order) if order.cancelled_at or order.tenders else None
    key = f"{EventKind.CANCEL}/{order.id}"
    if at is None or any(event.key == key for event in so_far):
        return None
    lapsed = promise(order) is Promise.LAPSED
    parts = reversed_parts(so_far) if lapsed else remaining_parts(so_far)
    if not parts:
        return None
    reason = "VOID" if lapsed else "CANCEL"
    return SaleEvent(key=key, kind=EventKind.CANCEL, at=at, on=order.shop.day(at), parts=parts, reason=reason)


def revival(order: Order, so_far: Sequence[SaleEvent]) -> SaleEvent | None:
    """Puts a sale back that was reversed when its promise of money lapsed, and that was paid or promised anew."""
    key = f"{EventKind.CANCEL}/{order.id}"
    lapse = next((event for event in so_far if event.key == key and event.reason == "VOID"), None)
    if lapse is None or promise(order) is Promise.LAPSED:
        return None
    again = f"{key}.revived"
    if any(event.key == again for event in so_far):
        return None
    kinds = (*PROMISE_KINDS, "SALE", "CAPTURE")
    later = [t.at for t in order.tenders if t.kind in kinds and t.status == "SUCCESS" and t.at > lapse.at]
    at = min(later, default=order.updated_at)
    return SaleEvent(
        key=again,
        kind=EventKind.CANCEL,
        at=at,
        on=order.shop.day(at),
        parts=reversed_parts([lapse]),
        reason="REVIVED",
    )
