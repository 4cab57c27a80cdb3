"""The events of a journey, each with the documents it became and the reason, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from qbconsole.books.holds import Hold
from qbconsole.rules.mapping.read import read
from qbconsole.shop.events import Event, EventKind, FactEvent, SaleEvent, TenderEvent
from qbconsole.store import books, decisions
from qbconsole.views.journey.answers import Behind, DayEntry, EventView
from qbconsole.views.journey.became import became, stands_in_day
from qbconsole.views.journey.behind import origin
from qbconsole.views.journey.happened import happened
from qbconsole.views.journey.shown import Ruling, Shown, Told, on_day

#: Why an event of this kind may need no document.
_QUIET = {
    EventKind.TRANSFER: 'Stock that moves posts nothing; `transfers = "sites"` would move it between QuickBooks\' sites.',
    EventKind.PURCHASE: "Ordering posts nothing, and no purchase order is kept where vendors or stock are kept in summary.",
    EventKind.BILL: "It adds neither freight nor tax; where it tells other costs than the receipt, that is told apart.",
    EventKind.FEE: "It is posted with its payout.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """What is known of one source when its events are told."""

    events: Sequence[Event]
    #: Documents kept under the source itself, in the order they were booked.
    own: Sequence[Shown]
    #: Event key -> the shop days' documents it stands in.
    in_days: Mapping[str, Sequence[tuple[Shown, DayEntry]]]
    holds: Sequence[Hold]
    ruling: Ruling
    terms: str = ""
    #: Day of the order itself, None for facts.
    ordered_on: date | None = None


def shown(tx: sa.Connection, rows: Iterable[books.DocumentRow]) -> tuple[Shown, ...]:
    """Documents with their plans and accounts."""
    found = []
    for row in rows:
        whole = books.document(tx, row.key)
        if whole is not None:
            accounts = {posting.role: posting.account for posting in books.postings_of(tx, row.key)}
            found.append(Shown(row=row, plan=whole.plan, accounts=accounts))
    return tuple(found)


def ruling_of(tx: sa.Connection, merchant: str) -> Ruling:
    """The merchant's policy in force; the shipped one before anything was ever booked."""
    last = decisions.in_force(tx)
    entry = read(last.text).merchants.get(merchant) if last is not None else None
    if entry is None:
        return Ruling()
    return Ruling(policy=entry.policy, modes=entry.modes, start=entry.start)


def event_views(tale: Tale) -> tuple[EventView, ...]:
    """Every event in the order it happened, those that booking derives behind theirs, then what holds alone tell of."""
    told = Told(
        ruling=tale.ruling,
        events=tale.events,
        documents={one.row.key: one for one in tale.own},
        terms=tale.terms,
    )
    events = sorted([*tale.events, *_derived(tale)], key=lambda event: (event.at, _rank(event)))
    known = {event.key for event in events}
    return (*(_view(event, tale, told) for event in events), *_held_alone(tale, known))


def _rank(event: Event) -> int:
    """At one moment a sale comes before its money, and what booking derives comes last."""
    return (
        0 if isinstance(event, SaleEvent) else 2 if event.kind in (EventKind.COST, EventKind.RELEASE) else 1
    )


def _derived(tale: Tale) -> Iterator[FactEvent]:
    """Costs and releases: booking makes them, so only the documents know them."""
    known = {event.key: event for event in tale.events}
    beside = [*tale.own, *(one for days in tale.in_days.values() for one, _ in days)]
    wanted = {key for key in tale.in_days if key not in known}
    wanted |= {
        member.event_key for one in tale.own for member in one.plan.members if member.event_key not in known
    }
    for key in sorted(wanted):
        stands = next(one for one in beside if any(member.event_key == key for member in one.plan.members))
        kind = EventKind.COST if key.startswith(f"{EventKind.COST}/") else EventKind.RELEASE
        source = known.get(origin(key))
        last = source or max(tale.events, key=lambda event: event.at, default=None)
        if last is not None:
            yield FactEvent(key=key, kind=kind, at=last.at, on=stands.plan.true_on or stands.row.txn_date)


def _stands(event: Event, tale: Tale) -> list[Shown]:
    """The source's own documents that stand for the event, and those drawn up beside it without members."""
    return [
        one
        for one in tale.own
        if any(member.event_key == event.key for member in one.plan.members)
        or (not one.plan.members and _drawn_for(one.row.key) == event.key)
    ]


def _drawn_for(document_key: str) -> str:
    """The event in a document's key: "qbc1/oak/order/873/apply1/0" -> "order/873"; pennies follow behind it."""
    return "/".join(document_key.partition("/penny")[0].split("/")[2:-2])


def _view(event: Event, tale: Tale, told: Told) -> EventView:
    own = _stands(event, tale)
    in_days = tale.in_days.get(event.key, ())
    sentences = [f"On {on_day(event.on)} {happened(event, own)}."]
    sentences += [became(event, one, told) for one in own]
    sentences += [stands_in_day(event, one, entry.orders - 1, told) for one, entry in in_days]
    waits = [hold for hold in tale.holds if hold.subject == event.key]
    if not own and not in_days and not waits:
        sentences.append(_why_none(event, tale))
    sentences += [_held(hold) for hold in waits]
    return EventView(
        key=event.key,
        kind=str(event.kind),
        date=event.on,
        sentence=" ".join(filter(None, sentences)),
        documents=(*(one.ref for one in own), *(one.ref for one, _ in in_days)),
    )


def _held(hold: Hold) -> str:
    return (
        f"{'Have a look' if hold.is_flag else 'It is held'} ({hold.reason}): {hold.sentence} {hold.next_step}"
    )


def _why_none(event: Event, tale: Tale) -> str:
    """Why no document stands for an event that nothing holds."""
    policy, start = tale.ruling.policy, tale.ruling.start
    whole = [hold for hold in tale.holds if hold.subject.startswith("order/") and not hold.is_flag]
    if whole:
        return f"It waits with its order ({whole[0].reason})."
    if start and event.on < start and tale.ordered_on and tale.ordered_on < start:
        return f"It is from before the start date, {on_day(start)}, and stands in the opening balances."
    if isinstance(event, FactEvent):
        if event.kind is EventKind.STOCK and policy.cogs == "off":
            return 'It posts nothing, because `cogs` is "off".'
        return _QUIET.get(event.kind, "It posts nothing.")
    if _is_nothing(event):
        return "It changes no amount, so it needs no document."
    if isinstance(event, SaleEvent) and policy.recognise_on != "order":
        return f'It does not count yet, because `recognise_on` is "{policy.recognise_on}".'
    return "No document stands for it yet; `qbconsole book` draws it up."


def _is_nothing(event: SaleEvent | TenderEvent) -> bool:
    """True where no part and no money of it is worth anything."""
    if isinstance(event, TenderEvent):
        return not event.amount.shop and not event.rounding.shop
    return not any(part.owed or part.discount.shop for part in event.parts)


def _held_alone(tale: Tale, known: set[str]) -> Iterator[EventView]:
    """Events that are kept only once they are booked: until then their hold tells of them."""
    own = {one.row.key for one in tale.own}
    held: dict[str, list[Hold]] = {}
    for hold in tale.holds:
        if hold.subject not in known | own and not hold.subject.startswith("order/"):
            held.setdefault(hold.subject, []).append(hold)
    for key, holds in held.items():
        told = " ".join(_held(hold) for hold in holds)
        yield EventView(key=key, kind=key.partition("/")[0], date=None, sentence=told, documents=())


def day_views(
    entries: Sequence[Shown], orders: Sequence[Behind], events: Mapping[str, Event]
) -> Iterator[EventView]:
    """The events behind a shop day's entries: whose they are, and what happened."""
    stands: dict[str, list[Shown]] = {}
    for one in entries:
        for key in dict.fromkeys(member.event_key for member in one.plan.members):
            stands.setdefault(key, []).append(one)
    for order in orders:
        for key in order.events:
            event = events.get(origin(key))
            found = stands.get(key, [])
            on = event.on if event else found[0].row.txn_date if found else None
            yield EventView(
                key=key,
                kind=key.partition("/")[0],
                date=on,
                sentence=_of_order(key, order, event, on),
                documents=tuple(one.ref for one in found),
            )


def _of_order(key: str, order: Behind, event: Event | None, on: date | None) -> str:
    name = order.name or f"order {order.order_id}"
    if key.startswith(f"{EventKind.COST}/"):
        what = "the goods of it moved at their cost"
    elif event is None:
        what = "deposits became payment"
    else:
        what = happened(event, ())
    return f"{name}: on {on_day(on)} {what}." if on else f"{name}: {what}."
