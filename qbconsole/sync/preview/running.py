"""preview: every merchant's past replayed at two desks, gathered to one Effect. Reads only."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Hashable, Iterable
from contextlib import closing
from datetime import date
from decimal import Decimal

from qbconsole.decide import Pooled
from qbconsole.decide.replay import Desks, Known, Replayed
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.orders import Shop
from qbconsole.store import parties
from qbconsole.sync.deciding import desk_spec, spec_in
from qbconsole.sync.means import Means
from qbconsole.sync.paid import paid
from qbconsole.sync.plugins.force import switched_off
from qbconsole.sync.preview.answers import Effect
from qbconsole.sync.preview.desks import Both, is_drawn_anew
from qbconsole.sync.preview.gathering import Gathering
from qbconsole.sync.preview.helping import help_of
from qbconsole.sync.preview.past import MOST, KnownPage, Past
from qbconsole.sync.preview.reading import (
    PAGE,
    Page,
    Reader,
    Run,
    booked_days,
    drawn_days,
    how_many,
    how_many_days,
    pages,
)
from qbconsole.sync.preview.sharing import Done, shared

#: Shop days decided at once.
_DAYS = 50


def preview(
    means: Means,
    candidate: Means,
    *,
    since: date | None,
    merchants: Iterable[str] = (),
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    past: Past | None = None,
) -> Effect:
    """What `candidate` would do to what was pulled and booked since a shop day; None is the beginning.

    `merchants`: ids, none for all of the mapping in force. `past` makes the next what-if against the same decisions
    in force quick. Raises PluginBroken, naming the file and line, where a plugin of either side fails.
    """
    started = time.monotonic_ns()
    gathering = Gathering(means.store, since, texts=means.templates != candidate.templates)
    told = Past() if past is None else past
    wanted = tuple(merchants) or tuple(means.mapping.merchants)
    runs, left_out = _runs(means, candidate, since, wanted, told)
    expected = [how_many(run) + how_many_days(run) for run in runs]
    total, begun, is_whole = sum(expected), 0, True
    for run, ahead in zip(runs, expected, strict=True):
        done = 0
        gathering.begin()
        with closing(_replayed(run, told if past is not None else None)) as replayed:
            for page in replayed:
                gathering.take(run.merchant.id, run.merchant.company, page)
                done += page.read
                if progress is not None:
                    # How many days a candidate draws up shows at the end only: until then nothing is said to be done.
                    progress(begun + max(0, min(done, ahead - 1)), total)
                if cancelled is not None and cancelled():
                    is_whole = False
                    break
        if not is_whole:
            break
        begun += ahead
        if progress is not None:
            progress(begun, total)
    names = tuple(run.merchant.id for run in runs)
    return gathering.effect(names, left_out, _since(started), is_whole=is_whole)


def _since(started: int) -> Decimal:
    return Decimal((time.monotonic_ns() - started) // 1_000_000) / 1000


def _runs(
    means: Means, candidate: Means, since: date | None, merchants: Iterable[str], past: Past
) -> tuple[list[Run], dict[str, str]]:
    """The merchants that can be replayed, and why others cannot."""
    runs, left_out = [], {}
    for name in merchants:
        merchant, other = means.merchant(name), candidate.mapping.merchants.get(name)
        with means.store.reading() as tx:
            row = parties.merchant(tx, name)
        if other is None:
            left_out[name] = "The candidate has no such merchant: nothing of it would be booked any more."
        elif row is None or row.shop is None:
            left_out[name] = "Nothing was pulled for it yet."
        elif off := _switched_off(means, candidate, merchant, other):
            left_out[name] = off
        elif other.company != merchant.company:
            left_out[name] = f"It would post into {other.company}, whose books are apart."
        else:
            runs.append(_run(means, candidate, since, merchant, other, row.shop, past))
    return runs, left_out


def _switched_off(means: Means, candidate: Means, merchant: Merchant, other: Merchant) -> str:
    """Why its plugins may not be loaded here; "" where they may."""
    pairs = [(means, one) for one in merchant.plugins] + [(candidate, one) for one in other.plugins]
    return next((str(switched_off(name)) for where, name in pairs if not where.may_load(name)), "")


def _run(
    means: Means,
    candidate: Means,
    since: date | None,
    merchant: Merchant,
    other: Merchant,
    shop: Shop,
    past: Past,
) -> Run:
    kept = past.of(merchant.id, _stamp(means, since), means.store, lambda: desk_spec(means, merchant, shop))
    with means.store.reading() as tx:
        after = spec_in(tx, candidate, other, shop, like=kept.spec)
    desks = Desks(before=kept.spec, after=after)
    is_same = merchant.policy == other.policy and merchant.modes == other.modes
    told = paid(means, merchant, shop)
    return Run(
        means=means,
        merchant=merchant,
        other=other,
        shop=shop,
        since=since,
        desks=desks,
        paid=told,
        other_paid=told if is_same else paid(candidate, other, shop),
        anew=is_drawn_anew(means, candidate, merchant, other, desks),
    )


def _stamp(means: Means, since: date | None) -> Hashable:
    """What the cases, and what is decided in force, depend on besides the store."""
    return (means.mapping.sha256, tuple(sorted(means.templates.items())), since)


def _replayed(run: Run, past: Past | None) -> Generator[Done]:
    """Page by page, as they are ready; the shop days last."""
    pooled: dict[int, tuple[list[Pooled], list[Pooled]]] = {}
    place = 0
    with Both(run) as desks:
        with closing(_pages(run, past, desks)) as pages:
            for page in pages:
                place = max(place, page.place + 1)
                pooled[page.place] = (
                    [one for result in page.results for one in result.before.pooled],
                    [one for result in page.results for one in result.after.pooled],
                )
                yield page
        if run.anew:
            order = [pooled[one] for one in sorted(pooled)]
            before = [one for was, _ in order for one in was]
            days = drawn_days(run, before, [one for _, now in order for one in now])
        else:
            days = booked_days(run)
        for start in range(0, len(days), _DAYS):
            part = days[start : start + _DAYS]
            yield Done(place, len(part), list(desks.decide([(one, None) for one in part])))
            place += 1


def _pages(run: Run, past: Past | None, desks: Both) -> Generator[Done]:
    """What is remembered, or what is read now: remembered for the next time, or shared where it is too much for that."""
    kept = past.kept(run.merchant.id) if past is not None else None
    if kept is not None and run.anew in kept.pages:
        for place, (read, known) in enumerate(kept.pages[run.anew]):
            yield Done(place, read, list(desks.decide(known)))
        return
    wanted, reader = pages(run), Reader(run)
    if kept is None or len(wanted) * PAGE > MOST:

        def replay(page: Page) -> tuple[int, list[Replayed]]:
            read, replays = reader.read(page)
            return read, list(desks.decide([(one, None) for one in replays]))

        yield from shared(wanted, help_of(run), replay)
        return
    fresh: list[KnownPage] = []
    for place, page in enumerate(wanted):
        read, replays = reader.read(page)
        known = [(one, Known()) for one in replays]
        yield Done(place, read, list(desks.decide(known)))
        fresh.append((read, known))
    kept.pages[run.anew] = fresh
