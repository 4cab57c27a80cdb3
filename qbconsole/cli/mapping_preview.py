"""`mapping preview`: what a change would do to what was booked already. Nothing is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import amount, as_json, line, progress, table, talk
from qbconsole.errors import UsageError

if TYPE_CHECKING:
    from qbconsole.sync.means import Means
    from qbconsole.sync.preview import Change, Effect, Wait

_SPAN = re.compile(r"(\d{1,5})([dw])")
#: Documents, waiting things and differences a document that are listed as text; --json lists all.
_SHOWN, _PARTS = 20, 6
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--since", default="30d", show_default=True, metavar="30d|DATE|all", help="First shop day.")
@click.option("--file", type=_FILE, help="An edited mappings.toml.")
@click.option("--set", "pairs", nargs=2, multiple=True, metavar="PATH VALUE", help="A value to set.")
@click.option("--plugin", "plugins", type=_FILE, multiple=True, help="A plugin file not in use yet.")
@click.option("--template", "templates", type=_FILE, multiple=True, help="A template not in use yet.")
@pass_given
def preview(
    given: Given,
    since: str,
    file: Path | None,
    pairs: tuple[tuple[str, str], ...],
    plugins: tuple[Path, ...],
    templates: tuple[Path, ...],
) -> None:
    """Show what a change of decisions would do to stored orders, before it counts.

    What was pulled since then is decided under the decisions in force and under the change: which documents differ,
    what moves between accounts, what is in QuickBooks already and stays, what becomes held. Without any change named,
    mappings.toml as it is now is compared with the revision last booked under.
    """
    from qbconsole.care.candidate import Asked, candidate, compared
    from qbconsole.sync.preview import preview as replay
    from qbconsole.workspace import MAPPING

    with given.opened() as workspace:
        merchants = _merchants(given, workspace.means())
        asked = Asked(
            file=file,
            pairs=pairs,
            plugins=plugins,
            templates=templates,
            merchants=merchants if given.merchant else (),
        )
        before, asked = compared(workspace.means(), workspace.root / MAPPING, asked)
        first = first_day(since, workspace.clock())
        with candidate(before, asked) as after, progress("Replaying") as told:
            effect = replay(before, after, since=first, merchants=merchants, progress=told)
    if given.as_json:
        as_json(effect)
    else:
        _tell(effect)


def _merchants(given: Given, means: Means) -> tuple[str, ...]:
    narrowed = given.narrowed(means)
    return tuple(one.id for one in means.merchants(narrowed["merchant"], narrowed["company"]))


def first_day(since: str, now: datetime) -> date | None:
    """The day that "30d", "6w", a date or "all" means. Raises UsageError."""
    if since == "all":
        return None
    span = _SPAN.fullmatch(since)
    try:
        if span:
            return now.date() - timedelta(days=int(span[1]) * (7 if span[2] == "w" else 1))
        return date.fromisoformat(since)
    except (ValueError, OverflowError) as cause:
        raise UsageError(
            f"--since is no day: {since!r}", next="Write it as 30d, 6w, 2026-10-01 or all."
        ) from cause


def _tell(effect: Effect) -> None:
    """The effect as text: counts first, then what moves, then examples."""
    for merchant, why in effect.left_out.items():
        talk(f"{merchant} is left out: {why}")
    since = f"since {effect.since.isoformat()}" if effect.since else "of all time"
    open_ = len(effect.changed) - len(effect.already_sent)
    line(
        f"{effect.replayed} orders, facts and days {since}: {len(effect.changed)} documents change, "
        f"{effect.unchanged} do not; {len(effect.newly_held)} become held, {len(effect.newly_ready)} ready."
    )
    if effect.already_sent:
        line(
            f"{len(effect.already_sent)} of them are in QuickBooks or on their way and stay as they are there; "
            f"{open_} are not."
        )
    if effect.deltas:
        rows = [
            (one.company, one.account, one.amount.currency, amount(one.amount), amount(one.unsent))
            for one in effect.deltas
        ]
        heads = ("COMPANY", "ACCOUNT", "", "MOVES", "NOT SENT YET")
        table(heads, rows, right=frozenset({3, 4}))
    for one in effect.changed[:_SHOWN]:
        _tell_change(one)
    _more(effect.changed)
    _tell_waits("Becomes held", effect.newly_held)
    _tell_waits("Becomes ready", effect.newly_ready)
    for kind, name in effect.added_names:
        line(f"Would be added to QuickBooks: {kind.replace('_', ' ')} {name}")
    talk(f"Nothing was written. {effect.seconds:.1f} s.")


def _tell_change(one: Change) -> None:
    stays = f", {one.state} in QuickBooks: it stays" if one.sent else ""
    line(f"{one.label}: {one.kind} {one.ref_number} of {one.date}, {_WHAT[one.what]}{stays}")
    for part in one.differences[:_PARTS]:
        place = f"  ({part.place})" if part.place else ""
        line(f"  {part.field}: {part.before or '-'} -> {part.after or '-'}{place}")
    if len(one.differences) > _PARTS:
        line(f"  … and {len(one.differences) - _PARTS} more")


_WHAT = {"changed": "changes", "new": "would be drawn up", "gone": "would not be drawn up"}


def _tell_waits(title: str, waits: Sequence[Wait]) -> None:
    for one in waits[:_SHOWN]:
        line(f"{title}: {one.label} ({one.reason}): {one.sentence}")
    _more(waits)


def _more(rows: Sequence[object]) -> None:
    if len(rows) > _SHOWN:
        line(f"… and {len(rows) - _SHOWN} more; --json lists all.")
