"""The desk of one merchant, and who decides at it: this process, or the supervised child for plugins."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from qbconsole.decide import AnyCase, Decision, Desk, DeskSpec, decide, desk_of
from qbconsole.host.supervisor import PluginHost
from qbconsole.qbxml.render import Renderer
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.rules.mapping.values import Merchant
from qbconsole.shop.orders import Shop
from qbconsole.store import books, parties, snapshots
from qbconsole.sync.knowing import known_company
from qbconsole.sync.means import Means


def desk_spec(means: Means, merchant: Merchant, shop: Shop) -> DeskSpec:
    """All that a desk needs for one merchant, as plain values."""
    with means.store.reading() as tx:
        return spec_in(tx, means, merchant, shop)


def spec_in(
    tx: sa.Connection, means: Means, merchant: Merchant, shop: Shop, *, like: DeskSpec | None = None
) -> DeskSpec:
    """The same, as the caller's commit sees it; `like` is another desk of the same company, read just now."""
    company = like.company if like else known_company(tx, merchant.company)
    taken = like.taken if like else books.taken_ref_numbers(tx, merchant.company)
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
        mapping=means.mapping,
        plugin_folders=means.plugin_folders,
        templates=means.templates,
        shipped_templates=means.shipped_templates,
        company=company,
        taken=taken,
    )


#: The renderers each thread used last. Threads never share one: libxml2's log of a check belongs to its schema.
_KEPT = threading.local()
#: So many: a service asks with the shipped templates and books with the merchant's own.
_WARM = 4


def warm_renderer(templates: Mapping[str, str], shipped: Mapping[str, str]) -> Renderer:
    """A renderer of these templates: one that this thread used lately for the same, else a new one."""
    kept: list[tuple[Mapping[str, str], Mapping[str, str], Renderer]] = getattr(_KEPT, "lately", [])
    found = next((one for one in kept if one[:2] == (templates, shipped)), None)
    if found is None:
        # Copies: nobody changes them under a renderer that is kept.
        own, proven = dict(templates), dict(shipped)
        found = own, proven, Renderer(own, shipped_schema(), proven=proven)
    _KEPT.lately = [found, *(one for one in kept if one is not found)][:_WARM]
    return found[2]


class Warm:
    """One renderer for all merchants of a run: compiling the templates costs more than an order."""

    def __init__(self) -> None:
        self._renderer: Renderer | None = None

    def renderer(self, spec: DeskSpec) -> Renderer:
        """The run's renderer, made when first needed."""
        if self._renderer is None:
            self._renderer = warm_renderer(spec.templates, spec.shipped_templates)
        return self._renderer


class Decider:
    """Decides cases, in this process or, for a merchant with plugins, in the supervised child."""

    def __init__(self, merchant: Merchant, spec: DeskSpec, warm: Warm) -> None:
        self._merchant, self._warm = merchant, warm
        self._host: PluginHost | None = None
        self._desk: Desk | None = None
        self._sit_down(spec)

    def _sit_down(self, spec: DeskSpec) -> None:
        plugins = self._merchant.plugins
        self._host = PluginHost(spec, plugins=plugins) if plugins else None
        self._desk = None if plugins else desk_of(spec, self._warm.renderer(spec))

    def renew(self, spec: DeskSpec) -> None:
        """Go on at another desk: what the old one knew, numbers given among it, is no longer so."""
        if self._host is not None:
            self._host.close()
        self._sit_down(spec)

    def __enter__(self) -> Decider:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._host is not None:
            self._host.close()

    def decide(self, cases: Sequence[AnyCase]) -> Iterator[Decision]:
        """One decision for each case, in their order."""
        if self._host is not None:
            yield from self._host.decide_all(cases)
        elif self._desk is not None:
            for case in cases:
                yield decide(case, self._desk)
