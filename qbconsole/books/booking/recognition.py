"""When a sale counts: on its own day, once it is paid, or once it is fulfilled.

Until then a sale posts nothing and money taken for it waits on `customer_deposits`; on the day it counts the
deposits become payment. From then on the order is booked like any other: an edit is owed on its own day. A sale
once booked stays where it is, whatever the policy says later. What is released is what the order's documents hold on
`customer_deposits`, not what today's policy would have put there; so no change of policy and no payment told late
leaves money behind. Source: accounting.md section 2 ("Revenue policy") and section 13, convention 11.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from itertools import count

from qbconsole.books.booking.order import RECEIVABLE, Entry, tender_postings
from qbconsole.books.plan import DocumentKind, Plan, Posting, netted
from qbconsole.money import Money, exponent, total
from qbconsole.shop.bag import Bag
from qbconsole.shop.events import EventKind, SaleEvent, TenderEvent
from qbconsole.shop.orders import Order
from qbconsole.value import Value, replace

DEPOSITS = "customer_deposits"
_FX = "fx_gain_loss"


class Standing(Value):
    """What is booked of an order already."""

    #: Keys of events that stand in a document.
    keys: Collection[str] = ()
    #: Its own live documents.
    plans: Sequence[Plan] = ()
    #: Keys of its events that stand on `customer_deposits` in a shop day's summary.
    pooled: Collection[str] = ()

    @property
    def deposits(self) -> frozenset[str]:
        """Keys of its money that was booked as a deposit."""
        journals = (plan for plan in self.plans if plan.kind is DocumentKind.JOURNAL_ENTRY and _waits(plan))
        own = (member.event_key for plan in journals for member in plan.members)
        return frozenset(key for key in (*own, *self.pooled) if not key.startswith(f"{EventKind.RELEASE}/"))

    def release_key(self, order: Order) -> str:
        """The key of the next release."""
        keys = (f"{EventKind.RELEASE}/{order.id}.{number}" for number in count(1))
        return next(key for key in keys if key not in self.keys)


class _Moment(Value):
    """When what waits begins to count."""

    at: datetime
    on: date


def recognised(
    order: Order,
    entries: Sequence[Entry],
    recognise_on: str,
    booked: Standing,
    *,
    in_time: Sequence[Entry] | None = None,
) -> tuple[Entry, ...]:
    """The entries on the days they count; sales that do not count yet are left out.

    `entries` are in the order they were booked, `in_time` as things happened: that decides when the order is paid.
    """
    if recognise_on == "order" and not booked.deposits:
        return tuple(entries)
    waiting, moment = _moment(order, in_time or entries, recognise_on, booked)
    done = [_taken(entry, waiting, moment, booked) for entry in entries if entry.event.key not in waiting]
    if waiting and moment is None:
        return tuple(done)
    rest = Money.zero(order.currency)
    if moment is not None and recognise_on == "payment":
        rest = total([entry.exchange for entry in done if entry.is_deposit], order.currency)
        done = [_without_exchange(entry) if entry.is_deposit else entry for entry in done]
    sales = [_moved(e, moment.at, moment.on) for e in entries if moment and e.event.key in waiting]
    release = _release(order, entries, done, booked, moment, rest)
    place = len(done)
    if moment is not None:
        place = next((at for at, entry in enumerate(done) if entry.event.at >= moment.at), place)
    return (*done[:place], *sales, *([release] if release else []), *done[place:])


def _moment(
    order: Order, entries: Sequence[Entry], recognise_on: str, booked: Standing
) -> tuple[frozenset[str], _Moment | None]:
    """Keys of sales that do not count on their own day, and when they do; None for not yet."""
    if recognise_on == "order":
        return frozenset(), None
    waiting: list[Entry] = []
    fulfilled = order.fulfilled_at if recognise_on == "fulfillment" else None
    counted = False
    for entry in entries:
        if isinstance(entry.event, SaleEvent):
            late = fulfilled is not None and entry.event.at > fulfilled
            counted = counted or late or entry.event.key in booked.keys
            waiting += [] if counted else [entry]
        if recognise_on == "payment" and _is_paid(order, waiting, entry):
            moment = _Moment(at=entry.event.at, on=entry.on)
            return frozenset(sale.event.key for sale in waiting), moment
    keys = frozenset(sale.event.key for sale in waiting)
    if fulfilled is None or not waiting:
        return keys, None
    return keys, _Moment(at=fulfilled, on=order.shop.day(fulfilled))


def _is_paid(order: Order, waiting: Sequence[Entry], entry: Entry) -> bool:
    """True when the entry settled everything that waits; what was taken back altogether is never paid."""
    if not waiting or entry.balance is None or entry.balance.amount > 0:
        return False
    like = Bag.zero(order.currency, order.presentment_currency)
    owed = [sale.event.total(like).presentment for sale in waiting if isinstance(sale.event, SaleEvent)]
    free = not any(one.amount for one in owed)
    return free or sum(one.amount for one in owed) > 0


def _taken(entry: Entry, waiting: Collection[str], moment: _Moment | None, booked: Standing) -> Entry:
    """Money of earlier days than the sale counts on is a deposit; money of the same day is payment at once."""
    if isinstance(entry.event, SaleEvent) or not waiting or entry.event.key in booked.keys:
        return entry
    if moment is not None and entry.on >= moment.on:
        return entry
    return replace(entry, postings=_renamed(entry.postings, RECEIVABLE, DEPOSITS), is_deposit=True)


def _without_exchange(entry: Entry) -> Entry:
    """What the rate left over shows when the sale counts, where the deposit did not make it count."""
    if not entry.exchange:
        return entry
    back = tender_postings(
        entry.on, entry.exchange.currency, ((_FX, -entry.exchange), (DEPOSITS, entry.exchange))
    )
    return replace(
        entry,
        postings=netted((*entry.postings, *back)),
        exchange=Money.zero(entry.exchange.currency),
    )


def _release(
    order: Order,
    entries: Sequence[Entry],
    done: Sequence[Entry],
    booked: Standing,
    moment: _Moment | None,
    exchange: Money,
) -> Entry | None:
    """Deposits become payment, on the day the sale counts or, where that is later, the day of the last of them."""
    nothing = Money.zero(order.currency)
    fresh = [entry for entry in done if entry.is_deposit]
    held = _held(entries, booked, nothing) - total(
        [row.amount for entry in fresh for row in entry.postings if row.role == DEPOSITS], order.currency
    )
    if not held:
        return None
    deposits = booked.deposits
    of_deposits = [e for e in entries if e.event.key in deposits]
    first = [entry for entry in entries if isinstance(entry.event, SaleEvent)][:1]
    days = [entry.on for entry in (*of_deposits, *fresh, *([] if moment else first))]
    days += [plan.on for plan in booked.plans if _waits(plan)]
    times = [entry.event.at for entry in (*of_deposits, *fresh, *first)]
    zero = Bag.zero(order.currency, order.presentment_currency)
    on = max([*days, *([moment.on] if moment else [])])
    event = TenderEvent(
        key=booked.release_key(order),
        at=moment.at if moment else max(times),
        on=on,
        gateway=DEPOSITS,
        tender="SALE" if held.amount > 0 else "REFUND",
        amount=Bag.of(held, zero.presentment),
        rounding=zero,
        kind=EventKind.RELEASE,
    )
    amounts = ((DEPOSITS, held), (_FX, exchange), (RECEIVABLE, -held - exchange))
    return Entry(
        event=event,
        on=on,
        postings=tender_postings(on, order.currency, amounts),
        discrepancy=nothing,
        exchange=exchange,
    )


def _held(entries: Sequence[Entry], booked: Standing, nothing: Money) -> Money:
    """What the books hold on `customer_deposits` for the order; a shop day adds up many, so the walk tells its part."""
    released = any(key.startswith(f"{EventKind.RELEASE}/") for key in booked.keys)
    if exponent(nothing.currency) > 2:
        return nothing if released else _walked(entries, booked.deposits, nothing)
    own = [row.amount for plan in booked.plans for row in plan.postings if row.role == DEPOSITS]
    in_plans = {member.event_key for plan in booked.plans for member in plan.members}
    pooled_release = released and not any(key.startswith(f"{EventKind.RELEASE}/") for key in in_plans)
    pooled = nothing if pooled_release else _walked(entries, booked.pooled, nothing)
    return pooled - total(own, nothing.currency)


def _walked(entries: Sequence[Entry], keys: Collection[str], nothing: Money) -> Money:
    rows = (row for entry in entries if entry.event.key in keys for row in entry.postings)
    return -total([row.amount for row in rows if row.role == RECEIVABLE], nothing.currency)


def _waits(plan: Plan) -> bool:
    return any(row.role == DEPOSITS for row in plan.postings)


def _renamed(postings: Sequence[Posting], was: str, now: str) -> tuple[Posting, ...]:
    return tuple(replace(row, role=now) if row.role == was else row for row in postings)


def _moved(entry: Entry, at: datetime, on: date) -> Entry:
    """A sale on the day it counts."""
    event = entry.event
    if not isinstance(event, SaleEvent):
        return entry
    return replace(
        entry,
        event=replace(event, at=at, on=on),
        on=on,
        postings=tuple(replace(row, on=on) for row in entry.postings),
    )
