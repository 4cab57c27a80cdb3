"""From the store to replays: what was pulled since a day, with what is booked of each, for both desks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from qbconsole.books.plan import Plan
from qbconsole.books.summary.pool import Pool
from qbconsole.decide import AnyCase, Case, DayCase, Pooled
from qbconsole.decide.replay import Desks, How, Replay
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.orders import Shop
from qbconsole.store import books, holds, snapshots
from qbconsole.store.encoding import moment_text
from qbconsole.sync.cases import KINDS, SILENT_KINDS, cases_of, origins_of
from qbconsole.sync.means import Means
from qbconsole.sync.paid import Paid
from qbconsole.value import replace

#: So many snapshots are read at once.
PAGE = 100
_ALL_DAYS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One merchant replayed: in force, and under the candidate."""

    means: Means
    merchant: Merchant
    other: Merchant
    shop: Shop
    since: date | None
    desks: Desks
    paid: Paid
    other_paid: Paid
    #: Everything is decided as if nothing were booked: documents may be drawn up otherwise.
    anew: bool

    @property
    def instant(self) -> str | None:
        """The beginning of the first day in the shop's zone, as the store compares times."""
        if self.since is None:
            return None
        return moment_text(datetime.combine(self.since, time(), ZoneInfo(self.shop.timezone)))


def kinds() -> tuple[str, ...]:
    """Kinds of snapshot that are replayed."""
    return tuple(kind for kind in KINDS if kind not in SILENT_KINDS)


def how_many(run: Run) -> int:
    """How many orders and facts will be read."""
    with run.means.store.reading() as tx:
        return sum(snapshots.count(tx, run.merchant.id, kind, since=run.instant) for kind in kinds())


def how_many_days(run: Run) -> int:
    """How many shop days are booked: about as many will be decided once more."""
    with run.means.store.reading() as tx:
        rows = books.documents(tx, merchant=run.merchant.id, under="day/", first=run.since, limit=_ALL_DAYS)
    return len({row.source_id for row in rows})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of snapshots of one kind: those beyond one source id, up to another."""

    kind: str
    after: str
    until: str

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.kind.replace('_', ' ')}s {self.after or 'from the first'} to {self.until}"


def pages(run: Run) -> list[Page]:
    """Everything that is replayed, in pages that anybody may read in any order."""
    found = []
    with run.means.store.reading() as tx:
        for kind in kinds():
            ids = snapshots.source_ids(tx, run.merchant.id, kind, since=run.instant)
            ends = [*ids[PAGE - 1 :: PAGE], *(ids[-1:] if len(ids) % PAGE else [])]
            starts = ["", *ends][: len(ends)]
            found += [
                Page(kind=kind, after=one, until=other) for one, other in zip(starts, ends, strict=True)
            ]
    return found


class Reader:
    """Reads pages of one run; what waits for a person is looked up once a kind."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._standing: dict[str, tuple[set[str], set[str]]] = {}

    def read(self, page: Page) -> tuple[int, list[Replay]]:
        """How many snapshots the page has, and what is to be replayed of them."""
        run = self.run
        rows = _rows(run, page)
        # All that is booked is named anew here, and only plugins ask what is news.
        bare = not (run.merchant.plugins or run.other.plugins)
        cases = cases_of(run.means, run.merchant, run.shop, page.kind, rows, run.paid, bare=bare).cases
        waiting, held = self._waiting(page.kind)
        found = (_replay(run, case, waiting, held) for case in cases)
        return len(rows), [one for one in found if one is not None]

    def _waiting(self, kind: str) -> tuple[set[str], set[str]]:
        """Orders that wait to be booked, and what holds hang on."""
        if kind not in self._standing:
            run = self.run
            with run.means.store.reading() as tx:
                waiting = snapshots.waiting_ids(tx, run.merchant.id, kind) if kind == "order" else set()
                self._standing[kind] = (waiting, origins_of(holds.held_subjects(tx, run.merchant.company)))
        return self._standing[kind]


def _rows(run: Run, page: Page) -> list[snapshots.SnapshotRow]:
    with run.means.store.reading() as tx:
        return snapshots.latest_of(
            tx, run.merchant.id, page.kind, after=page.after, until=page.until, limit=None, since=run.instant
        )


def _replay(run: Run, case: AnyCase, waiting: set[str], held: set[str]) -> Replay | None:
    """The case for both desks; None where nothing of it can change."""
    case = named_anew(case)
    if run.anew:
        after = case
        if isinstance(case, Case) and run.other_paid is not run.paid:
            after = with_paid(case, run.other_paid)
        return Replay(before=case, after=after, how="anew")
    if not isinstance(case, Case):
        return Replay(before=case, after=case, how="kept")
    how = _how(case, waiting, held)
    if how == "names" and not case.rename:
        return None
    return Replay(before=case, after=case, how=how)


def _how(case: Case, waiting: set[str], held: set[str]) -> How:
    """An order of which nothing waits to be booked needs nothing but its names."""
    keys = {f"order/{case.order.id}", *(event.key for event in case.events)}
    is_settled = case.source_id not in waiting and not keys & held and (case.booked or case.pooled)
    return "names" if is_settled else "kept"


def named_anew(case: AnyCase) -> AnyCase:
    """The case with everything that is booked of it to be named again; follow-ups copy the names of what they correct."""
    return replace(case, rename=tuple(plan.key for plan in case.booked if not plan.corrects))


def with_paid(case: Case, paid: Paid) -> Case:
    """The case as another policy of payouts sees it."""
    return replace(case, paid_out=paid.of(case.order))


def booked_days(run: Run) -> list[Replay]:
    """Shop days in summary as they are booked, to be named again."""
    with run.means.store.reading() as tx:
        rows = books.documents(tx, merchant=run.merchant.id, under="day/", first=run.since, limit=_ALL_DAYS)
        kept = books.plans_of(tx, run.merchant.id, sorted({row.source_id for row in rows}))
    return [_day(run, plans) for plans in kept.values()]


def _day(run: Run, plans: Sequence[Plan]) -> Replay:
    case = DayCase(
        pool=Pool.of_plan(plans[0]),
        shop=run.shop,
        booked=tuple(plans),
        rename=tuple(plan.key for plan in plans),
    )
    return Replay(before=case, after=case, how="kept")


def drawn_days(run: Run, before: Sequence[Pooled], after: Sequence[Pooled]) -> list[Replay]:
    """Shop days drawn up from what their orders gave them, for each desk its own."""
    was, now = _by_pool(before), _by_pool(after)
    pools = list(dict.fromkeys((*was, *now)))
    with run.means.store.reading() as tx:
        spent = books.spent_keys(tx, run.merchant.id, [pool.source_id for pool in pools])

    def case(pool: Pool, entries: Sequence[Pooled] | None) -> DayCase | None:
        if not entries:
            return None
        mine = spent.get(pool.source_id, frozenset())
        return DayCase(pool=pool, shop=run.shop, entries=tuple(entries), spent=mine)

    return [
        Replay(before=case(pool, was.get(pool)), after=case(pool, now.get(pool)), how="anew")
        for pool in pools
    ]


def _by_pool(entries: Sequence[Pooled]) -> dict[Pool, list[Pooled]]:
    found: dict[Pool, list[Pooled]] = {}
    for entry in entries:
        found.setdefault(entry.pool, []).append(entry)
    return found
