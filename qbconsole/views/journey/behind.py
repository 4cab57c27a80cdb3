"""Shop days in summary: the orders behind an entry, and the entries an order stands in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from qbconsole.books.plan import Member, Plan
from qbconsole.books.summary.pool import Pool, pool_of_payout
from qbconsole.shop.events import EventKind
from qbconsole.store import books, snapshots
from qbconsole.views.journey.answers import Behind, DayEntry
from qbconsole.views.journey.naming import DAY

_MOST = 100
_COST, _RELEASE = f"{EventKind.COST}/", f"{EventKind.RELEASE}/"


def origin(event_key: str) -> str:
    """The kept event that a derived one stands beside: "cost/order/8734" -> "order/8734"."""
    return event_key.removeprefix(_COST)


def order_of(event_key: str, sources: dict[str, str]) -> str:
    """The order an event of a summary is of; "" where it is not kept."""
    if event_key.startswith(_RELEASE):
        return event_key.removeprefix(_RELEASE).rpartition(".")[0]
    return sources.get(origin(event_key), "")


def sources_of(tx: sa.Connection, merchant: str, members: Iterable[Member]) -> dict[str, str]:
    """Event key -> order, of the kept events behind a summary."""
    return books.source_by_event(tx, merchant, {origin(member.event_key) for member in members})


def orders_behind(tx: sa.Connection, merchant: str, members: Sequence[Member]) -> tuple[Behind, ...]:
    """The orders a summary stands for, in the order they first stand in it."""
    sources = sources_of(tx, merchant, members)
    grouped: dict[str, list[str]] = {}
    for member in members:
        order_id = order_of(member.event_key, sources)
        keys = grouped.setdefault(order_id, [])
        if member.event_key not in keys:
            keys.append(member.event_key)
    names = snapshots.names_of(tx, merchant, "order", grouped)
    return tuple(
        Behind(order_id=order_id, name=names.get(order_id, ""), events=tuple(keys))
        for order_id, keys in grouped.items()
    )


def day_words(plan: Plan) -> str:
    """What people call a summary: "2026-03-01, Online Store", or "sales of payout 987, 2026-03-01"."""
    return Pool.of_plan(plan).words


def days_of(tx: sa.Connection, merchant: str, standing: Iterable[books.Standing]) -> tuple[DayEntry, ...]:
    """The day entries these events stand in, oldest first."""
    keys = dict.fromkeys(one.document_key for one in standing if one.source_id.startswith(DAY))
    return tuple(entry for key in keys if (entry := _entry(tx, merchant, key)) is not None)


def sums_of(
    tx: sa.Connection, merchant: str, source: str, rows: Iterable[books.DocumentRow]
) -> tuple[DayEntry, ...]:
    """The entries that sum what a payout pays out, where summaries are drawn up by payout (`rows`: its own documents)."""
    kind, _, payout = source.partition("/")
    if kind != "payout":
        return ()
    pools = {pool_of_payout(row.txn_date, payout, row.total.currency).source_id: None for row in rows}
    keys = [
        one.key
        for pool in pools
        for one in books.documents(tx, merchant=merchant, source_id=pool, limit=_MOST)
    ]
    return tuple(entry for key in keys if (entry := _entry(tx, merchant, key)) is not None)


def _entry(tx: sa.Connection, merchant: str, key: str) -> DayEntry | None:
    whole = books.document(tx, key)
    if whole is None:
        return None
    sources = sources_of(tx, merchant, whole.members)
    row = whole.row
    return DayEntry(
        key=row.key,
        kind=row.kind,
        ref_number=row.ref_number,
        date=row.txn_date,
        state=row.state.value,
        words=day_words(whole.plan),
        orders=len({order_of(member.event_key, sources) for member in whole.members}),
    )
