"""When a sale counts: on its own day, once it is paid, or once it is fulfilled.

Until then a sale posts nothing and money taken for it waits on `customer_deposits`; on the day it counts the
deposits become payment. From then on the order is booked like any other: an edit is owed on its own day. A sale
once booked stays where it is, whatever the policy says later. What is released is what the order's documents hold on
`customer_deposits`, not what today's policy would have put there; so no change of policy and no payment told late
leaves money behind. Source: accounting.md section 2 ("Revenue policy") and section 13, convention 11.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count

from qbconsole.books.booking.order import RECEIVABLE, Entry, tender_postings
from qbconsole.books.plan import DocumentKind, Plan, Posting, netted
from qbconsole.money import Money, exponent, total
from qbconsole.shop.bag import Bag
from qbconsole.shop.events import EventKind, SaleEvent, TenderEvent
from qbconsole.shop.orders import Order

DEPOSITS = "customer_deposits"
_FX = "fx_gain_loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
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
    """The entries on the days they count; sales that do not count yet are left out."""
    if recognise_on == "order":
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
    for entry in entries:
        if fulfilled is not None and entry.event.at > fulfilled:
            waiting.count(fulfilled, order.shop.day(fulfilled))
    counted = False
        waiting.take(entry, counts_at_once=fulfilled is not None and entry.event.at > fulfilled)
        if recognise_on == "payment" and waiting.is_paid(entry):
            waiting.count(entry.event.at, entry.on)
    if fulfilled is not None:
        waiting.count(fulfilled, order.shop.day(fulfilled))
    return tuple(waiting.done)


@dataclass(slots=True)
class _Waiting:
    """The sales of one order that do not count yet, and the money taken for them."""

    order: Order
    booked: Collection[str]
    done: list[Entry] = field(default_factory=list)
    sales: list[Entry] = field(default_factory=list)
    #: Places in `done` of tenders taken while sales wait.
    tenders: list[int] = field(default_factory=list)
    releases: int = 0
    #: True once a sale of the order counted.
    counted: bool = False

    def take(self, entry: Entry, *, counts_at_once: bool) -> None:
        """Take in the next entry as it happened; once a sale counted, what follows is booked on its own day."""
        if isinstance(entry.event, SaleEvent):
            self.counted = self.counted or counts_at_once or entry.event.key in self.booked
            (self.done if self.counted else self.sales).append(entry)
        elif self.sales:
            self.tenders.append(len(self.done))
            self.done.append(_deposit(entry))
        else:
            self.done.append(entry)

    def _held(self) -> Money:
        held = nothing = Money.zero(self.order.currency)
        for place in self.tenders:
            if self.done[place].is_deposit:
                held = held - _on(self.done[place].postings, DEPOSITS, nothing)
        return held

    def _owed(self, entries: Sequence[Entry]) -> Money:
        """What sales made the customer owe, in presentment money."""
        like = Bag.zero(self.order.currency, self.order.presentment_currency)
        owed = like.presentment
        for entry in entries:
            if isinstance(entry.event, SaleEvent):
                owed = owed + entry.event.total(like).presentment
        return owed

    def is_paid(self, entry: Entry) -> bool:
        """True when the entry settled everything that waits; what was taken back altogether is never paid."""
        if not self.sales or entry.balance is None or entry.balance.amount > 0:
            return False
        free = not any(self._owed([sale]).amount for sale in self.sales)
        return free or self._owed(self.sales).amount > 0

    def count(self, at: datetime, on: date) -> None:
        """Everything that waits counts at this moment; deposits of earlier days become payment."""
        if not self.sales:
            return
        self.releases += 1
        self.counted = True
        for place in self.tenders:
            # Money of the same day is payment at once, unless it was booked as a deposit already.
            if self.done[place].on >= on and self.done[place].event.key not in self.booked:
                self.done[place] = _payment(self.done[place])
        held = self._held()
        last = [self.done.pop()] if self.done and self.done[-1].event.at == at else []
        self.done += [_moved(sale, at, on) for sale in self.sales]
        release = self._release(held, at, on)
        self.done += [*([release] if release else []), *last]
        self.sales, self.tenders = [], []

    def _release(self, held: Money, at: datetime, on: date) -> Entry | None:
        nothing = Money.zero(self.order.currency)
        if not held:
            return None
        zero = Bag.zero(self.order.currency, self.order.presentment_currency)
        event = TenderEvent(
            key=f"{EventKind.RELEASE}/{self.order.id}.{self.releases}",
            at=at,
            on=on,
            gateway=DEPOSITS,
            tender="SALE",
            amount=Bag.of(held, zero.presentment),
            rounding=zero,
            kind=EventKind.RELEASE,
        )
        return Entry(
            event=event,
            on=on,
            postings=tender_postings(on, self.order.currency, ((DEPOSITS, held), (RECEIVABLE, -held))),
            discrepancy=nothing,
            exchange=nothing,
        )


def _on(postings: Sequence[Posting], role: str, nothing: Money) -> Money:
    amount = nothing
    for posting in postings:
        if posting.role == role:
            amount = amount + posting.amount
    return amount


def _renamed(entry: Entry, was: str, now: str) -> tuple[Posting, ...]:
    return tuple(replace(row, role=now) if row.role == was else row for row in entry.postings)


def _deposit(entry: Entry) -> Entry:
    return replace(entry, postings=_renamed(entry, RECEIVABLE, DEPOSITS), is_deposit=True)


def _payment(entry: Entry) -> Entry:
    return replace(entry, postings=_renamed(entry, DEPOSITS, RECEIVABLE), is_deposit=False)


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
