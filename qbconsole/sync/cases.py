"""From the store to cases: snapshots read, with what is kept of each."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from qbconsole.books.booking.bound import bound_to, free
from qbconsole.books.facts.table import Fact
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState
from qbconsole.books.naming.following.shared import Shared
from qbconsole.books.naming.following.so_far import LENDING
from qbconsole.books.news import words
from qbconsole.books.plan import DEPOSIT, PUT_BACK, Plan
from qbconsole.decide import AnyCase, Case, FactCase
from qbconsole.errors import InputUnreadable
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.events import Event, EventKind, SaleEvent
from qbconsole.shop.orders import Order, Shop
from qbconsole.sources.shopify.fact_readers import READERS
from qbconsole.sources.shopify.reading import read_order
from qbconsole.store import books, holds, requests, snapshots
from qbconsole.store.books.ground import Ground, ground_of
from qbconsole.store.books.recorded import THERE
from qbconsole.store.books.sources import stored_id
from qbconsole.store.database.statements import chunks
from qbconsole.store.encoding import unpack
from qbconsole.store.entities_there import entities_there
from qbconsole.sync.keeping import LIST_ORDER, list_key
from qbconsole.sync.means import TEST_WANTED, Means
from qbconsole.sync.paid import Paid
from qbconsole.value import replace

#: Kinds of snapshot that post nothing themselves: balance entries tell what a dispute cost.
SILENT_KINDS = ("dispute",)
#: The order in which kinds are booked: orders first, so that cards and payouts find them there.
KINDS = ("order", *READERS, *SILENT_KINDS)


#: Events whose name does not tell the kind of snapshot they are read from.
_READ_FROM: Mapping[str, tuple[str, ...]] = {
    EventKind.STOCK: ("inventory_group", "transfer"),
    EventKind.TRANSFER: ("inventory_group", "transfer"),
    EventKind.RECEIPT: ("purchase",),
    EventKind.BILL: ("purchase",),
    EventKind.VENDOR_CREDIT: ("purchase",),
}
_ESCAPED = re.compile("(?:~[0-9A-F]{2})+")


def told_by(subject: str) -> Iterator[tuple[str, str]]:
    """Kinds and ids of the snapshots that may tell of a held fact, whose event is not kept before it is booked.

    `bill/PO~2F7.B1` is told by purchase PO/7, `stock/9-1` by transfer 9. An id that there is not does no harm.
    """
    event, _, name = subject.partition("/")
    kinds = _READ_FROM.get(event, (event,))
    ids = {name, name.partition(".")[0], name.rpartition("-")[0], name.replace(".", "-", 1)}
    ids = {_ESCAPED.sub(_signs, one) for one in ids if one} | {name}
    yield from ((kind, one) for kind in kinds if kind in KINDS[1:] for one in sorted(ids))


def origins_of(subjects: Iterable[str]) -> set[str]:
    """What holds hang on, and for events that booking derives, the kept ones they are derived from.

    `cost/agreement/12.restock1` stands beside `agreement/12`, `release/12.2` beside `order/12`.
    """
    found = set(subjects)
    for subject in subjects:
        kind, _, rest = subject.partition("/")
        if kind == EventKind.COST:
            found.add(rest.partition(".restock")[0])
        elif kind == EventKind.RELEASE:
            found.add(f"{EventKind.ORDER}/{rest.rpartition('.')[0]}")
    return found


def _signs(escaped: re.Match[str]) -> str:
    return bytes.fromhex(escaped[0].replace("~", "")).decode(errors="replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Cases of one kind, and what they stand on."""

    cases: list[AnyCase]
    #: A hold for each snapshot that cannot be read.
    unreadable: list[Hold]
    #: What the books said when they were read: compared in the commit of what is decided by them.
    grounds: tuple[Ground, ...] = ()


def cases_of(
    means: Means,
    merchant: Merchant,
    shop: Shop,
    kind: str,
    rows: Sequence[snapshots.SnapshotRow],
    paid: Paid,
    *,
    bare: bool = False,
) -> Gathered:
    """Snapshots of one kind with what is kept of each; what cannot be read is held, the others go on.

    `bare` leaves out what may be named again and what is news: for who knows the one and lets nobody ask for the other.
    """
    if kind in SILENT_KINDS:
        return Gathered(cases=[], unreadable=[])
    ids = [stored_id(kind, row.source_id) for row in rows]
    with means.store.reading() as tx:
        events = books.events_of(tx, merchant.id, ids)
        plans = books.plans_of(tx, merchant.id, ids)
        spent = books.spent_keys(tx, merchant.id, ids)
        rename = set() if bare else _rename(tx, merchant, plans)
        shared = {} if bare else _shared(tx, plans, rename)
        wanted = _wanted_tests(tx, merchant, kind, rows)
        ground = _ground(tx, merchant, kind, ids, events, plans)
    kept = _Kept(
        paid=paid,
        shop=shop,
        ground=ground,
        pooled=_by_order(events, ground),
        wanted=wanted,
    )
    cases: list[AnyCase] = []
    unreadable: list[Hold] = []
    for row in rows:
        stored = stored_id(kind, row.source_id)
        mine = tuple(plans.get(stored, ()))
        common: dict[str, Any] = {
            "events": tuple(events.get(stored, ())),
            "booked": mine,
            "spent": spent.get(stored, frozenset()),
            "rename": tuple(plan.key for plan in mine if plan.key in rename),
            "shared": {plan.key: shared[plan.key] for plan in mine if plan.key in shared},
        }
        try:
            cases.append(kept.case(kind, row, stored, common))
        except InputUnreadable as cause:
            unreadable.append(_unreadable(kind, row, cause))
    if kind != "order" or bare:
        return Gathered(cases=cases, unreadable=unreadable, grounds=(ground,))
    told, spoken = with_news(means, merchant, cases)
    return Gathered(cases=told, unreadable=unreadable, grounds=(ground, spoken))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the store knows of a merchant's snapshots, beside their events and documents."""

    paid: Paid
    shop: Shop
    ground: Ground
    #: Order -> event -> its parts in shop days.
    pooled: Mapping[str, Mapping[str, Collection[str]]]
    #: Test orders that are to be booked.
    wanted: Collection[str]

    def case(self, kind: str, row: snapshots.SnapshotRow, stored: str, common: dict[str, Any]) -> AnyCase:
        """The case of one snapshot. Raises InputUnreadable."""
        raw = msgspec.json.decode(row.raw)
        if kind == "order":
            return self._order(read_order(raw, self.shop), row, stored, common)
        read: Callable[[Any, Shop], Fact] = READERS[kind]
        own = {stored, *(plan.key for plan in common["booked"])}
        released = frozenset(one for one in self.ground.released if one.subject in own)
        fact = read(raw, self.shop)
        return FactCase(kind=kind, source_id=stored, fact=fact, shop=self.shop, released=released, **common)

    def _order(self, order: Order, row: snapshots.SnapshotRow, stored: str, common: dict[str, Any]) -> Case:
        pooled = self.pooled.get(stored, {})
        told = ((key, part) for key, parts in pooled.items() for part in parts)
        return Case(
            order=order,
            pooled=frozenset(pooled),
            parts={key: part for key, part in told if part == DEPOSIT or part.startswith(PUT_BACK)},
            held=self.ground.held,
            paid_out=self.paid.of(order),
            include_test=row.source_id in self.wanted,
            released=self.ground.released,
            **common,
        )


def with_news(means: Means, merchant: Merchant, cases: Sequence[AnyCase]) -> tuple[list[AnyCase], Ground]:
    """The same cases, each with what it speaks of that no other order brought into the books before it."""
    mark = _decisions(means, merchant)
    spoken = [words(case.order, mark) if isinstance(case, Case) else () for case in cases]
    every = sorted({word for mine in spoken for word in mine})
    with means.store.reading() as tx:
        ground = ground_of(tx, merchant.id, merchant.company, words=every)
    first = ground.first
    told = [
        replace(case, fresh=fresh) if isinstance(case, Case) and fresh else case
        for case, mine in zip(cases, spoken, strict=True)
        for fresh in [tuple(word for word in mine if first.get(word, case.source_id) == case.source_id)]
    ]
    return told, ground


def _decisions(means: Means, merchant: Merchant) -> str:
    """A mark of all that is decided for a merchant: another one means that something was changed."""
    # Both draw in all that reads mappings: a helper of a what-if never asks, and begins sooner without.
    from qbconsole.rules.mapping.read import said_for
    from qbconsole.sync.revising import hashes_of

    folders = [Path(folder) for folder in means.plugin_folders]
    hashes = hashes_of(merchant.plugins, folders) if merchant.plugins else {}
    told = said_for(means.mapping_text, merchant.id) + json.dumps(hashes, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _event_keys(events: Mapping[str, Sequence[Event]]) -> list[str]:
    return [event.key for known in events.values() for event in known]


def _wanted_tests(
    tx: sa.Connection, merchant: Merchant, kind: str, rows: Iterable[snapshots.SnapshotRow]
) -> set[str]:
    return {
        row.source_id
        for row in rows
        if kind == "order"
        and b'"test":true' in row.raw
        and snapshots.get_cursor(tx, merchant.id, TEST_WANTED + row.source_id)
    }


def _ground(
    tx: sa.Connection,
    merchant: Merchant,
    kind: str,
    ids: Sequence[str],
    events: Mapping[str, Sequence[Event]],
    plans: Mapping[str, Sequence[Plan]],
) -> Ground:
    """What the books say of these; only orders are booked in shop days, and let go event by event.

    What is booked and unsent is held, and let go, document by document.
    """
    documents = [plan.key for group in plans.values() for plan in group]
    if kind != "order":
        # A plugin's hold on a fact is on the whole of it, under the id it is kept under.
        keys = [*ids, *documents]
        return ground_of(tx, merchant.id, merchant.company, sources=ids, event_keys=keys)
    derived = [key for stored, known in events.items() for key in _derived(stored, known)]
    return ground_of(
        tx,
        merchant.id,
        merchant.company,
        sources=ids,
        event_keys=[*_event_keys(events), *documents],
        derived_keys=derived,
    )


def _by_order(events: Mapping[str, Sequence[Event]], ground: Ground) -> dict[str, dict[str, frozenset[str]]]:
    """Of each order, the events that stand in a shop day's summary, with their parts there."""
    if not ground.pooled:
        return {}
    owner = {key: stored for stored, known in events.items() for key in _derived(stored, known)}
    owner |= {event.key: stored for stored, known in events.items() for event in known}
    found: dict[str, dict[str, frozenset[str]]] = {}
    for key, parts in ground.pooled.items():
        found.setdefault(owner[key], {})[key] = parts
    return found


def _derived(order_id: str, events: Sequence[Event]) -> list[str]:
    """Keys of what booking derives from an order's events."""
    sales = [event.key for event in events if isinstance(event, SaleEvent)]
    return [
        *(f"{EventKind.COST}/{key}" for key in sales),
        *(f"{EventKind.COST}/{key}.restock{number}" for key in sales for number in range(1, len(events) + 1)),
        *(f"{EventKind.RELEASE}/{order_id}.{number}" for number in range(1, len(events) + 1)),
    ]


def waiting_for(tx: sa.Connection, merchant: Merchant, subjects: Iterable[str]) -> set[str]:
    """Documents of this merchant that wait for a list entry which is held itself ("item/shopify shipping")."""
    wanted = {subject for subject in subjects if subject.partition("/")[0] in LIST_ORDER}
    return {
        key
        for kind in {subject.partition("/")[0] for subject in wanted}
        for name, waiting in requests.documents_needing(tx, merchant.company, kind).items()
        if list_key(kind, name) in wanted
        for key, owner in waiting
        if owner == merchant.id
    }


def _rename(tx: sa.Connection, merchant: Merchant, plans: Mapping[str, Sequence[Plan]]) -> set[str]:
    """Planned documents that are named again: nothing of them is in QuickBooks or on its way.

    What is bound to a document that was sent keeps the names they share, unless it is held: another mapping may name
    what it lacks.
    """
    keys = [plan.key for group in plans.values() for plan in group]
    if not keys:
        return set()
    planned = {
        row.key
        for part in chunks(keys)
        for row in books.documents(tx, keys=part, states=[DocumentState.PLANNED], limit=len(part))
    }
    sent = requests.requests_of_documents(tx, sorted(planned))
    unsent = planned - {one.document_key for one in sent if one.is_fixed}
    held = holds.held_subjects(tx, merchant.company, sorted(unsent))
    held |= waiting_for(tx, merchant, holds.held_subjects(tx, merchant.company)) & unsent
    return (
        held
        | _bound_elsewhere(tx, plans, unsent)
        | {key for group in plans.values() for key in free(group, unsent)}
    )


def _bound_elsewhere(
    tx: sa.Connection, plans: Mapping[str, Sequence[Plan]], unsent: Collection[str]
) -> set[str]:
    """Those bound to a document that QuickBooks has on another customer or vendor than it was booked with."""
    bound = {plan.key: [*bound_to(plan)] for group in plans.values() for plan in group if plan.key in unsent}
    there = entities_there(tx, {other for others in bound.values() for other in others})
    return {key for key, others in bound.items() if there.keys() & set(others)} if there else set()


def _shared(
    tx: sa.Connection, plans: Mapping[str, Sequence[Plan]], rename: Collection[str]
) -> dict[str, Shared]:
    """What documents that stay as they are say, and what is bound to them must say too; not what is left out for good."""
    keys = [
        plan.key
        for group in plans.values()
        for plan in group
        if plan.kind in LENDING and plan.key not in rename
    ]
    there = entities_there(tx, keys)
    found = {}
    for key, (state, body) in books.named_bodies(tx, keys).items():
        if state is not DocumentState.IGNORED:
            shared = Shared.of(unpack(body, Shared))
            found[key] = shared.as_there(there.get(key)) if state in THERE else shared
    return found


def _unreadable(kind: str, row: snapshots.SnapshotRow, cause: InputUnreadable) -> Hold:
    return Hold(
        reason=Reason.INCOMPLETE_ORDER,
        where=f"{kind.replace('_', ' ')} {row.name or row.source_id}",
        sentence=cause.what,
        next_step=cause.next,
        subject=f"{kind}/{row.source_id}",
        cause=f"unreadable:{row.source_id}",
    )
