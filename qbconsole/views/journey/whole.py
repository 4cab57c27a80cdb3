"""One journey, put together: what the shop told, its events, its documents, what waits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from qbconsole.books.holds import Hold
from qbconsole.shop.events import Event, EventKind, SaleEvent
from qbconsole.store import books, parties, queue, snapshots
from qbconsole.store.database import Store
from qbconsole.store.snapshots import SnapshotRow
from qbconsole.views.journey.answers import Behind, DayEntry, EventView, Journey
from qbconsole.views.journey.behind import day_words, days_of, orders_behind, sums_of
from qbconsole.views.journey.documents import document_view
from qbconsole.views.journey.entry import entry_called, journey_of_entry
from qbconsole.views.journey.naming import DAY, named, snapshot_of, words_of
from qbconsole.views.journey.raw_fact import raw_fact
from qbconsole.views.journey.shown import Shown
from qbconsole.views.journey.stops import stops_of
from qbconsole.views.journey.telling import Tale, day_views, event_views, ruling_of, shown
from qbconsole.views.raw_order import raw_order

_MOST = 10_000
#: Orders of a day that stand as lines; `orders` holds all of them.
_LINES = 40
#: Why a kind may have nothing booked of it, though nothing holds it.
_NOTHING = {
    "order": "Nothing of it is booked yet; `qbconsole book` does.",
    "dispute": "A dispute posts nothing itself: the rows of its payout say what it took or gave back.",
    "payout": "It is not paid out yet, or its rows cancel out: there is nothing to post.",
    "gift_card": "A card that was sold is booked by its order, one that was used by the payment.",
    "store_credit": 'What an order causes is booked by that order; what expires only where `breakage` is "book".',
    "cash_session": "The drawer is open, or what was counted is what should lie there: there is nothing to post.",
    "inventory_group": "What lies on hand did not change: there is nothing to post.",
}


def journey(store: Store, text: str) -> Journey:
    """By what people call it: an order's name or id, `payout 987`, a document's key, TxnID or RefNumber, a shop day.

    "item/mug-1" is an entry of QuickBooks' lists. "merchant/…" tells shops apart. Raises UsageError naming near ones, or all that match.
    """
    with store.reading() as tx:
        entry = entry_called(tx, text.strip()) if "/" in text else None
        if entry is not None:
            return journey_of_entry(tx, entry)
        merchant, source = named(tx, text.strip())
        return _of_day(tx, merchant, source) if source.startswith(DAY) else _of_source(tx, merchant, source)


def _of_source(tx: sa.Connection, merchant: str, source: str) -> Journey:
    kind, source_id = snapshot_of(source)
    kept = snapshots.latest(tx, merchant, kind, source_id)
    raw = kept.raw if kept else b""
    company = _company(tx, merchant)
    events = books.events_of(tx, merchant, [source]).get(source, [])
    rows = books.documents(tx, merchant=merchant, source_id=source, limit=_MOST)
    standing = books.documents_of_events(tx, merchant, _keys(source, events))
    days = days_of(tx, merchant, standing)
    subjects = _subjects(source, events, [row.key for row in rows], [one.event_key for one in standing])
    holds = _holds(tx, merchant, company, subjects)
    tale = Tale(
        events=events,
        own=shown(tx, rows),
        in_days=_in_days(tx, standing, days),
        holds=holds,
        ruling=ruling_of(tx, merchant),
        terms=_terms(raw) if kind == "order" else "",
        ordered_on=_ordered_on(source, events) if kind == "order" else None,
    )
    facts, lines, name = _facts(kind, source, kept)
    documents = tuple(document_view(tx, row) for row in rows)
    told = event_views(tale)
    return Journey(
        order_id=source,
        name=name,
        merchant=merchant,
        company=company,
        kind=kind,
        facts=facts,
        lines=lines,
        stops=tuple(stops_of(kept, [event.key for event in events], documents)),
        documents=documents,
        holds=holds,
        raw=raw,
        events=told,
        nothing="" if told else _nothing(kind, holds),
        days=days or sums_of(tx, merchant, source, rows),
    )


def _nothing(kind: str, holds: Sequence[Hold]) -> str:
    waits = [hold.sentence for hold in holds if not hold.is_flag]
    return f"Nothing of it is booked: {waits[0]}" if waits else _NOTHING.get(kind, "It posts nothing.")


def _facts(
    kind: str, source: str, kept: SnapshotRow | None
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str, str], ...], str]:
    """Facts, lines and name of what the shop told."""
    raw = kept.raw if kept else b"{}"
    if kind == "order":
        told = raw_order(raw)
        return told.facts, told.lines, told.name or (kept.name if kept else "")
    facts, lines = raw_fact(raw)
    return (("Kind", kind.replace("_", " ")), *facts), lines, words_of(source)


def _company(tx: sa.Connection, merchant: str) -> str:
    owner = parties.merchant(tx, merchant)
    return owner.company if owner else ""


def _keys(source: str, events: Sequence[Event]) -> list[str]:
    """Keys of the events, and of what booking derives from those of an order."""
    sales = [event.key for event in events if isinstance(event, SaleEvent)]
    return [
        *(event.key for event in events),
        *(f"{EventKind.COST}/{key}" for key in sales),
        *(f"{EventKind.RELEASE}/{source}.{number}" for number in range(1, len(events) + 1)),
    ]


def _subjects(
    source: str, events: Sequence[Event], documents: Iterable[str], members: Iterable[str]
) -> list[str]:
    """Everything a hold on this source may hang on."""
    whole = source if "/" in source else f"order/{source}"
    return list(dict.fromkeys([whole, *_keys(source, events), *documents, *members]))


def _holds(tx: sa.Connection, merchant: str, company: str, subjects: Iterable[str]) -> tuple[Hold, ...]:
    held = queue.open_holds_of(tx, [(company, subject) for subject in subjects])
    return tuple(row.hold for group in held.values() for row in group if row.merchant == merchant)


def _in_days(
    tx: sa.Connection, standing: Iterable[books.Standing], days: Iterable[DayEntry]
) -> dict[str, list[tuple[Shown, DayEntry]]]:
    """Event key -> the day entries it stands in."""
    entries = {entry.key: entry for entry in days}
    rows = books.documents(tx, keys=entries, limit=len(entries) or 1)
    whole = {one.row.key: one for one in shown(tx, rows)}
    found: dict[str, list[tuple[Shown, DayEntry]]] = {}
    for one in standing:
        if one.document_key in whole:
            pairs = found.setdefault(one.event_key, [])
            pair = (whole[one.document_key], entries[one.document_key])
            if pair not in pairs:
                pairs.append(pair)
    return found


def _terms(raw: bytes) -> str:
    """Name of the order's payment terms; "" where there are none."""
    try:
        body: Any = json.loads(raw)
    except ValueError:
        return ""
    terms = body.get("paymentTerms") if isinstance(body, dict) else None
    return str(terms.get("paymentTermsName") or "terms") if isinstance(terms, dict) else ""


def _ordered_on(source: str, events: Sequence[Event]) -> date | None:
    return min((event.on for event in events), default=None)


def _of_day(tx: sa.Connection, merchant: str, source: str) -> Journey:
    """A shop day in summary: its parts, and the orders behind them."""
    company = _company(tx, merchant)
    rows = books.documents(tx, merchant=merchant, source_id=source, limit=_MOST)
    entries = shown(tx, rows)
    members = [member for one in entries for member in one.plan.members]
    orders = orders_behind(tx, merchant, members)
    words = day_words(entries[0].plan) if entries else source
    documents = tuple(document_view(tx, row) for row in rows)
    views = tuple(_day_events(tx, merchant, entries, orders))
    holds = _holds(tx, merchant, company, [source, *(row.key for row in rows)])
    keys = [view.key for view in views]
    return Journey(
        order_id=source,
        name=words,
        merchant=merchant,
        company=company,
        kind="day",
        facts=(("Day", words), ("Orders", str(len(orders))), ("Events", str(len(views)))),
        lines=tuple(_order_lines(orders)),
        stops=tuple(stops_of(None, keys, documents)),
        documents=documents,
        holds=holds,
        raw=b"",
        events=views,
        orders=orders,
    )


def _order_lines(orders: Sequence[Behind]) -> Iterator[tuple[str, str, str]]:
    for one in orders[:_LINES]:
        yield one.name or one.order_id, "", f"{len(one.events)} events"
    if len(orders) > _LINES:
        yield f"… and {len(orders) - _LINES} more", "", ""


def _day_events(
    tx: sa.Connection, merchant: str, entries: Sequence[Shown], orders: Sequence[Behind]
) -> Iterable[EventView]:
    kept = books.events_of(tx, merchant, [one.order_id for one in orders])
    events = {event.key: event for group in kept.values() for event in group}
    return day_views(entries, orders, events)
