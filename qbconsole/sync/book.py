"""book: snapshots -> events -> `decide` -> documents and requests, kept in one commit a chunk.

The default mapping is asked in this process; a merchant with plugins is booked in the supervised child of
`host`. Booking again what is booked creates nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import msgspec
import sqlalchemy as sa

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState
from qbconsole.books.plan import Plan
from qbconsole.decide import Case, Decision, Desk, DeskSpec, decide, desk_of, renderer_of
from qbconsole.errors import InputUnreadable, PluginBroken
from qbconsole.failpoints import reach
from qbconsole.host.supervisor import PluginHost
from qbconsole.qbxml.render import Renderer
from qbconsole.rules.mapping.values import Merchant
from qbconsole.rules.registry import plugin_files
from qbconsole.shop.orders import Shop
from qbconsole.sources.shopify.reading import read_order
from qbconsole.store import books, decisions, holds, parties, requests, snapshots
from qbconsole.sync.keeping import LIST_ORDER, Kept, keep_decisions, list_key
from qbconsole.sync.knowing import known_company
from qbconsole.sync.means import Means
from qbconsole.sync.pull import TEST_WANTED

CHUNK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What one run of `book` did."""

    orders: int = 0
    events: int = 0
    documents: int = 0
    held: int = 0
    #: Merchant -> why none of its orders was booked.
    stopped: Mapping[str, str] = field(default_factory=dict)

    def plus(self, kept: Kept, orders: int) -> Booked:
        """Add one chunk."""
        return replace(
            self,
            orders=self.orders + orders,
            events=self.events + kept.events,
            documents=self.documents + kept.documents,
            held=self.held + kept.held,
        )


def book(
    means: Means, merchants: Iterable[Merchant], *, progress: Callable[[int, int], None] | None = None
) -> Booked:
    """Book everything pulled and not booked yet; a broken plugin stops only its own merchant."""
    booked, warm = Booked(), _Warm()
    for merchant in merchants:
        try:
            booked = _book_merchant(means, merchant, booked, progress, warm)
        except PluginBroken as broken:
            with means.store.atomic() as tx:
                holds.put_holds(tx, merchant.id, merchant.company, [_broken(merchant, broken)], means.clock())
            booked = replace(booked, stopped={**booked.stopped, merchant.id: str(broken)})
    return booked


def _broken(merchant: Merchant, broken: PluginBroken) -> Hold:
    return Hold(
        reason=Reason.PLUGIN_BROKEN,
        where=broken.where or merchant.id,
        sentence=f"{broken.what}. Nothing of {merchant.id} is booked until it is mended.",
        next_step=broken.next,
        subject=f"merchant/{merchant.id}",
        cause=f"plugin_broken:{merchant.id}",
    )


def _book_merchant(
    means: Means,
    merchant: Merchant,
    booked: Booked,
    progress: Callable[[int, int], None] | None,
    warm: _Warm,
) -> Booked:
    with means.store.reading() as tx:
        row = parties.merchant(tx, merchant.id)
    if row is None or row.shop is None:
        return booked
    with means.store.atomic() as tx:
        revision = decisions.keep_revision(
            tx, "", means.mapping_text, _plugin_hashes(means, merchant), who="book", why="", at=means.clock()
        )
        _want_again(tx, merchant)
        waiting = snapshots.count(tx, merchant.id, "order", waiting=True)
    if not waiting:
        return booked
    spec = desk_spec(means, merchant, row.shop)
    done = 0
    with _Decider(merchant, spec, warm) as decider:
        after = 0
        while rows := _next(means, merchant.id, after):
            after = rows[-1].id
            cases, unreadable = _cases(means, merchant, row.shop, rows)
            decided = list(decider(cases))
            kept = _keep(means, merchant, rows, decided, unreadable, revision)
            booked = booked.plus(kept, len(rows))
            done += len(rows)
            if progress is not None:
                progress(done, waiting)
    return booked


def _want_again(tx: sa.Connection, merchant: Merchant) -> None:
    """A new mapping may cure what was held, so held orders are looked at again."""
    subjects = holds.held_subjects(tx, merchant.company)
    subjects |= _waiting_for(tx, merchant, subjects)
    documents = books.documents(tx, merchant=merchant.id, keys=subjects, limit=len(subjects) or 1)
    sources = {row.source_id for row in documents}
    sources |= {subject.partition("/")[2] for subject in subjects if subject.startswith("order/")}
    sources |= books.sources_of_events(tx, merchant.id, subjects)
    if sources:
        snapshots.want_booking(tx, merchant.id, "order", sorted(sources))


def _plugin_hashes(means: Means, merchant: Merchant) -> dict[str, str]:
    """Name and sha256 of the merchant's plugins, so that a revision says which code decided."""
    found = plugin_files(Path(folder) for folder in means.plugin_folders)
    return {
        name: hashlib.sha256(found[name].read_bytes()).hexdigest()
        for name in merchant.plugins
        if name in found
    }


def desk_spec(means: Means, merchant: Merchant, shop: Shop) -> DeskSpec:
    """All that a desk needs for one merchant, as plain values."""
    with means.store.reading() as tx:
        company = known_company(tx, merchant.company)
        taken = books.taken_ref_numbers(tx, merchant.company)
        closing = snapshots.get_cursor(tx, merchant.id, "closing_date")
        row = parties.company(tx, merchant.company)
    dates = [date.fromisoformat(closing)] if closing else []
    if row is not None and row.closing_date is not None:
        dates.append(row.closing_date)
    settings = means.mapping.settings(
        merchant.id, home_currency=shop.home_currency, closing_date=max(dates, default=None)
    )
    own = means.mapping.companies[merchant.company].fiscal_year_start
    return DeskSpec(
        settings=replace(settings, fiscal_first_month=own or company.fiscal_first_month),
        mapping_text=means.mapping_text,
        mapping_name=means.mapping.file,
        plugin_folders=means.plugin_folders,
        templates=means.templates,
        shipped_templates=means.shipped_templates,
        company=company,
        taken=taken,
    )


class _Warm:
    """One renderer for all merchants of a run: compiling the templates costs more than an order."""

    def __init__(self) -> None:
        self._renderer: Renderer | None = None

    def renderer(self, spec: DeskSpec) -> Renderer:
        """The run's renderer, made when first needed."""
        if self._renderer is None:
            self._renderer = renderer_of(spec)
        return self._renderer


class _Decider:
    """Decides cases, in this process or, for a merchant with plugins, in the supervised child."""

    def __init__(self, merchant: Merchant, spec: DeskSpec, warm: _Warm) -> None:
        self._host = PluginHost(spec, plugins=merchant.plugins) if merchant.plugins else None
        self._desk: Desk | None = None if merchant.plugins else desk_of(spec, warm.renderer(spec))

    def __enter__(self) -> Callable[[Sequence[Case]], Iterator[Decision]]:
        return self._decide

    def __exit__(self, *_error: object) -> None:
        if self._host is not None:
            self._host.close()

    def _decide(self, cases: Sequence[Case]) -> Iterator[Decision]:
        if self._host is not None:
            yield from self._host.decide_all(cases)
        elif self._desk is not None:
            for case in cases:
                yield decide(case, self._desk)


def _next(means: Means, merchant: str, after: int) -> list[snapshots.SnapshotRow]:
    with means.store.reading() as tx:
        return snapshots.to_book(tx, merchant, "order", after=after, limit=CHUNK)


def _cases(
    means: Means, merchant: Merchant, shop: Shop, rows: Sequence[snapshots.SnapshotRow]
) -> tuple[list[Case], list[Hold]]:
    """Orders with what is kept of each; an order that cannot be read is held, the others go on."""
    source_ids = [row.source_id for row in rows]
    with means.store.reading() as tx:
        events = books.events_of(tx, merchant.id, source_ids)
        plans = books.plans_of(tx, merchant.id, source_ids)
        rename = _rename(tx, merchant, plans)
        wanted = {
            row.source_id
            for row in rows
            if b'"test":true' in row.raw
            and snapshots.get_cursor(tx, merchant.id, TEST_WANTED + row.source_id)
        }
    cases, unreadable = [], []
    for row in rows:
        try:
            order = read_order(msgspec.json.decode(row.raw), shop)
        except InputUnreadable as cause:
            unreadable.append(_unreadable(row, cause))
            continue
        cases.append(
            Case(
                order=order,
                events=tuple(events.get(row.source_id, ())),
                booked=tuple(plans.get(row.source_id, ())),
                rename=tuple(plan.key for plan in plans.get(row.source_id, ()) if plan.key in rename),
                include_test=row.source_id in wanted,
            )
        )
    return cases, unreadable


def _waiting_for(tx: sa.Connection, merchant: Merchant, subjects: Iterable[str]) -> set[str]:
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
    """Planned documents whose delivery is held: another mapping may name what they lack."""
    keys = [plan.key for group in plans.values() for plan in group]
    held = holds.held_subjects(tx, merchant.company, keys)
    held |= _waiting_for(tx, merchant, holds.held_subjects(tx, merchant.company)) & set(keys)
    planned = books.documents(tx, keys=held, states=[DocumentState.PLANNED], limit=len(held) or 1)
    return {row.key for row in planned}


def _unreadable(row: snapshots.SnapshotRow, cause: InputUnreadable) -> Hold:
    return Hold(
        reason=Reason.INCOMPLETE_ORDER,
        where=f"order {row.name}",
        sentence=cause.what,
        next_step=cause.next,
        subject=f"order/{row.source_id}",
        cause=f"unreadable:{row.source_id}",
    )


def _keep(
    means: Means,
    merchant: Merchant,
    rows: Sequence[snapshots.SnapshotRow],
    decided: Sequence[Decision],
    unreadable: Sequence[Hold],
    revision: int,
) -> Kept:
    """One commit for the chunk; where one order contradicts what is booked, each order has its own."""
    by_source = {row.source_id: row.id for row in rows}
    try:
        kept = _commit(means, merchant, by_source, decided, unreadable, revision)
    except books.DocumentConflict:
        kept = Kept(events=0, documents=0, held=len(unreadable))
        _commit(means, merchant, {}, (), unreadable, revision)
        for decision in decided:
            kept = kept.plus(_keep_alone(means, merchant, by_source, decision, revision))
    return kept


def _keep_alone(
    means: Means, merchant: Merchant, by_source: Mapping[str, int], decision: Decision, revision: int
) -> Kept:
    own = {decision.order_id: by_source[decision.order_id]}
    try:
        return _commit(means, merchant, own, (decision,), (), revision)
    except books.DocumentConflict as conflict:
        hold = Hold(
            reason=Reason.CHANGED_AFTER_BOOKING,
            where=f"order {decision.order_id}",
            sentence=f"It contradicts what is booked: {conflict.what}",
            next_step=conflict.next,
            subject=f"order/{decision.order_id}",
            cause=f"conflict:{decision.order_id}",
        )
        return _commit(means, merchant, own, (), (hold,), revision)


def _commit(
    means: Means,
    merchant: Merchant,
    by_source: Mapping[str, int],
    decided: Sequence[Decision],
    held: Sequence[Hold],
    revision: int,
) -> Kept:
    with means.store.atomic() as tx:
        kept = keep_decisions(tx, merchant, decided, by_source, revision, means.clock())
        if held:
            holds.put_holds(tx, merchant.id, merchant.company, list(held), means.clock())
        snapshots.mark_booked(tx, by_source.values(), revision)
        reach("before_booked_commit")
    reach("after_booked_commit")
    return replace(kept, held=kept.held + len(held))
