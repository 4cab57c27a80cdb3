"""Both desks of one merchant, in this process or, where either has plugins, in the supervised child."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from qbconsole.decide import DeskSpec
from qbconsole.decide.replay import Desks, Known, Pair, Replay, Replayed, decide, desk_of, same_shape_of
from qbconsole.host.supervisor import PluginHost
from qbconsole.qbxml.render import Renderer
from qbconsole.rules.mapping.values import Merchant
from qbconsole.rules.registry import plugin_files
from qbconsole.sync.deciding import warm_renderer
from qbconsole.sync.means import Means
from qbconsole.sync.preview.reading import Run
from qbconsole.value import replace

#: Seconds for one case: twice what booking gives, for it is decided twice.
_SECONDS = 4


class Both:
    """Decides replays at both desks."""

    def __init__(self, run: Run) -> None:
        spec = run.desks
        names = tuple(dict.fromkeys((*run.other.plugins, *run.merchant.plugins)))
        self._host: PluginHost | None = None
        self._pair: Pair | None = None
        if names:
            # The host only passes the desks on; what it may not know is that there are two.
            self._host = PluginHost(
                cast(DeskSpec, spec),
                plugins=names,
                work="qbconsole.decide.replay",
                seconds_per_case=_SECONDS,
            )
        else:
            self._pair = desk_of(spec, (_renderer(spec.before), _renderer(spec.after)))

    def __enter__(self) -> Both:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._host is not None:
            self._host.close()

    def decide(self, replays: Sequence[tuple[Replay, Known | None]]) -> Iterator[Replayed]:
        """What comes of each, in their order."""
        if self._host is not None:
            cases: Any = [one for one, _ in replays]
            yield from cast(Iterator[Replayed], self._host.decide_all(cases))
        elif self._pair is not None:
            for one, known in replays:
                yield decide(one, self._pair, known)


def _renderer(spec: DeskSpec) -> Renderer:
    return warm_renderer(spec.templates, spec.shipped_templates)


def is_drawn_anew(means: Means, candidate: Means, merchant: Merchant, other: Merchant, desks: Desks) -> bool:
    """Whether documents may be drawn up otherwise, so that nothing booked can stand for what would be.

    Of orders with documents of their own each is asked; a shop day in summary is one document of many orders.
    """
    if not same_shape_of(desks.before.settings, desks.after.settings):
        return True
    is_summary = "summary" in (merchant.modes.sales, other.modes.sales)
    return is_summary and _rulings(means, merchant) != _rulings(candidate, other)


def _rulings(means: Means, merchant: Merchant) -> object:
    """Everything that says whether an event waits, what a sale becomes and which channel it is of; no line numbers."""
    ladder = means.mapping.ladder(merchant.id)
    return (
        [replace(one, line=0) for one in merchant.filters],
        [
            replace(rule, line=0)
            for tables in ladder
            for rule in tables.rules
            if rule.outcomes.keys() & {"hold", "document"}
        ],
        [_said(tables.entries.get("channels", {})) for tables in ladder],
        [(name, _hash(means, name)) for name in merchant.plugins],
        {name: {key: one.value for key, one in told.items()} for name, told in merchant.options.items()},
    )


def _said(table: Mapping[str, Any]) -> dict[str, str]:
    return {key: said.value for key, said in table.items()}


def _hash(means: Means, name: str) -> str:
    """Of a plugin's file; installed ones change with the installation only."""
    found = plugin_files(Path(folder) for folder in means.plugin_folders).get(name)
    return hashlib.sha256(found.read_bytes()).hexdigest() if found else ""
