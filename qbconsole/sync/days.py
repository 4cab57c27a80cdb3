"""Shop days in summary: the day's parts as kept, and which of them may still be drawn up anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.books.plan import Plan
from qbconsole.books.summary.pool import Pool
from qbconsole.decide import DayCase, Decision, Pooled
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.orders import Shop
from qbconsole.store import books, holds, requests
from qbconsole.store.books.ground import Ground, ground_of
from qbconsole.sync.means import Means

#: A day's entry waits this long after local midnight, because orders arrive late.
SETTLING = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Shop days to decide, and what the books said of them."""

    cases: tuple[DayCase, ...] = ()
    grounds: tuple[Ground, ...] = ()


def day_cases(means: Means, merchant: Merchant, shop: Shop, decisions: Iterable[Decision]) -> Days:
    """The days that decisions of orders add to, each with its parts as kept."""
    given: dict[Pool, list[Pooled]] = {}
    for decision in decisions:
        for entry in decision.pooled:
            given.setdefault(entry.pool, []).append(entry)
    if not given:
        return Days()
    with means.store.reading() as tx:
        sources = [pool.source_id for pool in given]
        kept = books.plans_of(tx, merchant.id, sources)
        spent = books.spent_keys(tx, merchant.id, sources)
        open_parts = _open(tx, merchant, kept)
        ground = ground_of(tx, merchant.id, merchant.company, sources=sources)
    cases = tuple(
        DayCase(
            pool=pool,
            shop=shop,
            booked=tuple(kept.get(pool.source_id, ())),
            open_parts=open_parts,
            spent=spent.get(pool.source_id, frozenset()),
            entries=tuple(entries),
            is_over=_is_over(means, shop, pool),
        )
        for pool, entries in given.items()
    )
    return Days(cases=cases, grounds=(ground,))


def waiting_days(
    means: Means,
    merchant: Merchant,
    shop: Shop,
    *,
    only: str | None = None,
    old: frozenset[int] = frozenset(),
) -> Days:
    """Days with a part that has no request though its day is over, that is held, or that `old` revisions decided.

    `only` is what one day's documents are kept under.
    """
    with means.store.reading() as tx:
        rows = books.documents(
            tx,
            merchant=merchant.id,
            source_id=only,
            under="day/",
            states=[DocumentState.PLANNED],
            limit=100_000,
        )
        if not rows:
            return Days()
        live = {
            request.document_key
            for request in requests.requests_of_documents(tx, [row.key for row in rows])
            if request.state is not RequestState.SUPERSEDED
        }
        held = holds.held_subjects(tx, merchant.company, [row.key for row in rows])
        again = {
            row.key for row in rows if row.key not in live or row.key in held or row.mapping_revision in old
        }
        sources = {row.source_id for row in rows if row.key in again}
        kept = books.plans_of(tx, merchant.id, sources)
        open_parts = _open(tx, merchant, kept)
        ground = ground_of(tx, merchant.id, merchant.company, sources=sorted(sources))
    cases = [_again(means, shop, plans, open_parts & again) for plans in kept.values()]
    due = tuple(case for case in cases if case.rename and case.is_over)
    return Days(cases=due, grounds=(ground,))


def _again(means: Means, shop: Shop, plans: Sequence[Plan], parts: frozenset[str]) -> DayCase:
    pool = Pool.of_plan(plans[0])
    return DayCase(
        pool=pool,
        shop=shop,
        booked=tuple(plans),
        rename=tuple(plan.key for plan in plans if plan.key in parts),
        is_over=_is_over(means, shop, pool),
    )


def _open(tx: sa.Connection, merchant: Merchant, kept: Mapping[str, Sequence[Plan]]) -> frozenset[str]:
    """Parts of which nothing is in QuickBooks or on its way."""
    keys = [plan.key for plans in kept.values() for plan in plans]
    if not keys:
        return frozenset()
    planned = {
        row.key for row in books.documents(tx, keys=keys, states=[DocumentState.PLANNED], limit=len(keys))
    }
    gone = {row.document_key for row in requests.requests_of_documents(tx, keys) if row.is_fixed}
    return frozenset(planned - gone)


def _is_over(means: Means, shop: Shop, pool: Pool) -> bool:
    return shop.day(means.clock() - SETTLING) > pool.on
